//! How an identifier is written by people and programs, before anything encodes it.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use super::people::{Person, Phone};
use super::random::Random;
use super::rows::{Class, How, Row};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The plainest writing of each identifier, which the rows of the other tables are made with.
pub(super) const PLAIN: &[Row] = &[
    spelled("e-mail address", |person, _| person.email.clone()),
    spelled("user name", |person, _| person.username.clone()),
    spelled("account id", |person, _| person.account.clone()),
    spelled("student number", |person, _| person.student_number.clone()),
    spelled("telephone number", |person, _| person.phone.international()),
    spelled("full name", |person, _| person.name()),
    spelled("guardian's name", |person, _| person.guardian.clone()),
    spelled("guardian's e-mail address", |person, _| person.guardian_email.clone()),
    spelled("guardian's telephone number", |person, _| {
        person.guardian_phone.international()
    }),
    spelled("street and house number", |person, _| person.street.clone()),
];

/// Other writings.
pub(super) const OTHER: &[Row] = &[
    spelled("e-mail, other letter case", |person, random| {
        other_case(&person.email, random)
    }),
    spelled("e-mail with a tag", |person, _| person.email.replace('@', "+robotics@")),
    spelled("e-mail behind mailto:", |person, _| format!("mailto:{}", person.email)),
    spelled("e-mail in a mail header", |person, _| {
        format!("Team <{}>", person.email)
    }),
    spelled("e-mail in a return path", |person, _| {
        format!("bounce+{}@list.example", person.email.replace('@', "="))
    }),
    spelled("e-mail as MD5", |person, _| hexadecimal(&Md5::digest(&person.email))),
    spelled("e-mail as SHA-1", |person, _| hexadecimal(&Sha1::digest(&person.email))),
    spelled("e-mail as SHA-256", |person, _| {
        hexadecimal(&Sha256::digest(&person.email))
    }),
    spelled("e-mail as SHA-256, capitals", |person, _| {
        hexadecimal(&Sha256::digest(&person.guardian_email)).to_uppercase()
    }),
    spelled("e-mail in full-width letters", |person, _| full_width(&person.email)),
    spelled("e-mail with zero-width spaces", |person, random| {
        invisible(&person.email, &['\u{200b}', '\u{200c}', '\u{2060}', '\u{feff}'], random)
    }),
    spelled("e-mail with soft hyphens", |person, random| {
        invisible(&person.email, &['\u{ad}'], random)
    }),
    spelled("user name, other letter case", |person, random| {
        other_case(&person.username, random)
    }),
    spelled("user name behind @", |person, _| format!("@{}", person.username)),
    spelled("user name in full-width letters", |person, _| {
        full_width(&person.username)
    }),
    spelled("account id in capitals", |person, _| person.account.to_uppercase()),
    spelled("account id in braces", |person, _| format!("{{{}}}", person.account)),
    spelled("student number behind #", |person, _| {
        format!("#{}", person.student_number)
    }),
    spelled("telephone with separators", |person, random| {
        grouped(&person.phone, random)
    }),
    spelled("telephone behind 00", |person, _| {
        format!("00{}{}", person.phone.code, person.phone.national)
    }),
    spelled("telephone as dialled inside", |person, random| {
        dialled(&person.phone, random)
    }),
    spelled("telephone behind tel:", |person, _| {
        format!("tel:{}", person.phone.international())
    }),
    spelled("telephone in full-width digits", |person, _| {
        full_width(&person.phone.international())
    }),
    spelled("name, family name first", |person, _| {
        format!("{}, {}", person.family, person.given)
    }),
    spelled("name, family name first, no comma", |person, _| {
        format!("{} {}", person.family, person.given)
    }),
    spelled("name with a middle name", |person, _| {
        format!("{} {} {}", person.given, person.middle, person.family)
    }),
    spelled("name with a middle initial", |person, _| {
        format!("{} {}. {}", person.given, &person.middle[..1], person.family)
    }),
    spelled("name, comma and middle name", |person, _| {
        format!("{}, {} {}", person.family, person.given, person.middle)
    }),
    spelled("name in capitals", |person, _| person.name().to_uppercase()),
    spelled("name without diacritics", |person, _| without_marks(&person.name())),
    spelled("name with marks apart (NFD)", |person, _| person.name().nfd().collect()),
    spelled("name in full-width letters", |person, _| {
        full_width(&without_marks(&person.name()))
    }),
    spelled("name with zero-width spaces", |person, random| {
        invisible(&person.name(), &['\u{200b}', '\u{200d}'], random)
    }),
    spelled("name with no-break spaces", |person, _| {
        person.name().replace(' ', "\u{a0}")
    }),
    spelled("name, dots for spaces", |person, _| person.name().replace(' ', ".")),
    spelled("name, underscores for spaces", |person, _| {
        person.name().replace(' ', "_")
    }),
    spelled("street in capitals", |person, _| person.street.to_uppercase()),
    spelled("street, kind of street short", |person, _| short_street(&person.street)),
    spelled("given name and date of birth", |person, random| {
        format!("{} ({})", person.given, date(person.born, random))
    }),
    spelled("date of birth and family name", |person, random| {
        format!("{} {}", date(person.born, random), person.family)
    }),
];

const fn spelled(name: &'static str, how: fn(&Person, &mut Random) -> String) -> Row {
    Row {
        name,
        class: Class::Deterministic,
        how: How::Spelled(how),
    }
}

fn other_case(text: &str, random: &mut Random) -> String {
    let mut turned = false;
    let turn = |c: char| {
        // At least one letter is another.
        if c.is_ascii_lowercase() && (!std::mem::replace(&mut turned, true) || random.chance(50)) {
            c.to_ascii_uppercase()
        } else {
            c
        }
    };
    text.chars().map(turn).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn full_width(text: &str) -> String {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(wide).collect()
}

/// Characters that nobody sees, at one to three places inside.
fn invisible(text: &str, which: &[char], random: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..random.between(1, 3) {
        let at = random.between(1, letters.len() - 1);
        letters.insert(at, *random.pick(which));
    }
    letters.into_iter().collect()
}

fn without_marks(text: &str) -> String {
    let base = |c: char| match c {
        'Ł' => 'L',
        'ł' => 'l',
        'ø' => 'o',
        'Ø' => 'O',
        'ı' => 'i',
        _ => c,
    };
    text.nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .map(base)
        .collect()
}

fn grouped(phone: &Phone, random: &mut Random) -> String {
    let (a, rest) = phone.national.split_at(3);
    let (b, c) = rest.split_at(3);
    let gap = *random.pick(&[" ", "-", "."]);
    match random.below(3) {
        0 => format!("+{}{gap}{a}{gap}{b}{gap}{c}", phone.code),
        1 => format!("+{} ({a}) {b}-{c}", phone.code),
        _ => format!("+{} {a} {b} {c}", phone.code),
    }
}

fn dialled(phone: &Phone, random: &mut Random) -> String {
    let (a, rest) = phone.national.split_at(3);
    let (b, c) = rest.split_at(3);
    if phone.code == "1" {
        return match random.below(4) {
            0 => format!("({a}) {b}-{c}"),
            1 => format!("{a}-{b}-{c}"),
            2 => format!("{a}.{b}.{c}"),
            _ => phone.national.clone(),
        };
    }
    match random.below(3) {
        0 => format!("0{}", phone.national),
        1 => format!("0{a} {b} {c}"),
        _ => format!("0{a}/{b}{c}"),
    }
}

fn short_street(street: &str) -> String {
    [
        ("Street", "St."),
        ("Avenue", "Ave"),
        ("Road", "Rd"),
        ("Lane", "Ln"),
        ("Drive", "Dr"),
        ("Court", "Ct"),
    ]
    .iter()
    .fold(street.to_owned(), |street, (long, short)| street.replace(long, short))
}

fn date((year, month, day): (usize, usize, usize), random: &mut Random) -> String {
    match random.below(6) {
        0 => format!("{year}-{month:02}-{day:02}"),
        1 => format!("{day}.{month}.{year}"),
        2 => format!("{month}/{day}/{year}"),
        3 => format!("{year}{month:02}{day:02}"),
        4 => format!("{day} {} {year}", MONTHS[month - 1]),
        _ => format!("{} {day}, {year}", &MONTHS[month - 1][..3]),
    }
}
