//! Files and folders to a schema: which reader a path is for, by its name and by what it begins with.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::sample::{Sampler, Samples};
use super::{Schema, SchemaError, ddl, django, prisma, rails, read_sqlite};

/// Largest file that is read, bytes. Rows need not be in a dump: `pg_dump --schema-only`, `mysqldump --no-data`.
pub const SOURCE_BYTES_MAX: u64 = 2 << 30;

/// Folders deep below the one that was named.
const DEPTH_MAX: usize = 16;

/// Files of a folder that are looked at.
const FILES_MAX: usize = 200_000;

/// What files begin with that hold a dump which is not text, and what to do.
const PACKED: [(&[u8], &str); 6] = [
    (
        b"PGDMP",
        "it is a dump in PostgreSQL's own format: write it as text with `pg_restore --schema-only --file=dump.sql FILE`",
    ),
    (b"\x1f\x8b", "it is packed with gzip: unpack it first"),
    (b"PK\x03\x04", "it is a zip archive: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "it is packed with zstd: unpack it first"),
    (
        b"\xff\xfe",
        "it is written in UTF-16: expected UTF-8, as `iconv -f UTF-16 -t UTF-8 FILE` writes it",
    ),
    (
        b"\xfe\xff",
        "it is written in UTF-16: expected UTF-8, as `iconv -f UTF-16 -t UTF-8 FILE` writes it",
    ),
];

/// Folders that hold no models of one's own.
const PASSED_OVER: [&str; 10] = [
    "node_modules",
    "vendor",
    ".git",
    "venv",
    ".venv",
    "site-packages",
    "target",
    "dist",
    "test",
    "tests",
];

/// Reads a SQLite file, an SQL dump, `schema.rb`, migrations, Django models or a Prisma schema; of a folder everything of
/// these that is in it. Rows are looked at when a sampler is given, which only a SQLite file can serve.
///
/// # Errors
/// [`SchemaError::File`], and [`SchemaError::Unknown`] when nothing there describes tables.
pub fn read_path(path: &Path, sampler: Option<&Sampler<'_>>) -> Result<(Schema, Samples), SchemaError> {
    let unknown = || SchemaError::Unknown {
        path: path.display().to_string(),
    };
    if path.is_dir() {
        let schema = folder(path)?.ok_or_else(unknown)?;
        return Ok((schema, Samples::default()));
    }
    if begins(path, b"SQLite format 3\0")? {
        return read_sqlite(path, sampler);
    }
    for (mark, because) in PACKED {
        if begins(path, mark)? {
            return Err(SchemaError::File {
                path: path.display().to_string(),
                because: because.to_owned(),
            });
        }
    }
    let kind = Kind::of(path)
        .or_else(|| looks_like_sql(path).then_some(Kind::Sql))
        .ok_or_else(unknown)?;
    let name = path.display().to_string();
    let schema = match kind {
        Kind::Sql => ddl::read(&bytes(path)?, &name),
        Kind::Prisma => prisma::read(&text(path)?, &name),
        Kind::RailsSchema | Kind::Migration => rails::read(&[(name, text(path)?)]),
        Kind::Django => django::read(&[(name, text(path)?)]),
    };
    Ok((schema, Samples::default()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    RailsSchema,
    Sql,
    Prisma,
    Migration,
    Django,
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let parent = path
            .parent()
            .and_then(Path::file_name)
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        match name {
            "schema.rb" => Some(Self::RailsSchema),
            _ if name.ends_with("schema.rb") => Some(Self::RailsSchema),
            _ if name.ends_with(".sql") || name.ends_with(".ddl") => Some(Self::Sql),
            _ if name.ends_with(".prisma") => Some(Self::Prisma),
            _ if name.ends_with(".rb") && (digits >= 3 || parent == "migrate") => Some(Self::Migration),
            _ if name == "models.py" || parent == "models" && name.ends_with(".py") => Some(Self::Django),
            _ => None,
        }
    }
}

/// The best description that a folder holds: what was dumped before what was written, what was written before what led to it.
fn folder(root: &Path) -> Result<Option<Schema>, SchemaError> {
    let mut files = Vec::new();
    walk(root, 0, &mut files)?;
    files.sort();
    let of = |kind: Kind| -> Vec<&PathBuf> {
        files
            .iter()
            .filter(|(found, _)| *found == kind)
            .map(|(_, path)| path)
            .collect()
    };
    let name = |path: &Path| {
        path.strip_prefix(root)
            .unwrap_or(path)
            .to_string_lossy()
            .replace('\\', "/")
    };
    let named = |paths: Vec<&PathBuf>| -> Result<Vec<(String, String)>, SchemaError> {
        paths.into_iter().map(|path| Ok((name(path), text(path)?))).collect()
    };
    let joined = |paths: &[&PathBuf]| -> Result<Vec<u8>, SchemaError> {
        let mut all = Vec::new();
        for path in paths {
            all.extend_from_slice(&bytes(path)?);
            all.extend_from_slice(b"\n;\n");
        }
        Ok(all)
    };
    let rails = of(Kind::RailsSchema);
    if !rails.is_empty() {
        return Ok(Some(rails::read(&named(rails)?)));
    }
    let mut structures = of(Kind::Sql);
    structures.retain(|path| path.ends_with("structure.sql"));
    if let Some(first) = structures.first() {
        return Ok(Some(ddl::read(&joined(&structures)?, &name(first))));
    }
    let prisma = named(of(Kind::Prisma))?;
    if let Some((first, _)) = prisma.first() {
        // A schema may lie in several files, whose models name each other.
        let all: Vec<&str> = prisma.iter().map(|(_, text)| text.as_str()).collect();
        return Ok(Some(prisma::read(&all.join("\n"), first)));
    }
    let migrations = of(Kind::Migration);
    if !migrations.is_empty() {
        return Ok(Some(rails::read(&named(migrations)?)));
    }
    let models = of(Kind::Django);
    if !models.is_empty() {
        // The folder's own name is the application of a `models.py` right in it.
        let own = root
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let files = named(models)?.into_iter().map(|(name, text)| match name.contains('/') {
            true => (name, text),
            false => (format!("{own}/{name}"), text),
        });
        return Ok(Some(django::read(&files.collect::<Vec<_>>())));
    }
    let sql = of(Kind::Sql);
    let Some(first) = sql.first() else {
        return Ok(None);
    };
    // Several dumps are one after the other, so that lines are those of the first only.
    Ok(Some(ddl::read(&joined(&sql)?, &name(first))))
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<(Kind, PathBuf)>) -> Result<(), SchemaError> {
    let failed = |error: std::io::Error| SchemaError::File {
        path: folder.display().to_string(),
        because: error.to_string(),
    };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let path = entry.path();
        let name = entry.file_name();
        if kind.is_dir() && !PASSED_OVER.contains(&name.to_string_lossy().as_ref()) {
            if depth >= DEPTH_MAX {
                return Err(too_much(
                    &path,
                    &format!("folders lie deeper than {DEPTH_MAX} in each other"),
                ));
            }
            walk(&path, depth + 1, found)?;
        } else if kind.is_file() {
            found.extend(Kind::of(&path).map(|kind| (kind, path)));
            if found.len() > FILES_MAX {
                return Err(too_much(
                    folder,
                    &format!("more than {FILES_MAX} files describe a schema"),
                ));
            }
        }
    }
    Ok(())
}

fn too_much(path: &Path, because: &str) -> SchemaError {
    SchemaError::File {
        path: path.display().to_string(),
        because: format!("{because}; name the one to read"),
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, SchemaError> {
    let failed = |because: String| SchemaError::File {
        path: path.display().to_string(),
        because,
    };
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    if !file.metadata().is_ok_and(|found| found.is_file()) {
        return Err(failed("it is not a file".to_owned()));
    }
    let mut found = Vec::new();
    file.take(SOURCE_BYTES_MAX + 1)
        .read_to_end(&mut found)
        .map_err(|error| failed(error.to_string()))?;
    if found.len() as u64 > SOURCE_BYTES_MAX {
        return Err(failed(format!(
            "it has more than {SOURCE_BYTES_MAX} bytes: dump the schema without rows"
        )));
    }
    Ok(found)
}

fn text(path: &Path) -> Result<String, SchemaError> {
    Ok(String::from_utf8_lossy(&bytes(path)?).into_owned())
}

fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(64 << 10).read_to_end(&mut head)?;
    Ok(head)
}

fn begins(path: &Path, mark: &[u8]) -> Result<bool, SchemaError> {
    let failed = |error: std::io::Error| SchemaError::File {
        path: path.display().to_string(),
        because: error.to_string(),
    };
    Ok(head(path).map_err(failed)?.starts_with(mark))
}

fn looks_like_sql(path: &Path) -> bool {
    head(path).is_ok_and(|head| String::from_utf8_lossy(&head).to_lowercase().contains("create table"))
}
