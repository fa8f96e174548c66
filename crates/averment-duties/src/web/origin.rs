//! Where a page is: scheme, host and port, and how links lead on from it.
//!
//! Source: RFC 6454 (origins), RFC 3986 section 5.2 (references).

use ureq::http::Uri;

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Scheme.
    pub scheme: String,
    /// Host, in lower case.
    pub host: String,
    /// Port, also where it is the scheme's own.
    pub port: u16,
}

impl Origin {
    /// The origin of a URL; none for what is not HTTP.
    pub fn of(url: &Uri) -> Option<Self> {
        let scheme = url.scheme_str()?.to_ascii_lowercase();
        let port = match (url.port_u16(), scheme.as_str()) {
            (Some(port), "http" | "https") => port,
            (None, "https") => 443,
            (None, "http") => 80,
            _ => return None,
        };
        let host = url.host()?.to_ascii_lowercase();
        Some(Self { scheme, host, port })
    }

    /// Whether passwords may go there: by TLS, or to this machine.
    pub fn is_private(&self) -> bool {
        let address = self.host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        self.scheme == "https" || self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// Its first page.
    pub fn uri(&self) -> Uri {
        let text = format!("{}://{}:{}/", self.scheme, self.host, self.port);
        text.parse().unwrap_or_default()
    }
}

/// Where a reference on `page` leads; none for one that is no page.
pub fn resolve(page: &Uri, reference: &str) -> Option<Uri> {
    let reference = reference.trim().split('#').next().unwrap_or_default();
    let authority = page.authority()?.as_str();
    let scheme = page.scheme_str()?;
    let directory = page.path().rsplit_once('/').map_or("", |(directory, _)| directory);
    let text = match reference {
        "" => page.to_string(),
        absolute if absolute.contains("://") => absolute.to_owned(),
        same_scheme if same_scheme.starts_with("//") => format!("{scheme}:{same_scheme}"),
        path if path.starts_with('/') => format!("{scheme}://{authority}{}", without_dots(path)),
        query if query.starts_with('?') => format!("{scheme}://{authority}{}{query}", page.path()),
        other if other.split(['/', '?']).next().is_some_and(|first| first.contains(':')) => return None,
        relative => format!(
            "{scheme}://{authority}{}",
            without_dots(&format!("{directory}/{relative}"))
        ),
    };
    text.parse().ok().filter(|uri| Origin::of(uri).is_some())
}

/// RFC 3986 section 5.2.4.
fn without_dots(path: &str) -> String {
    let (path, query) = path
        .split_once('?')
        .map_or((path, None), |(path, query)| (path, Some(query)));
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => _ = kept.pop(),
            part => kept.push(part),
        }
    }
    let path = format!("/{}", kept.join("/"));
    query.map_or(path.clone(), |query| format!("{path}?{query}"))
}
