//! Whose a host is: its registrable domain, by Mozilla's public suffix list (private section included).
//!
//! The list is some ten thousand branches of code. It is asked here only, so that one crate compiles it and not everyone.

/// The registrable domain of a host (`a.b.example.co.uk` gives `example.co.uk`); nothing where it has none.
#[inline(never)]
#[must_use]
pub fn registrable(host: &str) -> Option<&str> {
    psl::domain_str(host)
}

/// Whether anybody may have a name directly below `domain` (`co.uk`).
#[inline(never)]
#[must_use]
pub fn is_public_suffix(domain: &str) -> bool {
    psl::suffix_str(domain) == Some(domain)
}

/// Whether a host ends in a suffix that the list names. An unknown last label (`server.internal`) does not count.
#[inline(never)]
#[must_use]
pub fn has_known_suffix(host: &str) -> bool {
    psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

#[cfg(test)]
mod tests {
    use super::{has_known_suffix, is_public_suffix, registrable};

    #[test]
    fn a_host_is_somebody_s_below_a_public_suffix() {
        assert_eq!(registrable("a.b.example.co.uk"), Some("example.co.uk"));
        assert_eq!(registrable("co.uk"), None);
        assert!(is_public_suffix("co.uk") && !is_public_suffix("example.co.uk"));
        assert!(has_known_suffix("www.example.org") && !has_known_suffix("server.internal"));
    }
}
