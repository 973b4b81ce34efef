//! The rules of a repository, as fields of their own.

use domain::RepositoryPolicy;

/// One rule.
pub(super) struct Rule {
    /// What memory and people call it.
    pub(super) name: &'static str,
    pub(super) show: fn(&RepositoryPolicy) -> String,
    pub(super) copy: fn(&RepositoryPolicy, &mut RepositoryPolicy),
}

macro_rules! rules {
    ($($name:ident)*) => {
        &[$(Rule {
            name: concat!("policy.", stringify!($name)),
            show: |policy| format!("{:?}", policy.$name),
            copy: |from, to| to.$name.clone_from(&from.$name),
        }),*]
    };
}

pub(super) const RULES: &[Rule] = rules! {
    immutable_tags sparse_indexes delete_by_digest accept releases strict_layout snapshots_keep_newest snapshots_keep_days
    duplicates delete reserved_prefixes
};
