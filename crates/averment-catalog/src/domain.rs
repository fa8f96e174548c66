//! Whose a host is: its registrable domain, by Mozilla's public suffix list (private section included).
//!
//! The list is some ten thousand branches of code. It is asked here only, so that one crate compiles it and not everyone.

/// A label that no rule of the list spells out.
const UNLISTED: &str = "averment-unlisted";

/// The registrable domain of a host (`a.b.example.co.uk` gives `example.co.uk`); nothing where it has none.
#[inline(never)]
#[must_use]
pub fn registrable(host: &str) -> Option<&str> {
    psl::domain_str(host)
}

/// Whether anybody may have a name below `domain` (`co.uk`).
#[inline(never)]
#[must_use]
pub fn is_public_suffix(domain: &str) -> bool {
    psl::suffix_str(domain) == Some(domain) || is_above_suffixes(domain, |_| true)
}

/// Whether it is a registry under which strangers get names (`co.uk`, `com`), and not a company's own (`github.io`): the list's section
/// of ICANN. An unknown label does not count.
#[inline(never)]
#[must_use]
pub fn is_registry_suffix(domain: &str) -> bool {
    let is_icann = |suffix: psl::Suffix<'_>| suffix.typ() == Some(psl::Type::Icann);
    let is_one = psl::suffix(domain.as_bytes()).is_some_and(|suffix| suffix == domain && is_icann(suffix));
    is_one || is_above_suffixes(domain, is_icann)
}

/// Whether the list has a rule for whatever stands below (`*.sch.uk`): `sch.uk` itself is no suffix then, and all that is below it is.
fn is_above_suffixes(domain: &str, counts: impl Fn(psl::Suffix<'_>) -> bool) -> bool {
    let below = format!("{UNLISTED}.{domain}");
    psl::suffix(below.as_bytes()).is_some_and(|suffix| suffix == below.as_str() && counts(suffix))
}

/// Whether a host ends in a suffix that the list names. An unknown last label (`server.internal`) does not count.
#[inline(never)]
#[must_use]
pub fn has_known_suffix(host: &str) -> bool {
    psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

#[cfg(test)]
mod tests {
    use super::{has_known_suffix, is_public_suffix, is_registry_suffix, registrable};

    #[test]
    fn a_host_is_somebody_s_below_a_public_suffix() {
        assert_eq!(registrable("a.b.example.co.uk"), Some("example.co.uk"));
        assert_eq!(registrable("co.uk"), None);
        assert!(is_public_suffix("co.uk") && !is_public_suffix("example.co.uk"));
        assert!(is_registry_suffix("co.uk") && is_registry_suffix("com"));
        assert!(
            !is_registry_suffix("github.io") && !is_registry_suffix("example.co.uk") && !is_registry_suffix("internal")
        );
        for above in ["sch.uk", "kawasaki.jp", "ck"] {
            assert!(is_registry_suffix(above) && is_public_suffix(above), "{above}");
            assert!(is_registry_suffix(&format!("town.{above}")), "{above}");
        }
        assert!(!is_registry_suffix("city.kawasaki.jp") && !is_registry_suffix("school.town.sch.uk"));
        assert!(
            is_registry_suffix("xn--55qx5d.cn") && !is_registry_suffix("192.0.2.1") && !is_registry_suffix("example")
        );
        assert!(has_known_suffix("www.example.org") && !has_known_suffix("server.internal"));
    }
}
