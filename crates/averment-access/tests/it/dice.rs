//! Random registers, people and questions, from a tape of numbers; shared with the benches by `#[path]`.

use averment_access::{Context, Person, Role, Viewer};
use averment_catalog::{ElementId, WordId};
use averment_register::{Charter, ControllerId, Source, compile};

/// A stream of numbers: SplitMix64.
pub(crate) struct Dice(pub(crate) u64);

const ELEMENTS: [&str; 12] = [
    "identity",
    "identity.name.full",
    "identity.avatar",
    "contact",
    "contact.email",
    "account.username",
    "account.id",
    "content",
    "edu",
    "demographic.date_of_birth",
    "identity.name",
    "edu.student_id.local",
];
/// Whose elements the questions are about.
const ASKED: [&str; 10] = [
    "identity.name.full",
    "identity.avatar",
    "identity.gov_id.ssn",
    "contact.email",
    "contact.phone",
    "account.username",
    "account.id",
    "content.project",
    "edu.student_id.local",
    "demographic.date_of_birth",
];
const SUBJECTS: [&str; 6] = [
    "student",
    "student.under13",
    "student.minor",
    "student.eligible",
    "teacher",
    "guardian",
];
const WHEN: [&str; 8] = [
    "always",
    "always",
    "subject_chooses",
    "on_support_request",
    "incidental",
    "subject_enters",
    "consent:photo",
    "act:gives-reason",
];
const GIVERS: [&str; 4] = ["school", "guardian", "subject", "eligible_student"];
const UNLESS: [&str; 4] = ["directory_information", "emergency", "consent", "published"];
const SCHOOLS: [&str; 3] = ["meadow", "hill", "lake"];
const CLASSES: [&str; 2] = ["7b", "8a"];
const PEOPLE: [&str; 3] = ["p1", "p2", ""];
const ROLES: [&str; 13] = [
    "student",
    "student.under13",
    "student.minor",
    "student.eligible",
    "teacher",
    "guardian",
    "school_admin",
    "school_official",
    "staff",
    "support_staff",
    "search_engine",
    "anonymous",
    "visitor",
];

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    /// True once in `times`.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn some<'a>(&mut self, of: &[&'a str], most: usize) -> Vec<&'a str> {
        let mut list: Vec<&str> = (0..self.below(most + 1)).map(|_| self.one(of)).collect();
        list.sort_unstable();
        list.dedup();
        list
    }

    fn at_least_one<'a>(&mut self, of: &[&'a str], most: usize) -> Vec<&'a str> {
        let mut list = self.some(of, most);
        if list.is_empty() {
            list.push(self.one(of));
        }
        list
    }

    /// A register with up to nine sentences and two schools with variants.
    pub(crate) fn charter(&mut self) -> Charter {
        let viewers: Vec<&str> = Viewer::ALL.map(Viewer::as_str).into();
        let claims: String = (0..1 + self.below(9))
            .map(|number| self.claim(number, &viewers))
            .collect();
        let schools: Vec<(String, String)> = SCHOOLS[..2].iter().map(|id| self.school(id, &viewers)).collect();
        let organisation = "organisation = \"Test\"\n[defaults]\nmode = \"report\"\nunknown_hosts = \"report\"\n";
        let files = [
            ("organisation.toml".to_owned(), organisation.to_owned()),
            ("claims/list.toml".to_owned(), claims),
        ];
        let mut source = Source::default();
        for (name, text) in files.into_iter().chain(schools) {
            source.insert(name, text);
        }
        let compiled = compile(&source);
        let errors = || {
            compiled
                .diagnostics
                .iter()
                .map(|finding| finding.render("test"))
                .collect::<String>()
        };
        compiled.charter.clone().unwrap_or_else(|| panic!("{}", errors()))
    }

    fn claim(&mut self, number: usize, viewers: &[&str]) -> String {
        let shows = self.once_in(2);
        let kind = if shows { "visible_to" } else { "hidden_from" };
        let mut text =
            format!("[[claims]]\nkind = \"{kind}\"\nid = \"c{number}\"\nsentence = \"Sentence {number}.\"\n");
        text.push_str(&format!("viewers = {:?}\n", self.at_least_one(viewers, 5)));
        if shows || !self.once_in(5) {
            text.push_str(&format!("elements = {:?}\n", self.at_least_one(&ELEMENTS, 4)));
        }
        let subjects = self.some(&SUBJECTS, 2);
        if !subjects.is_empty() {
            text.push_str(&format!("subjects = {subjects:?}\n"));
        }
        if shows {
            text.push_str(&format!("when = {:?}\n", self.one(&WHEN)));
            if self.once_in(3) {
                text.push_str(&format!("off_by = {:?}\n", self.one(&GIVERS)));
            }
        } else if self.once_in(2) {
            text.push_str(&format!("unless = {:?}\n", self.at_least_one(&UNLESS, 2)));
        }
        text + "\n"
    }

    fn school(&mut self, id: &str, viewers: &[&str]) -> (String, String) {
        let mut text = format!("controller = \"{id}\"\nname = \"{id}\"\n");
        let designated = self.some(&ELEMENTS, 3);
        if !designated.is_empty() {
            text.push_str(&format!("directory_information = {designated:?}\n"));
        }
        if self.once_in(2) {
            let (elements, viewers) = (self.at_least_one(&ELEMENTS, 2), self.at_least_one(viewers, 2));
            text.push_str(&format!(
                "\n[[hides]]\nelements = {elements:?}\nviewers = {viewers:?}\n"
            ));
        }
        (format!("controllers/{id}.toml"), text)
    }

    /// Somebody in few schools and classes, so that people meet.
    pub(crate) fn person(&mut self) -> Person {
        let role = Role::of(self.one(&ROLES)).unwrap();
        let mut person = Person::new(self.one(&PEOPLE), role);
        for school in self.some(&SCHOOLS, 2) {
            let classes = self.some(&CLASSES, 2).into_iter().map(str::to_owned).collect();
            person.schools.insert(ControllerId::new(school).unwrap(), classes);
        }
        let texts = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
        let words = |list: Vec<&str>| list.into_iter().map(|word| WordId::new(word).unwrap()).collect();
        let viewers = ["link_holder", "public", "peer", "search_engine", "teacher"];
        person.guardian_of = texts(self.some(&PEOPLE, 2));
        person.holds_link_of = texts(self.some(&PEOPLE, 1));
        person.limited_guardians = texts(self.some(&PEOPLE, 1));
        person.opened_to = words(self.some(&viewers, 3));
        for giver in self.some(&GIVERS, 3) {
            let off = words(self.some(&viewers, 1));
            person.switched_off.insert(WordId::new(giver).unwrap(), off);
        }
        person.consents = texts(self.some(&["photo", "other"], 1));
        person.acts = texts(self.some(&["gives-reason", "other"], 1));
        person.directory_opt_out = [None, Some(true), Some(false)][self.below(3)];
        person
    }

    pub(crate) fn context(&mut self) -> Context {
        Context {
            support_request: self.once_in(2),
            reason_given: self.once_in(2),
            educational_interest: self.once_in(2),
            exceptions: self
                .some(&["emergency", "consent"], 1)
                .into_iter()
                .map(|word| WordId::new(word).unwrap())
                .collect(),
        }
    }

    pub(crate) fn element(&mut self) -> ElementId {
        ElementId::new(self.one(&ASKED)).unwrap()
    }
}
