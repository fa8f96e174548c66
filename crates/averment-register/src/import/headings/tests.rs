use super::{Column, column};

#[test]
fn every_heading_has_one_meaning() {
    let cases = [
        ("Service Provider", Column::Recipient),
        ("Sub-processor", Column::Recipient),
        ("Entity Name", Column::Recipient),
        ("Location of Subprocessors", Column::Country),
        ("PROVIDER LOCATION", Column::Country),
        ("Typical Processing Location(s)", Column::Country),
        ("Role / Purpose", Column::Purpose),
        ("Purpose of Processing", Column::Purpose),
        ("Reason for Sharing Information", Column::Purpose),
        ("What Information is Shared?", Column::Information),
        ("Example Data Processed", Column::Information),
        ("Categories of personal data", Column::Information),
        ("Data retention", Column::Retention),
        ("Data transfer mechanism", Column::Transfer),
        ("Privacy / Security", Column::Policy),
        ("Service Provided", Column::Purpose),
        ("Service category / What they do", Column::Purpose),
        ("Further information", Column::Policy),
        ("#", Column::Number),
        ("Relevant Services", Column::Service),
        ("Data Subjects", Column::Subjects),
    ];
    for (heading, expected) in cases {
        assert_eq!(column(heading).map(|(column, _)| column), Some(expected), "{heading}");
    }
    assert_eq!(column("Elephants"), None);
}
