//! By which names a school is known: as somebody gives it, and as the register has it.

use std::collections::BTreeSet;

use averment_policy::normal_name;
use averment_register::{Charter, Controller};

/// What the register calls a school: its identifier and its name, each as [`normal_name`] spells it.
pub(crate) fn names_of(school: &Controller) -> [String; 2] {
    [normal_name(school.id.as_str()), normal_name(&school.name)]
}

/// The schools of the register that somebody may mean by `name`.
pub(crate) fn declared<'a>(name: &str, charter: &'a Charter) -> impl Iterator<Item = &'a Controller> {
    let wanted = normal_name(name);
    let schools = charter.content().controllers.values();
    schools.filter(move |school| names_of(school).contains(&wanted))
}

/// Every name of a school: as given, and as the register has it.
pub(crate) fn all_names(name: &str, charter: &Charter) -> BTreeSet<String> {
    let mut names = BTreeSet::from([normal_name(name)]);
    names.extend(declared(name, charter).flat_map(names_of));
    names
}
