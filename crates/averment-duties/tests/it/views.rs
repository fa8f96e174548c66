//! Who sees what, on a small site with mistakes that can be switched on.

use std::sync::{Arc, Mutex};

use averment_duties::probe::Probed;
use averment_register::Charter;

use crate::probes::{Told, charter, of, probe};
use crate::site::{Asked, Reply, Switch, serve};

const MAP: &str = r#"
store = "app"
engine = "sqlite"
[[tables]]
table = "users"
subjects = ["student", "teacher"]
key = "id"
columns.id = { element = "account.id" }
columns.name = { element = "account.username" }
columns.email = { element = "contact.email" }
columns.born = { element = "demographic.date_of_birth" }
[[tables]]
table = "works"
subjects = ["student"]
belongs_to = { user_id = "users.id" }
columns.user_id = { element = "account.id" }
columns.title = { element = "content.project" }
"#;

const ROWS: &str = "
create table users (id integer primary key, name text, email text, born text);
create table works (user_id integer, title text);
insert into users values (7, 'maya-of-birch', 'maya.lindqvist@birch.example', '2012-03-09'),
  (8, 'lev-of-birch', 'lev.aronov@birch.example', '2011-01-02');
insert into works values (7, 'The life of bees'), (7, 'Untitled'), (8, 'Untitled');
";

const CLAIMS: &str = r#"
[[claims]]
id = "peers-see"
kind = "visible_to"
elements = ["account.username", "content"]
subjects = ["student"]
viewers = ["peer"]
off_by = "school"
sentence = "Peers see a name and what somebody made; the school can switch that off."

[[claims]]
id = "peers-do-not-see"
kind = "hidden_from"
elements = ["contact", "demographic"]
subjects = ["student"]
viewers = ["peer", "other_student"]
sentence = "Other students see neither address nor date of birth."

[[claims]]
id = "not-public"
kind = "hidden_from"
subjects = ["student"]
viewers = ["public"]
sentence = "Nothing of students is public."

[[claims]]
id = "link"
kind = "visible_to"
elements = ["content"]
subjects = ["student"]
viewers = ["link_holder"]
when = "subject_chooses"
sentence = "Students can share what they made by a link."

[[claims]]
id = "not-indexed"
kind = "hidden_from"
elements = ["content"]
subjects = ["student"]
viewers = ["search_engine"]
sentence = "What is shared by a link is not in search engines."
"#;

const SETTINGS: &str = r#"
[stores.app]
path = "FILE"

[views]
base = "http://SITE"
also = ["http://IDENTITY"]
control = { path = "/", text = "Birch gallery" }

[views.accounts.pupil-2]
sign_in = "/sign-in"
fields = { user = "pupil-2" }
secret_fields = { password = { env = "PUPIL_2" } }
control = { path = "/home", text = "Sign out" }

[views.accounts.pupil-9]
sign_in = "/oidc"
fields = { login = "pupil-9", secret = "nine" }
control = { path = "/home", text = "Sign out" }

[[views.subjects]]
name = "pupil-1"
kind = "student"
person = "7"
parameters = { link = "k3y" }
viewers = { peer = "pupil-2", other_student = "pupil-9" }
conditions = ["subject_chooses"]

[[views.pages]]
name = "profile"
steps = [{ path = "/people/{account.username}" }]

[[views.pages]]
name = "shared"
link = true
steps = [{ path = "/s/{link}" }]
"#;

/// Who somebody is by their cookie.
fn who(asked: &Asked) -> &str {
    match asked.cookie("session") {
        Some("two") => "pupil-2",
        Some("nine") => "pupil-9",
        _ => "",
    }
}

fn gallery(asked: &Asked, identity: &str, switch: &Switch) -> Reply {
    let mistake = *switch.lock().unwrap();
    let path = asked.path.split('?').next().unwrap_or_default();
    match (path, who(asked)) {
        ("/", _) => Reply::page("<h1>Birch gallery</h1>"),
        ("/sign-in", _) if asked.method == "GET" => Reply::page(
            "<form action='/sign-in' method=post><input type=hidden name=csrf value='t0k'><input name=user><input name=password></form>",
        ),
        ("/sign-in", _) => {
            let right =
                asked.field("csrf").as_deref() == Some("t0k") && asked.field("password").as_deref() == Some("two%21");
            match right && mistake != "sign-in" {
                true => Reply::to("/home").with("set-cookie", "session=two; HttpOnly"),
                false => Reply::page("wrong"),
            }
        }
        ("/oidc", _) => Reply::to(&format!("http://{identity}/authorize?state=s1")),
        ("/callback", _) if asked.field("code").as_deref() == Some("c0de") => {
            Reply::to("/home").with("set-cookie", "session=nine; Path=/")
        }
        ("/home", "") => Reply::to("/sign-in"),
        ("/home", _) if mistake == "sessions-end" => Reply::to("/sign-in"),
        ("/home", _) => Reply::page("<a href=/out>Sign out</a>"),
        ("/robots.txt", _) => Reply::status(404),
        ("/people/maya-of-birch", viewer) => profile(viewer, mistake),
        ("/s/k3y", _) => {
            let page = Reply::page("<title>The life of bees</title>");
            match mistake {
                "indexable" => page,
                "sitemap" => page.with("x-robots-tag", "noindex"),
                _ => page.with("x-robots-tag", "noindex"),
            }
        }
        ("/sitemap.xml", _) if mistake == "sitemap" => Reply::page("<url><loc>http://x/s/k3y</loc></url>"),
        _ => Reply::status(404),
    }
}

fn profile(viewer: &str, mistake: &str) -> Reply {
    let own = "<h1>maya-of-birch</h1><p>The life&#32;of bees</p>";
    match (viewer, mistake) {
        ("pupil-2", "faults") => Reply::status(500),
        ("pupil-2", "birth-date") => Reply::page(format!("{own}<time>9 March 2012</time>")),
        ("pupil-2", "address-in-json") => Reply::page(format!(
            "{own}<script>{{\"m\":\"maya.lindqvist\\u0040birch.example\"}}</script>"
        )),
        ("pupil-2", "nothing-to-peers") => Reply::page("<h1>Somebody</h1>"),
        ("pupil-2", _) => Reply::page(own),
        ("pupil-9", "other-school") => Reply::page("mailto:maya.lindqvist@birch.example"),
        ("", "public") => Reply::page("The life of bees"),
        _ => Reply::status(403),
    }
}

fn identity(asked: &Asked, site: &str) -> Reply {
    match (asked.method.as_str(), asked.field("secret").as_deref()) {
        ("GET", _) => Reply::page(
            "<form action='/authorize'><input name=state value=s1 type=hidden><input name=login><input name=secret></form>",
        ),
        (_, Some("nine")) => Reply::to(&format!("http://{site}/callback?code=c0de&state=s1")),
        _ => Reply::page("wrong"),
    }
}

struct Site {
    charter: Charter,
    settings: String,
    switch: Switch,
    _dir: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("app.sqlite3");
        rusqlite::Connection::open(&file).unwrap().execute_batch(ROWS).unwrap();
        let switch: Switch = Arc::new(Mutex::new(""));
        let (known, site) = (Arc::new(Mutex::new(String::new())), Arc::new(Mutex::new(String::new())));
        let for_identity = Arc::clone(&site);
        let identity = serve(move |asked| identity(asked, &for_identity.lock().unwrap()));
        *known.lock().unwrap() = identity.to_string();
        let switched = Arc::clone(&switch);
        let address = serve(move |asked| gallery(asked, &known.lock().unwrap(), &switched));
        *site.lock().unwrap() = address.to_string();
        let settings = SETTINGS
            .replace("FILE", &file.display().to_string())
            .replace("SITE", &address.to_string())
            .replace("IDENTITY", &identity.to_string());
        let charter = charter(&[("data/app.toml", MAP), ("claims/list.toml", CLAIMS)]);
        Self {
            charter,
            settings,
            switch,
            _dir: dir,
        }
    }

    fn look(&self, mistake: &'static str, settings: &str) -> Vec<Probed> {
        *self.switch.lock().unwrap() = mistake;
        let secrets = Told(vec![("PUPIL_2", "two!".to_owned())]);
        probe(&self.charter, settings, &secrets, "views", false)
    }
}

const ALL: [&str; 5] = ["peers-see", "peers-do-not-see", "not-public", "link", "not-indexed"];

#[test]
fn a_site_as_it_is_said_holds() {
    let site = Site::new();
    let all = site.look("", &site.settings);
    for claim in ALL {
        assert!(of(&all, claim).holds(), "{claim}: {:#?}", of(&all, claim));
    }
    let told = format!("{all:?}");
    assert!(
        !told.contains("lindqvist") && !told.contains("bees") && !told.contains("2012"),
        "{told}"
    );
}

#[test]
fn every_mistake_turns_its_own_claim() {
    let site = Site::new();
    for (mistake, claim, place) in [
        (
            "birth-date",
            "peers-do-not-see",
            "shows `demographic.date_of_birth` of `pupil-1` to `peer`",
        ),
        (
            "address-in-json",
            "peers-do-not-see",
            "shows `contact.email` of `pupil-1` to `peer`",
        ),
        (
            "other-school",
            "peers-do-not-see",
            "shows `contact.email` of `pupil-1` to `other_student`",
        ),
        (
            "public",
            "not-public",
            "shows `content.project` of `pupil-1` to `public`",
        ),
        ("indexable", "not-indexed", "page `shared` shows `content.project`"),
        ("sitemap", "not-indexed", "page `shared` shows `content.project`"),
        (
            "nothing-to-peers",
            "peers-see",
            "no page shows `content` of `pupil-1` to `peer`",
        ),
    ] {
        let all = site.look(mistake, &site.settings);
        let found = of(&all, claim);
        assert!(
            found.contrary > 0 && found.places.iter().any(|told| told.contains(place)),
            "{mistake}: {found:#?}"
        );
        let others = all.iter().filter(|one| one.contrary > 0 && one.claim != found.claim);
        // What everybody may read a search engine reads too.
        let allowed = usize::from(mistake == "public");
        assert!(others.count() <= allowed, "{mistake}: {all:#?}");
    }
}

#[test]
fn journeys_that_fail_are_no_pass() {
    let site = Site::new();
    for mistake in ["sign-in", "faults", "sessions-end"] {
        let all = site.look(mistake, &site.settings);
        let hidden = of(&all, "peers-do-not-see");
        assert!(hidden.unseen > 0 && hidden.contrary == 0, "{mistake}: {hidden:#?}");
        let visible = of(&all, "peers-see");
        assert!(visible.unseen > 0 && visible.contrary == 0, "{mistake}: {visible:#?}");
    }
    let dead = site
        .settings
        .replace("control = { path = \"/\"", "control = { path = \"/gone\"");
    assert!(of(&site.look("", &dead), "not-public").unseen > 0);
    let nobody = site.settings.replace("person = \"7\"", "");
    assert!(site.look("", &nobody).iter().all(|one| !one.holds()));
    let nothing = site.look("", "");
    assert!(
        nothing.iter().all(|one| one.attest && !one.is_recorded()),
        "{nothing:#?}"
    );
}

#[test]
fn what_a_school_switched_off_is_not_to_be_seen() {
    let site = Site::new();
    let off = site
        .settings
        .replace("conditions =", "switched_off = [\"school\"]\nconditions =");
    let all = site.look("", &off);
    assert!(of(&all, "peers-see").contrary > 0, "{:#?}", of(&all, "peers-see"));
    let all = site.look("nothing-to-peers", &off);
    assert!(of(&all, "peers-see").holds(), "{:#?}", of(&all, "peers-see"));
}
