//! Objects that are not ours behind one trait: files in folders, and stores that speak S3.
//!
//! Names have `/` between their parts and begin at the top of the folder or bucket.

mod files;
pub mod s3;

use std::collections::BTreeSet;
use std::io::Write;

use averment_catalog::ElementId;
use averment_register::StoreTable;
use jiff::Timestamp;

use crate::graph::Subject;

pub use files::Files;

/// Largest object that is read into memory: 64 MiB.
pub const IN_MEMORY_BYTES_MAX: u64 = 64 << 20;

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
    /// One of them, while the store itself answers.
    #[error("an object of `{place}` cannot be read")]
    Object {
        /// The folder or bucket.
        place: String,
        /// Why.
        source: std::io::Error,
    },
    /// A name that leads out of the folder.
    #[error("the name of an object leads out of `{0}`")]
    Outside(String),
    /// It is larger than what is read into memory.
    #[error("an object of `{0}` is larger than {IN_MEMORY_BYTES_MAX} bytes")]
    TooLarge(String),
}

/// An object of a list.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name, which may be a person's number.
    pub name: String,
    /// How large it is.
    pub bytes: u64,
    /// When it was last written; none where the store does not say.
    pub modified: Option<Timestamp>,
    /// Whether it is a link to something else, which is not followed.
    pub is_link: bool,
    /// Which of its versions this is, where the store keeps several and all were asked for.
    pub version: Option<String>,
    /// Whether this version says nothing but that the object was removed; older ones may still be there.
    pub is_removal: bool,
}

impl std::fmt::Debug for Listed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Listed(<{} bytes>, {:?})", self.bytes, self.modified)
    }
}

/// What became of copying an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// All of it, so many bytes.
    Whole(u64),
    /// It is larger than was wanted; what was copied is its beginning.
    TooLarge,
    /// There is no such object.
    Gone,
}

/// A folder or a bucket.
pub trait Objects: Send {
    /// Objects whose names begin with `prefix`, in the order of their names.
    ///
    /// # Errors
    /// [`ObjectError`].
    fn details(&mut self, prefix: &str) -> Result<Vec<Listed>, ObjectError>;

    /// The same with every version that is kept, also of objects that were removed, in the order of their names.
    ///
    /// # Errors
    /// [`ObjectError`], also where the store does not list them.
    fn versions(&mut self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        self.details(prefix)
    }

    /// Copies an object as it comes, up to `bytes_max` bytes.
    ///
    /// # Errors
    /// [`ObjectError::Object`] where it is only this one; [`ObjectError`], also where `out` cannot be written.
    fn copy(&mut self, name: &str, bytes_max: u64, out: &mut dyn Write) -> Result<Copied, ObjectError>;

    /// Names that begin with `prefix`, in order.
    ///
    /// # Errors
    /// [`ObjectError`].
    fn list(&mut self, prefix: &str) -> Result<Vec<String>, ObjectError> {
        Ok(self.details(prefix)?.into_iter().map(|listed| listed.name).collect())
    }

    /// What an object holds; none where there is no such object.
    ///
    /// # Errors
    /// [`ObjectError`]; [`ObjectError::TooLarge`] past [`IN_MEMORY_BYTES_MAX`].
    fn get(&mut self, name: &str) -> Result<Option<Vec<u8>>, ObjectError> {
        let mut bytes = Vec::new();
        match self.copy(name, IN_MEMORY_BYTES_MAX, &mut bytes)? {
            Copied::Whole(_) => Ok(Some(bytes)),
            Copied::Gone => Ok(None),
            Copied::TooLarge => Err(ObjectError::TooLarge(self.place())),
        }
    }

    /// When one version of an object was last written, as of now; none where it went. Time to the second is enough.
    ///
    /// # Errors
    /// [`ObjectError`].
    fn stat(&mut self, listed: &Listed) -> Result<Option<Timestamp>, ObjectError>;

    /// What one version of an object holds; none where it went.
    ///
    /// # Errors
    /// As [`Objects::get`].
    fn get_version(&mut self, listed: &Listed) -> Result<Option<Vec<u8>>, ObjectError> {
        self.get(&listed.name)
    }

    /// What it is called in errors.
    fn place(&self) -> String;

    /// Removes an object, with every version that is kept of it; whether it was there.
    ///
    /// # Errors
    /// [`ObjectError`].
    fn delete(&mut self, name: &str) -> Result<bool, ObjectError>;

    /// Removes one version of an object, and none but it; whether it was there.
    ///
    /// # Errors
    /// [`ObjectError`].
    fn delete_version(&mut self, listed: &Listed) -> Result<bool, ObjectError> {
        self.delete(&listed.name)
    }
}

/// What the part of a name that says whose an object is holds.
pub(crate) fn element_of(map: &StoreTable) -> Option<ElementId> {
    let key = map.key.as_ref()?;
    let said = map.column(key).and_then(|column| column.element.clone());
    Some(said.unwrap_or_else(Subject::number))
}

/// The objects of `subject` that a row of the data map is about, as they are now, in the order of their names.
pub(crate) fn objects_of(
    objects: &mut dyn Objects,
    map: &StoreTable,
    subject: &Subject,
) -> Result<Vec<Listed>, ObjectError> {
    among(map, subject, &mut |prefix| objects.details(prefix))
}

/// Names of the objects of `subject` of which any version is kept, be it that they were removed.
pub(crate) fn names_of(
    objects: &mut dyn Objects,
    map: &StoreTable,
    subject: &Subject,
) -> Result<Vec<String>, ObjectError> {
    let found = among(map, subject, &mut |prefix| objects.versions(prefix))?;
    Ok(found.into_iter().map(|one| one.name).collect())
}

/// One for each name of `subject` that `list` gives.
fn among(
    map: &StoreTable,
    subject: &Subject,
    list: &mut dyn FnMut(&str) -> Result<Vec<Listed>, ObjectError>,
) -> Result<Vec<Listed>, ObjectError> {
    let (Some(key), Some(element)) = (&map.key, element_of(map)) else {
        return Ok(Vec::new());
    };
    let pattern = Pattern::of(map);
    let mut found: Vec<Listed> = Vec::new();
    for value in subject
        .values(&element)
        .filter(|value| !value.is_empty() && !value.contains('/'))
    {
        let listed = list(&pattern.beginning_with(key, value))?;
        found.extend((listed.into_iter()).filter(|one| pattern.readings(key, &one.name).contains(value)));
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found.dedup_by(|one, other| one.name == other.name);
    Ok(found)
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

    /// Whether a name may be one of these.
    pub fn fits(&self, name: &str) -> bool {
        match self.places.first() {
            Some(place) => !self.readings(place, name).is_empty(),
            None => name.starts_with(self.texts[0].as_str()),
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
