//! Tags of JSX, and calls of helpers that make tags.
//!
//! Start at [`HELPERS`]: one row for each helper.

use crate::path::Paths;
use crate::scope::Bound;
use crate::tree::{Field, Id, Role, Tree, VALUE_MAX, cut};
use crate::value::text;
use crate::{Argument, Call, Language, Tag};

/// A helper of a framework: its name, the tag that it makes, the attribute that takes an address, and which of its positional
/// arguments that is.
struct Helper(&'static str, &'static str, &'static str, usize);

/// Helpers of Rails, Phoenix and their kin.
const HELPERS: [Helper; 25] = [
    Helper("javascript_include_tag", "script", "src", 0),
    Helper("javascript_pack_tag", "script", "src", 0),
    Helper("stylesheet_link_tag", "link", "href", 0),
    Helper("favicon_link_tag", "link", "href", 0),
    Helper("preload_link_tag", "link", "href", 0),
    Helper("auto_discovery_link_tag", "link", "href", 1),
    Helper("image_tag", "img", "src", 0),
    Helper("img_tag", "img", "src", 0),
    Helper("image_submit_tag", "input", "src", 0),
    Helper("video_tag", "video", "src", 0),
    Helper("audio_tag", "audio", "src", 0),
    Helper("picture_tag", "picture", "src", 0),
    Helper("iframe_tag", "iframe", "src", 0),
    Helper("link_to", "a", "href", 1),
    Helper("link_to_if", "a", "href", 2),
    Helper("link_to_unless", "a", "href", 2),
    Helper("link_to_unless_current", "a", "href", 1),
    Helper("mail_to", "a", "href", 0),
    Helper("button_to", "form", "action", 1),
    Helper("form_tag", "form", "action", 0),
    Helper("form_with", "form", "action", usize::MAX),
    Helper("content_tag", "", "", usize::MAX),
    Helper("content_tag_for", "", "", usize::MAX),
    Helper("wp_enqueue_script", "script", "src", 1),
    Helper("wp_enqueue_style", "link", "href", 1),
];

/// The tag that a call of a helper makes.
pub(crate) fn helper(tree: &Tree<'_>, id: Id, call: &Call) -> Option<Tag> {
    let name = call.path.rsplit(['.', ':']).next().unwrap_or(&call.path);
    let (tag, attribute, place) = match HELPERS.iter().find(|helper| helper.0 == name) {
        Some(Helper("content_tag" | "content_tag_for", ..)) => (first_word(call)?, "", usize::MAX),
        Some(Helper(_, tag, attribute, place)) => ((*tag).to_owned(), *attribute, *place),
        // `tag.iframe(src: …)` of Rails.
        None if tree.language == Language::Ruby && call.path.strip_prefix("tag.") == Some(name) => {
            (name.to_owned(), "", usize::MAX)
        }
        None => return None,
    };
    // With a block the content is in it, and the address moves to the front.
    let has_block = tree.child(id, Field::Block).is_some() && attribute == "href" && place == 1;
    let place = if has_block { 0 } else { place };
    let mut attributes = Vec::new();
    if let Some(address) = call
        .arguments
        .iter()
        .filter(|argument| argument.name.is_empty())
        .nth(place)
    {
        attributes.push((attribute.to_owned(), value(address, tree.text)));
    }
    for argument in call.arguments.iter().filter(|argument| !argument.name.is_empty()) {
        let name = argument.name.to_ascii_lowercase();
        let name = if attribute == "action" && name == "url" {
            "action".to_owned()
        } else {
            name.replace("data.", "data-")
        };
        attributes.push((name, value(argument, tree.text)));
    }
    Some(Tag {
        name: tag,
        attributes,
        span: call.span.clone(),
        surroundings: call.surroundings,
    })
}

fn first_word(call: &Call) -> Option<String> {
    let first = call.arguments.first()?;
    first
        .names
        .first()
        .or(first.texts.first())
        .map(|name| name.to_ascii_lowercase())
}

/// The text that an argument is, as a literal or by the name of one; a hole for anything else. `source`: the file.
pub(crate) fn value(argument: &Argument, source: &str) -> String {
    let written = source.get(argument.span.clone()).unwrap_or("").trim();
    let is_text = written.ends_with(['"', '\'', '`'])
        || written
            .chars()
            .all(|letter| letter.is_alphanumeric() || "_@$".contains(letter));
    let text = argument.texts.first().filter(|_| is_text);
    text.cloned().unwrap_or_else(|| "{}".to_owned())
}

/// A start tag of JSX.
pub(crate) fn element(paths: &Paths<'_, '_>, id: Id) -> Option<Tag> {
    let tree = paths.tree;
    let name = tree.source(tree.child(id, Field::Name)?);
    let attributes = tree.children(id).filter(|child| tree.role(*child) == Role::Attribute);
    let attributes = attributes
        .filter_map(|attribute| {
            let name = tree.first(attribute)?;
            let value = tree.last(attribute).filter(|value| *value != name);
            let written = tree.source(name).to_ascii_lowercase();
            Some((written, value.map_or_else(String::new, |value| constant(paths, value))))
        })
        .collect();
    Some(Tag {
        name: name.to_owned(),
        attributes,
        span: tree.span(id),
        surroundings: paths.scopes.surroundings(id),
    })
}

/// A text, a variable that is one, or a hole.
fn constant(paths: &Paths<'_, '_>, value: Id) -> String {
    let tree = paths.tree;
    let value = tree.unwrapped(value);
    if tree.role(value) == Role::Text {
        return cut(&text(tree, value).0, VALUE_MAX).to_owned();
    }
    if tree.role(value) == Role::Name
        && let Some(Bound::Value(given, None)) = paths.scopes.variable(value, tree.source(value))
        && tree.role(tree.unwrapped(given)) == Role::Text
    {
        return cut(&text(tree, tree.unwrapped(given)).0, VALUE_MAX).to_owned();
    }
    "{}".to_owned()
}
