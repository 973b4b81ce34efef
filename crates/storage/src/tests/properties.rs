//! Random sequences against a model that is a few maps.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use domain::{Algorithm, Delete, EntryKey, EntryKind, Limit, Overwrite, PackageName, Publish, Read, RefName};
use proptest::prelude::*;

use crate::behaviour;
use crate::testing::{Bench, OCI, Place};
use crate::{Batch, ContentError as Error, EntryOutcome, EntryQuery, NewEntry, Removal, Rule, hashing};

/// What a client does to one of two repositories.
#[derive(Debug, Clone)]
enum Step {
    /// Pushes one of a few contents under one of a few tags; with or without the right to overwrite.
    Push { repository: usize, content: u8, tag: u8, overwrite: bool },
    /// Deletes a tag.
    DeleteTag { repository: usize, tag: u8 },
    /// Deletes a manifest and what points at it.
    DeleteManifest { repository: usize, content: u8 },
    /// Closes storage and opens it again.
    Restart,
}

/// What is there: manifests, and tags with the content they name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Model {
    manifests: BTreeSet<u8>,
    tags: BTreeMap<u8, u8>,
}

const REPOSITORIES: [&str; 2] = ["alpha/images", "beta/images"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (repository, content, tag) = (0..2usize, 0..4u8, 0..4u8);
    let push = (repository.clone(), content.clone(), tag.clone(), any::<bool>())
        .prop_map(|(repository, content, tag, overwrite)| Step::Push { repository, content, tag, overwrite });
    let delete_tag =
        (repository.clone(), tag).prop_map(|(repository, tag)| Step::DeleteTag { repository, tag });
    let delete_manifest =
        (repository, content).prop_map(|(repository, content)| Step::DeleteManifest { repository, content });
    prop::collection::vec(
        prop_oneof![6 => push, 2 => delete_tag, 1 => delete_manifest, 1 => Just(Step::Restart)],
        1..30,
    )
}

fn bytes(content: u8) -> Bytes {
    Bytes::from(format!("content {content}"))
}

fn digest(content: u8) -> domain::Digest {
    hashing::digest_of(Algorithm::Sha256, &bytes(content)).expect("sha256 is known")
}

fn key(kind: EntryKind, name: &str) -> EntryKey {
    let package = PackageName::exact("web").expect("a package");
    EntryKey { kind, package, name: RefName::exact(name).expect("a name") }
}

/// Tag 0 is immutable in the first repository.
fn tag_key(tag: u8) -> EntryKey {
    key(EntryKind::Tag, &format!("t{tag}"))
}

fn manifest_key(content: u8) -> EntryKey {
    key(EntryKind::Manifest, &digest(content).to_string())
}

async fn push(
    bench: &Bench,
    repository: usize,
    content: u8,
    tag: u8,
    overwrite: bool,
) -> Result<Vec<EntryOutcome>, Error> {
    let may = bench.on::<Publish>(REPOSITORIES[repository]);
    let upload = bench.opened.storage.verified_bytes(&may, bytes(content), Some(&digest(content))).await?;
    let entry = |key| NewEntry {
        key,
        content: Some(digest(content)),
        rule: Rule::ByPolicy,
        media_type: "text/x".into(),
        attributes: "".into(),
        words: "".into(),
        edges: Vec::new(),
    };
    let entries = vec![entry(manifest_key(content)), entry(tag_key(tag))];
    let replace = overwrite.then(|| bench.on::<Overwrite>(REPOSITORIES[repository]));
    let batch = Batch { uploads: vec![upload], entries, ..Batch::default() };
    Ok(bench.opened.storage.commit(may, replace, batch).await?.entries)
}

/// What a push must answer, and what it must leave.
fn expected(
    model: &mut Model,
    immutable: bool,
    content: u8,
    tag: u8,
    overwrite: bool,
) -> Result<Vec<EntryOutcome>, &'static str> {
    let of_tag = match model.tags.get(&tag) {
        None => EntryOutcome::Created,
        Some(present) if *present == content => EntryOutcome::Unchanged,
        Some(_) if immutable => return Err("conflict"),
        Some(_) if !overwrite => return Err("missing overwrite"),
        Some(_) => EntryOutcome::Replaced,
    };
    let of_manifest =
        if model.manifests.insert(content) { EntryOutcome::Created } else { EntryOutcome::Unchanged };
    model.tags.insert(tag, content);
    Ok(vec![of_manifest, of_tag])
}

async fn seen(bench: &Bench, repository: usize) -> Model {
    let may = bench.on::<Read>(REPOSITORIES[repository]);
    let package = PackageName::exact("web").expect("a package");
    let mut model = Model::default();
    for kind in [EntryKind::Tag, EntryKind::Manifest] {
        let query = EntryQuery { kind, package: &package, unlisted: false, after: None, limit: Limit::MAX };
        let found = bench.opened.storage.entries(&may, &query).await.expect("lists").into_items();
        for entry in found {
            let stored =
                bench.opened.storage.content(&may, &entry).await.expect("what has a name is readable");
            let content = (0..4u8).find(|content| bytes(*content) == stored).expect("one of ours");
            match kind {
                EntryKind::Tag => {
                    let tag = (0..4u8).find(|tag| tag_key(*tag) == entry.key).expect("one of ours");
                    model.tags.insert(tag, content);
                }
                _ => {
                    model.manifests.insert(content);
                }
            }
        }
    }
    model
}

async fn check(steps: Vec<Step>) {
    let plan = behaviour::with_policy(OCI, r#"{"immutable_tags":["t0"]}"#);
    let mut bench = Bench::with(Place::disk(), plan).await;
    let mut models = [Model::default(), Model::default()];
    for step in steps {
        match step {
            Step::Push { repository, content, tag, overwrite } => {
                let immutable = repository == 0 && tag == 0;
                let wanted = expected(&mut models[repository], immutable, content, tag, overwrite);
                let got = push(&bench, repository, content, tag, overwrite).await;
                let got = got.map_err(|error| match error {
                    Error::Conflict => "conflict",
                    Error::MissingOverwrite => "missing overwrite",
                    other => panic!("{other:?}"),
                });
                assert_eq!(got, wanted, "{step:?}");
            }
            Step::DeleteTag { repository, tag } => {
                let immutable = repository == 0 && tag == 0;
                let was = !immutable && models[repository].tags.remove(&tag).is_some();
                let may = bench.on::<Delete>(REPOSITORIES[repository]);
                let removed = bench.opened.storage.remove(may, vec![Removal::Entry(tag_key(tag))]).await;
                assert_eq!(removed.is_ok(), was, "{step:?}: {removed:?}");
            }
            Step::DeleteManifest { repository, content } => {
                let kept = repository == 0 && models[repository].tags.get(&0) == Some(&content);
                let was = !kept && models[repository].manifests.remove(&content);
                let tags = models[repository].tags.len();
                models[repository].tags.retain(|_, named| !was || *named != content);
                let gone = tags - models[repository].tags.len();
                let may = bench.on::<Delete>(REPOSITORIES[repository]);
                let removal = Removal::EntryAndPointers { key: manifest_key(content), force: false };
                let removed = bench.opened.storage.remove(may, vec![removal]).await;
                assert_eq!(
                    removed.ok().map(|removed| removed.entries),
                    was.then_some(1 + gone as u64),
                    "{step:?}"
                );
            }
            Step::Restart => bench = bench.reopened().await,
        }
        for (repository, model) in models.iter().enumerate() {
            assert_eq!(seen(&bench, repository).await, *model, "after {step:?}");
        }
    }
}

/// Sends `bytes` in pieces of these lengths; where `save` says so, saves, restarts and goes on.
async fn send(place: Place, bytes: Vec<u8>, pieces: Vec<(usize, bool)>) {
    let mut bench = Bench::with(place, behaviour::with_policy(OCI, "{}")).await;
    let digest = hashing::digest_of(Algorithm::Sha256, &Bytes::from(bytes.clone())).expect("sha256 is known");
    let mut upload = bench.opened.storage.begin_upload(&bench.on("alpha/images")).await.expect("begins");
    let id = upload.id();
    let mut sent = 0;
    for (length, save) in pieces {
        let end = (sent + length).min(bytes.len());
        upload.append(Bytes::copy_from_slice(&bytes[sent..end])).await.expect("appends");
        sent = end;
        assert_eq!(upload.offset_bytes(), sent as u64);
        if save {
            assert_eq!(upload.save().await.expect("saves"), sent as u64);
            bench = bench.reopened().await;
            upload =
                bench.opened.storage.resume_upload(&bench.on("alpha/images"), id).await.expect("goes on");
        }
    }
    upload.append(Bytes::copy_from_slice(&bytes[sent..])).await.expect("appends");
    let verified = upload.verify(&digest).await.expect("is whole");
    assert_eq!(verified.read_at(0..u64::MAX).await.expect("reads"), bytes);
    let (from, to) = (bytes.len() / 3, bytes.len() / 2);
    assert_eq!(verified.read_at(from as u64..to as u64).await.expect("reads"), &bytes[from..to]);
    let batch = Batch { uploads: vec![verified], ..Batch::default() };
    bench.opened.storage.commit(bench.on("alpha/images"), None, batch).await.expect("commits");
    let info =
        bench.opened.storage.stat_blob(&bench.on::<Read>("alpha/images"), &digest).await.expect("is linked");
    assert_eq!(info.size_bytes, bytes.len() as u64);
}

fn run(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_are_what_the_model_says(steps in steps()) {
        run(check(steps));
    }

    #[test]
    fn any_pieces_make_the_whole_on_disk(
        bytes in prop::collection::vec(any::<u8>(), 0..5000),
        pieces in prop::collection::vec((0..2000usize, prop::bool::weighted(0.3)), 0..8),
    ) {
        run(send(Place::disk(), bytes, pieces));
    }

    #[test]
    fn any_pieces_make_the_whole_in_parts(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        pieces in prop::collection::vec((0..40usize, prop::bool::weighted(0.3)), 0..8),
    ) {
        run(send(Place::small_parts(), bytes, pieces));
    }
}
