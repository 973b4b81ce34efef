//! A shelf with one layer costs nothing: what is read through it allocates as often as what is read without. A binary of its own,
//! because an allocator is for a whole program.
#![expect(
    unsafe_code,
    reason = "an allocator that counts can only be written so; it hands everything to the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use bytes::Bytes;
use domain::{
    EntryKey, EntryKind, Format, PackageName, ProjectKey, Publish, Read, RefName, RepositoryName, Visibility,
};
use shelf::House;
use storage::testing::{Bench, Place};
use storage::{Batch, ContentError, NewEntry, Plan, ProjectSpec, RepositorySpec, Rule};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged; counting touches a thread-local number only.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `alloc`, which is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: `place` came from `alloc` above, that is from the system's allocator, with this layout.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often a future allocates on this thread, once everything it needs was read before.
macro_rules! allocations {
    ($future:expr) => {{
        drop($future.await);
        let before = ALLOCATIONS.with(Cell::get);
        drop($future.await);
        ALLOCATIONS.with(Cell::get) - before
    }};
}

#[tokio::test]
async fn reading_through_a_shelf_allocates_no_more() {
    let repository = RepositorySpec {
        description: None,
        name: RepositoryName::parse("jars").unwrap(),
        format: Format::new("maven"),
        visibility: Visibility::Private,
        policy: None,
        webhooks: Vec::new(),
    };
    let project = ProjectSpec {
        description: None,
        publishers: Vec::new(),
        webhooks: Vec::new(),
        key: ProjectKey::parse("alpha").unwrap(),
        title: None,
        access: None,
        roles: Vec::new(),
        repositories: vec![repository],
    };
    let plan = Plan { projects: vec![project], ..Plan::default() };
    let bench = Bench::with(Place::memory(), plan).await;
    let storage = &bench.opened.storage;
    let key = published(&bench).await.unwrap();

    let may = bench.on::<Read>("alpha/jars");
    let entry = storage.entry(&may, &key).await.unwrap();
    let digest = entry.digest.unwrap();
    let render = async || Ok::<_, ContentError>(Bytes::from_static(b"rendered"));
    let name = "a name of a document";
    let without = [
        allocations!(storage.entry(&may, &key)),
        allocations!(storage.digests(&may, &entry)),
        allocations!(storage.content(&may, &entry)),
        allocations!(storage.open_entry(&may, &entry)),
        allocations!(storage.stat_blob(&may, &digest)),
        allocations!(storage.open_blob(&may, &digest)),
    ];

    let house = House::new(storage.clone());
    let gate = bench.gate();
    let before = ALLOCATIONS.with(Cell::get);
    let shelf = house.shelf(gate.stand(may));
    assert_eq!(ALLOCATIONS.with(Cell::get) - before, 0, "nothing is shown but the repository itself");
    let item = shelf.find(&key).await.unwrap();
    let package = &item.entry.key.package;
    let through = [
        allocations!(shelf.find(&key)),
        allocations!(shelf.digests(&item)),
        allocations!(shelf.content(&item)),
        allocations!(shelf.open(&item)),
        allocations!(shelf.stat_blob(package, &digest)),
        allocations!(shelf.open_blob(package, &digest)),
    ];
    assert_eq!(through, without);
    // The key of a kept document is its name and nothing more on the heap, and the bytes are lent in a box.
    assert_eq!(allocations!(shelf.derived(name, render)), 2);
}

async fn published(bench: &Bench) -> Result<EntryKey, storage::BoxError> {
    let (storage, may) = (&bench.opened.storage, bench.on::<Publish>("alpha/jars"));
    let upload = storage.verified_bytes(&may, Bytes::from_static(b"content"), None).await?;
    let key = EntryKey {
        kind: EntryKind::File,
        package: PackageName::exact("g:a")?,
        name: RefName::exact("1/a.jar")?,
    };
    let entry = NewEntry {
        key: key.clone(),
        content: Some(*upload.digest()),
        rule: Rule::ByPolicy,
        media_type: Arc::from("text/x"),
        attributes: Arc::from("{}"),
        words: Arc::from(""),
        edges: Vec::new(),
    };
    let batch = Batch { uploads: vec![upload], entries: vec![entry], ..Batch::default() };
    storage.commit(may, None, batch).await?;
    Ok(key)
}
