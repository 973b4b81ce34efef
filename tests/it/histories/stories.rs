//! How histories begin, and those that failed once.

use domain::{Permission, Permissions};

use super::call::{Call, What};

const READ: Permissions = Permissions::of(&[Permission::Read]);
const BOTH: Permissions = Permissions::of(&[Permission::Read, Permission::Publish]);

/// Somebody who looks at everything.
pub(super) fn who_watches() -> Vec<Call> {
    let some = Permissions::of(&[Permission::AccessManage, Permission::DirectoryView]);
    let to = "member:eye";
    vec![
        Call::PutPerson { who: to, suspended: false },
        Call::PutGrant { on: "/", to, what: What::Permissions(some), expires: None },
        Call::MakeToken { of: Some(to), limits: None, expires: None },
    ]
}

/// Projects, somebody of each kind in them, and a token for each.
pub(super) fn who_and_what_there_is() -> Vec<Call> {
    let person = |who| Call::PutPerson { who, suspended: false };
    let token = |of| Call::MakeToken { of: Some(of), limits: None, expires: None };
    let limited =
        |of, on, some| Call::MakeToken { of: Some(of), limits: Some(vec![(on, some)]), expires: None };
    let part = |project, who, role| Call::SetParticipant { project, who, roles: vec![role], expires: None };
    let application =
        |name, requested, authorised| Call::PutApplication { name, requested, authorised, suspended: false };
    vec![
        Call::PutProject { project: "alpha", access: None },
        Call::PutProject { project: "beta", access: Some("internal") },
        Call::PutRepository { on: "alpha/jars", format: "maven", public: false },
        Call::PutRepository { on: "beta/jars", format: "maven", public: true },
        person("member:ann"),
        person("member:ben"),
        person("collaborator:cora"),
        person("guest:gus"),
        application("robot", Some(BOTH), vec!["alpha"]),
        application("server", None, vec![]),
        Call::PutTeam { team: "red", members: vec!["member:ben", "application:server"] },
        Call::PutTeam { team: "blue", members: vec!["team:red"] },
        part("alpha", "member:ann", "project-admin"),
        part("beta", "team:blue", "project-member"),
        part("alpha", "collaborator:cora", "collaborator"),
        Call::SetOwnPermissions {
            project: "alpha",
            who: "collaborator:cora",
            grants: vec![("alpha/jars", READ)],
        },
        token("member:ann"),
        token("member:ben"),
        token("collaborator:cora"),
        token("guest:gus"),
        token("application:robot"),
        token("application:server"),
        limited("member:ann", "alpha", Permissions::of(&[Permission::Read, Permission::AccessManage])),
        limited("member:ben", "beta/jars", Permissions::of(&[Permission::Publish])),
    ]
}
