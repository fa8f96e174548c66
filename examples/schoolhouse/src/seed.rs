//! Fictional people: the same ones each time, so that tests and readers know whom they sign in as.
//!
//! Start at [`CAST`]: the people whom the README names. Everybody after them is made up by number.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::accounts;
use crate::secrets;
use crate::settings::App;
use crate::store::{Connection, StoreError, Value};
use crate::web::Fault;
use crate::works::Project;

mod names;
mod scenes;

/// Somebody who is there in every seed.
struct Actor {
    username: &'static str,
    name: &'static str,
    role: &'static str,
    school: Option<i64>,
    /// Years old, of students.
    age: Option<i16>,
}

const fn actor(username: &'static str, name: &'static str, role: &'static str, school: i64) -> Actor {
    Actor {
        username,
        name,
        role,
        school: if school > 0 { Some(school) } else { None },
        age: None,
    }
}

const fn student(username: &'static str, name: &'static str, school: i64, age: i16) -> Actor {
    let mut actor = actor(username, name, "student", school);
    actor.age = Some(age);
    actor
}

/// School 1 and 2 let their students see one another, school 3 does not.
const SCHOOLS: [(&str, &str, &str, bool); 3] = [
    ("Lindenhof School", "Lindenhof", "DE", true),
    ("Westfield Academy", "Westfield", "US", true),
    ("Harbour School", "Harbour", "FI", false),
];

/// A school whose contract ended so many days ago: its accounts go with the retention job.
const ENDED: (&str, &str, &str, i64) = ("Saltmarsh School", "Saltmarsh", "GB", 60);

/// Numbered from one in this order.
const CAST: [Actor; 17] = [
    student("ada", "Ada Lindqvist", 1, 11),
    student("ben", "Ben Okafor", 1, 15),
    student("cleo", "Cleo Marchetti", 1, 18),
    actor("tom", "Tom Brandvold", "teacher", 1),
    actor("uma", "Uma Castellane", "teacher", 1),
    actor("gerda", "Gerda Lindqvist", "guardian", 1),
    actor("gustav", "Gustav Lindqvist", "guardian", 1),
    actor("sina", "Sina Vorbeck", "school_admin", 1),
    actor("staffan", "Staffan Ekholm", "staff", 0),
    student("dora", "Dora Pemberton", 2, 14),
    actor("wes", "Wes Hathaway", "teacher", 2),
    actor("rolf", "Rolf Ostermann", "school_admin", 2),
    student("hugo", "Hugo Lehtinen", 3, 12),
    student("ivy", "Ivy Salonen", 3, 13),
    actor("ruth", "Ruth Korhonen", "teacher", 3),
    student("mina", "Mina Adeyemi", 2, 16),
    student("olle", "Olle Norling", 1, 12),
];

/// How many there are at least.
pub(crate) const LEAST: usize = CAST.len();

/// Makes schools and `people` people with what they do; the tables must be empty.
pub(crate) fn run(app: &App, db: &mut Connection, people: usize) -> Result<(), Fault> {
    if db.number("select count(*) from users", &[])? > 0 {
        return Err(Fault::Wrong("there are people already"));
    }
    db.whole(|db| {
        for (name, city, country, peers) in SCHOOLS {
            let sql = "insert into schools (name, city, country, peers_see) values ($1, $2, $3, $4)";
            db.run(sql, &[name.into(), city.into(), country.into(), peers.into()])?;
        }
        for actor in &CAST {
            person(app, db, actor, actor.username, actor.name)?;
        }
        for number in LEAST..people {
            let (username, name) = (format!("person{}", number + 1), names::full(number));
            person(app, db, &extra(number), &username, &name)?;
        }
        scenes::play(app, db)?;
        scenes::ended(app, db)
    })
}

/// Somebody who is only there to be many: one teacher among twelve, the rest students.
fn extra(number: usize) -> Actor {
    let school = (number / 2 % SCHOOLS.len()) as i64 + 1;
    match number % 12 {
        0 => actor("", "", "teacher", school),
        _ => student("", "", school, 8 + (number % 11) as i16),
    }
}

fn person(app: &App, db: &mut Connection, actor: &Actor, username: &str, name: &str) -> Result<(), StoreError> {
    let number = db.number("select count(*) from users", &[])? + 1;
    let email = format!(
        "{}.{number}@{}",
        name.to_lowercase().replace(' ', "."),
        place(actor.school)
    );
    let born = actor.age.map(|age| born(app.now(), age, number));
    let password = accounts::stored_password(app, &password(username), secrets::hash_seeded);
    let since = app.now() - jiff::SignedDuration::from_hours(24 * (200 + number % 300));
    let sql = "insert into users (school_id, role, username, full_name, email, email_lookup, birth_date, password_hash, \
               grade_level, directory_opt_out, gravatar, marketing, oidc_subject, created_at, last_seen_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let values: [Value; 15] = [
        actor.school.into(),
        actor.role.into(),
        username.into(),
        name.into(),
        email.as_str().into(),
        accounts::email_lookup(app, &email).into(),
        born.into(),
        password.into(),
        actor.age.map(|age| format!("grade {}", (age - 5).min(12))).into(),
        (username == "cleo" || number % 17 == 0).into(),
        (username == "tom").into(),
        (actor.role != "student" && number % 2 == 0).into(),
        format!("school-{username}").into(),
        since.into(),
        (app.now() - jiff::SignedDuration::from_hours(24 * (number % 60))).into(),
    ];
    db.run(sql, &values)?;
    Ok(())
}

/// What a seeded person signs in with.
pub(crate) fn password(username: &str) -> String {
    format!("schoolhouse-{username}")
}

fn place(school: Option<i64>) -> &'static str {
    match school {
        Some(1) => "lindenhof.example",
        Some(2) => "westfield.example",
        Some(3) => "harbour.example",
        Some(_) => "saltmarsh.example",
        None => "schoolhouse.example",
    }
}

/// A day on which somebody was born who is so old now, whatever the day is.
fn born(now: Timestamp, age: i16, number: i64) -> Date {
    let today = now.to_zoned(TimeZone::UTC).date();
    today.saturating_sub(Span::new().years(age).days(1 + number * 13 % 330))
}

/// A project of somebody, with its number.
fn project(app: &App, db: &mut Connection, owner: i64, title: &str, body: &str) -> Result<i64, StoreError> {
    Project::create(db, app, owner, title, body)
}
