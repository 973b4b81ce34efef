use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use domain::{
    Access, EntryKey, EntryKind, PackageName, Permission, Permissions, PrincipalKind, ProjectKey, RefName,
    RepositoryName, RepositoryPolicy, Visibility,
};
use serde_json::json;
use tokio::runtime::Runtime;

use super::*;
use crate::sql::postgres::Session;
use crate::sql::sqlite::{SqliteTx, connect};
use crate::testing::{self, Bench, ManualClock, Place, formats, system};
use crate::{
    DatabaseConfig, GrantSpec, GrantedSpec, OpenError, PersonSpec, Plan, ProjectSpec, RepositorySpec,
    Storage, TeamSpec, audit_chain,
};

mod rows;
mod there;

const FEED: &str = "alpha/feed";

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// Every engine that keeps what it was given.
fn places() -> impl Iterator<Item = Place> {
    [Some(Place::disk()), Place::postgres()].into_iter().flatten()
}

/// Does something with the database as it is, from a thread that may block.
fn with<T: Send>(place: &Place, work: impl FnOnce(&mut dyn Tx) -> Result<T, Error> + Send) -> T {
    let config = place.config().database;
    std::thread::scope(|scope| {
        let done = scope.spawn(move || match config {
            DatabaseConfig::Sqlite { path } => work(&mut SqliteTx::new(&connect(&path)?)),
            DatabaseConfig::Postgres { url, .. } => work(Session::new((*url).into()).connection()?),
            DatabaseConfig::Memory => panic!("nothing is kept in memory"),
        });
        done.join().expect("it ran").expect("the database obeys")
    })
}

/// Makes the database as the program that had so many migrations left it, with rows.
fn made_by_program_with(count: usize, place: &Place) {
    with(place, |tx| {
        let dialect = tx.dialect();
        applied(tx, dialect)?;
        for migration in MIGRATIONS.get(..count).unwrap_or_default() {
            apply(tx, dialect, migration)?;
            for (_, rows) in rows::ROWS.iter().filter(|(after, _)| *after == migration.number) {
                tx.script(&spelt(rows, dialect))?;
            }
        }
        if dialect == Dialect::Postgres {
            tx.script(COUNTED)?;
        }
        Ok(())
    });
}

/// The rows bring their own keys, which PostgreSQL does not count as given.
const COUNTED: &str = "
    DO $$ DECLARE key record; BEGIN
        FOR key IN SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = current_schema() AND is_identity = 'YES' LOOP
            EXECUTE format('SELECT setval(pg_get_serial_sequence(%1$L, %2$L), max(%2$I)) FROM %1$I',
                key.table_name, key.column_name);
        END LOOP;
    END $$";

/// Byte strings and the mark, as the engine spells them.
fn spelt(text: &str, dialect: Dialect) -> String {
    let (before, after) = match dialect {
        Dialect::Sqlite => ("x'", "'"),
        Dialect::Postgres => ("'\\x", "'::bytea"),
    };
    let mut parts = text.split("{bytes:");
    let mut spelt = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hex, rest) = part.split_once('}').expect("it is closed");
        spelt.push_str(&[before, hex, after, rest].concat());
    }
    spelt.replace("{mark}", "\u{1}")
}

fn version(name: &str) -> EntryKey {
    let package = PackageName::folded("Json", "json").expect("a name");
    EntryKey { kind: EntryKind::Version, package, name: RefName::exact(name).expect("a name") }
}

/// A migration that was shipped is never edited.
#[test]
fn what_was_shipped_is_unchanged() {
    let shipped = include_str!("tests/shipped.txt").lines();
    let present = MIGRATIONS.iter().map(|migration| {
        let sum: String = checksum(migration).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{} {sum}", migration.name)
    });
    let different: Vec<_> = shipped.zip(present).filter(|(shipped, present)| shipped != present).collect();
    assert!(different.is_empty(), "shipped, and as they are now: {different:#?}");
    let mut numbers = MIGRATIONS.iter().map(|migration| (migration.number, migration.name));
    assert!(
        numbers.clone().is_sorted()
            && numbers.all(|(number, name)| name.starts_with(&format!("{number:04}_")))
    );
}

#[test]
fn every_schema_ever_shipped_is_opened_with_its_rows() {
    for count in 0..=MIGRATIONS.len() {
        for place in places() {
            made_by_program_with(count, &place);
            let reached =
                MIGRATIONS.get(..count).and_then(<[_]>::last).map_or(0, |migration| migration.number);
            runtime().block_on(there::is_all_there(place, reached));
        }
    }
}

/// A gateway that was always started with its file, and now for the first time by a program that remembers what the file said:
/// what administrators did in between is what counts.
#[test]
fn the_first_start_that_remembers_opens_nothing() {
    for place in places() {
        made_by_program_with(16, &place);
        with(&place, |tx| {
            tx.script(
                "INSERT INTO audit (at, action, actor, actor_kind, actor_name, object_kind, object, object_name, after, \
                 policy_version) VALUES \
                 (1000, 'grant.put', NULL, 'system', 'bootstrap', 'grant', 40, 'member:Alice on alpha', 'viewer', 2), \
                 (1000, 'member.create', NULL, 'system', 'bootstrap', 'principal', 41, 'bob', NULL, 2), \
                 (2000, 'grant.delete', 16, 'member', 'Alice', 'grant', 40, 'member:Alice on alpha', NULL, 2)",
            )
        });
        runtime().block_on(async {
            let bench = Bench::open(place).await;
            let before = bench.facts().await;
            let first = bench.opened.directory.apply(&system(), of_older_days()).await.expect("applies");
            let facts = bench.facts().await;
            assert_eq!(facts.grants.len(), before.grants.len() + 1, "the one that never was: {first:?}");
            assert_eq!((&facts.teams, facts.principals.len()), (&before.teams, 1), "{first:?}");
            assert_eq!(facts.repositories.len(), before.repositories.len() + 1, "what never was is made");
            let public = facts.grants.iter().filter(|grant| grant.subject == domain::TeamId::ANYONE.into());
            assert_eq!(public.count(), 0, "{first:?}");
            expect_lines(&first.warnings);
            let second = bench.opened.directory.apply(&system(), of_older_days()).await.expect("applies");
            assert_eq!((second.changed, second.warnings), (0, first.warnings));
        });
    }
}

/// What the file says that goes with [`rows`], before somebody closed most of it.
fn of_older_days() -> Plan {
    let repository = |name: &str, visibility| RepositorySpec {
        description: None,
        name: RepositoryName::parse(name).expect("a name"),
        format: testing::NUGET,
        visibility,
        policy: None,
        webhooks: vec![],
    };
    let grant = |to: &str, role: &str| GrantSpec {
        to: to.into(),
        on: "alpha".into(),
        what: GrantedSpec::Role(role.into()),
        expires: None,
    };
    let all = Permissions::of(&[Permission::Read, Permission::Publish, Permission::DeletePackage]);
    let person = |username: &str| PersonSpec {
        title: None,
        kind: PrincipalKind::Member,
        username: username.into(),
        email: None,
        password_hash: Some("$theirs".into()),
        suspended: None,
        tokens: Vec::new(),
    };
    Plan {
        projects: vec![ProjectSpec {
            description: None,
            publishers: Vec::new(),
            key: ProjectKey::parse("alpha").expect("a key"),
            title: None,
            access: Some(Access::Internal),
            roles: Vec::new(),
            repositories: vec![
                repository("feed", Visibility::Public),
                repository("new", Visibility::Private),
            ],
            webhooks: vec![],
        }],
        persons: vec![person("alice"), person("bob")],
        teams: vec![TeamSpec { title: None, name: "org-admins".into(), members: vec!["member:bob".into()] }],
        grants: vec![
            grant("member:alice", "viewer"),
            grant("member:alice", "manager"),
            GrantSpec { what: GrantedSpec::Permissions(all), ..grant("team:releasers", "") },
        ],
        ..Plan::default()
    }
}

fn expect_lines(warnings: &[Box<str>]) {
    let told: Vec<&str> =
        warnings.iter().map(|line| line.split("; last").next().unwrap_or_default()).collect();
    assert_eq!(
        told,
        [
            "kept: access of project alpha is closed, the file says internal",
            "kept: visibility of repository alpha/feed is private, the file says public",
            "kept: password of member:alice is not the one of the file",
            "kept: member:bob was removed and stays so",
            "kept: grant of viewer to member:Alice on alpha was removed and stays so",
            "kept: expires of grant of permissions to team:releasers on alpha is 1970-01-01T00:00:09.000Z, the file says never",
            "kept: permissions of grant of permissions to team:releasers on alpha is read publish, \
             the file says read publish delete-package",
        ]
    );
}

#[test]
fn a_newer_schema_is_refused_and_says_which_program_it_needs() {
    for place in places() {
        runtime().block_on(async {
            open(&place).await.expect("it is made");
            with(&place, |tx| {
                let sql = "SELECT DISTINCT program FROM migration";
                let programs = rows(tx, sql, &[], |row| Ok(row.text(0)?.to_owned()))?;
                assert_eq!(programs, [PROGRAM], "each migration says who ran it");
                let later = "INSERT INTO migration (number, name, sha256, program) \
                             VALUES (900, 'a', {bytes:00}, '7.1.0'), (901, 'b', {bytes:00}, '7.2.0')";
                tx.script(&spelt(later, tx.dialect()))
            });
            let Err(OpenError::Schema(why)) = open(&place).await else { panic!("it was opened") };
            let needed = format!(
                "its schema 901 is newer than this program, version {PROGRAM}; start version 7.2.0 or later"
            );
            assert_eq!(why, needed);
        });
    }
}

async fn open(place: &Place) -> Result<(), OpenError> {
    Storage::open(place.config(), formats(), Arc::new(ManualClock::default())).await.map(drop)
}

/// Policies of repositories as documents, and as programs before these read them.
const SELECT_POLICIES: &str = "SELECT name, policy, reserved_prefixes, immutable_tags, sparse_indexes, delete_by_digest, accept, \
     releases, strict_layout, snapshots_keep_newest, snapshots_keep_days, duplicates, delete_means FROM repository \
     ORDER BY node";

/// Name, document, prefixes, and the columns.
fn policies(place: &Place) -> Vec<(String, serde_json::Value, String, String)> {
    with(place, |tx| {
        rows(tx, SELECT_POLICIES, &[], |row| {
            let document = serde_json::from_str(row.text(1)?).expect("a document");
            let (tags, flags) = (row.text(3)?, (row.int(4)?, row.int(8)?));
            let words = [row.text(5)?, row.text(6)?, row.text(7)?, row.text(11)?, row.text(12)?].join(" ");
            let kept = (row.opt_int(9)?, row.opt_int(10)?);
            let columns = format!("{tags:?} {flags:?} {words} {kept:?}");
            Ok((row.text(0)?.to_owned(), document, row.text(2)?.to_owned(), columns))
        })
    })
}

#[test]
fn policies_in_columns_become_documents() {
    let said = [
        ("feed", json!({ "duplicates": "never", "delete": "unlist" }), ""),
        (
            "images",
            json!({
                "immutable_tags": ["v*", "\\d\"?"], "sparse_indexes": false, "delete_by_digest": "only-if-one-tag",
            }),
            "acme\nbeta",
        ),
        (
            "jars",
            json!({
                "accept": "release", "releases": "replace", "layout": "permissive",
                "snapshots": { "keep_newest": 10, "keep_days": 30 },
            }),
            "",
        ),
        (
            "snapshots",
            json!({
                "accept": "snapshot", "releases": "read-only", "layout": "strict", "snapshots": { "keep_days": 7 },
            }),
            "",
        ),
        ("hard", json!({ "duplicates": "prerelease-only", "delete": "hard" }), "Acme."),
        (
            "plain",
            json!({ "immutable_tags": [], "sparse_indexes": true, "delete_by_digest": "all-tags" }),
            "",
        ),
    ];
    for place in places() {
        made_by_program_with(16, &place);
        runtime().block_on(open(&place)).expect("opens");
        let found = policies(&place);
        let documents =
            found.iter().map(|(name, document, prefixes, _)| (&**name, document.clone(), &**prefixes));
        assert_eq!(documents.collect::<Vec<_>>(), said);
    }
}

/// What this program writes is read by one of the release before, which may still run on another node.
#[test]
fn policies_are_written_as_the_release_before_reads_them() {
    let kept = [("images", testing::OCI), ("jars", testing::MAVEN), ("hard", testing::NUGET)];
    for place in places() {
        made_by_program_with(16, &place);
        runtime().block_on(open(&place)).expect("opens");
        let before = policies(&place);
        let config = place.config();
        // What they say is told first: a plan moves nothing that it never said. Then away from it and back.
        runtime().block_on(async {
            for back in [true, false, true] {
                let opened = Storage::open(config.clone(), formats(), Arc::new(ManualClock::default())).await;
                let repositories = kept.iter().map(|(name, format)| {
                    let said = before.iter().find(|(found, ..)| found == name).expect("is there");
                    let document = if back { said.1.to_string() } else { "{}".to_owned() };
                    (*name, testing::policy_of(*format, &document))
                });
                let plan = plan(repositories);
                opened.expect("opens").directory.apply(&system(), plan).await.expect("applies");
            }
        });
        let after = policies(&place);
        assert_eq!(after, before);
    }
}

/// A node of the release before writes events without a place in the chain beside one of this release: they are shown, and the chain
/// goes on around them.
#[test]
fn events_of_a_node_without_the_chain_do_not_break_it() {
    let event_of_before = "INSERT INTO audit (at, action, actor, actor_kind, actor_name, token, request, address, agent, node, \
                           object_kind, object, object_name, before, after, policy_version) VALUES \
                           (1000, 'grant.put', NULL, 'system', 'bootstrap', NULL, NULL, NULL, NULL, 16, 'grant', 40, \
                           'member:alice on alpha', NULL, 'viewer', 2)";
    for place in places() {
        // Up to 0020: one number was never used.
        made_by_program_with(19, &place);
        runtime().block_on(async {
            for name in ["first", "second"] {
                let opened = Storage::open(place.config(), formats(), Arc::new(ManualClock::default()))
                    .await
                    .expect("opens");
                let team = TeamSpec { title: None, name: name.into(), members: Vec::new() };
                let done =
                    opened.directory.apply(&system(), Plan { teams: vec![team], ..Plan::default() }).await;
                assert!(done.expect("applies").changed > 0);
                with(&place, |tx| tx.script(event_of_before));
            }
            let opened = Storage::open(place.config(), formats(), Arc::new(ManualClock::default())).await;
            let events = opened.expect("opens").directory.audit_events().await;
            let (chained, plain): (Vec<_>, Vec<_>) =
                events.iter().partition(|event| event.sequence.is_some());
            assert_eq!(plain.len(), 3, "one from before the migration and two beside: {events:?}");
            assert!(
                chained.len() > 1 && events.last().is_some_and(|last| last.sequence.is_none()),
                "{events:?}"
            );
            let mut hash = "0".repeat(64);
            for (sequence, event) in (1..).zip(chained) {
                hash = audit_chain(&hash, &event.document()).expect("a chain");
                assert_eq!((event.sequence, event.chain.as_deref()), (Some(sequence), Some(&*hash)));
            }
        });
    }
}

/// A plan that sets these policies in `alpha`.
fn plan<'n>(repositories: impl Iterator<Item = (&'n str, RepositoryPolicy)>) -> Plan {
    let repositories = repositories.map(|(name, policy)| RepositorySpec {
        description: None,
        name: RepositoryName::parse(name).expect("a name"),
        format: policy.own.format(),
        visibility: Visibility::Private,
        policy: Some(policy),
        webhooks: vec![],
    });
    let project = ProjectSpec {
        description: None,
        publishers: Vec::new(),
        key: ProjectKey::parse("alpha").expect("a key"),
        title: None,
        access: None,
        roles: Vec::new(),
        repositories: repositories.collect(),
        webhooks: vec![],
    };
    Plan { projects: vec![project], ..Plan::default() }
}

/// What was administered before there were webhooks is nobody's news; packages that nobody was told of still are.
#[test]
fn webhooks_begin_with_what_comes() {
    let before = MIGRATIONS.iter().take_while(|migration| migration.name != "0027_webhooks").count();
    for place in places() {
        made_by_program_with(before, &place);
        let told = runtime().block_on(async {
            let bench = Bench::open(place).await;
            bench.opened.storage.tell_webhooks(&system()).await.expect("tells")
        });
        assert_eq!((told.events, told.lost), (1, 0));
    }
}

#[test]
fn a_repository_of_an_unknown_format_is_refused() {
    for place in places() {
        made_by_program_with(MIGRATIONS.len(), &place);
        with(&place, |tx| tx.script("UPDATE repository SET format = 'docker' WHERE name = 'feed'"));
        let refused = runtime().block_on(open(&place));
        let Err(OpenError::Format { repository, unknown }) = refused else { panic!("it was opened") };
        let told = format!("{repository}: {unknown}");
        assert_eq!(
            told,
            "alpha/feed: the format `docker` is unknown here; the known ones are oci, maven, nuget"
        );
    }
}

#[test]
fn the_database_is_copied_aside_before_it_is_changed() {
    let place = Place::disk();
    let folder = place.directory().expect("a folder").clone();
    made_by_program_with(13, &place);
    runtime().block_on(async {
        let copies = || {
            let files =
                fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file").file_name());
            files
                .filter_map(|name| name.into_string().ok())
                .filter(|name| name.contains(".schema"))
                .collect::<Vec<_>>()
        };
        let bench = Bench::open(place).await;
        assert_eq!(copies(), ["wharfinger.db.schema-13"]);
        let bench = bench.reopened().await;
        assert_eq!(copies(), ["wharfinger.db.schema-13"], "nothing changes any more");
        let copy = folder.join("wharfinger.db.schema-13");
        assert_eq!(fs::metadata(&copy).expect("the copy").permissions().mode() & 0o777, 0o600);
        assert_eq!(schema_of(&copy), 13);
        drop(bench);
    });
}

fn schema_of(database: &Path) -> i64 {
    let connection = connect(database).expect("opens");
    let tx: &mut dyn Tx = &mut SqliteTx::new(&connection);
    let names = rows(tx, "SELECT number FROM migration ORDER BY number DESC", &[], |row| row.int(0));
    let names = names.expect("reads");
    let kept =
        rows(tx, "SELECT name FROM principal WHERE subject = 16", &[], |row| Ok(row.text(0)?.to_owned()));
    assert_eq!(kept.expect("reads"), ["Alice"]);
    names.first().copied().unwrap_or_default()
}
