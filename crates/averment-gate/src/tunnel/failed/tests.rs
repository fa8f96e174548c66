use super::*;

#[test]
fn each_reason_is_told_at_once_and_then_with_its_number_once_in_a_while() {
    let (notes, start) = (FailureNotes::default(), Instant::now());
    assert_eq!(notes.due("desk", "closed", start), Some(1));
    for _ in 0..5 {
        assert_eq!(notes.due("desk", "closed", start + EVERY / 2), None);
    }
    assert_eq!(notes.due("desk", "no_tls", start + EVERY / 2), Some(1));
    assert_eq!(notes.due("events", "closed", start + EVERY / 2), Some(1));
    assert_eq!(notes.due("desk", "closed", start + EVERY), Some(6));
    assert_eq!(notes.due("desk", "closed", start + EVERY), None);
}

#[test]
fn what_went_wrong_has_a_word() {
    let of = |error: rustls::Error| Failed::from(Error::new(ErrorKind::InvalidData, error)).as_str();
    assert_eq!(
        of(rustls::Error::AlertReceived(AlertDescription::UnknownCA)),
        "distrusted"
    );
    assert_eq!(
        of(rustls::Error::AlertReceived(AlertDescription::HandshakeFailure)),
        "alert"
    );
    assert_eq!(
        of(rustls::Error::InvalidMessage(
            rustls::InvalidMessage::InvalidContentType
        )),
        "no_tls"
    );
    assert_eq!(of(rustls::Error::DecryptError), "broken");
    assert_eq!(Failed::from(Error::from(ErrorKind::UnexpectedEof)).as_str(), "closed");
}
