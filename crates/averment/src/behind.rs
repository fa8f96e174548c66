//! What a program has to be told so that its requests go through the gate: one row a variable.
//!
//! Start at [`variables`]. Several variables replace the system's certificates instead of adding to them, so a bundle of
//! both is written into the data folder, and for Java a trust store (JKS, which every Java reads).

mod truststore;

use std::path::{Path, PathBuf};

use averment_gate::read_certificates;

use crate::cli::BehindArgs;
use crate::outcome::Failure;

/// Where systems keep the certificates that they trust, the usual place first.
const SYSTEM_BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// Never sent through a gate: this machine.
const DIRECT: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Variables that hold the proxy's address. Some programs read one spelling only.
const PROXY: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// The same for gRPC, which speaks to proxies in clear only.
const GRPC_PROXY: [&str; 2] = ["GRPC_PROXY", "grpc_proxy"];

/// Variables that hold the bundle: OpenSSL and Go and Ruby, requests, curl, gRPC, httplib2, boto, Cargo, Deno, Git, pip.
const BUNDLE: [&str; 11] = [
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "HTTPLIB2_CA_CERTS",
    "AWS_CA_BUNDLE",
    "CARGO_HTTP_CAINFO",
    "DENO_CERT",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
];

/// Names and values, in the order in which they are printed.
pub(crate) fn variables(arguments: &BehindArgs) -> Result<Vec<(&'static str, String)>, Failure> {
    let bundles = Bundles::write(&arguments.data, arguments.tls_authority.as_deref())?;
    let in_clear = arguments.tls_name.is_none();
    let proxy = proxy(arguments)?;
    let direct = DIRECT
        .iter()
        .map(ToString::to_string)
        .chain(arguments.direct.iter().cloned());
    let direct: Vec<String> = direct.collect();
    let mut variables: Vec<(&'static str, String)> = PROXY.iter().map(|name| (*name, proxy.clone())).collect();
    if in_clear {
        variables.extend(GRPC_PROXY.map(|name| (name, proxy.clone())));
    }
    variables.extend(["NO_PROXY", "no_proxy"].map(|name| (name, direct.join(","))));
    let bundle = bundles.pem.display().to_string();
    variables.extend(BUNDLE.map(|name| (name, bundle.clone())));
    variables.push(("NODE_EXTRA_CA_CERTS", bundles.authority.display().to_string()));
    // Node.js 24 and later, and 22.21: the built-in clients read the variables above.
    variables.push(("NODE_USE_ENV_PROXY", "1".to_owned()));
    if in_clear {
        variables.push(("JAVA_TOOL_OPTIONS", java(arguments, &bundles.java, &direct)));
    } else {
        anstream::eprintln!(
            "note: Java and gRPC speak to proxies in clear only, and no variable gives a program its certificate: docs/gate.md says how"
        );
    }
    Ok(variables)
}

fn proxy(arguments: &BehindArgs) -> Result<String, Failure> {
    let (scheme, address) = match &arguments.tls_name {
        Some(name) => ("https", format!("{name}:{}", arguments.gate.port())),
        None => ("http", arguments.gate.to_string()),
    };
    let (Some(service), Some(file)) = (&arguments.service, &arguments.token_file) else {
        return Ok(format!("{scheme}://{address}"));
    };
    let token = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
    Ok(format!(
        "{scheme}://{}:{}@{address}",
        encoded(service),
        encoded(token.trim()),
    ))
}

/// For the user part of a URL. RFC 3986 2.3.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out + &char::from(byte).to_string(),
        other => out + &format!("%{other:02X}"),
    })
}

fn java(arguments: &BehindArgs, truststore: &Path, direct: &[String]) -> String {
    let (host, port) = (arguments.gate.ip(), arguments.gate.port());
    let direct = direct.join("|");
    format!(
        "-Dhttps.proxyHost={host} -Dhttps.proxyPort={port} -Dhttp.proxyHost={host} -Dhttp.proxyPort={port} \
         -Dhttp.nonProxyHosts={direct} -Djavax.net.ssl.trustStore={} -Djavax.net.ssl.trustStoreType=JKS \
         -Djavax.net.ssl.trustStorePassword={}",
        truststore.display(),
        truststore::PASSWORD
    )
}

/// The files that variables point at, by absolute path: programs change their folder.
struct Bundles {
    authority: PathBuf,
    pem: PathBuf,
    java: PathBuf,
}

impl Bundles {
    /// `tls_authority`: who signed the gate's certificate for its own address, to be trusted besides.
    fn write(data: &Path, tls_authority: Option<&Path>) -> Result<Self, Failure> {
        let data = std::path::absolute(data)?;
        let bundles = Self {
            authority: data.join("authority.pem"),
            pem: data.join("bundle.pem"),
            java: data.join("truststore.jks"),
        };
        let authority = std::fs::read_to_string(&bundles.authority).map_err(|error| {
            Failure::new(format!(
                "cannot read the gate's authority `{}`",
                bundles.authority.display()
            ))
            .because(error)
            .hint("start the gate once, or name its data folder with `--data DIR`")
        })?;
        let own = tls_authority.map(own_authority).transpose()?.unwrap_or_default();
        // OpenSSL takes the first of those with one name, which may be an authority of before among the system's.
        let bundle = format!("{}\n{own}{}", authority.trim_end(), system());
        replace_unless_same(&bundles.pem, bundle.as_bytes())?;
        let certificates = read_certificates(&bundles.pem)?;
        let certificates: Vec<&[u8]> = certificates.iter().map(AsRef::as_ref).collect();
        replace_unless_same(&bundles.java, &truststore::jks(&certificates))?;
        Ok(bundles)
    }
}

fn own_authority(file: &Path) -> Result<String, Failure> {
    read_certificates(file)?;
    Ok(format!("{}\n", std::fs::read_to_string(file)?.trim_end()))
}

/// The certificates of the system, with a newline at the end; nothing where none are found.
fn system() -> String {
    let found = SYSTEM_BUNDLES
        .iter()
        .find_map(|path| std::fs::read_to_string(path).ok());
    if found.is_none() {
        anstream::eprintln!("warning: no certificates of the system were found, so only the gate is trusted");
    }
    found.map(|text| format!("{}\n", text.trim_end())).unwrap_or_default()
}

/// Whole or not at all; a program that reads it now reads the old one.
fn replace_unless_same(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if std::fs::read(file).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let mut new = file.to_owned().into_os_string();
    new.push(".new");
    let written = std::fs::write(&new, bytes).and_then(|()| std::fs::rename(&new, file));
    written.map_err(|error| Failure::new(format!("cannot write `{}`", file.display())).because(error))
}

#[cfg(test)]
mod tests;
