use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

use super::{Begun, FIRST_MAX_BYTES};

const WORDS: &[u8; FIRST_MAX_BYTES] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[tokio::test]
async fn every_byte_is_given_again_however_it_came() {
    let longer = [&WORDS[..], b"and more"].concat();
    for (said, begins) in [
        (&longer[..], true),
        (&WORDS[..], true),
        (&WORDS[..5], false),
        (b"", false),
        (b"GET / HTTP/1.1\r\n\r\n", false),
        (b"PRI /x HTTP/1.1\r\nHost: x\r\n\r\n", false),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r_and more", false),
    ] {
        for piece in [1, 3, 1000] {
            let (mut caller, here) = duplex(4096);
            let mut here = Begun::new(here);
            let saying = async {
                for bytes in said.chunks(piece) {
                    caller.write_all(bytes).await.unwrap();
                    tokio::task::yield_now().await;
                }
                caller.shutdown().await.unwrap();
            };
            let (begun, ()) = tokio::join!(here.begins_with(WORDS), saying);
            assert_eq!(begun, begins, "{said:?} by {piece}");
            let mut heard = Vec::new();
            here.read_to_end(&mut heard).await.unwrap();
            assert_eq!(heard, said, "by {piece}");
        }
    }
}

#[tokio::test]
async fn whoever_says_nothing_yet_is_waited_for_and_asked_again() {
    let (mut caller, here) = duplex(64);
    let mut here = Begun::new(here);
    caller.write_all(&WORDS[..7]).await.unwrap();
    {
        let mut asked = std::pin::pin!(here.begins_with(WORDS));
        let polled = futures_util::poll!(asked.as_mut());
        assert!(polled.is_pending(), "it may be either");
    }
    caller.write_all(&WORDS[7..]).await.unwrap();
    assert!(here.begins_with(WORDS).await);
    let mut heard = [0; FIRST_MAX_BYTES];
    here.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, WORDS);
}
