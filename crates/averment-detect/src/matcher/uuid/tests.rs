use averment_catalog::{ElementId, SubjectId};

use super::{GROUPS, is_nobodys};
use crate::matcher::{Hint, find};
use crate::signs::Signs;
use crate::{Directory, DirectoryKey, DirectoryRow, Form, PersonNumber};

const UUID: &[u8; 36] = b"0d9b1c3e-5F7a-4b6c-8d2e-9f0a1b2c3d4e";

fn knowing(form: Form, normal: &str) -> Directory {
    let key = DirectoryKey::new([9; 32]);
    let row = DirectoryRow {
        digest: key.digest(form, normal),
        element: ElementId::new("account.username").unwrap(),
        person: PersonNumber(1),
    };
    Directory::new(key, vec![row], [(PersonNumber(1), SubjectId::new("student").unwrap())])
}

/// Whether the matcher finds somebody in it.
fn is_found(uuid: &[u8], directory: &Directory) -> bool {
    let folded = std::str::from_utf8(uuid).unwrap().to_ascii_lowercase();
    !find(&folded, Signs::NONE, Hint::None, directory).is_empty()
}

#[test]
fn a_uuid_is_nobodys_where_no_run_of_its_groups_is_known() {
    assert!(is_nobodys(UUID, &knowing(Form::Word, "ada_l")));
    for from in 0..GROUPS.len() {
        for to in from..GROUPS.len() {
            let run = &UUID[GROUPS[from].start..GROUPS[to].end];
            let known = std::str::from_utf8(run).unwrap().to_ascii_lowercase();
            let directory = knowing(Form::Word, &known);
            assert!(is_found(UUID, &directory), "{known}");
            assert!(!is_nobodys(UUID, &directory), "{known}");
        }
    }
}

#[test]
fn groups_of_letters_may_be_a_name() {
    let uuid = b"0d9b1c3e-5f7a-abba-ebba-9f0a1b2c3d4e";
    let directory = knowing(Form::Name, "abba ebba");
    assert!(is_found(uuid, &directory));
    assert!(!is_nobodys(uuid, &directory));
}
