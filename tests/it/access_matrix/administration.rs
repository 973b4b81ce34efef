//! The rows of the management, made from its own list. Every change is only tried, and bodies are empty, so that nothing changes and
//! who is let in is seen all the same; what an endpoint needs is what its proof says.

use api::{BASE, Code, Mounted, Need, On};
use domain::{Format, Permission, RightKind};

use super::{Kind, Target, holds};
use crate::support::{Ask, Organisation};

/// What the table calls it.
pub(super) fn name(mounted: &Mounted) -> String {
    format!("{} {}", mounted.meta.method.as_str(), mounted.meta.path)
}

/// The places that tell callers apart: only a repository can be public or absent here.
pub(super) fn places(mounted: &Mounted) -> &'static [Target] {
    if mounted.parameters.iter().any(|parameter| parameter.name == "repository") {
        &Target::ALL
    } else {
        &[Target::Private]
    }
}

/// The request, at a repository for images if it is about one.
pub(super) fn ask(mounted: &Mounted, place: Target) -> Ask {
    let target = mounted.parameters.iter().fold(format!("{BASE}{}", mounted.meta.path), |path, parameter| {
        let repository = place.path(Format::new("oci"));
        let name = match parameter.name {
            "project" => "matrix",
            "repository" => repository.trim_start_matches("matrix/"),
            // None of the callers, who may look at themselves.
            "person" if matches!(mounted.need, Need::OrOneself(_)) => "member:root",
            "principal" | "participant" | "person" | "member" => "member:nobody",
            "team" => "releasers",
            "application" => "robot",
            "role" => "auditor",
            "token" | "invitation" | "session" => "00000000",
            "package" => "absent",
            "version" => "1.0",
            "tombstone" | "advisory" => "absent",
            "webhook" | "name" => "ci",
            "delivery" | "job" => "1",
            "issuer" | "publisher" | "provider" => "ci",
            "digest" => "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            other => panic!("{other}: what does it name here?"),
        };
        path.replace(&format!("{{{}}}", parameter.name), name)
    });
    let target = if mounted.meta.method.changes() { format!("{target}?dry_run=true") } else { target };
    let method = mounted.meta.method.as_str().parse().expect("a method");
    let ask = Ask::new(method, target);
    if mounted.meta.method.has_body() {
        ask.header("content-type", mounted.meta.method.media_type()).body("{}")
    } else {
        ask
    }
}

/// Fails if a cell is not what the declared right and the rights of its caller make of it.
pub(super) fn check(mounted: &Mounted, status: u16, kind: Kind, place: Target) {
    let what = format!("{} on {} as {kind:?}: {status}", name(mounted), place.word());
    // Bearers of the token endpoint are good for images and nothing else.
    if !kind.is_valid() || matches!(kind, Kind::Bearer | Kind::AnonymousBearer) {
        return assert_eq!(status, 401, "{what}");
    }
    if mounted.need == Need::Open {
        return assert!(!matches!(status, 401 | 403) && status < 500, "{what}");
    }
    // What is one's own beyond packages is for no token that is limited, where the endpoint says so.
    let is_limited = matches!(kind, Kind::PublishOnly | Kind::Limited);
    if is_limited && mounted.need == Need::Own && mounted.meta.faults.contains(&Code::WiderThanToken) {
        return assert!(status != 401 && status < 500, "{what}");
    }
    // Nobody administers without logging in, not even what everybody may read.
    if !kind.is_nobody() && is_let_in(mounted.need, kind, place) {
        assert!(!matches!(status, 401 | 403) && status < 500, "{what}");
    } else {
        assert_eq!(status, if kind.is_nobody() { 401 } else { 403 }, "{what}");
    }
}

fn is_let_in(need: Need, kind: Kind, place: Target) -> bool {
    match need {
        Need::Open => true,
        Need::LogIn | Need::Reader | Need::Own => !kind.is_nobody(),
        // No node is named here: that is the organisation.
        Need::Right(_, On::Organisation) | Need::AboutOthers => kind == Kind::Administrator,
        Need::Right(right, On::Project) => holds(kind, Target::Private, right),
        Need::Right(right, On::Repository) => holds(kind, place, right),
        // Takes part, or reads something in it: its public repository everybody reads.
        Need::KnownProject => !kind.is_nobody(),
        // It is about somebody who sees the directory.
        Need::OrOneself(need) | Need::OrOfItsProject(need) => is_let_in(*need, kind, place),
        Need::Either(make, change) => is_let_in(*make, kind, place) || is_let_in(*change, kind, place),
        Need::Both(one, other) => is_let_in(*one, kind, place) && is_let_in(*other, kind, place),
    }
}

/// Adds for each declared right somebody who holds it alone, and somebody who holds everything else there.
pub(super) fn with_single_rights(mut organisation: Organisation) -> Organisation {
    for (permission, on) in declared() {
        let node = node(on);
        let others = Permission::ALL.into_iter().filter(|other| {
            let misplaced = other.organisation_only() && on != On::Organisation
                || *other == Permission::RepositoryCreate && on == On::Repository;
            *other != permission && *other != Permission::DirectoryManage && !misplaced
        });
        let others: Vec<&str> = others.map(Permission::as_str).collect();
        let (holder, lacking) = (holder(permission, on), lacking(permission, on));
        organisation =
            organisation.member(&lacking).may(&format!("member:{lacking}"), &others.join(" "), node);
        if permission != Permission::DirectoryManage {
            let to = format!("member:{holder}");
            organisation = organisation.member(&holder).may(&to, permission.as_str(), node);
        }
    }
    organisation
}

/// Every right that an endpoint declares, and where; each once.
pub(super) fn declared() -> Vec<(Permission, On)> {
    let mut declared = Vec::new();
    for mounted in api::all() {
        if let Need::Right(RightKind::Permission(permission), on) = mounted.need
            && !declared.contains(&(permission, on))
        {
            declared.push((permission, on));
        }
    }
    declared
}

/// Who holds this right there and nothing else; it cannot be given, if only administrators hold it.
pub(super) fn holder(permission: Permission, on: On) -> String {
    match permission {
        Permission::DirectoryManage => "root".to_owned(),
        _ => format!("has-{}-{on:?}", permission.as_str()).to_lowercase(),
    }
}

/// Who holds everything there but this right.
pub(super) fn lacking(permission: Permission, on: On) -> String {
    format!("lacks-{}-{on:?}", permission.as_str()).to_lowercase()
}

const fn node(on: On) -> &'static str {
    match on {
        On::Organisation => "/",
        On::Project => "matrix",
        On::Repository => "matrix/oci-private",
    }
}
