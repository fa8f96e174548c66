//! A small web server for pages and for whom they contact, on a port of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use sha1::{Digest as _, Sha1};

/// What was asked.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: String,
    /// Without query.
    pub(super) path: String,
    /// Without port.
    pub(super) host: String,
    pub(super) cookie: String,
    /// Of a WebSocket that is to be opened.
    key: Option<String>,
    pub(super) body: String,
}

/// What is answered.
pub(super) struct Answer {
    status: &'static str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    pub(super) fn html(body: &str) -> Self {
        Self::of("200 OK", "text/html; charset=utf-8", body)
    }

    pub(super) fn script(body: &str) -> Self {
        Self::of("200 OK", "text/javascript", body)
    }

    pub(super) fn not_found() -> Self {
        Self::of("404 Not Found", "text/plain", "")
    }

    pub(super) fn redirect(to: &str) -> Self {
        Self::of("303 See Other", "text/plain", "").with("Location", to)
    }

    fn of(status: &'static str, kind: &str, body: &str) -> Self {
        let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
        let body = body.as_bytes().to_vec();
        Self { status, headers, body }
    }

    /// With one header more; none for an empty value.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

/// The server; it runs until the test ends.
pub(super) struct Web {
    pub(super) address: SocketAddr,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Web {
    pub(super) fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (asked, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                std::thread::spawn(move || serve(&stream, &log, &*answer));
            }
        });
        Self { address, asked }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Everything that was asked so far.
    pub(super) fn asked(&self) -> Vec<Request> {
        self.asked.lock().expect("no test fails while it holds it").clone()
    }
}

fn serve(stream: &TcpStream, log: &Mutex<Vec<Request>>, answer: &dyn Fn(&Request) -> Answer) {
    let mut reader = BufReader::new(stream);
    let Some(request) = read(&mut reader) else { return };
    if let Some(key) = &request.key {
        return socket(reader, key);
    }
    let Answer { status, headers, body } = answer(&request);
    log.lock().expect("no test fails while it holds it").push(request);
    let mut head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = stream;
    let _ = stream
        .write_all(format!("{head}\r\n").as_bytes())
        .and_then(|()| stream.write_all(&body));
}

/// Opens a WebSocket (RFC 6455) and takes what comes until the other side has gone.
fn socket(reader: BufReader<&TcpStream>, key: &str) {
    let digest = Sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
    let accept = base64::engine::general_purpose::STANDARD.encode(digest);
    let head =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
    let mut stream = reader.into_inner();
    let _ = stream.write_all(format!("{head}{accept}\r\n\r\n").as_bytes());
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let path = target.split('?').next()?.to_owned();
    let (mut host, mut cookie, mut key, mut length) = (String::new(), String::new(), None, 0_u64);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "host" => host = value.split(':').next()?.to_owned(),
            "cookie" => cookie = value.to_owned(),
            "sec-websocket-key" => key = Some(value.to_owned()),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Request {
        method,
        path,
        host,
        cookie,
        key,
        body,
    })
}
