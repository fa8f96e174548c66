//! A journey as a file: what is opened, clicked, filled in and waited for.

use std::fmt;

use serde::Deserialize;

/// Steps of one journey.
const STEPS_MAX: usize = 1_000;
/// A secret that is shorter cannot be told from other text, so it could not be kept out of a recording.
const SECRET_MIN_BYTES: usize = 4;

/// Why a file is no journey.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JourneyError {
    /// It is not TOML, or has fields that a step does not have.
    #[error("not a journey: {0}")]
    Toml(String),
    /// A step says nothing, or two things.
    #[error("step {0}: expected one of `goto`, `click`, `fill` and `wait`")]
    OneDeed(usize),
    /// It is not said what to fill in, or twice.
    #[error("step {0}: expected one of `value`, `env` and `file` beside `fill`, and nowhere else")]
    OneValue(usize),
    /// The environment does not have it.
    #[error("step {step}: `{name}` is not set in the environment")]
    Unset {
        /// Which.
        step: usize,
        /// Of the variable.
        name: String,
    },
    /// The file cannot be read.
    #[error("step {step}: cannot read `{path}`")]
    File {
        /// Which.
        step: usize,
        /// Of the file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It cannot be kept out of a recording.
    #[error(
        "step {0}: expected a secret of at least {SECRET_MIN_BYTES} bytes; a shorter one cannot be kept out of a recording"
    )]
    Short(usize),
    /// Too many steps.
    #[error("expected at most {STEPS_MAX} steps")]
    TooMany,
}

/// What is done on a site, in order.
#[derive(Debug, Default)]
pub struct Journey {
    pub(super) steps: Vec<Step>,
}

/// One step. Selectors are of CSS.
#[derive(Debug)]
pub(super) enum Step {
    /// Opens an address, or a path of the site.
    Goto(String),
    Click(String),
    Fill(String, Secret),
    /// Waits until something is there.
    WaitFor(String),
    /// Waits until nothing is loaded any more.
    WaitIdle,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Goto(address) => write!(f, "goto {}", address.split(['?', '#']).next().unwrap_or_default()),
            Self::Click(selector) => write!(f, "click {selector}"),
            Self::Fill(selector, _) => write!(f, "fill {selector}"),
            Self::WaitFor(selector) => write!(f, "wait {selector}"),
            Self::WaitIdle => f.write_str("wait idle"),
        }
    }
}

/// Text that is filled in; never printed.
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret(<{} bytes>)", self.0.len())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    step: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    goto: Option<String>,
    click: Option<String>,
    fill: Option<String>,
    wait: Option<String>,
    value: Option<String>,
    env: Option<String>,
    file: Option<String>,
}

impl Journey {
    /// Reads a journey. `environment` gives the value of a variable; files are read here, without the end of their last line.
    ///
    /// # Errors
    /// [`JourneyError`]. No value is in it.
    pub fn parse(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, JourneyError> {
        let file: File = toml::from_str(text).map_err(|error| JourneyError::Toml(place(text, &error)))?;
        if file.step.len() > STEPS_MAX {
            return Err(JourneyError::TooMany);
        }
        let numbered = file.step.into_iter().enumerate();
        let steps: Result<Vec<Step>, JourneyError> =
            numbered.map(|(at, step)| step.read(at + 1, environment)).collect();
        Ok(Self { steps: steps? })
    }

    /// Everything that is filled in.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            Step::Fill(_, secret) => Some(secret.expose()),
            _ => None,
        })
    }
}

/// The line, and what is wrong; never what stands in the line, which may be a value.
fn place(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1;
    let told = error.message();
    let told = if told.starts_with("unknown field") || told.starts_with("missing") {
        told
    } else {
        "expected `[[step]]` tables of texts"
    };
    format!("line {line}: {told}")
}

impl Written {
    fn read(self, number: usize, environment: &dyn Fn(&str) -> Option<String>) -> Result<Step, JourneyError> {
        let values = [&self.value, &self.env, &self.file].into_iter().flatten().count();
        let deeds = [&self.goto, &self.click, &self.fill, &self.wait]
            .into_iter()
            .flatten()
            .count();
        if deeds != 1 {
            return Err(JourneyError::OneDeed(number));
        }
        if values != usize::from(self.fill.is_some()) {
            return Err(JourneyError::OneValue(number));
        }
        Ok(match self {
            Self {
                goto: Some(address), ..
            } => Step::Goto(address),
            Self {
                click: Some(selector), ..
            } => Step::Click(selector),
            Self { wait: Some(word), .. } if word == "idle" => Step::WaitIdle,
            Self {
                wait: Some(selector), ..
            } => Step::WaitFor(selector),
            Self {
                fill: Some(selector),
                value,
                env,
                file,
                ..
            } => Step::Fill(selector, Secret(filled(number, (value, env, file), environment)?)),
            _ => return Err(JourneyError::OneDeed(number)),
        })
    }
}

type Sources = (Option<String>, Option<String>, Option<String>);

fn filled(step: usize, sources: Sources, environment: &dyn Fn(&str) -> Option<String>) -> Result<String, JourneyError> {
    let secret = match sources {
        (Some(value), ..) => return Ok(value),
        (_, Some(name), _) => environment(&name).ok_or(JourneyError::Unset { step, name })?,
        (_, _, Some(path)) => std::fs::read_to_string(&path)
            .map_err(|source| JourneyError::File { step, path, source })?
            .trim_end_matches(['\r', '\n'])
            .to_owned(),
        (None, None, None) => return Err(JourneyError::OneValue(step)),
    };
    if secret.len() < SECRET_MIN_BYTES {
        return Err(JourneyError::Short(step));
    }
    Ok(secret)
}
