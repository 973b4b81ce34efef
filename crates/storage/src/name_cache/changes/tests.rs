use super::*;

const HERE: RepositoryId = RepositoryId::new(1);
const THERE: RepositoryId = RepositoryId::new(2);

fn versions(names: &[&str]) -> NamesChanged {
    NamesChanged::Versions(names.iter().map(|name| ("p".into(), (*name).into())).collect())
}

fn since(changes: &Changes, turn: u64, repository: RepositoryId, package: &str) -> Option<Vec<String>> {
    let names = changes.since(0, turn, repository, package)?;
    Some(names.iter().map(|name| name.to_string()).collect())
}

#[test]
fn what_changed_after_a_turn_is_told_once_and_of_one_package() {
    let mut changes = Changes::new(1);
    changes.add(0, 1, HERE, versions(&["1"]));
    changes.add(0, 2, HERE, versions(&["3", "2"]));
    changes.add(0, 3, HERE, versions(&["2"]));
    changes.add(0, 4, THERE, versions(&["4"]));
    assert_eq!(since(&changes, 0, HERE, "p").unwrap(), ["1", "2", "3"]);
    assert_eq!(since(&changes, 2, HERE, "p").unwrap(), ["2"]);
    assert_eq!(since(&changes, 0, THERE, "p").unwrap(), ["4"]);
    assert!(since(&changes, 0, HERE, "q").unwrap().is_empty());
    assert!(since(&changes, 4, HERE, "p").unwrap().is_empty());
}

#[test]
fn who_was_before_something_unknown_is_told_so() {
    let mut changes = Changes::new(1);
    changes.add(0, 1, HERE, NamesChanged::Unknown);
    assert!(since(&changes, 0, HERE, "p").is_none());
    assert!(since(&changes, 1, HERE, "p").unwrap().is_empty());
    for turn in 2..=REMEMBERED_MAX as u64 + 2 {
        changes.add(0, turn, HERE, versions(&["1"]));
    }
    assert!(since(&changes, 1, HERE, "p").is_none(), "the first of them is forgotten");
    assert_eq!(since(&changes, 2, HERE, "p").unwrap(), ["1"]);
    assert_eq!(changes.remembered.len(), REMEMBERED_MAX);
}
