//! `averment env`: the variables that lead a program to the gate, for the shell that reads them.

use serde_json::{Map, Value};

use crate::behind;
use crate::cli::{EnvArgs, Shell};
use crate::outcome::{Failure, Outcome};

pub(crate) fn run(arguments: &EnvArgs) -> Result<Outcome, Failure> {
    let variables = behind::variables(&arguments.behind)?;
    if arguments.shell == Shell::Json {
        let object: Map<String, Value> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
            .collect();
        anstream::println!("{:#}", Value::Object(object));
        return Ok(Outcome::Holds);
    }
    for (name, value) in &variables {
        anstream::println!("{}", line(arguments.shell, name, value)?);
    }
    Ok(Outcome::Holds)
}

fn line(shell: Shell, name: &str, value: &str) -> Result<String, Failure> {
    Ok(match shell {
        Shell::Fish => format!("set -gx {name} '{}'", value.replace('\\', "\\\\").replace('\'', "\\'")),
        Shell::Powershell => format!("$env:{name} = '{}'", value.replace('\'', "''")),
        Shell::Docker if value.contains('\n') => {
            return Err(Failure::new(format!(
                "`{name}` has a line break, and such a file has one line a variable"
            )));
        }
        Shell::Docker => format!("{name}={value}"),
        Shell::Sh | Shell::Json => format!("export {name}='{}'", value.replace('\'', "'\\''")),
    })
}
