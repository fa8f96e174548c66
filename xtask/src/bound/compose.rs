//! A bound register: the example as it is, the data map of the platform, and what the binding says of the platform.
//!
//! A binding (`examples/bound/<example>/binding.toml`) names parties, planes and addresses, never sentences. Start at `Bound::compose`.

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table};

use crate::run::{Step, root};

/// What is bound, and where it is put.
pub(super) struct Bound {
    /// Name of the example.
    pub(super) example: &'static str,
    /// Its folder in the target folder.
    pub(super) folder: PathBuf,
}

impl Bound {
    pub(super) fn register(&self) -> PathBuf {
        self.folder.join("register")
    }

    /// The binding of the example.
    pub(super) fn binding(&self) -> Result<DocumentMut, String> {
        read(&overlay().join(self.example).join("binding.toml"))
    }

    /// Writes the register anew. `platform`: what `schoolhouse register` wrote; `address`: where the platform is.
    pub(super) fn compose(&self, platform: &Path, address: &str) -> Step {
        let register = self.register();
        if register.exists() {
            std::fs::remove_dir_all(&register).map_err(|error| told(&register, &error))?;
        }
        let own = platform.join("register");
        match self.example {
            "schoolhouse" => copy(&own, &register)?,
            example => copy(&root().join("examples").join(example), &register)?,
        }
        copy(&own.join("data"), &register.join("data"))?;
        let binding = self.binding()?;
        for id in names(&binding, "also") {
            let file = format!("recipients/{id}.toml");
            copy_file(&platform.join("register").join(&file), &register.join(&file))?;
        }
        patch(
            &register.join("organisation.toml"),
            table(&binding, "organisation"),
            address,
        )?;
        for (id, recipient) in tables(&binding, "recipients") {
            patch(
                &register.join(format!("recipients/{id}.toml")),
                Some(recipient),
                address,
            )?;
        }
        for (id, claim) in tables(&binding, "claims") {
            claims(&register, id, claim, address)?;
        }
        Ok(())
    }
}

/// Where bindings are.
pub(super) fn overlay() -> PathBuf {
    root().join("examples/bound")
}

fn told(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("`{}`: {error}", path.display())
}

pub(super) fn read(path: &Path) -> Result<DocumentMut, String> {
    let text = std::fs::read_to_string(path).map_err(|error| told(path, &error))?;
    text.parse().map_err(|error| told(path, &error))
}

/// A list of names at the top of a binding.
pub(super) fn names<'a>(binding: &'a DocumentMut, list: &str) -> Vec<&'a str> {
    let array = binding.get(list).and_then(Item::as_array);
    array.into_iter().flatten().filter_map(|name| name.as_str()).collect()
}

fn table<'a>(binding: &'a DocumentMut, name: &str) -> Option<&'a Table> {
    binding.get(name).and_then(Item::as_table)
}

/// The tables of a table, by name.
fn tables<'a>(binding: &'a DocumentMut, name: &str) -> impl Iterator<Item = (&'a str, &'a Table)> {
    let all = table(binding, name).into_iter().flatten();
    all.filter_map(|(id, item)| Some((id, item.as_table()?)))
}

/// Puts what the binding says over what a file says.
fn patch(file: &Path, over: Option<&Table>, address: &str) -> Step {
    let Some(over) = over else { return Ok(()) };
    let mut document = read(file)?;
    merge(document.as_table_mut(), over, address);
    std::fs::write(file, document.to_string()).map_err(|error| told(file, &error))
}

fn merge(table: &mut Table, over: &Table, address: &str) {
    for (key, item) in over {
        match (table.get_mut(key).and_then(Item::as_table_mut), item.as_table()) {
            (Some(inner), Some(over)) => merge(inner, over, address),
            _ => _ = table.insert(key, addressed(item, address)),
        }
    }
}

/// `{platform}` stands for the address of the platform.
fn addressed(item: &Item, address: &str) -> Item {
    match item.as_str() {
        Some(text) => toml_edit::value(text.replace("{platform}", address)),
        None => item.clone(),
    }
}

/// Puts what the binding says over one claim of the list.
fn claims(register: &Path, id: &str, over: &Table, address: &str) -> Step {
    let folder = register.join("claims");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(|error| told(&folder, &error))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    for file in files {
        let mut document = read(&file)?;
        if merged(&mut document, id, over, address) {
            return std::fs::write(&file, document.to_string()).map_err(|error| told(&file, &error));
        }
    }
    Err(format!(
        "the register has no claim `{id}` that a binding could say something of"
    ))
}

/// Whether the file has the claim. One without an `id` is named after its kind.
fn merged(document: &mut DocumentMut, id: &str, over: &Table, address: &str) -> bool {
    let all = document.get_mut("claims").and_then(Item::as_array_of_tables_mut);
    for claim in all.into_iter().flat_map(|all| all.iter_mut()) {
        let own = claim.get("id").or_else(|| claim.get("kind")).and_then(Item::as_str);
        if own.is_some_and(|own| own.replace('_', "-") == id) {
            merge(claim, over, address);
            return true;
        }
    }
    false
}

/// Copies a folder with everything in it.
pub(super) fn copy(from: &Path, to: &Path) -> Step {
    std::fs::create_dir_all(to).map_err(|error| told(to, &error))?;
    for entry in std::fs::read_dir(from).map_err(|error| told(from, &error))? {
        let entry = entry.map_err(|error| told(from, &error))?;
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target)?,
            false => copy_file(&entry.path(), &target)?,
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Step {
    std::fs::copy(from, to).map(|_| ()).map_err(|error| told(from, &error))
}
