//! The console as browsers without a screen see it: who is shown what, what forms do, and what no page of another site may make them do. What
//! only a real browser can tell is in `tests/real/console.rs`.

use crate::support::{Ask, Browser, Organisation, Server, on_both_databases};

mod access;
mod administration;
mod assets;
mod canaries;
mod deletions;
mod directory;
mod doors;
mod guide;
mod hostile;
mod leaks;
mod matrix;
mod packages;
mod participants;
mod projects;
mod roles;
mod settings;
mod tokens;
mod usage;
mod walk;

/// `root` administers everything, `pat` may publish in `team`, `bob` is a member and nowhere; all have passwords.
pub(super) fn organisation() -> Organisation {
    Organisation::team_of_every_format()
        .password("root", "the lanterns of root")
        .password("bob", "the lanterns of bob")
        .repository("team/public-files", "files", "public", "")
}

/// The same with `lead`, who administers `team`, and `carol`, who comes from outside.
pub(super) fn with_a_lead() -> Organisation {
    organisation()
        .member("lead")
        .password("lead", "the lanterns of lead")
        .role("member:lead", "project-admin", "team")
        .external("collaborators", "carol")
}

/// What the forms of a page are sent with.
pub(super) fn token_of(page: &str) -> String {
    let fields = crate::support::browser::hidden(page);
    fields.into_iter().find(|(name, _)| name == "form").expect("a form").1
}

on_both_databases!(in super::organisation; every_kind_of_caller_sees_what_they_may);

/// The first walk of everybody who is not hindered: log in, look, log out.
async fn every_kind_of_caller_sees_what_they_may(hub: Server) {
    hub.admin().send(Ask::put("/files/p/team/files/dir/tool.txt").body("tool")).await.is(201);
    let mut pat = Browser::of(&hub, "pat").await;
    let home = pat.page("/").await;
    assert!(home.contains("href=\"/p/team\""), "{home}");
    assert!(!home.contains("other"), "a project she takes no part in:\n{home}");
    let project = pat.page("/p/team").await;
    assert!(project.contains("/p/team/files") && project.contains("/p/team/app"), "{project}");
    assert!(!project.contains("new-repository"), "she may make none:\n{project}");
    let repository = pat.page("/p/team/files").await;
    assert!(repository.contains("href=\"/p/team/files/dir/tool.txt\""), "{repository}");
    let file = pat.page("/p/team/files/dir/tool.txt").await;
    assert!(file.contains("4 B"), "{file}");
    let absent = pat.open("/p/team/files/dir/none.txt").await.is(404);
    assert!(crate::support::browser::text(&absent).contains("href=\"/p/team/files\""), "{absent:?}");
    let found = pat.page("/-/search?q=app").await;
    assert!(!found.contains("other"), "{found}");

    let mut nobody = Browser::of_nobody(&hub);
    let landing = nobody.page("/").await;
    assert!(landing.contains("/p/team/public-files") && landing.contains("/p/team/open"), "{landing}");
    assert!(!landing.contains("team/app"), "{landing}");
    nobody.page("/p/team/public-files").await;
    assert!(nobody.cookie("wharfinger-local-form").is_none(), "no cookie before a form is opened");
    let away = nobody.open("/p/team/files").await.is(303);
    assert_eq!(away.must_have("location"), "/-/login?to=%2Fp%2Fteam%2Ffiles");
}
