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
    edit_tried(directory, edit).await.expect("it is edited");
}

async fn edit_tried<F>(directory: &Directory, edit: F) -> Result<(), Error>
where
    F: FnOnce(&mut Change<'_>) -> Result<(), Error> + Send + 'static,
{
    directory.change(Author::system(&system()), edit).await.map(drop)
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

/// By whatever way somebody would be the one too many; who is out makes room.
#[tokio::test]
async fn a_team_has_no_more_direct_members_than_may_be_listed() {
    let mut plan = behaviour::people();
    let bench = Bench::with(Place::memory(), plan.clone()).await;
    edit(&bench.opened.directory, |change| {
        for sql in [
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 9998) \
             INSERT INTO subject (id, kind) SELECT 100000 + n, 'principal' FROM n",
            "INSERT INTO principal (subject, kind, name, name_key, title, suspended, generation, created_at) \
             SELECT id, 'member', 'p' || id, 'p' || id, '', 0, 0, 0 FROM subject WHERE id > 100000",
            "INSERT INTO membership (team, member, created_at) \
             SELECT t.subject, s.id, 0 FROM team t, subject s WHERE t.name = 'releasers' AND s.id > 100000",
        ] {
            change.tx.execute(sql, &[])?;
        }
        change.mark(crate::sql::records::ChangedKind::Team, 1)
    })
    .await;
    let set = async |who: &str, is_in: bool| {
        edit_tried(&bench.opened.directory, {
            let who = who.to_owned();
            move |change| {
                let team = rows::team_named(change.tx, "releasers")?.ok_or(Error::Absent)?;
                let member = crate::directory::names::subject(change.tx, &who)?;
                crate::directory::teams::set_member(change, &team, &member, is_in)
            }
        })
        .await
    };
    let refused = set("member:root", true).await.expect_err("it is full").to_string();
    assert!(refused.contains("team:releasers has at most 10,000 direct members"), "{refused}");
    plan.teams[1].members.push("member:root".into());
    let refused = bench.opened.directory.apply(&system(), plan.clone()).await.expect_err("it is full");
    assert!(refused.to_string().contains("at most 10,000 direct members"), "{refused}");
    set("member:alice", false).await.expect("one goes");
    set("member:alice", false).await.expect_err("who is not in it cannot go");
    set("member:root", true).await.expect("there is room");
    set("member:root", true).await.expect("who is in it is not one more");
}
