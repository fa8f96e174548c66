//! Codes of stand-ins that believe whoever types a name: a page that asks who is there, and what was asked for under each code.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::response::{IntoResponse as _, Redirect, Response};

use crate::secrets;
use crate::web::html::escaped;

/// Names and values of a query or a form.
pub(crate) type Words = BTreeMap<String, String>;

/// By code: what was asked for, and who typed their name. Each is told once.
#[derive(Default)]
pub(crate) struct Codes(Mutex<BTreeMap<String, Words>>);

impl Codes {
    /// Sends a browser back to the platform with a new code for what it asked.
    pub(crate) fn redirect(&self, back: &str, asked: Words) -> Response {
        let code = secrets::token();
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code)
            .append_pair("state", asked.get("state").map_or("", String::as_str))
            .finish();
        let to = format!("{back}?{query}");
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.insert(code, asked);
        Redirect::to(&to).into_response()
    }

    /// What was asked for under the code of these words, to who can show the verifier of its challenge and the same way back.
    pub(crate) fn take(&self, words: &Words) -> Option<Words> {
        let word = |name: &str| words.get(name).cloned().unwrap_or_default();
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.remove(&word("code")).filter(|asked| {
            asked.get("code_challenge") == Some(&secrets::challenge(&word("code_verifier")))
                && asked.get("redirect_uri") == Some(&word("redirect_uri"))
        })
    }
}

/// What was asked, as hidden fields of a form.
pub(crate) fn hidden(asked: &Words) -> String {
    let field = |(name, value): (&String, &String)| {
        let (name, value) = (escaped(name), escaped(value));
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
    };
    asked.iter().map(field).collect()
}
