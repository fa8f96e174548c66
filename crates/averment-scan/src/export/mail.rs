//! Mailboxes: one message after the other, each behind a line that begins with `From `.
//!
//! Source: RFC 4155, the default format of mailboxes.

use std::io::BufRead;

use super::ITEM_MAX;
use super::items::next_line;
use super::tally::Looking;

pub(super) fn split(mut file: impl BufRead, sink: &mut Looking<'_>) -> std::io::Result<()> {
    let (mut line, mut message) = (Vec::new(), Vec::new());
    let (mut number, mut after_blank, mut too_large) = (0_u64, true, false);
    while next_line(&mut file, &mut line)? {
        if after_blank && line.starts_with(b"From ") {
            look(&mut message, number, &mut too_large, sink);
            number += 1;
            // The line itself names a sender.
            sink.item(&format!("message {number}"), Some("text/plain"), &line);
            continue;
        }
        after_blank = line.iter().all(u8::is_ascii_whitespace);
        if message.len() + line.len() > ITEM_MAX {
            too_large = true;
        } else {
            message.extend_from_slice(&line);
        }
    }
    look(&mut message, number, &mut too_large, sink);
    Ok(())
}

fn look(message: &mut Vec<u8>, number: u64, too_large: &mut bool, sink: &mut Looking<'_>) {
    let place = format!("message {}", number.max(1));
    if std::mem::take(too_large) {
        sink.unread(&place, "larger than 64 MiB");
    } else if message.iter().any(|byte| !byte.is_ascii_whitespace()) {
        match number {
            0 => sink.item(&place, Some("message/rfc822"), message),
            _ => sink.rest(&place, Some("message/rfc822"), message),
        }
    }
    message.clear();
}
