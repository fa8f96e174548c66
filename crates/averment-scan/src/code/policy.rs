//! Content security policies and allow-lists: what is let happen, whether or not it does.

use averment_catalog::ThirdParty;
use averment_syntax::{Surroundings, Text};

use super::look::{Look, live};
use crate::identify::Address;
use crate::observation::{Confidence, How, Party, Side, Tier};
use crate::words::split;

/// Directives that name where a page may send or load; `frame-ancestors` says who may embed the page and is none of them.
pub(super) const DIRECTIVES: [&str; 19] = [
    "default-src",
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "style-src",
    "style-src-elem",
    "style-src-attr",
    "img-src",
    "connect-src",
    "font-src",
    "frame-src",
    "child-src",
    "media-src",
    "object-src",
    "worker-src",
    "manifest-src",
    "prefetch-src",
    "form-action",
    "report-uri",
];

/// Whether a text holds a directive of a policy.
pub(super) fn is_policy(text: &str) -> bool {
    text.contains("-src ") || text.contains("-src\t") || text.contains("form-action ")
}

/// What a page may let frames do, each with the sources that may.
const FEATURES: [&str; 14] = [
    "accelerometer",
    "autoplay",
    "camera",
    "clipboard-read",
    "clipboard-write",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "microphone",
    "payment",
    "picture-in-picture",
    "usb",
];

/// Whether a text is the sources of a feature of a permissions policy: `autoplay: 'self "https://videos.new-desk.org"'`, or the policy itself.
pub(super) fn is_of_permissions(text: &Text) -> bool {
    let name = split(text.given_to.rsplit(['.', ':']).next().unwrap_or_default()).join("-");
    let sources = text.text.contains("self ") || text.text.contains(" self") || text.text.contains("(self");
    let whole = || {
        let features = FEATURES.iter();
        let mut features = features.filter(|feature| text.text.contains(&format!("{feature}=(")));
        features.next().is_some()
    };
    sources && text.text.contains("//") && (FEATURES.contains(&name.as_str()) || whole())
}

/// Whether a name is one of a directive: `scriptSrc`, `script_src`, `CSP_SCRIPT_SRC`, `policy.connect_src`.
pub(super) fn is_directive(name: &str) -> bool {
    const ENDS: [&str; 5] = ["src", "elem", "attr", "action", "uri"];
    let last = name.rsplit(['.', ':']).next().unwrap_or(name);
    // Asked of every name there is: nearly all end otherwise.
    let ends = |end: &str| {
        let from = last.len().checked_sub(end.len());
        from.and_then(|from| last.as_bytes().get(from..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(end.as_bytes()))
    };
    if !ENDS.iter().any(|end| ends(end)) {
        return false;
    }
    let words = split(last);
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| *word != "csp").collect();
    let joined = words.join("-");
    DIRECTIVES.iter().any(|directive| {
        let front = joined.strip_suffix(directive);
        front.is_some_and(|front| front.is_empty() || front.ends_with('-'))
    })
}

/// Whether a name is a directive's only where a policy is to be seen: `imgSrc` is a member of many other things.
pub(super) fn is_lone(name: &str, text: &str) -> bool {
    const SIGNS: [&str; 8] = [
        "ontent-Security-Policy",
        "ontentSecurityPolicy",
        "content_security_policy",
        "default-src",
        "defaultSrc",
        "default_src",
        "helmet",
        "csp",
    ];
    let last = name.rsplit(['.', ':']).next().unwrap_or(name);
    let joined = !last.contains(['-', '_']) && last.starts_with(|first: char| first.is_ascii_lowercase());
    let is_there = |sign: &str| memchr::memmem::find(text.as_bytes(), sign.as_bytes()).is_some();
    joined && is_directive(name) && !SIGNS.iter().any(|sign| is_there(sign))
}

/// Whether a file holds nothing but a content security policy, in whatever helpers it is put together: `content_security_policy.rb`.
pub(super) fn is_file_of_policy(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let stem = name.split('.').next().unwrap_or_default().replace('-', "_");
    let code = [".rb", ".py", ".js", ".ts", ".mjs", ".cjs", ".php"];
    let whole = [
        "content_security_policy",
        "contentsecuritypolicy",
        "secure_headers",
        "csp",
    ];
    whole.contains(&stem.as_str()) && code.iter().any(|ending| name.ends_with(ending))
}

/// `CSP_HOST_SOURCES`, `csp_domains`.
pub(super) fn is_setting_of_policy(name: &str) -> bool {
    let words = split(name.rsplit(['.', ':']).next().unwrap_or(name));
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    has(&["csp"]) && has(&["sources", "hosts", "domains", "src", "urls", "source", "host"])
}

/// Whether a name is one of a list of hosts that a program or a page may contact. CORS says who may ask, and is none.
pub(super) fn is_allow_list(name: &str) -> bool {
    let words = split(name);
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    let incoming = has(&[
        "cors",
        "origin",
        "origins",
        "csrf",
        "referer",
        "redirect",
        "ancestors",
        "ip",
        "ips",
        "email",
        "login",
        "lti",
    ]);
    let listed = has(&[
        "whitelist",
        "allowlist",
        "whitelisted",
        "allowlisted",
        "safelist",
        "permitted",
        "allowed",
        "trusted",
        "approved",
    ]);
    let remote = has(&[
        "hosts",
        "domains",
        "hostnames",
        "urls",
        "domain",
        "sources",
        "patterns",
        "hostname",
    ]);
    let strong = has(&["whitelist", "allowlist", "safelist"]);
    // Whose names the program itself answers to: `ALLOWED_HOSTS`, `DJANGO_ALLOWED_HOSTS`.
    let outside = has(&[
        "proxy", "image", "images", "media", "video", "embed", "iframe", "fetch", "oembed", "remote", "webhook", "url",
    ]);
    let own = words.ends_with(&["allowed".to_owned(), "hosts".to_owned()]) && words.len() <= 3 && !outside;
    ((strong || (listed && remote)) && !incoming && !own) || (is_setting_of_policy(name) && !has(&["ancestors"]))
}

/// Whether a text is a host whose pictures a framework may fetch and scale: `images.domains` and `remotePatterns` of `next.config.js`.
pub(super) fn lets_pictures_in(path: &str, text: &Text) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let settings = ["next.config.", "nuxt.config."]
        .iter()
        .any(|start| name.starts_with(start));
    let given = text.given_to.rsplit('.').next().unwrap_or_default();
    settings && ["domains", "hostname", "remotePatterns"].contains(&given) && text.argument_of.is_empty()
}

/// Adds the sources of a policy written in one text, at byte `at` of the file.
pub(super) fn read(look: &mut Look<'_>, text: &str, at: usize, surroundings: Surroundings) {
    let mut offset = 0;
    let mut directive = false;
    for token in text.split_inclusive([' ', ';', '\n', '\t', '"', '\'', ',']) {
        let word = token.trim_matches([' ', ';', '\n', '\t', '"', '\'', ',']);
        if DIRECTIVES.contains(&word) {
            directive = true;
        } else if word.ends_with("-ancestors") || word.ends_with("-requests") {
            directive = false;
        } else if directive && word.contains('.') {
            source(look, word, at + offset, surroundings, Some(Side::Browser));
        }
        if token.ends_with(';') {
            directive = false;
        }
        offset += token.len();
    }
}

/// Adds one source: `https://x.org`, `*.x.org`, `x.org:443`. `side`: who obeys it; of a content security policy, browsers alone.
pub(super) fn source(look: &mut Look<'_>, written: &str, at: usize, surroundings: Surroundings, side: Option<Side>) {
    let written = written.replace("**.", "*.");
    let bare = written.replace("*.", "").replace(":*", "");
    let Ok(address) = Address::parse(&bare) else { return };
    if super::addresses::is_name(&address) {
        return;
    }
    let known = if written.contains("*.") {
        look.tables.standing_for_all_below(&address)
    } else {
        address.clone()
    };
    let verdict = (live(surroundings, Tier::Allowed), How::Policy, Confidence::Certain);
    let finding = match products(look, &known, written.contains("*.")).as_slice() {
        [] => look.address(&known, at, verdict),
        // Of the products that lie below one host, others say which it is for.
        products => look.known(products, &known.host, at, verdict),
    };
    if let Some(finding) = finding {
        finding.what = written;
        finding.host = Some(address.host);
        finding.plain_http = false;
        finding.side = side;
    }
}

/// Products that one source of a policy may be for, where its host says no more: those that share the host, and those that lie below a
/// domain of which all are one company's. `*.snapchat.com` lets in what the catalog lists there, and no further third party.
fn products(look: &Look<'_>, known: &Address, wildcard: bool) -> Vec<&'static ThirdParty> {
    let sharing = match wildcard {
        true => Vec::new(),
        false => look.tables.sharing(known),
    };
    if sharing.len() > 1 {
        return sharing;
    }
    match look.tables.owners_of(known).as_slice() {
        [Party::Domain(_)] => look.tables.of_one_company(known),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_directives_and_lists_are_known_in_any_case() {
        for name in [
            "scriptSrc",
            "script_src",
            "CSP_SCRIPT_SRC",
            "policy.connect_src",
            "CSP_IMG_SRC",
            "form-action",
        ] {
            assert!(is_directive(name), "{name}");
        }
        for name in ["src", "imgSource", "frame_ancestors", "scriptSrcset"] {
            assert!(!is_directive(name), "{name}");
        }
        assert!(is_allow_list("ALLOWED_DOMAINS"));
        assert!(is_allow_list("proxyWhitelist"));
        assert!(!is_allow_list("CORS_ORIGIN_WHITELIST"));
        assert!(!is_allow_list("ALLOWED_HOSTS"));
        assert!(!is_allow_list("AMY_ALLOWED_HOSTS"));
        assert!(is_allow_list("IMAGE_ALLOWED_HOSTS"));
        assert!(!is_allow_list("allowedOrigins"));
    }
}
