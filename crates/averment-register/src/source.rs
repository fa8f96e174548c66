//! The files of a register: read from a folder or held in memory (the bundled example, an import, a test).

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Position, Severity};

/// Why a register could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The folder or a file in it.
    #[error("cannot read `{path}`")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No register there.
    #[error("`{path}` is not a register: expected a folder with `organisation.toml` in it")]
    NotARegister {
        /// Which.
        path: PathBuf,
    },
    /// Something is there already.
    #[error("`{path}` is not empty: expected a folder that does not exist yet or holds nothing")]
    NotEmpty {
        /// Which.
        path: PathBuf,
    },
    /// A file is there already.
    #[error("`{path}` is there already: nothing was written")]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// A file whose text nobody has seen, so that nobody can say what replacing it would lose.
    #[error("`{path}` could not be read and is not replaced: nothing was written")]
    NotRead {
        /// Which.
        path: PathBuf,
    },
    /// A file name that leads out of the register.
    #[error("`{name}` is not the name of a register file")]
    FileName {
        /// Which.
        name: String,
    },
    /// The folder or a file in it.
    #[error("cannot write `{path}`")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The files of a register by path relative to it, `/` between folders.
///
/// What a folder holds besides is kept too, so that compiling tells it with everything else: files that could not be read,
/// and names that are no part of a register.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    files: BTreeMap<String, String>,
    /// Why, by name.
    unread: BTreeMap<String, Diagnostic>,
    strays: BTreeSet<String>,
}

impl Source {
    /// Reads `organisation.toml`, `recipients/*.toml`, `claims/*.toml`, `controllers/*.toml`, `data/*.toml` and `import.lock` below `folder`,
    /// and any other `*.toml` file beside `organisation.toml`, so that compiling can say that it is no part of a register.
    ///
    /// A file that cannot be read, or that is not UTF-8, does not end the reading: compiling reports it with the rest.
    ///
    /// # Errors
    /// [`SourceError::NotARegister`] without `organisation.toml`; [`SourceError::Read`] for a folder that cannot be read.
    pub fn read(folder: &Path) -> Result<Self, SourceError> {
        let mut source = Self::default();
        if std::fs::symlink_metadata(folder.join("organisation.toml")).is_err() {
            return Err(SourceError::NotARegister {
                path: folder.to_owned(),
            });
        }
        source.read_folder(folder, "")?;
        for part in ["recipients", "claims", "controllers", "data"] {
            let path = folder.join(part);
            if path.is_dir() {
                source.read_folder(&path, part)?;
            } else if std::fs::symlink_metadata(&path).is_ok() {
                source.not_read(part, "it is not a folder".to_owned(), None);
            }
        }
        Ok(source)
    }

    fn read_folder(&mut self, path: &Path, part: &str) -> Result<(), SourceError> {
        let failed = |source| SourceError::Read {
            path: path.to_owned(),
            source,
        };
        for entry in std::fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let plain = entry.file_name().to_string_lossy().into_owned();
            let name = match part {
                "" => plain.clone(),
                part => format!("{part}/{plain}"),
            };
            let ending = plain.to_lowercase().ends_with(".toml");
            match (plain.starts_with('.'), plain.ends_with(".toml")) {
                (true, _) => {}
                _ if name == crate::import::LOCK => self.read_file(&entry.path(), &name),
                (_, true) => self.read_file(&entry.path(), &name),
                // Beside `organisation.toml` other things may lie, a read-me for instance; in the folders they may not.
                _ if ending || !part.is_empty() => _ = self.strays.insert(name),
                _ => {}
            }
        }
        Ok(())
    }

    fn read_file(&mut self, path: &Path, name: &str) {
        // Asked first: a pipe of that name would never end.
        match std::fs::metadata(path) {
            Err(error) => return self.not_read(name, error.to_string(), None),
            Ok(found) if !found.is_file() => return self.not_read(name, "it is not a file".to_owned(), None),
            Ok(_) => {}
        }
        match std::fs::read(path).map(String::from_utf8) {
            Ok(Ok(text)) => _ = self.files.insert(name.to_owned(), text),
            Ok(Err(error)) => {
                let at = Position::of(&String::from_utf8_lossy(error.as_bytes()), {
                    let at = error.utf8_error().valid_up_to();
                    at..at + 1
                });
                self.not_read(name, "it is not UTF-8".to_owned(), Some(at));
            }
            Err(error) => self.not_read(name, error.to_string(), None),
        }
    }

    fn not_read(&mut self, name: &str, why: String, at: Option<Position>) {
        let hint = match &at {
            Some(_) => "save the file as UTF-8 text",
            None => "put a readable file there, or remove the name",
        };
        let finding = Diagnostic {
            code: "unreadable-file",
            severity: Severity::Error,
            message: format!("cannot read `{name}`: {why}"),
            file: name.to_owned(),
            at,
            hint: Some(hint.to_owned()),
            cite: None,
            context: crate::diagnostic::Context::default(),
        };
        self.unread.insert(name.to_owned(), finding);
    }

    /// Why files could not be read.
    pub(crate) fn unread(&self) -> impl Iterator<Item = &Diagnostic> {
        self.unread.values()
    }

    /// Names in the folders that are no part of a register.
    pub(crate) fn strays(&self) -> impl Iterator<Item = &str> {
        self.strays.iter().map(String::as_str)
    }

    /// Names of all files, read or not.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().chain(self.unread.keys()).map(String::as_str)
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.files.insert(name.into(), text.into());
    }

    /// A file's text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// All files, by name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

/// Writes the files of a register into `folder`, which must not exist yet or hold nothing.
///
/// All or nothing: the files are written and synced in a new folder beside `folder`, which then takes its place; a failure
/// leaves `folder` as it was.
///
/// # Errors
/// [`SourceError::NotEmpty`] when something is there; [`SourceError::FileName`] for a name such as `../x`;
/// [`SourceError::Write`] with the path otherwise.
pub fn write(source: &Source, folder: &Path) -> Result<(), SourceError> {
    if let Some((name, _)) = source.files().find(|(name, _)| !is_inside(name)) {
        return Err(SourceError::FileName { name: name.to_owned() });
    }
    if !is_free(folder)? {
        return Err(SourceError::NotEmpty {
            path: folder.to_owned(),
        });
    }
    let draft = draft_folder(folder)?;
    let written = write_files(source, &draft).and_then(|()| put_in_place(&draft, folder));
    if written.is_err() {
        // The draft is ours and nobody reads it: if it cannot be removed the first error is still the one to tell.
        _ = std::fs::remove_dir_all(&draft);
    }
    written
}

/// Writes the files of a register into the folder from which it was read: those that differ, each as a whole.
///
/// Files that `source` does not name stay, and so do links and permissions. A failure leaves every file either as it was or
/// as it shall be.
///
/// # Errors
/// [`SourceError::FileName`] for a name such as `../x`; [`SourceError::NotRead`] for a file whose text nobody has seen, and
/// nothing is written then; [`SourceError::Write`] with the path otherwise.
pub fn rewrite(source: &Source, folder: &Path) -> Result<(), SourceError> {
    if let Some((name, _)) = source.files().find(|(name, _)| !is_inside(name)) {
        return Err(SourceError::FileName { name: name.to_owned() });
    }
    let mut changed = Vec::new();
    for (name, text) in source.files() {
        let path = folder.join(name);
        let there = std::fs::symlink_metadata(&path).is_ok();
        let before = std::fs::read_to_string(&path);
        if there && (source.unread.contains_key(name) || before.is_err()) {
            return Err(SourceError::NotRead { path });
        }
        if before.is_ok_and(|before| before == text) {
            continue;
        }
        changed.push((path, text, there));
    }
    for (path, text, there) in changed {
        let written = if there {
            replace(&path, text)
        } else {
            create(&path, text)
        };
        written.map_err(|source| SourceError::Write { path, source })?;
    }
    Ok(())
}

/// Puts a text in the place of an existing file at once, with the permissions of the one before. A link is followed.
///
/// The text is written and synced beside its place and then takes it; a failure leaves the file as it was.
pub(crate) fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let path = path.canonicalize()?;
    let permissions = std::fs::metadata(&path)?.permissions();
    put(&path, text, Some(permissions))
}

fn create(path: &Path, text: &str) -> std::io::Result<()> {
    put(path, text, None)
}

fn put(path: &Path, text: &str, permissions: Option<std::fs::Permissions>) -> std::io::Result<()> {
    let draft = draft_beside(path);
    let written = write_file(&draft, text, permissions).and_then(|()| std::fs::rename(&draft, path));
    if written.is_err() {
        // The draft is ours: if it cannot be removed the first error is still the one to tell.
        _ = std::fs::remove_file(&draft);
    }
    written
}

/// A hidden name beside `path`, which reading a register passes over.
fn draft_beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.draft-{}", std::process::id()))
}

/// Whether `name` is made of plain parts, so that it stays below the folder.
fn is_inside(name: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0', ':']);
    name.split('/').all(plain)
}

fn is_free(folder: &Path) -> Result<bool, SourceError> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => Ok(false),
        Err(source) => Err(SourceError::Read {
            path: folder.to_owned(),
            source,
        }),
    }
}

/// A new, hidden folder beside `folder`: a rename does not cross file systems.
fn draft_folder(folder: &Path) -> Result<PathBuf, SourceError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| SourceError::Write { path, source }
    };
    let parent = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(failed(parent))?;
    let name = folder
        .file_name()
        .map_or_else(|| "register".into(), |name| name.to_string_lossy().into_owned());
    let draft = parent.join(format!(".{name}.draft-{}", std::process::id()));
    std::fs::create_dir(&draft).map_err(failed(&draft))?;
    Ok(draft)
}

fn write_files(source: &Source, folder: &Path) -> Result<(), SourceError> {
    for (name, text) in source.files() {
        let path = folder.join(name);
        write_file(&path, text, None).map_err(|source| SourceError::Write { path, source })?;
    }
    Ok(())
}

fn write_file(path: &Path, text: &str, permissions: Option<std::fs::Permissions>) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}

fn put_in_place(draft: &Path, folder: &Path) -> Result<(), SourceError> {
    let failed = |source| SourceError::Write {
        path: folder.to_owned(),
        source,
    };
    match std::fs::remove_dir(folder) {
        // Only an empty folder is removed; one that was filled meanwhile makes the rename fail.
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    std::fs::rename(draft, folder).map_err(failed)
}
