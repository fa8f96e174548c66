use super::now;
use crate::vendor::login::{Signed, signature};

/// The example that Duo publishes with its interface.
#[test]
fn a_signature_is_the_published_one() {
    let signed = Signed {
        method: "POST",
        url: "https://API-xxxxxxxx.duosecurity.com/accounts/v1/account/list",
        parameters: vec!["username=root".to_owned(), "realname=First%20Last".to_owned()],
        now: now(),
    };
    let secret = "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep";
    let found = signature(&signed, "Tue, 21 Aug 2012 17:29:18 -0000", secret).unwrap();
    assert_eq!(found, "2d97d6166319781b5a3a07af39d366f491234edc");
}
