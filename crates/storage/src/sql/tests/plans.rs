//! By which indices statements find what they look for.

use super::super::audit::{self, Lookup, Scope};
use super::super::tx::Query as _;
use super::super::{Tx, Value, collected, garbage, names, references, rows, subjects, walks};
use super::{open, runtime};
use crate::testing::Place;
use domain::{NodeId, PrincipalId};

#[test]
fn content_is_found_through_the_index() {
    runtime().block_on(async {
        let database = open(&Place::memory()).await.expect("opens");
        let plan = |tx: &mut dyn Tx| {
            let sql = "EXPLAIN QUERY PLAN SELECT b.id FROM blob_digest d JOIN blob b ON b.id = d.blob \
                       JOIN link l ON l.blob = d.blob AND l.repository = $1 \
                       WHERE d.algorithm = $2 AND d.value = $3 AND d.algorithm IN ('sha256', 'sha512')";
            let values = [1i64.into(), "sha256".into(), b"x".as_slice().into()];
            rows(tx, sql, &values, |row| Ok(row.text(3)?.to_owned()))
        };
        let plan = database.point(plan).await.expect("explains");
        assert!(plan.iter().any(|step| step.contains("blob_digest_value")), "{plan:?}");
        assert!(plan.iter().all(|step| !step.starts_with("SCAN")), "{plan:?}");
    });
}

/// Not through all tags of the image, of which there may be a hundred thousand.
#[test]
fn tags_are_found_through_their_content() {
    runtime().block_on(async {
        let database = open(&Place::memory()).await.expect("opens");
        for (sql, parameters) in [(names::TAGS_OVER, 3), (names::TAGS_OF, 4)] {
            let plan = move |tx: &mut dyn Tx| {
                let values = [1i64.into(), "x".into(), "y".into(), "z".into()];
                let sql: &'static str = format!("EXPLAIN QUERY PLAN {}", sql.text()).leak();
                rows(tx, sql, &values[..parameters], |row| Ok(row.text(3)?.to_owned()))
            };
            let plan = database.point(plan).await.expect("explains");
            let through =
                |index: &str| plan.iter().any(|step| step.starts_with("SEARCH e") && step.contains(index));
            assert!(through("entry_blob"), "{plan:?}");
        }
    });
}

/// In their order, and no further than the page: not all events of all times, sorted for the first few.
#[test]
fn events_are_found_in_their_order() {
    runtime().block_on(async {
        let database = open(&Place::memory()).await.expect("opens");
        let node = NodeId::new(7);
        let scopes = [
            Scope::Everywhere,
            Scope::Project(node),
            Scope::Repository(node),
            Scope::By(PrincipalId::new(7)),
        ];
        let lookups =
            [Lookup::Nothing, Lookup::Id, Lookup::Class, Lookup::Action, Lookup::Actor, Lookup::Object];
        let ways = lookups.into_iter().flat_map(|lookup| [(lookup, false), (lookup, true)]);
        for (scope, (lookup, oldest_first)) in
            scopes.into_iter().flat_map(|scope| ways.clone().map(move |way| (scope, way)))
        {
            let plan = move |tx: &mut dyn Tx| {
                let (sql, within) = audit::statement(scope, lookup, oldest_first);
                let sql: &'static str = format!("EXPLAIN QUERY PLAN {}", sql.text()).leak();
                let (first, none, any) = (i64::MAX.into(), Value::Int(-1), "".into());
                let (never, ever) = (i64::MIN.into(), i64::MAX.into());
                let values =
                    [first, within.into(), none, any, any, none, any, any, any, never, ever, 26i64.into()];
                rows(tx, sql, &values, |row| Ok(row.text(3)?.to_owned()))
            };
            let plan = database.point(plan).await.expect("explains");
            let is_sorted = plan.iter().any(|step| step.contains("ORDER BY"));
            let is_found = plan.iter().all(|step| step.starts_with("SEARCH"));
            assert!(!is_sorted && is_found, "{scope:?} by {lookup:?}: {plan:?}");
            // Everywhere there is no better way than by what is asked for; one of a number is found by that anywhere.
            let by = match lookup {
                Lookup::Nothing => "INTEGER PRIMARY KEY",
                Lookup::Id => "(rowid=?)",
                Lookup::Class => "audit_class_id",
                Lookup::Action => "audit_action",
                Lookup::Actor => "audit_actor_name",
                Lookup::Object => "audit_object_name",
            };
            let is_better = match lookup {
                Lookup::Id => true,
                Lookup::Object => matches!(scope, Scope::Everywhere | Scope::Project(_)),
                Lookup::Nothing | Lookup::Class | Lookup::Action | Lookup::Actor => {
                    scope == Scope::Everywhere
                }
            };
            let is_by = plan.iter().any(|step| step.contains(by));
            assert!(is_by || !is_better, "{scope:?} by {lookup:?}: {plan:?}");
        }
    });
}

/// People are walked through from where a page begins, and referrers from what they are about: neither from the first of all.
#[test]
fn lists_begin_where_they_go_on() {
    runtime().block_on(async {
        let database = open(&Place::memory()).await.expect("opens");
        let plan = async |sql: &'static str, values: usize| {
            let explain = move |tx: &mut dyn Tx| {
                let sql: &'static str = format!("EXPLAIN QUERY PLAN {sql}").leak();
                rows(tx, sql, &vec![Value::Int(1); values], |row| Ok(row.text(3)?.to_owned()))
            };
            database.point(explain).await.expect("explains").join("; ")
        };
        let people = plan(subjects::listed_people().text(), 5).await;
        assert!(people.contains("COVERING INDEX principal_listed ((kind,name_key)>(?,?))"), "{people}");
        let referrers = plan(references::REFERRERS.text(), 6).await;
        assert!(referrers.contains("SEARCH e USING INTEGER PRIMARY KEY (rowid=?)"), "{referrers}");
    });
}

/// What collects garbage asks about one row at a time, or for the few that are due, among millions: nothing is scanned, nothing sorted.
#[test]
fn garbage_is_found_where_it_is() {
    runtime().block_on(async {
        let database = open(&Place::memory()).await.expect("opens");
        let statements = [
            (garbage::DUE_LINKS.text(), 2, "link_review_due"),
            (garbage::DUE_BLOBS.text(), 2, "blob_review_due"),
            (garbage::DUE_BYTES.text(), 2, "condemned_purge"),
            (garbage::ENDED_BYTES.text(), 1, "condemned_at"),
            (garbage::CONTENT_OF, 2, "entry_blob"),
            (garbage::NAMED, 2, "edge_target"),
            (garbage::UNUSED.text(), 1, "link_blob"),
            (garbage::DELETE_UNUSED, 1, "entry_blob"),
            (collected::BY_REPOSITORY.text(), 3, "COVERING INDEX condemned_repository"),
            (walks::LINKS.text(), 3, "sqlite_autoindex_link_1"),
            (walks::BLOBS.text(), 2, "link_blob"),
        ];
        for (sql, values, index) in statements {
            let explain = move |tx: &mut dyn Tx| {
                let sql: &'static str = format!("EXPLAIN QUERY PLAN {sql}").leak();
                rows(tx, sql, &vec![Value::Int(1); values], |row| Ok(row.text(3)?.to_owned()))
            };
            let plan = database.point(explain).await.expect("explains");
            let is_found = plan.iter().all(|step| {
                (!step.starts_with("SCAN") || step.contains("each_one")) && !step.contains("TEMP B-TREE")
            });
            assert!(is_found && plan.iter().any(|step| step.contains(index)), "{sql}: {plan:?}");
        }
    });
}
