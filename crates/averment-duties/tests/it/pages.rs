//! What is offered on pages, with mistakes and without.

use std::sync::{Arc, Mutex};

use averment_duties::probe::Probed;

use crate::probes::{Told, charter, of, probe};
use crate::site::{Asked, Reply, Switch, serve};

const DESK: &str = "recipient = \"desk\"\nname = \"Help Desk\"\nthird_parties = []\npurpose = \"To help.\"\ninformation = \"An address.\"\n\
                    planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = [\"desk.example\"]\n";

fn claims(site: &str) -> String {
    format!(
        "[[claims]]\nid = \"list\"\nkind = \"offers\"\noffer = \"public_list\"\nurl = \"http://{site}/list\"\nsentence = \"Public.\"\n\
         [[claims]]\nid = \"contact\"\nkind = \"offers\"\noffer = \"contact\"\nurl = \"http://{site}/contact\"\nsentence = \"Ask us.\"\n\
         [[claims]]\nid = \"terms\"\nkind = \"offers\"\noffer = \"terms\"\nsentence = \"Terms.\"\n"
    )
}

fn page(asked: &Asked, mistake: &str) -> Reply {
    match (asked.path.as_str(), mistake) {
        ("/list", "gone") => Reply::status(404),
        ("/list", "down") => Reply::status(503),
        ("/list", "unnamed") => Reply::page("<p>3 May 2026: nobody<a href=/contact>c</a>"),
        ("/list", "dead") => Reply::page("<p>3 May 2026: help desk<a href=/nothing>c</a>"),
        ("/list", "closed") => Reply::page("<p>3 May 2026: help desk<a href=/closed>c</a>"),
        ("/closed", _) => Reply::status(403),
        ("/list", _) => {
            Reply::page("<p>3 May 2026: help desk<a href=/contact>c</a><a href='mailto:x@birch.example'>m</a>")
        }
        ("/contact", "nobody") => Reply::page("<p>ask"),
        ("/contact", _) => Reply::to("/people"),
        ("/people", _) => Reply::page("<p>help@birch.example"),
        _ => Reply::status(404),
    }
}

#[test]
fn pages_that_are_offered_are_opened() {
    let switch: Switch = Arc::new(Mutex::new(""));
    let switched = Arc::clone(&switch);
    let site = serve(move |asked| page(asked, *switched.lock().unwrap())).to_string();
    let charter = charter(&[("recipients/desk.toml", DESK), ("claims/list.toml", &claims(&site))]);
    let look = |mistake: &'static str, settings: &str| -> Vec<Probed> {
        *switch.lock().unwrap() = mistake;
        probe(&charter, settings, &Told(Vec::new()), "page", false)
    };
    let all = look("", "");
    let list = of(&all, "list");
    assert!(list.holds() && list.observed == 3, "{list:#?}");
    assert!(
        list.notes.contains(&"the list says of which day it is".to_owned()),
        "{list:#?}"
    );
    assert!(of(&all, "contact").holds(), "{all:#?}");
    let terms = of(&all, "terms");
    assert!(terms.attest && !terms.is_recorded(), "{terms:#?}");
    let told = look(
        "",
        &format!(
            "[pages]\nurls = {{ \"list/terms\" = \"http://{site}/list\" }}\nshows = {{ \"list/terms\" = [\"Warranty\"] }}\n"
        ),
    );
    assert!(
        of(&told, "terms").places[0].contains("does not show `Warranty`"),
        "{told:#?}"
    );
    for (mistake, claim, place) in [
        ("gone", "list", "status 404"),
        ("unnamed", "list", "does not name `desk`"),
        ("dead", "list", "1 of 1 links lead to nothing"),
        ("nobody", "contact", "no address, no number and no form"),
    ] {
        let all = look(mistake, "");
        let found = of(&all, claim);
        assert!(
            found.contrary == 1 && found.places[0].contains(place),
            "{mistake}: {found:#?}"
        );
    }
    // A link that is refused was not seen to lead anywhere.
    let closed = look("closed", "");
    assert_eq!(
        (of(&closed, "list").observed, of(&closed, "list").contrary),
        (2, 0),
        "{closed:#?}"
    );
    let down = look("down", "");
    assert!(
        of(&down, "list").unseen == 1 && of(&down, "list").contrary == 0,
        "{down:#?}"
    );
}

#[test]
fn what_the_register_says_of_itself_is_no_look() {
    let claim = "[[claims]]\nid = \"contact\"\nkind = \"offers\"\noffer = \"contact\"\nsentence = \"Ask us.\"\n";
    let about = "organisation = \"Birch\"\n[about]\ncontact = \"help@birch.example\"\n";
    let charter = charter(&[("claims/list.toml", claim), ("organisation.toml", about)]);
    let all = probe(&charter, "", &Told(Vec::new()), "page", false);
    let contact = of(&all, "contact");
    assert!(contact.attest && !contact.is_recorded(), "{contact:#?}");
}
