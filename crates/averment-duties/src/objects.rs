//! Objects that are not ours behind one trait: files in folders, and stores that speak S3.
//!
//! Names have `/` between their parts and begin at the top of the folder or bucket.

mod files;
pub mod s3;

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

    /// What stands at `place` in a name; none where the name does not fit. A place holds no `/`, and holds as little as can be.
    pub fn at<'a>(&self, place: &str, name: &'a str) -> Option<&'a str> {
        let mut rest = name.strip_prefix(self.texts[0].as_str())?;
        let mut found = None;
        for (index, known) in self.places.iter().enumerate() {
            let text = self.texts[index + 1].as_str();
            let part = rest.split('/').next().unwrap_or_default();
            let end = if text.is_empty() {
                part.len()
            } else {
                rest.find(text).filter(|end| *end <= part.len())?
            };
            if known == place {
                found = Some(&rest[..end]);
            }
            rest = &rest[end + text.len()..];
        }
        found
    }
}

#[cfg(test)]
mod tests;
