//! A charter and what becomes of it for each school: every variant is made once, when its first person is met.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use averment_register::{Charter, ControllerId};

use crate::facts::School;

/// A charter with its schools.
#[derive(Debug)]
pub struct Variants {
    charter: Arc<Charter>,
    schools: BTreeMap<ControllerId, OnceLock<Arc<Charter>>>,
    /// Identifier and name of each school, as [`normal_name`] spells them.
    by_name: BTreeMap<String, Vec<ControllerId>>,
}

impl Variants {
    /// Takes a charter. Nothing is made yet.
    pub fn new(charter: Arc<Charter>) -> Self {
        let mut by_name: BTreeMap<String, Vec<ControllerId>> = BTreeMap::new();
        let mut schools = BTreeMap::new();
        for school in charter.content().controllers.values() {
            schools.insert(school.id.clone(), OnceLock::new());
            for name in [normal_name(school.id.as_str()), normal_name(&school.name)] {
                let ids = by_name.entry(name).or_default();
                if !ids.contains(&school.id) {
                    ids.push(school.id.clone());
                }
            }
        }
        Self {
            charter,
            schools,
            by_name,
        }
    }

    /// The charter itself.
    pub fn charter(&self) -> &Arc<Charter> {
        &self.charter
    }

    /// The schools that the directory may mean by `name`, an identifier or a name; none when the register has no variant of
    /// them. Where several have the name all are given, and the strictest of them holds.
    pub fn schools(&self, name: &str) -> Vec<School> {
        let ids = self.by_name.get(&normal_name(name)).into_iter().flatten();
        ids.filter_map(|id| self.school(id)).collect()
    }

    fn school(&self, id: &ControllerId) -> Option<School> {
        let place = self.schools.get(id)?;
        let charter = match place.get() {
            Some(charter) => Arc::clone(charter),
            None => {
                let made = Arc::new(self.charter.for_controller(id)?);
                Arc::clone(place.get_or_init(|| made))
            }
        };
        Some(School {
            id: id.clone(),
            charter,
        })
    }
}

/// A school's name or identifier for comparing: lower case, one space between words.
pub fn normal_name(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}
