//! News by mail: to adults who asked for them.

use crate::mistakes::Mistake;
use crate::people::{Person, Role};
use crate::settings::App;
use crate::store::Connection;
use crate::web::Fault;

/// Sends to everybody who is to get it; what no vendor took waits in `outbox/{user}/`. How many got it.
pub(crate) fn send(app: &App, db: &mut Connection, subject: &str, text: &str) -> Result<usize, Fault> {
    let students_too = app.mistakes.has(Mistake::MarketingToStudents);
    let mut readers = Person::all(db, "order by users.id", &[])?;
    readers.retain(|person| match person.role {
        Role::Student => students_too,
        _ => person.marketing,
    });
    for person in &readers {
        if !app.vendors.news(&person.email, subject, text) {
            wait(app, person, subject, text)?;
        }
    }
    Ok(readers.len())
}

fn wait(app: &App, person: &Person, subject: &str, text: &str) -> Result<(), Fault> {
    let folder = app.folder.outbox(person.id);
    std::fs::create_dir_all(&folder)?;
    let mail = format!("To: {}\nSubject: {subject}\n\n{text}\n", person.email);
    std::fs::write(folder.join("news.txt"), mail)?;
    Ok(())
}
