use std::io::Read as _;

use domain::Timestamp;
use proptest::prelude::*;

use super::registration::Registration;
use super::*;
use crate::nuget::feed::Feed;
use crate::nuget::op::Hive;
use crate::nuget::search::Filter;

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

#[test]
fn a_package_of_very_many_versions_is_found_with_the_newest_of_them() {
    let (mut counted, filter) = (found::Counted::default(), Filter::default());
    let feed = Feed::at("https://hub.example/nuget/p/a/b/v3");
    for number in 0..5000 {
        let version = format!("1.{number}.0");
        let metadata = Metadata { id: "a".to_owned(), version: version.clone(), ..Metadata::default() };
        let of = Identity { id: PackageId::parse("a").unwrap(), version: Version::parse(&version).unwrap() };
        counted.take(Row { of, ..row(metadata) }, &filter, &feed);
    }
    let item = counted.item(&filter, &feed);
    assert!(item.len() < 300_000, "{}", item.len());
    let item: serde_json::Value = serde_json::from_slice(&item).unwrap();
    let versions = item["versions"].as_array().unwrap();
    assert_eq!(versions.last().unwrap()["version"], "1.4999.0");
    assert!((1000..5000).contains(&versions.len()), "{}", versions.len());
}

proptest! {
    /// Whatever a nuspec says, the document is JSON and says the same.
    #[test]
    fn texts_of_packages_do_not_break_documents(text in any::<String>()) {
        let metadata = Metadata { title: text.clone(), description: text.clone(), ..Metadata::default() };
        let feed = Feed::at("https://hub.example/nuget/p/a/b/v3");
        let of = Registration { feed, hive: Hive::Plain, id: PackageId::parse("a").unwrap(), remarks: Arc::default() };
        let document: serde_json::Value = serde_json::from_slice(&of.inlined(&[row(metadata)])).unwrap();
        let entry = &document["items"][0]["items"][0]["catalogEntry"];
        prop_assert_eq!(entry["title"].as_str(), Some(&*text));
        prop_assert_eq!(entry["description"].as_str(), Some(&*text));
    }
}
