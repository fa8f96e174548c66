//! Case files: sections in, sections out.

use std::path::{Path, PathBuf};

/// One case file.
pub(crate) struct Case {
    path: PathBuf,
    /// Comment lines before the first section.
    pub(crate) head: String,
    /// Sections by name, in order.
    pub(crate) sections: Vec<(String, String)>,
}

impl Case {
    pub(crate) fn read(path: PathBuf) -> Self {
        let text = std::fs::read_to_string(&path).unwrap();
        let (mut head, mut sections) = (String::new(), Vec::<(String, String)>::new());
        for line in text.lines() {
            let name = line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
            match (name, sections.last_mut()) {
                (Some(name), _) => sections.push((name.to_owned(), String::new())),
                (None, Some((_, body))) => *body += &format!("{line}\n"),
                (None, None) => head += &format!("{line}\n"),
            }
        }
        Self { path, head, sections }
    }

    /// Name of the file.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().unwrap().to_string_lossy().into_owned()
    }

    /// Compares the sections from `first` on with `found`, or rewrites them.
    pub(crate) fn judge(&self, first: usize, found: &[(String, String)]) -> Result<(), String> {
        if std::env::var_os("REWRITE_CASES").is_some() {
            let mut text = self.head.clone();
            for (name, body) in self.sections[..first].iter().chain(found) {
                text += &format!("-- {name} --\n{body}");
                if !body.is_empty() && !body.ends_with('\n') {
                    text.push('\n');
                }
            }
            std::fs::write(&self.path, text).unwrap();
            return Ok(());
        }
        let expected = &self.sections[first..];
        let trim = |rows: &[(String, String)]| -> Vec<(String, String)> {
            rows.iter()
                .map(|(name, body)| (name.clone(), body.trim_end().to_owned()))
                .collect()
        };
        let (expected, found) = (trim(expected), trim(found));
        if expected == found {
            return Ok(());
        }
        let show = |rows: &[(String, String)]| -> String {
            rows.iter()
                .map(|(name, body)| format!("-- {name} --\n{body}\n"))
                .collect()
        };
        Err(format!(
            "{}\nexpected:\n{}found:\n{}",
            self.path.display(),
            show(&expected),
            show(&found)
        ))
    }
}

/// Runs `judge` on every case of a folder and fails with all that differ.
pub(crate) fn each(folder: &str, judge: impl Fn(&Case) -> Result<(), String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(folder);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let wrong: Vec<String> = paths
        .into_iter()
        .filter_map(|path| judge(&Case::read(path)).err())
        .collect();
    assert!(wrong.is_empty(), "{} cases differ\n\n{}", wrong.len(), wrong.join("\n"));
}
