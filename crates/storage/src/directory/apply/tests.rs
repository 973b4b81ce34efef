//! What no verb of administration can do yet, and a start must cope with all the same.

use domain::PrincipalKind;

use super::{Author, Change, Directory};
use crate::behaviour;
use crate::directory::principals;
use crate::error::Error;
use crate::sql::directory as rows;
use crate::testing::{Bench, Place, system};
use crate::{Applied, Plan};

async fn edit<F>(directory: &Directory, edit: F)
where
    F: FnOnce(&mut Change<'_>) -> Result<(), Error> + Send + 'static,
{
    directory.change(Author::system(&system()), edit).await.expect("it is edited");
}

async fn apply(bench: &Bench, plan: &Plan) -> Applied {
    bench.opened.directory.apply(&system(), plan.clone()).await.expect("a start does not fail for this")
}

#[tokio::test]
async fn a_password_that_was_changed_since_stays() {
    let mut plan = behaviour::people();
    plan.persons[1].password_hash = Some("$of-the-file".into());
    let bench = Bench::with(Place::memory(), plan.clone()).await;
    let hash = async || {
        let all = bench.credentials().await.principals;
        let alice = all.iter().find(|one| one.logins.iter().any(|login| login.as_str() == "alice"));
        alice.and_then(|alice| alice.password_hash.clone()).expect("a password").to_string()
    };
    edit(&bench.opened.directory, |change| {
        let alice = rows::principal_named(change.tx, PrincipalKind::Member, "alice")?.ok_or(Error::Absent)?;
        principals::set_password(change, &alice, ("$her-own", false))
    })
    .await;
    let again = apply(&bench, &plan).await;
    assert_eq!((again.changed, hash().await.as_str()), (0, "$her-own"));
    let [kept] = again.warnings.as_slice() else { panic!("{again:?}") };
    assert!(kept.starts_with("kept: password of member:alice is not the one of the file; last"), "{kept}");
    plan.persons[1].password_hash = Some("$another-of-the-file".into());
    let both = apply(&bench, &plan).await;
    assert_eq!((both.changed, hash().await.as_str()), (0, "$her-own"));
    assert!(!format!("{both:?}").contains('$'), "hashes are told nobody: {both:?}");
    let known = bench.opened.directory.remembered(&system()).await.expect("reads").passwords;
    assert!(known.contains(&("member:alice".into(), "$of-the-file".into())), "{known:?}");
}

/// Objects go, and what the file says in them and about them goes along.
#[tokio::test]
async fn what_was_removed_stays_so_and_fails_no_start() {
    let plan = behaviour::everything();
    let bench = Bench::with(Place::memory(), plan.clone()).await;
    assert_eq!(apply(&bench, &plan).await, Applied::default());
    let before = bench.facts().await;
    edit(&bench.opened.directory, |change| {
        for sql in [
            "DELETE FROM repository WHERE project = (SELECT node FROM project WHERE key = 'alpha')",
            "DELETE FROM team WHERE name IN ('releasers', 'project-team:alpha')",
            "DELETE FROM \"grant\" WHERE node IN (SELECT node FROM project WHERE key = 'alpha') OR node NOT IN \
             (SELECT node FROM project UNION ALL SELECT node FROM repository UNION ALL SELECT 1)",
            "DELETE FROM \"limit\"",
            "DELETE FROM project WHERE key = 'alpha'",
            "DELETE FROM principal WHERE name IN ('carol', 'build')",
            "DELETE FROM role WHERE name = 'release-manager'",
        ] {
            change.tx.execute(sql, &[])?;
        }
        change.mark(crate::sql::records::ChangedKind::Project, 1)
    })
    .await;
    let again = apply(&bench, &plan).await;
    assert_eq!(again.changed, 0, "{again:?}");
    let facts = bench.facts().await;
    assert_eq!((facts.projects.len(), facts.principals.len()), (1, before.principals.len() - 2));
    let removed =
        |what: &str| again.warnings.iter().any(|line| line.contains(&format!("{what} was removed")));
    for what in [
        "project alpha",
        "collaborator:carol",
        "application:build",
        "team:releasers",
        "role release-manager in /",
    ] {
        assert!(removed(what), "{what}: {again:?}");
    }
    assert!(
        again.warnings.iter().all(|line| !line.contains("alpha/images")),
        "one line for a project: {again:?}"
    );
    // A file that asks for something new there is no more successful, and fails no start either.
    let mut more = plan.clone();
    more.teams[1].members.push("member:root".into());
    more.projects[0].repositories[0].name = domain::RepositoryName::parse("more").expect("a name");
    let mut grant = more.grants[0].clone();
    grant.to = "member:root".into();
    more.grants.push(grant);
    assert_eq!(apply(&bench, &more).await.changed, 0);
}
