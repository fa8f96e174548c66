//! Claims about how long data stay, put together with the data map: which rows or columns of which table go after which time.
//!
//! Start at [`rules`]. Nothing is left out in silence: what a claim speaks of and nothing can measure is listed with the reason.

use std::collections::BTreeMap;

use averment_catalog::WordId;
use averment_register::{
    Charter, Claim, ClaimId, ClaimKind, ControllerId, Elements, OnErase, Period, Store, StoreId, StoreTable, Subjects,
};
use serde::Serialize;

/// Events of a person's account: one table that says when they were speaks for all rows of the person.
const OF_THE_PERSON: [&str; 3] = ["account_deleted", "account_closed", "student_leaves"];

/// What has to go from one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The claim.
    pub claim: ClaimId,
    /// The school that shortened it, of whose people it holds; everybody's when none.
    pub school: Option<ControllerId>,
    /// Where.
    pub store: StoreId,
    /// Table, as in the data map.
    pub table: String,
    /// What of it.
    pub what: What,
    /// Whose; everybody's when empty.
    pub subjects: Subjects,
    /// How long it may stay.
    pub duration: Period,
    /// After what.
    pub after: WordId,
    /// Where the time of that stands.
    pub when: When,
}

/// What goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The row.
    Rows,
    /// What stands in these columns.
    Columns(BTreeMap<String, Ending>),
    /// Objects.
    Objects,
}

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Nothing is left.
    Empty,
    /// One that says nothing.
    Mask,
}

/// Where a time stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// In a column of the row.
    Own(String),
    /// In a column of another table, of a row of the same person.
    Other {
        /// Table.
        table: String,
        /// Column.
        column: String,
    },
    /// When the object was last written.
    Written,
}

/// What a claim speaks of and nothing measures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unmeasured {
    /// The claim.
    pub claim: ClaimId,
    /// Where; none when no table of the data map holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreId>,
    /// Table or prefix; none for a whole store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Why.
    pub because: String,
}

/// What the data map keeps, with the reason that it publishes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Kept {
    /// The claim.
    pub claim: ClaimId,
    /// Store.
    pub store: StoreId,
    /// Table.
    pub table: String,
    /// Why.
    pub reason: String,
}

/// Everything that claims say of the data map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The shortest first.
    pub rules: Vec<Rule>,
    /// What nothing measures.
    pub unmeasured: Vec<Unmeasured>,
    /// What stays for a reason.
    pub kept: Vec<Kept>,
}

/// What a claim promises.
struct Promise<'a> {
    claim: &'a Claim,
    elements: &'a Elements,
    except: Elements,
    subjects: &'a Subjects,
    after: &'a WordId,
    duration: Period,
}

impl<'a> Promise<'a> {
    fn of(claim: &'a Claim) -> Option<Self> {
        let (elements, subjects, except, duration, after) = match &claim.kind {
            ClaimKind::RetainedFor {
                elements,
                subjects,
                duration,
                after,
            } => (elements, subjects, Elements::new(), *duration, after),
            ClaimKind::ErasedOn {
                elements,
                subjects,
                except,
                after,
                duration,
            } => (elements, subjects, except.clone(), *duration, after),
            _ => return None,
        };
        Some(Self {
            claim,
            elements,
            except,
            subjects,
            after,
            duration,
        })
    }
}

/// What a claim says of a table.
enum Touched {
    Nothing,
    What(What),
    Kept(String),
    Partly(String),
}

/// Rules of every claim about how long data stay.
pub fn rules(charter: &Charter) -> Rules {
    let mut rules = Rules::default();
    for promise in charter.content().claims.values().filter_map(Promise::of) {
        let durations = durations(charter, &promise);
        let mut found = false;
        for store in charter.content().data.values() {
            if concerns(promise.claim, store) {
                found |= rules.of_store(&promise, &durations, store);
            }
        }
        if !found {
            rules.unmeasured.push(Unmeasured {
                claim: promise.claim.id.clone(),
                store: None,
                table: None,
                because: nowhere(promise.claim),
            });
        }
    }
    rules
        .rules
        .sort_by(|one, other| (one.duration, &one.claim).cmp(&(other.duration, &other.claim)));
    rules.unmeasured.sort();
    rules
}

fn nowhere(claim: &Claim) -> String {
    match &claim.recipient {
        Some(recipient) => format!("it is about what `{recipient}` keeps, and no store of the data map runs there"),
        None => "no table of the data map holds what it speaks of".to_owned(),
    }
}

/// A claim about a recipient is about what is stored there.
fn concerns(claim: &Claim, store: &Store) -> bool {
    claim
        .recipient
        .as_ref()
        .is_none_or(|recipient| store.runs_on.contains(recipient))
}

/// The time that holds for everybody, and those of schools that asked for a shorter one.
fn durations(charter: &Charter, promise: &Promise<'_>) -> Vec<(Option<ControllerId>, Period)> {
    let mut durations = vec![(None, promise.duration)];
    for (id, controller) in &charter.content().controllers {
        let asked = controller.shortens.iter().filter(|row| row.claim == promise.claim.id);
        let shortest = asked.map(|row| row.duration).min();
        durations.extend(
            shortest
                .filter(|time| *time < promise.duration)
                .map(|time| (Some(id.clone()), time)),
        );
    }
    durations
}

impl Rules {
    /// Whether the store holds anything that the promise is about.
    fn of_store(&mut self, promise: &Promise<'_>, durations: &[(Option<ControllerId>, Period)], store: &Store) -> bool {
        let mut found = false;
        for table in store.tables.iter().filter(|table| table.is_personal()) {
            let what = match touched(promise, table) {
                Touched::Nothing => continue,
                Touched::What(what) => Ok(what),
                Touched::Partly(because) => Err(because),
                Touched::Kept(reason) => {
                    found = true;
                    self.kept.push(Kept {
                        claim: promise.claim.id.clone(),
                        store: store.id.clone(),
                        table: table.name().to_owned(),
                        reason,
                    });
                    continue;
                }
            };
            found = true;
            let when = || match table.table {
                Some(_) => when(promise.after, store, table),
                None => when_written(promise, table),
            };
            match what.and_then(|what| Ok((what, when()?))) {
                Ok((what, when)) => self.add(promise, durations, (store, table), &what, &when),
                Err(because) => self.unmeasured.push(Unmeasured {
                    claim: promise.claim.id.clone(),
                    store: Some(store.id.clone()),
                    table: Some(table.name().to_owned()),
                    because,
                }),
            }
        }
        found
    }

    fn add(
        &mut self,
        promise: &Promise<'_>,
        durations: &[(Option<ControllerId>, Period)],
        (store, table): (&Store, &StoreTable),
        what: &What,
        when: &When,
    ) {
        for (school, duration) in durations {
            if let (Some(school), What::Objects) = (school, what) {
                self.unmeasured.push(Unmeasured {
                    claim: promise.claim.id.clone(),
                    store: Some(store.id.clone()),
                    table: Some(table.name().to_owned()),
                    because: format!("nothing says which objects are of people of school `{school}`"),
                });
                continue;
            }
            self.rules.push(Rule {
                claim: promise.claim.id.clone(),
                school: school.clone(),
                store: store.id.clone(),
                table: table.name().to_owned(),
                what: what.clone(),
                subjects: promise.subjects.clone(),
                duration: *duration,
                after: promise.after.clone(),
                when: when.clone(),
            });
        }
    }
}

/// What a promise says of a table: its rows when nothing personal but links to people would be left.
fn touched(promise: &Promise<'_>, table: &StoreTable) -> Touched {
    if !table.subjects.is_empty() && !promise.subjects.is_empty() && !meet(promise.subjects, &table.subjects) {
        return Touched::Nothing;
    }
    if table.table.is_none() {
        return of_objects(promise, table);
    }
    let mut gone: BTreeMap<String, Ending> = BTreeMap::new();
    let (mut left, mut kept, mut of_links) = (false, None, false);
    for (name, column) in table.columns.iter().filter(|(_, column)| column.is_personal()) {
        let link = is_link(table, name);
        let stays =
            promise.elements.is_empty() && (column.on_erase, table.on_erase()) == (Some(OnErase::Keep), OnErase::Keep);
        match covers(promise, column.element.as_ref()) {
            Covered::Yes if stays => kept = column.keep.clone().or(kept),
            Covered::Yes if link => of_links = true,
            Covered::Yes => {
                let ending = match column.on_erase {
                    Some(OnErase::Mask | OnErase::Pseudonymise) => Ending::Mask,
                    _ => Ending::Empty,
                };
                gone.insert(name.clone(), ending);
            }
            Covered::No => left |= !link || excepted(promise, column.element.as_ref()),
            Covered::Partly => {
                return Touched::Partly(format!("column `{name}` holds more than the claim speaks of"));
            }
        }
    }
    let keeps = promise.elements.is_empty() && table.on_erase() == OnErase::Keep;
    match (gone.is_empty(), keeps) {
        (true, true) if of_links || kept.is_some() => Touched::Kept(table.keep.clone().or(kept).unwrap_or_default()),
        (true, _) if left || !of_links => Touched::Nothing,
        (false, _) if left || keeps => Touched::What(What::Columns(gone)),
        _ => Touched::What(What::Rows),
    }
}

fn meet(one: &Subjects, other: &Subjects) -> bool {
    one.iter().any(|a| other.iter().any(|b| a.covers(b) || b.covers(a)))
}

fn of_objects(promise: &Promise<'_>, table: &StoreTable) -> Touched {
    let all: Vec<Covered> = (table.elements.iter())
        .map(|element| covers(promise, Some(element)))
        .collect();
    if all.iter().all(|covered| matches!(covered, Covered::No)) {
        return Touched::Nothing;
    }
    if promise.elements.is_empty() && table.on_erase() == OnErase::Keep {
        return Touched::Kept(table.keep.clone().unwrap_or_default());
    }
    match all.iter().all(|covered| matches!(covered, Covered::Yes)) {
        true => Touched::What(What::Objects),
        false => Touched::Partly("objects hold more than the claim speaks of".to_owned()),
    }
}

/// Of objects only when they were last written is known.
fn when_written(promise: &Promise<'_>, table: &StoreTable) -> Result<When, String> {
    if promise.after.as_str() != "collection" {
        return Err(format!("no time of `{}` is read of objects", promise.after));
    }
    let all_wanted = |subjects: &Subjects| {
        let mut all = table.subjects.iter();
        !table.subjects.is_empty() && all.all(|one| subjects.iter().any(|other| other.covers(one)))
    };
    match promise.subjects.is_empty() || all_wanted(promise.subjects) {
        true => Ok(When::Written),
        false => Err("nothing says what kind of person the objects are of".to_owned()),
    }
}

fn is_link(table: &StoreTable, name: &str) -> bool {
    let links = table
        .key
        .iter()
        .chain(table.belongs_to.keys())
        .chain(table.others.keys())
        .chain(&table.role);
    links.into_iter().any(|link| link.eq_ignore_ascii_case(name))
}

enum Covered {
    Yes,
    No,
    Partly,
}

fn excepted(promise: &Promise<'_>, element: Option<&averment_catalog::ElementId>) -> bool {
    element.is_some_and(|element| {
        promise
            .except
            .iter()
            .any(|one| one.covers(element) || element.covers(one))
    })
}

fn covers(promise: &Promise<'_>, element: Option<&averment_catalog::ElementId>) -> Covered {
    if excepted(promise, element) {
        return Covered::No;
    }
    match element {
        _ if promise.elements.is_empty() => Covered::Yes,
        Some(element) if promise.elements.iter().any(|one| one.covers(element)) => Covered::Yes,
        Some(element) if promise.elements.iter().any(|one| element.covers(one)) => Covered::Partly,
        _ => Covered::No,
    }
}

/// Where the time of a trigger stands for the rows of a table.
fn when(after: &WordId, store: &Store, table: &StoreTable) -> Result<When, String> {
    if let Some(place) = table.times.get(after) {
        return Ok(match place.rsplit_once('.') {
            Some((other, column)) => When::Other {
                table: other.to_owned(),
                column: column.to_owned(),
            },
            None => When::Own(place.clone()),
        });
    }
    let says = |other: &&StoreTable| other.times.get(after).is_some_and(|place| !place.contains('.'));
    let mut sayers = store
        .tables
        .iter()
        .filter(says)
        .filter(|_| OF_THE_PERSON.contains(&after.as_str()));
    match (sayers.next(), sayers.next()) {
        (Some(one), None) => Ok(When::Other {
            table: one.name().to_owned(),
            column: one.times[after].clone(),
        }),
        (Some(_), Some(_)) => Err(format!(
            "several tables say when `{after}` was, and `times` does not say which counts"
        )),
        (None, _) => Err(format!("`times` does not say when `{after}` was")),
    }
}
