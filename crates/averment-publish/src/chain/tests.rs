use super::further;

/// Whoever is reached from `start` over `edges` such as `a>b`.
fn reached(edges: &'static [&'static str], start: &'static str, most: usize) -> Vec<String> {
    let next = |id: &str| -> Vec<&'static str> {
        let pairs = edges.iter().filter_map(|edge| edge.split_once('>'));
        pairs.filter(|(from, _)| *from == id).map(|(_, to)| to).collect()
    };
    let found = further(start, next, most);
    found.iter().map(|(one, before)| format!("{one} by {before}")).collect()
}

#[test]
fn whoever_is_one_step_away_is_not_further() {
    assert!(reached(&["a>b", "a>c", "b>c"], "a", 9).is_empty());
}

#[test]
fn the_nearest_come_first_and_each_once() {
    let edges = &["a>b", "a>c", "c>d", "b>e", "e>f", "d>f"];
    assert_eq!(reached(edges, "a", 9), ["e by b", "d by c", "f by e"]);
}

#[test]
fn a_chain_that_leads_back_ends() {
    assert_eq!(reached(&["a>b", "b>c", "c>a", "c>b", "c>c"], "a", 9), ["c by b"]);
    assert!(reached(&["a>a"], "a", 9).is_empty());
}

#[test]
fn a_long_chain_is_cut() {
    assert_eq!(reached(&["a>b", "b>c", "c>d", "d>e"], "a", 2), ["c by b", "d by c"]);
}
