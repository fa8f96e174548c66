//! Whose rows a rule of one school is about, and whether there is anybody of the school: it may be called otherwise in the database, and
//! then its shorter time would hold for nobody.
//!
//! Start at [`Bound::school`] and [`Bound::must_know_school`].

use averment_catalog::ElementId;

use super::Bound;
use crate::connect::{Column, Database, DatabaseError};
use crate::graph::Reached;

/// Where it stands which rows are of a school.
pub(super) struct OfSchool {
    place: Place,
    /// Where rows say it themselves: their people, of whom it may stand there, too.
    people: Option<People>,
}

/// A table with a column for schools.
struct Place {
    table: String,
    column: String,
    /// True of its rows that are of the school.
    condition: String,
}

/// People of a school.
struct People {
    place: Place,
    /// True of the rows of the rule that are theirs.
    rows: String,
}

impl Bound<'_> {
    /// Rows of the people of the school that shortened the time.
    pub(super) fn school(&mut self, called: &[String]) -> Result<Option<String>, String> {
        let Some(school) = &self.rule.school else {
            return Ok(None);
        };
        let people = self.people_of(called);
        let own = school_column(self.reached).map(|own| self.place(self.reached, own, called));
        let (rows, of_school) = match (own, people) {
            (Some(place), people) => (place.condition.clone(), OfSchool { place, people }),
            (None, Some(People { place, rows })) => (rows, OfSchool { place, people: None }),
            (None, None) => return Err(format!("no column says which rows are of people of school `{school}`")),
        };
        self.of_school = Some(of_school);
        Ok(Some(rows))
    }

    /// Whether the database knows the school of the rule, by what it is called there: otherwise nothing is measured of what it asked for.
    /// Rows that say their school themselves may all be gone, as long as there are people of the school, and no row of theirs.
    ///
    /// # Errors
    /// Why it is not measurable, in words.
    pub(in crate::retain) fn must_know_school(&self, database: &mut dyn Database) -> Result<(), String> {
        match self.is_school_known(database) {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.nobody()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn is_school_known(&self, database: &mut dyn Database) -> Result<bool, DatabaseError> {
        let Some(OfSchool { place, people }) = &self.of_school else {
            return Ok(true);
        };
        let mut is_any = |table: &str, condition: &str| {
            let sql = format!(
                "select '1' from {} where {condition} limit 1",
                self.dialect.table(table)
            );
            Ok::<_, DatabaseError>(database.one(&sql, &[])?.is_some())
        };
        if is_any(&place.table, &place.condition)? {
            return Ok(true);
        }
        let Some(People { place: among, rows }) = people else {
            return Ok(false);
        };
        Ok(is_any(&among.table, &among.condition)? && !is_any(&place.table, rows)?)
    }

    fn nobody(&self) -> String {
        let school = self.rule.school.as_ref().map(ToString::to_string).unwrap_or_default();
        let place = self.of_school.as_ref().map(|of_school| &of_school.place);
        let place = place
            .map(|place| format!("{}.{}", place.table, place.column))
            .unwrap_or_default();
        format!(
            "`{place}` has nobody of school `{school}`, which shortened the time: `[retention.schools]` says what it is called there"
        )
    }

    /// The people whose rows these are, as far as their table says of which school they are.
    fn people_of(&self, called: &[String]) -> Option<People> {
        let (path, person, key) = self.persons()?;
        let place = self.place(person, school_column(person)?, called);
        let rows = self.of_person(path, person, &key, &place.condition);
        Some(People { place, rows })
    }

    fn place(&self, reached: &Reached, column: &Column, called: &[String]) -> Place {
        Place {
            table: reached.table.name.clone(),
            column: column.name.clone(),
            condition: self.is_among(column, called),
        }
    }
}

/// The column that says of which school a row is.
fn school_column(reached: &Reached) -> Option<&Column> {
    let mut columns = reached.map.columns.iter();
    let is_school = |element: &ElementId| element.as_str() == "edu.school";
    let found = columns.find(|(_, column)| column.element.as_ref().is_some_and(is_school));
    found.and_then(|(name, _)| reached.table.column(name))
}
