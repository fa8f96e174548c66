//! Calls that are somebody's by their name and contact nobody: plain values, answers, settings, classes of the program's own.

use averment_syntax::{Call, Language};

use super::imports::Known;
use crate::code::look::Look;
use crate::identify::Kind;

/// Methods of promises, lists, texts and listeners: what is called on an answer, or waits for one, is not a contact.
pub(super) fn is_of_values(path: &str) -> bool {
    const METHODS: [&str; 61] = [
        // Of lists of what was answered.
        "sum",
        "flatten",
        "uniq",
        "sort_by",
        "group_by",
        "to_a",
        "flat_map",
        "compact",
        // Signatures of what arrived are checked here, without asking anybody.
        "construct_event",
        "constructEvent",
        "ConstructEvent",
        "ValidatePayload",
        "ParseWebHook",
        "then",
        "catch",
        "finally",
        "split",
        "map",
        "forEach",
        "filter",
        "toString",
        "trim",
        "join",
        "includes",
        "push",
        "to_s",
        "each",
        "reduce",
        "find",
        "some",
        "every",
        "slice",
        "replace",
        "to_json",
        "to_h",
        "present?",
        "blank?",
        "nil?",
        "first",
        "last",
        "any?",
        "empty?",
        "lower",
        "upper",
        "strip",
        "decode",
        "encode",
        "items",
        "keys",
        "on",
        "off",
        "once",
        "bind",
        "unbind",
        "addEventListener",
        "removeEventListener",
        "addControl",
        "index",
        "indexOf",
        "freeze",
        "length",
    ];
    path.contains('.')
        && path
            .rsplit('.')
            .next()
            .is_some_and(|last| METHODS.contains(&last.trim_end_matches("()")))
}

/// `botocore.config.Config(…)`, `defineType({…})`: how to talk, or what things are called there, and to nobody yet.
pub(super) fn is_of_settings(path: &str) -> bool {
    let last = bare(path).rsplit(['.', ':', '\\']).next().unwrap_or_default();
    let named = ["Config", "Configuration", "ClientOptions"]
        .iter()
        .any(|end| last.ends_with(end));
    (named && last.starts_with(|first: char| first.is_ascii_uppercase())) || defines(last)
}

/// `defineField`, `defineConfig`.
pub(super) fn defines(name: &str) -> bool {
    name.strip_prefix("define")
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
}

/// `new NonRetriableError(…)`: what went wrong is put into words. `captureException` tells it somebody, and so do Go's
/// `sentry.CaptureException` and `rollbar.Error`, whose functions are written like classes.
pub(super) fn is_of_errors(look: &Look<'_>, path: &str) -> bool {
    if look.language == Language::Go {
        return false;
    }
    let path = bare(path).trim_end_matches("()");
    let path = path.strip_suffix(".new").unwrap_or(path);
    is_error(path.rsplit(['.', ':', '\\']).next().unwrap_or_default())
}

/// `Google::Apis::AdminDirectoryV1::User.new`, `Google::Apis.logger`: of Google's clients for Ruby only services ask anybody.
pub(super) fn is_value_of_google(call: &Call) -> bool {
    let rest = bare(&call.resolved).strip_prefix("Google::Apis");
    rest.is_some_and(|rest| !rest.contains("Service"))
}

/// Whether a name is one of a class of errors.
pub(super) fn is_error(name: &str) -> bool {
    let ends = ["Error", "Exception", "Errors", "Exceptions"];
    name.starts_with(|first: char| first.is_ascii_uppercase()) && ends.iter().any(|end| name.ends_with(end))
}

/// `github.String("x")`, `&github.User{…}`: Go's libraries of clients have functions for pointers to plain values, and types for
/// what is sent; neither asks anybody.
pub(super) fn is_value_of_go(look: &Look<'_>, call: &Call) -> bool {
    const PLAIN: [&str; 16] = [
        "String",
        "StringValue",
        "StringSlice",
        "Int",
        "Int32",
        "Int64",
        "IntValue",
        "Int64Value",
        "Bool",
        "BoolValue",
        "Float64",
        "Float64Value",
        "Time",
        "TimeValue",
        "Ptr",
        "Duration",
    ];
    if look.language != Language::Go {
        return false;
    }
    let last = call.path.rsplit('.').next().unwrap_or_default();
    let written = look.text.get(call.span.clone()).unwrap_or_default();
    let opens = written.find(['(', '{']).and_then(|at| written.as_bytes().get(at));
    PLAIN.contains(&last) || opens == Some(&b'{')
}

/// What is read from an answer: nothing is handed over, and what it is called on is a variable and no name of the third party.
pub(super) fn is_answer(look: &Look<'_>, call: &Call, known: &[Known<'_>]) -> bool {
    let path = bare(&call.path);
    let head = path.split(['.', ':', '(', '\\', '?']).next().unwrap_or_default();
    let variable = head.starts_with(|first: char| first.is_ascii_lowercase() || first == '_' || first == '@');
    let imported = known
        .iter()
        .any(|one| one.import.names.iter().any(|(local, _)| local == head));
    let named = !look
        .tables
        .names()
        .look_up(Kind::Call, &path.replace("()", ""))
        .is_empty();
    let last = path.rsplit('.').next().unwrap_or_default();
    let field = ["get", "fetch", "dig", "pop"].contains(&last) && call.resolved.matches("()").count() > 1;
    ((call.arguments.is_empty() || field) && variable && !imported && !named) || path.ends_with('?')
}

/// `Stripe::PaymentIntent::Create.(…)` below `Payments`: a class of the program's own that is called like a function.
pub(super) fn is_own_class(look: &Look<'_>, call: &Call) -> bool {
    let last = call.path.rsplit("::").next().unwrap_or_default();
    let ruby = matches!(
        look.language,
        Language::Ruby | Language::Erb | Language::Haml | Language::Slim
    );
    ruby && call.path.matches("::").count() > 1
        && last.starts_with(|first: char| first.is_ascii_uppercase())
        && !last.contains('.')
}

/// `new A.B` without what JavaScript and browsers put in front.
pub(super) fn bare(path: &str) -> &str {
    let path = path.strip_prefix("new ").unwrap_or(path);
    ["window.", "globalThis.", "self.", "::"]
        .iter()
        .find_map(|front| path.strip_prefix(front))
        .unwrap_or(path)
}
