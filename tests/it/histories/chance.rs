//! What is asked by chance, from small pools of names, so that everything meets everything: what is there, was there and never was.

use domain::{Permission, Permissions};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use super::call::{By, Call, LATE, PAST, Step, TOKENS_END, What};

const PROJECTS: [&str; 3] = ["alpha", "beta", "gamma"];
const REPOSITORIES: [&str; 4] = ["alpha/jars", "alpha/feed", "beta/jars", "gamma/jars"];
const NODES: [&str; 8] =
    ["/", "alpha", "beta", "gamma", "alpha/jars", "alpha/feed", "beta/jars", "gamma/jars"];
const PEOPLE: [&str; 6] =
    ["member:root", "member:ann", "member:ben", "collaborator:cora", "guest:gus", "member:new"];
const APPLICATIONS: [&str; 3] = ["robot", "server", "newbot"];
const PRINCIPALS: [&str; 9] = [
    "member:root",
    "member:ann",
    "member:ben",
    "collaborator:cora",
    "guest:gus",
    "application:robot",
    "application:server",
    "application:newbot",
    "member:nobody",
];
const TEAMS: [&str; 7] =
    ["red", "blue", "org-admins", "everyone", "org-members", "project-team:alpha", "green"];
const TEAM_SUBJECTS: [&str; 7] = [
    "team:red",
    "team:blue",
    "team:org-admins",
    "team:everyone",
    "team:org-members",
    "team:anyone",
    "team:project-team:alpha",
];
const ROLES: [&str; 13] = [
    "project-admin",
    "project-member",
    "organisation-member",
    "collaborator",
    "guest",
    "automation",
    "viewer",
    "writer",
    "manager",
    "package-manager",
    "organisation-admin",
    "own",
    "other",
];

/// Requests by everybody, mostly by those who may something.
pub(super) fn step() -> impl Strategy<Value = Step> {
    // The first token is that of an administrator.
    let by = prop_oneof![
        10 => Just(By::Token(0)),
        12 => (0_usize..64).prop_map(By::Token),
        1 => Just(By::Nobody),
        1 => Just(By::Wrong),
    ];
    (by, call(), prop::bool::weighted(0.03)).prop_map(|(by, call, odd)| Step { by, call, odd })
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![5 => nodes(), 7 => subjects(), 4 => roles(), 10 => grants(), 5 => tokens()]
}

fn nodes() -> impl Strategy<Value = Call> {
    let (project, on) = (select(&PROJECTS[..]), select(&REPOSITORIES[..]));
    let access = weighted(0.6, select(&["closed", "internal"][..]));
    let formats = prop_oneof![8 => Just("maven"), 1 => Just("oci")];
    let often = || prop::bool::weighted(0.85);
    prop_oneof![
        3 => (project.clone(), access).prop_map(|(project, access)| Call::PutProject { project, access }),
        1 => (project, often(), often())
            .prop_map(|(project, confirm, with)| Call::DeleteProject { project, confirm, with }),
        3 => (on.clone(), formats, any::<bool>())
            .prop_map(|(on, format, public)| Call::PutRepository { on, format, public }),
        2 => (on.clone(), any::<bool>()).prop_map(|(on, public)| Call::SetVisibility { on, public }),
        1 => (on, often()).prop_map(|(on, confirm)| Call::DeleteRepository { on, confirm }),
    ]
}

fn subjects() -> impl Strategy<Value = Call> {
    let rarely = || prop::bool::weighted(0.3);
    let often = || prop::bool::weighted(0.85);
    let (who, name, team) = (select(&PEOPLE[..]), select(&APPLICATIONS[..]), select(&TEAMS[..]));
    let authorised = vec(select(&PROJECTS[..]), 0..3);
    prop_oneof![
        2 => (who.clone(), rarely()).prop_map(|(who, suspended)| Call::PutPerson { who, suspended }),
        1 => (who, often()).prop_map(|(who, confirm)| Call::DeletePerson { who, confirm }),
        2 => (select(&PRINCIPALS[..]), rarely()).prop_map(|(who, suspended)| Call::Suspend { who, suspended }),
        2 => (team.clone(), vec(subject(), 0..4)).prop_map(|(team, members)| Call::PutTeam { team, members }),
        1 => (team.clone(), often()).prop_map(|(team, confirm)| Call::DeleteTeam { team, confirm }),
        4 => (team, subject(), prop::bool::weighted(0.7))
            .prop_map(|(team, who, is_in)| Call::SetMember { team, who, is_in }),
        2 => (name.clone(), weighted(0.7, permissions()), authorised, rarely()).prop_map(
            |(name, requested, authorised, suspended)| Call::PutApplication { name, requested, authorised, suspended }
        ),
        1 => (name.clone(), often()).prop_map(|(name, confirm)| Call::DeleteApplication { name, confirm }),
        2 => (select(&PROJECTS[..]), name.clone()).prop_map(|(project, name)| Call::Authorise { project, name }),
        1 => (select(&PROJECTS[..]), name).prop_map(|(project, name)| Call::Withdraw { project, name }),
    ]
}

fn roles() -> impl Strategy<Value = Call> {
    let at = || weighted(0.7, select(&PROJECTS[..]));
    let role = || select(&ROLES[..]);
    prop_oneof![
        4 => (at(), role(), permissions())
            .prop_map(|(at, role, permissions)| Call::PutRole { at, role, permissions }),
        1 => (at(), role()).prop_map(|(at, role)| Call::ResetRole { at, role }),
        1 => (at(), role(), any::<bool>()).prop_map(|(at, role, with)| Call::DeleteRole { at, role, with }),
    ]
}

fn grants() -> impl Strategy<Value = Call> {
    let project = || select(&PROJECTS[..]);
    let role = || select(&ROLES[..]);
    let what = prop_oneof![role().prop_map(What::Role), permissions().prop_map(What::Permissions)];
    let expires = || weighted(0.2, prop_oneof![Just(PAST), Just(TOKENS_END), Just(LATE)]);
    prop_oneof![
        5 => (select(&NODES[..]), subject(), what, expires())
            .prop_map(|(on, to, what, expires)| Call::PutGrant { on, to, what, expires }),
        2 => (select(&NODES[..]), subject(), weighted(0.7, role()))
            .prop_map(|(on, to, role)| Call::DeleteGrant { on, to, role }),
        2 => (project(), subject(), vec(role(), 0..3), expires()).prop_map(|(project, who, roles, expires)| {
            Call::SetParticipant { project, who, roles, expires }
        }),
        2 => (project(), subject(), vec((select(&NODES[..]), permissions()), 0..3))
            .prop_map(|(project, who, grants)| Call::SetOwnPermissions { project, who, grants }),
        1 => (project(), subject()).prop_map(|(project, who)| Call::RemoveParticipant { project, who }),
    ]
}

fn tokens() -> impl Strategy<Value = Call> {
    let of = || weighted(0.6, select(&PRINCIPALS[..]));
    let limits = weighted(0.6, vec((select(&NODES[..]), permissions()), 1..3));
    let expires = weighted(0.3, prop_oneof![1 => Just(PAST), 3 => Just(TOKENS_END), 1 => Just(LATE)]);
    prop_oneof![
        3 => (of(), limits, expires).prop_map(|(of, limits, expires)| Call::MakeToken { of, limits, expires }),
        1 => (of(), 0_usize..64, select(&["disabled", "revoked"][..]))
            .prop_map(|(of, token, state)| Call::LowerToken { of, token, state }),
    ]
}

fn subject() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => select(&PRINCIPALS[..]), 2 => select(&TEAM_SUBJECTS[..])]
}

fn permissions() -> impl Strategy<Value = Permissions> {
    // With all at random nearly every set would hold something that may not be given.
    let usual = [Permission::Read, Permission::Publish, Permission::Overwrite, Permission::AccessManage];
    let some = vec(select(&Permission::ALL[..]), 1..3).prop_map(|some| some.into_iter().collect());
    prop_oneof![3 => vec(select(usual.to_vec()), 1..4).prop_map(|some| some.into_iter().collect()), 2 => some]
}
