use super::*;

fn blob(key: &str) -> BlobRef {
    BlobRef { id: 1, object_key: key.into(), size_bytes: 1, damaged_at: None }
}

#[test]
fn what_is_found_is_news_until_it_is_written() {
    let damages = Damages::default();
    assert!(!damages.is_found("a") && damages.is_empty());
    assert!(damages.find(&blob("a")));
    assert!(!damages.find(&blob("a")));
    assert!(damages.find(&blob("b")));
    assert!(damages.is_found("a") && !damages.is_empty());
    damages.written(&damages.unwritten());
    assert!(!damages.is_found("a") && damages.is_empty());
    assert!(damages.find(&blob("a")), "it was damaged again");
    assert_eq!(damages.counts(), DamageCounts { found: 3, healed: 0 });
}

#[test]
fn what_was_looked_at_is_believed_for_a_while() {
    let (damages, digest) = (Damages::default(), Digest::sha256([0; 32]));
    let mut now = Instant::now();
    damages.doubt(&blob("a"), &digest, now);
    let (doubted, _) = damages.doubted().unwrap();
    damages.looked(&doubted, Seen::Gone, now);
    damages.doubt(&blob("a"), &digest, now);
    assert!(damages.doubted().is_none(), "it was seen a moment ago");
    now += GONE_BELIEVED;
    damages.doubt(&blob("a"), &digest, now);
    assert!(damages.doubted().is_some());
    damages.looked(&blob("a"), Seen::Altered, now);
    now += GONE_BELIEVED;
    damages.doubt(&blob("a"), &digest, now);
    assert!(damages.doubted().is_none(), "all of it would have to be read");
}
