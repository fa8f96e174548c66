//! The schedule of data of the National Data Privacy Agreement: which rows to tick, and which elements stand behind a tick.
//!
//! The agreement's own text is licensed and is not here: rows by identifier and label only.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{Confirmation, ElementId, ScheduleRow, catalog};
use averment_register::Controller;

use super::register::Register;
use super::{Fact, Form, Table};

/// Row that says that nothing at all is collected.
const NONE_ROW: &str = "NONE-1";

/// The ticks; for one school's variant when `controller` is given.
pub(super) fn schedule(register: &Register<'_>, controller: Option<&Controller>) -> Form {
    let found = register.elements_of_students();
    let behind = by_row(&found);
    let rows: Vec<Vec<String>> = catalog()
        .schedule_of_data()
        .iter()
        .map(|row| ticked(row, &behind, &found))
        .collect();
    let count = rows.iter().filter(|row| row[3] == "yes").count();
    let of = controller.map_or_else(String::new, |one| format!(" for {}", one.name));
    Form {
        id: controller.map_or_else(|| "schedule-of-data".to_owned(), |one| format!("schedule-of-data-{}", one.id)),
        title: format!("Schedule of data{of}"),
        rests_on: "National Data Privacy Agreement, Exhibit B",
        about: "Which rows of the schedule to tick, made from every element of students that the register lets leave, takes in or collects.".to_owned(),
        facts: vec![
            Fact::new("", "provider", [register.content.organisation.clone()]),
            Fact::new("", "rows to tick", [format!("{count} of {}", rows.len())]),
        ],
        tables: vec![
            Table {
                title: "Rows".to_owned(),
                headings: vec!["Row", "Category", "Data", "Ticked", "To be specified", "Where it shows"],
                rows,
            },
            Table {
                title: "Elements of students without a row".to_owned(),
                headings: vec!["Element", "Where it shows"],
                rows: without_row(&found),
            },
        ],
        notes: vec![
            "Rows and labels were read in completed schedules of version 1.5; version 2.2 of the form was not compared. Rows that nobody has confirmed are marked.".to_owned(),
            "The agreement may be used by members of the Access 4 Learning Community only and its text may not be altered: carry these ticks over into the form.".to_owned(),
        ],
    }
}

fn by_row(found: &BTreeMap<ElementId, BTreeSet<String>>) -> BTreeMap<&'static str, Vec<&ElementId>> {
    let mut rows: BTreeMap<&str, Vec<&ElementId>> = BTreeMap::new();
    for id in found.keys() {
        if let Some(element) = catalog().element(id) {
            rows.entry(element.ndpa.as_str()).or_default().push(id);
        }
    }
    rows
}

fn ticked(
    row: &ScheduleRow,
    behind: &BTreeMap<&str, Vec<&ElementId>>,
    found: &BTreeMap<ElementId, BTreeSet<String>>,
) -> Vec<String> {
    let elements = behind.get(row.id.as_str()).map_or(&[][..], Vec::as_slice);
    let yes = match row.id.as_str() {
        NONE_ROW => found.is_empty(),
        _ => !elements.is_empty(),
    };
    let labels: Vec<&str> = elements
        .iter()
        .filter_map(|id| catalog().element(id))
        .map(|one| one.label.as_str())
        .collect();
    let places: BTreeSet<&str> = elements.iter().flat_map(|id| &found[*id]).map(String::as_str).collect();
    let mark = match row.status {
        Confirmation::Confirmed => "",
        Confirmation::Secondary => " (row not read in a form)",
        Confirmation::Unverified => " (row from memory)",
    };
    vec![
        row.id.clone(),
        row.category.clone(),
        format!("{}{mark}", row.label),
        if yes { "yes" } else { "no" }.to_owned(),
        if row.specify && yes {
            labels.join("; ")
        } else {
            String::new()
        },
        places.into_iter().collect::<Vec<_>>().join("; "),
    ]
}

/// Elements for which the schedule has no row: the school has to be told of them in another way.
fn without_row(found: &BTreeMap<ElementId, BTreeSet<String>>) -> Vec<Vec<String>> {
    let known: BTreeSet<&str> = catalog().schedule_of_data().iter().map(|row| row.id.as_str()).collect();
    let absent = found.iter().filter_map(|(id, places)| {
        let element = catalog().element(id)?;
        let places = places.iter().map(String::as_str).collect::<Vec<_>>().join("; ");
        (!known.contains(element.ndpa.as_str())).then(|| vec![element.label.clone(), places])
    });
    absent.collect()
}
