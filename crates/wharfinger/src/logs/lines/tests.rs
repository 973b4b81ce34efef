use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing_subscriber::layer::SubscriberExt as _;

use super::{Lines, WAITING_BYTES_MAX};

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_is_lost_and_the_order_stays() {
    let kept = Kept::default();
    let (lines, flush) = Lines::to(kept.clone()).unwrap();
    let layer = tracing_subscriber::fmt::layer().with_writer(lines).without_time().with_ansi(false);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        for number in 0..20_000 {
            tracing::info!(number);
        }
        assert!(kept.text().len() + WAITING_BYTES_MAX > 20_000 * 10, "a full buffer is written out");
        tracing::warn!("this does not wait");
        assert!(kept.text().contains("this does not wait"));
        tracing::info!("last");
    });
    drop(flush);
    let text = kept.text();
    let numbers: Vec<usize> =
        text.lines().filter_map(|line| line.split("number=").nth(1)?.parse().ok()).collect();
    assert_eq!(numbers, (0..20_000).collect::<Vec<_>>());
    assert!(text.trim_end().ends_with("last"), "the end writes out what waits");
}
