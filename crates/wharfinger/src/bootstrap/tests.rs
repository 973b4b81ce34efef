use std::path::{Path, PathBuf};
use std::sync::Arc;

use auth::TokenKind;
use domain::{Clock, PrincipalCredentials, PrincipalKind, System, Timestamp};
use permission_cache::PermissionCache;
use storage::{Applied, Opened, Storage, StorageConfig};

use super::file::SecretFrom;
use super::secrets::{Secrets, StoredPasswords};
use super::{apply, check, on_the_way};
use crate::SystemClock;
use crate::config::Environment;
use crate::config::document::{At, Source};
use crate::config::problem::Problems;
use crate::error::StartError;
use crate::scratch::Scratch;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/bootstrap.example.toml")
}

/// Everything the example wants to be set.
fn variables() -> Environment {
    let token = |kind| auth::generate(kind).text.expose().clone();
    let names = ["ADMIN_TOKEN", "ALICE_TOKEN", "ALICE_READ_TOKEN", "ALICE_LOST_TOKEN", "CAROL_TOKEN"];
    let people =
        names.iter().fold(Environment::default(), |all, name| all.with(name, &token(TokenKind::Person)));
    people
        .with("BUILD_SERVER_TOKEN", &token(TokenKind::Application))
        .with("ADMIN_PASSWORD", "correct horse battery staple")
        .with("GUS_PASSWORD", "another good password")
        .with("CI_WEBHOOK_SECRET", auth::SigningSecret::generate().to_text().expose())
}

async fn open() -> Opened {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Storage::open(StorageConfig::in_memory(), frontend::formats(), clock).await.expect("storage")
}

async fn applied(path: &Path, environment: &Environment, opened: &Opened) -> Result<Applied, StartError> {
    let now = Timestamp::from_millis(1_700_000_000_000);
    let permissions = PermissionCache::open(Arc::clone(&opened.grants), Arc::new(SystemClock)).await;
    let permissions = permissions.expect("a matrix");
    apply(path, environment, opened, &System::mint("test"), &*permissions, on_the_way(), now).await
}

/// What is wrong with a file of this text, besides the secrets of the example.
fn wrong(text: &str) -> String {
    let scratch = Scratch::new("bootstrap");
    let file = scratch.file("b.toml", text);
    let said = check(&file, &variables()).err().map(|problems| problems.to_string()).unwrap_or_default();
    said.replace(&format!("{}/", file.parent().expect("a folder").display()), "")
}

#[tokio::test]
async fn the_example_works_as_written_and_a_second_time_changes_nothing() {
    let (opened, environment) = (open().await, variables());
    let first = applied(&example(), &environment, &opened).await.expect("it applies");
    assert!(first.changed > 20, "{first:?}");
    let before = opened.grants.load().await.expect("facts").1;
    let again = applied(&example(), &environment, &opened).await.expect("it applies again");
    assert_eq!(again, Applied::default());
    let after = opened.grants.load().await.expect("facts").1;
    assert_eq!(after.version, before.version, "nobody has to follow anything");
    assert_eq!((after.projects.len(), after.repositories.len()), (1, 5));
    assert!(opened.directory.has_administrator(&System::mint("test")).await.expect("an answer"));
}

#[tokio::test]
async fn a_changed_secret_replaces_the_old_one() {
    let (opened, environment) = (open().await, variables());
    applied(&example(), &environment, &opened).await.expect("it applies");
    let new = auth::generate(TokenKind::Person);
    let changed = environment.with("ALICE_TOKEN", new.text.expose());
    let again = applied(&example(), &changed, &opened).await.expect("it applies");
    assert!(again.changed > 0);
    let tokens = opened.credentials.load().await.expect("facts").1.tokens;
    assert!(tokens.iter().any(|token| token.id == new.id));
}

/// Hashes of one password differ, so the one of before tells whether the file changed.
#[test]
fn a_password_is_known_again_by_the_hash_that_was_applied() {
    let environment = variables();
    let password = auth::Secret::new("another good password".to_owned());
    let [applied, present] = [0, 1].map(|_| auth::hash_password(&password).expect("hashes"));
    let hers = auth::hash_password(&auth::Secret::new("one of her own".to_owned())).expect("hashes");
    let gus = domain::Login::parse("gus").expect("a login");
    let known = |hash: &str| PrincipalCredentials {
        id: domain::PrincipalId::new(16),
        kind: PrincipalKind::Guest,
        suspended: false,
        logins: vec![gus.clone()],
        password_hash: Some(hash.into()),
        must_change: false,
        generation: 0,
    };
    for (stored, same) in [(&hers, &applied), (&present, &present)] {
        let before = vec![("guest:gus".into(), applied.as_str().into())];
        let stored = StoredPasswords::of(&[known(stored)], before);
        let now = Timestamp::from_millis(0);
        let hooks = on_the_way();
        let secrets =
            Secrets { environment: &environment, folder: None, stored: &stored, hooks: &hooks, now };
        let from = At { value: SecretFrom::Variable("GUS_PASSWORD".to_owned()), line: 1 };
        let (source, mut problems) = (Source { name: "b.toml", text: "" }, Problems::default());
        let hash = secrets.password_hash(&from, (PrincipalKind::Guest, &gus), source, &mut problems);
        assert_eq!(hash.as_deref(), Some(same.as_str()));
    }
}

/// A gateway that always starts with its file does not undo what administrators did since.
#[tokio::test]
async fn suspended_people_and_disabled_tokens_stay_so() {
    let (opened, environment) = (open().await, variables());
    applied(&example(), &environment, &opened).await.expect("it applies");
    let scratch = Scratch::new("since");
    let text = std::fs::read_to_string(example()).expect("the example");
    // What the API does, said by another file.
    let suspended =
        text.replace("username = \"alice\"\n", "username = \"alice\"\nsuspended = true\n").replace(
            "name = \"laptop\"\nsecret_env = \"ALICE_TOKEN\"",
            "name = \"laptop\"\ndisabled = true\nsecret_env = \"ALICE_TOKEN\"",
        );
    let since =
        applied(&scratch.file("since.toml", &suspended), &environment, &opened).await.expect("it applies");
    assert_eq!(since.changed, 2);
    let again = applied(&example(), &environment, &opened).await.expect("the old file still applies");
    assert_eq!(again.changed, 0);
    assert!(again.warnings.iter().any(|warning| warning.contains("laptop")), "{again:?}");
    let facts = opened.credentials.load().await.expect("facts").1;
    let alice = facts.principals.iter().find(|one| one.logins.iter().any(|login| login.as_str() == "alice"));
    assert!(alice.expect("alice").suspended);
}

#[tokio::test]
async fn a_wrong_file_changes_nothing() {
    let (opened, environment) = (open().await, variables());
    let before = opened.grants.load().await.expect("facts").1.version;
    let scratch = Scratch::new("half");
    let text = std::fs::read_to_string(example()).expect("the example");
    let file = scratch.file("b.toml", &text.replace("to = \"team:releasers\"", "to = \"team:relasers\""));
    let refused = applied(&file, &environment, &opened).await.expect_err("a name is wrong").to_string();
    assert!(refused.contains("unknown `team:relasers`; did you mean `team:releasers`?"), "{refused}");
    assert_eq!(opened.grants.load().await.expect("facts").1.version, before);
}

#[test]
fn policies_that_nothing_enforces_yet_are_named() {
    let warnings = check(&example(), &variables()).expect("it is good");
    let named = |key: &str| warnings.iter().any(|warning| warning.contains(&format!("`{key}`")));
    assert!(named("snapshots") && named("reserved_prefixes"), "{warnings:?}");
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings.iter().all(|warning| warning.contains("not yet enforced")), "{warnings:?}");
}

#[test]
fn prefixes_are_reserved_whatever_the_format() {
    let scratch = Scratch::new("prefixes");
    for format in ["oci", "maven", "nuget"] {
        let text = format!(
            "[[projects]]\nkey = \"alpha\"\n[[projects.repositories]]\nname = \"r\"\nformat = \"{format}\"\n\
             policy = {{ reserved_prefixes = [\"acme\"] }}\n"
        );
        let warnings = check(&scratch.file("b.toml", &text), &variables()).expect("it is good");
        assert!(warnings.iter().all(|warning| warning.contains("`reserved_prefixes`")), "{warnings:?}");
        assert_eq!(warnings.len(), 1, "{warnings:?}");
    }
}

#[test]
fn secrets_that_are_missing_or_of_the_wrong_kind_are_said() {
    let environment = Environment::default()
        .with("ALICE_TOKENS", "x")
        .with("BUILD_TOKEN", auth::generate(TokenKind::Person).text.expose());
    let scratch = Scratch::new("secrets");
    let file = scratch.file(
        "b.toml",
        "[[members]]\nusername = \"alice\"\n[[members.tokens]]\nname = \"a\"\nsecret_env = \"ALICE_TOKEN\"\n\
         [[members.tokens]]\nname = \"b\"\nsecret_env = \"ALICE_TOKENS\"\n\
         [[applications]]\nname = \"build\"\n[[applications.tokens]]\nname = \"a\"\nsecret_env = \"BUILD_TOKEN\"\n",
    );
    let said = check(&file, &environment).expect_err("three mistakes").to_string();
    let said = said.replace(&format!("{}/", file.parent().expect("a folder").display()), "");
    expect_test::expect![[r#"
        b.toml:5: the variable named here is not set; did you mean `ALICE_TOKENS`?
        b.toml:8: this is no token; make one with `wharfinger token generate person`
        b.toml:13: this is the token of a person, not of an application"#]]
    .assert_eq(&said);
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let secret = auth::generate(TokenKind::Person);
    for key in ["secret_env", "secret_file", "secret", "name"] {
        let token = format!("[[members.tokens]]\nname = \"a\"\n{key} = \"{}\"\n", secret.text.expose());
        let said = wrong(&format!("[[members]]\nusername = \"alice\"\n{token}"));
        assert!(!said.is_empty() && !said.contains(secret.text.expose()), "{key}: {said}");
    }
}

/// What follows the eleven lines of the base, and what is said about it.
const MISTAKES: &[(&str, &str)] = &[
    ("[[project]]\nkey = \"x\"", "b.toml:12: unknown key `project` in the file; did you mean `projects`?"),
    (
        "[[teams]]\nnme = \"x\"",
        "b.toml:13: unknown key `nme` in [[teams]]; did you mean `name`?\nb.toml:12: [[teams]] needs `name`",
    ),
    (
        "[[grants]]\nto = \"member:alicia\"\non = \"alpha\"\nrole = \"viewer\"",
        "b.toml:13: unknown `member:alicia`; did you mean `member:alice`?",
    ),
    (
        "[[grants]]\nto = \"guest:alice\"\non = \"alpha\"\nrole = \"viewer\"",
        "b.toml:13: unknown `guest:alice`; did you mean `member:alice`?",
    ),
    (
        "[[grants]]\nto = \"member:alice\"\non = \"alpha/image\"\nrole = \"viewer\"",
        "b.toml:14: unknown node `alpha/image`; did you mean `alpha/images`?",
    ),
    (
        "[[grants]]\nto = \"member:alice\"\non = \"alpha\"\nrole = \"viewr\"",
        "b.toml:15: unknown role `viewr`; did you mean `viewer`?",
    ),
    (
        "[[grants]]\nto = \"member:alice\"\non = \"alpha\"\npermissions = [\"reed\"]",
        "b.toml:15: unknown permission `reed`; did you mean `read`?",
    ),
    (
        "[[grants]]\nto = \"member:alice\"\non = \"alpha\"",
        "b.toml:12: a grant has either `role` or `permissions`",
    ),
    (
        "[[grants]]\nto = \"member:alice\"\non = \"alpha\"\npermissions = [\"project-create\"]",
        "b.toml:15: project-create can be granted on `/` only",
    ),
    (
        "[[grants]]\nto = \"member:alice\"\non = \"/\"\npermissions = [\"directory-manage\"]",
        "b.toml:15: `directory-manage` comes only through the team org-admins; make the person a member of it",
    ),
    (
        "[[grants]]\nto = \"member:alice\"\non = \"/\"\nrole = \"project-member\"",
        "b.toml:15: `project-member` is a role of projects and cannot be granted on `/`",
    ),
    (
        "[[grants]]\nto = \"member:alice\"\non = \"alpha\"\nrole = \"guest\"",
        "b.toml:15: `guest` is only for guests",
    ),
    (
        "[[grants]]\nto = \"guest:gus\"\non = \"alpha\"\nrole = \"viewer\"",
        "b.toml:15: a guest gets the role `guest` and single permissions, no other role",
    ),
    (
        "[[grants]]\nto = \"collaborator:carol\"\non = \"alpha/images\"\npermissions = [\"read\"]",
        "b.toml:15: `collaborator:carol` has no grant of the role `collaborator` on a project `alpha`; single permissions are for externals that were added",
    ),
    (
        "[[grants]]\nto = \"team:anyone\"\non = \"alpha\"\npermissions = [\"read\"]",
        "b.toml:15: for everybody a repository is made public: `visibility = \"public\"`",
    ),
    (
        "[[teams]]\nname = \"t\"\nmembers = [\"guest:gus\"]",
        "b.toml:14: `guest:gus` cannot join a team: externals join none",
    ),
    ("[[teams]]\nname = \"t\"\nmembers = [\"team:t\"]", "b.toml:13: the team `t` contains itself"),
    (
        "[[teams]]\nname = \"everyone\"\nmembers = []",
        "b.toml:13: the members of `everyone` are computed; it cannot be edited",
    ),
    ("[[roles]]\nname = \"guest\"\npermissions = [\"read\"]", "b.toml:13: the role `guest` is fixed"),
    ("[[members]]\nusername = \"ALICE\"", "b.toml:13: log-in name `alice` is given twice, first on line 7"),
    (
        "[[members]]\nusername = \"b\"\npassword = \"hunter2\"",
        "b.toml:14: unknown key `password` in [[members]]",
    ),
    (
        "[[projects]]\nkey = \"Beta\"",
        "b.toml:13: `Beta`: invalid project key: only a-z and 0-9, with single '-', '_' or '.' inside",
    ),
    (
        "[[projects]]\nkey = \"b\"\n[[projects.repositories]]\nname = \"r\"\nformat = \"docker\"",
        "b.toml:16: `format` must be one of oci, maven, nuget, files",
    ),
    (
        "[[projects]]\nkey = \"b\"\n[[projects.repositories]]\nname = \"r\"\nformat = \"oci\"\npolicy = { accept = \"mixed\" }",
        "b.toml:17: unknown key `accept` in [projects.repositories.policy]",
    ),
    (
        "[[projects]]\nkey = \"b\"\n[[projects.repositories]]\nname = \"r\"",
        "b.toml:14: a repository needs `format`, one of oci, maven, nuget, files",
    ),
    (
        "[[projects]]\nkey = \"b\"\n[[projects.repositories]]\nname = \"r\"\nformat = \"nuget\"\n\
         [projects.repositories.policy]\nduplicates = \"prerelease_only\"\ndelete = true\nreserved_prefix = []",
        "b.toml:20: unknown key `reserved_prefix` in [projects.repositories.policy]; did you mean `reserved_prefixes`?\n\
         b.toml:19: `delete` must be one of unlist, hard\n\
         b.toml:18: `duplicates` must be one of never, prerelease-only, always; did you mean `prerelease-only`?",
    ),
    (
        "[[projects]]\nkey = \"b\"\n[[projects.repositories]]\nname = \"r\"\nformat = \"oci\"\n\
         [projects.repositories.policy]\nimmutable_tags = [\n\"v*\",\n\"\",\n7,\n]\nsparse_indexes = 1979-05-27",
        "b.toml:20: `immutable_tags.1` is empty\n\
         b.toml:21: `immutable_tags.2` must be text\n\
         b.toml:23: `sparse_indexes` must be true or false",
    ),
    (
        "[[projects]]\nkey = \"b\"\n[[projects.repositories]]\nname = \"r\"\nformat = \"maven\"\n\
         policy = { layout = \"free\", snapshots = { keep_newst = 1, keep_days = -1 } }",
        "b.toml:17: `layout` must be one of strict, permissive\n\
         b.toml:17: `snapshots.keep_days` must be at least 1\n\
         b.toml:17: `snapshots.keep_newst`: there is no such field; did you mean `keep_newest`?",
    ),
    (
        "[[grants]]\nto = \"member:alice\"\non = \"alpha\"\nrole = \"viewer\"\nexpires = 2030-01-01",
        "b.toml:16: `expires` must be a date and time with an offset, such as 2099-12-31T00:00:00Z",
    ),
    (
        "[[members]]\nusername = \"b\"\n[[members.tokens]]\nname = \"t\"\nsecret_env = \"ALICE_TOKEN\"\n\
         not_before = 2030-01-01\ncidrs = [\"10.0.0.0/33\"]",
        "b.toml:17: `not_before` must be a date and time with an offset, such as 2099-12-31T00:00:00Z\n\
         b.toml:18: `10.0.0.0/33`: not an address or a network such as 10.0.0.0/8",
    ),
    (
        "[[issuers]]\nname = \"github\"\nurl = \"https://token.actions.githubusercontent.com\"\nkind = \"github\"\n\
         [[projects]]\nkey = \"b\"\n[[projects.publishers]]\nname = \"push\"\nissuer = \"gitub\"\n\
         claims = { repository = \"a/b\" }\npermissions = [\"read\"]",
        "b.toml:18: unknown issuer `gitub`; did you mean `github`?",
    ),
    (
        "[[webhooks]]\nname = \"ci\"\nurl = \"https://a.example/\"\nevents = [\"package.removed\"]",
        "b.toml:12: a new webhook needs `secret_env` or `secret_file`",
    ),
    (
        "[[webhooks]]\nname = \"ci\"\nurl = \"https://a.example/\"\nevents = [\"package.removed\"]\nsecret = \"whsec_x\"",
        "b.toml:16: unknown key `secret` in [[webhooks]]",
    ),
    (
        "[[webhooks]]\nname = \"ci\"\nurl = \"https://a.example/\"\nevents = [\"package.gone\"]\nsecret_env = \"ALICE_TOKEN\"",
        "b.toml:15: `events.0` must be one of package.published, package.replaced, package.removed, package.unlisted, \
         package.relisted, audit",
    ),
    (
        "[[webhooks]]\nname = \"ci\"\nurl = \"https://a.example/\"\nevents = [\"package.removed\"]\nsecret_env = \"ALICE_TOKEN\"",
        "b.toml:16: this is no secret of a webhook: it must be whsec_ and 24 to 64 bytes in base64",
    ),
    (
        "[[members]]\nusername = \"b\"\n[[members.tokens]]\nname = \"t\"\nsecret_env = \"ALICE_TOKEN\"\ncidrs = []",
        "b.toml:17: `cidrs` names no network; leave it out for a token that is good from everywhere",
    ),
];

#[test]
fn each_mistake_is_said_with_its_line_and_the_likely_meaning() {
    let alpha =
        "[[projects]]\nkey = \"alpha\"\n[[projects.repositories]]\nname = \"images\"\nformat = \"oci\"\n";
    let people = "[[members]]\nusername = \"alice\"\n[[guests]]\nusername = \"gus\"\n[[collaborators]]\nusername = \"carol\"\n";
    let base = format!("{alpha}{people}");
    for &(more, message) in MISTAKES {
        assert_eq!(wrong(&format!("{base}{more}\n")), message, "{more}");
    }
    assert_eq!(wrong(&base), "");
}
