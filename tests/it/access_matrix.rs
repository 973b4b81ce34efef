//! Every route, every kind of caller, every kind of repository: one committed table (`access_matrix.txt`), made by running
//! and compared. `UPDATE_EXPECT=1` writes it anew. What a cell must be is computed here a second time, from the right that
//! the route names, so that a table written anew cannot hide a hole. There are no exemptions.

use std::fmt::Write as _;

use api::Need;
use domain::{Format, KnownFormat, Permission, RightKind};
use expect_test::expect_file;
use frontend::{Example, Needs, examples};

use crate::support::organisation::{Login, Organisation};
use crate::support::{Ask, Http, Server, token};

mod administration;
mod callers;
mod rooms;
mod space;

use callers::{Caller, Kind};

/// A repository as callers may find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Private,
    Public,
    Absent,
}

impl Target {
    const ALL: [Self; 3] = [Self::Private, Self::Public, Self::Absent];

    /// There is one of each for each format; none has the absent ones.
    fn path(self, format: Format) -> String {
        format!("matrix/{}-{}", format.as_str(), self.word())
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
            Self::Absent => "absent",
        }
    }
}

fn organisation() -> Organisation {
    let mut organisation = Organisation::empty();
    for KnownFormat { format, .. } in frontend::formats().iter() {
        for place in [Target::Private, Target::Public] {
            let path = place.path(*format);
            organisation = organisation.repository(&path, format.as_str(), place.word(), "");
        }
    }
    organisation
        .member("nobody")
        .member("reader")
        .may("member:reader", "read", "matrix")
        .member("publisher")
        .may("member:publisher", "read publish overwrite", "matrix")
        .token("publisher", "publish-only", &[("matrix", "publish")])
        .member("manager")
        .role("member:manager", "project-admin", "matrix")
        .token("manager", "limited", &[("matrix", "read")])
        .token("manager", "revoked", &[])
        .token("manager", "behind", &[])
        .member("suspended")
        .role("member:suspended", "project-admin", "matrix")
}

/// The columns of the wrong ones are long: nobody is to be throttled for it.
async fn serve() -> Server {
    Server::tuned(organisation(), |config| {
        config.auth.failures_per_claim_max = 100_000;
        config.auth.failures_per_address_max = 100_000;
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_answers_every_caller_as_written() {
    let hub = serve().await;
    let callers = Caller::all(&hub).await;
    let http = Http::new(hub.address());
    let mut table = heading();
    for place in Target::ALL {
        for (format, example) in examples() {
            if matches!(example.needs, Needs::Open | Needs::Browse) && place != Target::Private {
                continue;
            }
            let name = format!("{} {}", format.as_str(), example.name);
            let mut statuses = Vec::new();
            for caller in &callers {
                let ask = ask(&example, &place.path(format));
                let status = http.send(caller.sign(ask)).await.status.as_u16();
                let valid = caller.kind.is_valid_for(format);
                check(&name, status, (caller.kind, valid), place, example.needs);
                statuses.push(status);
            }
            row(&mut table, &name, place.word(), &statuses);
        }
    }
    for mounted in api::all() {
        for place in administration::places(&mounted) {
            let mut statuses = Vec::new();
            for caller in &callers {
                let ask = administration::ask(&mounted, *place);
                let status = http.send(caller.sign(ask)).await.status.as_u16();
                administration::check(&mounted, status, caller.kind, *place);
                statuses.push(status);
            }
            row(&mut table, &administration::name(&mounted), place.word(), &statuses);
        }
    }
    for room in rooms::all() {
        let mut statuses = Vec::new();
        for caller in &callers {
            let status = http.send(caller.sign(room.ask())).await.status.as_u16();
            room.check(status, caller.kind);
            statuses.push(status);
        }
        row(&mut table, &room.name(), "-", &statuses);
    }
    expect_file!["access_matrix.txt"].assert_eq(&table);
}

/// Absent and unreadable are one column: nobody but those who may read it can tell that a private repository is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_absent_repository_answers_as_an_unreadable_one() {
    let hub = serve().await;
    let http = Http::new(hub.address());
    for caller in Caller::all(&hub).await {
        if !matches!(caller.kind, Kind::None | Kind::AnonymousBearer | Kind::WithoutRight) {
            continue;
        }
        for (format, example) in examples() {
            let mut seen = Vec::new();
            for place in [Target::Private, Target::Absent] {
                let path = place.path(format);
                let answer = http.send(caller.sign(ask(&example, &path))).await;
                seen.push(answer.bytes_but(&[&path]));
            }
            assert_eq!(seen[0], seen[1], "{} as {:?}", example.name, caller.kind);
        }
        for mounted in api::all() {
            if !administration::places(&mounted).contains(&Target::Absent) {
                continue;
            }
            let mut seen = Vec::new();
            for place in [Target::Private, Target::Absent] {
                let answer = http.send(caller.sign(administration::ask(&mounted, place))).await;
                seen.push(answer.bytes_but(&[]));
            }
            assert_eq!(seen[0], seen[1], "{} as {:?}", mounted.meta.id, caller.kind);
        }
    }
}

/// The law of the management's list: the declared right is enough to be let in, and nothing else is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declared_right_is_enough_and_nothing_else_is() {
    let hub = Server::with(administration::with_single_rights(organisation())).await;
    for mounted in api::all() {
        let ask = || administration::ask(&mounted, Target::Private);
        let name = mounted.meta.id;
        // What asks for no right has its proof in the body, and here comes none.
        hub.stranger().send(ask()).await.is(if mounted.need == Need::Open { 400 } else { 401 });
        let Need::Right(RightKind::Permission(permission), on) = mounted.need else { continue };
        let holder = administration::holder(permission, on);
        let status = hub.actor(&holder).send(ask()).await.status.as_u16();
        assert!(!matches!(status, 401 | 403) && status < 500, "{name} as {holder}: {status}");
        // Whoever holds any other right in a repository may read there.
        if permission == Permission::Read {
            continue;
        }
        let answer = hub.actor(&administration::lacking(permission, on)).send(ask()).await.is(403).json();
        assert_eq!(answer["code"], "denied", "{name}: {answer}");
    }
}

/// An example, sent to this repository.
fn ask(example: &Example, repository: &str) -> Ask {
    let target = example.path.replace("{repository}", repository);
    let ask = Ask::new(example.method.clone(), target).body(example.body);
    example.headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value))
}

/// Fails if a cell is not what the right of its route and the rights of its caller make of it.
fn check(route: &str, status: u16, (kind, valid): (Kind, bool), place: Target, needs: Needs) {
    let what = format!("{route} on {} as {kind:?}: {status}", place.word());
    if !valid {
        return assert_eq!(status, 401, "{what}");
    }
    match needs {
        // The version check asks for nothing but credentials, and lists over all repositories are for who is logged in.
        Needs::Open | Needs::Browse => assert_eq!(status, if kind.is_nobody() { 401 } else { 200 }, "{what}"),
        Needs::Right(right) if holds(kind, place, right) => {
            assert!(!matches!(status, 401 | 403) && status < 500, "{what}");
        }
        Needs::Right(_) => assert_eq!(status, if kind.is_nobody() { 401 } else { 403 }, "{what}"),
    }
}

/// The definition, in a dozen lines: what each caller holds where.
fn holds(kind: Kind, place: Target, right: RightKind) -> bool {
    use Permission as P;
    let public: &[P] = if place == Target::Public { &[P::Read] } else { &[] };
    let own: &[P] = match kind {
        Kind::Reader | Kind::Limited => &[P::Read],
        Kind::Publisher => &[P::Read, P::Publish, P::Overwrite],
        Kind::PublishOnly => &[P::Publish],
        Kind::Manager | Kind::Bearer | Kind::Administrator => &P::ALL,
        Kind::None | Kind::AnonymousBearer | Kind::Wrong | Kind::WithoutRight => &[],
        Kind::Revoked | Kind::BearerOfRevoked | Kind::Suspended => &[],
    };
    // Who runs a project does not see who did what in it, unless that is given too.
    let apart = |permission| permission == P::AuditView && kind != Kind::Administrator;
    let owned = |permission| own.contains(&permission) && !apart(permission);
    let held = |permission| public.contains(&permission) || (place != Target::Absent && owned(permission));
    match right {
        RightKind::Probe => held(P::Read) || held(P::Publish),
        RightKind::Permission(permission) => held(permission),
    }
}

fn heading() -> String {
    let mut text = format!("{:<54}{:<9}", "route", "where");
    for kind in Kind::ALL {
        let _ = write!(text, "{:<17}", kind.word());
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn row(table: &mut String, name: &str, place: &str, statuses: &[u16]) {
    let mut line = format!("{name:<53} {place:<9}");
    for status in statuses {
        let _ = write!(line, "{status:<17}");
    }
    table.push_str(line.trim_end());
    table.push('\n');
}

/// A login that nobody has.
fn wrong() -> Login {
    Login { name: "manager".to_owned(), secret: token::generate('p') }
}
