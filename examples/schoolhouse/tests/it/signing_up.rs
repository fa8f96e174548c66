//! Signing up with an account that somebody has elsewhere.

use crate::platform::{Home, Platform, Running};
use crate::visitor::{Got, Visitor, visitor};

const ACCOUNTS: &str = "accounts = [\"google\", \"microsoft\", \"facebook\"]\n";

/// Serves with these accounts, at a stand-in for those who have them.
fn offering(home: &Home, mistakes: &[&str], stub: &Running) -> Platform {
    let file = home.path().join("pages.toml");
    std::fs::write(&file, ACCOUNTS).unwrap();
    home.serve(
        mistakes,
        &["--pages", &file.display().to_string(), "--vendors", &stub.address],
    )
}

/// Goes there as a browser does; where the provider leads back to.
fn there(browser: &mut Visitor, provider: &str, who: &str) -> String {
    let to = browser.get(&format!("/sign-up/{provider}"));
    assert_eq!(to.status, 303, "{}", to.body);
    browser.carry(to.header("set-cookie"));
    let back = visitor("").get(&format!("{}&as={who}", to.header("location")));
    assert_eq!(back.status, 303, "{}", back.body);
    back.header("location").to_owned()
}

fn signs_up(browser: &mut Visitor, provider: &str, who: &str) -> Got {
    let back = there(browser, provider, who);
    browser.get(&back)
}

#[test]
fn somebody_signs_up_with_an_account_elsewhere_on_both_engines() {
    let stub = Running::start(&["vendor-stub"]);
    for home in Home::both() {
        let platform = offering(&home, &[], &stub);
        for provider in ["google", "microsoft", "facebook"] {
            let who = format!("lena-{provider}");
            for _ in 0..2 {
                let mut browser = platform.nobody();
                let got = signs_up(&mut browser, provider, &who);
                assert_eq!((got.status, got.header("location")), (303, "/home"), "{}", got.body);
                browser.carry(got.header("set-cookie"));
                let me = browser.get("/api/me").json();
                assert_eq!(me["email"], format!("{who}@mail.example"));
            }
            let rows = home.sql(&format!(
                "select role, school_id, full_name from users where oidc_subject like '{provider}:%'"
            ));
            assert_eq!(rows, [format!("teacher||{who} Elsewhere")], "one account, of no school");
        }
        assert_eq!(home.count("select count(*) from sign_in_attempts"), 0);
    }
}

#[test]
fn an_address_that_somebody_has_here_is_not_taken_over() {
    let stub = Running::start(&["vendor-stub"]);
    let home = Home::sqlite();
    let platform = offering(&home, &[], &stub);
    home.sql("update users set email = 'Lena@mail.example' where username = 'ada'");
    let got = signs_up(&mut platform.nobody(), "google", "lena");
    assert_eq!(got.status, 400);
    assert!(
        got.body.contains("somebody here has this e-mail address"),
        "{}",
        got.body
    );
    assert_eq!(
        home.count("select count(*) from users where oidc_subject like 'google:%'"),
        0
    );
}

#[test]
fn an_answer_counts_once_for_its_own_attempt_at_its_own_provider() {
    let stub = Running::start(&["vendor-stub"]);
    let home = Home::sqlite();
    let platform = offering(&home, &[], &stub);
    let mut browser = platform.nobody();
    let back = there(&mut browser, "google", "lena");
    assert_eq!(platform.nobody().get(&back).status, 400, "another browser began it");
    let elsewhere = back.replace("/sign-up/google/", "/sign-up/microsoft/");
    assert_eq!(browser.get(&elsewhere).status, 400, "another provider");
    let school = back.replace("/sign-up/google/back", "/sign-in/oidc/callback");
    assert_eq!(browser.get(&school).status, 400, "no school");
    assert_eq!(browser.get(&back).status, 303);
    assert_eq!(browser.get(&back).status, 400, "the state is used up");
}

#[test]
fn only_what_is_offered_can_be_signed_up_with() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    assert_eq!(platform.nobody().get("/sign-up/google").status, 404);
    assert!(
        platform
            .nobody()
            .get("/sign-up")
            .body
            .contains("Your school gives you an account")
    );
    let file = home.path().join("pages.toml");
    std::fs::write(&file, "accounts = [\"somewhere\"]\n").unwrap();
    let ended = home.run(&["serve", "--pages", &file.display().to_string()], &[]);
    assert!(!ended.status.success());
    assert!(String::from_utf8_lossy(&ended.stderr).contains("`somewhere`"));
}

#[test]
fn whoever_has_the_account_is_told_nothing_of_the_person() {
    let stub = Running::start(&["vendor-stub"]);
    for (mistakes, told) in [(vec![], false), (vec!["sign-up-tells-address"], true)] {
        let home = Home::sqlite();
        let platform = offering(&home, &mistakes, &stub);
        let to = platform.as_user("dora").get("/sign-up/google");
        let address = to.header("location");
        assert_eq!(address.contains("dora"), told, "{address}");
        assert!(
            !platform
                .nobody()
                .get("/sign-up/google")
                .header("location")
                .contains("login_hint")
        );
    }
}
