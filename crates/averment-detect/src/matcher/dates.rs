//! Calendar dates as people and programs write them.
//!
//! `2015-03-02`, `2.3.2015`, `3/2/2015`, `20150302`, `2 March 2015`, `March 2, 2015`. Where day and month may be told
//! either way both are.

/// A date, and its length where it stands.
pub(crate) struct Written {
    pub(crate) length: usize,
    /// `YYYY-MM-DD`; the second where day and month may have changed places.
    pub(crate) readings: [Option<String>; 2],
}

/// First three letters of the months in English, German, French, Spanish, Dutch, Swedish; what is equal is not repeated.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene"],
    &["feb", "fev", "fév"],
    &["mar", "mär", "mrt"],
    &["apr", "avr", "abr"],
    &["may", "mai", "mei", "maj"],
    &["jun"],
    &["jul"],
    &["aug", "aoû", "ago"],
    &["sep"],
    &["oct", "okt"],
    &["nov"],
    &["dec", "dez", "dic", "déc"],
];

/// The date that starts at `at` of a folded text.
pub(crate) fn date_at(text: &str, at: usize) -> Option<Written> {
    let rest = text.get(at..)?;
    if let Some(written) = closed_up(rest) {
        return Some(written);
    }
    let (first, gap) = part(rest)?;
    let (second, second_gap) = part(rest.get(first.len() + gap..)?)?;
    let from = first.len() + gap + second.len() + second_gap;
    let (third, _) = part(rest.get(from..)?)?;
    if gap == 0 || second_gap == 0 {
        return None;
    }
    let readings = read(first, second, third);
    readings[0].as_ref()?;
    let third = third.bytes().take_while(u8::is_ascii_digit).count();
    Some(Written {
        length: from + third,
        readings,
    })
}

/// Eight digits and no more.
fn closed_up(rest: &str) -> Option<Written> {
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    if length != 8 {
        return None;
    }
    let readings = [date(&rest[..4], &rest[4..6], &rest[6..8]), None];
    readings[0].is_some().then_some(Written { length, readings })
}

/// Digits with an ordinal ending, or letters; and the length of what separates them from the next part.
fn part(rest: &str) -> Option<(&str, usize)> {
    let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    let gap = rest[length..]
        .bytes()
        .take(3)
        .take_while(|b| b"-/., ".contains(b))
        .count();
    (1..=12).contains(&length).then(|| (&rest[..length], gap))
}

fn read(first: &str, second: &str, third: &str) -> [Option<String>; 2] {
    let (first, second) = (plain_day(first), plain_day(second));
    if first.len() == 4 && first.bytes().all(|b| b.is_ascii_digit()) {
        return [date(first, second, third), None];
    }
    let day_first = date(third, second, first);
    let month_first = date(third, first, second);
    if day_first.is_some() {
        [day_first, month_first]
    } else {
        [month_first, None]
    }
}

/// `2nd` and `2.` as `2`.
fn plain_day(part: &str) -> &str {
    let digits = part.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && matches!(&part[digits..], "st" | "nd" | "rd" | "th") {
        &part[..digits]
    } else {
        part
    }
}

fn date(year: &str, month: &str, day: &str) -> Option<String> {
    let number = |text: &str, most: usize| -> Option<u16> {
        let short = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| short)
    };
    let year = number(year, 4).filter(|year| (1900..2100).contains(year))?;
    let month = number(month, 2).or_else(|| month_of(month))?;
    let day = number(day, 2)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u16::from(leap),
        1..=12 => 31,
        _ => 0,
    };
    (1..=days)
        .contains(&day)
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn month_of(word: &str) -> Option<u16> {
    let begins = |starts: &&[&str]| starts.iter().any(|start| word.starts_with(start));
    let month = MONTHS.iter().position(begins)?;
    u16::try_from(month + 1).ok()
}

#[cfg(test)]
mod tests;
