//! Connections to MySQL and MariaDB: over a socket or to this machine only, since the wire would be open to read.

use std::time::Duration;

use mysql::{Conn, Opts, OptsBuilder};

use crate::SourceError;

/// Longest time to connect.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);
/// Longest time in which nothing comes or goes.
const SILENT_AT_MOST: Duration = Duration::from_mins(10);

/// Connects to the server that `mysql://user:password@localhost/database?socket=/run/mysqld/mysqld.sock` names; `mariadb://` is
/// the same.
///
/// # Errors
/// [`SourceError::Mysql`] for another text, without a database, for another machine, and when the server does not answer; never
/// with the address, nor with what the server says beyond its code.
pub fn connect_mysql(url: &str) -> Result<Conn, SourceError> {
    Conn::new(options(url)?).map_err(|error| mysql_fault(&error))
}

fn options(url: &str) -> Result<OptsBuilder, SourceError> {
    let expected = |what: &str| SourceError::Mysql(what.to_owned());
    let url = url.trim();
    let plain = url.strip_prefix("mariadb://").map(|rest| format!("mysql://{rest}"));
    let options = Opts::from_url(plain.as_deref().unwrap_or(url)).map_err(|_| {
        expected(
            "is asked by an address such as `mysql://user:password@localhost/school?socket=/run/mysqld/mysqld.sock`",
        )
    })?;
    if options.get_db_name().is_none_or(str::is_empty) {
        return Err(expected("needs the name of a database in its address"));
    }
    let host = options.get_ip_or_hostname();
    if options.get_socket().is_none() && !crate::people::is_this_machine(&host) {
        return Err(expected(
            "on another machine is not spoken to: expected a socket or this machine (a tunnel ends here)",
        ));
    }
    Ok(OptsBuilder::from_opts(options)
        .prefer_socket(false)
        .local_infile_handler(None)
        .tcp_connect_timeout(Some(CONNECT_WITHIN))
        .read_timeout(Some(SILENT_AT_MOST))
        .write_timeout(Some(SILENT_AT_MOST)))
}

/// What a fault of the server is told as: its message may repeat a value or a name, so only its code is told; of others their
/// kind.
pub fn mysql_fault(error: &mysql::Error) -> SourceError {
    SourceError::Mysql(match error {
        mysql::Error::MySqlError(fault) => format!("answers with error {}", fault.code),
        mysql::Error::IoError(fault) => format!("cannot be reached: {}", fault.kind()),
        mysql::Error::DriverError(_) => "does not answer as expected".to_owned(),
        mysql::Error::UrlError(_) => "is asked by an address that cannot be read".to_owned(),
        _ => "gives something unexpected".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_never_repeated() {
        for address in [
            "mysql://root:geheim@db.example/school",
            "mysql://root:geheim@localhost/",
            "mysql://root:geheim@localhost:99999999/x",
            "mysql://root:geheim@localhost/x?socket=/nowhere/geheim",
        ] {
            let error = connect_mysql(address).map(|_| ()).unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(!told.contains("geheim"), "{told}");
        }
    }
}
