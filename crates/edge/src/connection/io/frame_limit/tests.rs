use super::*;

const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;

fn frame(kind: u8, payload: usize) -> Vec<u8> {
    let length = u32::try_from(payload).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, 0, 0, 0, 0, 1]);
    bytes.resize(bytes.len() + payload, 0);
    bytes
}

/// After the preface.
fn begun() -> FrameLimit {
    let mut frames = FrameLimit::new();
    assert!(!frames.is_flood(&[0; PREFACE_BYTES]));
    frames
}

#[tokio::test(start_paused = true)]
async fn so_many_pings_may_come_at_once_and_as_many_again_in_their_time() {
    let mut frames = begun();
    for _ in 0..BURST_MAX {
        assert!(!frames.is_flood(&frame(PING, 8)));
    }
    tokio::time::advance(tokio::time::Duration::from_secs(1)).await;
    for _ in 0..PER_SEC {
        assert!(!frames.is_flood(&frame(PING, 8)));
    }
    assert!((0..10).any(|_| frames.is_flood(&frame(PING, 8))), "a clock of milliseconds");
}

#[tokio::test(start_paused = true)]
async fn heads_are_found_however_they_are_cut() {
    let flood: Vec<u8> = std::iter::repeat_n(frame(PING, 8), 20_000).flatten().collect();
    for piece_bytes in [1, 5, 9, 17, 4096] {
        let mut frames = begun();
        let taken = flood.chunks(piece_bytes).position(|piece| frames.is_flood(piece)).unwrap() * piece_bytes;
        let expected = usize::try_from(BURST_MAX).unwrap() * 17;
        assert!(taken.abs_diff(expected) <= 4096, "{piece_bytes}: {taken}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_and_bodies_are_no_flood_and_what_is_taken_may_be_acknowledged() {
    let mut frames = begun();
    for _ in 0..30_000 {
        assert!(!frames.is_flood(&frame(HEADERS, 40)));
        assert!(!frames.is_flood(&frame(DATA, 1_000)));
        frames.wrote(16_384);
        assert!(!frames.is_flood(&frame(WINDOW_UPDATE, 4)));
        assert!(!frames.is_flood(&frame(WINDOW_UPDATE, 4)));
    }
    let empty = (0..20_000).any(|_| frames.is_flood(&frame(DATA, 0)));
    assert!(empty, "bodies of nothing");
}
