//! Python text as classes with fields, by indentation and parentheses; nothing else of the language.

/// Characters of one statement that are looked at.
const STATEMENT_MAX: usize = 64 << 10;

#[derive(Debug, Clone, Default)]
pub(super) struct Class {
    pub(super) name: String,
    pub(super) bases: Vec<String>,
    pub(super) fields: Vec<Field>,
    /// `db_table` of its `Meta`.
    pub(super) table: Option<String>,
    /// Lines that make columns or tables, and are not understood: with what is said of them.
    pub(super) open: Vec<(u32, String)>,
    pub(super) comment: Option<String>,
    pub(super) is_abstract: bool,
    pub(super) is_proxy: bool,
    pub(super) line: u32,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) arguments: Vec<String>,
    options: Vec<(String, String)>,
    /// Written as `models.…`.
    pub(super) of_models: bool,
    /// Written without a module: `CharField(…)`.
    pub(super) is_bare: bool,
    pub(super) line: u32,
}

impl Field {
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.options
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn of_base(name: &str, kind: &str, line: u32) -> Self {
        Self {
            name: name.to_owned(),
            kind: kind.to_owned(),
            line,
            ..Self::default()
        }
    }

    /// A link to the row of a base class.
    pub(super) fn to(name: &str, class: &str, line: u32) -> Self {
        let arguments = vec![class.to_owned()];
        let options = vec![("primary_key".to_owned(), "True".to_owned())];
        Self {
            name: name.to_owned(),
            kind: "OneToOneField".to_owned(),
            arguments,
            options,
            line,
            ..Self::default()
        }
    }
}

/// One logical line.
struct Statement {
    indent: usize,
    text: String,
    line: u32,
}

/// The classes at the first level of a file.
pub(super) fn classes(text: &str) -> Vec<Class> {
    let mut found: Vec<Class> = Vec::new();
    let mut inside = false;
    let mut meta = false;
    let mut conditional = false;
    let mut level = None;
    for statement in statements(text) {
        if statement.indent == 0 {
            inside = false;
            if let Some(class) = class(&statement) {
                found.push(class);
                (inside, meta, level) = (true, false, None);
            }
            continue;
        }
        let Some(current) = found.last_mut().filter(|_| inside) else {
            continue;
        };
        let own = *level.get_or_insert(statement.indent);
        if statement.indent <= own {
            meta = statement.text.starts_with("class Meta");
            conditional = CONDITIONS.iter().any(|word| statement.text.starts_with(word));
        }
        match (statement.indent <= own, meta) {
            (false, true) => take_meta(current, &statement),
            (true, false) => take(current, &statement),
            (false, false) if conditional => take(current, &statement),
            _ => {}
        }
    }
    found
}

/// What lines begin with under which fields may stand.
const CONDITIONS: [&str; 6] = ["if ", "else:", "elif ", "try:", "except", "with "];

/// A field, or what makes some without being one.
fn take(class: &mut Class, statement: &Statement) {
    if let Some(field) = field(statement) {
        class.fields.push(field);
        return;
    }
    let text = statement.text.as_str();
    let because = match text.split_once('=').map(|(_, value)| value.trim()) {
        _ if text.starts_with("locals()[") || text.starts_with("vars()[") => {
            "makes fields whose names a program computes"
        }
        Some(value)
            if value
                .split('(')
                .next()
                .is_some_and(|callee| callee.ends_with("HistoricalRecords")) =>
        {
            "makes a table of every change, whose columns are not written here"
        }
        _ => return,
    };
    class.open.push((statement.line, because.to_owned()));
}

/// Lines joined where a parenthesis is open, without comments; texts in three quotes become nothing.
fn statements(text: &str) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut current = String::new();
    let (mut line, mut start, mut depth) = (1_u32, 1_u32, 0_usize);
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let triple = ["\"\"\"", "'''"].into_iter().find(|quote| rest.starts_with(quote));
        let mut skip = letter.len_utf8();
        if let Some(quote) = triple {
            skip = rest[3..].find(quote).map_or(rest.len(), |end| end + 6);
            current.push_str("\"\"");
        } else if letter == '"' || letter == '\'' {
            skip = string_end(rest, letter);
            current.push_str(&rest[..skip]);
        } else if letter == '#' {
            skip = rest.find('\n').unwrap_or(rest.len());
        } else if letter == '\n' && depth == 0 && !current.ends_with('\\') {
            push(&mut found, &mut current, start);
            start = line + 1;
        } else {
            depth += usize::from(['(', '[', '{'].contains(&letter));
            depth = depth.saturating_sub(usize::from([')', ']', '}'].contains(&letter)));
            current.push(if letter == '\n' { ' ' } else { letter });
        }
        line += u32::try_from(rest[..skip].matches('\n').count()).unwrap_or(0);
        rest = &rest[skip..];
    }
    push(&mut found, &mut current, start);
    found
}

fn push(found: &mut Vec<Statement>, current: &mut String, line: u32) {
    let text = std::mem::take(current);
    let plain = text.trim_start();
    if !plain.trim_end().is_empty() && text.len() <= STATEMENT_MAX {
        let indent = text[..text.len() - plain.len()]
            .chars()
            .map(|letter| if letter == '\t' { 8 } else { 1 })
            .sum();
        found.push(Statement {
            indent,
            text: plain.trim_end().to_owned(),
            line,
        });
    }
}

/// Length of the string at the beginning of `text`, with its quotes; it ends with its line at the latest.
fn string_end(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => _ = letters.next(),
            '\n' => return at,
            letter if letter == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn class(statement: &Statement) -> Option<Class> {
    let rest = statement.text.strip_prefix("class ")?;
    let name_end = rest
        .find(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .unwrap_or(rest.len());
    let inside = rest[name_end..].trim_start().strip_prefix('(').unwrap_or_default();
    let inside = inside.rsplit_once(')').map_or("", |(inside, _)| inside);
    let bases = inside
        .split(',')
        .map(str::trim)
        .filter(|base| !base.is_empty() && !base.contains('='));
    Some(Class {
        name: rest[..name_end].to_owned(),
        bases: bases
            .map(|base| base.split(['[', '(']).next().unwrap_or(base).to_owned())
            .collect(),
        line: statement.line,
        ..Class::default()
    })
}

fn take_meta(class: &mut Class, statement: &Statement) {
    let Some((name, value)) = statement.text.split_once('=') else {
        return;
    };
    let value = value.trim();
    match name.trim() {
        "db_table" if !value.starts_with(['"', '\'']) => {
            let because = "gives the table a name that a program computes";
            class.open.push((statement.line, because.to_owned()));
        }
        "db_table" => class.table = Some(plain(value)),
        "db_table_comment" => class.comment = Some(plain(value)),
        "abstract" => class.is_abstract = value.starts_with("True"),
        "proxy" => class.is_proxy = value.starts_with("True"),
        _ => {}
    }
}

/// `name = models.CharField(…)`; also with a type behind the name.
fn field(statement: &Statement) -> Option<Field> {
    let (name, value) = statement.text.split_once('=')?;
    let name = name.split(':').next().unwrap_or(name).trim();
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let (callee, inside) = value.trim().split_once('(').filter(|_| is_name)?;
    let kind = callee.trim().rsplit_once('.').map_or(callee.trim(), |(_, kind)| kind);
    let is_field = kind.ends_with("Field") || kind.ends_with("Key") || kind == "GenericRelation";
    if !is_field || kind.contains(char::is_whitespace) {
        return None;
    }
    let inside = inside.rsplit_once(')').map_or(inside, |(inside, _)| inside);
    let mut field = Field {
        name: name.to_owned(),
        kind: kind.to_owned(),
        of_models: callee.trim().starts_with("models."),
        is_bare: !callee.contains('.'),
        line: statement.line,
        ..Field::default()
    };
    for part in parts(inside) {
        match part.split_once('=').filter(|(name, _)| {
            name.trim()
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '_')
        }) {
            Some((name, value)) => field.options.push((name.trim().to_owned(), plain(value.trim()))),
            None => field.arguments.push(plain(part.trim())),
        }
    }
    Some(field)
}

/// What stands between commas that are in no parenthesis and no string.
fn parts(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut at, mut depth) = (0, 0, 0_usize);
    while let Some(letter) = text[at..].chars().next() {
        let mut skip = letter.len_utf8();
        match letter {
            '"' | '\'' => skip = string_end(&text[at..], letter).max(1),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += skip;
    }
    found.push(&text[start..]);
    found.retain(|part| !part.trim().is_empty());
    found
}

/// A value without its quotes, and without the call around it that translates: `_("Home phone")`.
fn plain(value: &str) -> String {
    let inside = value.strip_prefix("_(").or_else(|| value.strip_prefix("gettext_lazy("));
    let value = inside.map_or(value, |inside| inside.trim_end_matches(')')).trim();
    let quote = value.chars().next().filter(|quote| ['"', '\''].contains(quote));
    match quote {
        Some(quote) => {
            let end = string_end(value, quote);
            value[1..end].trim_end_matches(quote).to_owned()
        }
        None => value.to_owned(),
    }
}
