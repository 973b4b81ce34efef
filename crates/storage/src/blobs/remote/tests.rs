use std::collections::VecDeque;
use std::sync::Mutex;

use super::*;

const WHOLE: &[u8] = b"0123456789";

/// What comes of opening it, one after another: so many bytes, then how it ends.
#[derive(Clone, Copy)]
enum End {
    /// As if that were all.
    Ends,
    Breaks,
    Hangs,
    Gone,
}

type Asked = Arc<Mutex<Vec<Range<u64>>>>;

/// A store that does this, and where it was asked from.
fn store(script: &[(usize, End)]) -> (Opens, Asked) {
    let script = Mutex::new(VecDeque::from(script.to_vec()));
    let asked = Asked::default();
    let noted = Arc::clone(&asked);
    let opens = move |range: Range<u64>| {
        noted.lock().unwrap().push(range.clone());
        let (bytes, end) = script.lock().unwrap().pop_front().expect("it is asked no more often");
        let from = usize::try_from(range.start).unwrap();
        let sent = Ok(Bytes::from_static(&WHOLE[from..from + bytes]));
        let gone = || object_store::Error::NotFound { path: "blob".into(), source: "gone".into() };
        let end: Pieces = match end {
            End::Ends => stream::empty().boxed(),
            End::Breaks => stream::iter([Err(Broken::Store(object_store::Error::Generic {
                store: "test",
                source: "reset".into(),
            }))])
            .boxed(),
            End::Hangs => stream::pending().boxed(),
            End::Gone => stream::iter([Err(Broken::Store(gone()))]).boxed(),
        };
        let pieces: Pieces = stream::iter([sent]).chain(end).boxed();
        Box::pin(async move { Ok(pieces) }) as BoxFuture<'static, _>
    };
    (Box::new(opens), asked)
}

async fn all(mut remote: Remote) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let here = std::future::poll_fn(|cx| remote.poll_here(cx).map_ok(std::mem::take)).await?;
        if here.is_empty() {
            return Ok(bytes);
        }
        bytes.extend_from_slice(&here);
    }
}

#[tokio::test(start_paused = true)]
async fn what_breaks_off_is_gone_on_with_behind_what_came() {
    let (opens, asked) = store(&[(3, End::Breaks), (2, End::Hangs), (0, End::Ends), (5, End::Breaks)]);
    assert_eq!(all(Remote::by(opens, 0..10).await.unwrap()).await.unwrap(), WHOLE);
    assert_eq!(*asked.lock().unwrap(), [0..10, 3..10, 5..10, 5..10]);
    let (opens, _) = store(&[(9, End::Ends)]);
    assert_eq!(all(Remote::by(opens, 0..4).await.unwrap()).await.unwrap(), b"0123", "no more than the range");
}

#[tokio::test(start_paused = true)]
async fn it_is_gone_on_with_three_times_and_never_if_it_is_gone() {
    let (opens, asked) = store(&[(1, End::Breaks), (1, End::Breaks), (1, End::Breaks), (1, End::Ends)]);
    let end = all(Remote::by(opens, 0..10).await.unwrap()).await.unwrap_err();
    assert_eq!(end.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(asked.lock().unwrap().len(), 4);
    let (opens, asked) = store(&[(1, End::Gone)]);
    all(Remote::by(opens, 0..10).await.unwrap()).await.unwrap_err();
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_begins_without_its_first_bytes() {
    for (end, is_damage) in [(End::Hangs, false), (End::Breaks, false), (End::Ends, true), (End::Gone, true)]
    {
        let (opens, asked) = store(&[(0, end)]);
        let error = Remote::by(opens, 0..10).await.err().expect("nothing came");
        assert_eq!(matches!(&error, Error::Damaged(_)), is_damage, "{error:?}");
        assert_eq!(asked.lock().unwrap().len(), 1, "whoever asked may ask again");
    }
}
