//! Unlisted links, files and pictures.

use crate::platform::{Home, Platform};
use crate::visitor::Visitor;

/// Ben's project and the token of its link.
fn shared(home: &Home) -> (String, String) {
    let row = home
        .sql("select projects.id, link_token from projects where user_id = 2")
        .remove(0);
    let (id, token) = row.split_once('|').unwrap();
    (id.to_owned(), token.to_owned())
}

fn open(platform: &Platform, token: &str) -> (Visitor, String) {
    let nobody = platform.nobody();
    let page = nobody.get(&format!("/share/{token}"));
    assert_eq!(page.status, 200);
    assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
    (nobody, page.body)
}

#[test]
fn whoever_has_the_link_sees_the_content_and_nothing_of_the_person_on_both_engines() {
    for home in Home::both() {
        let platform = home.serve(&[], &[]);
        let (id, token) = shared(&home);
        let (nobody, page) = open(&platform, &token);
        assert!(page.contains("What I found out"));
        assert!(page.contains("<meta name=\"robots\" content=\"noindex, nofollow\">"));
        for hidden in ["Ben", "ben", "Okafor", "lindenhof"] {
            assert!(!page.contains(hidden), "{hidden}");
            assert!(
                !nobody.get(&format!("/api/share/{token}")).body.contains(hidden),
                "{hidden}"
            );
        }
        assert!(nobody.get("/robots.txt").body.contains("Disallow: /share/"));
        assert_eq!(nobody.get(&format!("/projects/{id}")).status, 303);
        let file = home
            .sql(&format!("select id from files where project_id = {id}"))
            .remove(0);
        let file = nobody.get(&format!("/share/{token}/files/{file}"));
        assert_eq!((file.status, file.header("x-robots-tag")), (200, "noindex, nofollow"));
    }
}

#[test]
fn a_link_that_its_owner_ended_never_works_again() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let (id, token) = shared(&home);
    let ben = platform.as_user("ben");
    assert_eq!(
        platform
            .as_user("ada")
            .post(&format!("/projects/{id}/link"), &[("shared", "no")])
            .status,
        403
    );
    assert_eq!(
        ben.post(&format!("/projects/{id}/link"), &[("shared", "no")]).status,
        303
    );
    assert_eq!(platform.nobody().get(&format!("/share/{token}")).status, 404);
    assert_eq!(
        ben.post(&format!("/projects/{id}/link"), &[("shared", "yes")]).status,
        303
    );
    assert_eq!(platform.nobody().get(&format!("/share/{token}")).status, 404);
    assert_ne!(shared(&home).1, token);
}

#[test]
fn a_view_is_counted_and_nothing_of_the_viewer_is_kept() {
    for home in Home::both() {
        let platform = home.serve(&[], &[]);
        let (id, token) = shared(&home);
        open(&platform, &token);
        open(&platform, &token);
        let views = format!("select sum(views) from project_views where project_id = {id} and source = 'link'");
        assert_eq!(home.count(&views), 2);
        assert_eq!(home.count("select count(*) from activity_log where user_id is null"), 0);
        assert_eq!(
            home.count("select count(*) from activity_log where ip = '127.0.0.1'"),
            0
        );
    }
}

#[test]
fn files_lie_under_the_number_of_their_owner_whatever_they_are_called() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let (id, _) = shared(&home);
    let ben = platform.as_user("ben");
    let got = ben.upload(
        &format!("/projects/{id}/files"),
        "../../evil.txt",
        "text/html",
        b"<script>1</script>",
    );
    assert_eq!(got.status, 303, "{}", got.body);
    let row = home
        .sql("select id, path from files order by id desc limit 1")
        .remove(0);
    let (file, path) = row.split_once('|').unwrap();
    assert_eq!(path, format!("uploads/2/{file}"));
    assert!(home.path().join(path).is_file());
    let got = ben.get(&format!("/projects/{id}/files/{file}"));
    assert_eq!(
        (got.body.as_str(), got.header("content-disposition")),
        ("<script>1</script>", "attachment")
    );
    assert_eq!(
        platform
            .as_user("dora")
            .get(&format!("/projects/{id}/files/{file}"))
            .status,
        404
    );
}

#[test]
fn a_picture_is_seen_by_peers_and_not_elsewhere() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let ada = platform.as_user("ada");
    assert_eq!(
        ada.upload("/settings/picture", "me.png", "image/png", b"no picture")
            .status,
        400
    );
    assert_eq!(
        ada.upload("/settings/picture", "me.png", "image/png", b"\x89PNG rest")
            .status,
        303
    );
    assert_eq!(platform.as_user("ben").get("/people/1/picture").status, 200);
    assert_eq!(platform.as_user("dora").get("/people/1/picture").status, 404);
    assert_eq!(platform.nobody().get("/people/1/picture").status, 303);
}

#[test]
fn texts_of_people_never_become_tags() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let ben = platform.as_user("ben");
    let to = ben.post(
        "/projects",
        &[("title", "<script>alert(1)</script>"), ("body", "\"><img src=x>")],
    );
    let page = ben.get(to.header("location")).body;
    assert!(!page.contains("<script>alert") && !page.contains("<img src=x>"));
}
