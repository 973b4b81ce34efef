//! What a shelf shows is what its repository has, and nothing else.

use std::sync::Arc;

use bytes::Bytes;
use domain::{
    Algorithm, Digest, EntryKey, EntryKind, Format, Limit, PackageName, Probe, ProjectKey, Publish, Read,
    RefName, RepositoryName, Right, Visibility,
};
use storage::testing::{Bench, Place};
use storage::{
    Batch, ContentError, EdgeKind, EntryQuery, Listed, NewEdge, NewEntry, PairHalf, Plan, ProjectSpec,
    RepositorySpec, Rule, digest_of,
};

use crate::{House, Shelf};

const IMAGES: &str = "alpha/images";
const OTHER: &str = "alpha/other";

struct Seen {
    bench: Bench,
    house: House,
}

impl Seen {
    async fn new() -> Self {
        let repository = |name: &str| RepositorySpec {
            webhooks: Vec::new(),
            description: None,
            name: RepositoryName::parse(name).unwrap(),
            format: Format::new("oci"),
            visibility: Visibility::Private,
            policy: None,
        };
        let project = ProjectSpec {
            webhooks: Vec::new(),
            description: None,
            publishers: Vec::new(),
            key: ProjectKey::parse("alpha").unwrap(),
            title: None,
            access: None,
            roles: Vec::new(),
            repositories: vec![repository("images"), repository("other")],
        };
        let plan = Plan { projects: vec![project], ..Plan::default() };
        let bench = Bench::with(Place::memory(), plan).await;
        let house = House::new(bench.opened.storage.clone());
        Self { bench, house }
    }

    fn shelf<R: Right>(&self, repository: &str) -> Shelf<'_, R> {
        self.house.shelf(self.bench.stand(self.bench.on::<R>(repository)))
    }

    /// Makes a manifest with this content that points at another.
    async fn publish(&self, repository: &str, content: &'static str, subject: &str) -> EntryKey {
        let (storage, may) = (&self.bench.opened.storage, self.bench.on::<Publish>(repository));
        let upload =
            storage.verified_bytes(&may, Bytes::from_static(content.as_bytes()), None).await.unwrap();
        let entry = NewEntry {
            key: manifest(&digest(content)),
            content: Some(digest(content)),
            rule: Rule::ByPolicy,
            media_type: Arc::from("text/x"),
            attributes: Arc::from("{}"),
            words: Arc::from(""),
            edges: vec![NewEdge { kind: EdgeKind::Subject, target: subject.into() }],
        };
        let key = entry.key.clone();
        let batch = Batch { uploads: vec![upload], entries: vec![entry], ..Batch::default() };
        storage.commit(may, None, batch).await.unwrap();
        key
    }
}

fn web() -> PackageName {
    PackageName::exact("web").unwrap()
}

fn digest(content: &'static str) -> Digest {
    digest_of(Algorithm::Sha256, &Bytes::from_static(content.as_bytes())).unwrap()
}

fn manifest(digest: &Digest) -> EntryKey {
    let name = RefName::exact(&digest.to_string()).unwrap();
    EntryKey { kind: EntryKind::Manifest, package: web(), name }
}

#[tokio::test]
async fn what_is_found_is_opened_where_it_was_found() {
    let seen = Seen::new().await;
    let key = seen.publish(IMAGES, "one", "x").await;
    let shelf = seen.shelf::<Read>(IMAGES);
    let item = shelf.find(&key).await.unwrap();
    assert_eq!((item.entry.size_bytes, item.entry.digest), (3, Some(digest("one"))));
    assert_eq!(shelf.content(&item).await.unwrap(), "one");
    assert_eq!(shelf.part(&item, 1..3).await.unwrap(), "ne");
    assert_eq!(shelf.open(&item).await.unwrap().info().size_bytes, 3);
    assert_eq!(*shelf.digests(&item).await.unwrap(), [digest("one")]);
    assert_eq!(shelf.stat_blob(&web(), &digest("one")).await.unwrap().size_bytes, 3);
    assert_eq!(shelf.open_blob(&web(), &digest("one")).await.unwrap().info().size_bytes, 3);

    let other = seen.shelf::<Read>(OTHER);
    assert!(matches!(other.find(&key).await, Err(ContentError::Absent)));
    assert!(matches!(other.stat_blob(&web(), &digest("one")).await, Err(ContentError::Absent)));
    assert!(matches!(other.open_blob(&web(), &digest("one")).await, Err(ContentError::Absent)));
    assert!(matches!(other.content(&item).await, Err(ContentError::Absent)), "an item is of its own shelf");
    assert!(matches!(other.open(&item).await, Err(ContentError::Absent)));
    assert!(matches!(other.part(&item, 0..1).await, Err(ContentError::Absent)));
    assert!(matches!(other.digests(&item).await, Err(ContentError::Absent)));
}

#[tokio::test]
async fn an_empty_list_is_no_unknown_package() {
    let seen = Seen::new().await;
    seen.publish(IMAGES, "one", "x").await;
    let package = web();
    let of = |kind| EntryQuery { kind, package: &package, unlisted: false, after: None, limit: Limit::MAX };
    let (shelf, other) = (seen.shelf::<Probe>(IMAGES), seen.shelf::<Probe>(OTHER));
    let manifests = shelf.names(&of(EntryKind::Manifest)).await.unwrap();
    assert!(matches!(&manifests, Listed::Names { items, more: false } if items.len() == 1), "{manifests:?}");
    let tags = shelf.names(&of(EntryKind::Tag)).await.unwrap();
    assert!(matches!(&tags, Listed::Names { items, more: false } if items.is_empty()), "{tags:?}");
    let unknown = other.names(&of(EntryKind::Tag)).await.unwrap();
    assert!(matches!(unknown, Listed::Unknown), "{unknown:?}");
    assert_eq!(
        shelf.display_names(&of(EntryKind::Manifest)).await.unwrap(),
        Listed::Names { items: vec![digest("one").to_string().into()], more: false }
    );
    assert_eq!(other.display_names(&of(EntryKind::Tag)).await.unwrap(), Listed::Unknown);
}

#[tokio::test]
async fn what_points_at_something_is_shown_by_its_own_shelf_alone() {
    let seen = Seen::new().await;
    let key = seen.publish(IMAGES, "one", "x").await;
    seen.publish(OTHER, "two", "x").await;
    let shelf = seen.shelf::<Read>(IMAGES);
    let edge = (EdgeKind::Subject, "x");
    let there = shelf.pointing_to(edge, &web(), None, Limit::MAX).await.unwrap();
    assert_eq!(there.iter().map(|item| &item.entry.key).collect::<Vec<_>>(), [&key]);
    let anywhere = shelf.pointing_anywhere(edge, None, Limit::MAX).await.unwrap();
    assert_eq!(anywhere.len(), 1);
    assert!(shelf.pointing_anywhere(edge, anywhere.last(), Limit::MAX).await.unwrap().is_empty());
    assert_eq!(shelf.oldest_pointing_to(edge).await.unwrap().map(|item| item.entry.key), Some(key));
    assert_eq!(*shelf.packages_of(EntryKind::Manifest, "", Limit::MAX).await.unwrap(), ["web".into()]);
    let shelves = seen.house.shelves(seen.bench.visible());
    let paths =
        shelves.packages_by_path((Format::new("oci"), EntryKind::Manifest), None, Limit::MAX).await.unwrap();
    assert_eq!(paths, ["alpha/images/web", "alpha/other/web"]);
}

#[tokio::test]
async fn a_document_is_rendered_again_when_what_the_shelf_shows_changes() {
    let seen = Seen::new().await;
    let package = web();
    let of = EntryQuery {
        kind: EntryKind::Manifest,
        package: &package,
        unlisted: false,
        after: None,
        limit: Limit::MAX,
    };
    let shelf = seen.shelf::<Probe>(IMAGES);
    let render = async || {
        let items = shelf.names(&of).await?.into_items();
        Ok::<_, ContentError>(Bytes::from(items.len().to_string()))
    };
    assert_eq!(shelf.derived("count", render).await.unwrap(), "0");
    assert_eq!(shelf.derived_paired("count", PairHalf::Document, render).await.unwrap(), "0");
    seen.publish(OTHER, "two", "x").await;
    seen.publish(IMAGES, "one", "x").await;
    assert_eq!(
        shelf.derived_paired("count", PairHalf::Companion, render).await.unwrap(),
        "0",
        "about the one before"
    );
    assert_eq!(shelf.derived("count", render).await.unwrap(), "1");
}
