use domain::{BuiltinRole, Ceilings, Permission, Permissions, PrincipalKind};

use super::{ONLY_ADMINS, words};
use crate::bootstrap::file::{File, Grant, What};
use crate::bootstrap::names::{Names, folded};
use crate::config::document::{At, Source, shown};
use crate::config::problem::Problems;

/// Every grant must be able to hold.
pub(super) fn check(file: &File, names: &Names, source: Source<'_>, problems: &mut Problems) {
    for grant in &file.grants {
        let kind = names.subject(&grant.to, source, problems);
        if !names.node(&grant.on, source, problems) {
            continue;
        }
        let what = match &grant.what {
            What::Role(role) => names.role(role, &grant.on.value, source, problems),
            What::Permissions(permissions) => Some(permissions.value),
        };
        let (Some(kind), Some(what)) = (kind, what) else { continue };
        place(grant, what, source, problems);
        match &grant.what {
            What::Role(role) => assignable(grant, role, kind, source, problems),
            What::Permissions(permissions) => {
                individual((file, names), grant, permissions, kind, source, problems);
            }
        }
    }
    repeated(&file.grants, source, problems);
}

/// Some permissions mean something on the organisation only, and one comes only through a team.
fn place(grant: &Grant, what: Permissions, source: Source<'_>, problems: &mut Problems) {
    let line = line_of(grant);
    if what.contains(Permission::DirectoryManage) {
        return problems.add(source.problem(line, ONLY_ADMINS));
    }
    let lost: Permissions = what.iter().filter(|permission| permission.organisation_only()).collect();
    if grant.on.value != "/" && !lost.is_empty() {
        let message = format!("{} can be granted on `/` only", words(lost));
        problems.add(source.problem(line, message));
    }
}

/// Which kinds of subject may have which role, and where.
fn assignable(
    grant: &Grant,
    role: &At<String>,
    kind: Option<PrincipalKind>,
    source: Source<'_>,
    problems: &mut Problems,
) {
    let builtin = BuiltinRole::parse(&role.value);
    let external = kind.filter(|kind| kind.is_external());
    let mut say = |message: String| problems.add(source.problem(role.line, message));
    match (builtin, external) {
        (Some(BuiltinRole::Collaborator), Some(PrincipalKind::Collaborator))
        | (Some(BuiltinRole::Guest), Some(PrincipalKind::Guest)) => {
            if grant.on.value.contains('/') {
                say(format!("`{}` is granted on a project", role.value));
            }
        }
        (Some(BuiltinRole::Collaborator | BuiltinRole::Guest), _) => {
            say(format!("`{}` is only for {}s", role.value, role.value));
        }
        (_, Some(kind)) => {
            say(format!(
                "a {kind} gets the role `{kind}` and single permissions, no other role",
                kind = kind.as_str()
            ));
        }
        (Some(BuiltinRole::OrganisationMember), None) => {
            say("`organisation-member` is held by org-members in every project; it is not granted".to_owned());
        }
        // The built-in grant that every installation has may be written down.
        (Some(BuiltinRole::OrganisationAdmin), None) if folded(&grant.to.value) != "team:org-admins" => {
            say("`organisation-admin` comes only through the team org-admins".to_owned());
        }
        (Some(role), None) if role.copied_to_projects() && grant.on.value == "/" => {
            say(format!("`{}` is a role of projects and cannot be granted on `/`", role.as_str()));
        }
        (_, None) => {}
    }
}

/// Externals: single permissions within their ceiling, in a project they were added to. Nobody: only `read`.
fn individual(
    (file, names): (&File, &Names),
    grant: &Grant,
    permissions: &At<Permissions>,
    kind: Option<PrincipalKind>,
    source: Source<'_>,
    problems: &mut Problems,
) {
    let mut say = |message: String| problems.add(source.problem(permissions.line, message));
    if permissions.value.is_empty() {
        say("a grant needs at least one permission".to_owned());
    }
    if folded(&grant.to.value) == "team:anyone" {
        return say("for everybody a repository is made public: `visibility = \"public\"`".to_owned());
    }
    let Some(kind) = kind.filter(|kind| kind.is_external()) else { return };
    let beyond = permissions.value.difference(Ceilings::of(kind));
    if !beyond.is_empty() {
        say(format!("a {} can never have {}", kind.as_str(), words(beyond)));
    }
    let project = grant.on.value.split('/').next().unwrap_or_default();
    let added = file.grants.iter().any(|other| {
        other.on.value == project
            && folded(&other.to.value) == folded(&grant.to.value)
            && matches!(&other.what, What::Role(role) if role.value == kind.as_str())
    });
    if !added && !names.elsewhere {
        let message = format!(
            "`{}` has no grant of the role `{}` on a project `{}`; single permissions are for externals that were added",
            shown(&grant.to.value),
            kind.as_str(),
            shown(project),
        );
        say(message);
    }
}

/// A grant's name is its `to`, `on` and `role`, or `to` and `on` where it has permissions.
fn repeated(grants: &[Grant], source: Source<'_>, problems: &mut Problems) {
    let mut seen = std::collections::BTreeMap::new();
    for grant in grants {
        let role = match &grant.what {
            What::Role(role) => Some(role.value.as_str()),
            What::Permissions(_) => None,
        };
        let name = (folded(&grant.to.value), grant.on.value.as_str(), role);
        if let Some(first) = seen.insert(name, grant.to.line) {
            let message = format!("the same grant is given twice, first on line {first}");
            problems.add(source.problem(grant.to.line, message));
        }
    }
}

const fn line_of(grant: &Grant) -> u32 {
    match &grant.what {
        What::Role(role) => role.line,
        What::Permissions(permissions) => permissions.line,
    }
}
