//! Ten thousand things that somebody with the data folder can do to a ledger, and who sees them.
//!
//! Whoever has the key folder must see every one. What can be seen without it is counted too: only cutting back to a state
//! that the gate itself had signed stays unseen, which is what the mark is for.

use std::collections::BTreeMap;
use std::path::Path;

use averment_ledger::Audit;
use averment_store::{Keys, ReadError, trusted, verify};

use crate::chain::{record_some, three_logs};
use crate::fixture::*;

/// Of one ledger at one moment: what each file holds.
type State = BTreeMap<String, Vec<u8>>;

const FILES: [&str; 3] = ["log", "checkpoint", "verifier"];

/// The next of a sequence that a seed tells (SplitMix64, Steele et al. 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below as u64).unwrap()
    }
}

fn read(data: &Path) -> State {
    let mut state = State::new();
    for number in 1.. {
        let folder = data.join(format!("ledger/{number:04}"));
        if !folder.exists() {
            break;
        }
        for file in FILES {
            let content = std::fs::read(folder.join(file)).unwrap();
            state.insert(format!("{number:04}/{file}"), content);
        }
    }
    state
}

/// Brings the files from one state to another.
fn write(data: &Path, from: &State, to: &State) {
    let ledger = data.join("ledger");
    for (name, content) in to.iter().filter(|(name, content)| from.get(*name) != Some(content)) {
        let path = ledger.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    for name in from.keys().filter(|name| !to.contains_key(*name)) {
        std::fs::remove_file(ledger.join(name)).unwrap();
        // Only when it was the last in there.
        _ = std::fs::remove_dir(ledger.join(name).parent().unwrap());
    }
}

/// A ledger of four logs as it was after every few entries, the last as it is; and another one of the same keys.
struct Scene {
    home: Home,
    keys: Keys,
    history: Vec<State>,
    other: State,
}

async fn scene() -> Scene {
    let home = Home::new();
    let mut history = Vec::new();
    let (journal, ..) = home.journal();
    for log in 0..4 {
        for _ in 0..3 {
            journal.note(averment_ledger::Deed::Unknown).unwrap();
            record_some(&journal, 1).await;
            history.push(read(&home.data()));
        }
        if log < 3 {
            journal.begin_log().await.unwrap();
            history.push(read(&home.data()));
        }
    }
    journal.close().unwrap();
    drop(journal);
    history.push(read(&home.data()));
    let other = Home::new();
    three_logs(&other).await;
    let keys = Keys::read(&home.keys()).unwrap();
    Scene {
        keys,
        history,
        other: read(&other.data()),
        home,
    }
}

fn lines(content: &[u8]) -> Vec<Vec<u8>> {
    content
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect()
}

/// What was done, in a word, and the state after it; none when nothing changed.
fn mutate(scene: &Scene, dice: &mut Dice) -> Option<(&'static str, State)> {
    let whole = scene.history.last().unwrap();
    let mut state = whole.clone();
    let names: Vec<String> = state.keys().cloned().collect();
    let name = names[dice.roll(names.len())].clone();
    let log = format!("{:04}/log", dice.roll(4) + 1);
    let done = match dice.roll(12) {
        0 | 1 => {
            let content = state.get_mut(&name).unwrap();
            let at = dice.roll(content.len());
            content[at] ^= 1 << dice.roll(8);
            "a bit flipped"
        }
        2 => {
            let mut all = lines(&state[&log]);
            all.remove(dice.roll(all.len()));
            state.insert(log, all.concat());
            "a line deleted"
        }
        3 => {
            let mut all = lines(&state[&log]);
            let (a, b) = (dice.roll(all.len()), dice.roll(all.len()));
            all.swap(a, b);
            state.insert(log, all.concat());
            "two lines exchanged"
        }
        4 => {
            let content = state.get_mut(&name).unwrap();
            content.truncate(dice.roll(content.len()));
            "a file truncated"
        }
        5 => {
            let foreign = scene.other.get(&log).unwrap_or(&scene.other["0001/log"]);
            let (mut all, foreign) = (lines(&state[&log]), lines(foreign));
            let at = dice.roll(all.len());
            all[at] = foreign[dice.roll(foreign.len())].clone();
            state.insert(log, all.concat());
            "a line of another log"
        }
        6 => {
            let old = &scene.history[dice.roll(scene.history.len())];
            state.insert(name.clone(), old.get(&name)?.clone());
            "an older copy of a file"
        }
        7 => {
            state = scene.history[dice.roll(scene.history.len())].clone();
            "an older copy of the ledger"
        }
        8 => {
            let (a, b) = (dice.roll(4) + 1, dice.roll(4) + 1);
            for file in FILES {
                let [a, b] = [a, b].map(|number| format!("{number:04}/{file}"));
                (*state.get_mut(&a).unwrap(), *state.get_mut(&b).unwrap()) = (whole[&b].clone(), whole[&a].clone());
            }
            "two logs exchanged"
        }
        9 => {
            let gone = format!("{:04}/", dice.roll(4) + 1);
            state.retain(|name, _| !name.starts_with(&gone));
            "a log removed"
        }
        10 => {
            let verifier = format!("{:04}/verifier", dice.roll(4) + 1);
            let others = ["0001/verifier", "0003/verifier"].map(|name| scene.other[name].clone());
            state.insert(verifier, others[dice.roll(2)].clone());
            "a key exchanged"
        }
        _ => {
            state.remove(&name);
            "a file removed"
        }
    };
    (state != *whole).then_some((done, state))
}

#[tokio::test]
async fn whatever_is_done_to_the_ledger_is_seen_by_whoever_has_the_keys() {
    let scene = scene().await;
    let folder = averment_store::DataFolder::open_read(&scene.home.data()).unwrap();
    let mut dice = Dice(20_260_301);
    let mut tried: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut count = 0;
    let mut now = scene.history.last().unwrap().clone();
    while count < 10_000 {
        let Some((done, state)) = mutate(&scene, &mut dice) else {
            continue;
        };
        count += 1;
        write(&scene.home.data(), &now, &state);
        now = state;
        let seen = trusted(&folder, &scene.keys).map_or(true, |trusted| is_seen(verify(&folder, trusted)));
        assert!(seen, "mutation {count}: {done}");
        // Every so often, what an auditor sees who has nothing but the key.
        if count % 5 == 0 {
            let of = tried.entry(done).or_default();
            of.0 += 1;
            of.1 += u32::from(is_seen(verify(&folder, Some(scene.keys.verifier()))));
        }
    }
    for (done, (of, seen)) in &tried {
        println!("without the key folder: {done}: {seen} of {of} seen");
        let can_be_a_whole_ledger = *done == "an older copy of the ledger";
        assert!(can_be_a_whole_ledger || seen == of, "{done}: {seen} of {of}");
    }
    assert!(tried.len() == 11, "{tried:?}");
    write(&scene.home.data(), &now, scene.history.last().unwrap());
    assert!(!is_seen(verify(&folder, trusted(&folder, &scene.keys).unwrap())));
}

/// Whether it is said that the ledger is not as its gate left it: broken, with something behind its end, or with a newest
/// checkpoint that the file `checkpoint` has not caught up with.
fn is_seen(audit: Result<Audit, ReadError>) -> bool {
    let unnoticed = |audit: Audit| {
        audit.holds() && audit.tail.is_none() && audit.sealed.as_ref().is_some_and(|sealed| sealed.after_head == 0)
    };
    !audit.is_ok_and(unnoticed)
}
