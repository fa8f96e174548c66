//! Host names to recipients: exact names, templates (`{region}`) and suffixes (`*.example.com`), most specific first.
//!
//! Start at [`HostTable::look_up`]. Invariant: two patterns of the same specificity that both match give both recipients,
//! never an arbitrary one.

use std::collections::BTreeMap;

use averment_catalog::{ThirdParty, catalog};

use crate::charter::{Recipient, RecipientId};

/// How specific a pattern is: an exact name beats a template, a template a suffix; longer literal text beats shorter.
type Rank = (u8, usize);

/// Every host pattern of a charter.
#[derive(Debug, Clone, Default)]
pub(crate) struct HostTable {
    exact: BTreeMap<String, Vec<RecipientId>>,
    patterns: Vec<(Rank, String, RecipientId)>,
}

impl HostTable {
    pub(crate) fn new<'a>(recipients: impl Iterator<Item = &'a Recipient>) -> Self {
        let mut table = Self::default();
        for recipient in recipients {
            for pattern in &recipient.hosts {
                table.add(&pattern.to_ascii_lowercase(), &recipient.id);
            }
        }
        table
            .patterns
            .sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)).then_with(|| a.2.cmp(&b.2)));
        table
    }

    fn add(&mut self, pattern: &str, id: &RecipientId) {
        if !pattern.contains(['*', '{']) {
            self.exact.entry(pattern.to_owned()).or_default().push(id.clone());
            return;
        }
        let literal = pattern.len() - pattern.matches('*').count();
        let kind = u8::from(!pattern.starts_with("*."));
        self.patterns.push(((kind, literal), pattern.to_owned(), id.clone()));
    }

    /// The recipients whose most specific pattern matches `host`; empty when none does.
    pub(crate) fn look_up(&self, host: &str) -> Vec<RecipientId> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if let Some(ids) = self.exact.get(&host) {
            return ids.clone();
        }
        let mut best: Option<Rank> = None;
        let mut found = Vec::new();
        for (rank, pattern, id) in &self.patterns {
            if best.is_some_and(|best| *rank < best) {
                break;
            }
            if host_matches(pattern, &host) {
                best = Some(*rank);
                if !found.contains(id) {
                    found.push(id.clone());
                }
            }
        }
        found
    }
}

/// Third parties of the catalog that a request to `host` may be for. `host`: name without port, lower case.
pub fn third_parties_of_host(host: &str) -> Vec<&'static ThirdParty> {
    let serves = |party: &&ThirdParty| party.hosts.iter().any(|known| host_matches(&known.pattern, host));
    catalog().third_parties().filter(serves).collect()
}

/// Whether `pattern` matches `host` (both lower case): `*.` at the front stands for one or more labels, `{x}` for one or
/// more characters of a single label. One that is all placeholder says nothing of a host and matches none.
pub fn host_matches(pattern: &str, host: &str) -> bool {
    if pattern.starts_with('{') && pattern.find('}') == Some(pattern.len() - 1) {
        return false;
    }
    match pattern.strip_prefix("*.") {
        Some(rest) => host
            .match_indices('.')
            .any(|(dot, _)| dot > 0 && matches_labels(rest, &host[dot + 1..])),
        None => matches_labels(pattern, host),
    }
}

fn matches_labels(pattern: &str, host: &str) -> bool {
    let (mut patterns, mut labels) = (pattern.split('.'), host.split('.'));
    loop {
        match (patterns.next(), labels.next()) {
            (None, None) => return true,
            (Some(pattern), Some(label)) if matches_label(pattern, label) => {}
            _ => return false,
        }
    }
}

fn matches_label(pattern: &str, label: &str) -> bool {
    let Some((before, rest)) = pattern.split_once('{') else {
        return pattern == label;
    };
    let Some((_, after)) = rest.split_once('}') else {
        return false;
    };
    let Some(middle) = label.strip_prefix(before) else {
        return false;
    };
    // `{x}` takes at least one character; what follows it may hold another template, so try every split.
    (1..=middle.len()).any(|taken| middle.is_char_boundary(taken) && matches_label(after, &middle[taken..]))
}

#[cfg(test)]
mod tests;
