//! What has the shape of somebody's: segments, labels, parameters that may be a name, a number or a key.

/// A segment behind one of these is somebody's or something of somebody's.
const PEOPLE: &str = "account accounts children class classes classroom group groups invitation invite member members people person \
    profile profiles reset room rooms section sections student students teacher teachers tok token u unsubscribe \
    user users verify";

/// Labels of hosts, and words in them, that stand for a service and for nobody.
const SERVICES: &str = "account ads analytics ap api app apps assets auth beacon bucket cdn central client cloud code collect \
    collector content data dev docs download east edge embed eu events files fonts forms frame gateway global \
    graph help hub id images img ingest js lib live log login logs mail media metrics mobile north online pay \
    pixel play player portal prod public px script sdk search secure server service site south sso stage staging \
    static stats status storage store stream support tag track us video web west www";

/// Words of routes that are joined like a name.
const ROUTES: &str = "forgot-password log-in log-out my-account privacy-policy reset-password sign-in sign-out sign-up sign_in \
    sign_up terms-of-service";

fn is_among(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|other| other == word)
}

/// Whether the segment behind this one is somebody's.
pub(super) fn leads_to_people(segment: &str) -> bool {
    is_among(PEOPLE, &segment.to_ascii_lowercase())
}

/// Whether a label of a host stands for a service.
pub(super) fn is_service(label: &str) -> bool {
    is_among(SERVICES, label)
}

/// A label that has the look of a name or of a number of somebody: `maya-lindqvist`, `4810221`.
pub(super) fn is_shaped_like_somebody(label: &str) -> bool {
    let words: Vec<&str> = label.split(['-', '_']).collect();
    let is_word =
        |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic()) && !is_service(word);
    let is_number = label.len() > 4 && label.bytes().all(|byte| byte.is_ascii_digit());
    is_number || ((2..=3).contains(&words.len()) && words.iter().all(is_word))
}

/// `ada-lovelace`, `maya.lindqvist`, `JohnSmith`: words joined as names are in addresses. A route may look the same and is masked
/// with them.
fn is_shaped_like_a_name(segment: &str) -> bool {
    if is_program(segment) {
        return false;
    }
    let segment = document(segment);
    let words: Vec<&str> = segment.split(['-', '_', '.']).collect();
    let is_word = |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_joined = (2..=4).contains(&words.len()) && words.iter().all(is_word) && !is_among(ROUTES, segment);
    is_joined || is_capitalised(segment)
}

/// `JohnSmith`: two or three words that begin with a capital each.
fn is_capitalised(text: &str) -> bool {
    let capitals = text.bytes().filter(u8::is_ascii_uppercase).count();
    let words = text.split(|c: char| c.is_ascii_uppercase()).skip(1);
    let begins = text.starts_with(|c: char| c.is_ascii_uppercase());
    begins && (2..=3).contains(&capitals) && words.into_iter().all(|rest| !rest.is_empty()) && is_alphabetic(text)
}

fn is_alphabetic(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// `Maya-Lindqvist`: words of a name, with capitals, where names of programs are in small letters or have a prefix of theirs.
pub(super) fn is_titled(name: &str) -> bool {
    const PROGRAMS: [&str; 8] = ["Amz", "Cloudfront", "Content", "Goog", "Key", "Ms", "Secure", "Host"];
    let words: Vec<&str> = name.split(['-', '_', '.']).collect();
    let is_word = |word: &&str| {
        let rest = word.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or_default();
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase()) && !PROGRAMS.contains(word)
    };
    (2..=4).contains(&words.len()) && words.iter().all(is_word)
}

/// A word of a program: letters, few digits, no address of mail, no long token, no name.
pub(super) fn is_plain(segment: &str) -> bool {
    if is_shaped_like_a_name(segment) {
        return false;
    }
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let letters = segment.bytes().filter(u8::is_ascii_alphabetic).count();
    let allowed = segment
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    // A version (`v2`, `6.1.0`), a file (`gtag-4.js`) and a word may stay; a number alone, a key and a digest may not.
    let version = digits <= 4 && segment.contains('.') && letters == 0;
    let named = document(segment).bytes().any(|byte| byte.is_ascii_alphabetic());
    let few = digits == 0 || version || (digits <= 3 && letters > 0 && named) || is_dated_file(segment);
    allowed && segment.len() <= 40 && few
}

/// `player-2024.js`: a file of a program whose name has more digits.
fn is_dated_file(segment: &str) -> bool {
    segment.len() <= 24 && is_program(segment)
}

/// A file that belongs to a program and not to a person.
fn is_program(segment: &str) -> bool {
    [".js", ".mjs", ".css", ".woff2", ".woff"]
        .iter()
        .any(|ending| segment.ends_with(ending))
}

/// The name of a picture or a page without its ending: it may be called like whom it shows.
fn document(segment: &str) -> &str {
    let known = [
        ".png", ".svg", ".gif", ".jpg", ".jpeg", ".webp", ".json", ".html", ".htm", ".pdf",
    ];
    known
        .iter()
        .find_map(|ending| segment.strip_suffix(ending))
        .unwrap_or(segment)
}

pub(super) fn is_name(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    !name.is_empty()
        && name.len() <= 32
        && digits <= 2
        && !is_titled(name)
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.[]".contains(&byte))
}
