//! What reaches vendors, and what they delete.

use std::io::{BufRead as _, BufReader};

use serde_json::{Value, json};

use crate::platform::{Home, Running};
use crate::visitor::{Visitor, visitor};

/// Requests that arrived at a vendor: paths and bodies.
fn arrived(vendors: &Visitor, vendor: &str) -> Vec<(String, Value)> {
    let arrived = vendors.get("/arrived").json();
    let of = arrived.as_array().unwrap().iter().filter(|one| one["vendor"] == vendor);
    of.map(|one| (one["path"].as_str().unwrap().to_owned(), one["body"].clone()))
        .collect()
}

#[test]
fn vendors_get_what_the_list_says_and_nothing_of_peers() {
    let stub = Running::start(&["vendor-stub"]);
    let vendors = visitor(&stub.address);
    let home = Home::sqlite();
    let platform = home.serve(&[], &["--vendors", &stub.address]);
    let ben = platform.as_user("ben");
    ben.post("/projects", &[("title", "Secret title"), ("body", "secret body")]);
    let project = home
        .sql("select id from projects where link_token is not null and user_id = 2")
        .remove(0);
    ben.post(&format!("/projects/{project}/text"), &[("number", "+15005550001")]);
    ben.post(
        "/contact",
        &[
            ("email", "ben.okafor.2@lindenhof.example"),
            ("body", "Where is the map?"),
        ],
    );
    platform.as_user("gerda").post("/orders", &[]);
    platform.as_user("staffan").get("/api/people/2?reason=ticket%2012");

    let (path, event) = arrived(&vendors, "amplitude").remove(0);
    assert_eq!(path, "/2/httpapi");
    assert_eq!(event["events"][0]["user_id"], "user-2");
    assert!(!event.to_string().contains("ecret"));
    let (path, text) = arrived(&vendors, "twilio").remove(0);
    assert_eq!(path, "/2010-04-01/Accounts/ACexample/Messages.json");
    assert!(text["To"] == "+15005550001" && text["Body"].as_str().unwrap().contains("/share/"));
    let (path, ticket) = arrived(&vendors, "zendesk").remove(0);
    assert_eq!(path, "/api/v2/tickets.json");
    assert_eq!(ticket["ticket"]["requester"]["email"], "ben.okafor.2@lindenhof.example");
    assert_eq!(arrived(&vendors, "mailgun")[0].0, "/v3/schoolhouse.example/messages");
    assert_eq!(arrived(&vendors, "stripe")[0].1["name"], "Gerda Lindqvist");
    assert_eq!(
        arrived(&vendors, "slack")[0].1,
        json!({"text": "a member of staff looked at somebody"})
    );
    assert_eq!(arrived(&vendors, "sendgrid"), []);
    // The numbers that vendors gave are kept: without them nothing can be deleted there.
    assert_eq!(
        home.count("select count(*) from vendor_records where user_id = 2 and vendor = 'zendesk'"),
        1
    );
    assert_eq!(
        home.count("select count(*) from vendor_records where user_id = 6 and vendor = 'stripe'"),
        1
    );
}

#[test]
fn a_student_never_becomes_a_customer() {
    let stub = Running::start(&["vendor-stub"]);
    let home = Home::sqlite();
    let platform = home.serve(&[], &["--vendors", &stub.address]);
    assert_eq!(platform.as_user("cleo").post("/orders", &[]).status, 403);
    assert_eq!(arrived(&visitor(&stub.address), "stripe"), []);
}

/// Makes a customer, a ticket with its user, a text message, a contact and events of one person.
fn filled(vendors: &Visitor) {
    let customer = [("email", "ben@lindenhof.example"), ("name", "Ben")];
    vendors.post("/stripe/v1/customers", &customer);
    let requester = json!({"name": "Ben", "email": "ben@lindenhof.example"});
    vendors.post_json(
        "/zendesk/api/v2/tickets.json",
        &json!({"ticket": {"subject": "s", "comment": {"body": "b"}, "requester": requester}}),
    );
    vendors.post(
        "/twilio/2010-04-01/Accounts/ACexample/Messages.json",
        &[("To", "+15005550001"), ("Body", "b")],
    );
    let to = json!([{"to": [{"email": "ben@lindenhof.example"}]}]);
    vendors.post_json("/sendgrid/v3/mail/send", &json!({ "personalizations": to }));
    vendors.post(
        "/mailgun/v3/schoolhouse.example/unsubscribes",
        &[("address", "ben@lindenhof.example")],
    );
    vendors.post_json("/amplitude/2/httpapi", &json!({"events": [{"user_id": "user-2"}]}));
}

/// Asks each of them to delete, as its documentation says.
fn deleted(vendors: &Visitor) {
    let customer = vendors.get("/stripe/v1/customers?email=ben@lindenhof.example").json();
    let customer = customer["data"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        vendors.delete(&format!("/stripe/v1/customers/{customer}")).json()["deleted"],
        true
    );
    let user = vendors
        .get("/zendesk/api/v2/users/search.json?query=ben@lindenhof.example")
        .json()["users"][0]["id"]
        .clone();
    let ticket = vendors
        .get(&format!("/zendesk/api/v2/users/{user}/tickets/requested.json"))
        .json()["tickets"][0]["id"]
        .clone();
    assert_eq!(
        vendors.delete(&format!("/zendesk/api/v2/tickets/{ticket}.json")).status,
        204
    );
    assert_eq!(
        vendors
            .delete(&format!("/zendesk/api/v2/deleted_tickets/{ticket}.json"))
            .status,
        200
    );
    assert_eq!(
        vendors.delete(&format!("/zendesk/api/v2/users/{user}.json")).status,
        200
    );
    assert_eq!(
        vendors
            .delete(&format!("/zendesk/api/v2/deleted_users/{user}.json"))
            .status,
        200
    );
    let messages = vendors
        .get("/twilio/2010-04-01/Accounts/ACexample/Messages.json?To=%2B15005550001")
        .json();
    let sid = messages["messages"][0]["sid"].as_str().unwrap().to_owned();
    assert_eq!(
        vendors
            .delete(&format!("/twilio/2010-04-01/Accounts/ACexample/Messages/{sid}.json"))
            .status,
        204
    );
    let emails = json!({"email_addresses": ["ben@lindenhof.example"]});
    assert_eq!(
        vendors.post_json("/sendgrid/v3/recipients/erasejob", &emails).status,
        202
    );
    let users = json!({"user_ids": ["user-2"], "requester": "privacy@schoolhouse.example"});
    assert_eq!(
        vendors.post_json("/amplitude/api/2/deletions/users", &users).status,
        200
    );
    let list = "/mailgun/v3/schoolhouse.example/unsubscribes";
    assert_eq!(vendors.delete(&format!("{list}/ben%40lindenhof.example")).status, 200);
}

/// How many records of people the vendors keep.
fn kept(vendors: &Visitor) -> usize {
    let kept = vendors.get("/kept").json();
    let people = kept
        .as_object()
        .unwrap()
        .iter()
        .filter(|(kind, _)| *kind != "amplitude deletions");
    people.map(|(_, records)| records.as_object().unwrap().len()).sum()
}

#[test]
fn what_vendors_are_asked_to_delete_is_deleted() {
    let stub = Running::start(&["vendor-stub"]);
    let vendors = visitor(&stub.address);
    filled(&vendors);
    assert_eq!(kept(&vendors), 7);
    deleted(&vendors);
    assert_eq!(kept(&vendors), 0);
    assert_eq!(vendors.delete("/stripe/v1/customers/cus_unknown").status, 404);
    assert_eq!(
        vendors
            .delete("/mailgun/v3/schoolhouse.example/bounces/nobody%40elsewhere.example")
            .status,
        404
    );
}

#[test]
fn vendors_that_only_say_so_answer_the_same_and_keep_everything() {
    let stub = Running::start(&["vendor-stub", "--mistake", "vendor-delete-202-and-nothing"]);
    let vendors = visitor(&stub.address);
    filled(&vendors);
    deleted(&vendors);
    assert_eq!(kept(&vendors), 7);
    let found = vendors.get("/stripe/v1/customers?email=ben@lindenhof.example").json();
    assert_eq!(
        found["data"].as_array().unwrap().len(),
        1,
        "who looks once more finds it"
    );
}

#[test]
fn what_goes_to_the_published_hosts_goes_through_the_proxy() {
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let home = Home::sqlite();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let platform = home.serve_with(&[("HTTPS_PROXY", &address)], &["--vendors", "published"]);
    let asked = std::thread::spawn(move || {
        let (stream, _) = proxy.accept().unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line
    });
    // The proxy hangs up after the first line; the platform goes on all the same.
    let got = platform.as_user("ben").post("/projects", &[("title", "t")]);
    assert_eq!(got.status, 303);
    assert_eq!(asked.join().unwrap(), "CONNECT api2.amplitude.com:443 HTTP/1.1\r\n");
}

#[test]
fn gravatar_is_asked_for_those_who_opted_in_and_by_the_platform_itself() {
    let stub = Running::start(&["vendor-stub"]);
    let vendors = visitor(&stub.address);
    let home = Home::sqlite();
    let platform = home.serve(&[], &["--vendors", &stub.address]);
    let (ada, ben) = (platform.as_user("ada"), platform.as_user("ben"));
    assert_eq!(ben.get("/people/1/picture").status, 404);
    assert_eq!(arrived(&vendors, "gravatar"), []);
    ada.post("/settings/gravatar", &[("on", "yes")]);
    let page = ben.get("/people/1").body;
    assert!(
        page.contains("/people/1/picture") && !page.contains("avatar/"),
        "no digest of the address for peers"
    );
    assert_eq!(ben.get("/people/1/picture").status, 200);
    let (path, _) = arrived(&vendors, "gravatar").remove(0);
    // MD5 of ada.lindqvist.1@lindenhof.example.
    assert_eq!(path, "/avatar/daf7ca84ef0ec2791723352bc8c8010e");
    ada.post("/settings/gravatar", &[("on", "no")]);
    assert_eq!(ben.get("/people/1/picture").status, 404);
}
