//! Every kind of lie that we could think of, each with the check and the reason that must find it.
//!
//! Whoever lies is taken to know the format: where a lie would show in the list of contents, the list is put right. Lies
//! that need the vendor's own key are told by the vendor ([`Story`]).

use averment_verify::{Check, Level, Reason, read_container};
use serde_json::{Value, json};

use crate::raw::{
    edit, edit_central, edit_headers, edit_local, edit_text, edit_unlisted, replace_everywhere, with_gap,
};
use crate::story::{Case, Story, charter, cosigned_at, cosigned_over, cosigner, message};

/// A bundle with a lie in it.
pub(crate) struct Lie {
    pub(crate) case: Case,
    pub(crate) check: Check,
    pub(crate) reason: Reason,
}

fn lie(case: Case, check: Check, reason: Reason) -> Lie {
    Lie { case, check, reason }
}

/// A bundle that holds, changed from outside.
fn changed(name: &'static str, check: Check, reason: Reason, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Lie {
    let case = Story::default().case(name);
    let bundle = change(&case.bundle);
    lie(case.with(bundle), check, reason)
}

/// The same of a bundle with every entry.
fn whole_changed(name: &'static str, reason: Reason, change: impl FnOnce(String) -> String) -> Lie {
    let case = whole().case(name);
    let bundle = edit_text(&case.bundle, "ledger/0001/range.jsonl", change);
    lie(case.with(bundle), Check::Range, reason)
}

pub(crate) fn whole() -> Story {
    Story {
        whole: Some(0),
        attested: false,
        ..Story::default()
    }
}

pub(crate) fn told(name: &'static str, check: Check, reason: Reason, story: Story) -> Lie {
    lie(story.case(name), check, reason)
}

pub(crate) fn lies() -> Vec<Lie> {
    [
        container(),
        manifest(),
        files(),
        ledger(),
        entries(),
        range(),
        chain(),
        since(),
        witnesses(),
        times(),
        school(),
        charters(),
        claims(),
        words(),
        grades(),
        crate::auditor::lies(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn container() -> Vec<Lie> {
    let zip = |name, reason, change: fn(&[u8]) -> Vec<u8>| changed(name, Check::Container, reason, change);
    vec![
        zip("not a ZIP file", Reason::NotAZip, |_| {
            b"<!doctype html><p>All is well".to_vec()
        }),
        zip("an empty file", Reason::NotAZip, |_| Vec::new()),
        zip("a program before the archive", Reason::NotAZip, |zip| {
            [b"#!/bin/sh\n", zip].concat()
        }),
        zip("something behind the archive", Reason::ZipLayout, |zip| {
            [zip, b"more"].concat()
        }),
        zip("cut off", Reason::ZipLayout, |zip| zip[..zip.len() - 30].to_vec()),
        zip("something between two files", Reason::ZipLayout, with_gap),
        zip("a name with a zero byte", Reason::NameMalformed, |zip| {
            replace_everywhere(zip, b"recipients/desk.toml", b"recipients/desk.to\0l")
        }),
        zip("duplicate entries", Reason::NameTwice, |zip| {
            let zip = edit_unlisted(zip, |files| _ = files.insert("charter.jsoX".into(), b"{}".to_vec()));
            replace_everywhere(&zip, b"charter.jsoX", b"charter.json")
        }),
        zip("names that differ in case alone", Reason::NameTwice, |zip| {
            edit_unlisted(zip, |files| _ = files.insert("Charter.json".into(), b"{}".to_vec()))
        }),
        zip("a path that leads out", Reason::NameMalformed, |zip| {
            edit_unlisted(zip, |files| _ = files.insert("../etc/passwd".into(), b"x".to_vec()))
        }),
        zip("an absolute path", Reason::NameMalformed, |zip| {
            edit_unlisted(zip, |files| _ = files.insert("/etc/passwd".into(), b"x".to_vec()))
        }),
        zip("a hidden file", Reason::NameMalformed, |zip| {
            edit_unlisted(zip, |files| _ = files.insert("register/.hidden".into(), b"x".to_vec()))
        }),
        zip("a name with a backslash", Reason::NameMalformed, |zip| {
            edit_unlisted(zip, |files| _ = files.insert("register\\x".into(), b"x".to_vec()))
        }),
        zip("two headers that disagree", Reason::ZipHeader, |zip| {
            edit_local(zip, 22, &7_u32.to_le_bytes())
        }),
        zip("marked as encrypted", Reason::ZipHeader, |zip| {
            edit_headers(zip, 6, &1_u16.to_le_bytes())
        }),
        zip("a link instead of a file", Reason::ZipHeader, |zip| {
            edit_central(zip, 38, &0xa1ff_0000_u32.to_le_bytes())
        }),
        zip("packed in another way", Reason::ZipMethod, |zip| {
            edit_headers(zip, 8, &12_u16.to_le_bytes())
        }),
        zip("a wrong sum", Reason::ZipContent, |zip| {
            edit_headers(zip, 14, &[1, 2, 3, 4])
        }),
        zip("a size of more than is packed", Reason::ZipContent, |zip| {
            edit_headers(zip, 22, &9_u32.to_le_bytes())
        }),
        zip("larger than any bundle", Reason::TooLarge, |zip| {
            edit_headers(zip, 22, &(u32::MAX - 1).to_le_bytes())
        }),
    ]
}

fn manifest() -> Vec<Lie> {
    let raw = |name, reason, change: fn(String) -> String| {
        changed(name, Check::Manifest, reason, |zip| {
            edit_unlisted(zip, |files| {
                let text = String::from_utf8(files["manifest.json"].clone()).unwrap();
                files.insert("manifest.json".into(), change(text).into_bytes());
            })
        })
    };
    vec![
        changed("no list of contents", Check::Manifest, Reason::ManifestMissing, |zip| {
            edit_unlisted(zip, |files| _ = files.remove("manifest.json"))
        }),
        raw("a list that is no JSON", Reason::ManifestMalformed, |text| {
            format!("{text}x")
        }),
        raw("a newer format", Reason::NewerFormat, |text| {
            text.replace("averment.bundle/1", "averment.bundle/2")
        }),
        raw("a member twice", Reason::ManifestMalformed, |text| {
            text.replace(
                "\"level\": \"statement\"",
                "\"level\": \"whole\",\n  \"level\": \"statement\"",
            )
        }),
        raw("a member more", Reason::ManifestMalformed, |text| {
            text.replacen('{', "{\"verified\": true,", 1)
        }),
        changed("whole by name", Check::Manifest, Reason::ManifestMalformed, |zip| {
            edit(zip, |_, manifest| manifest.level = Level::Whole)
        }),
        changed("no logs", Check::Manifest, Reason::ManifestMalformed, |zip| {
            edit(zip, |_, manifest| manifest.logs.clear())
        }),
    ]
}

fn files() -> Vec<Lie> {
    let file = |name, reason, change: fn(&[u8]) -> Vec<u8>| changed(name, Check::Files, reason, change);
    vec![
        file("an extra file that is not listed", Reason::FileUnlisted, |zip| {
            edit_unlisted(zip, |files| _ = files.insert("charter2.json".into(), b"{}".to_vec()))
        }),
        file("a listed file that is missing", Reason::FileMissing, |zip| {
            edit_unlisted(zip, |files| _ = files.remove("charter.json"))
        }),
        file("a changed file", Reason::FileChanged, |zip| {
            edit_unlisted(zip, |files| files.get_mut("charter.json").unwrap()[9] ^= 1)
        }),
        file("a file of another kind", Reason::FileUnknown, |zip| {
            edit(zip, |files, _| {
                _ = files.insert("README".into(), b"All is well.".to_vec())
            })
        }),
        file("no document with grades", Reason::FileUnknown, |zip| {
            edit(zip, |files, _| _ = files.remove("claims.json"))
        }),
        file("a file of a log that is not there", Reason::FileUnknown, |zip| {
            edit(zip, |files, _| {
                _ = files.insert("ledger/0007/checkpoint".into(), b"x".to_vec())
            })
        }),
    ]
}

const CHECKPOINT: &str = "ledger/0001/checkpoint";
const VERIFIER: &str = "ledger/0001/verifier";
const ENTRIES: &str = "ledger/0001/entries.jsonl";

fn ledger() -> Vec<Lie> {
    let note = |name, reason, change: fn(String) -> String| {
        changed(name, Check::Checkpoints, reason, |zip| {
            edit_text(zip, CHECKPOINT, change)
        })
    };
    let other_key = Story {
        seed: 2,
        ..Story::default()
    }
    .case("everything signed with another key");
    let key = Story::default().case("").key;
    vec![
        note("a forged signature", Reason::BadSignature, |text| {
            let at = text.len() - 20;
            let other = if &text[at..=at] == "A" { "B" } else { "A" };
            format!("{}{other}{}", &text[..at], &text[at + 1..])
        }),
        note("a wrong size", Reason::BadSignature, |text| {
            let size = text.lines().nth(1).unwrap().to_owned();
            text.replacen(&format!("\n{size}\n"), "\n9\n", 1)
        }),
        note("a checkpoint of another log", Reason::NotSigned, |_| {
            Story {
                seed: 2,
                ..Story::default()
            }
            .tell()
            .0[0]
                .note(3)
        }),
        note("a checkpoint without signature", Reason::CheckpointMalformed, |text| {
            text.split("\n\n").next().unwrap().to_owned() + "\n"
        }),
        changed(
            "a key that is none",
            Check::Checkpoints,
            Reason::VerifierMalformed,
            |zip| edit_text(zip, VERIFIER, |text| text.replacen('+', "-", 1)),
        ),
        lie(Case { key, ..other_key }, Check::Key, Reason::OtherKey),
    ]
}

fn entries() -> Vec<Lie> {
    let entry = |name, reason, change: fn(&mut Vec<Value>)| {
        changed(name, Check::Entries, reason, |zip| {
            edit_text(zip, ENTRIES, |text| edit_rows(&text, change))
        })
    };
    vec![
        changed(
            "an older checkpoint than the entries",
            Check::Entries,
            Reason::EntryNotInLog,
            |zip| edit_text(zip, CHECKPOINT, |_| Story::default().tell().0[0].note(10)),
        ),
        entry("an entry changed, its proof left", Reason::EntryNotInLog, |rows| {
            let text = rows[1]["entry"]
                .as_str()
                .unwrap()
                .replace("\"people\":3", "\"people\":4");
            rows[1]["entry"] = json!(text);
        }),
        entry("the proof of another entry", Reason::EntryNotInLog, |rows| {
            rows[0]["proof"] = rows[1]["proof"].clone()
        }),
        entry("an entry at another place", Reason::EntryNotInLog, |rows| {
            // Before it stand entries that are not shown.
            let attestation = rows
                .iter_mut()
                .find(|row| row["entry"].as_str().unwrap().contains("attestation"))
                .unwrap();
            attestation["leaf"] = json!(attestation["leaf"].as_u64().unwrap() - 1);
        }),
        entry("an entry beyond the checkpoint", Reason::EntryNotInLog, |rows| {
            let last = rows.len() - 1;
            rows[last]["leaf"] = json!(1_000);
        }),
        entry("an entry that was never recorded", Reason::EntryNotInLog, |rows| {
            rows.push(json!({ "leaf": 500, "entry": rows[0]["entry"], "proof": [] }));
        }),
        entry("an entry twice", Reason::EntryOrder, |rows| {
            let first = rows[0].clone();
            rows.insert(0, first);
        }),
        entry("a hash too short", Reason::EntryMalformed, |rows| {
            rows[0]["proof"][0] = json!("AAAA")
        }),
        entry("a member more in a row", Reason::EntryMalformed, |rows| {
            rows[0]["verified"] = json!(true)
        }),
        told(
            "a recorded entry that says nothing",
            Check::Entries,
            Reason::EntryUnreadable,
            Story {
                entry: |entry| {
                    if entry["kind"] == "directory" {
                        *entry = json!({ "kind": "directory" })
                    }
                },
                ..Story::default()
            },
        ),
    ]
}

fn edit_rows(text: &str, change: fn(&mut Vec<Value>)) -> String {
    let mut rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    change(&mut rows);
    rows.iter().map(|row| format!("{row}\n")).collect()
}

fn range() -> Vec<Lie> {
    let edge = |name, change: fn(&mut averment_verify::Manifest)| {
        let case = Story {
            whole: Some(5),
            attested: false,
            ..Story::default()
        }
        .case(name);
        let bundle = edit(&case.bundle, |_, manifest| change(manifest));
        lie(case.with(bundle), Check::Range, Reason::RangeMalformed)
    };
    let without = |at: usize| move |text: String| lines_without(&text, at);
    vec![
        whole_changed("a contrary entry dropped", Reason::RangeIncomplete, without(6)),
        whole_changed("the newest entries dropped", Reason::RangeIncomplete, |text| {
            let count = text.lines().count();
            lines_without(&text, count - 1)
        }),
        whole_changed(
            "a contrary entry exchanged for a harmless one",
            Reason::RangeNotInLog,
            |text| {
                let lines: Vec<&str> = text.lines().collect();
                let mut changed = lines.clone();
                changed[6] = lines[4];
                changed.join("\n") + "\n"
            },
        ),
        whole_changed("an entry changed in the range", Reason::RangeNotInLog, |text| {
            text.replace("\"people\":3", "\"people\":4")
        }),
        whole_changed("two entries in another order", Reason::RangeNotInLog, |text| {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.swap(4, 6);
            lines.join("\n") + "\n"
        }),
        whole_changed("an entry more", Reason::RangeIncomplete, |text| {
            let last = text.lines().last().unwrap().to_owned();
            format!("{text}{last}\n")
        }),
        whole_changed(
            "a contrary entry withheld from everybody",
            Reason::RangeWithheld,
            |text| {
                let lines: Vec<String> = text.lines().map(str::to_owned).collect();
                let hash = averment_ledger::leaf_hash(lines[6].as_bytes()).to_string();
                let lines: Vec<String> = lines
                    .into_iter()
                    .enumerate()
                    .map(|(at, line)| if at == 6 { hash.clone() } else { line })
                    .collect();
                lines.join("\n") + "\n"
            },
        ),
        whole_changed(
            "a line that is neither entry nor hash",
            Reason::RangeMalformed,
            |text| format!("all is well\n{text}"),
        ),
        edge("an edge too short", |manifest| {
            _ = manifest.logs[0].range.as_mut().unwrap().edge.pop()
        }),
    ]
}

fn lines_without(text: &str, at: usize) -> String {
    text.lines()
        .enumerate()
        .filter(|(number, _)| *number != at)
        .map(|(_, line)| format!("{line}\n"))
        .collect()
}

fn chain() -> Vec<Lie> {
    let two = |name| {
        Story {
            two_logs: true,
            ..Story::default()
        }
        .case(name)
    };
    let missing = two("the first log left out");
    let without_first = edit(&missing.bundle, |files, manifest| {
        files.retain(|name, _| !name.starts_with("ledger/0001/"));
        manifest.logs.remove(0);
    });
    let renumbered = two("the first log left out, the second renumbered");
    let first_again = edit(&renumbered.bundle, |files, manifest| {
        files.retain(|name, _| !name.starts_with("ledger/0001/"));
        for file in ["verifier", "checkpoint", "entries.jsonl"] {
            let content = files.remove(&format!("ledger/0002/{file}")).unwrap();
            files.insert(format!("ledger/0001/{file}"), content);
        }
        manifest.logs.remove(0);
        manifest.logs[0].name = "0001".into();
    });
    let exchanged = two("another first log of the same length");
    let other = Story {
        two_logs: true,
        seed: 5,
        ..Story::default()
    }
    .bundle();
    let other_first = edit(&exchanged.bundle, |files, _| {
        let theirs = read_container(&other).unwrap();
        files.extend(theirs.into_iter().filter(|(name, _)| name.starts_with("ledger/0001/")));
    });
    let untied = Story {
        two_logs: true,
        hidden: &["begun"],
        ..Story::default()
    };
    vec![
        lie(missing.with(without_first), Check::Chain, Reason::LogMissing),
        lie(renumbered.with(first_again), Check::Chain, Reason::LogMissing),
        lie(exchanged.with(other_first), Check::Chain, Reason::LinkBroken),
        told("a link left out", Check::Chain, Reason::LinkMissing, untied),
        told(
            "a link to another log",
            Check::Chain,
            Reason::LinkBroken,
            Story {
                two_logs: true,
                entry: |entry| {
                    if entry["kind"] == "begun" {
                        entry["previous"]["size"] = json!(1);
                    }
                },
                ..Story::default()
            },
        ),
    ]
}

fn since() -> Vec<Lie> {
    let holding = |name, since: Option<String>| Case {
        since,
        ..Story::default().case_since(name, Some(6))
    };
    let longer = Story {
        after: vec![message("intent", 20, "forward", None); 3],
        ..Story::default()
    };
    let longer = longer.tell().0;
    let newer = longer[0].note(longer[0].entries.len());
    let rewritten = Story {
        entry: |entry| {
            if entry["kind"] == "directory" {
                entry["people"] = json!(4)
            }
        },
        ..Story::default()
    };
    let other_history = rewritten.tell().0[0].note(6);
    let forged = Story {
        seed: 2,
        ..Story::default()
    }
    .tell()
    .0[0]
        .note(6)
        .replace("averment.example/2", "averment.example/1");
    let proof = Story::default().case_since("a proof from another size", Some(5));
    let renamed = edit(&proof.bundle, |_, manifest| manifest.since.as_mut().unwrap().size = 6);
    vec![
        lie(
            holding("an older state than was seen", Some(newer)),
            Check::Since,
            Reason::RolledBack,
        ),
        lie(
            holding("another history than was seen", Some(other_history.clone())),
            Check::Since,
            Reason::AnotherHistory,
        ),
        lie(proof.with(renamed), Check::Since, Reason::AnotherHistory),
        lie(
            Story::default().case_since("nothing that leads from what was seen", None),
            Check::Since,
            Reason::NoProof,
        ),
        lie(
            Case {
                since: Some(other_history),
                ..whole().case("another history than was seen, without a proof")
            },
            Check::Since,
            Reason::AnotherHistory,
        ),
        lie(
            holding(
                "a ledger begun anew",
                Some(
                    Story {
                        seed: 2,
                        ..Story::default()
                    }
                    .tell()
                    .0[0]
                        .note(6),
                ),
            ),
            Check::Since,
            Reason::AnotherHistory,
        ),
        lie(
            holding("an older checkpoint by somebody else", Some(forged)),
            Check::Since,
            Reason::SinceNotSigned,
        ),
        lie(
            holding(
                "an older checkpoint that is none",
                Some("averment.example/1\nall is well\n".into()),
            ),
            Check::Since,
            Reason::SinceMalformed,
        ),
    ]
}

fn witnesses() -> Vec<Lie> {
    let story = || Story {
        witnessed: true,
        ..Story::default()
    };
    let nobody = Case {
        witness: Some(cosigner().0),
        ..Story::default().case("cosigned by nobody")
    };
    let elsewhere = story().case("a cosignature of another checkpoint");
    let moved = edit_text(&elsewhere.bundle, CHECKPOINT, |_| {
        let log = &Story::default().tell().0[0];
        cosigned_over(&log.note(log.entries.len()), &log.note(3))
    });
    let to_come = story().case("a cosignature of a time that has not come");
    let later = edit_text(&to_come.bundle, CHECKPOINT, |_| {
        let log = &Story::default().tell().0[0];
        let note = log.note(log.entries.len());
        cosigned_at(&note, &note, 1_780_000_000)
    });
    vec![
        lie(nobody, Check::Witnesses, Reason::CosignatureMissing),
        lie(elsewhere.with(moved), Check::Witnesses, Reason::CosignatureBad),
        lie(to_come.with(later), Check::Witnesses, Reason::CosignatureBad),
    ]
}

fn times() -> Vec<Lie> {
    let story = |name, reason, story| told(name, Check::Times, reason, story);
    vec![
        story(
            "made in the future",
            Reason::MadeInTheFuture,
            Story {
                made_at: "2027-03-01T12:00:00Z",
                ..Story::default()
            },
        ),
        story(
            "made at no time",
            Reason::TimeMalformed,
            Story {
                made_at: "yesterday",
                ..Story::default()
            },
        ),
        story(
            "made at a time with a comma",
            Reason::TimeMalformed,
            Story {
                made_at: "2026-03-01T17:30:00,5Z",
                ..Story::default()
            },
        ),
        story(
            "made at the end of all years",
            Reason::TimeMalformed,
            Story {
                made_at: "9999-12-31T00:00:00Z",
                ..Story::default()
            },
        ),
        story(
            "an entry of the future",
            Reason::EntryAfterMaking,
            Story {
                before: vec![json!({ "kind": "heartbeat", "at": "2026-04-01T00:00:00Z", "up_s": 1 })],
                ..Story::default()
            },
        ),
        story(
            "grades of the future",
            Reason::GradedAfterEntry,
            Story {
                grades: |deed| deed["as_of"] = json!("2026-03-02T12:00:00Z"),
                ..Story::default()
            },
        ),
    ]
}

fn school() -> Vec<Lie> {
    let birch = || Story {
        school: Some("birch"),
        ..Story::default()
    };
    let renamed = birch().case("the bundle of another school under this school's name");
    let as_alder = edit(&renamed.bundle, |_, manifest| manifest.school = Some("alder".into()));
    vec![
        lie(
            Case {
                school: Some("alder"),
                ..birch().case("the bundle of another school")
            },
            Check::School,
            Reason::AnotherSchool,
        ),
        lie(
            Case {
                school: Some("alder"),
                ..renamed
            }
            .with(as_alder),
            Check::School,
            Reason::NamesAnotherSchool,
        ),
    ]
}

fn charters() -> Vec<Lie> {
    let other = charter("No Student Records at all.");
    let of_charter = |name, reason, change: fn(&[u8]) -> Vec<u8>| changed(name, Check::Charter, reason, change);
    let loaded = json!({ "kind": "charter", "recipients": 2, "claims": 4, "charter": other.digest() });
    let rewritten = |name, charter: fn(String) -> String| {
        let story = Story {
            charter,
            ..Story::default()
        };
        told(name, Check::Charter, Reason::CharterRegister, story)
    };
    let registers = vec![
        of_charter("a comment in a register file", Reason::CharterRegister, |zip| {
            edit_text(zip, "register/recipients/amplitude.toml", |text| {
                format!("# Audited by the authority.\n{text}")
            })
        }),
        of_charter("a register file more", Reason::CharterRegister, |zip| {
            edit(zip, |files, _| {
                let text = b"# What Amplitude gets: nothing.\n".to_vec();
                files.insert("register/import.lock".into(), text);
            })
        }),
        of_charter("a register file left out", Reason::CharterRegister, |zip| {
            edit(zip, |files, _| _ = files.remove("register/recipients/desk.toml"))
        }),
        rewritten("an element that there is not", |text| {
            text.replace("\"edu\"", "\"edv\"")
        }),
        rewritten("a host of the catalog taken off the list", |text| {
            text.replace("\"api2.amplitude.com\",", "")
        }),
        rewritten("another sentence about what is shared", |text| {
            let shares = "\"kind\":\"shares\",\"recipient\":\"desk\",\"said\":null,\"sentence\":";
            text.replace(&format!("{shares}\"i\""), &format!("{shares}\"Nothing.\""))
        }),
        rewritten("a word more in the charter", |text| {
            text.replace(
                "\"unknown_hosts\":\"report\"",
                "\"unknown_hosts\":\"report\",\"verified\":\"yes\"",
            )
        }),
        rewritten("a charter with spaces", |text| text.replacen(':', ": ", 1)),
    ];
    let lies = vec![
        of_charter("a recipient removed from the list", Reason::CharterDigest, |zip| {
            edit_text(zip, "charter.json", |text| {
                let mut charter: Value = serde_json::from_str(&text).unwrap();
                charter["content"]["recipients"].as_object_mut().unwrap().remove("desk");
                charter.to_string()
            })
        }),
        of_charter("the digest of another register", Reason::CharterDigest, |zip| {
            edit(zip, |_, manifest| {
                manifest.charter = charter("No Student Records at all.").digest().to_string()
            })
        }),
        of_charter("a charter that is none", Reason::CharterMalformed, |zip| {
            edit(zip, |files, manifest| {
                manifest.charter = averment_register::Digest::of(b"{}").to_string();
                files.insert("charter.json".into(), b"{}".to_vec());
            })
        }),
        of_charter(
            "a register file that says something else",
            Reason::CharterRegister,
            |zip| {
                edit_text(zip, "register/recipients/amplitude.toml", |text| {
                    text.replace("No Student Records.", "No records.")
                })
            },
        ),
        of_charter("another register, whole", Reason::CharterNotRecorded, |zip| {
            edit(zip, |files, manifest| {
                let other = charter("No Student Records at all.");
                manifest.charter = other.digest().to_string();
                files.insert("charter.json".into(), other.canonical().into_bytes());
                for (name, text) in other.to_source().files() {
                    files.insert(format!("register/{name}"), text.as_bytes().to_vec());
                }
            })
        }),
        told(
            "a charter that was replaced",
            Check::Charter,
            Reason::CharterNotInForce,
            Story {
                after: vec![loaded],
                ..Story::default()
            },
        ),
    ];
    registers.into_iter().chain(lies).collect()
}

fn claims() -> Vec<Lie> {
    let better = |text: String| text.replacen("\"grade\": \"unverified\"", "\"grade\": \"enforced\"", 1);
    let of_claims = |name, reason, story| told(name, Check::Claims, reason, story);
    vec![
        changed(
            "a better grade in the file",
            Check::Claims,
            Reason::ClaimsChanged,
            |zip| edit_text(zip, "claims.json", better),
        ),
        changed(
            "a sentence changed on the page",
            Check::Claims,
            Reason::ClaimsChanged,
            |zip| {
                edit_text(zip, "claims.json", |text| {
                    text.replace("No Student Records.", "No data at all.")
                })
            },
        ),
        changed("no document", Check::Claims, Reason::ClaimsChanged, |zip| {
            edit_text(zip, "claims.json", |_| "[]".into())
        }),
        of_claims(
            "grades that nobody recorded",
            Reason::ClaimsNotRecorded,
            Story {
                hidden: &["grades"],
                ..Story::default()
            },
        ),
        of_claims(
            "an older document",
            Reason::ClaimsChanged,
            Story {
                after: vec![json!({
                    "kind": "grades", "at": "2026-03-01T17:10:00Z", "as_of": "2026-03-01T17:10:00Z",
                    "sha256": averment_ledger::leaf_hash(b"worse"), "counts": { "broken": 4 },
                })],
                ..Story::default()
            },
        ),
        of_claims(
            "graded by another charter",
            Reason::ClaimsAnotherCharter,
            Story {
                document: |document| document["charter"] = json!("sha256:00"),
                ..Story::default()
            },
        ),
        of_claims(
            "a number with a point",
            Reason::ClaimsMalformed,
            Story {
                document: |document| document["more"] = json!(61.0),
                ..Story::default()
            },
        ),
        of_claims(
            "other counts than recorded",
            Reason::ClaimsCounts,
            Story {
                grades: |deed| deed["counts"] = json!({ "enforced": 400 }),
                ..Story::default()
            },
        ),
    ]
}

fn words() -> Vec<Lie> {
    let sentence = |name, reason, document| {
        told(
            name,
            Check::Sentences,
            reason,
            Story {
                document,
                ..Story::default()
            },
        )
    };
    vec![
        sentence("another sentence graded", Reason::SentenceChanged, |document| {
            document["claims"][0]["sentence"] = json!("Nothing is ever shared.");
        }),
        sentence("a claim without a grade", Reason::ClaimMissing, |document| {
            document["claims"].as_array_mut().unwrap().remove(0);
        }),
        sentence("a claim that is nowhere", Reason::ClaimAdded, |document| {
            let claim = json!({ "id": "desk/wonderful", "sentence": "All is well.", "grade": "enforced" });
            document["claims"].as_array_mut().unwrap().push(claim);
        }),
    ]
}

fn grades() -> Vec<Lie> {
    let worse = |to: &str| {
        vec![
            json!({ "kind": "grade", "claim": "amplitude/no-student-records", "from": "enforced", "to": to, "reason": "Seen." }),
        ]
    };
    let attested = |name, reason, story| told(name, Check::Attestations, reason, story);
    let says_no = json!({
        "kind": "attestation", "id": format!("{:032x}", 10), "claim": crate::story::ATTESTED, "by": "auditor",
        "says": "It is not.", "finds": "does_not_hold", "performed_on": "2026-02-15",
    });
    let better = |document: &mut Value| grade_of(document, "amplitude/no-student-records", "monitored");
    let fewer = |document: &mut Value| {
        let claims = document["claims"].as_array_mut().unwrap();
        let claim = claims
            .iter_mut()
            .find(|claim| claim["id"] == "amplitude/no-student-records")
            .unwrap();
        claim["planes"][0]["evidence"]["observed"] = json!(1_000);
    };
    vec![
        told(
            "a change of grade that led elsewhere",
            Check::History,
            Reason::HistoryContradicts,
            Story {
                before: worse("broken"),
                ..Story::default()
            },
        ),
        told(
            "grades from before a claim was broken",
            Check::History,
            Reason::GradesOutdated,
            Story {
                after: worse("broken"),
                ..Story::default()
            },
        ),
        attested(
            "nobody vouches",
            Reason::AttestationMissing,
            Story {
                hidden: &["attestation"],
                enclose: false,
                ..Story::default()
            },
        ),
        attested(
            "an expired attestation shown as fresh",
            Reason::AttestationExpired,
            entered(|entry| in_attestation(entry, |word| word["valid_until"] = json!("2026-02-28"))),
        ),
        attested(
            "an attestation with a last day that cannot be read",
            Reason::AttestationExpired,
            entered(|entry| in_attestation(entry, |word| word["valid_until"] = json!("31.12.2026"))),
        ),
        attested(
            "an attestation of long ago that names no last day",
            Reason::AttestationExpired,
            entered(|entry| {
                in_attestation(entry, |word| {
                    word["performed_on"] = json!("2009-01-15");
                    word.as_object_mut().unwrap().remove("valid_until");
                });
            }),
        ),
        attested(
            "an attestation of a day that has not come",
            Reason::AttestationMissing,
            entered(|entry| in_attestation(entry, |word| word["performed_on"] = json!("2031-01-15"))),
        ),
        attested(
            "an attestation of what the claim said before",
            Reason::AttestationMissing,
            entered(|entry| in_attestation(entry, |word| word["claim_version"] = json!("sha256:another"))),
        ),
        attested(
            "whoever looked last says no",
            Reason::AttestationContrary,
            Story {
                before: vec![says_no],
                ..Story::default()
            },
        ),
        attested(
            "an attestation that was taken back",
            Reason::AttestationMissing,
            taken_back(),
        ),
        changed(
            "a document exchanged",
            Check::Documents,
            Reason::DocumentChanged,
            |zip| {
                edit(zip, |files, _| {
                    let name = files
                        .keys()
                        .find(|name| name.starts_with("documents/"))
                        .unwrap()
                        .clone();
                    files.insert(name, b"a better certificate".to_vec());
                })
            },
        ),
        changed(
            "a document exchanged under its own digest",
            Check::Documents,
            Reason::DocumentUnknown,
            |zip| {
                edit(zip, |files, _| {
                    files.retain(|name, _| !name.starts_with("documents/"));
                    let name = "documents/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
                    files.insert(name.into(), b"test".to_vec());
                })
            },
        ),
        told(
            "a better grade recorded than earned",
            Check::Grades,
            Reason::GradeDiffers,
            Story {
                document: better,
                before: worse("monitored"),
                ..whole()
            },
        ),
        told(
            "a message against a sentence since the grades",
            Check::Grades,
            Reason::GradesOutdated,
            Story {
                after: vec![message("intent", 40, "forward", Some("birch"))],
                ..whole()
            },
        ),
        told(
            "other counts recorded than earned",
            Check::Grades,
            Reason::EvidenceDiffers,
            Story {
                document: fewer,
                ..whole()
            },
        ),
    ]
}

/// The platform as it is, but for what the vendor does to its entries.
fn entered(entry: fn(&mut Value)) -> Story {
    Story {
        entry,
        ..Story::default()
    }
}

/// Changes an entry by which somebody vouches, and no other.
fn in_attestation(entry: &mut Value, change: impl FnOnce(&mut Value)) {
    if entry["kind"] == "attestation" {
        change(entry);
    }
}

/// The certificate counts no more, and the grade was left.
fn taken_back() -> Story {
    let (logs, _) = Story::default().tell();
    let is_attestation = |entry: &&String| entry.contains("\"kind\":\"attestation\"");
    let entries = &logs[0].entries;
    let number = entries.iter().position(|entry| is_attestation(&entry)).unwrap();
    let leaf = averment_ledger::leaf_hash(entries[number].as_bytes());
    let correction =
        json!({ "kind": "correction", "entry": number, "leaf": leaf, "because": "It was withdrawn.", "void": true });
    Story {
        before: vec![correction],
        ..Story::default()
    }
}

fn grade_of(document: &mut Value, id: &str, grade: &str) {
    let claims = document["claims"].as_array_mut().unwrap();
    claims
        .iter_mut()
        .filter(|claim| claim["id"] == id)
        .for_each(|claim| claim["grade"] = json!(grade));
}
