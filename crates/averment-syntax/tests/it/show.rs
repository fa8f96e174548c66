//! Facts in a form that is read and compared: one line a fact, its line in the source first.

use averment_syntax::{Argument, Facts, Surroundings};

/// All facts of a source.
pub(crate) fn show(source: &str, facts: &Facts) -> String {
    let mut shown = String::new();
    let mut line = |at: usize, surroundings: Surroundings, what: String| {
        let number = 1 + source[..at].matches('\n').count();
        let mark = match surroundings {
            Surroundings::Live => "",
            Surroundings::Comment => " comment",
            Surroundings::Unreachable => " unreachable",
        };
        shown += &format!("{number}{mark} {what}\n");
    };
    for import in &facts.imports {
        let names: Vec<String> = import
            .names
            .iter()
            .map(|(name, meant)| format!("{name}={meant}"))
            .collect();
        let types = if import.types_only { " types only" } else { "" };
        line(
            import.span.start,
            import.surroundings,
            format!("import {} [{}]{types}", import.module, names.join(" ")),
        );
    }
    for call in &facts.calls {
        let resolved = if call.resolved == call.path {
            String::new()
        } else {
            format!(" = {}", call.resolved)
        };
        let within = if call.within.is_empty() {
            String::new()
        } else {
            format!(" in {}", call.within)
        };
        let arguments: Vec<String> = call.arguments.iter().map(argument).collect();
        line(
            call.span.start,
            call.surroundings,
            format!("call {}{resolved}({}){within}", call.path, arguments.join(", ")),
        );
    }
    for definition in &facts.definitions {
        let exported = if definition.exported { " exported" } else { "" };
        let what = format!(
            "define {}({}){exported}",
            definition.name,
            definition.parameters.join(", ")
        );
        line(definition.span.start, Surroundings::Live, what);
    }
    for tag in &facts.tags {
        let attributes: Vec<String> = tag
            .attributes
            .iter()
            .map(|(name, value)| format!(" {name}={value:?}"))
            .collect();
        line(
            tag.span.start,
            tag.surroundings,
            format!("tag {}{}", tag.name, attributes.concat()),
        );
    }
    for key in &facts.keys {
        line(key.span.start, key.surroundings, format!("key {}", key.name));
    }
    for text in &facts.texts {
        let given = if text.given_to.is_empty() {
            String::new()
        } else {
            format!(" to {}", text.given_to)
        };
        let of = if text.argument_of.is_empty() {
            String::new()
        } else {
            format!(" of {}", text.argument_of)
        };
        line(
            text.span.start,
            text.surroundings,
            format!("text {:?}{given}{of}", text.text),
        );
    }
    shown + &format!("broken {}\n", facts.broken)
}

fn argument(argument: &Argument) -> String {
    let name = if argument.name.is_empty() {
        String::new()
    } else {
        format!("{}: ", argument.name)
    };
    let texts = argument.texts.iter().map(|text| format!("{text:?}"));
    let parts: Vec<String> = argument.names.iter().cloned().chain(texts).collect();
    format!("{name}{}", parts.join(" "))
}
