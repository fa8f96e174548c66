//! Rows that speak of the same party to one row each, over all documents.

use std::collections::BTreeMap;

use averment_catalog::ThirdPartyId;

use super::row::Row;
use super::{identify, names};

/// Rows merged, and for each row that came in the place of the one that holds it now.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// The rows, in the order in which their parties stand first.
    pub(super) rows: Vec<Row>,
    /// Where each row went.
    pub(super) places: Vec<usize>,
}

/// Puts rows about one party together: same name, or same product of the catalog. A row that only names the company behind
/// another one adds nothing and goes to it.
pub(super) fn merge(rows: Vec<Row>) -> Merged {
    let operators: BTreeMap<String, usize> = rows
        .iter()
        .enumerate()
        .filter_map(|(at, row)| row.operator.as_ref().map(|operator| (names::key(operator), at)))
        .collect();
    let mut merged = Merged::default();
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_party: BTreeMap<&'static ThirdPartyId, usize> = BTreeMap::new();
    // Companies that stand before what they run: they wait for its row.
    let mut later: Vec<(usize, usize, Row)> = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        let key = names::key(&row.name);
        let party = identify::exact(&row.name).filter(|_| !row.class);
        let bare = row.purpose.is_empty() && row.information.is_empty() && row.operator.is_none();
        let found = by_name
            .get(&key)
            .or_else(|| party.and_then(|party| by_party.get(party)));
        let company = operators.get(&key).filter(|at| bare && **at != index);
        let place = match (found, company) {
            (Some(place), _) => *place,
            (None, Some(at)) if *at < index => merged.places[*at],
            (None, Some(at)) => {
                merged.places.push(usize::MAX);
                later.push((index, *at, row));
                continue;
            }
            (None, None) => {
                by_name.insert(key, merged.rows.len());
                by_party.extend(party.map(|party| (party, merged.rows.len())));
                merged.places.push(merged.rows.len());
                merged.rows.push(row);
                continue;
            }
        };
        merged.places.push(place);
        merged.rows[place].merge(row);
    }
    for (index, at, row) in later {
        let place = merged.places[at];
        merged.places[index] = place;
        match merged.rows.get_mut(place) {
            Some(known) => known.merge(row),
            // Two companies that name each other: each is a row of its own.
            None => {
                merged.places[index] = merged.rows.len();
                merged.rows.push(row);
            }
        }
    }
    merged
}
