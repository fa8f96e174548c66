//! The tree of one source as the rest of this room walks it: named nodes in the order of the text, each with its [`Role`].
//!
//! Start at [`Tree::children`]. The grammar's own tree is walked once and let go: what stands before a node has a lower number,
//! so every pass here is a loop over an array, and nothing recurses however deep the source is nested.

use crate::Language;

/// Number of a node; [`NONE`] for none.
pub(crate) type Id = u32;

/// No node.
pub(crate) const NONE: Id = u32::MAX;

/// The longest name that is kept: names are repeated in many facts, so that a long one must not make many long facts.
pub(crate) const NAME_MAX: usize = 120;

/// The longest text that is kept with an argument or a tag, for the same reason; [`crate::Text`] has all of it.
pub(crate) const VALUE_MAX: usize = 4_000;

/// The front of a text, at most so many bytes.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What a node is to this room, whatever its grammar calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Punctuation and what is of no interest: it and everything in it is left out.
    Absent,
    /// Of no interest, but what is in it may be.
    Other,
    /// What the grammar could not read.
    Broken,
    Comment,
    /// Text after the end of the program: `__END__`.
    Uninterpreted,
    /// A text literal: its children are pieces, escapes and holes.
    Text,
    /// Literal content of a text.
    Piece,
    Escape,
    /// What is put into a text at run time.
    Hole,
    /// The content of a Ruby heredoc, which stands apart from where it is used.
    Heredoc,
    /// An identifier, or a dotted name that is taken whole. Nothing in it is looked at.
    Name,
    /// A symbol of Ruby.
    Symbol,
    /// `object.property`.
    Member,
    /// `object[index]`.
    Index,
    Call,
    New,
    /// A construction without `new`: `pkg.Type{…}`, `Type { … }`.
    Literal,
    Arguments,
    /// One argument, with or without a name.
    Argument,
    /// A key with its value, or a keyword argument.
    Pair,
    /// `a to b`.
    Infix,
    /// A hash, dictionary or object.
    Object,
    /// A function or method that has a name.
    Function,
    Lambda,
    Class,
    Parameters,
    /// A variable that is made here: `name`, `value`.
    Declare,
    /// `left = right`.
    Assign,
    /// A field of a class with its value.
    Field,
    /// `for x in y`: the variable is not known.
    Loop,
    /// What ends a block: `return`, `raise`, `throw`.
    Return,
    /// Statements one after another.
    Block,
    If,
    Unless,
    Import,
    /// Parentheses, `await`, casts: the same value as what is in it.
    Wrap,
    /// An expression that is a statement.
    Statement,
    /// A start tag of JSX.
    Element,
    Attribute,
    /// `export`, decorators and the like around a definition.
    Export,
    /// `pub`, `private`.
    Modifiers,
    /// Tokens of a macro.
    Tokens,
    /// Text between tags.
    Markup,
}

/// What a node is to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    None,
    Function,
    Arguments,
    Object,
    Property,
    Name,
    Value,
    Left,
    Right,
    Key,
    Condition,
    Consequence,
    Alternative,
    Body,
    Parameters,
    Alias,
    Source,
    Type,
    Index,
    Block,
}

/// A node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    pub(crate) role: Role,
    pub(crate) field: Field,
    /// First byte.
    pub(crate) start: u32,
    /// Byte after the last.
    pub(crate) end: u32,
    pub(crate) parent: Id,
    /// The first node that is not in this one.
    pub(crate) after: Id,
}

/// All nodes of one source.
pub(crate) struct Tree<'a> {
    pub(crate) text: &'a str,
    pub(crate) language: Language,
    pub(crate) nodes: Vec<Node>,
    /// How many places the grammar could not read.
    pub(crate) broken: usize,
}

impl<'a> Tree<'a> {
    pub(crate) fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    pub(crate) fn role(&self, id: Id) -> Role {
        self.node(id).role
    }

    pub(crate) fn span(&self, id: Id) -> std::ops::Range<usize> {
        self.node(id).start as usize..self.node(id).end as usize
    }

    /// The source of a node.
    pub(crate) fn source(&self, id: Id) -> &'a str {
        self.text.get(self.span(id)).unwrap_or("")
    }

    /// The source between two nodes.
    pub(crate) fn between(&self, first: Id, second: Id) -> &'a str {
        let (from, to) = (self.node(first).end as usize, self.node(second).start as usize);
        self.text.get(from..to).unwrap_or("")
    }

    /// Whether this and nothing else stands between the first two children.
    pub(crate) fn between_is(&self, id: Id, mark: &str) -> bool {
        let mut children = self.children(id);
        let (first, second) = (children.next(), children.next());
        first
            .zip(second)
            .is_some_and(|(first, second)| self.between(first, second).trim() == mark)
    }

    /// Children in the order of the text.
    pub(crate) fn children(&self, id: Id) -> Children<'_> {
        let after = self.node(id).after;
        Children {
            nodes: &self.nodes,
            next: id + 1,
            after,
        }
    }

    /// The first child of a field.
    pub(crate) fn child(&self, id: Id, field: Field) -> Option<Id> {
        self.children(id).find(|child| self.node(*child).field == field)
    }

    /// The first child of the first of these fields that there is.
    pub(crate) fn child_of(&self, id: Id, fields: &[Field]) -> Option<Id> {
        fields.iter().find_map(|field| self.child(id, *field))
    }

    /// The first child of a role.
    pub(crate) fn child_role(&self, id: Id, role: Role) -> Option<Id> {
        self.children(id).find(|child| self.role(*child) == role)
    }

    /// The first child that is not a comment.
    pub(crate) fn first(&self, id: Id) -> Option<Id> {
        self.children(id).find(|child| self.role(*child) != Role::Comment)
    }

    /// The last child that is not a comment.
    pub(crate) fn last(&self, id: Id) -> Option<Id> {
        self.children(id)
            .filter(|child| self.role(*child) != Role::Comment)
            .last()
    }

    /// Where a node stands, [`NONE`] above the topmost.
    pub(crate) fn parent(&self, id: Id) -> Id {
        self.node(id).parent
    }

    /// A node without the parentheses, casts and `await` around it.
    pub(crate) fn unwrapped(&self, id: Id) -> Id {
        let mut id = id;
        while self.role(id) == Role::Wrap {
            match self
                .child_of(id, &[Field::Value, Field::Left])
                .or_else(|| self.first(id))
            {
                Some(inner) => id = inner,
                None => break,
            }
        }
        id
    }
}

/// Children of a node.
pub(crate) struct Children<'t> {
    nodes: &'t [Node],
    next: Id,
    after: Id,
}

impl Iterator for Children<'_> {
    type Item = Id;

    fn next(&mut self) -> Option<Id> {
        (self.next < self.after).then(|| {
            let id = self.next;
            self.next = self.nodes[id as usize].after;
            id
        })
    }
}
