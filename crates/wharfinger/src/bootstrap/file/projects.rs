use domain::{
    AcceptVersions, Access, DeleteByDigest, Duplicates, Format, NuGetDelete, Pattern, ProjectKey, Releases,
    RepositoryName, RepositoryPolicy, Visibility,
};

use super::{Role, access, each, format, parsed, role, title, visibility, word};
use crate::config::document::{At, Table};
use crate::config::problem::Problems;

/// Most patterns and prefixes of one repository.
const PATTERNS_MAX: usize = 64;

#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) key: At<ProjectKey>,
    pub(crate) title: Option<String>,
    pub(crate) access: Option<Access>,
    pub(crate) roles: Vec<Role>,
    pub(crate) repositories: Vec<Repository>,
}

#[derive(Debug)]
pub(crate) struct Repository {
    pub(crate) name: At<RepositoryName>,
    pub(crate) format: Format,
    pub(crate) visibility: Visibility,
    /// `None` where the file has no `policy`: what is there stays.
    pub(crate) policy: Option<RepositoryPolicy>,
    /// Keys of the policy that are stored and not yet enforced, with their lines.
    pub(crate) not_enforced: Vec<At<&'static str>>,
}

pub(super) fn read<'d>(root: &Table<'d>, problems: &mut Problems) -> Vec<Project> {
    each(root, "projects", "[[projects]]", problems, project)
}

fn project<'d>(table: &Table<'d>, problems: &mut Problems) -> Option<Project> {
    table.only(&["key", "title", "access", "roles", "repositories"], problems);
    let key = table.required_text("key", problems);
    let key = key.and_then(|key| parsed(table, key, problems, ProjectKey::parse));
    let title = title(table, problems);
    let access = access(table, "access", problems);
    let roles = each(table, "roles", "[[projects.roles]]", problems, role);
    let repositories = each(table, "repositories", "[[projects.repositories]]", problems, repository);
    Some(Project { key: key?, title, access, roles, repositories })
}

fn repository<'d>(table: &Table<'d>, problems: &mut Problems) -> Option<Repository> {
    table.only(&["name", "format", "visibility", "policy"], problems);
    let name = table.required_text("name", problems);
    let name = name.and_then(|name| parsed(table, name, problems, RepositoryName::parse));
    let format = format(table, problems);
    let visibility = visibility(table, problems).unwrap_or(Visibility::Private);
    let (name, format) = (name?, format?.value);
    let mut not_enforced = Vec::new();
    let policy = table
        .table("policy", "[projects.repositories.policy]", problems)
        .map(|table| policy(&table, format, &mut not_enforced, problems));
    Some(Repository { name, format, visibility, policy, not_enforced })
}

/// Keys of every format.
const COMMON: [&str; 1] = ["reserved_prefixes"];
/// Keys that are stored for what is still to come: cleaning up of snapshots, and other repositories behind one.
const NOT_ENFORCED: [&str; 2] = ["snapshots", "reserved_prefixes"];

/// The keys of a policy depend on the format; those that nothing enforces yet are stored and named.
fn policy(
    table: &Table<'_>,
    format: Format,
    not_enforced: &mut Vec<At<&'static str>>,
    problems: &mut Problems,
) -> RepositoryPolicy {
    let own: &[&'static str] = match format {
        Format::Oci => &["immutable_tags", "sparse_indexes", "delete_by_digest"],
        Format::Maven => &["accept", "releases", "layout", "snapshots"],
        Format::NuGet => &["duplicates", "delete"],
    };
    let keys = [own, &COMMON].concat();
    table.only(&keys, problems);
    let waiting = keys.iter().filter(|key| NOT_ENFORCED.contains(key));
    not_enforced.extend(waiting.filter_map(|key| Some(At { value: *key, line: table.line_of(key)? })));
    let mut policy = RepositoryPolicy::default();
    match format {
        Format::Oci => oci(table, &mut policy, problems),
        Format::Maven => maven(table, &mut policy, problems),
        Format::NuGet => nuget(table, &mut policy, problems),
    }
    let prefixes = table.texts("reserved_prefixes", problems).unwrap_or_default();
    at_most(table, "reserved_prefixes", prefixes.len(), problems);
    policy.reserved_prefixes = prefixes
        .into_iter()
        .filter_map(|text| parsed(table, text, problems, domain::PackageName::exact))
        .map(|at| at.value.display().into())
        .collect();
    policy
}

fn oci(table: &Table<'_>, policy: &mut RepositoryPolicy, problems: &mut Problems) {
    if let Some(sparse) = table.flag("sparse_indexes", problems) {
        policy.sparse_indexes = sparse.value;
    }
    let by_digest =
        [("all-tags", DeleteByDigest::AllTags), ("only-if-one-tag", DeleteByDigest::OnlyIfOneTag)];
    if let Some(found) = word(table, "delete_by_digest", &by_digest, problems) {
        policy.delete_by_digest = found.value;
    }
    let patterns = table.texts("immutable_tags", problems).unwrap_or_default();
    at_most(table, "immutable_tags", patterns.len(), problems);
    policy.immutable_tags = patterns
        .into_iter()
        .filter_map(|text| parsed(table, text, problems, Pattern::parse))
        .map(|at| at.value)
        .collect();
}

fn maven(table: &Table<'_>, policy: &mut RepositoryPolicy, problems: &mut Problems) {
    let accept = [
        ("release", AcceptVersions::Release),
        ("snapshot", AcceptVersions::Snapshot),
        ("mixed", AcceptVersions::Mixed),
    ];
    let releases = [
        ("read-only", Releases::ReadOnly),
        ("write-once", Releases::WriteOnce),
        ("replace", Releases::Replace),
    ];
    if let Some(found) = word(table, "accept", &accept, problems) {
        policy.accept = found.value;
    }
    if let Some(found) = word(table, "releases", &releases, problems) {
        policy.releases = found.value;
    }
    if let Some(found) = word(table, "layout", &[("strict", true), ("permissive", false)], problems) {
        policy.strict_layout = found.value;
    }
    if let Some(snapshots) = table.table("snapshots", "`snapshots`", problems) {
        snapshots.only(&["keep_newest", "keep_days"], problems);
        policy.snapshots_keep_newest = snapshots.number("keep_newest", problems).map(|at| at.value);
        policy.snapshots_keep_days = snapshots.number("keep_days", problems).map(|at| at.value);
    }
}

fn nuget(table: &Table<'_>, policy: &mut RepositoryPolicy, problems: &mut Problems) {
    let duplicates = [
        ("never", Duplicates::Never),
        ("prerelease-only", Duplicates::PrereleaseOnly),
        ("always", Duplicates::Always),
    ];
    let delete = [("unlist", NuGetDelete::Unlist), ("hard", NuGetDelete::Hard)];
    if let Some(found) = word(table, "duplicates", &duplicates, problems) {
        policy.duplicates = found.value;
    }
    if let Some(found) = word(table, "delete", &delete, problems) {
        policy.delete = found.value;
    }
}

fn at_most(table: &Table<'_>, key: &str, count: usize, problems: &mut Problems) {
    if count > PATTERNS_MAX {
        let line = table.line_of(key).unwrap_or_else(|| table.line());
        problems.add(table.source().problem(line, format!("`{key}` has at most {PATTERNS_MAX} items")));
    }
}
