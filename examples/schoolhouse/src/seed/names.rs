//! Names and titles of people who do not exist.

const FIRST: [&str; 24] = [
    "Alma", "Bruno", "Carla", "Dario", "Edda", "Felix", "Greta", "Hanno", "Ines", "Jonas", "Kaya", "Levi", "Mara",
    "Nils", "Oona", "Paul", "Quinn", "Rosa", "Sami", "Tilda", "Umut", "Vera", "Willem", "Yara",
];

const LAST: [&str; 25] = [
    "Abendroth",
    "Birkeland",
    "Castellan",
    "Dunmore",
    "Eriksdal",
    "Fennimore",
    "Grunewald",
    "Halvorsen",
    "Ingersoll",
    "Jankovic",
    "Kettering",
    "Lindholm",
    "Montague",
    "Nightingale",
    "Osterberg",
    "Pellegrin",
    "Quarterman",
    "Rosenvinge",
    "Silverton",
    "Thornbury",
    "Underhill",
    "Vandermeer",
    "Winterbourne",
    "Yarborough",
    "Zimmerlin",
];

const TITLES: [&str; 8] = [
    "The tides of our bay",
    "A map of the schoolyard",
    "How bees find home",
    "Bridges that I like",
    "Photographs of fog",
    "My town in 1900",
    "Why leaves turn red",
    "A tour of the museum",
];

/// The name of somebody by their number; the same for the same number.
pub(super) fn full(number: usize) -> String {
    let last = number / FIRST.len() + number * 7;
    format!("{} {}", FIRST[number % FIRST.len()], LAST[last % LAST.len()])
}

/// What a project is called.
pub(super) fn title(number: i64) -> &'static str {
    TITLES[number.unsigned_abs() as usize % TITLES.len()]
}
