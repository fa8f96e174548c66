//! Whether a name stands where a language has a type, and what has that type: a type asks nobody, what has it may.
//!
//! Start at [`is_type`] and [`is_asked`]. By the letters around the name, not by a grammar: what is in doubt is no type.

use averment_syntax::Language;

/// Languages in which an import may name a type alone.
pub(super) fn has_types(language: Language) -> bool {
    matches!(
        language,
        Language::TypeScript | Language::Tsx | Language::Kotlin | Language::Java | Language::Python
    )
}

/// Whether `name`, at byte `at` and written like a class, stands where a type does: `(event: Event)`, `as Event`, `Map<Event>`.
/// A class that is the value of a key looks the same and is rare.
pub(super) fn is_type(text: &str, language: Language, at: usize, name: &str) -> bool {
    let front = text.get(..at).unwrap_or_default().trim_end();
    let behind = text.get(at + name.len()..).unwrap_or_default().trim_start();
    if !name.starts_with(|first: char| first.is_ascii_uppercase()) || behind.starts_with('(') {
        return false;
    }
    if behind.starts_with('.') {
        let script = matches!(language, Language::TypeScript | Language::Tsx);
        return script && is_member_of_types(front, behind, language);
    }
    match language {
        Language::Kotlin => is_type_of_kotlin(front, behind),
        Language::Java => is_type_of_java(front, behind),
        Language::Python => is_type_of_python(front),
        _ => is_type_of_script(front, language),
    }
}

fn is_type_of_script(front: &str, language: Language) -> bool {
    let marks: &[char] = if language == Language::Tsx {
        &[':', '|', '&']
    } else {
        &[':', '|', '&', '<']
    };
    ends_in_word(front, &["as", "implements", "satisfies"])
        || (front.ends_with(marks) && !front.ends_with("||") && !front.ends_with("&&"))
}

/// `event: Stripe.Event`, `type Paid = Stripe.Invoice & …`: a name of which only types are taken. A class whose function is called is none.
fn is_member_of_types(front: &str, behind: &str, language: Language) -> bool {
    let path = behind
        .split(|letter: char| !(is_letter(letter) || letter == '.'))
        .next()
        .unwrap_or(behind);
    let rest = behind.get(path.len()..).unwrap_or_default().trim_start();
    let mut members = path.split('.').skip(1);
    let classes = members.all(|member| member.starts_with(|first: char| first.is_ascii_uppercase()));
    let line = front.rsplit('\n').next().unwrap_or(front).trim_start();
    let declared = front.ends_with('=') && (line.starts_with("type ") || line.starts_with("export type "));
    let extended = front.strip_suffix("extends").is_some_and(|head| {
        let head = head.rsplit([';', '{', '}']).next().unwrap_or(head);
        words_of(head).any(|word| word == "interface")
    });
    classes && !rest.starts_with('(') && (declared || extended || is_type_of_script(front, language))
}

/// `account: Account`, `: List<Account>`, `is Account`, `as? Account`. In `inject<Account>()` the type says what to make.
fn is_type_of_kotlin(front: &str, behind: &str) -> bool {
    let declared = front.ends_with(':') && !front.ends_with("::");
    let inside = front
        .strip_suffix('<')
        .is_some_and(|outer| last_word(outer).starts_with(|first: char| first.is_ascii_uppercase()));
    let listed = front.ends_with(',') && behind.starts_with('>');
    let known = ends_in_word(front.trim_end_matches('?'), &["as", "is"]);
    (declared || inside || listed || known) && !behind.starts_with("::")
}

/// `Account account`, `List<Account>`, `(Account) value`, `instanceof Account`, `implements Account`.
fn is_type_of_java(front: &str, behind: &str) -> bool {
    if ends_in_word(front, &["new", "extends", "return"]) || behind.starts_with("::") {
        return false;
    }
    let declares = behind.starts_with(is_letter) && !front.ends_with('@');
    let inside = front.ends_with('<') || (front.ends_with(',') && behind.starts_with('>'));
    let cast = front.ends_with('(')
        && behind
            .strip_prefix(')')
            .is_some_and(|rest| rest.trim_start().starts_with(is_letter));
    declares || inside || cast || ends_in_word(front, &["instanceof", "implements", "throws"])
}

/// `client: Client`, `-> Client`, `Optional[Client]`, `isinstance(value, Client)`. The key of a dictionary is a text.
fn is_type_of_python(front: &str) -> bool {
    const OUTER: [&str; 12] = [
        "Optional", "Union", "List", "list", "Dict", "dict", "Sequence", "Iterable", "Type", "type", "Tuple", "tuple",
    ];
    let line = front.rsplit('\n').next().unwrap_or(front);
    let declared = front
        .strip_suffix(':')
        .is_some_and(|name| name.ends_with(is_letter) && last_word(name) != "lambda");
    let inside = front
        .strip_suffix('[')
        .is_some_and(|outer| OUTER.contains(&last_word(outer)));
    let asked_for = ["isinstance(", "issubclass("]
        .iter()
        .any(|call| line.rsplit_once(call).is_some_and(|(_, given)| !given.contains("))")));
    declared || inside || asked_for || front.ends_with("->")
}

/// The variable that is declared with the type at byte `at`: `auth` of `auth: Auth`, `auth: Lazy<Auth>`, `Auth auth`.
pub(super) fn variable<'t>(text: &'t str, language: Language, at: usize, name: &str) -> Option<&'t str> {
    if language == Language::Java {
        let behind = text.get(at + name.len()..)?;
        let behind = behind.trim_start_matches(['>', '[', ']', '?', '.', ' ']);
        let end = behind.find(|letter: char| !is_letter(letter)).unwrap_or(behind.len());
        return behind.get(..end).filter(|found| !found.is_empty());
    }
    let front = text.get(..at)?;
    let line = front.rsplit('\n').next().unwrap_or(front);
    let (before, between) = line.rsplit_once(':')?;
    let of_a_type = |letter: char| is_letter(letter) || "<[.,?| ".contains(letter);
    let found = last_word(before.trim_end());
    (between.chars().all(of_a_type) && !found.is_empty()).then_some(found)
}

/// Whether something is called on `variable` at byte `at`: `auth.signIn(…)`, `auth?.signIn { … }`, `auth::signIn`, `with(auth) { … }`. What
/// Java reads from a value is a call without arguments, and asks nobody.
pub(super) fn is_asked(text: &str, language: Language, at: usize, variable: &str) -> bool {
    let mut rest = text.get(at + variable.len()..).unwrap_or_default();
    let front = text.get(..at).unwrap_or_default();
    if rest.starts_with("::") || (language == Language::Kotlin && front.ends_with("with(")) {
        return true;
    }
    let mut last = "";
    loop {
        let next = rest.trim_start().trim_start_matches(['?', '!']);
        let Some(below) = next.strip_prefix('.') else { break };
        let below = below.trim_start();
        let end = below.find(|letter: char| !is_letter(letter)).unwrap_or(below.len());
        (last, rest) = below.split_at(end);
        if rest.starts_with('(') {
            break;
        }
    }
    let reads = language == Language::Java
        && rest.starts_with("()")
        && ["get", "is", "has", "to"].iter().any(|start| last.starts_with(start));
    let of_values = ["equals", "hashCode", "toString"].contains(&last);
    let opens = rest.starts_with('(') || (language == Language::Kotlin && rest.trim_start().starts_with('{'));
    (!last.is_empty() && opens && !reads && !of_values) || (last.is_empty() && rest.starts_with('['))
}

fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !is_letter(letter))
}

fn last_word(front: &str) -> &str {
    front.rsplit(|letter: char| !is_letter(letter)).next().unwrap_or(front)
}

fn ends_in_word(front: &str, words: &[&str]) -> bool {
    words.contains(&last_word(front))
}
