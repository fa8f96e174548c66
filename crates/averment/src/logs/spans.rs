//! Spans collected until their request is over, then sent off together.
//!
//! The identifier of a trace is that of the request in the ledger, so that one leads to the other. A request that never
//! reached the ledger gets a random one.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;

use serde_json::{Value, json};
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::clock;

/// The layer that collects.
pub(super) struct Traces {
    done: SyncSender<Vec<Value>>,
    random: RandomState,
    next: AtomicU64,
}

/// One span under way, kept with it.
struct Open {
    span_id: String,
    began: i128,
    fields: BTreeMap<&'static str, Value>,
    /// Spans inside that are over, without the identifier of their trace.
    inside: Vec<Value>,
}

impl Traces {
    pub(super) fn new(done: SyncSender<Vec<Value>>) -> Self {
        Self {
            done,
            random: RandomState::new(),
            next: AtomicU64::new(0),
        }
    }

    fn random(&self) -> u64 {
        self.random.hash_one(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Traces {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(Open {
            span_id: format!("{:016x}", self.random()),
            began: clock::now().as_nanosecond(),
            fields: fields.0,
            inside: Vec::new(),
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            open.fields.extend(fields.0);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else {
            return;
        };
        let parent = span.parent();
        let mut extensions = parent.as_ref().map(|parent| parent.extensions_mut());
        match extensions.as_mut().and_then(|extensions| extensions.get_mut::<Open>()) {
            Some(outer) => {
                let outer_id = outer.span_id.clone();
                outer.inside.push(open.finished(span.name(), Some(&outer_id)));
                outer.inside.extend(open.inside);
            }
            None => {
                let random = format!("{:016x}{:016x}", self.random(), self.random());
                // A collector that does not keep up loses traces; requests do not wait for it.
                _ = self.done.try_send(open.whole(span.name(), random));
            }
        }
    }
}

impl Open {
    /// Every span of the trace. `random`: its identifier, where the ledger gave none.
    fn whole(self, name: &str, random: String) -> Vec<Value> {
        let trace = self
            .fields
            .get("id")
            .and_then(Value::as_str)
            .map_or(random, str::to_owned);
        let mut spans = vec![self.finished(name, None)];
        spans.extend(self.inside);
        for span in &mut spans {
            span["traceId"] = Value::from(trace.as_str());
        }
        spans
    }

    /// As the protocol has it (OTLP, JSON encoding). Times in nanoseconds since 1970.
    fn finished(&self, name: &str, parent: Option<&str>) -> Value {
        let step = self.fields.get("step").and_then(Value::as_str);
        let attributes: Vec<Value> = self.fields.iter().map(|(key, value)| attribute(key, value)).collect();
        let mut span = json!({
            "spanId": self.span_id,
            "name": step.unwrap_or(name),
            "kind": if parent.is_some() { 1 } else { 2 },
            "startTimeUnixNano": self.began.to_string(),
            "endTimeUnixNano": clock::now().as_nanosecond().to_string(),
            "attributes": attributes,
        });
        if let Some(parent) = parent {
            span["parentSpanId"] = Value::from(parent);
        }
        span
    }
}

fn attribute(key: &str, value: &Value) -> Value {
    let value = match value {
        Value::Number(number) => json!({ "intValue": number.to_string() }),
        other => json!({ "stringValue": other.as_str().unwrap_or_default() }),
    };
    json!({ "key": format!("averment.{key}"), "value": value })
}

/// What a span says about itself: words and numbers.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, Value>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name(), Value::from(value));
    }

    /// Nothing of the gate's is recorded in another form, and what has another form may hold more than it should.
    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
