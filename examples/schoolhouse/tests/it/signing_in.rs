//! Passwords, sessions and the sign-in by OIDC.

use crate::platform::{Home, Platform, Running};
use crate::visitor::{Visitor, visitor};

#[test]
fn a_wrong_password_does_not_let_in_and_says_the_same_as_a_wrong_name() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let nobody = platform.nobody();
    let wrong = nobody.post("/sign-in", &[("username", "ada"), ("password", "guessed")]);
    let unknown = nobody.post("/sign-in", &[("username", "nobody-of-here"), ("password", "guessed")]);
    assert_eq!((wrong.status, unknown.status), (400, 400));
    assert_eq!(wrong.body, unknown.body);
}

#[test]
fn a_session_ends_with_sign_out_and_is_stored_as_a_digest() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let mut ada = platform.nobody();
    let got = ada.post("/sign-in", &[("username", "ada"), ("password", "schoolhouse-ada")]);
    let cookie = got.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    ada.carry(&cookie);
    assert_eq!(ada.get("/home").status, 200);
    let token = cookie.strip_prefix("session=").unwrap().split(';').next().unwrap();
    assert_eq!(
        home.count(&format!("select count(*) from sessions where token_digest = '{token}'")),
        0
    );
    assert_eq!(ada.post("/sign-out", &[]).status, 303);
    assert_eq!(ada.get("/home").status, 303);
}

#[test]
fn forms_of_other_sites_are_refused() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let ada = platform.as_user("ada");
    assert_eq!(ada.post_from("https://elsewhere.example", "/sign-out").status, 403);
    assert_eq!(ada.post_from(platform.address(), "/sign-out").status, 303);
}

#[test]
fn a_changed_password_is_hashed_at_full_cost() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let ada = platform.as_user("ada");
    assert_eq!(ada.post("/settings/password", &[("password", "short")]).status, 400);
    assert_eq!(
        ada.post("/settings/password", &[("password", "a longer password")])
            .status,
        303
    );
    let stored = home.sql("select password_hash from users where id = 1").remove(0);
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    let fields = [("username", "ada"), ("password", "a longer password")];
    assert_eq!(platform.nobody().post("/sign-in", &fields).status, 303);
}

/// Goes the whole way as a browser does; what the platform answers in the end.
fn by_oidc(platform: &Platform, browser: &mut Visitor, username: &str) -> crate::visitor::Got {
    let to = browser.get("/sign-in/oidc");
    assert_eq!(to.status, 303, "{}", to.body);
    browser.carry(to.header("set-cookie"));
    let school = visitor(platform.address());
    let back = school.get(&format!("{}&login_hint={username}", to.header("location")));
    assert_eq!(back.status, 303, "{}", back.body);
    browser.get(back.header("location"))
}

#[test]
fn the_schools_server_signs_somebody_in_on_both_engines() {
    let stub = Running::start(&["oidc-stub"]);
    for home in Home::both() {
        let platform = home.serve(&[], &["--oidc", &stub.address]);
        let mut browser = platform.nobody();
        let got = by_oidc(&platform, &mut browser, "ben");
        assert_eq!(got.status, 303, "{}", got.body);
        browser.carry(got.header("set-cookie"));
        assert_eq!(browser.get("/api/me").json()["username"], "ben");
        let unknown = by_oidc(&platform, &mut platform.nobody(), "somebody-else");
        assert_eq!(unknown.status, 400);
        assert_eq!(home.count("select count(*) from sign_in_attempts"), 0);
    }
}

#[test]
fn a_token_that_is_not_right_lets_nobody_in() {
    for (lie, said) in [
        ("signature", "signature is not the server"),
        ("nonce", "another sign-in"),
        ("audience", "another platform"),
        ("issuer", "another server"),
        ("expiry", "not valid any more"),
    ] {
        let stub = Running::start(&["oidc-stub", "--lie", lie]);
        let home = Home::sqlite();
        let platform = home.serve(&[], &["--oidc", &stub.address]);
        let got = by_oidc(&platform, &mut platform.nobody(), "ben");
        assert_eq!(got.status, 400, "{lie}");
        assert!(got.body.contains(said), "{lie}: {}", got.body);
        assert_eq!(got.header("set-cookie"), "");
    }
}

#[test]
fn an_answer_of_the_server_counts_once_and_only_for_its_own_attempt() {
    let stub = Running::start(&["oidc-stub"]);
    let home = Home::sqlite();
    let platform = home.serve(&[], &["--oidc", &stub.address]);
    let mut nobody = platform.nobody();
    let to = nobody.get("/sign-in/oidc");
    let back = nobody.get(&format!("{}&login_hint=ben", to.header("location")));
    let back = back.header("location").to_owned();
    assert_eq!(nobody.get(&back).status, 400, "another browser began it");
    nobody.carry(to.header("set-cookie"));
    assert_eq!(nobody.get(&back).status, 303);
    assert_eq!(nobody.get(&back).status, 400, "the state is used up");
    assert_eq!(
        nobody.get("/sign-in/oidc/callback?state=guessed&code=guessed").status,
        400
    );
    // A code without the verifier of its challenge is worth nothing.
    let to = nobody.get("/sign-in/oidc");
    let back = nobody.get(&format!("{}&login_hint=ben", to.header("location")));
    let code = back
        .header("location")
        .split("code=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let callback = format!("{}/sign-in/oidc/callback", platform.address());
    let stolen = [
        ("code", code.as_str()),
        ("code_verifier", "guessed"),
        ("redirect_uri", &callback),
    ];
    assert_eq!(visitor(&stub.address).post("/token", &stolen).status, 400);
}
