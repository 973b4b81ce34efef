use super::*;
use crate::search::{Field, Plan, Search, Wanted};
use crate::sql::{Dialect, search};

#[test]
fn a_search_that_takes_too_long_is_ended() {
    let endless = |tx: &mut dyn Tx| {
        let sql = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 - x FROM n) SELECT count(*) FROM n WHERE x < 0";
        one(tx, sql, &[], |row| row.count(0))
    };
    let count = |tx: &mut dyn Tx| one(tx, "SELECT count(*) FROM organisation_alias", &[], |row| row.count(0));
    for place in databases() {
        runtime().block_on(async {
            let database = open(&place).await.expect("opens");
            for _ in 0..3 {
                let ended = database.search(endless, Duration::from_millis(20)).await;
                assert!(matches!(ended, Err(Error::TooSlow)), "{ended:?}");
                assert_eq!(database.search(count, Duration::from_secs(60)).await.expect("reads"), 0);
            }
        });
    }
}

/// On PostgreSQL its limit has to do.
#[test]
fn a_search_that_nobody_waits_for_ends() {
    let place = Place::memory();
    runtime().block_on(async {
        let database = open(&place).await.expect("opens");
        let (begun, mut begins) = tokio::sync::mpsc::channel(8);
        for _ in 0..8 {
            let (database, begun) = (database.clone(), begun.clone());
            let search = tokio::spawn(async move {
                let endless = move |tx: &mut dyn Tx| {
                    begun.blocking_send(()).expect("the test waits");
                    let sql = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n WHERE x < 0";
                    one(tx, sql, &[], |row| row.count(0))
                };
                database.search(endless, Duration::from_secs(3600)).await
            });
            begins.recv().await.expect("begins");
            search.abort();
        }
    });
}

/// A change of rights takes several threads one after the other, and at each the processor would be given to a search first.
#[test]
fn searches_leave_the_processor_to_everything_else() {
    let place = Place::memory();
    let nice_of_this = || rustix::process::getpriority_process(Some(rustix::thread::gettid()));
    let nice =
        move |_: &mut dyn Tx| nice_of_this().map_err(|error| Error::unavailable("asking the system", error));
    let usual = nice_of_this().expect("tells");
    runtime().block_on(async {
        let database = open(&place).await.expect("opens");
        let searching = database.search(nice, Duration::from_secs(60)).await.expect("tells");
        let reading = database.read(nice).await.expect("tells");
        assert_eq!((searching, reading), ((usual + 10).min(19), usual));
    });
}

/// A database of before the seventh migration, as far as searches are concerned.
fn before_searches(tx: &mut dyn Tx) -> Result<(), Error> {
    match tx.dialect() {
        Dialect::Sqlite => tx.script("DROP TABLE findable; DROP TABLE findable_terms")?,
        Dialect::Postgres => tx.script("DROP TABLE findable")?,
    }
    tx.script(
        "DROP INDEX entry_found; ALTER TABLE entry DROP COLUMN facets; DELETE FROM migration WHERE number = 7;
         INSERT INTO node (id, kind) VALUES (100, 'project'), (101, 'repository');
         INSERT INTO project VALUES (100, 'p', '', '', 'closed', 0);
         INSERT INTO repository (node, project, name, format, mode, description, immutable_tags, sparse_indexes, accept, releases,
         strict_layout, duplicates, delete_means, reserved_prefixes, revision, created_at)
         VALUES (101, 100, 'r', 'nuget', 'local', '', '', 0, '', '', 0, '', '', '', 1, 0);",
    )?;
    let versions = [
        (
            "Some.JsonPatch",
            "1",
            "live",
            "\u{1}s1\u{1}s2\u{1}p1\u{1}type=dotnettool\u{1}id=some.jsonpatch\u{1}tag=fast\u{1}the title\nann\n\nlong text\n",
        ),
        (
            "Some.JsonPatch",
            "2-b",
            "live",
            "\u{1}p1\u{1}type=dependency\u{1}id=some.jsonpatch\u{1}\nann\n\nearly\n",
        ),
        ("Gone", "1", "unlisted", "\u{1}s1\u{1}s2\u{1}p1\u{1}type=dependency\u{1}id=gone\u{1}title\n\n\n\n"),
        ("Plain", "1", "live", ""),
    ];
    for (package, name, state, words) in versions {
        let sql = "INSERT INTO entry (repository, kind, package_key, package, name_key, name, sort_key, state, attributes, words, \
                   created_by, created_at, changed_at, revision) \
                   VALUES (101, 'version', $1, $2, $3, $3, $3, $4, '', $5, 1, 0, 0, 1)";
        let key = package.to_lowercase();
        tx.execute(sql, &[key.as_str().into(), package.into(), name.into(), state.into(), words.into()])?;
    }
    Ok(())
}

#[test]
fn what_was_there_before_searches_is_found() {
    for place in databases().into_iter().filter(Place::survives) {
        runtime().block_on(async {
            let database = open(&place).await.expect("opens");
            database.write(load(), before_searches).await.expect("writes");
            drop(database);
            let database = open(&place).await.expect("is brought up to date");
            let found = async |field, word: &str, facet: Option<&str>| {
                let wanted = [Wanted { field, any: vec![word.into()] }];
                let search =
                    Search { wanted: &wanted, facet, first: None, skip: 0, limit: domain::Limit::MAX };
                let plan =
                    Plan::new(domain::RepositoryId::new(101), &search).expect("a search").expect("words");
                let find = move |tx: &mut dyn Tx| Ok(search::ids(tx, &plan, 10)?.len());
                database.search(find, Duration::from_secs(60)).await.expect("finds")
            };
            for (field, word, facet, expected) in [
                (Field::Any, "patch", None, 1),
                (Field::Any, "titl", Some("s2"), 1),
                (Field::Tag, "fast", Some("p2/dotnettool"), 1),
                (Field::People, "ann", Some("p1/dependency"), 1),
                (Field::Text, "long", None, 1),
                (Field::Any, "early", None, 0),
                (Field::Any, "text", Some("s1/dependency"), 0),
                (Field::Any, "gone", None, 0),
                (Field::Any, "plain", None, 0),
            ] {
                assert_eq!(found(field, word, facet).await, expected, "{word}");
            }
        });
    }
}
