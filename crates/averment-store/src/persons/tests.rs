//! Changes laid over everybody give the same answers as everybody read anew.

use averment_detect::{DirectoryKey, Form};

use super::*;

/// A person: number, school, identifiers as `element=value`.
type Someone<'a> = (u32, Option<&'a str>, &'a [&'a str]);

const BEFORE: [Someone<'_>; 4] = [
    (1, Some("Westfield"), &["contact.email=a", "guardian.email=g"]),
    (2, Some("Westfield"), &["contact.email=b", "guardian.email=g"]),
    (3, None, &["contact.email=c", "account.username=u"]),
    (4, Some("Eastfield"), &["contact.email=g"]),
];

fn read(people: &[Someone<'_>]) -> (PersonsBuilder, Vec<DirectoryRow>) {
    let key = DirectoryKey::new([7; 32]);
    let (mut builder, mut rows) = (PersonsBuilder::default(), Vec::new());
    for (number, school, identifiers) in people {
        let person = PersonNumber(*number);
        builder.push(person, PersonId([u8::try_from(*number).unwrap(); 16]), *school);
        rows.extend(identifiers.iter().map(|identifier| {
            let (element, value) = identifier.split_once('=').unwrap();
            let digest = key.digest(Form::Word, value);
            let element = element.parse().unwrap();
            DirectoryRow {
                digest,
                element,
                person,
            }
        }));
    }
    (builder, rows)
}

/// What it answers about everybody.
fn answers(persons: &Persons) -> Vec<String> {
    let elements = ["contact.email", "guardian.email", "account.username"];
    let about = |number| {
        let person = PersonNumber(number);
        let sharing = elements.map(|element| persons.sharing(person, &element.parse().unwrap()));
        let held = persons.holds(PersonId([u8::try_from(number).unwrap(); 16]));
        format!(
            "{number} {} {held} {:?} {sharing:?}",
            persons.id(person).is_some(),
            persons.school(person)
        )
    };
    (1..=6).map(about).collect()
}

fn laid_over(changed: &[u32], new: &[Someone<'_>]) -> Persons {
    let (builder, mut before) = read(&BEFORE);
    let many = Arc::new(builder.build(&mut before));
    let (builder, mut rows) = read(new);
    let holder = |digest: &IdentifierDigest| {
        let row = before.iter().find(|row| row.digest == *digest)?;
        Some((row.person, row.element.clone()))
    };
    let changed = changed.iter().copied().map(PersonNumber).collect();
    Persons::over(&many, changed, builder, &mut rows, holder)
}

fn read_anew(changed: &[u32], new: &[Someone<'_>]) -> Persons {
    let stay = BEFORE.iter().filter(|(number, ..)| !changed.contains(number));
    let (builder, mut rows) = read(&stay.chain(new).copied().collect::<Vec<_>>());
    builder.build(&mut rows)
}

#[test]
fn changes_laid_over_answer_as_everybody_read_anew() {
    let changes: [(&[u32], &[Someone<'_>]); 6] = [
        (&[], &[]),
        (&[4], &[]),
        (&[2], &[(2, Some("Northfield"), &["contact.email=b"])]),
        (
            &[5],
            &[(5, Some("Westfield"), &["contact.email=c", "guardian.email=g"])],
        ),
        (
            &[5, 6],
            &[
                (5, None, &["account.username=new"]),
                (6, None, &["account.username=new"]),
            ],
        ),
        (&[1, 4], &[(4, None, &["contact.email=a", "contact.email=u"])]),
    ];
    for (changed, new) in changes {
        let (laid, anew) = (laid_over(changed, new), read_anew(changed, new));
        assert_eq!(answers(&laid), answers(&anew), "{changed:?} {new:?}");
    }
}
