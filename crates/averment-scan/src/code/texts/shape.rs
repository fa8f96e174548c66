//! What an address is for by how it, or the text that it stands in, is written: pictures of a map, data, whoever signs people in.

use super::hosts::ending;
use crate::code::look::Look;
use crate::identify::Address;
use crate::observation::Side;

/// Whether a name is that of whoever signs people in, and the address a third party's who does.
pub(super) fn is_issuer(look: &Look<'_>, name: &str, address: &Address) -> bool {
    let words = crate::words::split(name);
    let named = words
        .iter()
        .any(|word| ["issuer", "authority"].contains(&word.as_str()));
    named
        && look
            .tables
            .of_address(address)
            .iter()
            .any(|party| party.kinds.iter().any(|kind| kind == "sign-in"))
}

/// `https://{s}.tile.new-maps.org/{z}/{x}/{y}.png`: pictures of which a map is put together.
pub(in crate::code) fn is_of_tiles(text: &str) -> bool {
    ["{z}", "{x}", "{y}"].iter().all(|part| text.contains(part))
}

/// Data that a program reads, and neither a description of data nor what people are shown.
pub(super) fn is_data(look: &Look<'_>, address: &Address) -> bool {
    let described = [
        "schema", "context", "manifest", "swagger", "openapi", "sitemap", "feed", "rss", "atom",
    ];
    let tables = ["xml", "csv", "tsv", "gz", "jsonl"];
    let ending = ending(address);
    let read = ending == "json" || (look.side == Some(Side::Server) && tables.contains(&ending.as_str()));
    read && !described.iter().any(|word| address.path.contains(word))
}
