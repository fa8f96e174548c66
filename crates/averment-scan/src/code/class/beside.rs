//! What lies beside a file: a helper of tests is one because tests are around it.
//!
//! Start at [`Beside`]. A folder of tests holds something that shows itself to be a test, nothing that a program is built around, and no
//! file that a test there is named after: such a test stands beside the code that it tests.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::names::is_code;
use crate::code::plain;

/// What is known of the folders around a file.
pub(in crate::code) trait Beside {
    /// Whether the folder (from the root, with `/`) holds a file called `name`.
    fn holds(&self, folder: &str, name: &str) -> bool;

    /// Whether the folder is one of tests, by the files straight in it.
    fn is_tests(&self, folder: &str) -> bool;

    /// Whether a file straight in the folder makes data up.
    fn makes_up(&self, folder: &str) -> bool;
}

/// Nothing is known.
pub(super) struct Nothing;

impl Beside for Nothing {
    fn holds(&self, _: &str, _: &str) -> bool {
        false
    }

    fn is_tests(&self, _: &str) -> bool {
        false
    }

    fn makes_up(&self, _: &str) -> bool {
        false
    }
}

/// The folders below a root, each looked at once.
pub(in crate::code) struct Disk {
    root: PathBuf,
    known: Mutex<HashMap<String, Folder>>,
}

/// What one folder showed.
#[derive(Clone, Default)]
struct Folder {
    names: std::sync::Arc<Vec<String>>,
    is_tests: Option<bool>,
    makes_up: Option<bool>,
}

/// Most names that are read of a folder.
const NAMES_MAX: usize = 4096;

/// Most files of a folder that are asked for signs, and how many bytes of each.
const ASKED_MAX: usize = 32;
const TEXT_MAX: u64 = 16 << 10;

impl Disk {
    pub(in crate::code) fn new(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            known: Mutex::default(),
        }
    }

    fn folder(&self, folder: &str) -> Folder {
        if let Some(known) = self.known.lock().ok().and_then(|known| known.get(folder).cloned()) {
            return known;
        }
        let files = std::fs::read_dir(self.root.join(folder))
            .into_iter()
            .flatten()
            .flatten();
        let files = files.take(NAMES_MAX).map(|one| one.file_name());
        let mut names: Vec<String> = files.filter_map(|name| name.into_string().ok()).collect();
        names.sort();
        let read = Folder {
            names: names.into(),
            is_tests: None,
            makes_up: None,
        };
        self.keep(folder, &read);
        read
    }

    fn keep(&self, folder: &str, read: &Folder) {
        if let Ok(mut known) = self.known.lock() {
            known.insert(folder.to_owned(), read.clone());
        }
    }

    fn look(&self, folder: &str, names: &[String]) -> bool {
        if names.iter().any(|name| PROGRAM.contains(&name.as_str())) {
            return false;
        }
        let code = names.iter().filter(|name| is_code(&name.to_ascii_lowercase()));
        let mut tests = code
            .take(ASKED_MAX)
            .filter(|name| self.shows_test(folder, name))
            .peekable();
        tests.peek().is_some() && !tests.any(|test| names.iter().any(|other| is_named_after(test, other)))
    }

    fn shows_test(&self, folder: &str, name: &str) -> bool {
        let text = plain::begin(&self.root.join(folder).join(name), TEXT_MAX);
        text.is_ok_and(|text| super::is_test(name, &text))
    }
}

impl Beside for Disk {
    fn holds(&self, folder: &str, name: &str) -> bool {
        self.folder(folder)
            .names
            .binary_search_by(|one| one.as_str().cmp(name))
            .is_ok()
    }

    fn is_tests(&self, folder: &str) -> bool {
        let known = self.folder(folder);
        let is_tests = known.is_tests.unwrap_or_else(|| self.look(folder, &known.names));
        let is_tests = Some(is_tests);
        self.keep(folder, &Folder { is_tests, ..known });
        is_tests == Some(true)
    }

    fn makes_up(&self, folder: &str) -> bool {
        let known = self.folder(folder);
        let makes_up = known.makes_up.unwrap_or_else(|| {
            let code = known.names.iter().filter(|name| is_code(&name.to_ascii_lowercase()));
            let mut begins = code
                .take(ASKED_MAX)
                .filter_map(|name| plain::begin(&self.root.join(folder).join(name), TEXT_MAX).ok());
            begins.any(|text| super::signs::of_made_up(&text))
        });
        let found = Some(makes_up);
        self.keep(
            folder,
            &Folder {
                makes_up: found,
                ..known
            },
        );
        makes_up
    }
}

/// What a program is built around: a folder that holds it is the program's, tests or not.
const PROGRAM: [&str; 9] = [
    "apps.py",
    "admin.py",
    "views.py",
    "migrations",
    "package.json",
    "go.mod",
    "routes.js",
    "routes.ts",
    "main.go",
];

/// `Player.test.tsx` is named after `Player.tsx`, `test_grade.py` after `grade.py`, `desk_test.go` after `desk.go`.
fn is_named_after(test: &str, other: &str) -> bool {
    let plain = |name: &str| {
        let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
        let stem = stem.strip_prefix("test_").unwrap_or(&stem);
        let ends = ["_test", "-test", "_spec", "-spec", "test"];
        let end = ends.iter().find_map(|end| stem.strip_suffix(end));
        end.unwrap_or(stem).to_owned()
    };
    let code = is_code(&other.to_ascii_lowercase());
    code && test != other && !plain(test).is_empty() && plain(test) == plain(other)
}
