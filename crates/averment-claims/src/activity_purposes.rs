//! Which purposes of the catalog belong to what a claim says is not done to somebody.

/// Purposes by activity; one that ends in a dot stands for all that begin with it.
const PURPOSES: [(&str, &[&str]); 4] = [
    ("marketing", &["marketing."]),
    ("advertising", &["marketing.targeted"]),
    ("profiling", &["profile.", "marketing.targeted"]),
    ("card_payment", &["ops.finance"]),
];

/// Whether there is a purpose among these and every one of them belongs to `activity`.
pub(crate) fn serves_only<'a>(activity: &str, purposes: impl Iterator<Item = &'a str>) -> bool {
    let known = PURPOSES.iter().find(|(name, _)| *name == activity);
    let belongs = |purpose: &str| {
        known.is_some_and(|(_, purposes)| {
            let mut purposes = purposes.iter();
            purposes.any(|known| purpose == *known || (known.ends_with('.') && purpose.starts_with(known)))
        })
    };
    let mut purposes = purposes.peekable();
    purposes.peek().is_some() && purposes.all(belongs)
}
