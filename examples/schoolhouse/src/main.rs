//! A small education platform: schools, classes, projects, messages, an activity log.

fn main() {}
