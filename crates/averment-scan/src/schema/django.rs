//! Django: the classes of `models.py` as the tables that its migrations would make.
//!
//! Start at [`read`]. Python is not run: classes, their bases and lines of the shape `email = models.EmailField(…)` are looked
//! for. A class counts when it is derived from `Model`, from a known user base, or from another class that counts.

mod statements;

use std::collections::{BTreeMap, BTreeSet};

use averment_register::Engine;

use self::statements::{Class, Field};
use super::{Column, Reference, Schema, Table, classify};
use crate::observation::Spot;
use crate::seen::Unread;

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

/// Where Django keeps its own users.
const OWN_USERS: &str = "auth_user";

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

/// Bases that bring no fields, and say nothing of tables.
const PLAIN_BASES: [&str; 6] = ["Model", "object", "ABC", "Generic", "Protocol", "Exception"];

/// Reads files of models: path and text of each. What is only partly known of a table is told: a base that is not among the
/// files, a table that is referred to and is not.
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
    schema.unread = models.open();
    let mut schema = schema.finish();
    let missing = unread_targets(&schema);
    schema.unread.extend(missing);
    schema
}

/// Tables that foreign keys lead to and that no class makes, each told once.
fn unread_targets(schema: &Schema) -> Vec<Unread> {
    let mut told = BTreeSet::new();
    let mut unread = Vec::new();
    for table in &schema.tables {
        for column in &table.columns {
            let target = column.references.as_ref().map(|reference| reference.table.as_str());
            let outside = |name: &&str| schema.table(name).is_none() && !classify::is_of_program(name);
            if let Some(target) = target.filter(outside)
                && told.insert(target)
            {
                unread.push(Unread {
                    spot: column.spot.clone(),
                    because: format!(
                        "`{}.{}` leads to `{target}`, which is not among the models that were read",
                        table.name, column.name
                    ),
                });
            }
        }
    }
    unread
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

    /// What is only partly known of the classes that make tables.
    fn open(&self) -> Vec<Unread> {
        let mut found = Vec::new();
        for model in self.all.iter().filter(|model| !model.class.is_proxy) {
            let told = |line: u32, because: String| Unread {
                spot: Spot {
                    file: model.file.clone(),
                    line: Some(line),
                    column: None,
                },
                because,
            };
            let name = &model.class.name;
            let unknown = model
                .class
                .bases
                .iter()
                .map(|base| last(base))
                .filter(|base| !self.is_known_base(base));
            let unknown: Vec<&str> = unknown.collect();
            if self.known.contains(name) {
                let lines = model.class.open.iter();
                found.extend(lines.map(|(line, because)| told(*line, format!("a line of `{name}` {because}"))));
                let bases = unknown.iter();
                found.extend(bases.map(|base| {
                    let because = format!("`{name}` is derived from `{base}`, which is not among the models that were read: columns of it may lack");
                    told(model.class.line, because)
                }));
            } else if let Some(base) = unknown.iter().find(|base| may_be_model(&model.class, base)) {
                let because = format!(
                    "`{name}` is derived from `{base}`, which is not among the models that were read: it may be a table"
                );
                found.push(told(model.class.line, because));
            }
        }
        found
    }

    fn is_known_base(&self, base: &str) -> bool {
        PLAIN_BASES.contains(&base) || USER_FIELDS.iter().any(|(name, _)| *name == base) || self.named(base).is_some()
    }

    /// The model of users, where one of the classes is derived from Django's.
    fn user(&self) -> Option<&Model> {
        let of_users = |base: &String| last(base).starts_with("Abstract") && last(base).ends_with("User");
        self.all.iter().find(|model| {
            let class = &model.class;
            self.known.contains(&class.name) && !class.is_abstract && class.bases.iter().any(of_users)
        })
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
        tables.extend(self.own_users());
        tables
    }

    /// The table of Django's own users, where a field leads to `auth.User`: what is in it is known without its file.
    fn own_users(&self) -> Option<Table> {
        let models = self.all.iter().filter(|model| self.known.contains(&model.class.name));
        let mut fields = models.flat_map(|model| model.class.fields.iter().map(move |field| (model, field)));
        let is_own = |field: &Field| target_of(field) == Some("auth.User");
        let (model, field) = fields.find(|(_, field)| is_own(field))?;
        let spot = Spot {
            file: model.file.clone(),
            line: Some(field.line),
            column: None,
        };
        let (_, own) = USER_FIELDS.first()?;
        let fields = [("id", "AutoField")]
            .iter()
            .chain(own.iter())
            .map(|(name, kind)| Column {
                name: (*name).to_owned(),
                kind: kind.to_lowercase(),
                is_key: *name == "id",
                spot: spot.clone(),
                ..Column::default()
            });
        Some(Table {
            name: OWN_USERS.to_owned(),
            columns: fields.collect(),
            spot: spot.clone(),
            ..Table::default()
        })
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
            let of_django = USER_FIELDS.iter().find(|(name, _)| *name == last(base));
            if let Some((_, fields)) = of_django.filter(|_| self.named(base).is_none()) {
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
        let named = target_of(field)?;
        if named == "self" {
            return Some(self.table_name(model));
        }
        let users = || {
            Some(
                self.user()
                    .map_or_else(|| OWN_USERS.to_owned(), |user| self.table_name(user)),
            )
        };
        if is_user_setting(named) {
            return users();
        }
        match self.named(named) {
            _ if named == "auth.User" => Some(OWN_USERS.to_owned()),
            Some(model) => Some(self.table_name(model)),
            None if named == "User" => users(),
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
        let end = |name: &str, table: String| Column {
            name: format!("{}_id", name.to_lowercase()),
            kind: "foreignkey".to_owned(),
            references: Some(Reference { table, column: None }),
            spot: spot.clone(),
            ..Column::default()
        };
        let own_name = model.class.name.as_str();
        let named = match target_of(field)? {
            named if is_user_setting(named) => self.user().map_or("user", |user| user.class.name.as_str()),
            named => last(named),
        };
        let (from, to) = match ["self", own_name].contains(&named) {
            true => (format!("from_{own_name}"), format!("to_{own_name}")),
            false => (own_name.to_owned(), named.to_owned()),
        };
        let id = Column {
            name: "id".to_owned(),
            kind: "bigautofield".to_owned(),
            is_key: true,
            spot: spot.clone(),
            ..Column::default()
        };
        let name = field.option("db_table").map(str::to_owned);
        Some(Table {
            name: name.unwrap_or_else(|| format!("{table}_{}", field.name)),
            columns: vec![id, end(&from, table.to_owned()), end(&to, target)],
            spot: spot.clone(),
            ..Table::default()
        })
    }
}

/// Whether a class of an unknown base may make a table: by what the base is called, or by fields that only models have.
fn may_be_model(class: &Class, base: &str) -> bool {
    let named = base.ends_with("Model") && !base.ends_with("FormModel") || base == "Base";
    named
        || class
            .fields
            .iter()
            .any(|field| field.is_bare && field.kind != "GenericRelation")
}

/// What a field of a relation names: a class, `self`, or a setting.
fn target_of(field: &Field) -> Option<&str> {
    let kind = field.kind.as_str();
    let leads = kind.ends_with("ForeignKey") && kind != "GenericForeignKey"
        || ["OneToOneField", "ParentalKey", "ManyToManyField"].contains(&kind);
    let first = || field.arguments.first().map(String::as_str);
    field.option("to").or_else(first).filter(|_| leads)
}

/// Whether a relation names the model of users without saying which it is.
fn is_user_setting(named: &str) -> bool {
    named.contains("AUTH_USER_MODEL") || last(named.trim_end_matches("()")) == "get_user_model"
}

/// What stands behind the last dot.
fn last(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, name)| name)
}
