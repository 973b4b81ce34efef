use super::*;

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
    assert_eq!(body.drain(10, Duration::from_secs(1)).await, Drained::Complete);
}
