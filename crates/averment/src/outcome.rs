//! How a command ends: what it says on standard error, and with which code.

use std::error::Error;
use std::process::ExitCode;

use averment_scan::report::visible;

use crate::text::wrap;

/// Exit codes: a command says what it found, a shell acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Everything asked about holds.
    Holds,
    /// Something found is contrary to what was declared.
    Contrary,
    /// Could not measure, or bad input.
    CouldNotMeasure,
    /// Whatever the program said that was run.
    OfProgram(u8),
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Holds => 0,
            Outcome::Contrary => 1,
            Outcome::CouldNotMeasure => 2,
            Outcome::OfProgram(code) => code,
        })
    }
}

/// Exit code of an internal fault.
pub(crate) const INTERNAL_FAULT: u8 = 3;

/// Why a command could not do its work, with a hint on what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
            hint: None,
        }
    }

    pub(crate) fn because(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The message and its causes, without the hint.
    pub(crate) fn in_one_line(&self) -> String {
        let mut out = visible(&self.message);
        let mut cause: Option<&(dyn Error + 'static)> = self.source.as_deref().map(|e| e as _);
        while let Some(error) = cause {
            out = format!("{out}: {}", visible(&error.to_string()));
            cause = error.source();
        }
        out
    }

    /// The message, its causes and the hint, one a line.
    pub(crate) fn render(&self) -> String {
        let mut out = paragraph("error: ", &self.message);
        let mut cause: Option<&(dyn Error + 'static)> = self.source.as_deref().map(|e| e as _);
        while let Some(error) = cause {
            out.push_str(&paragraph("  because: ", &error.to_string()));
            cause = error.source();
        }
        if let Some(hint) = &self.hint {
            out.push_str(&paragraph("hint: ", hint));
        }
        out
    }
}

/// `text` behind `label`, each of its lines broken at 80 columns.
fn paragraph(label: &str, text: &str) -> String {
    let indent = " ".repeat(label.len());
    let mut lines = text.lines().map(|line| {
        let deeper = " ".repeat(line.len() - line.trim_start().len());
        // What was read may stand in a message: no terminal obeys it.
        format!("{deeper}{}", wrap(&visible(line), 80, &format!("{indent}{deeper}")))
    });
    let first = lines.next().unwrap_or_default();
    lines.fold(format!("{label}{first}\n"), |out, line| {
        format!("{out}{indent}{line}\n")
    })
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let message = error.to_string();
        let source = error
            .source()
            .map(|cause| Box::<dyn Error + Send + Sync>::from(cause.to_string()));
        Self {
            message,
            source,
            hint: None,
        }
    }
}
