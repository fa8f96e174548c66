//! Whether search engines may keep a page: `X-Robots-Tag`, the meta tag `robots`, `robots.txt`, the site map.
//!
//! Source: RFC 9309 (robots.txt); the documented values of the meta tag and the header.

use html5gum::{Token, Tokenizer};

use crate::web::{Answer, Visitor};

/// What a search engine that keeps to the rules calls itself.
pub(super) const AGENT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

/// What a site says to search engines.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// Beginnings of paths that are closed, and of those that are open all the same.
    closed: Vec<String>,
    open: Vec<String>,
    /// The text of its site map.
    site_map: String,
}

impl Rules {
    /// Asks the site. What is not there closes nothing.
    pub(super) fn ask(visitor: &mut Visitor) -> Self {
        let page = |visitor: &mut Visitor, path: &str| {
            let answer = visitor.open(path).ok().filter(|answer| answer.status == 200);
            answer.map(|answer| answer.text()).unwrap_or_default()
        };
        let mut rules = Self::of(&page(visitor, "/robots.txt"));
        rules.site_map = page(visitor, "/sitemap.xml");
        rules
    }

    /// RFC 9309: groups of lines for agents; those of the agent by name count before those of everybody.
    fn of(text: &str) -> Self {
        let (mut ours, mut everybody) = (Self::default(), Self::default());
        let (mut in_ours, mut in_everybody, mut named, mut begun) = (false, false, false, true);
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((field, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim().to_owned();
            match field.trim().to_ascii_lowercase().as_str() {
                "user-agent" => {
                    if begun {
                        (in_ours, in_everybody, begun) = (false, false, false);
                    }
                    in_ours |= value.eq_ignore_ascii_case("googlebot");
                    in_everybody |= value == "*";
                    named |= in_ours;
                }
                rule @ ("disallow" | "allow") => {
                    begun = true;
                    for (inside, rules) in [(in_ours, &mut ours), (in_everybody, &mut everybody)] {
                        let list = if rule == "allow" {
                            &mut rules.open
                        } else {
                            &mut rules.closed
                        };
                        if inside && !value.is_empty() {
                            list.push(value.clone());
                        }
                    }
                }
                _ => {}
            }
        }
        if named { ours } else { everybody }
    }

    fn closes(&self, path: &str) -> bool {
        let longest = |rules: &[String]| rules.iter().filter(|rule| matches(rule, path)).map(String::len).max();
        longest(&self.closed) > longest(&self.open)
    }

    /// Whether a search engine keeps this answer, or is led to it.
    pub(super) fn let_in(&self, answer: &Answer) -> bool {
        let path = answer.url.path_and_query().map_or("/", |path| path.as_str());
        self.lists(path) || (!self.closes(path) && !says_no(answer))
    }

    fn lists(&self, path: &str) -> bool {
        path.len() > 1 && self.site_map.contains(&format!("{path}<"))
    }
}

/// `*` for any characters, `$` for the end.
fn matches(rule: &str, path: &str) -> bool {
    let (rule, to_end) = rule.strip_suffix('$').map_or((rule, false), |rule| (rule, true));
    let mut parts = rule.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    !to_end || rest.is_empty() || rule.ends_with('*')
}

/// Whether the answer itself asks not to be kept.
fn says_no(answer: &Answer) -> bool {
    let headers = answer.headers.iter().filter(|(name, _)| name == "x-robots-tag");
    let mut said: Vec<String> = headers.map(|(_, value)| value.to_ascii_lowercase()).collect();
    for token in Tokenizer::new(&answer.body[..]) {
        let Ok(Token::StartTag(tag)) = token else { continue };
        let attribute = |name: &str| {
            crate::web::attribute(&tag, name)
                .unwrap_or_default()
                .to_ascii_lowercase()
        };
        if &**tag.name == b"meta" && ["robots", "googlebot"].contains(&attribute("name").as_str()) {
            said.push(attribute("content"));
        }
    }
    let words = said.iter().flat_map(|text| text.split([',', ' ', ':']));
    words.map(str::trim).any(|word| ["noindex", "none"].contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)], body: &str, path: &str) -> Answer {
        Answer {
            status: 200,
            url: format!("https://birch.example{path}").parse().unwrap(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
            passed: Vec::new(),
        }
    }

    #[test]
    fn pages_say_whether_they_are_to_be_kept() {
        let open = Rules::default();
        assert!(open.let_in(&answer(&[], "<p>", "/s/1")));
        assert!(!open.let_in(&answer(&[("x-robots-tag", "noindex, nofollow")], "", "/s/1")));
        assert!(!open.let_in(&answer(&[], "<meta name=robots content='NOINDEX'>", "/s/1")));
        assert!(open.let_in(&answer(&[], "<meta name=description content='noindex'>", "/s/1")));
    }

    #[test]
    fn robots_txt_is_read_by_its_groups() {
        let rules = Rules::of("User-agent: *\nDisallow: /s/\nAllow: /s/open$\n\nUser-agent: other\nDisallow: /\n");
        for (path, open) in [("/s/1", false), ("/s/open", true), ("/s/open1", false), ("/p", true)] {
            assert_eq!(rules.let_in(&answer(&[], "", path)), open, "{path}");
        }
        let named = Rules::of("User-agent: *\nDisallow: /\nUser-agent: Googlebot\nDisallow: /*.pdf$\n");
        assert!(named.let_in(&answer(&[], "", "/s/1")));
        assert!(!named.let_in(&answer(&[], "", "/a/b.pdf")));
        let mut listed = Rules::of("User-agent: *\nDisallow: /\n");
        listed.site_map = "<loc>https://birch.example/s/1</loc>".to_owned();
        assert!(listed.let_in(&answer(&[], "", "/s/1")));
    }
}
