//! Pages: one frame, and texts that cannot become tags.

/// A whole page; `listed` says whether search engines may have it.
pub(crate) fn page(title: &str, body: &str, listed: bool) -> String {
    let robots = if listed {
        ""
    } else {
        "<meta name=\"robots\" content=\"noindex, nofollow\">\n"
    };
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n{robots}<title>{title} – Schoolhouse</title>\n\
         <style>body {{ font: 1.1em/1.5 sans-serif; max-width: 45em; margin: 1em auto; padding: 0 1em }}</style>\n\
         </head>\n<body>\n<nav><a href=\"/home\">Schoolhouse</a></nav>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n\
         <footer><p><a href=\"/privacy\">Privacy</a> · <a href=\"/guide\">Guide</a> · <a href=\"/terms\">Terms</a> · \
         <a href=\"/subprocessors\">Subprocessors</a> · <a href=\"/certificate\">Certificate</a> · <a href=\"/contact\">Contact</a></p></footer>\n</body>\n</html>\n"
    )
}

/// A text of somebody as text of a page.
pub(crate) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

/// A list, each item already written as HTML.
pub(crate) fn list(items: impl IntoIterator<Item = String>) -> String {
    let items: String = items.into_iter().map(|item| format!("<li>{item}</li>\n")).collect();
    if items.is_empty() {
        "<p>None.</p>".to_owned()
    } else {
        format!("<ul>\n{items}</ul>")
    }
}

/// A link to a page of ours.
pub(crate) fn link(path: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escaped(path), escaped(text))
}

/// A form that sends `fields`: name, label, kind of input, value.
pub(crate) fn form(action: &str, button: &str, fields: &[(&str, &str, &str, &str)]) -> String {
    let field = |(name, label, kind, value): &(&str, &str, &str, &str)| {
        let value = escaped(value);
        match *kind {
            "hidden" => format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n"),
            "area" => {
                format!("<p><label>{label}<br><textarea name=\"{name}\" rows=\"6\">{value}</textarea></label></p>\n")
            }
            kind => {
                format!("<p><label>{label} <input name=\"{name}\" type=\"{kind}\" value=\"{value}\"></label></p>\n")
            }
        }
    };
    let files = fields.iter().any(|(_, _, kind, _)| *kind == "file");
    let coding = if files { " enctype=\"multipart/form-data\"" } else { "" };
    let fields: String = fields.iter().map(field).collect();
    format!("<form method=\"post\" action=\"{action}\"{coding}>\n{fields}<p><button>{button}</button></p>\n</form>")
}
