//! What the seeded people did: classes, projects, messages, a log, orders, two who left, a school that did.

use jiff::{SignedDuration, Timestamp};

use super::{ENDED, actor, names, person, project, student};
use crate::settings::App;
use crate::store::{Connection, StoreError, Value};
use crate::web::{Fault, Upload};
use crate::works::Project;

/// Everything, in the order that the foreign keys ask for.
pub(super) fn play(app: &App, db: &mut Connection) -> Result<(), Fault> {
    classes(app, db)?;
    guardians(app, db)?;
    projects(app, db)?;
    talk(app, db)?;
    log(app, db)?;
    money(app, db)?;
    left(app, db)?;
    Ok(())
}

fn ago(app: &App, days: i64) -> Timestamp {
    app.now() - SignedDuration::from_hours(24 * days)
}

fn id(db: &mut Connection, username: &str) -> Result<i64, StoreError> {
    db.number("select id from users where username = $1", &[username.into()])
}

/// Each teacher has a class of the school; students go to those of their school in turn. Cleo is in Uma's class only.
fn classes(app: &App, db: &mut Connection) -> Result<(), StoreError> {
    let teachers = db.rows(
        "select id, school_id, full_name from users where role = 'teacher' order by id",
        &[],
    )?;
    for teacher in &teachers {
        let name = format!("Class of {}", teacher.text("full_name")?);
        let sql = "insert into classes (school_id, teacher_id, name) values ($1, $2, $3)";
        db.run(
            sql,
            &[
                teacher.number("school_id")?.into(),
                teacher.number("id")?.into(),
                name.into(),
            ],
        )?;
    }
    let students = db.rows(
        "select id, school_id, username from users where role = 'student' order by id",
        &[],
    )?;
    for student in &students {
        let school = student.number("school_id")?;
        let classes = db.rows(
            "select id from classes where school_id = $1 order by id",
            &[school.into()],
        )?;
        let number = student.number("id")?;
        let turn = match student.text("username")?.as_str() {
            "ada" | "ben" | "olle" => 0,
            "cleo" => 1,
            _ => number.unsigned_abs() as usize,
        };
        let class = classes[turn % classes.len()].number("id")?;
        let grade = (number % 3 == 0).then_some("B+");
        let sql = "insert into enrolments (class_id, student_id, grade, enrolled_at) values ($1, $2, $3, $4)";
        db.run(sql, &[class.into(), number.into(), grade.into(), ago(app, 150).into()])?;
    }
    Ok(())
}

/// Gerda and Gustav are Ada's parents; a court has limited Gustav. Parents of those under 13 have consented.
fn guardians(app: &App, db: &mut Connection) -> Result<(), StoreError> {
    let ada = id(db, "ada")?;
    for (guardian, relationship, limited) in [("gerda", "mother", false), ("gustav", "father", true)] {
        let guardian = id(db, guardian)?;
        let sql = "insert into guardianships (guardian_id, student_id, relationship, limited_by_court) values ($1, $2, $3, $4)";
        db.run(sql, &[guardian.into(), ada.into(), relationship.into(), limited.into()])?;
    }
    let gerda = id(db, "gerda")?;
    let sql = "insert into consents (user_id, given_by, kind, given_at) values ($1, $2, 'parental', $3)";
    db.run(sql, &[ada.into(), gerda.into(), ago(app, 180).into()])?;
    Ok(())
}

/// A project with a file each; every fifth is shared by link, and so is Ben's.
fn projects(app: &App, db: &mut Connection) -> Result<(), Fault> {
    for row in db.rows("select id, username from users where role = 'student' order by id", &[])? {
        let owner = row.number("id")?;
        // No name in it: whoever has the link may see the content and not whose it is.
        let body = format!("What I found out on {} walks, with a picture and a map.", owner % 9 + 2);
        let project = project(app, db, owner, names::title(owner), &body)?;
        let project = Project::find(db, project)?.ok_or(Fault::Broken)?;
        let sheet = format!("sheet {owner}: what I measured\n");
        keep(app, db, &project, sheet)?;
        if row.text("username")? == "ben" || owner % 5 == 0 {
            let link = format!(
                "link-{owner}-{}",
                crate::secrets::digest(&owner.to_string()).split_at(16).0
            );
            db.run(
                "update projects set link_token = $2 where id = $1",
                &[project.id.into(), link.into()],
            )?;
        }
        let sql = "insert into project_views (project_id, day, source, views) values ($1, $2, 'school', $3)";
        let day = ago(app, owner % 30).to_zoned(jiff::tz::TimeZone::UTC).date();
        db.run(sql, &[project.id.into(), day.into(), (owner % 40 + 1).into()])?;
    }
    Ok(())
}

/// As [`Project::keep`], inside of the transaction of the whole seed.
fn keep(app: &App, db: &mut Connection, project: &Project, text: String) -> Result<(), Fault> {
    let upload = Upload {
        name: "sheet.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        bytes: text.into_bytes(),
    };
    project.keep_within(db, app, &upload)?;
    Ok(())
}

/// Comments and messages between neighbours of one school.
fn talk(app: &App, db: &mut Connection) -> Result<(), StoreError> {
    let students = db.rows(
        "select id, school_id from users where role = 'student' order by school_id, id",
        &[],
    )?;
    for pair in students.windows(2) {
        if pair[0].number("school_id")? != pair[1].number("school_id")? {
            continue;
        }
        let (one, other) = (pair[0].number("id")?, pair[1].number("id")?);
        let days = one % 60;
        let sql = "insert into comments (project_id, author_id, body, created_at) \
                   select id, $2, 'I like the second picture.', $3 from projects where user_id = $1";
        db.run(sql, &[one.into(), other.into(), ago(app, days).into()])?;
        let sql = "insert into messages (sender_id, recipient_id, body, sent_at) values ($1, $2, $3, $4)";
        db.run(
            sql,
            &[
                one.into(),
                other.into(),
                "Are you coming to the science fair?".into(),
                ago(app, days).into(),
            ],
        )?;
    }
    Ok(())
}

/// Four lines for everybody, the oldest from before the 90 days: the purge has something to do.
fn log(app: &App, db: &mut Connection) -> Result<(), StoreError> {
    let sql = "insert into activity_log (user_id, ip, user_agent, action, at) values ($1, $2, $3, $4, $5)";
    for row in db.rows("select id from users order by id", &[])? {
        let user = row.number("id")?;
        for (days, action) in [
            (130 + user % 50, "sign in"),
            (70, "view projects"),
            (20, "change projects"),
            (user % 7, "sign in"),
        ] {
            let values: [Value; 5] = [
                user.into(),
                format!("203.0.113.{}", user % 250).into(),
                "Mozilla/5.0 (X11; Linux x86_64) Schoolhouse/1".into(),
                action.into(),
                ago(app, days).into(),
            ];
            db.run(sql, &values)?;
        }
    }
    Ok(())
}

/// Gerda and every teacher paid once; Tom wrote to support; Staffan looked at Ben for a reason.
fn money(app: &App, db: &mut Connection) -> Result<(), StoreError> {
    let sql = "insert into orders (user_id, payer_name, payer_email, product, amount_cents, currency, paid_at) \
               select id, full_name, email, 'class-year', 4900, 'EUR', $1 from users where role = 'teacher' or username = 'gerda'";
    db.run(sql, &[ago(app, 100).into()])?;
    let sql = "insert into support_requests (user_id, email, body, created_at) \
               select id, email, 'How do I print a project?', $1 from users where username = 'tom'";
    db.run(sql, &[ago(app, 12).into()])?;
    let (staff, ben) = (id(db, "staffan")?, id(db, "ben")?);
    let sql = "insert into staff_accesses (staff_id, user_id, reason, at) values ($1, $2, 'ticket 4711: cannot open a file', $3)";
    db.run(sql, &[staff.into(), ben.into(), ago(app, 9).into()])?;
    let sql = "insert into jobs (user_id, kind, payload, created_at) values ($1, 'thumbnail', '{\"project\": 2}', $2)";
    db.run(sql, &[ben.into(), ago(app, 0).into()])?;
    let sql = "insert into vendor_records (user_id, vendor, external_id, created_at) \
               select id, 'stripe', 'cus_seed' || id, $1 from users where role = 'teacher'";
    db.run(sql, &[ago(app, 100).into()])?;
    Ok(())
}

/// Two who deleted their accounts, ten and forty days ago; of the second the purge takes the log.
fn left(app: &App, db: &mut Connection) -> Result<(), StoreError> {
    for (user, days) in [(900_001_i64, 10), (900_002, 40)] {
        let sql = "insert into account_deletions (user_id, deleted_at) values ($1, $2)";
        db.run(sql, &[user.into(), ago(app, days).into()])?;
        let sql = "insert into activity_log (user_id, ip, user_agent, action, at) values ($1, '203.0.113.77', 'Mozilla/5.0', 'sign in', $2)";
        db.run(sql, &[user.into(), ago(app, days + 5).into()])?;
    }
    Ok(())
}

/// A school that left, with what a student and a teacher of it did. They come last, so that nobody else's number depends on them.
pub(super) fn ended(app: &App, db: &mut Connection) -> Result<(), Fault> {
    let (name, city, country, days) = ENDED;
    let sql = "insert into schools (name, city, country, peers_see, contract_end) values ($1, $2, $3, $4, $5)";
    let end = ago(app, days).to_zoned(jiff::tz::TimeZone::UTC).date();
    db.run(
        sql,
        &[name.into(), city.into(), country.into(), false.into(), end.into()],
    )?;
    let school = db.number("select id from schools where name = $1", &[name.into()])?;
    person(
        app,
        db,
        &student("nils", "Nils Aaltonen", school, 13),
        "nils",
        "Nils Aaltonen",
    )?;
    person(
        app,
        db,
        &actor("vera", "Vera Lindgren", "teacher", school),
        "vera",
        "Vera Lindgren",
    )?;
    let (nils, vera) = (id(db, "nils")?, id(db, "vera")?);
    let sql = "insert into classes (school_id, teacher_id, name) values ($1, $2, 'Class of Vera Lindgren')";
    db.run(sql, &[school.into(), vera.into()])?;
    let sql = "insert into enrolments (class_id, student_id, enrolled_at) select id, $2, $3 from classes where teacher_id = $1";
    db.run(sql, &[vera.into(), nils.into(), ago(app, 150).into()])?;
    let tides = project(app, db, nils, "Tides", "How high the water came in a week.")?;
    let tides = Project::find(db, tides)?.ok_or(Fault::Broken)?;
    keep(app, db, &tides, "high water, low water\n".to_owned())?;
    let sql = "insert into messages (sender_id, recipient_id, body, sent_at) values ($1, $2, 'Well measured.', $3)";
    db.run(sql, &[vera.into(), nils.into(), ago(app, 80).into()])?;
    Ok(())
}
