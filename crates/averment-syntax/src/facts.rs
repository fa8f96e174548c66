//! What stands in a source file.

/// Bytes of the file, from and to.
pub type Span = std::ops::Range<usize>;

/// Whether what stands there runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surroundings {
    /// In a comment or a documentation string.
    Comment,
    /// In a branch that is never taken: `if (false)`, `__END__`, after `return`.
    Unreachable,
    /// In code that runs.
    Live,
}

/// A module that is imported: `import x from 'y'`, `require "y"`, `from y import x`, `use A\B`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The module as written, without quotes.
    pub module: String,
    /// Names that it gets in this file, with what they stand for in the module: `default`, a name, or `*` for the module itself,
    /// which in Java, Kotlin and PHP is the class that is imported. A name `*` stands for all names of the module.
    pub names: Vec<(String, String)>,
    /// Only types are imported: nothing of it runs.
    pub types_only: bool,
    /// Where.
    pub span: Span,
    /// Whether it runs.
    pub surroundings: Surroundings,
}

/// One argument of a call, or one key of an object that is passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Name: keyword argument or key, with those around it: `user.email`. Empty for a positional one.
    pub name: String,
    /// Names that its value is made of, without `@`, `$` and `:`, each once: identifiers, attributes, symbols (`current_user`, `email`). Names followed to their one
    /// assignment in the same function stand here with what was assigned.
    pub names: Vec<String>,
    /// Text literals in it.
    pub texts: Vec<String>,
    /// Where.
    pub span: Span,
}

/// A call or a construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What is called, as written, generics and safe-navigation left out: `Twilio::REST::Client.new`, `analytics.track`, `fetch`,
    /// `new Stripe`, `format!`. A receiver that is itself a call gives its name and `()`: `client().messages.create`,
    /// `new Stripe().charges.create`; but not in Ruby, where attributes and calls look the same: `Client.new.messages`. What has no
    /// name is `()`, a text `""`. In Ruby, attributes of variables (`user.email`) are no calls.
    pub path: String,
    /// The same with imported names and the one assignment of a variable in this file put in: `@sendgrid/mail.send`,
    /// `Twilio::REST::Client.new.messages.create`. The same as `path` when nothing is known.
    pub resolved: String,
    /// Arguments, those inside of objects one by one.
    pub arguments: Vec<Argument>,
    /// The function or method that it stands in, `Class.method`; empty at the top.
    pub within: String,
    /// Where.
    pub span: Span,
    /// Whether it runs.
    pub surroundings: Surroundings,
}

/// A function or method that is defined: what wrappers are recognised by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// `name` or `Class.name`.
    pub name: String,
    /// Names of its parameters.
    pub parameters: Vec<String>,
    /// Whether other files can call it.
    pub exported: bool,
    /// Where, the whole of it.
    pub span: Span,
}

/// A text literal, a text of a template, or a piece of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Without quotes; what is put in at run time is `{}`.
    pub text: String,
    /// The name that it is given to: the variable, constant, key or keyword argument (`api_host`); empty when there is none. In YAML
    /// the keys around it, at most six: `production.twilio.sid`; a key without a value has an empty text there.
    pub given_to: String,
    /// What it is an argument of: the path of the call; `()` for a function that is called where it is written; empty when it is none.
    pub argument_of: String,
    /// Where, without quotes.
    pub span: Span,
    /// Whether it runs.
    pub surroundings: Surroundings,
}

/// A start tag of HTML, JSX, HAML or a template, or a helper that makes one (`javascript_include_tag`, `image_tag`, `link_to`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Lower case: `script`, `a`, `iframe`; components of JSX keep their case.
    pub name: String,
    /// Attributes, lower case, with values as [`Text`] writes them; code is `{}`. Values in quotes stand here only and not in
    /// [`Facts::texts`]. Of helpers, their keyword arguments, and the address under `src`, `href` or `action`.
    pub attributes: Vec<(String, String)>,
    /// Where.
    pub span: Span,
    /// Whether it runs.
    pub surroundings: Surroundings,
}

/// A key that is read from the environment or settings: `process.env.X`, `ENV["X"]`, `os.environ["X"]`, `CDO.x`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Where.
    pub span: Span,
    /// Whether it runs.
    pub surroundings: Surroundings,
}

/// Everything of one file, each list in the order of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Imports.
    pub imports: Vec<Import>,
    /// Calls.
    pub calls: Vec<Call>,
    /// Functions and methods.
    pub definitions: Vec<Definition>,
    /// Texts.
    pub texts: Vec<Text>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// Keys of the environment.
    pub keys: Vec<Key>,
    /// How many places the grammar could not read. What has a form there is read, the rest is in `texts`.
    pub broken: usize,
}
