//! One row of a people file: id, role, age and identifiers, each fault told apart.

use averment_detect::normalise::{IdentifierKind, NotMatchable, identifiers, identifiers_in};
use jiff::civil::Date;

use super::columns::Column;
use super::read::{IdDigest, NewIdentifier, NewPerson, Reading, id_digest};
use super::report::{Unsure, UnsureReason};
use super::subject::{Age, AgeBand, Role};

/// Nobody alive is born before.
const BIRTH_YEAR_MIN: i16 = 1900;

/// The fields of one row.
pub(super) struct Row<'a> {
    pub(super) line: u64,
    pub(super) fields: Vec<(Column, &'a str)>,
}

impl Row<'_> {
    /// The field of a column, without white space around it; none when it is empty or not there.
    fn get(&self, wanted: Column) -> Option<&str> {
        let field = self.fields.iter().find(|(column, _)| *column == wanted);
        field.map(|(_, text)| text.trim()).filter(|text| !text.is_empty())
    }
}

impl Reading<'_> {
    pub(super) fn read_row(&mut self, row: &Row<'_>) {
        let (id, role, age) = (self.read_id(row), self.read_role(row), self.read_age(row));
        self.country = self.read_country(row);
        let (Some(id), Some(role)) = (id, role) else { return };
        let school = row.get(Column::School).map(str::to_owned);
        let person = self.rows.people.len();
        self.rows.people.push(NewPerson {
            line: row.line,
            id,
            role,
            age,
            school,
        });
        for kind in IdentifierKind::ALL {
            match row.get(Column::Identifier(kind)) {
                Some(text) => self.read_field_and_derived(person, row.line, kind, text),
                // The platform's own id is what its servers put into events: it is looked for like an account id.
                None if kind == IdentifierKind::AccountId => {
                    let id = row.get(Column::Id).unwrap_or_default();
                    self.read_identifier(person, row.line, kind, Column::Id, id);
                }
                None if kind == IdentifierKind::FullName => self.read_two_names(person, row),
                None => {}
            }
        }
        self.read_name_and_birth_date(person, row);
    }

    fn read_id(&mut self, row: &Row<'_>) -> Option<IdDigest> {
        let Some(id) = row.get(Column::Id) else {
            self.fault(row.line, Some(Column::Id), "expected an id, found nothing");
            return None;
        };
        let digest = id_digest(self.id_key, id);
        match self.lines_of_ids.insert(digest, row.line) {
            None => Some(digest),
            Some(first) => {
                self.lines_of_ids.insert(digest, first);
                self.fault(
                    row.line,
                    Some(Column::Id),
                    format!("expected an id of its own, found the one of line {first}"),
                );
                None
            }
        }
    }

    fn read_role(&mut self, row: &Row<'_>) -> Option<Role> {
        let role = row.get(Column::Role).and_then(Role::parse);
        if role.is_none() {
            self.fault(
                row.line,
                Some(Column::Role),
                format!("expected one of {}", Role::words()),
            );
        }
        role
    }

    /// ISO 3166-1, two capitals: telephone numbers are then also known as they are dialled there.
    fn read_country(&mut self, row: &Row<'_>) -> Option<String> {
        self.read_field(row, Column::Country, "a country as two letters, such as `SE`", |text| {
            let letters = text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
            letters.then(|| text.to_ascii_uppercase())
        })
    }

    /// Of a date of birth only the year is kept.
    fn read_age(&mut self, row: &Row<'_>) -> Age {
        let years = BIRTH_YEAR_MIN..=self.this_year;
        let expected_years = format!("from {} to {}", years.start(), years.end());
        let year = self.read_field(row, Column::BirthYear, &format!("a year {expected_years}"), |text| {
            text.parse().ok().filter(|year| text.len() == 4 && years.contains(year))
        });
        let date = self.read_field(
            row,
            Column::BirthDate,
            &format!("a date as YYYY-MM-DD {expected_years}"),
            |text| {
                let date: Option<Date> = text.parse().ok().filter(|_| text.len() == 10);
                date.map(Date::year).filter(|year| years.contains(year))
            },
        );
        let band = self.read_field(
            row,
            Column::AgeBand,
            &format!("one of {}", AgeBand::words()),
            AgeBand::parse,
        );
        // Two years that differ: the later one makes the person younger.
        Age {
            birth_year: year.max(date),
            band,
        }
    }

    fn read_field<T>(
        &mut self,
        row: &Row<'_>,
        column: Column,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = row.get(column)?;
        let value = parse(text);
        if value.is_none() {
            self.fault(row.line, Some(column), format!("expected {expected}"));
        }
        value
    }

    fn read_two_names(&mut self, person: usize, row: &Row<'_>) {
        if let (Some(first), Some(last)) = (row.get(Column::FirstName), row.get(Column::LastName)) {
            let name = format!("{first} {last}");
            self.read_identifier(person, row.line, IdentifierKind::FullName, Column::LastName, &name);
        }
    }

    /// An address also in its digests; what cannot be matched is told once.
    fn read_field_and_derived(&mut self, person: usize, line: u64, kind: IdentifierKind, text: &str) {
        self.read_identifier(person, line, kind, Column::Identifier(kind), text);
        if let Some(derived) = kind.derived().filter(|derived| identifiers(*derived, text).is_ok()) {
            self.read_identifier(person, line, derived, Column::Identifier(kind), text);
        }
    }

    /// First and last name each beside the date of birth, which itself is not kept.
    fn read_name_and_birth_date(&mut self, person: usize, row: &Row<'_>) {
        let names = [
            Column::FirstName,
            Column::LastName,
            Column::Identifier(IdentifierKind::FullName),
        ];
        let names: Vec<&str> = names.into_iter().filter_map(|column| row.get(column)).collect();
        if let Some(date) = row.get(Column::BirthDate) {
            let kind = IdentifierKind::NameAndBirthDate;
            let text = format!("{}, {date}", names.join(" "));
            if identifiers(kind, &text).is_ok() {
                self.read_identifier(person, row.line, kind, Column::BirthDate, &text);
            }
        }
    }

    fn read_identifier(&mut self, person: usize, line: u64, kind: IdentifierKind, column: Column, text: &str) {
        match identifiers_in(kind, text, self.country.as_deref()) {
            Ok(forms) => self.rows.identifiers.extend(forms.into_iter().map(|(form, normal)| {
                let digest = self.directory.digest(form, &normal);
                NewIdentifier {
                    person,
                    kind,
                    form,
                    digest,
                }
            })),
            Err(NotMatchable::Empty) => {}
            Err(reason) => {
                self.rows.unsure.push(Unsure {
                    line,
                    column: column.name(),
                    reason: UnsureReason::NotMatchable(reason),
                });
            }
        }
    }
}
