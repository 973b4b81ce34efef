//! Readers never wait: nothing a decision runs through may hold a lock (docs/design.md 5).

const CHECK_PATH: [(&str, &str); 7] = [
    ("snapshot.rs", include_str!("../snapshot.rs")),
    ("trace.rs", include_str!("../trace.rs")),
    ("names.rs", include_str!("../names.rs")),
    ("page.rs", include_str!("../page.rs")),
    ("paged.rs", include_str!("../paged.rs")),
    ("class.rs", include_str!("../class.rs")),
    ("cell.rs", include_str!("../cell.rs")),
];

const WAITING: [&str; 9] =
    ["Mutex", "RwLock", "dashmap", "DashMap", "Condvar", "Semaphore", ".await", "block_on", "spin_loop"];

#[test]
fn no_lock_on_the_way_to_a_decision() {
    for (file, text) in CHECK_PATH {
        for word in WAITING {
            assert!(!text.contains(word), "{file} names {word}: a reader could wait there");
        }
    }
}

/// `impl Policy` is the only way in; it loads the cell once and stays on the files above.
#[test]
fn a_decision_loads_the_snapshot_once() {
    let publish = include_str!("../publish.rs");
    let policy =
        publish.split("impl Policy for PermissionCache").nth(1).and_then(|rest| rest.split("\nimpl ").next());
    let policy = policy.expect("the implementation is in publish.rs");
    for word in WAITING.iter().chain(&[".writer", ".follower", ".source"]) {
        assert!(!policy.contains(word), "a decision names {word}");
    }
    assert_eq!(policy.matches("self.matrix.cell.load()").count(), 3, "one load each");
}
