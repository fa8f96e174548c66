use super::*;

fn column(kind: &str, nullable: bool) -> Column {
    Column {
        name: "x".to_owned(),
        kind: kind.to_owned(),
        nullable,
    }
}

#[test]
fn masks_fit_their_types() {
    let mask = |dialect, kind: &str| match becomes(dialect, &column(kind, false), OnErase::Mask) {
        Ok(Some(Becomes::Sql(sql))) => sql,
        other => format!("{other:?}"),
    };
    for (dialect, kind, expected) in [
        (
            Dialect::Postgres,
            "character varying(80)",
            "'erased'::character varying(80)",
        ),
        (Dialect::Postgres, "character varying(3)", "'era'::character varying(3)"),
        (Dialect::Postgres, "bigint", "0"),
        (Dialect::Postgres, "boolean", "false"),
        (Dialect::Postgres, "date", "date_trunc('year', \"x\")::date"),
        (Dialect::Postgres, "bytea", "''::bytea"),
        (Dialect::Postgres, "jsonb", "'{}'::jsonb"),
        (Dialect::Mysql, "datetime", "makedate(year(`x`), 1)"),
        (Dialect::Mysql, "tinyint(1)", "0"),
        (Dialect::Mysql, "varchar(80)", "'erased'"),
        (Dialect::Mysql, "longblob", "x''"),
        (Dialect::Sqlite, "date", "strftime('%Y-01-01', \"x\")"),
        (Dialect::Sqlite, "", "'erased'"),
    ] {
        assert_eq!(mask(dialect, kind), expected, "{kind}");
    }
    for kind in ["interval", "text[]", "point", "enum('a','b')"] {
        assert!(
            becomes(Dialect::Postgres, &column(kind, true), OnErase::Mask).is_err(),
            "{kind}"
        );
    }
}

#[test]
fn only_what_may_be_empty_becomes_empty() {
    assert!(becomes(Dialect::Sqlite, &column("text", false), OnErase::Null).is_err());
    assert!(becomes(Dialect::Sqlite, &column("text", true), OnErase::Null).is_ok());
    assert_eq!(
        becomes(Dialect::Sqlite, &column("text", false), OnErase::Keep),
        Ok(None)
    );
}

#[test]
fn pseudonyms_are_no_number_that_somebody_has() {
    let shape = |dialect, kind: &str| match becomes(dialect, &column(kind, false), OnErase::Pseudonymise) {
        Ok(Some(Becomes::Pseudonym(shape))) => Some(shape),
        _ => None,
    };
    let bytes = [0xff; 32];
    assert!(shape(Dialect::Postgres, "integer").unwrap().of(&bytes).starts_with('-'));
    let upper: u64 = shape(Dialect::Mysql, "int(10) unsigned")
        .unwrap()
        .of(&bytes)
        .parse()
        .unwrap();
    assert!((1 << 30..1 << 31).contains(&upper));
    let low: i64 = shape(Dialect::Postgres, "integer")
        .unwrap()
        .of(&[0; 32])
        .parse()
        .unwrap();
    assert_eq!(low, -1);
    assert_eq!(
        shape(Dialect::Postgres, "character varying(10)")
            .unwrap()
            .of(&bytes)
            .len(),
        10
    );
    assert_eq!(shape(Dialect::Postgres, "uuid").unwrap().of(&bytes).len(), 36);
    assert_eq!(shape(Dialect::Postgres, "character varying(7)"), None);
    assert_eq!(shape(Dialect::Postgres, "smallint"), None);
    assert_eq!(shape(Dialect::Postgres, "date"), None);
}
