use std::io::Read as _;

use domain::Timestamp;
use proptest::prelude::*;

use super::registration::Registration;
use super::*;
use crate::nuget::op::Hive;
use crate::nuget::place::Feed;

fn row(metadata: Metadata) -> Row {
    let of = Identity { id: PackageId::parse("a").unwrap(), version: Version::parse("1.0.0").unwrap() };
    Row { of, metadata, listed: true, published: Timestamp::from_millis(0) }
}

#[test]
fn what_is_compressed_is_what_was_there() {
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let mut read = Vec::new();
    flate2::read::GzDecoder::new(&*gzip(&bytes)).read_to_end(&mut read).unwrap();
    assert_eq!(read, bytes);
}

proptest! {
    /// Whatever a nuspec says, the document is JSON and says the same.
    #[test]
    fn texts_of_packages_do_not_break_documents(text in any::<String>()) {
        let metadata = Metadata { title: text.clone(), description: text.clone(), ..Metadata::default() };
        let feed = Feed::at("https://hub.example/nuget/p/a/b/v3");
        let of = Registration { feed, hive: Hive::Plain, id: PackageId::parse("a").unwrap() };
        let document: serde_json::Value = serde_json::from_slice(&of.inlined(&[row(metadata)])).unwrap();
        let entry = &document["items"][0]["items"][0]["catalogEntry"];
        prop_assert_eq!(entry["title"].as_str(), Some(&*text));
        prop_assert_eq!(entry["description"].as_str(), Some(&*text));
    }
}
