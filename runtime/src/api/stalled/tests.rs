use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{sleep, timeout};

use super::*;

/// Nobody is given anything for what was taken.
const STRICT: Pace = Pace { patience: Duration::from_millis(20), slowest: u64::MAX, credit: Duration::ZERO };
/// A minute for each byte that was taken.
const GENEROUS: Pace = Pace { patience: Duration::from_millis(20), slowest: 1, credit: Duration::from_secs(60) };

/// The head of an answer over HTTP/2, which goes on, and its end.
const HEAD: [u8; 10] = [0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88];
const END: [u8; 9] = [0, 0, 0, 0, 1, 0, 0, 0, 1];

fn near(pace: Pace, version: Version) -> (Unread<DuplexStream>, DuplexStream) {
    let (near, far) = duplex(64);
    (Unread::new(near, pace, version), far)
}

#[tokio::test]
async fn what_nobody_reads_is_written_for_a_while_only() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let (mut near, _far) = near(STRICT, version);
        let error = near.write_all(&[0; 1_000]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}

/// However long all of it takes, who goes on reading has it, also where what was taken at once lasts long.
#[tokio::test]
async fn who_reads_slowly_has_it_all() {
    for pace in [Pace::new(Duration::from_secs(60)), GENEROUS] {
        let (mut near, mut far) = near(pace, Version::HTTP_11);
        let reads = tokio::spawn(async move {
            let (mut seen, mut piece) = (0, [0; 64]);
            while seen < 300 {
                sleep(Duration::from_millis(60)).await;
                seen += far.read(&mut piece).await.unwrap();
            }
        });
        near.write_all(&[0; 300]).await.unwrap();
        reads.await.unwrap();
    }
}

/// Over HTTP/2 it is the caller who says when there is more to write, so that nothing is written that could stall.
#[tokio::test]
async fn an_answer_that_may_not_go_on_is_waited_for_a_while_only() {
    let (mut strict, _far) = near(STRICT, Version::HTTP_2);
    strict.write_all(&HEAD).await.unwrap();
    assert_eq!(strict.read_u8().await.unwrap_err().kind(), ErrorKind::TimedOut);

    let (mut generous, _far) = near(GENEROUS, Version::HTTP_2);
    generous.write_all(&HEAD).await.unwrap();
    timeout(Duration::from_millis(100), generous.read_u8()).await.unwrap_err();

    let (mut ended, _far) = near(STRICT, Version::HTTP_2);
    ended.write_all(&[&HEAD[..], &END].concat()).await.unwrap();
    timeout(Duration::from_millis(100), ended.read_u8()).await.unwrap_err();
}

/// What a caller has said while the daemon itself was held up is heard first.
#[tokio::test]
async fn a_daemon_that_was_held_up_itself_cuts_nobody_off() {
    let (mut near, mut far) = near(STRICT, Version::HTTP_2);
    near.write_all(&HEAD).await.unwrap();
    far.write_all(b"PRI").await.unwrap();
    std::thread::sleep(STRICT.patience * 3);
    assert_eq!(near.read_u8().await.unwrap(), b'P');
}
