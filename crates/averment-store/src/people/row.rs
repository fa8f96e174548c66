//! One person as they were written: id, role, age and identifiers, each fault told apart.

use std::borrow::Cow;

use averment_detect::normalise::{IdentifierKind, NotMatchable, identifiers, identifiers_in};
use jiff::civil::Date;

use super::columns::Column;
use super::packed;
use super::read::{Departure, IdDigest, Kept, NewPerson, Reading, id_digest};
use super::report::{Unsure, UnsureReason};
use super::subject::{Age, AgeBand, Role};

/// Nobody alive is born before.
const BIRTH_YEAR_MIN: i16 = 1900;

/// Where something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    pub(super) file: Option<&'static str>,
    pub(super) line: u64,
    pub(super) column: Option<&'static str>,
}

impl At {
    /// A line of a source that is one file.
    pub(super) fn line(line: u64) -> Self {
        let (file, column) = (None, None);
        Self { file, line, column }
    }

    /// The same line, another column.
    pub(super) fn column(self, column: &'static str) -> Self {
        let column = Some(column);
        Self { column, ..self }
    }
}

/// One value of a person.
pub(super) struct Field<'a> {
    pub(super) column: Column,
    pub(super) at: At,
    pub(super) text: Cow<'a, str>,
}

impl<'a> Field<'a> {
    /// A value under the column's own name.
    pub(super) fn new(column: Column, at: At, text: impl Into<Cow<'a, str>>) -> Self {
        let (at, text) = (at.column(column.name()), text.into());
        Self { column, at, text }
    }
}

/// The values of one person. A column may come several times: two guardians have two addresses.
pub(super) struct Row<'a> {
    pub(super) at: At,
    pub(super) fields: Vec<Field<'a>>,
    /// What of a known person stays when the row says nothing about it.
    pub(super) kept: Kept,
}

impl Row<'_> {
    fn all(&self, wanted: Column) -> impl Iterator<Item = (&str, At)> {
        let fields = self.fields.iter().filter(move |field| field.column == wanted);
        let texts = fields.map(|field| (field.text.trim(), field.at));
        texts.filter(|(text, _)| !text.is_empty())
    }

    /// The first field of a column, without white space around it; none when it is empty or not there.
    fn get(&self, wanted: Column) -> Option<(&str, At)> {
        self.all(wanted).next()
    }

    fn text(&self, wanted: Column) -> Option<&str> {
        self.get(wanted).map(|(text, _)| text)
    }

    /// Where a column stands, or would.
    fn place(&self, column: Column) -> At {
        let fields = self.fields.iter().find(|field| field.column == column);
        fields.map_or_else(|| self.at.column(column.name()), |field| field.at)
    }
}

impl Reading<'_> {
    pub(super) fn read_row(&mut self, row: &Row<'_>) {
        if self.read_removed(row) {
            self.read_departure(row);
            return;
        }
        let (id, role, age) = (self.read_id(row), self.read_role(row), self.read_age(row));
        self.country = self.read_country(row);
        let (Some(id), Some(role)) = (id, role) else { return };
        self.packed.clear();
        for kind in IdentifierKind::ALL {
            self.read_kind(kind, row);
        }
        self.read_name_and_birth_date(row);
        self.rows.people.push(NewPerson {
            line: row.at.line,
            id,
            role,
            age,
            school: row.text(Column::School).map(Box::from),
            kept: row.kept,
            known_by: self.packed.as_slice().into(),
        });
    }

    /// Whoever leaves, by the id alone.
    pub(super) fn read_departure(&mut self, row: &Row<'_>) {
        if let Some(id) = self.read_id(row) {
            let line = row.at.line;
            self.rows.removed.push(Departure { line, id });
        }
    }

    fn read_kind(&mut self, kind: IdentifierKind, row: &Row<'_>) {
        let mut any = false;
        for (text, at) in row.all(Column::Identifier(kind)) {
            any = true;
            self.read_field_and_derived(at, kind, text);
        }
        match kind {
            // The platform's own id is what its servers put into events: it is looked for like an account id.
            IdentifierKind::AccountId if !any && row.kept != Kept::Identifiers => {
                if let Some((id, at)) = row.get(Column::Id) {
                    self.read_identifier(at, kind, id);
                }
            }
            IdentifierKind::FullName if !any => self.read_two_names(row),
            _ => {}
        }
    }

    fn read_removed(&mut self, row: &Row<'_>) -> bool {
        let expected = "`true` or `false`";
        let removed = self.read_field(row, Column::Removed, expected, |text| {
            match text.to_lowercase().as_str() {
                "true" | "t" | "1" | "yes" => Some(true),
                "false" | "f" | "0" | "no" => Some(false),
                _ => None,
            }
        });
        removed == Some(true)
    }

    fn read_id(&mut self, row: &Row<'_>) -> Option<IdDigest> {
        let Some((id, at)) = row.get(Column::Id) else {
            self.fault(row.place(Column::Id), "expected an id, found nothing");
            return None;
        };
        self.id_column = at.column.unwrap_or(self.id_column);
        Some(id_digest(self.id_key, id))
    }

    /// A bundle may know nothing of somebody's role; then they are what is protected most.
    fn read_role(&mut self, row: &Row<'_>) -> Option<Option<Role>> {
        let Some((text, at)) = row.get(Column::Role) else {
            if row.kept == Kept::Nothing {
                let expected = format!("expected one of {}", Role::words());
                self.fault(row.place(Column::Role), expected);
                return None;
            }
            return Some(None);
        };
        let role = Role::parse(text);
        if role.is_none() {
            self.fault(at, format!("expected one of {}", Role::words()));
        }
        role.map(Some)
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
        let (text, at) = row.get(column)?;
        let value = parse(text);
        if value.is_none() {
            self.fault(at, format!("expected {expected}"));
        }
        value
    }

    fn read_two_names(&mut self, row: &Row<'_>) {
        if let (Some(first), Some((last, at))) = (row.text(Column::FirstName), row.get(Column::LastName)) {
            let name = format!("{first} {last}");
            self.read_identifier(at, IdentifierKind::FullName, &name);
        }
    }

    /// An address also in its digests; what cannot be matched is told once.
    fn read_field_and_derived(&mut self, at: At, kind: IdentifierKind, text: &str) {
        self.read_identifier(at, kind, text);
        if let Some(derived) = kind.derived().filter(|derived| identifiers(*derived, text).is_ok()) {
            self.read_identifier(at, derived, text);
        }
    }

    /// First and last name each beside the date of birth, which itself is not kept.
    fn read_name_and_birth_date(&mut self, row: &Row<'_>) {
        let names = [
            Column::FirstName,
            Column::LastName,
            Column::Identifier(IdentifierKind::FullName),
        ];
        let names: Vec<&str> = names.into_iter().filter_map(|column| row.text(column)).collect();
        if let Some((date, at)) = row.get(Column::BirthDate) {
            let kind = IdentifierKind::NameAndBirthDate;
            let text = format!("{}, {date}", names.join(" "));
            if identifiers(kind, &text).is_ok() {
                self.read_identifier(at, kind, &text);
            }
        }
    }

    fn read_identifier(&mut self, at: At, kind: IdentifierKind, text: &str) {
        match identifiers_in(kind, text, self.country.as_deref()) {
            Ok(forms) => {
                for (form, normal) in forms {
                    packed::push(&mut self.packed, kind, &self.directory.digest(form, &normal));
                }
            }
            Err(NotMatchable::Empty) => {}
            Err(reason) => self.unsure(at, UnsureReason::NotMatchable(reason)),
        }
    }

    pub(super) fn unsure(&mut self, at: At, reason: UnsureReason) {
        self.rows.unsure.push(Unsure {
            file: at.file,
            line: at.line,
            column: at.column.unwrap_or_default(),
            reason,
        });
    }
}
