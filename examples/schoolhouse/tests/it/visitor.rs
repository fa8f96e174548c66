//! Who asks a platform, and what comes back.

use serde_json::Value;
use ureq::Agent;

/// Somebody who is signed in, or nobody.
pub(crate) struct Visitor {
    address: String,
    pub(crate) token: Option<String>,
    cookie: Option<String>,
    agent: Agent,
}

/// Somebody at any address.
pub(crate) fn visitor(address: &str) -> Visitor {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None);
    Visitor {
        address: address.to_owned(),
        token: None,
        cookie: None,
        agent: config.build().into(),
    }
}

impl Visitor {
    pub(crate) fn get(&self, path: &str) -> Got {
        let mut request = self.agent.get(self.at(path)).header("user-agent", "Browser/1");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        got(request.call().unwrap())
    }

    pub(crate) fn delete(&self, path: &str) -> Got {
        let mut request = self.agent.delete(self.at(path));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        got(request.call().unwrap())
    }

    /// Sends a form.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Got {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send(path, "application/x-www-form-urlencoded", body.as_bytes(), None)
    }

    pub(crate) fn post_json(&self, path: &str, body: &Value) -> Got {
        self.send(path, "application/json", body.to_string().as_bytes(), None)
    }

    /// Sends a file as a browser does.
    pub(crate) fn upload(&self, path: &str, name: &str, kind: &str, bytes: &[u8]) -> Got {
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
        );
        let mut body = head.into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        self.send(path, "multipart/form-data; boundary=edge", &body, None)
    }

    /// Sends a form that a page of another site holds.
    pub(crate) fn post_from(&self, origin: &str, path: &str) -> Got {
        self.send(path, "application/x-www-form-urlencoded", b"", Some(origin))
    }

    fn send(&self, path: &str, kind: &str, body: &[u8], origin: Option<&str>) -> Got {
        let mut request = self.agent.post(self.at(path)).header("content-type", kind);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        got(request.send(body).unwrap())
    }

    /// Carries this cookie from now on, as `Set-Cookie` gave it.
    pub(crate) fn carry(&mut self, cookie: &str) {
        self.cookie = cookie.split(';').next().map(str::to_owned);
    }

    fn at(&self, path: &str) -> String {
        if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.address)
        }
    }
}

/// What came back.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) body: String,
    headers: ureq::http::HeaderMap,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

fn got(mut response: ureq::http::Response<ureq::Body>) -> Got {
    Got {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: String::from_utf8_lossy(&response.body_mut().read_to_vec().unwrap()).into_owned(),
    }
}
