use super::*;

fn pace() -> Pace {
    Pace { idle: Duration::from_secs(30), grace: Duration::from_secs(10), bytes_per_sec_min: 100 }
}

#[test]
fn waiting_is_earned_by_bytes() {
    let patience = |waited, moved| pace().patience(Duration::from_secs(waited), moved).as_secs();
    assert_eq!(patience(0, 0), 10, "nothing came yet: the grace");
    assert_eq!(patience(4, 0), 6);
    assert_eq!(patience(10, 0), 0);
    assert_eq!(patience(12, 500), 3, "500 bytes explain 5 seconds");
    assert_eq!(patience(0, 1 << 40), 30, "never longer than the idle bound");
    let free = Pace { bytes_per_sec_min: 0, ..pace() };
    assert_eq!(free.patience(Duration::from_secs(99_999), 0).as_secs(), 30);
}

#[tokio::test]
async fn a_body_ends_after_its_bytes() {
    let mut body = Body::from(Bytes::from_static(b"abc"));
    assert_eq!(body.declared_bytes(), Some(3));
    assert_eq!(body.chunk().await, Ok(Some(Bytes::from_static(b"abc"))));
    assert_eq!(body.chunk().await, Ok(None));
    assert_eq!(body.received_bytes(), 3);
    assert!(!body.has_more());
    assert_eq!(Body::from(Bytes::new()).whole(0).await, Ok(Bytes::new()));
}

#[tokio::test]
async fn too_large_is_said_before_a_byte_is_read_and_said_again() {
    let mut body = Body::from(Bytes::from_static(b"abc"));
    for _ in 0..2 {
        assert_eq!(body.whole(2).await, Err(BodyError::TooLarge { bytes_max: 2 }));
    }
    assert_eq!(body.received_bytes(), 0);
    assert_eq!(body.drain(10, Duration::from_secs(1)).await, Rest::Gone);
}
