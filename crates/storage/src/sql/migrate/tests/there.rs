//! What a program of the time wrote, as the present one reads it.

use bytes::Bytes;
use domain::{AccessManage, Algorithm, AuditView, CredentialFacts, Limit, Publish, Read, UploadId};

use super::{FEED, version};
use crate::ContentError;
use crate::search::{Field, Search, Wanted};
use crate::sql::{Tx, blobs};
use crate::testing::{Bench, NUGET, Place};
use crate::{CollectCursor, DependentsQuery, NeedsCursor};

/// What was written at that schema is read by the present program.
pub(super) async fn is_all_there(place: Place, schema: i64) {
    let bench = Bench::open(place).await;
    if schema < 4 {
        assert!(bench.facts().await.projects.is_empty());
        return;
    }
    let (facts, storage) = (bench.facts().await, &bench.opened.storage);
    assert_eq!(
        (facts.version.get(), facts.principals.len(), facts.grants.len()),
        (2, 1 + usize::from(schema >= 43), 2),
        "schema {schema}"
    );
    let CredentialFacts { tokens, sessions, .. } = bench.credentials().await;
    let by_others = sessions.iter().filter(|session| !session.by_password).count();
    let begun = (sessions.len(), by_others);
    let log_ins = usize::from(schema >= 52);
    assert_eq!(begun, (usize::from(schema >= 50) + log_ins, log_ins), "schema {schema}");
    vouches(&bench, schema).await;
    let known: &[u64] = if schema >= 48 {
        &[7, 43, 48]
    } else if schema >= 43 {
        &[7, 43]
    } else {
        &[7]
    };
    let found: Vec<u64> = tokens.iter().map(|token| token.id.get()).collect();
    assert_eq!(found, known, "schema {schema}");
    if schema >= 43 {
        is_known_by(&bench, schema).await;
    }
    let names = bench.opened.names.load().await.expect("are read").1;
    assert_eq!(names.public_landing, schema < 54, "schema {schema}");
    let may = bench.on::<Read>(FEED);
    let entry = storage.entry(&may, &version("1.0.0")).await.expect("is there");
    assert_eq!((entry.size_bytes, entry.created_at.millis()), (5, 2000), "schema {schema}");
    let digests = storage.digests(&may, &entry).await.expect("are there");
    assert!(digests.iter().any(|digest| digest.algorithm() == Algorithm::Md5));
    let versions = storage.versions(&may, &version("1.0.0").package, |_| 0).await.expect("are listed");
    assert_eq!(versions.len(), 2);
    let offset = storage.upload_offset(&bench.on::<Publish>(FEED), UploadId::new(42)).await;
    assert_eq!(offset.expect("it goes on"), 5, "schema {schema}");
    let with_tail = storage.upload_offset(&bench.on::<Publish>(FEED), UploadId::new(0x3b)).await;
    assert_eq!(with_tail.ok(), (schema >= 59).then_some(7), "schema {schema}");
    let seen = bench.on_organisation::<AuditView>(bench.actor());
    let workers = bench.opened.directory.workers(&seen, String::new(), Limit::MAX).await.expect("are listed");
    let given_up: u64 = workers.iter().map(|worker| worker.given_up).sum();
    assert_eq!(given_up, u64::from(schema >= 60), "schema {schema}");
    let change = storage.last_change(&may, &version("1.1.0").package, &version("1.1.0").name).await;
    assert_eq!(change.expect("has a number").number, 2, "schema {schema}");
    let wanted = [Wanted { field: Field::Any, any: vec!["docum".into()] }];
    let search = Search { wanted: &wanted, facet: None, first: None, skip: 0, limit: Limit::MAX };
    let found = storage.search(&may, &search).await.expect("searches").packages;
    assert_eq!(found.len(), usize::from(schema >= 5), "schema {schema}: {found:?}");
    let reserved = bench.opened.directory.tombstones(&may, None, Limit::MAX).await.expect("are listed");
    assert_eq!(reserved.len(), usize::from(schema >= 8), "schema {schema}");
    let pins = storage.pins(&may, &version("1.0.0"), &version("1.0.0")).await.expect("are listed");
    assert_eq!(pins.len(), usize::from(schema >= 40), "schema {schema}");
    is_counted(&bench, schema).await;
    is_damaged(&bench, schema).await;
    needs(&bench, schema).await;
    is_collected(&bench, schema).await;
    let remarks = storage.remarks(&may, &version("1.0.0").package).await.expect("are read");
    let audited = bench.opened.directory.audit_events().await;
    let chained = usize::from(schema >= 21);
    assert_eq!((audited.len(), audited[0].sequence), (1 + chained, None), "schema {schema}: {audited:?}");
    let said = usize::from(schema >= 11);
    assert_eq!((remarks.deprecations.len(), remarks.advisories.len()), (said, said), "schema {schema}");
}

/// What is known to be damaged.
async fn is_damaged(bench: &Bench, schema: i64) {
    let (may, storage) = (bench.on::<Read>(FEED), &bench.opened.storage);
    let digest = crate::digest_of(Algorithm::Sha256, &Bytes::from_static(b"damaged")).expect("a digest");
    let repository = may.node().id();
    let find = move |tx: &mut dyn Tx| blobs::linked_blob(tx, repository, &digest);
    let found = storage.shared.database.point(find).await.expect("is read");
    let since = found.and_then(|blob| blob.damaged_at).map(domain::Timestamp::millis);
    assert_eq!(since, (schema >= 58).then_some(5800), "schema {schema}");
    let looked = storage.stat_blob(&may, &digest).await;
    assert!(matches!(looked, Err(ContentError::Absent)), "schema {schema}: {looked:?}");
}

/// What waited to be removed is, and what names need stays.
async fn is_collected(bench: &Bench, schema: i64) {
    let storage = &bench.opened.storage;
    let lease = bench.working("purge").await;
    assert_eq!(
        storage.purge(&lease).await.expect("a step").items,
        u64::from(schema >= 62),
        "schema {schema}"
    );
    let (links, blobs) = (bench.working("links").await, bench.working("blobs").await);
    storage.collect_links(&links, &mut CollectCursor::default()).await.expect("a step");
    storage.collect_blobs(&blobs, &mut CollectCursor::default()).await.expect("a step");
    let hello = crate::digest_of(Algorithm::Sha256, &Bytes::from_static(b"hello")).expect("a digest");
    storage.stat_blob(&bench.on::<Read>(FEED), &hello).await.expect("a version has it");
}

/// What needs a package, and of which versions it is not known.
async fn needs(bench: &Bench, schema: i64) {
    let storage = &bench.opened.storage;
    let asked = DependentsQuery { format: NUGET, package: "lib", version: Some("1.0.0"), after: None };
    let found = storage.dependents(&bench.visible(), asked, Limit::MAX).await.expect("are listed");
    let found: Vec<_> = found.iter().map(|one| (&*one.package, &*one.version, &*one.group)).collect();
    assert_eq!(found, [("Json", "1.0.0", "net8.0")][..usize::from(schema >= 56)], "schema {schema}");
    let (lease, mut cursor) = (bench.working("dependents").await, NeedsCursor::default());
    let read = storage.read_needs(&lease, &mut cursor).await.expect("a step");
    assert_eq!(read.items, if schema >= 56 { 1 } else { 2 }, "schema {schema}");
}

/// What was fetched.
async fn is_counted(bench: &Bench, schema: i64) {
    let (may, storage) = (bench.on::<Read>(FEED), &bench.opened.storage);
    let of = |number: u64| if schema >= 51 { number } else { 0 };
    let days = storage.usage_days(&may, (19_000, 20_000)).await.expect("are read");
    let shown: Vec<_> = days.iter().map(|day| (day.downloads, day.bytes, day.published)).collect();
    assert_eq!(shown, [(4, 20, 2)][..usize::from(schema >= 51)], "schema {schema}");
    let names = vec![version("1.0.0"), version("1.1.0")];
    let versions = storage.downloads(&may, names).await.expect("are read");
    assert_eq!((versions[0].total, versions[1].total), (of(5), 0), "schema {schema}");
    let packages = storage.package_downloads(&may, vec![version("1.0.0").package]).await.expect("are read");
    assert_eq!(packages[0].total, of(5), "schema {schema}");
}

/// The rule by which a machine gets tokens.
async fn is_known_by(bench: &Bench, schema: i64) {
    let may = bench.on_project::<AccessManage>(bench.actor(), "alpha");
    let rule = bench.opened.directory.publisher(&may, "release").await.expect("is there");
    assert_eq!(
        (&*rule.application, rule.on, rule.pins.is_some(), rule.direct.map(domain::TokenId::get)),
        ("ci-alpha-release", vec!["alpha/feed".into()], true, (schema >= 48).then_some(48)),
        "schema {schema}"
    );
}

/// Who vouches for people, and whom they are there.
async fn vouches(bench: &Bench, schema: i64) {
    let provider = bench.opened.directory.login_provider_called("corp").await.expect("is read");
    assert_eq!(provider.is_some(), schema >= 52, "schema {schema}");
    let Some(row) = provider else { return };
    assert_eq!(
        (row.provider.linked, row.groups.len(), &*row.provider.issuer),
        (1, 1, "https://login.example")
    );
}
