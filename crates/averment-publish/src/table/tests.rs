use super::records;

#[test]
fn no_field_begins_like_a_formula_in_any_width() {
    for field in ["=1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠x", "\tx", "\rx"] {
        let csv = records([[field.to_owned()]]);
        assert!(csv.trim_start_matches('"').starts_with(&format!("'{field}")), "{csv:?}");
    }
}
