//! The decision API over a real socket: who is answered, with what, and that nothing opens by mistake.

use averment_access::Access;
use averment_console::access::{Guarded, InForce, router};
use averment_register::{Source, compile};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

const CLAIMS: &str = r#"
[[claims]]
kind = "visible_to"
elements = ["contact"]
subjects = ["student"]
viewers = ["teacher"]
id = "teachers"
sentence = "Teachers see how to reach their students."
"#;

struct Decider {
    address: std::net::SocketAddr,
    stop: CancellationToken,
}

impl Drop for Decider {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Decider {
    async fn start(token: &str) -> Self {
        let mut source = Source::default();
        source.insert(
            "organisation.toml",
            "organisation = \"Test\"\n[defaults]\nmode = \"report\"\nunknown_hosts = \"report\"\n",
        );
        source.insert("claims/list.toml", CLAIMS);
        let access = Access::new(&compile(&source).charter.unwrap()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = router(Guarded {
            access: InForce::new(access),
            token: token.to_owned(),
            base: "https://decide.school.example".to_owned(),
        });
        let stop = CancellationToken::new();
        tokio::spawn(averment_console::serve(listener, router, stop.clone()));
        Self { address, stop }
    }

    /// Status, head and body of an answer.
    async fn ask(&self, head: &str, body: &str) -> (u16, String, Value) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let length = body.len();
        let request =
            format!("{head}\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head[9..12].parse().unwrap();
        (
            status,
            head.to_ascii_lowercase(),
            serde_json::from_str(body).unwrap_or_default(),
        )
    }

    async fn evaluate(&self, token: &str, body: &Value) -> (u16, String, Value) {
        let head = format!(
            "POST /access/v1/evaluation HTTP/1.1\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\nx-request-id: q-7"
        );
        self.ask(&head, &body.to_string()).await
    }
}

fn question(school: &str) -> Value {
    let person = |id: &str, role: &str, school: &str| json!({ "type": "person", "id": id, "properties": { "role": role, "schools": { school: ["7b"] } } });
    json!({
        "subject": person("t-1", "teacher", school), "action": { "name": "see:contact.email" },
        "resource": person("s-1", "student", "hill"),
    })
}

#[tokio::test]
async fn whoever_has_the_token_is_answered_by_the_rules() {
    let decider = Decider::start("secret").await;
    let (status, head, body) = decider.evaluate("secret", &question("hill")).await;
    assert_eq!((status, &body["decision"]), (200, &json!(true)));
    assert!(head.contains("content-type: application/json"), "{head}");
    assert!(
        head.contains("x-request-id: q-7") && head.contains("cache-control: no-store"),
        "{head}"
    );
    let (status, _, body) = decider.evaluate("secret", &question("lake")).await;
    assert_eq!((status, &body["decision"]), (200, &json!(false)));
}

#[tokio::test]
async fn without_the_token_nothing_is_told() {
    let decider = Decider::start("secret").await;
    for token in ["", "wrong", "secret2"] {
        let (status, head, body) = decider.evaluate(token, &question("hill")).await;
        assert_eq!(status, 401);
        assert!(
            head.contains("www-authenticate: bearer") && head.contains("application/problem+json"),
            "{head}"
        );
        assert!(body.get("decision").is_none());
    }
    let nobody = Decider::start("").await;
    assert_eq!(nobody.evaluate("", &question("hill")).await.0, 401);
    let with_origin = "POST /access/v1/evaluation HTTP/1.1\r\nauthorization: Bearer secret\r\norigin: https://else.example\r\ncontent-type: application/json";
    assert_eq!(decider.ask(with_origin, &question("hill").to_string()).await.0, 403);
}

#[tokio::test]
async fn what_cannot_be_read_is_a_problem_and_no_decision() {
    let decider = Decider::start("secret").await;
    for body in [
        json!([]),
        json!({}),
        json!({ "subject": { "type": "person", "id": "ada@school.example" } }),
    ] {
        let (status, head, answer) = decider.evaluate("secret", &body).await;
        assert_eq!(status, 400);
        assert!(
            head.contains("application/problem+json") && head.contains("x-request-id: q-7"),
            "{head}"
        );
        assert!(answer.get("decision").is_none() && !answer.to_string().contains("ada"));
    }
    let ask = |kind: &str, body: String| {
        let head =
            format!("POST /access/v1/evaluations HTTP/1.1\r\nauthorization: Bearer secret\r\ncontent-type: {kind}");
        let decider = &decider;
        async move { decider.ask(&head, &body).await.0 }
    };
    assert_eq!(ask("text/plain", question("hill").to_string()).await, 400);
    assert_eq!(ask("application/json", "{".to_owned()).await, 400);
    assert_eq!(
        ask("application/json; charset=utf-8", question("hill").to_string()).await,
        200
    );
    let deep = "[".repeat(100_000);
    assert_eq!(ask("application/json", deep).await, 400);
    let other = "GET /access/v1/evaluation HTTP/1.1\r\nauthorization: Bearer secret";
    let (status, head, _) = decider.ask(other, "").await;
    assert_eq!(status, 405);
    assert!(head.contains("application/problem+json"), "{head}");
    assert_eq!(decider.ask("GET /elsewhere HTTP/1.1", "").await.0, 404);
}

#[tokio::test]
async fn the_description_names_every_endpoint_under_the_published_address() {
    let decider = Decider::start("secret").await;
    let (status, _, body) = decider.ask("GET /.well-known/authzen-configuration HTTP/1.1", "").await;
    assert_eq!(status, 200);
    assert_eq!(body["policy_decision_point"], "https://decide.school.example");
    for name in [
        "access_evaluation",
        "access_evaluations",
        "search_subject",
        "search_resource",
        "search_action",
    ] {
        let url = body[format!("{name}_endpoint")].as_str().unwrap();
        let path = url.strip_prefix("https://decide.school.example").unwrap();
        let head = format!("POST {path} HTTP/1.1\r\ncontent-type: application/json");
        assert_eq!(decider.ask(&head, "{}").await.0, 401, "{path}");
    }
}
