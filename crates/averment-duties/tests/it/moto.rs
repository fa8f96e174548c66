//! A server that speaks S3: moto, installed from PyPI below the target folder at the first run. Before it `verified.py` makes every
//! signature again with the code of the AWS SDK for Python, so that a wrong one is refused as Amazon refuses it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use averment_duties::objects::s3::{Access, Bucket};

const PACKAGE: &str = "moto[server,s3]==5.1.*";

/// A server that ends with its value.
pub(crate) struct Moto {
    process: Child,
    pub(crate) endpoint: String,
}

impl Moto {
    pub(crate) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(installed().join("bin/python"))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/verified.py"))
            .arg(port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self {
            process,
            endpoint: format!("http://127.0.0.1:{port}"),
        };
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(server.process.try_wait().unwrap().is_none(), "moto ended");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        server
    }

    pub(crate) fn access(&self, bucket: &str) -> Access {
        Access {
            endpoint: self.endpoint.clone(),
            bucket: bucket.to_owned(),
            region: "eu-central-1".to_owned(),
            key_id: "key".to_owned(),
            secret: "secret".to_owned(),
            token: None,
        }
    }

    pub(crate) fn bucket(&self, bucket: &str) -> Bucket {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        Bucket::new(self.access(bucket), &[], move || now).unwrap()
    }

    /// Sends something that our client has no need of, such as the making of a bucket.
    pub(crate) fn send(&self, method: &str, path: &str, body: &str) {
        let agent = averment_duties::web::agent(&[]);
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.endpoint))
            .header("authorization", "AWS4-HMAC-SHA256 Credential=maker/20261122/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0");
        let answer = agent.run(request.body(body.to_owned()).unwrap()).unwrap();
        assert!(answer.status().is_success(), "{method} {path}: {}", answer.status());
    }

    pub(crate) fn make(&self, bucket: &str) {
        let place = "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>";
        self.send("PUT", &format!("/{bucket}"), place);
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn installed() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto");
        if !folder.join("bin/moto_server").is_file() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
            run(Command::new(folder.join("bin/pip")).args(["install", "--quiet", PACKAGE]));
        }
        folder
    })
}

fn run(command: &mut Command) {
    let status = command
        .status()
        .expect("the tests need `python3` with `venv`: `cargo xtask test` installs it");
    assert!(status.success(), "{command:?}");
}
