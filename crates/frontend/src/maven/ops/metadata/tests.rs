use super::*;

#[test]
fn what_is_kept_is_the_document_with_its_hashes() {
    let xml = Bytes::from_static(b"<metadata/>");
    let digests: Vec<Digest> =
        HASHES.iter().map(|(algorithm, ..)| digest_of(*algorithm, &xml).unwrap()).collect();
    let modified = Timestamp::from_millis(1_800_000_000_123);
    let packed = Rendered { modified, digests: digests.clone(), xml: xml.clone() }.pack();
    let found = Rendered::unpack(packed.clone()).unwrap();
    assert_eq!((found.modified, found.digests, found.xml), (modified, digests, xml));
    assert!(Rendered::unpack(packed.slice(..100)).is_none());
    assert!(Rendered::unpack(Bytes::new()).is_none());
}
