//! Text to tables, tables to guesses, and where tables and the data map part.

use averment_detect::{Directory, DirectoryKey};
use averment_register::{Charter, Severity, Source, StoreId, compile};

use super::*;
use crate::drift::{Drift, Rule};
use crate::measure::Measured;
use crate::observation::Confidence;
use crate::seen::{Coverage, Look, Seen};

fn sql(text: &str) -> Schema {
    ddl::read(text.as_bytes(), "dump.sql")
}

fn names(schema: &Schema) -> Vec<String> {
    let columns = |table: &Table| {
        table
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect::<Vec<_>>()
            .join(",")
    };
    schema
        .tables
        .iter()
        .map(|table| format!("{}({})", table.name, columns(table)))
        .collect()
}

#[test]
fn statements_change_the_tables_known_so_far() {
    let schema = sql("create table a (id int, b text, c text);
         alter table only public.a add column d date, drop column b, rename column c to e;
         alter table a add f int, add (g int, h int), add constraint x check (f > 0);
         alter table a rename to z; create table gone (id int); drop table if exists gone;
         create table \"We\"\"ird\" (\"Full Name\" text, key text, \"primary\" int, constraint y primary key (key));
         create temp table t (id int); create table p partition of a for values in (1);
         create table k like z; insert into a values ('; create table no (id int);');
         rename table k to kk, nothing to nobody; create table w (id int, l int references kk); alter table kk rename to k;
         create table eph (id int); create table sel as select id, e as mail, length(b) from z;
         create table sel2 as select z.id, e as mail, length(b) as long from z; select * into sel3 from z where id > 1;
         with q as (select 1) select into_ from q; insert into a select 1; select z.e into sel4 from z join q on 1;
         create materialized view public.mv as select z.id, z.e as born from public.z with no data;
         create materialized view mv2 (x) as select 1; create materialized view mv3 as select now();
         alter table nowhere add column x int; alter table nowhere add constraint y unique (x); alter table nowhere owner to me;
         alter table only z attach partition eph for values in (1); create function f() returns int as $x$ begin create table no (id int); end $x$ language plpgsql;
         copy a (id) from stdin;\n1\ncreate table no (id int);\n\\.\ncreate table last (id int)");
    assert_eq!(
        names(&schema),
        [
            "We\"ird(Full Name,key,primary)",
            "k(id,e,d,f,g,h)",
            "last(id)",
            "mv(id,born)",
            "mv2(x)",
            "sel2(id,mail,long)",
            "sel3(id,e,d,f,g,h)",
            "sel4(e)",
            "w(id,l)",
            "z(id,e,d,f,g,h)"
        ]
    );
    assert_eq!(
        schema.table("w").unwrap().columns[1].references.as_ref().unwrap().table,
        "k"
    );
    let kinds: Vec<&str> = schema
        .table("mv")
        .unwrap()
        .columns
        .iter()
        .map(|column| column.kind.as_str())
        .collect();
    assert_eq!(
        (kinds, schema.table("mv").unwrap().is_materialised),
        (vec!["int", "text"], true)
    );
    let unread: Vec<String> = told(&schema)
        .iter()
        .map(|one| one.split_once(": ").unwrap().1.to_owned())
        .collect();
    assert_eq!(
        unread,
        [
            "the columns of `sel` are not written there",
            "the columns of `mv3` are not written there",
            "adds columns to `nowhere`, which nothing before it makes",
        ]
    );
    assert!(
        schema
            .table("we\"ird")
            .is_some_and(|table| table.column("KEY").is_some_and(|column| column.is_key))
    );
    assert_eq!(schema.left_out["partition"], 2);
}

#[test]
fn types_are_told_without_values() {
    let schema = sql(
        "create table `a` (`s` enum('Ada','Bob') character set utf8 not null default 'Ada' comment 'which; one', \
         `n` decimal(8,2) unsigned, `t` varchar(20) collate utf8mb4_bin, `w` timestamp(6) with time zone, x text[] default '{}') engine=InnoDB;",
    );
    let table = schema.table("a").unwrap();
    let kinds: Vec<&str> = table.columns.iter().map(|column| column.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "enum",
            "decimal(8,2) unsigned",
            "varchar(20)",
            "timestamp(6) with time zone",
            "text[]"
        ]
    );
    assert_eq!(table.columns[0].comment.as_deref(), Some("which; one"));
}

#[test]
fn hostile_dumps_end() {
    let open = sql("create table a (id int); insert into a values ('never ends\n\n create table b (id int);");
    assert_eq!(names(&open), ["a(id)"]);
    assert_eq!(open.unread.len(), 1);
    for text in [
        format!("create table a {}", "(".repeat(1_000_000)),
        format!(
            "create table a (id int default {}1{})",
            "(".repeat(500_000),
            ")".repeat(500_000)
        ),
        "$".repeat(300_000),
        "$a".repeat(300_000),
        "/*".repeat(300_000),
        "create table ".repeat(100_000),
        format!("alter table a {}", "add b int,".repeat(200_000)),
        format!("create table a ({})", "x int,".repeat(60_000)),
        "\\".repeat(300_000),
        "'\\".repeat(300_000),
        "E'".repeat(300_000),
    ] {
        _ = sql(&text);
    }
    // One line of 100 MB.
    let mut long = b"insert into a values ".to_vec();
    long.resize(100 << 20, b'x');
    long.extend_from_slice(b"; create table b (id int);");
    assert_eq!(names(&ddl::read(&long, "x")), ["b(id)"]);
    let flood: String = (0..20_000)
        .map(|table| format!("create table t{table} (a int);\n"))
        .collect();
    let flood = sql(&flood);
    assert_eq!((flood.tables.len(), flood.unread.len()), (10_000, 1));
    let columns: String = (0..150_000).map(|number| format!("c{number} int,")).collect();
    let long = sql(&format!("create table long ({columns} last int);"));
    let told: Vec<_> = long.unread.iter().map(|one| one.because.as_str()).collect();
    assert_eq!((long.columns(), told.len()), (5_000, 2), "{told:?}");
    assert!(
        told[0].contains("400000 words") && told[1].contains("5000 columns"),
        "{told:?}"
    );
}

#[test]
fn hostile_models_end() {
    for letter in [
        "(",
        "[",
        "\"",
        "'",
        "\"\"\"",
        "class A(models.Model):\n  a = models.CharField(",
        "x = ",
        "\\\n",
        "t.string \"",
        "é",
    ] {
        let text = letter.repeat(20_000);
        _ = django::read(&[("a/models.py".to_owned(), text.clone())]);
        _ = rails::read(&[("schema.rb".to_owned(), format!("create_table \"a\" do |t|\n{text}"))]);
        _ = prisma::read(&format!("model A {{\n{text}"), "schema.prisma");
    }
    let circle = "class A(B):\n  x = models.TextField()\nclass B(A, models.Model):\n  y = models.TextField()\n";
    assert_eq!(
        django::read(&[("app/models.py".to_owned(), circle.to_owned())])
            .tables
            .len(),
        2
    );
}

#[test]
fn django_makes_tables_for_users_relations_and_children() {
    let text = "
class User(AbstractUser):
    friends = models.ManyToManyField('self')
class Club(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    members = models.ManyToManyField(User, related_name='clubs')
    ranked = models.ManyToManyField(User, through='Rank')
class SportsClub(Club):
    field = models.CharField(max_length=2, db_column='where')
class Shown(Club):
    class Meta:
        proxy = True
";
    let schema = django::read(&[("src/people/models.py".to_owned(), text.to_owned())]);
    assert_eq!(
        names(&schema),
        [
            "people_club(id,owner_id)",
            "people_club_members(id,club_id,user_id)",
            "people_sportsclub(club_ptr_id,where)",
            "people_user(id,password,last_login,is_superuser,username,first_name,last_name,email,is_staff,is_active,date_joined)",
            "people_user_friends(id,from_user_id,to_user_id)",
        ]
    );
    let owner = schema.table("people_club").unwrap().column("owner_id").unwrap();
    assert_eq!(
        owner.references.as_ref().map(|link| link.table.as_str()),
        Some("people_user")
    );
}

/// What a reader told besides tables: line and reason.
fn told(schema: &Schema) -> Vec<String> {
    let line = |one: &Unread| format!("{}: {}", one.spot.line.unwrap_or_default(), one.because);
    schema.unread.iter().map(line).collect()
}

#[test]
fn a_reference_to_people_who_are_not_there_is_personal() {
    let text = "
class Diary(models.Model):
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    reviewer = models.ForeignKey('accounts.Teacher', on_delete=models.CASCADE)
    user = models.ForeignKey(get_user_model(), on_delete=models.CASCADE)
    shelf = models.ForeignKey('library.Shelf', on_delete=models.CASCADE)
";
    let schema = django::read(&[("fk/models.py".to_owned(), text.to_owned())]);
    let samples = Samples::default();
    let classified = classify(&schema, &samples);
    let said = |column: &str| {
        let guess = classified.column("fk_diary", column).unwrap();
        assert_ne!(guess.confidence, Confidence::Certain, "{column}");
        match &guess.what {
            What::Element(element) => element.to_string(),
            other => format!("{other:?}"),
        }
    };
    for column in ["author_id", "reviewer_id", "user_id"] {
        assert_eq!(said(column), "account.id", "{column}");
    }
    assert_eq!(
        said("shelf_id"),
        "NotPersonal(\"refers to `library_shelf`, which was not read\")"
    );
    let outside: Vec<&str> = classified
        .table("fk_diary")
        .unwrap()
        .outside
        .values()
        .map(String::as_str)
        .collect();
    assert_eq!(outside, ["auth_user.id", "accounts_teacher.id", "auth_user.id"]);
    assert_eq!(told(&schema).len(), 3, "{:?}", told(&schema));
    let id = StoreId::new("app").unwrap();
    let proposed = propose(&id, &schema, &classified);
    charter(&proposed);
    assert!(
        proposed.contains("# belongs_to = { author_id = \"auth_user.id\" }"),
        "{proposed}"
    );
}

#[test]
fn users_of_django_itself_are_a_table_without_their_file() {
    let text = "class Diary(models.Model):\n    editor = models.ForeignKey('auth.User', models.CASCADE)\n    \
                author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)\n";
    let schema = django::read(&[("fk/models.py".to_owned(), text.to_owned())]);
    assert_eq!(schema.unread, []);
    assert!(schema.table("auth_user").unwrap().column("email").is_some());
    let guess = classify(&schema, &Samples::default());
    assert_eq!(guess.table("fk_diary").unwrap().belongs_to["author_id"], "auth_user.id");
}

#[test]
fn models_that_are_partly_known_say_so() {
    for (text, unread) in [
        (
            "class Pupil(ContactMixin, models.Model):\n    nick = models.CharField()\n",
            "1: `Pupil` is derived from `ContactMixin`",
        ),
        (
            "class Pupil(BaseModel):\n    pass\n",
            "1: `Pupil` is derived from `BaseModel`, which is not among the models that were read: it may be a table",
        ),
        (
            "class Pupil(Synced):\n    nick = CharField()\n",
            "1: `Pupil` is derived from `Synced`",
        ),
        (
            "class Pupil(TimeStampedModel):\n    nick = models.CharField()\n",
            "1: `Pupil` is derived from `TimeStampedModel`",
        ),
        (
            "class Pupil(models.Model):\n    hist = HistoricalRecords()\n",
            "2: a line of `Pupil` makes a table of every change",
        ),
        (
            "class Pupil(models.Model):\n    locals()['a'] = models.EmailField()\n",
            "2: a line of `Pupil` makes fields",
        ),
        (
            "class Pupil(models.Model):\n    class Meta:\n        db_table = PREFIX + 'x'\n",
            "3: a line of `Pupil` gives the table a name",
        ),
    ] {
        let told = told(&django::read(&[("app/models.py".to_owned(), text.to_owned())]));
        assert!(told.len() == 1 && told[0].starts_with(unread), "{text}: {told:?}");
    }
    let whole = "class Named(models.Model):\n    a = models.CharField()\n    class Meta:\n        abstract = True\n\
                 class Pupil(Named, PermissionsMixin, metaclass=X):\n    if LATE:\n        mail = models.EmailField()\n\
                 class Sizes(models.TextChoices):\n    S = 's'\nclass PupilForm(forms.ModelForm):\n    a = forms.CharField()\n";
    let schema = django::read(&[("app/models.py".to_owned(), whole.to_owned())]);
    assert_eq!(
        (names(&schema), told(&schema)),
        (vec!["app_pupil(id,a,is_superuser,mail)".to_owned()], Vec::new())
    );
}

#[test]
fn relations_of_many_are_called_as_django_calls_them() {
    let text = "class Pupil(models.Model):\n    friends = models.ManyToManyField('self')\n    rivals = models.ManyToManyField('Pupil')\n    \
                tags = models.ManyToManyField(to='Tag', db_table='pupil_tag_map')\n    \
                helpers = models.ManyToManyField(settings.AUTH_USER_MODEL)\nclass Tag(models.Model):\n    pass\nclass Member(AbstractUser):\n    pass\n";
    let schema = django::read(&[("app/models.py".to_owned(), text.to_owned())]);
    let names = names(&schema);
    for join in [
        "app_pupil_friends(id,from_pupil_id,to_pupil_id)",
        "app_pupil_rivals(id,from_pupil_id,to_pupil_id)",
        "pupil_tag_map(id,pupil_id,tag_id)",
        "app_pupil_helpers(id,pupil_id,member_id)",
    ] {
        assert!(names.contains(&join.to_owned()), "{join} in {names:?}");
    }
}

#[test]
fn what_stands_in_options_is_no_column() {
    let text = "create_table \"a\", primary_key: [\"b\", \"c\"], force: :cascade do |t|\n  t.string \"b\", default: [\"x\"], array: true\n  \
                t.string \"c\", default: -> { \"now()\" }, null: false\nend\n";
    assert_eq!(
        names(&rails::read(&[("schema.rb".to_owned(), text.to_owned())])),
        ["a(b,c)"]
    );
}

fn migration(body: &str) -> Schema {
    let text = format!("class A < ActiveRecord::Migration[7.1]\n  def change\n{body}\n  end\nend\n");
    rails::read(&[("db/migrate/001_a.rb".to_owned(), text)])
}

#[test]
fn every_way_to_write_a_migration_makes_its_columns() {
    for (body, tables) in [
        (
            "    create_table(:b) { |t| t.string :phone; t.date :dob }",
            "b(id,phone,dob)",
        ),
        (
            "    create_table(:b) {|t|\n      t.string :phone\n    }\n    add_column :b, :x, :text",
            "b(id,phone,x)",
        ),
        (
            "    create_table \"b\" do |t| t.string \"e;mail\" end\n    add_column :b, :x, :text",
            "b(id,e;mail,x)",
        ),
        (
            "    create_table :b do |t|\n      t.string \"a\"; t.string \"c\" # d; e\n    end",
            "b(id,a,c)",
        ),
        (
            "    create_table :b\n    change_table(:b) { |t| t.string :phone }",
            "b(id,phone)",
        ),
        (
            "    create_table :b\n    add_columns :b, :mail, :fax, type: :string",
            "b(id,mail,fax)",
        ),
        (
            "    create_table :b\n    safety_assured { add_column :b, :mail, :string }",
            "b(id,mail)",
        ),
        (
            "    create_table :b do |t|\n      t.attachment :photo\n    end",
            "b(id,photo_file_name,photo_content_type,photo_file_size,photo_updated_at)",
        ),
        (
            "    execute \"CREATE TABLE b (mail text)\"\n    add_column :b, :x, :text",
            "b(mail,x)",
        ),
        (
            "    create_table :b\n    execute <<~SQL\n      ALTER TABLE b ADD COLUMN mail text;\n    SQL\n    add_column :b, :x, :text",
            "b(id,mail,x)",
        ),
    ] {
        let schema = migration(body);
        assert_eq!(
            (names(&schema), told(&schema)),
            (vec![tables.to_owned()], Vec::new()),
            "{body}"
        );
    }
    let renamed = migration(
        "    create_table :users\n    create_table :b do |t|\n      t.references :user, foreign_key: true\n    end\n    rename_table :users, :people",
    );
    assert_eq!(
        classify(&renamed, &Samples::default()).table("b").unwrap().belongs_to["user_id"],
        "people.id"
    );
}

#[test]
fn what_a_migration_computes_is_unread() {
    for (body, line) in [
        (
            "    create_table :b do |t|\n      %w[a c].each { |name| t.string name }\n    end",
            4,
        ),
        ("    create_table :b do |t|\n      t.string name\n    end", 4),
        ("    create_table :b do |t|\n      t.userstamps\n    end", 4),
        ("    create_table :b do |t|\n      t.monetize :price\n    end", 4),
        ("    create_table table do |t|\n    end", 3),
        ("    create_table :b, as: \"select 1\"", 3),
        ("    create_table :b\n    add_column :b, name, :string", 4),
        ("    add_column :b, :name, :string", 3),
        ("    execute File.read(\"b.sql\")", 3),
        ("    execute \"create table #{name} (a int)\"", 3),
        ("    connection.execute(\"create table b (a int)\")", 3),
        ("    execute \"create table b as select f(a) from c\"", 3),
        ("    create_virtual_table :b, :fts5, [\"a\"]", 3),
        ("    create_view :b, materialized: true", 3),
    ] {
        let told = told(&migration(body));
        assert!(
            told.len() == 1 && told[0].starts_with(&format!("{line}: ")),
            "{body}: {told:?}"
        );
    }
    let quiet = "    enable_extension \"citext\"\n    add_index :b, :a\n    add_check_constraint :b, \"a > 0\"\n    \
                 execute \"update b set a = 1\"\n    change_column_null :b, :a, false\n    create_enum :mood, [\"a\"]";
    assert_eq!(told(&migration(quiet)), Vec::<String>::new());
}

#[test]
fn lists_of_each_other_are_a_table_between_them() {
    let text = "model Pupil {\n  id Int @id @map(\"no\")\n  groups Group[]\n  notes Note[]\n  led Group[] @relation(\"leads\")\n  \
                friends Pupil[] @relation(name: \"Friends\")\n  friendOf Pupil[] @relation(name: \"Friends\")\n  @@map(\"pupils\")\n}\n\
                model Group {\n  id Int @id\n  pupils Pupil[]\n  leaders Pupil[] @relation(\"leads\")\n  tags String[]\n}\n\
                model Note {\n  id Int @id\n  pupilId Int\n  pupil Pupil @relation(fields: [pupilId], references: [id])\n}\n";
    let schema = prisma::read(text, "schema.prisma");
    assert_eq!(
        names(&schema),
        [
            "Group(id,tags)",
            "Note(id,pupilId)",
            "_Friends(A,B)",
            "_GroupToPupil(A,B)",
            "_leads(A,B)",
            "pupils(no)"
        ]
    );
    let links = &classify(&schema, &Samples::default())
        .table("_GroupToPupil")
        .unwrap()
        .belongs_to
        .clone();
    assert_eq!(
        links.iter().collect::<Vec<_>>(),
        [(&"B".to_owned(), &"pupils.no".to_owned())]
    );
}

#[test]
fn dumps_that_are_no_text_are_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes, said) in [
        ("pg.dump", &b"PGDMP\x01\x0e"[..], "pg_restore"),
        ("a.sql.gz", b"\x1f\x8b\x08\0", "gzip"),
        ("a.sql.zip", b"PK\x03\x04", "zip archive"),
        ("u16.sql", b"\xff\xfec\0r\0", "UTF-16"),
    ] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = read_path(&path, None).unwrap_err().to_string();
        assert!(error.contains(said) && error.contains(name), "{error}");
    }
}

#[test]
fn what_the_map_covers_is_measured_for_claims_about_what_is_collected() {
    let claim = |elements: &str| {
        format!(
            "[[claims]]\nkind = \"collects\"\nid = \"{elements}\"\nsentence = \"We collect it.\"\n\
        elements = [\"contact.{elements}\"]\nsubjects = [\"student\"]\nwhen = \"always\"\n"
        )
    };
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Lantern\"\n");
    source.insert("data/app.toml", MAP);
    source.insert("claims/list.toml", claim("email") + &claim("phone"));
    let charter = compile(&source).charter.expect("a register that compiles");
    let id = StoreId::new("app").unwrap();
    let measured = |schema: &Schema, unread: Vec<Unread>| {
        let samples = Samples::default();
        let found = schema_drift(
            &charter,
            &id,
            schema,
            &classify(schema, &samples),
            &samples,
            &Marked::default(),
        );
        let seen = Seen {
            look: Look::Schema,
            planes: Default::default(),
            from: jiff::Timestamp::UNIX_EPOCH,
            until: jiff::Timestamp::UNIX_EPOCH,
            observations: Vec::new(),
            own: Vec::new(),
            coverage: Coverage {
                unread,
                ..Coverage::default()
            },
            knows_people: false,
        };
        let all = map_measurements(&charter, &id, schema, &found.coverage, &seen, None);
        let line = |one: &Measured| {
            format!(
                "{} {} {} {} {} {}",
                one.claim, one.by, one.observed, one.contrary, one.unseen, one.unreadable
            )
        };
        all.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        measured(&sql(MAPPED), Vec::new()),
        ["list/email scan.schema.app 1 0 0 0"]
    );
    // Nobody has said what `notes` holds, and a statement could not be read.
    let open = sql(&format!(
        "{MAPPED} create table notes (id int, body text); create table q as select f(x) from y;"
    ));
    assert_eq!(
        measured(&open, open.unread.clone()),
        ["list/email scan.schema.app 1 0 2 1"]
    );
    assert_eq!(
        measured(&sql("create table logs (id int)"), Vec::new()),
        Vec::<String>::new()
    );
}

#[test]
fn models_of_unknown_bases_are_known_by_their_fields() {
    let text = "class Lesson(Syncable):\n    title = models.CharField(max_length=9)\nclass Form(forms.Form):\n    title = forms.CharField()\n";
    assert_eq!(
        names(&django::read(&[("app/models.py".to_owned(), text.to_owned())])),
        ["app_lesson(id,title)"]
    );
}

fn guess(table: &str, column: &str, kind: &str) -> What {
    let schema = sql(&format!(
        "create table {table} (id int primary key, user_id int, \"{column}\" {kind}); create table users (id int primary key);"
    ));
    classify(&schema, &Samples::default())
        .column(table, column)
        .unwrap()
        .what
        .clone()
}

#[test]
fn the_table_counts() {
    let element = |what: What| match what {
        What::Element(element) => element.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(element(guess("students", "name", "text")), "identity.name.full");
    assert!(
        matches!(guess("products", "name", "text"), What::FreeText(None)),
        "somebody made it"
    );
    let things = sql("create table countries (id int primary key, name text)");
    let things = classify(&things, &Samples::default());
    assert!(matches!(
        things.column("countries", "name").unwrap().what,
        What::NotPersonal(_)
    ));
    assert!(matches!(guess("essays", "name", "text"), What::FreeText(None)));
    assert_eq!(
        element(guess("student_profiles", "dob", "date")),
        "demographic.date_of_birth"
    );
    assert_eq!(element(guess("notes", "client_ip", "varchar(40)")), "tech.ip_address");
    assert_eq!(element(guess("visits", "from_where", "inet")), "tech.ip_address");
    assert!(matches!(guess("people", "reset_password_token", "text"), What::Secret));
    assert!(matches!(
        guess("people", "updated_at", "timestamp"),
        What::NotPersonal(_)
    ));
    assert!(matches!(guess("visits", "qqq", "varchar(9)"), What::Unclassified));
}

const MAP: &str = "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"users\"\nkey = \"id\"\n[tables.columns]\n\
                   id = { element = \"account.id\" }\nemail = { element = \"contact.email\" } # by hand\nnick = { none = \"a game\" }\n\
                   [[tables]]\ntable = \"logs\"\nnone = \"of the program\"\n";

fn charter(map: &str) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Lantern\"\n");
    source.insert("data/app.toml", map);
    let compiled = compile(&source);
    let findings: Vec<String> = compiled
        .diagnostics
        .iter()
        .map(|finding| finding.message.clone())
        .collect();
    compiled.charter.ok_or(findings).expect("a register that compiles")
}

fn drift(map: &str, schema: &Schema, samples: &Samples) -> Vec<Drift> {
    let id = StoreId::new("app").unwrap();
    let classified = classify(schema, samples);
    schema_drift(&charter(map), &id, schema, &classified, samples, &Marked::default()).drift
}

fn messages(drift: &[Drift]) -> Vec<&str> {
    drift.iter().map(|one| one.message.as_str()).collect()
}

const MAPPED: &str =
    "create table users (id int primary key, EMAIL text, nick text); create table logs (id int, whatever text);";

#[test]
fn what_the_map_says_is_no_drift() {
    assert_eq!(drift(MAP, &sql(MAPPED), &Samples::default()), []);
    let id = StoreId::new("app").unwrap();
    let schema = sql(MAPPED);
    let found = schema_drift(
        &charter(MAP),
        &id,
        &schema,
        &classify(&schema, &Samples::default()),
        &Samples::default(),
        &Marked::default(),
    );
    assert_eq!(
        (
            found.coverage.columns,
            found.coverage.mapped,
            found.coverage.none,
            found.coverage.percent()
        ),
        (5, 2, 3, 100)
    );
}

#[test]
fn what_is_marked_as_a_guess_is_not_mapped() {
    let text = "[[tables]]\ntable = \"users\"\n\n[tables.columns]\nid = { none = \"a number\" }\n\
               Email = { element = \"contact.email\" } # guess: certain, by its name\nnick = { holds = \"secret\" } # no guess\n\
               \n[[tables]]\ntable = \"logs\"\nnone = \"of machines\" # guess\n";
    let schema = sql(MAPPED);
    let samples = Samples::default();
    let map = charter(MAP);
    let store = map.content().data.get(&StoreId::new("app").unwrap());
    let classified = classify(&schema, &samples);
    let marked = Marked::of(text);
    let coverage = MapCoverage::of(store, &schema, &classified, &marked);
    assert_eq!(
        (coverage.mapped, coverage.none, coverage.guessed, coverage.percent()),
        (1, 1, 3, 40)
    );
}

#[test]
fn a_renamed_column_is_one_missing_and_one_new() {
    let schema =
        sql("create table users (id int primary key, mail_address text, nick text); create table logs (id int);");
    let drift = drift(MAP, &schema, &Samples::default());
    assert_eq!(
        messages(&drift),
        [
            "column `users.mail_address` is not in the data map; it looks like `email` renamed",
            "column `users.email` of the data map is not there; it looks renamed to `mail_address`",
        ]
    );
    assert_eq!(
        drift.iter().map(|one| one.rule).collect::<Vec<_>>(),
        [Rule::UnmappedColumn, Rule::MissingColumn]
    );
    assert!(drift.iter().all(|one| one.severity == Severity::Error));
    assert!(drift[0].hint.as_deref().unwrap_or_default().contains("contact.email"));
}

#[test]
fn new_and_renamed_tables_are_drift_and_views_are_told() {
    let schema = sql(
        "create table members (id int primary key, email text, nick text); create table logs (id int); \
         create table letters (id int, user_id int, body text);",
    );
    let mut schema = schema;
    schema.tables.push(Table {
        name: "seen".to_owned(),
        is_view: true,
        ..Table::default()
    });
    let drift = drift(MAP, &schema, &Samples::default());
    assert_eq!(
        messages(&drift),
        [
            "table `letters` is not in the data map",
            "table `members` is not in the data map; it looks like `users` renamed",
            "view `seen` is not in the data map",
            "table `users` of the data map is not there; it looks renamed to `members`",
        ]
    );
    assert_eq!(drift.iter().filter(|one| one.severity == Severity::Error).count(), 3);
}

fn sampled(sql: &str) -> (Schema, Samples) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let directory = Directory::new(DirectoryKey::new([0; 32]), Vec::new(), []);
    read_sqlite(&path, Some(&Sampler::new(100, &directory))).unwrap()
}

#[test]
fn values_say_more_than_names_and_are_not_kept() {
    let (schema, samples) = sampled(
        "create table users (id integer primary key, email text, nick text); create table logs (id int, whatever text); \
         insert into users values (1, 'ada@school.example', 'bob@home.example'), (2, 'eve@school.example', 'dan@home.example'), \
         (3, '', null); insert into logs values (1, '{\"to\": [\"ada@school.example\"]}'), (2, '{\"to\": \"eve@school.example\"}')",
    );
    let drift = drift(MAP, &schema, &samples);
    assert_eq!(
        messages(&drift),
        [
            "`logs.whatever` is not personal in the data map, and 2 of 2 values are `contact.email`",
            "`users.nick` is not personal in the data map, and 2 of 2 values are `contact.email`",
        ]
    );
    assert!(
        drift
            .iter()
            .all(|one| one.rule == Rule::OtherElement && one.severity == Severity::Error)
    );
    let all = format!("{schema:?} {samples:?} {drift:?}");
    assert!(!all.contains("ada") && !all.contains("home.example"), "{all}");
}

#[test]
fn hashes_are_secrets_and_addresses_in_their_place_are_told() {
    let (schema, samples) = sampled(
        "create table users (id integer primary key, pw text, password_digest text); \
         insert into users values (1, '$2b$12$abcdefghijklmnopqrstuv', 'ada@school.example')",
    );
    let classified = classify(&schema, &samples);
    assert_eq!(classified.column("users", "pw").unwrap().what, What::Secret);
    let map = "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"users\"\nkey = \"id\"\n[tables.columns]\n\
               id = { element = \"account.id\" }\npw = { holds = \"secret\" }\npassword_digest = { holds = \"secret\" }\n";
    assert_eq!(
        messages(&drift(map, &schema, &samples)),
        ["`users.password_digest` is a secret in the data map, and 1 of 1 values are `contact.email`"]
    );
}

#[test]
fn proposals_compile_and_merging_keeps_what_people_wrote() {
    let schema = sql(
        "create table users (id int primary key, email text, nick text, dob date, qqq varchar(9)); create table logs (id int); \
         create table \"od d\" (\"a b\" text, user_id int references users); create table schema_migrations (version text);",
    );
    let classified = classify(&schema, &Samples::default());
    let id = StoreId::new("app").unwrap();
    let proposed = propose(&id, &schema, &classified);
    let store = charter(&proposed).content().data[&id].clone();
    assert!(
        proposed.contains("dob = { element = \"demographic.date_of_birth\" } # guess: certain, by its name"),
        "{proposed}"
    );
    assert!(
        proposed.contains("# qqq = { } # unclassified: varchar(9)"),
        "{proposed}"
    );
    assert_eq!(store.table("od d").unwrap().belongs_to["user_id"], "users.id");
    assert!(store.table("schema_migrations").unwrap().none.is_some());
    let merged = merge(MAP, &schema, &classified).unwrap();
    assert_eq!(merged.tables, ["od d", "schema_migrations"]);
    assert_eq!(merged.columns, ["users.dob"]);
    assert_eq!(merged.open, ["users.qqq"]);
    assert!(
        merged
            .text
            .contains("email = { element = \"contact.email\" } # by hand"),
        "{}",
        merged.text
    );
    assert!(merged.text.contains("nick = { none = \"a game\" }"));
    let again = merge(&merged.text, &schema, &classified).unwrap();
    assert_eq!(
        (again.text.as_str(), again.tables.len(), again.columns.len()),
        (merged.text.as_str(), 0, 0)
    );
    let left = drift(&merged.text, &schema, &Samples::default());
    assert_eq!(messages(&left), ["column `users.qqq` is not in the data map"]);
}
