use bytes::Bytes;
use domain::{Delete, EntryKind, Limit, Overwrite, PackageName, Probe, Publish, Read};

use super::{entry, manifest, outcomes, push, sha256, stories, tag, two_projects, web, with_policy};
use crate::testing::{Bench, OCI, Place};
use crate::{
    Batch, ContentError as Error, EdgeKind, EntryOutcome, EntryQuery, Listed, NewEdge, Precondition, Removal,
};

stories! {
    a_tag_names_a_manifest
    same_bytes_succeed_without_overwrite
    the_rule_is_asked_before_the_right
    one_of_many_wins_a_name
    names_of_one_batch_appear_together
    a_manifest_needs_what_it_names
    deleting_a_tag_leaves_the_rest
    deleting_a_manifest_takes_its_tags
    repositories_are_strangers
    a_mount_needs_the_source
    lists_are_sorted_and_paged
    edges_are_found_by_target
    one_type_for_one_digest
    names_survive_a_restart
    many_pushes_side_by_side
}

async fn a_tag_names_a_manifest(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    let pushed = push(&bench, "alpha/images", b"one", "latest", false).await.expect("is new");
    assert_eq!(outcomes(pushed), [EntryOutcome::Created, EntryOutcome::Created]);
    let read = bench.on::<Read>("alpha/images");
    let found = storage.entry(&read, &tag("latest")).await.expect("is there");
    assert_eq!((found.digest, found.size_bytes, &*found.media_type), (Some(sha256(b"one")), 3, "text/x"));
    assert_eq!(storage.content(&read, &found).await.expect("is readable"), "one");
    let by_digest = storage
        .entry(&bench.on::<Publish>("alpha/images"), &manifest(&found.digest.expect("it has content")))
        .await;
    assert_eq!(by_digest.expect("publishers may probe").digest, found.digest);
    let none = storage.entry(&bench.on::<Probe>("alpha/images"), &tag("none")).await;
    assert!(matches!(none, Err(Error::Absent)), "{none:?}");
}

async fn same_bytes_succeed_without_overwrite(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    push(&bench, "alpha/images", b"one", "latest", false).await.expect("is new");
    let again = push(&bench, "alpha/images", b"one", "latest", false).await.expect("is the same");
    assert_eq!(outcomes(again), [EntryOutcome::Unchanged, EntryOutcome::Unchanged]);
    let other = push(&bench, "alpha/images", b"two", "latest", false).await;
    assert!(matches!(other, Err(Error::MissingOverwrite)), "{other:?}");
    let untouched =
        bench.opened.storage.entry(&bench.on::<Read>("alpha/images"), &manifest(&sha256(b"two"))).await;
    assert!(matches!(untouched, Err(Error::Absent)), "a refused batch left a name: {untouched:?}");
    let moved = push(&bench, "alpha/images", b"two", "latest", true).await.expect("may overwrite");
    assert_eq!(outcomes(moved), [EntryOutcome::Created, EntryOutcome::Replaced]);
    let found = bench
        .opened
        .storage
        .entry(&bench.on::<Read>("alpha/images"), &tag("latest"))
        .await
        .expect("is there");
    assert_eq!(found.digest, Some(sha256(b"two")));
    assert!(
        bench
            .opened
            .storage
            .entry(&bench.on::<Read>("alpha/images"), &manifest(&sha256(b"one")))
            .await
            .is_ok()
    );
}

async fn the_rule_is_asked_before_the_right(place: Place) {
    let bench = Bench::with(place, with_policy(OCI, r#"{"immutable_tags":["v*"]}"#)).await;
    push(&bench, "alpha/images", b"one", "v1", false).await.expect("is new");
    for overwrite in [false, true] {
        let other = push(&bench, "alpha/images", b"two", "v1", overwrite).await;
        assert!(matches!(other, Err(Error::Conflict)), "{other:?}");
        let same =
            push(&bench, "alpha/images", b"one", "v1", overwrite).await.expect("same bytes always succeed");
        assert_eq!(outcomes(same), [EntryOutcome::Unchanged, EntryOutcome::Unchanged]);
    }
    push(&bench, "alpha/images", b"two", "latest", false).await.expect("is new");
    push(&bench, "alpha/images", b"one", "latest", true).await.expect("is mutable");
    let elsewhere = bench.by::<Overwrite>(16, "beta/images");
    let upload = bench
        .opened
        .storage
        .verified_bytes(&bench.on("alpha/images"), Bytes::from_static(b"two"), None)
        .await;
    let batch = Batch {
        uploads: vec![upload.expect("verifies")],
        entries: vec![entry(tag("latest"), sha256(b"two"))],
        ..Batch::default()
    };
    let foreign = bench.opened.storage.commit(bench.on("alpha/images"), Some(elsewhere), batch).await;
    assert!(matches!(foreign, Err(Error::Refused(_))), "a right elsewhere is none here: {foreign:?}");
}

async fn one_of_many_wins_a_name(place: Place) {
    let bench = Bench::with(place, with_policy(OCI, r#"{"immutable_tags":["*"]}"#)).await;
    let contents: [&[u8]; 6] = [b"a", b"b", b"c", b"d", b"e", b"f"];
    let pushes = contents.map(|bytes| push(&bench, "alpha/images", bytes, "v1", true));
    let results = futures_util::future::join_all(pushes).await;
    let won: Vec<usize> = (0..results.len()).filter(|n| results[*n].is_ok()).collect();
    assert_eq!(won.len(), 1, "{results:?}");
    assert!(results.iter().all(|result| matches!(result, Ok(_) | Err(Error::Conflict))), "{results:?}");
    let found =
        bench.opened.storage.entry(&bench.on::<Read>("alpha/images"), &tag("v1")).await.expect("is there");
    assert_eq!(found.digest, Some(sha256(contents[won[0]])));
    let same =
        futures_util::future::join_all((0..6).map(|_| push(&bench, "beta/images", b"same", "v1", false)))
            .await;
    let created = same.into_iter().map(|result| outcomes(result.expect("same bytes succeed"))[1]);
    assert_eq!(created.filter(|outcome| *outcome == EntryOutcome::Created).count(), 1);
}

async fn names_of_one_batch_appear_together(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let may = bench.on::<Publish>("alpha/images");
    let upload =
        bench.opened.storage.verified_bytes(&may, Bytes::from_static(b"x"), None).await.expect("verifies");
    let mut entries: Vec<_> = (0..20).map(|n| entry(tag(&format!("t{n}")), sha256(b"x"))).collect();
    entries.push(entry(tag("bad"), sha256(b"not here")));
    let batch = Batch { uploads: vec![upload], entries, ..Batch::default() };
    let refused = bench.opened.storage.commit(may, None, batch).await;
    assert!(matches!(refused, Err(Error::Unlinked { .. })), "{refused:?}");
    let query =
        EntryQuery { kind: EntryKind::Tag, package: &web(), unlisted: false, after: None, limit: Limit::MAX };
    let none = bench.opened.storage.entries(&bench.on::<Read>("alpha/images"), &query).await;
    assert!(matches!(none, Ok(Listed::Unknown)), "{none:?}");
}

async fn a_manifest_needs_what_it_names(place: Place) {
    let bench = Bench::with(place, with_policy(OCI, r#"{"sparse_indexes":false}"#)).await;
    push(&bench, "alpha/images", b"child", "child", false).await.expect("is new");
    let (here, absent) = (manifest(&sha256(b"child")), manifest(&sha256(b"absent")));
    let attempt = async |repository: &str, preconditions: Vec<Precondition>| {
        let may = bench.on::<Publish>(repository);
        let upload = bench.opened.storage.verified_bytes(&may, Bytes::from_static(b"index"), None).await?;
        let entries = vec![entry(manifest(&sha256(b"index")), sha256(b"index"))];
        let batch = Batch { uploads: vec![upload], preconditions, entries, ..Batch::default() };
        bench.opened.storage.commit(may, None, batch).await
    };
    let blobs = vec![Precondition::Linked(sha256(b"child")), Precondition::Linked(sha256(b"no layer"))];
    let refused = attempt("alpha/images", blobs).await;
    assert!(
        matches!(&refused, Err(Error::Unlinked { digests }) if *digests == [sha256(b"no layer")]),
        "{refused:?}"
    );
    let children =
        vec![Precondition::EntryUnlessSparse(here.clone()), Precondition::EntryUnlessSparse(absent.clone())];
    let refused = attempt("alpha/images", children.clone()).await;
    let name = absent.name.display().to_owned();
    assert!(
        matches!(&refused, Err(Error::AbsentEntries { names }) if *names == [name.into()]),
        "{refused:?}"
    );
    assert!(attempt("beta/images", children).await.is_ok(), "sparse indexes are the default");
    let own = vec![Precondition::Entry(manifest(&sha256(b"index"))), Precondition::Entry(here)];
    assert!(attempt("alpha/images", own).await.is_ok(), "an entry of the batch counts");
}

async fn deleting_a_tag_leaves_the_rest(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    push(&bench, "alpha/images", b"one", "a", false).await.expect("is new");
    push(&bench, "alpha/images", b"one", "b", false).await.expect("is new");
    let removed = storage.remove(bench.on::<Delete>("alpha/images"), vec![Removal::Entry(tag("a"))]).await;
    assert_eq!(removed.expect("is there").entries, 1);
    let read = bench.on::<Read>("alpha/images");
    assert!(matches!(storage.entry(&read, &tag("a")).await, Err(Error::Absent)));
    let left = storage.entry(&read, &tag("b")).await.expect("stays");
    assert_eq!(storage.content(&read, &left).await.expect("stays"), "one");
    assert!(storage.entry(&read, &manifest(&sha256(b"one"))).await.is_ok());
    let again = storage.remove(bench.on::<Delete>("alpha/images"), vec![Removal::Entry(tag("a"))]).await;
    assert!(matches!(again, Err(Error::Absent)), "{again:?}");
    let both = vec![Removal::Entry(tag("b")), Removal::Entry(tag("a"))];
    assert!(matches!(storage.remove(bench.on("alpha/images"), both).await, Err(Error::Absent)));
    assert!(storage.entry(&read, &tag("b")).await.is_ok(), "all or none");
}

async fn deleting_a_manifest_takes_its_tags(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    for (repository, name) in [("alpha/images", "a"), ("alpha/images", "b"), ("beta/images", "a")] {
        push(&bench, repository, b"one", name, false).await.expect("is new");
    }
    push(&bench, "alpha/images", b"two", "c", false).await.expect("is new");
    let content = Removal::Link(sha256(b"one"));
    let in_use = storage.remove(bench.on("alpha/images"), vec![content]).await;
    assert!(matches!(in_use, Err(Error::InUse { .. })), "{in_use:?}");
    let by_digest = vec![Removal::EntryAndPointers { key: manifest(&sha256(b"one")), force: false }];
    let removed = storage.remove(bench.on("alpha/images"), by_digest).await.expect("is there");
    assert_eq!(removed.entries, 3);
    let read = bench.on::<Read>("alpha/images");
    for gone in [tag("a"), tag("b"), manifest(&sha256(b"one"))] {
        assert!(matches!(storage.entry(&read, &gone).await, Err(Error::Absent)), "{gone:?}");
    }
    assert!(
        matches!(storage.stat_blob(&read, &sha256(b"one")).await, Err(Error::Absent)),
        "its content goes with it"
    );
    assert!(storage.entry(&read, &tag("c")).await.is_ok());
    let elsewhere = bench.on::<Read>("beta/images");
    let kept = storage.entry(&elsewhere, &tag("a")).await.expect("another repository");
    assert_eq!(storage.content(&elsewhere, &kept).await.expect("keeps its content"), "one");
}

async fn repositories_are_strangers(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    push(&bench, "alpha/images", b"secret", "a", false).await.expect("is new");
    let found = storage.entry(&bench.on::<Read>("alpha/images"), &tag("a")).await.expect("is there");
    for other in ["beta/images", "alpha/other"] {
        let read = bench.on::<Read>(other);
        assert!(matches!(storage.entry(&read, &tag("a")).await, Err(Error::Absent)));
        assert!(matches!(storage.stat_blob(&read, &sha256(b"secret")).await, Err(Error::Absent)));
        assert!(matches!(storage.open_blob(&read, &sha256(b"secret")).await.err(), Some(Error::Absent)));
        assert!(matches!(storage.content(&read, &found).await, Err(Error::Absent)), "an entry carried over");
        assert!(matches!(storage.open_entry(&read, &found).await.err(), Some(Error::Absent)));
        let batch = Batch { entries: vec![entry(tag("mine"), sha256(b"secret"))], ..Batch::default() };
        let named = storage.commit(bench.on::<Publish>(other), None, batch).await;
        assert!(matches!(named, Err(Error::Unlinked { .. })), "a digest opened a foreign blob: {named:?}");
        let batch = Batch { links: vec![sha256(b"secret")], ..Batch::default() };
        let linked = storage.commit(bench.on::<Publish>(other), None, batch).await;
        assert!(matches!(linked, Err(Error::Unlinked { .. })), "{linked:?}");
        let removed = storage.remove(bench.on::<Delete>(other), vec![Removal::Entry(tag("a"))]).await;
        assert!(matches!(removed, Err(Error::Absent)), "{removed:?}");
    }
}

async fn a_mount_needs_the_source(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    let may = bench.on::<Publish>("alpha/images");
    let upload = storage.verified_bytes(&may, Bytes::from_static(b"layer"), None).await.expect("verifies");
    storage.commit(may, None, Batch { uploads: vec![upload], ..Batch::default() }).await.expect("commits");
    let (to, digest) = (bench.on::<Publish>("beta/images"), sha256(b"layer"));
    let none = storage.link_blob(&to, &bench.on::<Read>("alpha/other"), &digest).await;
    assert!(matches!(none, Err(Error::Absent)), "{none:?}");
    storage.link_blob(&to, &bench.on::<Read>("alpha/images"), &digest).await.expect("is linked there");
    assert!(storage.stat_blob(&bench.on::<Read>("beta/images"), &digest).await.is_ok());
    let third = bench.on::<Publish>("alpha/other");
    storage.link_visible(&third, &bench.visible(), &digest).await.expect("somewhere visible");
    assert!(storage.stat_blob(&bench.on::<Read>("alpha/other"), &digest).await.is_ok());
    let unknown = storage.link_visible(&third, &bench.visible(), &sha256(b"nowhere")).await;
    assert!(matches!(unknown, Err(Error::Absent)), "{unknown:?}");
    storage.remove(bench.on("beta/images"), vec![Removal::Link(digest)]).await.expect("unlinks");
    assert!(matches!(storage.stat_blob(&bench.on::<Read>("beta/images"), &digest).await, Err(Error::Absent)));
    assert!(
        storage.stat_blob(&bench.on::<Read>("alpha/images"), &digest).await.is_ok(),
        "elsewhere it stays"
    );
}

async fn lists_are_sorted_and_paged(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let may = bench.on::<Publish>("alpha/images");
    let upload =
        bench.opened.storage.verified_bytes(&may, Bytes::from_static(b"x"), None).await.expect("verifies");
    let names = ["b", "a", "B", "a.1", "_", "a-1", "10", "9", "Z", "z"];
    let entries = names.iter().map(|name| entry(tag(name), sha256(b"x"))).collect();
    let batch = Batch { uploads: vec![upload], entries, ..Batch::default() };
    bench.opened.storage.commit(may, None, batch).await.expect("commits");
    let mut sorted = names;
    sorted.sort_unstable();
    for size in [1u64, 3, 10, 1 << 40] {
        let mut seen: Vec<String> = Vec::new();
        loop {
            let (package, limit) = (web(), Limit::capped(size));
            let after = seen.last().map(|last| (last.as_str(), last.as_str()));
            let query = EntryQuery { kind: EntryKind::Tag, package: &package, unlisted: false, after, limit };
            let page = bench
                .opened
                .storage
                .entries(&bench.on::<Read>("alpha/images"), &query)
                .await
                .expect("a known package")
                .into_items();
            assert!(page.len() as u64 <= size);
            if page.is_empty() {
                break;
            }
            seen.extend(page.iter().map(|entry| entry.key.name.sort_key().to_owned()));
        }
        assert_eq!(seen, sorted, "in pages of {size}");
    }
    let package = PackageName::exact("unknown").expect("a name");
    let query = EntryQuery {
        kind: EntryKind::Tag,
        package: &package,
        unlisted: false,
        after: None,
        limit: Limit::MAX,
    };
    assert!(matches!(
        bench.opened.storage.entries(&bench.on::<Read>("alpha/images"), &query).await,
        Ok(Listed::Unknown)
    ));
    let packages = bench.opened.storage.packages(&bench.visible(), None, Limit::MAX).await.expect("lists");
    assert_eq!(packages.iter().map(|package| &*package.key).collect::<Vec<_>>(), ["web"]);
    let rest =
        bench.opened.storage.packages(&bench.visible(), packages.last(), Limit::MAX).await.expect("lists");
    assert_eq!(rest, []);
}

async fn edges_are_found_by_target(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let subject = sha256(b"subject").to_string();
    let commit = async |bytes: &'static [u8], edges: Vec<NewEdge>, overwrite: bool| {
        let may = bench.on::<Publish>("alpha/images");
        let upload = bench.opened.storage.verified_bytes(&may, Bytes::from_static(bytes), None).await?;
        let mut new = entry(tag("signature"), sha256(bytes));
        new.edges = edges;
        let batch = Batch { uploads: vec![upload], entries: vec![new], ..Batch::default() };
        let replace = overwrite.then(|| bench.on::<Overwrite>("alpha/images"));
        bench.opened.storage.commit(may, replace, batch).await
    };
    let edge = NewEdge { kind: EdgeKind::Subject, target: subject.as_str().into() };
    commit(b"one", vec![edge.clone(), edge], false).await.expect("a double edge is one");
    let found = async |repository: &str| {
        let may = bench.on::<Read>(repository);
        let edge = (EdgeKind::Subject, subject.as_str());
        bench.opened.storage.pointing_to(&may, edge, &web(), None, Limit::MAX).await.expect("lists").len()
    };
    assert_eq!((found("alpha/images").await, found("beta/images").await), (1, 0));
    commit(b"two", Vec::new(), true).await.expect("may overwrite");
    assert_eq!(found("alpha/images").await, 0, "edges are those of the present content");
}

async fn one_type_for_one_digest(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    push(&bench, "alpha/images", b"both", "a", false).await.expect("is new");
    let mut other = entry(manifest(&sha256(b"both")), sha256(b"both"));
    other.media_type = "text/y".into();
    let batch = Batch { entries: vec![other], ..Batch::default() };
    let replace = Some(bench.on::<Overwrite>("alpha/images"));
    let refused = bench.opened.storage.commit(bench.on("alpha/images"), replace, batch).await;
    assert!(matches!(refused, Err(Error::Conflict)), "{refused:?}");
}

async fn names_survive_a_restart(place: Place) {
    if !place.survives() {
        return;
    }
    let bench = Bench::with(place, two_projects()).await;
    push(&bench, "alpha/images", b"one", "a", false).await.expect("is new");
    push(&bench, "alpha/images", b"two", "b", false).await.expect("is new");
    bench
        .opened
        .storage
        .remove(bench.on("alpha/images"), vec![Removal::Entry(tag("a"))])
        .await
        .expect("is there");
    let bench = bench.reopened().await;
    let read = bench.on::<Read>("alpha/images");
    assert!(matches!(bench.opened.storage.entry(&read, &tag("a")).await, Err(Error::Absent)));
    let found = bench.opened.storage.entry(&read, &tag("b")).await.expect("is there");
    assert_eq!(bench.opened.storage.content(&read, &found).await.expect("is readable"), "two");
    let again = push(&bench, "alpha/images", b"two", "b", false).await.expect("is the same");
    assert_eq!(outcomes(again), [EntryOutcome::Unchanged, EntryOutcome::Unchanged]);
}

async fn many_pushes_side_by_side(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let results = futures_util::future::join_all((0..100usize).map(|n| {
        let bench = &bench;
        async move {
            let may = bench.on::<Publish>(if n % 2 == 0 { "alpha/images" } else { "beta/images" });
            let bytes = Bytes::from(format!("content {}", n / 4));
            let digest = sha256(&bytes);
            let upload = bench.opened.storage.verified_bytes(&may, bytes, Some(&digest)).await?;
            let entries = vec![entry(manifest(&digest), digest), entry(tag(&format!("t{n}")), digest)];
            bench
                .opened
                .storage
                .commit(may, None, Batch { uploads: vec![upload], entries, ..Batch::default() })
                .await
        }
    }))
    .await;
    for result in &results {
        assert!(result.is_ok(), "{result:?}");
    }
    for (repository, first) in [("alpha/images", 0), ("beta/images", 1)] {
        let read = bench.on::<Read>(repository);
        for n in (first..100usize).step_by(2) {
            let found = bench.opened.storage.entry(&read, &tag(&format!("t{n}"))).await.expect("was pushed");
            let content = bench.opened.storage.content(&read, &found).await.expect("is readable");
            assert_eq!(content, format!("content {}", n / 4));
        }
    }
}
