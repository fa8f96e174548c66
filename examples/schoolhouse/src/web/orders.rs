//! Orders: for adults only, a student never pays.

use super::{Answer, Call, Fault, html};
use crate::people::Person;

fn adult(call: &Call) -> Result<Person, Fault> {
    let viewer = call.viewer()?;
    if viewer.is_adult_role() {
        Ok(viewer)
    } else {
        Err(Fault::Forbidden)
    }
}

pub(crate) fn page(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = adult(call)?;
    let sql = "select product, amount_cents, currency, paid_at from orders where user_id = $1 order by id";
    let mut items = Vec::new();
    for row in call.db.rows(sql, &[viewer.id.into()])? {
        let amount = row.number("amount_cents")?;
        let (product, currency) = (html::escaped(&row.text("product")?), row.text("currency")?);
        items.push(format!(
            "{product}: {}.{:02} {currency}, {}",
            amount / 100,
            amount % 100,
            row.time("paid_at")?
        ));
    }
    let form = html::form(
        "/orders",
        "Buy a year for a class (49.00 EUR)",
        &[("product", "", "hidden", "class-year")],
    );
    Ok(Answer::unlisted("Orders", &format!("{}{form}", html::list(items))))
}

pub(crate) fn buy(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = adult(call)?;
    let sql = "insert into orders (user_id, payer_name, payer_email, product, amount_cents, currency, paid_at) \
               values ($1, $2, $3, 'class-year', 4900, 'EUR', $4)";
    let (name, email) = (viewer.full_name.as_str(), viewer.email.as_str());
    call.db.run(
        sql,
        &[viewer.id.into(), name.into(), email.into(), call.app.now().into()],
    )?;
    call.app.vendors.customer(call.db, &viewer, call.app.now())?;
    Ok(Answer::to("/orders"))
}
