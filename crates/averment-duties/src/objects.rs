//! Objects that are not ours behind one trait: files in folders, and stores that speak S3.
//!
//! Names have `/` between their parts and begin at the top of the folder or bucket.

mod files;
pub mod s3;

use std::collections::BTreeSet;

use averment_register::StoreTable;

pub use files::Files;

/// Why objects cannot be reached. Names of objects may hold a person's number and are never repeated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// The folder or the store.
    #[error("cannot use `{place}`")]
    Store {
        /// The folder or bucket.
        place: String,
        /// Why.
        source: std::io::Error,
    },
    /// A name that leads out of the folder.
    #[error("the name of an object leads out of `{0}`")]
    Outside(String),
}

/// A folder or a bucket.
pub trait Objects: Send {
    /// Names that begin with `prefix`, in order.
    ///
    /// # Errors
    /// [`ObjectError`].
    fn list(&mut self, prefix: &str) -> Result<Vec<String>, ObjectError>;

    /// What an object holds; none where there is no such object.
    ///
    /// # Errors
    /// [`ObjectError`].
    fn get(&mut self, name: &str) -> Result<Option<Vec<u8>>, ObjectError>;

    /// Removes an object, with every version that is kept of it; whether it was there.
    ///
    /// # Errors
    /// [`ObjectError`].
    fn delete(&mut self, name: &str) -> Result<bool, ObjectError>;
}

/// What the names of objects begin with, with places for what differs: `uploads/{account}/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Texts and the names of places between them, in turn: a text first and a text last.
    texts: Vec<String>,
    places: Vec<String>,
}

impl Pattern {
    /// The pattern of a row of the data map.
    pub fn of(map: &StoreTable) -> Self {
        let (mut texts, mut places) = (vec![String::new()], Vec::new());
        let mut rest = map.name();
        while let Some((before, inside)) = rest.split_once('{') {
            let Some((place, after)) = inside.split_once('}') else {
                break;
            };
            texts.last_mut().expect("there is always one").push_str(before);
            texts.push(String::new());
            places.push(place.to_owned());
            rest = after;
        }
        texts.last_mut().expect("there is always one").push_str(rest);
        Self { texts, places }
    }

    /// What all names begin with.
    pub fn beginning(&self) -> &str {
        &self.texts[0]
    }

    /// The same once `value` stands at `place`, as far as it then is the same for all; a part of a name ends after it.
    pub fn beginning_with(&self, place: &str, value: &str) -> String {
        match self.places.first() {
            Some(first) if first == place => format!("{}{value}{}", self.texts[0], self.texts[1]),
            _ => self.texts[0].clone(),
        }
    }

    /// Whether it has the place.
    pub fn has(&self, place: &str) -> bool {
        self.places.iter().any(|known| known == place)
    }

    /// What stands at `place` in a name; none where the name does not fit. A place holds no `/`, and holds as little as can be:
    /// where numbers hold what stands after the place, ask [`Pattern::readings`].
    pub fn at<'a>(&self, place: &str, name: &'a str) -> Option<&'a str> {
        let mut start = self.texts[0].len();
        name.starts_with(self.texts[0].as_str()).then_some(())?;
        let mut found = None;
        for (index, known) in self.places.iter().enumerate() {
            let end = *self.ends(index, name, start).first()?;
            if known == place {
                found = Some(&name[start..end]);
            }
            start = end + self.texts[index + 1].len();
        }
        found
    }

    /// Everything that may stand at `place` in a name: of `up/7-12-x.png` both `7` and `7-12` fit `up/{user}-`, of
    /// `avatars/7.png` both `7` and `7.png` fit `avatars/{user}`.
    pub fn readings<'a>(&self, place: &str, name: &'a str) -> BTreeSet<&'a str> {
        if !name.starts_with(self.texts[0].as_str()) {
            return BTreeSet::new();
        }
        // Places of the name at which each place of the pattern may begin.
        let mut starts = vec![BTreeSet::from([self.texts[0].len()])];
        for index in 0..self.places.len() {
            let after = |start: &usize| self.after(index, name, *start);
            let next = starts[index].iter().flat_map(after).map(|(_, next)| next).collect();
            starts.push(next);
        }
        let mut found = BTreeSet::new();
        for index in (0..self.places.len()).rev() {
            let (before, fits) = starts.split_at_mut(index + 1);
            let mut kept = BTreeSet::new();
            for start in &before[index] {
                for (end, _) in (self.after(index, name, *start)).filter(|(_, next)| fits[0].contains(next)) {
                    kept.insert(*start);
                    if self.places[index] == place {
                        found.insert(&name[*start..end]);
                    }
                }
            }
            before[index] = kept;
        }
        found
    }

    /// Where a place may end, and where the next then begins.
    fn after(&self, index: usize, name: &str, start: usize) -> impl Iterator<Item = (usize, usize)> {
        let text = self.texts[index + 1].len();
        self.ends(index, name, start)
            .into_iter()
            .map(move |end| (end, end + text))
    }

    /// Where a place that begins at `start` may end, the likeliest first. Nothing of a longer number may follow it.
    fn ends(&self, index: usize, name: &str, start: usize) -> Vec<usize> {
        let (text, rest) = (self.texts[index + 1].as_str(), &name[start..]);
        let part = rest.split('/').next().unwrap_or_default();
        let is_last = index + 1 == self.places.len();
        let fits = |at: usize| match text {
            "" if is_last => !rest[at..].starts_with(|letter: char| letter.is_alphanumeric() || letter == '-'),
            _ => rest[at..].starts_with(text),
        };
        let all = part.char_indices().map(|(at, _)| at).chain([part.len()]).skip(1);
        let mut ends: Vec<usize> = all.filter(|at| fits(*at)).map(|at| start + at).collect();
        // The name of a folder, or an address, ends where its part ends; the name of a file before what says its kind.
        if text.is_empty() && is_last && (part.len() < rest.len() || part.contains('@')) {
            ends.reverse();
        }
        ends
    }
}

#[cfg(test)]
mod tests;
