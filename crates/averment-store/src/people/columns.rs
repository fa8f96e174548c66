//! The columns of a people file: which header means what.
//!
//! One row per column; synonyms are those of common exports (OneRoster, Clever, student information systems).

use averment_detect::normalise::IdentifierKind;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Column {
    Id,
    Role,
    BirthYear,
    BirthDate,
    AgeBand,
    School,
    Country,
    Removed,
    FirstName,
    LastName,
    Identifier(IdentifierKind),
}

/// Column, name in messages, other spellings. Lower case, `_` for white space and `-`.
const COLUMNS: &[(Column, &str, &[&str])] = &[
    (
        Column::Id,
        "id",
        &["person_id", "user_id", "external_id", "sourced_id", "sourcedid"],
    ),
    (Column::Role, "role", &["user_role", "user_type", "person_type"]),
    (Column::BirthYear, "birth_year", &["year_of_birth", "yob"]),
    (
        Column::BirthDate,
        "birth_date",
        &["birthdate", "date_of_birth", "dob", "birthday"],
    ),
    (Column::AgeBand, "age_band", &["age_group", "age_range"]),
    (
        Column::School,
        "school",
        &["school_name", "school_id", "org", "organisation", "organization"],
    ),
    (Column::Country, "country", &["country_code", "school_country"]),
    (Column::Removed, "removed", &["is_removed", "deleted", "is_deleted"]),
    (
        Column::FirstName,
        "first_name",
        &["firstname", "given_name", "givenname"],
    ),
    (
        Column::LastName,
        "last_name",
        &["lastname", "family_name", "familyname", "surname"],
    ),
    (
        Column::Identifier(IdentifierKind::Email),
        "email",
        &["e_mail", "email_address", "e_mail_address", "mail"],
    ),
    (
        Column::Identifier(IdentifierKind::Username),
        "username",
        &["user_name", "login", "login_name"],
    ),
    (
        Column::Identifier(IdentifierKind::FullName),
        "full_name",
        &["fullname", "name"],
    ),
    (
        Column::Identifier(IdentifierKind::Phone),
        "phone",
        &["phone_number", "telephone", "mobile", "sms"],
    ),
    (
        Column::Identifier(IdentifierKind::GuardianEmail),
        "guardian_email",
        &["parent_email", "guardian_e_mail", "parent_e_mail"],
    ),
    (
        Column::Identifier(IdentifierKind::GuardianName),
        "guardian_name",
        &["parent_name"],
    ),
    (
        Column::Identifier(IdentifierKind::GuardianPhone),
        "guardian_phone",
        &["parent_phone", "guardian_phone_number", "parent_phone_number"],
    ),
    (
        Column::Identifier(IdentifierKind::Address),
        "address",
        &["street_address", "street", "address_line1", "home_address"],
    ),
    (
        Column::Identifier(IdentifierKind::GuardianAddress),
        "guardian_address",
        &["parent_address"],
    ),
    (
        Column::Identifier(IdentifierKind::StudentId),
        "student_number",
        &["student_id", "local_id", "student_no", "pupil_number"],
    ),
    (
        Column::Identifier(IdentifierKind::AccountId),
        "account_id",
        &["account_number", "account"],
    ),
];

impl Column {
    /// The column that a header names.
    pub(crate) fn of_header(header: &str) -> Option<Self> {
        let header = header.trim().to_lowercase().replace([' ', '-'], "_");
        let row = COLUMNS
            .iter()
            .find(|(_, name, others)| *name == header || others.contains(&header.as_str()));
        row.map(|(column, ..)| *column)
    }

    /// The name in messages.
    pub(crate) fn name(self) -> &'static str {
        let field = match self {
            Self::Identifier(kind) => Self::Identifier(kind.field()),
            other => other,
        };
        let row = COLUMNS.iter().find(|(column, ..)| *column == field);
        row.map(|(_, name, _)| *name)
            .expect("the test `every_column_has_a_row` reads each")
    }

    /// All names, for messages.
    pub(crate) fn names() -> String {
        COLUMNS
            .iter()
            .map(|(_, name, _)| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_row() {
        for kind in IdentifierKind::ALL {
            assert!(!Column::Identifier(kind).name().is_empty());
        }
        for (column, name, others) in COLUMNS {
            assert_eq!(Column::of_header(name), Some(*column));
            assert!(
                others.iter().all(|other| Column::of_header(other) == Some(*column)),
                "{name}: one meaning per spelling"
            );
        }
    }

    #[test]
    fn headers_are_read_as_people_write_them() {
        assert_eq!(
            Column::of_header(" Guardian E-Mail "),
            Some(Column::Identifier(IdentifierKind::GuardianEmail))
        );
        assert_eq!(Column::of_header("Date of Birth"), Some(Column::BirthDate));
        assert_eq!(Column::of_header("favourite colour"), None);
    }
}
