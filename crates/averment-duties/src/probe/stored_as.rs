//! `probe.stored_as`: every value of the columns that a claim speaks of has the form that it names.
//!
//! A form can be refuted by one value and never proved: random numbers look like keyed digests. So bare digests are tried with
//! every value that could be behind them, and where none is known nothing is said.

mod form;

use averment_catalog::Plane;
use averment_register::{ClaimKind, Elements, Subjects};

use super::candidates::Candidates;
use super::target::{Rows, Target, targets, values_of};
use super::trial::Trial;
use super::{Probed, World};
use crate::connect::Next;
use form::{Form, Judged};

pub(super) const BY: &str = "probe.stored_as";

/// Counts of one column.
#[derive(Default)]
struct Counted {
    rows: u64,
    fits: u64,
    against: std::collections::BTreeMap<&'static str, u64>,
    trial: Trial,
    undecided: u64,
}

pub(super) fn look(world: &mut World<'_>) -> Vec<Probed> {
    let charter = world.charter;
    let mut candidates = None;
    let mut all = Vec::new();
    for claim in charter.content().claims.values() {
        if let ClaimKind::StoredAs {
            elements,
            subjects,
            form,
        } = &claim.kind
        {
            let mut probed = Probed::new(claim, BY, Plane::Database);
            look_at(world, (elements, subjects, form.as_str()), &mut candidates, &mut probed);
            all.push(probed);
        }
    }
    all
}

fn look_at(
    world: &mut World<'_>,
    (elements, subjects, form): (&Elements, &Subjects, &str),
    candidates: &mut Option<Candidates>,
    probed: &mut Probed,
) {
    let targets = targets(world.charter, elements, subjects);
    if targets.is_empty() {
        probed.vouch_for_it("no column of the data map holds what the sentence speaks of");
        return;
    }
    for target in targets {
        let place = place(&target);
        let form = Form {
            word: form,
            passwords: target.passwords,
        };
        match count(world, &target, &form) {
            Ok(counted) => tell(world, counted, (&place, &form, &target.rows), candidates, probed),
            Err(because) => probed.missed(1, format!("{place}: {because}")),
        }
    }
}

fn place(target: &Target<'_>) -> String {
    format!(
        "store `{}`, column `{}.{}`",
        target.store.id,
        target.table.name(),
        target.column
    )
}

/// Looks at every value of a column.
fn count(world: &mut World<'_>, target: &Target<'_>, form: &Form<'_>) -> Result<Counted, String> {
    let directory = world.directory;
    let opened = world.stores.open(target.store, world.settings, world.secrets)?;
    let table = opened
        .schema
        .table(target.table.name())
        .ok_or("there is no such table")?;
    let column = table.column(target.column).ok_or("there is no such column")?;
    let dialect = opened.database.dialect();
    let (sql, parameters) = values_of(table, column, &target.rows, dialect);
    let mut counted = Counted::default();
    let read = opened.database.rows(&sql, &parameters, &mut |row| {
        let value = row.first().and_then(Option::as_deref).unwrap_or_default();
        match form.judge(value, directory) {
            Judged::Empty => return Ok(Next::Row),
            Judged::Fits => counted.fits += 1,
            Judged::Against(because) => *counted.against.entry(because).or_default() += 1,
            Judged::ToBeTried(digest) => counted.trial.add(digest),
            Judged::Undecided => counted.undecided += 1,
        }
        counted.rows += 1;
        Ok(Next::Row)
    });
    read.map_err(|error| error.to_string())?;
    Ok(counted)
}

fn tell(
    world: &mut World<'_>,
    mut counted: Counted,
    (place, form, rows): (&str, &Form<'_>, &Rows),
    candidates: &mut Option<Candidates>,
    probed: &mut Probed,
) {
    let all = counted.rows;
    probed.saw(all);
    probed.note(format!("{place}: all {all} values looked at"));
    if *rows == Rows::NotSaid {
        probed.unread(all, format!("{place}: the data map does not say whose its rows are"));
    }
    for (because, count) in &counted.against {
        probed.against(*count, format!("{place}: {count} of {all} {because}"));
    }
    if counted.undecided > 0 {
        let because = format!("{place}: {} of {all} have a form that says nothing", counted.undecided);
        probed.unread(counted.undecided, because);
    }
    if counted.trial.rows() > 0 {
        let candidates = candidates.get_or_insert_with(|| Candidates::read(world));
        try_digests(world, &mut counted.trial, (place, all, form), candidates, probed);
    }
}

fn try_digests(
    world: &World<'_>,
    trial: &mut Trial,
    (place, all, form): (&str, u64, &Form<'_>),
    candidates: &Candidates,
    probed: &mut Probed,
) {
    let rows = trial.rows();
    let known = match world.directory.identifiers() {
        0 => 0,
        _ => trial.take(|digits| form::is_known(digits, world.directory)),
    };
    if known > 0 {
        let told = format!("{place}: {known} of {all} are unkeyed digests of addresses in the directory");
        probed.against(known, told);
    }
    for (algorithm, count) in trial.run(candidates.values.iter().map(String::as_str)) {
        let told = format!("{place}: {count} of {all} are unkeyed {algorithm} of a value that is known");
        probed.against(count, told);
    }
    let tried = candidates.values.len() + world.directory.identifiers();
    probed.note(format!(
        "{place}: {rows} digests tried with {tried} known values in their usual spellings"
    ));
    if candidates.cut {
        probed.note("more values are known than were tried: `candidates` in the section `[probes]` says how many");
    }
    if tried == 0 {
        probed.unread(
            trial.rows(),
            format!("{place}: nothing is known that digests could be tried with"),
        );
    } else if !form.allows_digests() {
        let left = trial.rows();
        probed.against(
            left,
            format!("{place}: {left} of {all} are fast digests without a salt"),
        );
    }
}
