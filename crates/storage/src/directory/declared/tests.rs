use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Verdict, judge, judge_list};

const VALUES: [&str; 3] = ["a", "b", "c"];

/// docs/api.md 5, row by row.
#[test]
fn each_field_is_judged_as_the_table_says() {
    for (declared, wanted, present, verdict) in [
        (None, "a", "a", Verdict::Same),
        (Some("b"), "a", "a", Verdict::Same),
        (Some("a"), "a", "b", Verdict::Drift),
        (Some("b"), "a", "b", Verdict::Set),
        (Some("c"), "a", "b", Verdict::Conflict),
        (None, "a", "b", Verdict::Foreign),
    ] {
        assert_eq!(judge(declared, wanted, present), verdict, "{declared:?} {wanted} {present}");
    }
}

/// What a start makes of a field: what is there afterwards, and what is remembered.
fn start<'a>(declared: Option<&'a str>, wanted: &'a str, present: &'a str) -> (Option<&'a str>, &'a str) {
    match judge(declared, wanted, present) {
        Verdict::Same | Verdict::Set => (Some(wanted), wanted),
        Verdict::Drift | Verdict::Conflict | Verdict::Foreign => (declared, present),
    }
}

proptest! {
    /// Starts, edits, and starts again: the edits are left, whatever was before.
    #[test]
    fn a_restart_leaves_edits(declared in proptest::option::of(0..3_usize), wanted in 0..3_usize, present in 0..3_usize, edit in 0..3_usize) {
        let (declared, wanted) = (declared.map(|one| VALUES[one]), VALUES[wanted]);
        let (declared, _) = start(declared, wanted, VALUES[present]);
        let edited = VALUES[edit];
        let (_, after) = start(declared, wanted, edited);
        // Unless it is the value that the source last left there, which nobody can tell from no edit.
        prop_assert!(after == edited || declared == Some(edited));
        let again = start(declared, wanted, after);
        prop_assert_eq!(again.1, after, "a second start changes nothing");
    }

    /// Nothing comes that the source did not newly name, and nothing goes that it did not name before.
    #[test]
    fn lists_change_by_what_the_source_changed(
        declared in proptest::collection::btree_set(0..6_u8, 0..6),
        wanted in proptest::collection::btree_set(0..6_u8, 0..6),
        present in proptest::collection::btree_set(0..6_u8, 0..6),
    ) {
        let text = |set: &BTreeSet<u8>| set.iter().map(u8::to_string).collect::<BTreeSet<String>>();
        let (declared, wanted, present) = (text(&declared), text(&wanted), text(&present));
        let verdict = judge_list(&declared, &wanted, &present);
        for element in &verdict.add {
            prop_assert!(wanted.contains(element) && !declared.contains(element) && !present.contains(element));
        }
        for element in &verdict.remove {
            prop_assert!(!wanted.contains(element) && declared.contains(element) && present.contains(element));
        }
        let after: BTreeSet<String> =
            present.difference(&verdict.remove).chain(&verdict.add).cloned().collect();
        let lacking: BTreeSet<String> = wanted.difference(&after).cloned().collect();
        prop_assert_eq!(&lacking, &verdict.stay_out);
        let again = judge_list(&wanted, &wanted, &after);
        prop_assert!(again.add.is_empty() && again.remove.is_empty(), "a second start changes nothing");
    }
}
