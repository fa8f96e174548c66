use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use super::{Authority, AuthorityError, Scope};
use crate::clock::Clock;
use crate::host::Host;

fn clock() -> Clock {
    Clock::new(|| "2026-11-20T08:00:00Z".parse().unwrap())
}

#[test]
fn is_made_once_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let made = Authority::open(folder.path(), folder.path(), &Scope::Everything, clock()).unwrap();
    let read = Authority::open(folder.path(), folder.path(), &Scope::Everything, clock()).unwrap();
    assert_eq!(made.certificate(), read.certificate());
    assert_eq!(
        made.certificate_pem(),
        std::fs::read_to_string(folder.path().join("authority.pem")).unwrap()
    );
    assert_eq!(
        folder.path().join("authority.key").metadata().unwrap().mode() & 0o777,
        0o600
    );
    read.server_config(&Host::parse("api.example").unwrap()).unwrap();
}

#[test]
fn refuses_a_key_of_another_certificate() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    Authority::open(one.path(), one.path(), &Scope::Everything, clock()).unwrap();
    Authority::open(two.path(), two.path(), &Scope::Everything, clock()).unwrap();
    let error = Authority::open(one.path(), two.path(), &Scope::Everything, clock()).unwrap_err();
    assert!(matches!(error, AuthorityError::Mismatch { .. }), "{error}");
}

#[test]
fn refuses_half_a_pair_a_broken_file_and_an_exposed_key() {
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = (folder.path().join("authority.key"), folder.path().join("authority.pem"));
    let open = || Authority::open(folder.path(), folder.path(), &Scope::Everything, clock()).unwrap_err();
    Authority::open(folder.path(), folder.path(), &Scope::Everything, clock()).unwrap();
    let good = std::fs::read_to_string(&certificate).unwrap();
    std::fs::write(
        &certificate,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    assert!(matches!(
        open(),
        AuthorityError::Malformed {
            expected: "a certificate",
            ..
        }
    ));
    std::fs::remove_file(&certificate).unwrap();
    assert!(matches!(open(), AuthorityError::Half { .. }));
    std::fs::write(&certificate, good).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(open(), AuthorityError::Exposed { mode: 0o644, .. }));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&key, "not a key").unwrap();
    assert!(matches!(
        open(),
        AuthorityError::Malformed {
            expected: "a private key",
            ..
        }
    ));
}

#[test]
fn leaves_are_cached_renewed_and_bounded() {
    let now = std::sync::Arc::new(std::sync::Mutex::new(
        "2026-11-20T08:00:00Z".parse::<jiff::Timestamp>().unwrap(),
    ));
    let hand = std::sync::Arc::clone(&now);
    let authority = Authority::generate(Clock::new(move || *hand.lock().unwrap())).unwrap();
    let host = Host::parse("api.example").unwrap();
    let first = authority.server_config(&host).unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &authority.server_config(&host).unwrap()));
    *now.lock().unwrap() += jiff::SignedDuration::from_hours(80);
    assert!(!std::sync::Arc::ptr_eq(
        &first,
        &authority.server_config(&host).unwrap()
    ));
}

#[test]
fn another_certificate_for_the_same_key_widens_and_another_key_ends_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let scope = |host: &str| Scope::Hosts([host.to_owned()].into());
    let open = || Authority::open(folder.path(), folder.path(), &Scope::Everything, clock()).unwrap();
    Authority::open(folder.path(), folder.path(), &scope("api.example"), clock()).unwrap();
    assert!(open().is_constrained(), "what is there is taken as it is");
    let root_key = folder.path().join("authority-root.key");
    let key = || std::fs::read(&root_key).unwrap();
    let first = key();

    let renew = |root_key| {
        let folders = (folder.path(), folder.path());
        Authority::renew(folders, root_key, &scope("other.example"), clock())
    };
    renew(None).unwrap();
    let renewed = open();
    assert!(renewed.speaks_for("other.example") && !renewed.speaks_for("api.example"));
    assert_eq!(key(), first);
    assert_eq!(
        renewed.outside(&scope("api.example")),
        super::Outside {
            hosts: vec!["api.example".to_owned()],
            all_others: false,
            beyond: vec!["other.example".to_owned()],
        }
    );
    assert!(renewed.outside(&Scope::Everything).all_others);

    // Kept elsewhere, the root key is asked for, and does not come back by itself.
    let elsewhere = tempfile::tempdir().unwrap();
    let kept = elsewhere.path().join("kept");
    std::fs::rename(&root_key, &kept).unwrap();
    open();
    assert!(matches!(renew(None), Err(AuthorityError::NoRootKey { .. })));
    renew(Some(&kept)).unwrap();
    assert!(open().speaks_for("other.example") && !root_key.exists());
    std::fs::rename(&kept, &root_key).unwrap();

    Authority::replace(folder.path(), folder.path(), &Scope::Everything, clock()).unwrap();
    assert_ne!(key(), first);
    assert!(!open().is_constrained() && open().speaks_for("any.example"));
}

#[test]
fn an_authority_of_before_signs_by_itself_and_is_renewed_with_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let old = Authority::generate(clock()).unwrap();
    let (key, certificate) = (folder.path().join("authority.key"), folder.path().join("authority.pem"));
    let text = old.shared.issuer.key().serialize_pem();
    std::fs::write(&key, &text).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&certificate, old.certificate_pem()).unwrap();
    let open = || Authority::open(folder.path(), folder.path(), &Scope::Everything, clock()).unwrap();
    assert!(!open().is_constrained() && open().speaks_for("any.example"));
    let scope = Scope::Hosts(["api.example".to_owned()].into());
    let folders = (folder.path(), folder.path());
    let renewed = Authority::renew(folders, None, &scope, clock());
    assert!(matches!(renewed, Err(AuthorityError::NoRootKey { .. })));
    let with_its_own = Authority::renew(folders, Some(&key), &Scope::Everything, clock());
    assert!(matches!(with_its_own, Err(AuthorityError::SignsItself { .. })));
    assert_eq!(std::fs::read_to_string(&key).unwrap(), text);
    Authority::replace(folder.path(), folder.path(), &scope, clock()).unwrap();
    assert!(open().speaks_for("api.example") && !open().speaks_for("any.example"));
    assert_ne!(std::fs::read_to_string(&key).unwrap(), text);
}

/// Every file of a folder with what it holds.
fn files(folder: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_key_that_a_renewal_is_of_no_use_with_is_refused_and_nothing_written() {
    let hosts = Scope::Hosts(["api.example".to_owned()].into());
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    Authority::open(one.path(), one.path(), &Scope::Everything, clock()).unwrap();
    Authority::open(two.path(), two.path(), &Scope::Everything, clock()).unwrap();
    let before = files(one.path());
    let renew = |key: Option<&std::path::Path>, scope| {
        Authority::renew((one.path(), one.path()), key, scope, clock()).unwrap_err()
    };
    let unrelated = two.path().join("authority-root.key");
    assert!(matches!(
        renew(Some(&unrelated), &Scope::Everything),
        AuthorityError::Mismatch { .. }
    ));
    let signing = one.path().join("authority.key");
    assert!(matches!(
        renew(Some(&signing), &Scope::Everything),
        AuthorityError::Mismatch { .. }
    ));
    assert!(matches!(renew(None, &hosts), AuthorityError::AnyHost { .. }));
    assert_eq!(files(one.path()), before);
    Authority::renew((one.path(), one.path()), None, &Scope::Everything, clock()).unwrap();
}

#[test]
fn refuses_a_chain_that_what_callers_trust_has_not_signed() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for scope in [Scope::Everything, Scope::Hosts(["api.example".to_owned()].into())] {
        Authority::replace(one.path(), one.path(), &scope, clock()).unwrap();
        Authority::replace(two.path(), two.path(), &scope, clock()).unwrap();
        Authority::open(one.path(), one.path(), &scope, clock()).unwrap();
        std::fs::copy(two.path().join("authority.pem"), one.path().join("authority.pem")).unwrap();
        let error = Authority::open(one.path(), one.path(), &scope, clock()).unwrap_err();
        assert!(matches!(error, AuthorityError::Stranger { .. }), "{error}");
    }
}
