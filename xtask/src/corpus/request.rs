//! A request as it is handed to the detection room.

use averment_detect::{Directory, Inspection, Limits, Message, inspect};

pub(super) struct Request {
    pub(super) target: String,
    pub(super) headers: Vec<(&'static str, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn to(target: String) -> Self {
        Self {
            target,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(super) fn with_header(name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        Self {
            headers: vec![(name, value.into())],
            ..Self::to("/v1/events".to_owned())
        }
    }

    pub(super) fn post(kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            ..Self::with_header("content-type", kind)
        }
    }

    pub(super) fn inspect(&self, directory: &Directory) -> Inspection {
        let headers: Vec<(&str, &[u8])> = self.headers.iter().map(|(name, value)| (*name, &value[..])).collect();
        let message = Message {
            authority: "sink.example",
            target: &self.target,
            headers: &headers,
            body: &self.body,
        };
        inspect(&message, directory, &Limits::default())
    }
}
