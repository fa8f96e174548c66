//! The status view: plain HTML, made anew every five seconds unless the reader pauses it.

use std::sync::LazyLock;

use averment_publish::{style, style_source};
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior, context};

use crate::view::Status;

const STYLE: &str = include_str!("../templates/status.css");

/// Seconds between two versions of the view.
const REFRESH_SECONDS: u32 = 5;

/// The view; `refresh`: whether it renews itself.
pub(crate) fn html(status: &Status, refresh: bool) -> String {
    static PAGES: LazyLock<Environment<'static>> = LazyLock::new(environment);
    let template = PAGES
        .get_template("status.html")
        .expect("the template is part of the program");
    let context = context! {
        status => Value::from(Serde(status)),
        uptime_seconds => status.now.duration_since(status.started_at).as_secs().max(0),
        refresh,
        refresh_seconds => REFRESH_SECONDS,
        styles => [style(), STYLE].map(|style| Value::from_safe_string(style.to_owned())).to_vec(),
    };
    template
        .render(context)
        .expect("the template uses only what a status has; a test renders all of it")
}

/// The source expressions of both style sheets.
pub(crate) fn style_sources() -> String {
    format!("{} {}", style_source(style()), style_source(STYLE))
}

fn environment() -> Environment<'static> {
    let mut pages = Environment::new();
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    pages.add_filter("clock", |at: &str| clock(at));
    pages.add_filter("thousands", averment_publish::thousands);
    pages.add_filter("duration", averment_publish::duration);
    let text = include_str!("../templates/status.html");
    pages
        .add_template("status.html", text)
        .expect("the template is part of the program");
    pages
}

/// `2026-11-21T10:00:00.123456Z` → `2026-11-21 10:00:00 UTC`.
fn clock(at: &str) -> String {
    at.parse::<jiff::Timestamp>()
        .map_or_else(|_| at.to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}
