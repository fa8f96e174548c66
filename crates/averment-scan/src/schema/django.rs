//! Django: the classes of `models.py` as the tables that its migrations would make.
//!
//! Start at [`read`]. Python is not run: classes, their bases and lines of the shape `email = models.EmailField(…)` are looked
//! for. A class counts when it is derived from `Model`, from a known user base, or from another class that counts.

mod statements;

use std::collections::{BTreeMap, BTreeSet};

use averment_register::Engine;

use self::statements::{Class, Field};
use super::{Column, Reference, Schema, Table};
use crate::observation::Spot;

/// Bases of Django itself that bring fields: name, kind.
const USER_FIELDS: [(&str, &[(&str, &str)]); 3] = [
    (
        "AbstractUser",
        &[
            ("password", "CharField"),
            ("last_login", "DateTimeField"),
            ("is_superuser", "BooleanField"),
            ("username", "CharField"),
            ("first_name", "CharField"),
            ("last_name", "CharField"),
            ("email", "EmailField"),
            ("is_staff", "BooleanField"),
            ("is_active", "BooleanField"),
            ("date_joined", "DateTimeField"),
        ],
    ),
    (
        "AbstractBaseUser",
        &[("password", "CharField"), ("last_login", "DateTimeField")],
    ),
    ("PermissionsMixin", &[("is_superuser", "BooleanField")]),
];

/// Bases that make a model of a class.
const MODEL_BASES: [&str; 8] = [
    "Model",
    "AbstractUser",
    "AbstractBaseUser",
    "PermissionsMixin",
    "TimeStampedModel",
    "MPTTModel",
    "PolymorphicModel",
    "SafeDeleteModel",
];

/// Reads files of models: path and text of each.
pub(super) fn read(files: &[(String, String)]) -> Schema {
    let source = files.first().map(|(name, _)| name.clone()).unwrap_or_default();
    let mut schema = Schema::new(Engine::Postgresql, source);
    let mut models = Models::default();
    for (name, text) in files {
        let app = app_of(name);
        for class in statements::classes(text) {
            models.add(&app, name, class);
        }
    }
    models.settle();
    schema.tables = models.tables();
    schema.finish()
}

/// The label of the application: the folder of `models.py`, or the one around a folder `models`.
fn app_of(path: &str) -> String {
    let folders: Vec<&str> = path
        .split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let folders = folders.split_last().map(|(_, folders)| folders).unwrap_or_default();
    let app = folders.iter().rev().find(|folder| **folder != "models").copied();
    app.unwrap_or("app").to_lowercase()
}

#[derive(Debug)]
struct Model {
    app: String,
    file: String,
    class: Class,
}

#[derive(Debug, Default)]
struct Models {
    all: Vec<Model>,
    /// Names of classes that are models.
    known: BTreeSet<String>,
}

impl Models {
    fn add(&mut self, app: &str, file: &str, class: Class) {
        // Bases of other packages are not known; fields of `models` in a class with a base are told by themselves.
        let has_fields = !class.bases.is_empty() && class.fields.iter().any(|field| field.of_models);
        if has_fields || class.bases.iter().any(|base| MODEL_BASES.contains(&last(base))) {
            self.known.insert(class.name.clone());
        }
        self.all.push(Model {
            app: app.to_owned(),
            file: file.to_owned(),
            class,
        });
    }

    /// Classes derived from models are models.
    fn settle(&mut self) {
        loop {
            let before = self.known.len();
            for model in &self.all {
                if model.class.bases.iter().any(|base| self.known.contains(last(base))) {
                    self.known.insert(model.class.name.clone());
                }
            }
            if self.known.len() == before {
                break;
            }
        }
    }

    /// Every class of this name; by name only, so that the first of several counts.
    fn named(&self, name: &str) -> Option<&Model> {
        self.all.iter().find(|model| model.class.name == last(name))
    }

    fn tables(&self) -> Vec<Table> {
        let mut tables = Vec::new();
        let concrete = self.all.iter().filter(|model| self.known.contains(&model.class.name));
        for model in concrete.filter(|model| !model.class.is_abstract && !model.class.is_proxy) {
            tables.extend(self.table(model));
        }
        tables
    }

    fn table(&self, model: &Model) -> Vec<Table> {
        let name = self.table_name(model);
        let spot = |line: u32| Spot {
            file: model.file.clone(),
            line: Some(line),
            column: None,
        };
        let mut fields: BTreeMap<String, Field> = BTreeMap::new();
        let mut order = Vec::new();
        let mut seen = BTreeSet::new();
        self.fields(model, &mut seen, &mut |field: &Field| {
            if fields.insert(field.name.clone(), field.clone()).is_none() {
                order.push(field.name.clone());
            }
        });
        let mut table = Table {
            name: name.clone(),
            comment: model.class.comment.clone(),
            spot: spot(model.class.line),
            ..Table::default()
        };
        if !fields.values().any(|field| field.option("primary_key") == Some("True")) {
            let id = Column {
                name: "id".to_owned(),
                kind: "bigautofield".to_owned(),
                is_key: true,
                spot: spot(model.class.line),
                ..Column::default()
            };
            table.columns.push(id);
        }
        let mut tables = Vec::new();
        for field in order.iter().filter_map(|name| fields.get(name)) {
            match field.kind.as_str() {
                "ManyToManyField" => tables.extend(self.join(model, &name, field)),
                "GenericForeignKey" | "GenericRelation" => {}
                _ => table.columns.push(self.column(model, field, spot(field.line))),
            }
        }
        tables.push(table);
        tables
    }

    fn table_name(&self, model: &Model) -> String {
        let own = model.class.table.as_ref();
        own.cloned()
            .unwrap_or_else(|| format!("{}_{}", model.app, model.class.name.to_lowercase()))
    }

    /// The fields of a class, those of its abstract bases first.
    fn fields<'a>(&'a self, model: &'a Model, seen: &mut BTreeSet<&'a str>, take: &mut dyn FnMut(&Field)) {
        if !seen.insert(&model.class.name) || seen.len() > 64 {
            return;
        }
        for base in &model.class.bases {
            if let Some((_, fields)) = USER_FIELDS.iter().find(|(name, _)| *name == last(base)) {
                for (name, kind) in *fields {
                    take(&Field::of_base(name, kind, model.class.line));
                }
            }
            if let Some(base) = self
                .named(base)
                .filter(|base| base.class.is_abstract || !self.known.contains(&base.class.name))
            {
                self.fields(base, seen, take);
            } else if let Some(base) = self.named(base).filter(|base| self.known.contains(&base.class.name)) {
                let name = format!("{}_ptr", base.class.name.to_lowercase());
                take(&Field::to(&name, &base.class.name, model.class.line));
            }
        }
        model.class.fields.iter().for_each(take);
    }

    fn column(&self, model: &Model, field: &Field, spot: Spot) -> Column {
        let target = self.target(model, field);
        let suffix = if target.is_some() { "_id" } else { "" };
        let name = field
            .option("db_column")
            .map(str::to_owned)
            .unwrap_or_else(|| format!("{}{suffix}", field.name));
        Column {
            name,
            kind: field.kind.to_lowercase(),
            comment: ["db_comment", "help_text", "verbose_name"]
                .iter()
                .find_map(|name| field.option(name))
                .map(str::to_owned),
            nullable: field.option("null") == Some("True"),
            is_key: field.option("primary_key") == Some("True"),
            references: target.map(|table| Reference { table, column: None }),
            spot,
        }
    }

    /// The table that a foreign key leads to.
    fn target(&self, model: &Model, field: &Field) -> Option<String> {
        if ![
            "ForeignKey",
            "OneToOneField",
            "ParentalKey",
            "TreeForeignKey",
            "ManyToManyField",
        ]
        .contains(&field.kind.as_str())
        {
            return None;
        }
        let named = field
            .option("to")
            .or_else(|| field.arguments.first().map(String::as_str))?;
        if named == "self" {
            return Some(self.table_name(model));
        }
        if named.contains("AUTH_USER_MODEL") || named == "get_user_model" {
            let user = self.all.iter().find(|model| {
                self.known.contains(&model.class.name)
                    && model
                        .class
                        .bases
                        .iter()
                        .any(|base| last(base).starts_with("Abstract") && last(base).ends_with("User"))
            });
            return Some(user.map_or_else(|| "auth_user".to_owned(), |user| self.table_name(user)));
        }
        match self.named(named) {
            Some(model) => Some(self.table_name(model)),
            None if last(named) == "User" => Some("auth_user".to_owned()),
            None => {
                let app = named.rsplit_once('.').map_or(model.app.as_str(), |(app, _)| last(app));
                Some(format!("{}_{}", app.to_lowercase(), last(named).to_lowercase()))
            }
        }
    }

    /// The table of a relation of many to many; none where a class stands for it.
    fn join(&self, model: &Model, table: &str, field: &Field) -> Option<Table> {
        if field.option("through").is_some() {
            return None;
        }
        let spot = Spot {
            file: model.file.clone(),
            line: Some(field.line),
            column: None,
        };
        let target = self.target(model, field)?;
        let end = |name: String, table: String| Column {
            name: format!("{name}_id"),
            kind: "foreignkey".to_owned(),
            references: Some(Reference { table, column: None }),
            spot: spot.clone(),
            ..Column::default()
        };
        let named = field
            .arguments
            .first()
            .map(|name| last(name).to_lowercase())
            .unwrap_or_default();
        let id = Column {
            name: "id".to_owned(),
            kind: "bigautofield".to_owned(),
            is_key: true,
            spot: spot.clone(),
            ..Column::default()
        };
        let own = end(model.class.name.to_lowercase(), table.to_owned());
        Some(Table {
            name: format!("{table}_{}", field.name),
            columns: vec![id, own, end(named, target)],
            spot: spot.clone(),
            ..Table::default()
        })
    }
}

/// What stands behind the last dot.
fn last(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, name)| name)
}
