//! Bundles of a gate that has a witness: what it signed reaches the school that has its key.

use averment_ledger::CosignerKey;
use averment_store::{Chain, DataFolder};

use crate::bundles::{agrees_with, bundle, checked, holds, place_with_a_ledger, state};
use crate::outsiders::{address, checkpoint_that, own_key, settings, witness};
use crate::third_parties::{ThirdParties, example_register};
use crate::world::{Place, Served};

/// The newest checkpoint in the log, with the log's own signature.
fn newest(place: &Place) -> String {
    let folder = DataFolder::open_read(&place.path("averment-data")).expect("a data folder");
    let chain = Chain::read_vouched(&folder, Some(place.keys().verifier())).expect("a ledger that holds");
    chain.newest().note.clone()
}

/// A gate with the grades on record, and with this witness.
fn gate_with(place: &Place, third_parties: &ThirdParties, watching: &mut Served) -> (Served, CosignerKey) {
    let cosigner: CosignerKey = watching.said("key").parse().expect("the key of a witness");
    let url = format!("http://{}", address(watching, "witness"));
    let settings = settings(place, &url, &cosigner.to_string());
    let register = example_register();
    let arguments = ["up", &register, "--page", "127.0.0.1:0", "--settings", &settings];
    let arguments = third_parties.upstream_of(place, &arguments);
    let served = place.serve(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    (served, cosigner)
}

#[test]
fn a_bundle_carries_what_the_witness_of_a_running_gate_signed() {
    let (place, key) = place_with_a_ledger();
    bundle(&place, "before.zip", &[]);
    let (third_parties, mut watching) = (ThirdParties::new(), witness(&place));
    let (served, cosigner) = gate_with(&place, &third_parties, &mut watching);
    let (page, own) = (address(&served, "page"), own_key(&place));
    let asked = ["--witness", &cosigner.to_string()];
    let all_signed = |note: &str| cosigner.verify(note).is_ok() && note.starts_with(&newest(&place));
    // What the gate records by itself may come in between: then the witness is waited for once more.
    let signed = (0..5).map(|number| format!("quiet{number}.zip")).find(|quiet| {
        checkpoint_that(&page, own.name(), all_signed);
        let said = bundle(&place, quiet, &["--whole"]).stdout;
        said.contains("witness.example signed")
    });
    let quiet = signed.expect("a bundle that ends with what the witness signed");
    let answer = checked(&place, &quiet, &key, &asked);
    holds(&answer);
    assert_eq!(state(&answer, "witnesses"), "holds");
    agrees_with(&place, &quiet, &key, &asked, &answer);

    busy(&place, &key, &asked);
    checkpoint_that(&page, own.name(), all_signed);
    assert_eq!(served.stop(), 0);
    assert_eq!(watching.stop(), 0);
    unsigned(&place, &key, &asked);
}

/// Each bundle is itself an entry that the witness signs some seconds later: the next one ends before it.
fn busy(place: &Place, key: &str, asked: &[&str]) {
    let is_behind = || {
        let said = bundle(place, "busy.zip", &["--whole", "--cosigned"]).stdout;
        let answer = checked(place, "busy.zip", key, asked);
        holds(&answer);
        assert_eq!(state(&answer, "witnesses"), "holds");
        agrees_with(place, "busy.zip", key, asked, &answer);
        said.contains("newer entries")
    };
    assert!((0..20).any(|_| is_behind()), "never ahead of the witness");
}

/// Where no gate runs the grades are recorded with the bundle, and nobody has signed that.
fn unsigned(place: &Place, key: &str, asked: &[&str]) {
    let register = example_register();
    let told = place
        .run(&["bundle", &register, "--cosigned", "--out", "none.zip"])
        .expect(2);
    let words = told.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("or leave out `--cosigned`"), "{words}");
    assert!(!place.path("none.zip").exists());
    let said = bundle(place, "ahead.zip", &[]);
    assert!(said.stderr.contains("`--cosigned` ends"), "{}", said.stderr);
    let answer = checked(place, "ahead.zip", key, asked);
    assert_eq!(state(&answer, "witnesses"), "fails cosignature_missing");
    agrees_with(place, "ahead.zip", key, asked, &answer);
}
