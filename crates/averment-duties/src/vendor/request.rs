//! A step and its values become requests: one for each combination of what its templates name.

use averment_catalog::erasure::{Does, Erasure, Method, Step};

use jiff::Timestamp;

use super::access::Access;
use super::deletion::Deletion;
use super::login::Signed;
use super::plan::{Plan, Task, hex};
use super::template::{Place, names, percent, render};
use super::{Hidden, Identifiers, Trouble, login};

/// Most requests of one step.
const DEEDS_MAX: usize = 10_000;

/// One request. Prints its method and lengths only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Where to.
    pub url: Hidden,
    /// Headers by name.
    pub headers: Vec<(String, Hidden)>,
    /// Media type and body.
    pub body: Option<(&'static str, Hidden)>,
}

/// Values of the names in a step's templates.
pub(super) struct Values<'p> {
    named: Vec<(String, Hidden)>,
    access: &'p Access,
    reference: String,
}

impl Values<'_> {
    /// The value that a template names; secrets are not among them.
    pub(super) fn of(&self, name: &str) -> Option<&str> {
        if name == "reference" {
            return Some(&self.reference);
        }
        let named = self.named.iter().find(|(known, _)| known == name);
        let setting = || self.access.settings.get(name).map(Hidden::expose);
        named.map(|(_, value)| value.expose()).or_else(setting)
    }

    /// The keys of records that the request is about.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, &Hidden)> {
        let named = self.named.iter().filter(|(name, _)| !Identifiers::is_name(name));
        named.map(|(name, value)| (name.as_str(), value))
    }
}

/// The names in a step's templates that stand for the person or their records, each once, in order.
pub(super) fn variables(step: &Step, row: &Erasure) -> Result<Vec<String>, Trouble> {
    let mut found: Vec<String> = Vec::new();
    for template in templates(step) {
        for name in names(template)? {
            let is_fixed = name == "reference" || row.settings.contains_key(name);
            if !is_fixed && !found.iter().any(|known| known == name) {
                found.push(name.to_owned());
            }
        }
    }
    Ok(found)
}

fn templates(step: &Step) -> Vec<&str> {
    let mut all = vec![step.base.as_str(), step.path.as_str()];
    all.extend(step.query.iter().chain(&step.form).map(|(_, value)| value.as_str()));
    all.extend(step.headers.values().map(String::as_str));
    if let Some(json) = &step.json {
        texts(json, &mut all);
    }
    all
}

fn texts<'v>(value: &'v toml::Value, into: &mut Vec<&'v str>) {
    match value {
        toml::Value::String(text) => into.push(text),
        toml::Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        toml::Value::Table(members) => members.iter().for_each(|(_, member)| texts(member, into)),
        _ => {}
    }
}

/// The values of a step's `deed`th request; none when it has fewer.
pub(super) fn values<'p>(
    plan: &'p Plan<'_>,
    access: &'p Access,
    task: &Task,
    deletion: &Deletion,
) -> Result<Option<Values<'p>>, Trouble> {
    let row = plan.erasure.ok_or(Trouble::Unknown)?;
    let names = variables(&task.step, row)?;
    let all: Vec<Vec<&Hidden>> = names
        .iter()
        .map(|name| known(plan, access, task, deletion, name))
        .collect();
    let count = all
        .iter()
        .fold(1usize, |count, values| count.saturating_mul(values.len()));
    let mut deed = deletion.at.deed;
    if deed >= count.min(DEEDS_MAX) {
        return Ok(None);
    }
    let mut named = Vec::new();
    for (name, values) in names.into_iter().zip(all) {
        named.push((name, values[deed % values.len()].clone()));
        deed /= values.len();
    }
    let marks = format!("{}\n{}\n{}", plan.order.reference, plan.order.recipient, task.step.id);
    let marks = format!("{marks}\n{}\n{}", deletion.round, deletion.at.deed);
    Ok(Some(Values {
        named,
        access,
        reference: hex(marks.as_bytes()),
    }))
}

/// What a name stands for. What was deleted is not deleted again, but looked for.
fn known<'a>(
    plan: &'a Plan<'_>,
    access: &'a Access,
    task: &Task,
    deletion: &'a Deletion,
    name: &str,
) -> Vec<&'a Hidden> {
    if Identifiers::is_name(name) {
        let who = if task.canary { &access.canary } else { &plan.identifiers };
        return who.of(name).iter().collect();
    }
    let of = |from: &'a std::collections::BTreeMap<String, Vec<Hidden>>| from.get(name).map_or(&[][..], Vec::as_slice);
    let (found, gone) = (of(&deletion.found), of(&deletion.gone));
    match task.does() {
        Does::Delete => found.iter().collect(),
        Does::Find | Does::Confirm | Does::Control => {
            let others = gone.iter().filter(|key| !found.contains(key));
            found.iter().chain(others).collect()
        }
    }
}

/// The request of a step with these values.
pub(super) fn request(row: &Erasure, step: &Step, values: &Values<'_>, now: Timestamp) -> Result<Request, Trouble> {
    let of = |name: &str| values.of(name);
    let logins = if step.authentication.is_empty() {
        &row.authentication
    } else {
        &step.authentication
    };
    let mut query = pairs(&step.query, &of)?;
    let mut headers = vec![("accept".to_owned(), Hidden::new("application/json"))];
    for (name, value) in &step.headers {
        headers.push((name.clone(), Hidden::new(render(value, &of, Place::Header)?)));
    }
    if !step.idempotency_header.is_empty() {
        headers.push((step.idempotency_header.clone(), Hidden::new(values.reference.as_str())));
    }
    let method = step
        .method
        .ok_or_else(|| Trouble::row(format!("`{}` has no method", step.id)))?;
    let url = format!("{}{}", base(row, step, values)?, render(&step.path, &of, Place::Path)?);
    let signed = Signed {
        method: method.as_str(),
        url: &url,
        parameters: [query.clone(), pairs(&step.form, &of)?].concat(),
        now,
    };
    login::apply(logins, values.access, &signed, &mut headers, &mut query)?;
    let url = if query.is_empty() {
        url
    } else {
        format!("{url}?{}", query.join("&"))
    };
    Ok(Request {
        method,
        url: Hidden::new(url),
        headers,
        body: body(step, &of)?,
    })
}

fn base(row: &Erasure, step: &Step, values: &Values<'_>) -> Result<String, Trouble> {
    if let Some(own) = &values.access.base_url {
        return Ok(own.clone());
    }
    let (base, regions) = match step.base.as_str() {
        "" => (&row.base, &row.regions),
        _ => (&step.base, &step.regions),
    };
    let region = values.access.region.as_ref().and_then(|region| regions.get(region));
    let template = region.unwrap_or(base);
    render(template, &|name| values.of(name), Place::Host)
}

fn pairs<'v>(templates: &[(String, String)], of: &dyn Fn(&str) -> Option<&'v str>) -> Result<Vec<String>, Trouble> {
    let pair =
        |(name, value): &(String, String)| Ok(format!("{}={}", percent(name), render(value, of, Place::Parameter)?));
    templates.iter().map(pair).collect()
}

fn body<'v>(step: &Step, of: &dyn Fn(&str) -> Option<&'v str>) -> Result<Option<(&'static str, Hidden)>, Trouble> {
    if let Some(json) = &step.json {
        let json = json_body(json, of)?;
        return Ok(Some(("application/json", Hidden::new(json.to_string()))));
    }
    if step.form.is_empty() {
        return Ok(None);
    }
    let form = pairs(&step.form, of)?.join("&");
    Ok(Some(("application/x-www-form-urlencoded", Hidden::new(form))))
}

fn json_body<'v>(value: &toml::Value, of: &dyn Fn(&str) -> Option<&'v str>) -> Result<serde_json::Value, Trouble> {
    use serde_json::Value as Json;
    Ok(match value {
        toml::Value::String(text) => Json::String(render(text, of, Place::Plain)?),
        toml::Value::Integer(number) => Json::from(*number),
        toml::Value::Float(number) => Json::from(*number),
        toml::Value::Boolean(flag) => Json::Bool(*flag),
        toml::Value::Datetime(time) => Json::String(time.to_string()),
        toml::Value::Array(items) => {
            Json::Array(items.iter().map(|item| json_body(item, of)).collect::<Result<_, _>>()?)
        }
        toml::Value::Table(members) => {
            let members = members
                .iter()
                .map(|(name, member)| Ok((name.clone(), json_body(member, of)?)));
            Json::Object(members.collect::<Result<_, Trouble>>()?)
        }
    })
}
