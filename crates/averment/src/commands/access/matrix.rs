//! `averment access matrix`: elements by viewers.

use std::path::PathBuf;

use averment_access::matrix::Matrix;
use clap::{Args, ValueEnum};

use super::{declared, open};
use crate::outcome::{Failure, Outcome};

#[derive(Debug, Args)]
pub(crate) struct MatrixArgs {
    /// Folder of the register
    register: PathBuf,
    /// For the people of a school with a variant of its own
    #[arg(long, value_name = "ID")]
    school: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = MatrixFormat::Text)]
    format: MatrixFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MatrixFormat {
    /// 80 columns
    Text,
    /// The document `averment.access-matrix/1`
    Json,
    /// A page by itself, for schools and parents
    Html,
    /// Markdown
    Md,
}

pub(super) fn run(arguments: &MatrixArgs) -> Result<Outcome, Failure> {
    let (register, access) = open(&arguments.register)?;
    let school = arguments
        .school
        .as_deref()
        .map(|school| declared(&register, school))
        .transpose()?;
    let matrix = Matrix::of(&access, &register.charter, school.as_ref());
    match arguments.format {
        MatrixFormat::Text => anstream::print!("{}", matrix.text()),
        MatrixFormat::Json => anstream::println!("{}", serde_json::to_string_pretty(&matrix)?),
        MatrixFormat::Html => anstream::print!("{}", matrix.html()),
        MatrixFormat::Md => anstream::print!("{}", matrix.markdown()),
    }
    Ok(Outcome::Holds)
}
