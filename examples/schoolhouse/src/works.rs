//! Projects with their files and comments.

use serde_json::{Value, json};

use crate::settings::App;
use crate::store::{Connection, Row, StoreError};
use crate::web::{Fault, Upload};

/// A project of somebody.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub(crate) id: i64,
    pub(crate) owner: i64,
    pub(crate) title: String,
    pub(crate) body: String,
    /// What the address of its unlisted page ends in, while there is one.
    pub(crate) link: Option<String>,
}

/// A file of a project.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) media_type: String,
}

impl Project {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.number("id")?,
            owner: row.number("user_id")?,
            title: row.text("title")?,
            body: row.text("body")?,
            link: row.maybe_text("link_token")?,
        })
    }

    pub(crate) fn find(db: &mut Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let row = db.row("select * from projects where id = $1", &[id.into()])?;
        row.as_ref().map(Self::of).transpose()
    }

    /// The project with this link, while its owner shares it.
    pub(crate) fn shared(db: &mut Connection, link: &str) -> Result<Option<Self>, StoreError> {
        let row = db.row("select * from projects where link_token = $1", &[link.into()])?;
        row.as_ref().map(Self::of).transpose()
    }

    pub(crate) fn create(
        db: &mut Connection,
        app: &App,
        owner: i64,
        title: &str,
        body: &str,
    ) -> Result<i64, StoreError> {
        let sql = "insert into projects (user_id, title, body, created_at, updated_at) values ($1, $2, $3, $4, $4) returning id";
        let id = db.number(sql, &[owner.into(), title.into(), body.into(), app.now().into()])?;
        index(db, id, owner, title, body)?;
        Ok(id)
    }

    pub(crate) fn change(&self, db: &mut Connection, app: &App, title: &str, body: &str) -> Result<(), StoreError> {
        let sql = "update projects set title = $2, body = $3, updated_at = $4 where id = $1";
        db.run(sql, &[self.id.into(), title.into(), body.into(), app.now().into()])?;
        index(db, self.id, self.owner, title, body)
    }

    pub(crate) fn files(&self, db: &mut Connection) -> Result<Vec<File>, StoreError> {
        let rows = db.rows(
            "select id, name, path, media_type from files where project_id = $1 order by id",
            &[self.id.into()],
        )?;
        let file = |row: &Row| {
            Ok(File {
                id: row.number("id")?,
                name: row.text("name")?,
                path: row.text("path")?,
                media_type: row.text("media_type")?,
            })
        };
        rows.iter().map(file).collect()
    }

    /// Comments: user name and text.
    pub(crate) fn comments(&self, db: &mut Connection) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "select users.username, comments.body from comments join users on users.id = comments.author_id \
                   where comments.project_id = $1 order by comments.id";
        let rows = db.rows(sql, &[self.id.into()])?;
        rows.iter()
            .map(|row| Ok((row.text("username")?, row.text("body")?)))
            .collect()
    }

    /// Keeps a file under `uploads/{user}/`. What it is called is never part of a path.
    pub(crate) fn keep(&self, db: &mut Connection, app: &App, upload: &Upload) -> Result<i64, Fault> {
        db.whole(|db| self.keep_within(db, app, upload))
    }

    /// As [`Project::keep`], inside of somebody else's transaction.
    pub(crate) fn keep_within(&self, db: &mut Connection, app: &App, upload: &Upload) -> Result<i64, Fault> {
        let sql = "insert into files (project_id, name, path, media_type, bytes, created_at) \
                   values ($1, $2, '', $3, $4, $5) returning id";
        let (name, kind, bytes) = (
            upload.name.as_str(),
            upload.media_type.as_str(),
            upload.bytes.len() as i64,
        );
        let id = db.number(
            sql,
            &[self.id.into(), name.into(), kind.into(), bytes.into(), app.now().into()],
        )?;
        let path = format!("uploads/{}/{id}", self.owner);
        db.run("update files set path = $2 where id = $1", &[id.into(), path.into()])?;
        let folder = app.folder.uploads(self.owner);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(id.to_string()), &upload.bytes)?;
        Ok(id)
    }

    /// As the JSON API gives it; `owner` by the name that may be seen.
    pub(crate) fn json(&self, db: &mut Connection, owner: &str) -> Result<Value, StoreError> {
        let files = self.files(db)?;
        let comments = self.comments(db)?;
        Ok(json!({
            "id": self.id,
            "owner": owner,
            "title": self.title,
            "body": self.body,
            "files": files.iter().map(|file| json!({"id": file.id, "name": file.name})).collect::<Vec<_>>(),
            "comments": comments.iter().map(|(by, text)| json!({"by": by, "body": text})).collect::<Vec<_>>(),
        }))
    }
}

impl File {
    /// Its bytes.
    pub(crate) fn read(&self, app: &App, owner: i64) -> std::io::Result<Vec<u8>> {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        std::fs::read(app.folder.uploads(owner).join(name))
    }
}

/// The words by which the search finds a project.
fn index(db: &mut Connection, id: i64, owner: i64, title: &str, body: &str) -> Result<(), StoreError> {
    let sql = "insert into search_documents (project_id, user_id, words) values ($1, $2, $3) \
               on conflict (project_id) do update set words = excluded.words";
    let words = format!("{title} {body}").to_lowercase();
    db.run(sql, &[id.into(), owner.into(), words.into()])?;
    Ok(())
}
