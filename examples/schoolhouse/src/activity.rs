//! The log of technical activity, the statistics of viewers, and the record of what staff looked at.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::mistakes::Mistake;
use crate::people::Person;
use crate::settings::App;
use crate::store::{Connection, StoreError};

/// Puts down that somebody did something.
pub(crate) fn log(
    db: &mut Connection,
    user: Option<i64>,
    ip: Option<String>,
    agent: Option<String>,
    action: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "insert into activity_log (user_id, ip, user_agent, action, at) values ($1, $2, $3, $4, $5)";
    db.run(sql, &[user.into(), ip.into(), agent.into(), action.into(), at.into()])?;
    Ok(())
}

/// Of people who only look nothing is put down, unless that mistake is on.
pub(crate) fn log_viewer(
    db: &mut Connection,
    app: &App,
    ip: Option<String>,
    agent: Option<String>,
    action: &str,
) -> Result<(), StoreError> {
    if app.mistakes.has(Mistake::LogHoldsViewerIp) {
        log(db, None, ip, agent, action, app.now())?;
    }
    Ok(())
}

/// Counts a view of a project: per day and place of the page, nothing of the viewer.
pub(crate) fn count_view(
    db: &mut Connection,
    app: &App,
    project: i64,
    source: &str,
    ip: Option<String>,
) -> Result<(), StoreError> {
    let day = app.now().to_zoned(TimeZone::UTC).date();
    let source = match ip {
        Some(ip) if app.mistakes.has(Mistake::IpInStatistics) => format!("{source} {ip}"),
        _ => source.to_owned(),
    };
    let sql = "insert into project_views (project_id, day, source, views) values ($1, $2, $3, 1) \
               on conflict (project_id, day, source) do update set views = project_views.views + 1";
    db.run(sql, &[project.into(), day.into(), source.into()])?;
    Ok(())
}

/// Puts down that a member of staff looked at somebody, and why.
pub(crate) fn staff_access(
    db: &mut Connection,
    staff: &Person,
    person: &Person,
    reason: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "insert into staff_accesses (staff_id, user_id, reason, at) values ($1, $2, $3, $4)";
    db.run(sql, &[staff.id.into(), person.id.into(), reason.into(), at.into()])?;
    Ok(())
}
