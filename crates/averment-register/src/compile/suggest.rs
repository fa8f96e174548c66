//! "Did you mean": the nearest known word by edit distance.

/// The hint for an unknown `word`: the nearest of `known`, or all of them when they are few.
pub(super) fn hint<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.collect();
    if let Some(near) = nearest(word, known.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let all: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
    (!all.is_empty() && all.len() <= 16).then(|| format!("expected one of {}", all.join(", ")))
}

/// The nearest of `known`, when it is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().take(100).collect();
    let limit = (word.len() / 3).max(1);
    let ranked = known.filter_map(|known| rank(&word, known, limit).map(|rank| (rank, known)));
    ranked.min().map(|(_, known)| known)
}

/// Smaller is nearer. A word that ends a dotted identifier (`email` in `contact.email`) is as near as one mistake.
fn rank(word: &[char], known: &str, limit: usize) -> Option<usize> {
    let text: String = word.iter().collect();
    let ends = known.rsplit_once('.').is_some_and(|(_, last)| last == text);
    if ends {
        return Some(1);
    }
    let letters: Vec<char> = known.chars().collect();
    Some(distance(word, &letters)).filter(|distance| *distance <= limit)
}

/// Edits between two words: insert, delete, replace, swap of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}
