//! What is said of versions after they were published.

use std::sync::Arc;

use domain::{Delete, EntryKey, EntryKind, Limit, Publish, Read, RepositorySettings};

use super::parts::{bare, named, package};
use super::two_projects;
use crate::testing::{Bench, Place};
use crate::{Batch, ContentError as Error, Directory, NewAdvisory, Removal, Rule};

const PACKAGES: &str = "alpha/images";

super::stories! {
    a_version_is_deprecated_until_it_is_taken_back_or_removed
    advisories_are_put_found_by_package_and_taken_away
    what_is_said_is_bounded
    documents_follow_what_is_said
    nothing_is_said_in_a_repository_that_is_gone
}

fn version(of: &str, name: &str) -> EntryKey {
    named(EntryKind::Version, of, name)
}

async fn bench(place: Place) -> Bench {
    let bench = Bench::with(place, two_projects()).await;
    for (of, name) in [("Lib", "1.0.0"), ("Lib", "2.0.0"), ("Other", "1.0.0")] {
        let entries = vec![bare(version(of, name), Rule::ByPolicy, Vec::new())];
        let batch = Batch { entries, ..Batch::default() };
        bench.opened.storage.commit(bench.on::<Publish>(PACKAGES), None, batch).await.expect("is new");
    }
    bench
}

fn advisory(id: &str, packages: &[&str]) -> NewAdvisory {
    let packages = packages.iter().map(|name| package(name)).collect();
    NewAdvisory { id: id.into(), document: Arc::from(format!("{{\"id\":\"{id}\"}}")), packages }
}

async fn a_version_is_deprecated_until_it_is_taken_back_or_removed(place: Place) {
    let bench = bench(place).await;
    let storage = &bench.opened.storage;
    let said = async |of: &str| {
        let remarks = storage.remarks(&bench.on::<Read>(PACKAGES), &package(of)).await.expect("reads");
        let said = remarks.deprecations.into_iter().map(|(name, document)| format!("{name} {document}"));
        said.collect::<Vec<_>>()
    };
    let deprecate = async |key: &EntryKey, document: Option<&str>| {
        storage.deprecate(bench.on::<Delete>(PACKAGES), key, document).await
    };
    for name in ["2.0.0", "1.0.0"] {
        deprecate(&version("lib", name), Some("old")).await.expect("is there");
    }
    deprecate(&version("lib", "1.0.0"), Some("older")).await.expect("is there");
    assert_eq!(said("LIB").await, ["1.0.0 older", "2.0.0 old"]);
    assert_eq!(said("other").await, Vec::<String>::new());
    deprecate(&version("lib", "2.0.0"), None).await.expect("is there");
    deprecate(&version("lib", "2.0.0"), None).await.expect("twice is once");
    assert_eq!(said("lib").await, ["1.0.0 older"]);
    for absent in [version("lib", "3.0.0"), named(EntryKind::File, "lib", "1.0.0")] {
        let refused = deprecate(&absent, Some("x")).await;
        assert!(matches!(refused, Err(Error::Absent)), "{refused:?}");
    }
    let remove = vec![Removal::Entry(version("lib", "1.0.0"))];
    storage.remove(bench.on::<Delete>(PACKAGES), remove).await.expect("is there");
    assert_eq!(said("lib").await, Vec::<String>::new());
}

async fn advisories_are_put_found_by_package_and_taken_away(place: Place) {
    let bench = bench(place).await;
    let storage = &bench.opened.storage;
    let settings = || bench.on::<RepositorySettings>(PACKAGES);
    let read = || bench.on::<Read>(PACKAGES);
    let ids = async |of: &str| {
        let remarks = storage.remarks(&read(), &package(of)).await.expect("reads");
        remarks.advisories.into_iter().map(|one| one.id.into_string()).collect::<Vec<_>>()
    };
    assert_eq!(storage.advisories_changed_at(&read()).await.expect("reads").millis(), 0);
    storage.put_advisory(settings(), advisory("B-1", &["Lib", "absent"])).await.expect("is put");
    storage.put_advisory(settings(), advisory("A-1", &["lib", "LIB"])).await.expect("is put");
    assert_eq!(
        (ids("lib").await, ids("Absent").await),
        (vec!["A-1".into(), "B-1".into()], vec!["B-1".into()])
    );
    let put_at = storage.advisories_changed_at(&read()).await.expect("reads");
    bench.clock.advance_secs(1);
    storage.put_advisory(settings(), advisory("B-1", &["other"])).await.expect("is replaced");
    assert_eq!((ids("lib").await, ids("absent").await), (vec!["A-1".to_owned()], vec![]));
    assert_eq!(ids("other").await, ["B-1"]);
    let all = storage.advisories(&read(), "", Limit::MAX).await.expect("are listed");
    assert_eq!(all.iter().map(|one| &*one.id).collect::<Vec<_>>(), ["A-1", "B-1"]);
    assert_eq!((&*all[1].document, all[1].changed_at), ("{\"id\":\"B-1\"}", put_at.plus_secs(1)));
    assert_eq!(storage.advisories(&read(), "A-1", Limit::MAX).await.expect("are listed").len(), 1);
    let elsewhere = storage.advisories(&bench.on::<Read>("alpha/other"), "", Limit::MAX).await;
    assert!(elsewhere.expect("are listed").is_empty());
    bench.clock.advance_secs(1);
    storage.remove_advisory(settings(), "B-1").await.expect("is there");
    assert_eq!(storage.advisories_changed_at(&read()).await.expect("reads"), put_at.plus_secs(2));
    let again = storage.remove_advisory(settings(), "B-1").await;
    assert!(matches!(again, Err(Error::Absent)), "{again:?}");
    assert_eq!(ids("other").await, Vec::<String>::new());
}

async fn what_is_said_is_bounded(place: Place) {
    let bench = bench(place).await;
    let storage = &bench.opened.storage;
    let settings = || bench.on::<RepositorySettings>(PACKAGES);
    let long = "x".repeat(Directory::DEPRECATION_BYTES_MAX + 1);
    let refused =
        storage.deprecate(bench.on::<Delete>(PACKAGES), &version("lib", "1.0.0"), Some(&long)).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let names: Vec<String> = (0..=NewAdvisory::PACKAGES_MAX).map(|number| format!("p{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let document = Arc::from("x".repeat(NewAdvisory::DOCUMENT_BYTES_MAX + 1));
    for bad in [
        advisory("", &[]),
        advisory("a/b", &[]),
        advisory(&"a".repeat(129), &[]),
        advisory("many", &names),
        NewAdvisory { document, ..advisory("long", &[]) },
        NewAdvisory { document: Arc::from("\0"), ..advisory("nul", &[]) },
    ] {
        let refused = storage.put_advisory(settings(), bad.clone()).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{}: {refused:?}", bad.id);
    }
    for number in 0..NewAdvisory::PACKAGE_MAX {
        storage.put_advisory(settings(), advisory(&format!("A-{number}"), &["lib"])).await.expect("is put");
    }
    let refused = storage.put_advisory(settings(), advisory("A-x", &["other", "lib"])).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    storage.put_advisory(settings(), advisory("A-0", &["lib"])).await.expect("is replaced");
    let remarks = storage.remarks(&bench.on::<Read>(PACKAGES), &package("other")).await.expect("reads");
    assert!(remarks.advisories.is_empty(), "nothing is left of what was refused");
}

async fn nothing_is_said_in_a_repository_that_is_gone(place: Place) {
    let bench = bench(place).await;
    let mut more = two_projects();
    let mut third = two_projects().projects.remove(1);
    third.key = domain::ProjectKey::parse("gamma").expect("a key");
    more.projects.push(third);
    // A proof of a gate that knows one repository more.
    let gone = Bench::with(Place::memory(), more).await;
    let may = gone.on::<RepositorySettings>("gamma/images");
    let refused = bench.opened.storage.put_advisory(may, advisory("A", &["lib"])).await;
    assert!(matches!(refused, Err(Error::Absent)), "{refused:?}");
}

async fn documents_follow_what_is_said(place: Place) {
    let bench = bench(place).await;
    let storage = &bench.opened.storage;
    let of = bench.stand(bench.on::<Read>(PACKAGES));
    let render = async || {
        let said = async || {
            let remarks = storage.remarks(of.own(), &package("lib")).await?;
            Ok::<_, Error>(format!("{} {}", remarks.deprecations.len(), remarks.advisories.len()).into())
        };
        String::from_utf8(storage.derived(&of, "said", said).await.expect("is rendered").to_vec())
            .expect("text")
    };
    assert_eq!(render().await, "0 0");
    let key = version("lib", "1.0.0");
    storage.deprecate(bench.on::<Delete>(PACKAGES), &key, Some("old")).await.expect("is there");
    assert_eq!(render().await, "1 0");
    let settings = bench.on::<RepositorySettings>(PACKAGES);
    storage.put_advisory(settings, advisory("A", &["lib"])).await.expect("is put");
    assert_eq!(render().await, "1 1");
    storage.remove_advisory(bench.on::<RepositorySettings>(PACKAGES), "A").await.expect("is there");
    assert_eq!(render().await, "1 0");
}
