//! Hosts in letters of any script, and the same in ASCII: `schöl.example` and `xn--schl-7qa.example`.
//!
//! Source: RFC 3492 (Punycode), RFC 5891 section 5 (per label).

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
/// Longest label, RFC 1035 section 2.3.4.
const LABEL_MAX: usize = 63;

/// The other spelling of a host: in ASCII where it has other letters, in its letters where it is in ASCII. `None`: it has
/// no other.
pub(super) fn other_spelling(host: &str) -> Option<String> {
    let labels = host.split('.');
    let other = if host.is_ascii() {
        labels
            .map(|label| label.strip_prefix("xn--").map_or(Some(label.to_owned()), decoded))
            .collect::<Option<Vec<_>>>()?
    } else {
        labels
            .map(|label| {
                if label.is_ascii() {
                    Some(label.to_owned())
                } else {
                    encoded(label).map(|code| format!("xn--{code}"))
                }
            })
            .collect::<Option<Vec<_>>>()?
    };
    let other = other.join(".");
    (other != host).then_some(other)
}

/// How the threshold follows what was decoded, RFC 3492 section 6.1.
fn adapted(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + 38)
}

fn threshold(k: u32, bias: u32) -> u32 {
    k.saturating_sub(bias).clamp(T_MIN, T_MAX)
}

fn decoded(label: &str) -> Option<String> {
    let (basic, code) = label.rsplit_once('-').unwrap_or(("", label));
    let mut out: Vec<char> = basic.chars().collect();
    if label.len() > LABEL_MAX {
        return None;
    }
    let (mut n, mut i, mut bias) = (128_u32, 0_u32, 72);
    let mut digits = code.bytes();
    while digits.len() > 0 {
        let (before, mut weight, mut k) = (i, 1_u32, BASE);
        loop {
            let digit = match digits.next()? {
                letter @ b'a'..=b'z' => u32::from(letter - b'a'),
                digit @ b'0'..=b'9' => u32::from(digit - b'0') + 26,
                _ => return None,
            };
            i = i.checked_add(digit.checked_mul(weight)?)?;
            let t = threshold(k, bias);
            if digit < t {
                break;
            }
            weight = weight.checked_mul(BASE - t)?;
            k += BASE;
        }
        let points = out.len() as u32 + 1;
        bias = adapted(i - before, points, before == 0);
        n = n.checked_add(i / points)?;
        i %= points;
        out.insert(i as usize, char::from_u32(n)?);
        i += 1;
    }
    Some(out.into_iter().collect())
}

fn encoded(label: &str) -> Option<String> {
    let letters: Vec<u32> = label.chars().map(u32::from).collect();
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = out.len() as u32;
    if basic > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias, mut done) = (128_u32, 0_u32, 72, basic);
    while (done as usize) < letters.len() {
        let next = *letters.iter().filter(|letter| **letter >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(done + 1)?)?;
        n = next;
        for letter in &letters {
            if *letter < n {
                delta = delta.checked_add(1)?;
            }
            if *letter == n {
                variable(delta, bias, &mut out);
                bias = adapted(delta, done + 1, done == basic);
                delta = 0;
                done += 1;
            }
        }
        delta += 1;
        n += 1;
    }
    (out.len() + 4 <= LABEL_MAX).then_some(out)
}

/// A number in digits whose weights follow the threshold.
fn variable(mut value: u32, bias: u32, out: &mut String) {
    let digit = |value: u32| {
        char::from(if value < 26 {
            b'a' + value as u8
        } else {
            b'0' + (value - 26) as u8
        })
    };
    let mut k = BASE;
    loop {
        let t = threshold(k, bias);
        if value < t {
            return out.push(digit(value));
        }
        out.push(digit(t + (value - t) % (BASE - t)));
        value = (value - t) / (BASE - t);
        k += BASE;
    }
}

#[cfg(test)]
mod tests;
