//! PostgreSQL: the query's answer comes as CSV, which every type of the server has a form in.

mod tls;

use std::io::Read as _;

use postgres::config::{Host, SslMode};
use postgres::{Client, Config, IsolationLevel};
use rustls::pki_types::CertificateDer;

use super::super::limited::Limited;
use super::super::read::Reading;
use super::super::report::LoadError;
use super::super::table::{LineBreaks, Wanted, read_csv};
use super::{Since, SourceError, inner, quoted_name};
use tls::Tls;

/// Most bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 4 << 30;

/// Longest time to connect.
const CONNECT_WITHIN: std::time::Duration = std::time::Duration::from_secs(30);

/// Reads what the query gives; the greatest value of the column, if one is asked for.
pub(super) fn read(
    reading: &mut Reading<'_>,
    (connection, trust): (&str, &[CertificateDer<'static>]),
    query: &str,
    since: Option<&Since<'_>>,
) -> Result<Option<String>, LoadError> {
    let mut client = connect(connection, trust)?;
    // One picture for the greatest value and the rows, and a query cannot write.
    let transaction = client.build_transaction().read_only(true);
    let mut transaction = transaction
        .isolation_level(IsolationLevel::RepeatableRead)
        .start()
        .map_err(told)?;
    let query = inner(query);
    let mut sql = query.to_owned();
    let mut greatest = None;
    if let Some(since) = since {
        let column = quoted_name(since.column);
        let max = format!("select max(people.{column})::text from (\n{query}\n) as people");
        greatest = transaction
            .query_one(&max, &[])
            .and_then(|row| row.try_get(0))
            .map_err(told)?;
        if let Some(mark) = &since.mark {
            // What was written at the same moment as the last row may have come later.
            let mark = quoted_text(mark);
            sql = format!("select * from (\n{query}\n) as people where people.{column} >= {mark}");
        }
    }
    let copy = format!("copy (\n{sql}\n) to stdout with (format csv, header true)");
    let answer = transaction.copy_out(&copy).map_err(told)?;
    let answer = Limited::new(answer, ANSWER_BYTES_MAX).take(u64::MAX);
    read_csv(
        reading,
        answer,
        "the PostgreSQL query",
        Wanted::People,
        LineBreaks::Taken,
    )?;
    Ok(greatest)
}

pub(super) fn connect(connection: &str, trust: &[CertificateDer<'static>]) -> Result<Client, SourceError> {
    let mut config: Config = connection.parse().map_err(|_| SourceError::ConnectionString)?;
    let socket = |host: &Host| matches!(host, Host::Unix(_));
    let elsewhere = |host: &Host| matches!(host, Host::Tcp(name) if !is_this_machine(name));
    if config.get_hosts().iter().any(elsewhere) {
        config.ssl_mode(SslMode::Require);
    } else if config.get_hosts().iter().all(socket) {
        // A socket has no name that a certificate could be held against.
        config.ssl_mode(SslMode::Disable);
    }
    config.connect_timeout(CONNECT_WITHIN);
    config.options("-c standard_conforming_strings=on -c datestyle=ISO -c client_encoding=UTF8");
    config.connect(Tls::new(trust)?).map_err(told)
}

pub(crate) fn is_this_machine(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The mark is what the server said itself, as text; quoted for `standard_conforming_strings`.
fn quoted_text(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}

/// The server's message may repeat a value of a row, so only its code is told; of other faults their kind.
fn told(error: postgres::Error) -> SourceError {
    let text = match error.as_db_error() {
        Some(fault) => format!("answered with error {}", fault.code().code()),
        None => error.to_string(),
    };
    SourceError::Postgres(text)
}
