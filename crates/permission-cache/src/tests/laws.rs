//! Laws that hold whatever the definition says in detail (docs/access.md 9.1, method 2).

use std::collections::BTreeSet;

use domain::{
    Caller, Format, Mode, NodeName, Outcome, Permission, Permissions, PolicyChange, PolicyFacts,
    PrincipalFact, PrincipalId, ProjectId, RepositoryFact, RepositoryId, RightKind, SubjectId, TeamId,
    Timestamp, TokenLimits,
};
use proptest::prelude::*;

use super::world;
use crate::cell::Cell;
use crate::oracle;
use crate::snapshot::Snapshot;
use crate::writer::Writer;

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn a_grant_never_removes_a_right(mut facts in world::facts(), now in world::moment(), grant in world::grant(0)) {
        if let PolicyChange::Grant(id, _) = &grant {
            facts.grants.retain(|one| one.id != *id);
        }
        let before = build(&facts, now);
        oracle::apply(&mut facts, &grant);
        let after = build(&facts, now);
        each(|caller, node| {
            let (less, more) = (before.effective(caller, node), after.effective(caller, node));
            prop_assert!(more.contains_all(less), "{:?} lost {:?} at {}", caller, less.difference(more), node);
            Ok(())
        })?;
    }

    /// Time only takes. So who holds something at the end of a stretch held it all the while, and storage, which lets nobody give
    /// longer than they hold, asks about the end alone.
    #[test]
    fn time_gives_nothing(facts in world::facts(), now in world::moment(), later in world::moment()) {
        let (early, late) = (build(&facts, now.min(later)), build(&facts, now.max(later)));
        each(|caller, node| {
            let (more, less) = (early.effective(caller, node), late.effective(caller, node));
            prop_assert!(more.contains_all(less), "{:?} gained {:?} at {}", caller, less.difference(more), node);
            Ok(())
        })?;
    }

    #[test]
    fn a_token_never_has_more_than_its_owner_or_nobody(facts in world::facts(), now in world::moment()) {
        let snapshot = build(&facts, now);
        each(|caller, node| {
            let owner = world::caller(caller.principal().get(), TokenLimits::Full);
            let most = snapshot.effective(&owner, node).union(snapshot.effective(&Caller::anonymous(), node));
            prop_assert!(most.contains_all(snapshot.effective(caller, node)));
            Ok(())
        })?;
    }

    #[test]
    fn credentials_never_give_less_than_none(facts in world::facts(), now in world::moment()) {
        let snapshot = build(&facts, now);
        each(|caller, node| {
            let nobody = snapshot.effective(&Caller::anonymous(), node);
            prop_assert!(snapshot.effective(caller, node).contains_all(nobody));
            prop_assert!(Permissions::of(&[Permission::Read]).contains_all(nobody));
            Ok(())
        })?;
    }

    #[test]
    fn leaving_all_teams_equals_deleting_the_grants_held_through_them(
        facts in world::facts(),
        now in world::moment(),
        who in world::PRINCIPALS,
    ) {
        let mut left = facts.clone();
        left.teams.iter_mut().for_each(|team| team.members.retain(|member| member.get() != who));
        let (held, kept) = (subjects(&facts, now, who), subjects(&left, now, who));
        let mut stripped = facts;
        stripped.grants.retain(|grant| !held.contains(&grant.subject.get()) || kept.contains(&grant.subject.get()));
        let (left, stripped) = (build(&left, now), build(&stripped, now));
        let caller = world::caller(who, TokenLimits::Full);
        for node in world::node_ids() {
            // Who left keeps what nobody in particular has, through the same teams too.
            let nobody = left.effective(&Caller::anonymous(), node);
            let expected = stripped.effective(&caller, node).union(nobody);
            prop_assert_eq!(left.effective(&caller, node), expected);
        }
    }

    #[test]
    fn a_new_name_changes_no_right(
        mut facts in world::facts(),
        now in world::moment(),
        project in world::PROJECTS,
        repository in world::REPOSITORIES,
    ) {
        let mut writer = Writer::new(facts.clone(), now);
        let before = writer.current().clone();
        let cell = Cell::new(before.clone());
        let mut renames = Vec::new();
        // Only the project's own row changes, and only one repository's: the rest follows.
        if let Some(fact) = facts.projects.iter_mut().find(|fact| fact.id.get() == project) {
            fact.key = world::key_of("renamed");
            renames.push(PolicyChange::Project(fact.id, Some(fact.clone())));
        }
        if let Some(fact) = facts.repositories.iter_mut().find(|fact| fact.id.get() == repository) {
            fact.path.repository = world::path_of("alpha", "renamed").repository;
            renames.push(PolicyChange::Repository(fact.id, Some(fact.clone())));
        }
        writer.follow(renames, facts.version, now, &cell);
        let after = cell.load();
        each(|caller, node| {
            prop_assert_eq!(before.effective(caller, node), after.effective(caller, node));
            Ok(())
        })?;
        let found = after.names.nodes().1;
        for repository in &found {
            let key = &facts.projects.iter().find(|fact| fact.id == repository.project()).unwrap().key;
            prop_assert_eq!(&repository.path().project, key);
        }
        prop_assert_eq!(found.len(), before.names.nodes().1.len());
    }

    /// Storage hands out new ids for ever, so what is made again under an old name starts from nothing, even if rows of
    /// the old one had been left behind.
    #[test]
    fn made_again_is_not_the_same(mut facts in world::facts(), now in world::moment(), who in world::PRINCIPALS) {
        let (new_person, new_repository) = (PrincipalId::new(300), RepositoryId::new(300));
        let kind = facts.principals.iter().find(|fact| fact.id.get() == who).map(|fact| fact.kind);
        let Some(kind) = kind else { return Ok(()) };
        let old = facts.repositories.first().cloned();
        let mut changes = vec![
            PolicyChange::Principal(PrincipalId::new(who), None),
            PolicyChange::Principal(new_person, Some(PrincipalFact { id: new_person, kind, requested: None })),
        ];
        if let Some(old) = &old {
            changes.push(PolicyChange::Repository(old.id, None));
            let made = RepositoryFact { id: new_repository, format: Format::new("maven"), ..old.clone() };
            changes.push(PolicyChange::Repository(new_repository, Some(made)));
        }
        let mut writer = Writer::new(facts.clone(), now);
        let cell = Cell::new(writer.current().clone());
        changes.iter().for_each(|change| oracle::apply(&mut facts, change));
        writer.follow(changes, facts.version, now, &cell);
        let after = cell.load();
        let (gone, fresh) = (world::caller(who, TokenLimits::Full), world::caller(300, TokenLimits::Full));
        for node in world::node_ids() {
            prop_assert_eq!(after.effective(&gone, node), after.effective(&Caller::anonymous(), node));
        }
        // A stranger of the same kind who never was in anything has what the new person has.
        let stranger = PrincipalFact { id: PrincipalId::new(301), kind, requested: None };
        facts.principals.push(stranger);
        let with_stranger = build(&facts, now);
        let stranger = world::caller(301, TokenLimits::Full);
        for node in world::node_ids() {
            prop_assert_eq!(after.effective(&fresh, node), with_stranger.effective(&stranger, node));
        }
        if let Some(old) = old.filter(|old| after.node(300).parent == old.project.get()) {
            each(|caller, _| {
                let inherited = after.effective(caller, ProjectId::new(old.project.get()).into());
                let limits = caller.limits().allowed_on(&[domain::NodeId::new(300), old.project.into(), domain::NodeId::ORGANISATION]);
                let on_project = caller.limits().allowed_on(&[old.project.into(), domain::NodeId::ORGANISATION]);
                prop_assert_eq!(limits, on_project);
                prop_assert_eq!(after.effective(caller, new_repository.into()), inherited);
                Ok(())
            })?;
        }
    }

    #[test]
    fn what_is_refused_at_its_end_was_allowed_until_then(facts in world::facts(), now in world::moment()) {
        let mut writer = Writer::new(facts.clone(), now);
        let cell = Cell::new(writer.current().clone());
        while let Some(at) = cell.load().next_expiry {
            let just_before = Timestamp::from_millis(at.millis() - 1);
            prop_assert!(!writer.is_due(just_before), "nothing ends before {}", at);
            prop_assert!(writer.is_due(at));
            writer.follow(Vec::new(), facts.version, at, &cell);
        }
        let unending: Vec<_> = facts.grants.iter().filter(|grant| grant.expires.is_none_or(|at| now < at)).collect();
        prop_assert!(unending.len() <= facts.grants.len());
        let mut rest = facts;
        rest.grants.retain(|grant| grant.expires.is_none());
        let rest = build(&rest, now);
        each(|caller, node| {
            prop_assert_eq!(cell.load().effective(caller, node), rest.effective(caller, node));
            Ok(())
        })?;
    }
}

/// A reader may know of a node exactly if Probe would be allowed there, and a refusal of a name that leads nowhere looks
/// the same as a refusal of one that does.
#[test]
fn absent_and_unreadable_look_alike() {
    let facts = PolicyFacts {
        projects: vec![domain::ProjectFact {
            id: ProjectId::new(16),
            key: world::key_of("alpha"),
            team: TeamId::new(40),
        }],
        repositories: vec![RepositoryFact {
            id: RepositoryId::new(60),
            project: ProjectId::new(16),
            path: world::path_of("alpha", "jars"),
            format: Format::new("maven"),
            mode: Mode::Hosted,
        }],
        ..PolicyFacts::default()
    };
    let snapshot = build(&facts, Timestamp::from_millis(0));
    let (there, nowhere) = (world::path_of("alpha", "jars"), world::path_of("alpha", "feed"));
    for caller in world::callers() {
        for right in Permission::ALL.map(RightKind::Permission) {
            let [one, other] = [&there, &nowhere]
                .map(|path| format!("{:?}", snapshot.decide(&caller, NodeName::Repository(path), right)));
            assert_eq!(one, other);
            assert!(matches!(
                snapshot.decide(&caller, NodeName::Repository(&there), right).outcome,
                Outcome::Refused { may_know: false }
            ));
        }
    }
}

fn build(facts: &PolicyFacts, now: Timestamp) -> std::sync::Arc<Snapshot> {
    Writer::new(facts.clone(), now).current().clone()
}

fn each(check: impl Fn(&Caller, domain::NodeId) -> Result<(), TestCaseError>) -> Result<(), TestCaseError> {
    for caller in world::callers() {
        for node in world::node_ids() {
            check(&caller, node)?;
        }
    }
    Ok(())
}

/// Everything that stands for a principal, asked of the naive definition: a grant of a right nobody else has to each
/// subject in turn shows whether the principal is under it.
fn subjects(facts: &PolicyFacts, now: Timestamp, who: u32) -> BTreeSet<u32> {
    let marked = |subject: u32| {
        let mut marked = facts.clone();
        marked.principals.retain(|fact| fact.id.get() != who);
        marked.principals.push(PrincipalFact {
            id: PrincipalId::new(who),
            kind: facts.principals.iter().find(|fact| fact.id.get() == who)?.kind,
            requested: None,
        });
        // A guest has nothing, so look at the grants as a member of the same teams would.
        let fact = marked.principals.last_mut()?;
        let seen = fact.kind != domain::PrincipalKind::Guest;
        if !seen {
            fact.kind = domain::PrincipalKind::Collaborator;
        }
        marked.grants.retain(|grant| matches!(grant.what, domain::GrantedWhat::Role(_)));
        marked.roles.iter_mut().for_each(|role| role.permissions = Permissions::NONE);
        marked.grants.push(domain::GrantFact {
            id: domain::GrantId::new(999),
            subject: SubjectId::new(subject),
            node: domain::NodeId::ORGANISATION,
            what: domain::GrantedWhat::Permissions(Permissions::of(&[Permission::Publish])),
            expires: None,
        });
        let oracle = oracle::Oracle::new(&marked, now);
        let held = oracle.effective(&world::caller(who, TokenLimits::Full), domain::NodeId::ORGANISATION);
        held.contains(Permission::Publish).then_some(subject)
    };
    (1..50).filter_map(marked).collect()
}
