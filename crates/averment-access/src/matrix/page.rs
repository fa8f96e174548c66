//! The matrix for people: Markdown, and a page by itself.

use std::fmt::Write as _;

use super::{Cell, Matrix, People, State, kinds, label_with_mark};
use crate::viewer::Viewer;

fn title(matrix: &Matrix) -> String {
    let of = matrix.school.as_ref().map(|(_, name)| format!(", for {name}"));
    format!("Who may see what, by {}{}", matrix.organisation, of.unwrap_or_default())
}

const REST: &str = "What no row names is hidden from everybody. A viewer sees as well what is shown to anybody.";
const MODEL: &str = "This is what the declared rules say. Whether every page keeps to them is measured apart.";

/// What a cell says, in a few words.
fn said(cell: &Cell) -> String {
    match cell.state {
        State::Seen => "sees it".to_owned(),
        State::SeenWhen => {
            let any: Vec<String> = cell.when.iter().map(|all| all.join(" and ")).collect();
            format!("sees it when {}", any.join(", or when "))
        }
        State::Hidden => "hidden, as promised".to_owned(),
        State::NotSaid => "hidden".to_owned(),
    }
}

/// The viewers of whom a table says more than that all is hidden.
fn viewers(people: &People) -> Vec<(usize, Viewer)> {
    let said = |place: usize| people.rows.iter().any(|row| row.cells[place].state != State::NotSaid);
    let all = Viewer::ALL.into_iter().enumerate();
    all.filter(|(place, _)| said(*place)).collect()
}

pub(super) fn markdown(matrix: &Matrix) -> String {
    let mut out = format!("# {}\n\n{REST} {MODEL}\n", cell_text(&title(matrix)));
    for people in &matrix.people {
        _ = writeln!(out, "\n## Of {}\n", kinds(&people.kinds));
        for (place, viewer) in viewers(people) {
            _ = writeln!(out, "### What {} see\n\n| data | | by |\n|---|---|---|", viewer.label());
            for row in people
                .rows
                .iter()
                .filter(|row| row.cells[place].state != State::NotSaid)
            {
                let names: Vec<String> = row.elements.iter().map(|id| cell_text(&label_with_mark(id))).collect();
                let cell = &row.cells[place];
                let by: Vec<String> = cell.by.iter().map(|by| format!("`{by}`")).collect();
                _ = writeln!(
                    out,
                    "| {} | {} | {} |",
                    names.join("; "),
                    cell_text(&said(cell)),
                    by.join(", ")
                );
            }
            out.push('\n');
        }
        for rest in &people.rest {
            _ = writeln!(out, "{} (`{}`).\n", rest.words(), rest.by);
        }
    }
    _ = writeln!(out, "## Said by\n");
    for (name, sentence) in &matrix.said {
        _ = writeln!(out, "- `{name}`: {}", cell_text(sentence));
    }
    if !matrix.of_the_gate.is_empty() {
        _ = writeln!(
            out,
            "\nAbout recipients, which the gate decides: `{}`",
            matrix.of_the_gate.join("`, `")
        );
    }
    _ = writeln!(out, "\nRegister {}", matrix.charter);
    out
}

/// What stands for itself in a cell of a Markdown table.
fn cell_text(text: &str) -> String {
    let special = |c: char| matches!(c, '|' | '<' | '>' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '&');
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            _ if special(c) => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1b1b1b;\
background:#fff}table{border-collapse:collapse;width:100%}.wide{overflow-x:auto}th,td{border:1px solid #999;padding:.3rem .5rem;\
text-align:left;vertical-align:top;font-size:.85rem}td.seen{background:#d9f2d9}td.seen_when{background:#fff3c4}\
td.hidden{background:#f6d9d9}td.not_said{color:#595959}small{display:block;color:#444}";

pub(super) fn html(matrix: &Matrix) -> String {
    let title = escape(&title(matrix));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n<main>\n<h1>{title}</h1>\n<p>{REST} {MODEL}</p>\n"
    );
    for people in &matrix.people {
        table(people, &mut out);
    }
    out.push_str("<h2>Said by</h2>\n<dl>\n");
    for (name, sentence) in &matrix.said {
        _ = writeln!(
            out,
            "<dt id=\"{0}\"><code>{0}</code></dt><dd>{1}</dd>",
            escape(name),
            escape(sentence)
        );
    }
    out.push_str("</dl>\n");
    if !matrix.of_the_gate.is_empty() {
        let names = escape(&matrix.of_the_gate.join(", "));
        _ = writeln!(
            out,
            "<p>About recipients, which the gate decides: <code>{names}</code></p>"
        );
    }
    _ = writeln!(
        out,
        "<p>Register <code>{}</code></p>\n</main>\n</html>",
        escape(&matrix.charter)
    );
    out
}

fn table(people: &People, out: &mut String) {
    let viewers = viewers(people);
    _ = write!(
        out,
        "<h2>Of {}</h2>\n<div class=\"wide\" tabindex=\"0\">\n<table>\n<tr><th scope=\"col\">Data</th>",
        escape(&kinds(&people.kinds))
    );
    for (_, viewer) in &viewers {
        _ = write!(out, "<th scope=\"col\">{}</th>", escape(viewer.label()));
    }
    out.push_str("</tr>\n");
    for row in &people.rows {
        let names: Vec<String> = row.elements.iter().map(|id| escape(&label_with_mark(id))).collect();
        _ = write!(out, "<tr><th scope=\"row\">{}</th>", names.join("<br>"));
        for (place, _) in &viewers {
            cell(&row.cells[*place], out);
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n</div>\n");
    for rest in &people.rest {
        _ = writeln!(
            out,
            "<p>{} (<a href=\"#{1}\">{1}</a>).</p>",
            escape(&rest.words()),
            escape(&rest.by)
        );
    }
}

fn cell(cell: &Cell, out: &mut String) {
    let class = match cell.state {
        State::Seen => "seen",
        State::SeenWhen => "seen_when",
        State::Hidden => "hidden",
        State::NotSaid => "not_said",
    };
    _ = write!(out, "<td class=\"{class}\">{}", escape(&said(cell)));
    if !cell.by.is_empty() {
        let links = cell.by.iter().map(|by| format!("<a href=\"#{0}\">{0}</a>", escape(by)));
        _ = write!(out, "<small>{}</small>", links.collect::<Vec<_>>().join(", "));
    }
    out.push_str("</td>");
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}
