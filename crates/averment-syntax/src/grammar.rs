//! From text to [`Tree`]: the grammars, and how their kinds of nodes are read.

mod kinds;

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use tree_sitter::{ParseOptions, ParseState, Parser};

use crate::tree::{Field, Id, NONE, Node, Role, Tree};
use crate::{Language, guard};

/// A grammar with its kinds and fields by number.
struct Grammar {
    language: tree_sitter::Language,
    roles: Vec<Role>,
    fields: Vec<Field>,
}

/// How many steps a parser may take for each byte; what people write takes about one. The library tells once in a hundred.
const STEPS_PER_BYTE: usize = 12;

/// Grammars in the order of [`place`].
static GRAMMARS: LazyLock<[LazyLock<Grammar>; 11]> = LazyLock::new(|| {
    [
        LazyLock::new(|| Grammar::new(tree_sitter_javascript::LANGUAGE.into(), kinds::JAVASCRIPT)),
        LazyLock::new(|| Grammar::new(tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(), kinds::JAVASCRIPT)),
        LazyLock::new(|| Grammar::new(tree_sitter_typescript::LANGUAGE_TSX.into(), kinds::JAVASCRIPT)),
        LazyLock::new(|| Grammar::new(tree_sitter_python::LANGUAGE.into(), kinds::PYTHON)),
        LazyLock::new(|| Grammar::new(tree_sitter_ruby::LANGUAGE.into(), kinds::RUBY)),
        LazyLock::new(|| Grammar::new(tree_sitter_go::LANGUAGE.into(), kinds::GO)),
        LazyLock::new(|| Grammar::new(tree_sitter_java::LANGUAGE.into(), kinds::JAVA)),
        LazyLock::new(|| Grammar::new(tree_sitter_kotlin_ng::LANGUAGE.into(), kinds::KOTLIN)),
        LazyLock::new(|| Grammar::new(tree_sitter_php::LANGUAGE_PHP.into(), kinds::PHP)),
        LazyLock::new(|| Grammar::new(tree_sitter_rust::LANGUAGE.into(), kinds::RUST)),
        LazyLock::new(|| Grammar::new(tree_sitter_html::LANGUAGE.into(), kinds::HTML)),
    ]
});

thread_local! {
    /// One parser for each grammar and thread: making one costs more than a small file.
    static PARSERS: RefCell<[Option<Parser>; 11]> = const { RefCell::new([const { None }; 11]) };
}

fn place(language: Language) -> Option<usize> {
    Some(match language {
        Language::JavaScript => 0,
        Language::TypeScript => 1,
        Language::Tsx => 2,
        Language::Python => 3,
        Language::Ruby => 4,
        Language::Go => 5,
        Language::Java => 6,
        Language::Kotlin => 7,
        Language::Php => 8,
        Language::Rust => 9,
        Language::Html => 10,
        Language::Yaml | Language::Erb | Language::Haml | Language::Slim | Language::Pug | Language::Plain => {
            return None;
        }
    })
}

/// The tree of a text; none when there is no grammar, or when reading it takes more steps than its length allows.
pub(crate) fn parse(language: Language, text: &str) -> Option<Tree<'_>> {
    let place = place(language).filter(|_| guard::is_safe(language, text))?;
    let grammar = &*GRAMMARS[place];
    let found = PARSERS.with_borrow_mut(|parsers| {
        let parser = match &mut parsers[place] {
            Some(parser) => parser,
            none => {
                let mut parser = Parser::new();
                parser.set_language(&grammar.language).ok()?;
                none.insert(parser)
            }
        };
        let found = bounded(parser, text);
        if found.is_none() {
            parser.reset();
        }
        found
    })?;
    Some(grammar.tree(language, text, &found))
}

/// Parses, and gives up after a number of steps that depends on nothing but the length of the text.
fn bounded(parser: &mut Parser, text: &str) -> Option<tree_sitter::Tree> {
    let mut left = 2_000 + text.len() * STEPS_PER_BYTE / 100;
    let mut progress = |_: &ParseState| {
        left = left.saturating_sub(1);
        if left == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let bytes = text.as_bytes();
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or(&[]), None, Some(options))
}

impl Grammar {
    fn new(language: tree_sitter::Language, kinds: &[(Role, &[&str])]) -> Self {
        let role = |name: &str| {
            let known = kinds.iter().find(|(_, names)| names.contains(&name));
            known.map_or(Role::Other, |(role, _)| *role)
        };
        let number = |index: usize| u16::try_from(index).unwrap_or(u16::MAX);
        let roles = (0..language.node_kind_count())
            .map(|index| match language.node_kind_for_id(number(index)) {
                Some(name) if language.node_kind_is_named(number(index)) => role(name),
                _ => Role::Absent,
            })
            .collect();
        let fields = (0..=language.field_count())
            .map(|index| language.field_name_for_id(number(index)).map_or(Field::None, field))
            .collect();
        Self {
            language,
            roles,
            fields,
        }
    }

    fn tree<'a>(&self, language: Language, text: &'a str, parsed: &tree_sitter::Tree) -> Tree<'a> {
        let mut tree = Tree {
            text,
            language,
            nodes: Vec::with_capacity(text.len() / 8),
            broken: 0,
        };
        let mut cursor = parsed.walk();
        let mut open: Vec<Id> = Vec::new();
        loop {
            let node = cursor.node();
            let role = self.role(&node, &mut tree.broken);
            let id = Id::try_from(tree.nodes.len()).unwrap_or(NONE);
            if role != Role::Absent {
                let field = cursor
                    .field_id()
                    .map_or(Field::None, |field| self.fields[usize::from(field.get())]);
                let parent = open.last().copied().unwrap_or(NONE);
                tree.nodes.push(Node {
                    role,
                    field,
                    start: place_of(node.start_byte()),
                    end: place_of(node.end_byte()),
                    parent,
                    after: NONE,
                });
            }
            if role != Role::Absent && !is_leaf(role) && cursor.goto_first_child() {
                open.push(id);
                continue;
            }
            if role != Role::Absent {
                tree.nodes[id as usize].after = id + 1;
            }
            while !cursor.goto_next_sibling() {
                let Some(done) = open.pop() else { return tree };
                tree.nodes[done as usize].after = Id::try_from(tree.nodes.len()).unwrap_or(NONE);
                if !cursor.goto_parent() {
                    return tree;
                }
            }
        }
    }

    fn role(&self, node: &tree_sitter::Node<'_>, broken: &mut usize) -> Role {
        let Some(role) = self.roles.get(usize::from(node.kind_id())) else {
            *broken += 1;
            return Role::Broken;
        };
        if *role == Role::Absent {
            return Role::Absent;
        }
        if node.is_missing() {
            *broken += 1;
            return Role::Absent;
        }
        *role
    }
}

fn place_of(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

fn is_leaf(role: Role) -> bool {
    matches!(
        role,
        Role::Name | Role::Comment | Role::Uninterpreted | Role::Piece | Role::Escape | Role::Markup
    )
}

fn field(name: &str) -> Field {
    match name {
        "function" | "constructor" | "macro" | "method" => Field::Function,
        "arguments" => Field::Arguments,
        "object" | "receiver" | "operand" | "scope" | "path" | "array" => Field::Object,
        "property" | "attribute" | "field" => Field::Property,
        "name" | "pattern" => Field::Name,
        "value" | "default_value" => Field::Value,
        "left" => Field::Left,
        "right" => Field::Right,
        "key" => Field::Key,
        "condition" => Field::Condition,
        "consequence" => Field::Consequence,
        "alternative" => Field::Alternative,
        "body" => Field::Body,
        "parameters" | "parameter" => Field::Parameters,
        "alias" => Field::Alias,
        "source" | "module_name" => Field::Source,
        "type" => Field::Type,
        "index" | "subscript" => Field::Index,
        "block" => Field::Block,
        _ => Field::None,
    }
}
