use std::ops::Bound;
use std::sync::Arc;

use domain::{
    GrantFact, GrantedWhat, PolicyChange, PrincipalFact, PrincipalId, PrincipalKind, ProjectFact,
    RepositoryFact, RepositoryPath, RoleFact, TeamFact, TeamId, Timestamp,
};

use super::lists::difference;
use super::{Model, Principal, ProjectEntry, RepositoryEntry, Touched, add, remove};
use crate::ids::sorted;

impl Model {
    /// Takes in changes of any order and any number, and says what they touched. Each carries the present state of its
    /// subject, so changes already known do no harm.
    pub(crate) fn apply(&mut self, changes: Vec<PolicyChange>, now: Timestamp) -> Touched {
        let mut touched = Touched::default();
        for change in changes {
            match change {
                PolicyChange::Principal(id, fact) => self.set_principal(id.get(), fact, &mut touched),
                PolicyChange::Team(id, fact) => self.set_team(id.get(), fact, &mut touched),
                PolicyChange::Role(id, fact) => self.set_role(id.get(), fact, &mut touched),
                PolicyChange::Project(id, fact) => self.set_project(id.get(), fact, &mut touched),
                PolicyChange::Repository(id, fact) => self.set_repository(id.get(), fact, &mut touched),
                PolicyChange::Grant(id, fact) => self.set_grant(id.get(), fact, &mut touched),
            }
        }
        self.move_to(now, &mut touched);
        self.settle_holders(&mut touched);
        self.spread(&mut touched);
        touched
    }

    /// Grants whose end lies between the old and the new moment begin or cease to hold; time may be set back too.
    fn move_to(&mut self, now: Timestamp, touched: &mut Touched) {
        for id in self.ends_between(self.now, now) {
            if let Some(grant) = self.grants.get(&id) {
                touched.grants_of(grant.node.get());
            }
        }
        self.now = now;
    }

    /// Whether a grant begins or ceases to hold at `now`.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.ends_between(self.now, now).next().is_some()
    }

    fn ends_between(&self, one: Timestamp, other: Timestamp) -> impl Iterator<Item = u32> {
        let (from, to) = (one.min(other), one.max(other));
        let between = (Bound::Excluded(from), Bound::Included(to));
        let span = (from < to).then(|| self.expiries.range(between));
        span.into_iter().flatten().flat_map(|(_, ids)| ids.iter().copied())
    }

    pub(super) fn set_principal(&mut self, id: u32, fact: Option<PrincipalFact>, touched: &mut Touched) {
        if id == PrincipalId::ANONYMOUS.get() {
            return;
        }
        touched.principals.insert(id);
        let Some(fact) = fact else {
            self.principals.remove(&id);
            return;
        };
        let requested = fact.requested.filter(|_| fact.kind == PrincipalKind::Application);
        let scope = requested.map(|scope| {
            let projects = scope.projects.iter().map(|project| project.get()).collect();
            (scope.permissions, sorted(projects).into())
        });
        self.principals.insert(id, Principal { kind: fact.kind, scope });
    }

    pub(super) fn set_team(&mut self, id: u32, fact: Option<TeamFact>, touched: &mut Touched) {
        let computed = [TeamId::ANYONE, TeamId::EVERYONE, TeamId::ORG_MEMBERS];
        if computed.contains(&TeamId::new(id)) {
            return;
        }
        let members = fact.map_or_else(Vec::new, |fact| fact.members);
        let new = sorted(members.into_iter().map(domain::SubjectId::get).collect());
        let old = self.members.remove(&id).unwrap_or_default();
        self.move_members(id, &old, &new, touched);
        if !new.is_empty() {
            self.members.insert(id, new);
        }
    }

    pub(super) fn set_role(&mut self, id: u32, fact: Option<RoleFact>, touched: &mut Touched) {
        for grant in self.role_grants.get(&id).map_or(&[][..], Vec::as_slice) {
            if let Some(grant) = self.grants.get(grant) {
                touched.grants_of(grant.node.get());
            }
        }
        match fact {
            Some(fact) => self.roles.insert(id, fact),
            None => self.roles.remove(&id),
        };
    }

    pub(super) fn set_project(&mut self, id: u32, fact: Option<ProjectFact>, touched: &mut Touched) {
        touched.grants_of(id);
        touched.names.insert(id);
        touched.old_projects.extend(self.project_node(id));
        if let Some(old) = self.projects.remove(&id) {
            let holders = self.holders.remove(&id).unwrap_or_default();
            self.move_members(old.team, &holders, &[], touched);
            remove(&mut self.team_projects, old.team, id);
            touched.subjects.insert(old.team);
        }
        for repository in self.project_repositories.get(&id).map_or(&[][..], Vec::as_slice) {
            touched.nodes.insert(*repository);
            touched.names.insert(*repository);
            let Some(entry) = self.repositories.get_mut(repository) else { continue };
            let node = domain::Repository::new(
                domain::RepositoryId::new(*repository),
                domain::ProjectId::new(id),
                entry.format,
                entry.mode,
                Arc::clone(&entry.path),
            );
            touched.old_repositories.push(node);
            if let Some(fact) = &fact {
                entry.path = path_in(&fact.key, &entry.path);
            }
        }
        if let Some(fact) = fact {
            let team = fact.team.get();
            add(&mut self.team_projects, team, id);
            touched.subjects.insert(team);
            self.projects.insert(id, ProjectEntry { key: Arc::new(fact.key), team });
        }
    }

    pub(super) fn set_repository(&mut self, id: u32, fact: Option<RepositoryFact>, touched: &mut Touched) {
        touched.nodes.insert(id);
        touched.names.insert(id);
        touched.old_repositories.extend(self.repository_node(id));
        if let Some(old) = self.repositories.remove(&id) {
            remove(&mut self.project_repositories, old.project, id);
        }
        let Some(fact) = fact else { return };
        let project = fact.project.get();
        add(&mut self.project_repositories, project, id);
        let path = Arc::new(fact.path);
        let path =
            self.projects.get(&project).map_or_else(|| Arc::clone(&path), |entry| path_in(&entry.key, &path));
        let (format, mode) = (fact.format, fact.mode);
        self.repositories.insert(id, RepositoryEntry { project, format, mode, path });
    }

    pub(super) fn set_grant(&mut self, id: u32, fact: Option<GrantFact>, touched: &mut Touched) {
        if let Some(old) = self.grants.remove(&id) {
            touched.grants_of(old.node.get());
            remove(&mut self.node_grants, old.node.get(), (id, old.subject.get()));
            if let GrantedWhat::Role(role) = old.what {
                remove(&mut self.role_grants, role.get(), id);
            }
            if let Some(at) = old.expires {
                self.remove_expiry(at, id);
            }
            self.count_named(old.subject.get(), false, touched);
        }
        let Some(new) = fact else { return };
        touched.grants_of(new.node.get());
        add(&mut self.node_grants, new.node.get(), (id, new.subject.get()));
        if let GrantedWhat::Role(role) = new.what {
            add(&mut self.role_grants, role.get(), id);
        }
        if let Some(at) = new.expires {
            self.expiries.entry(at).or_default().push(id);
        }
        self.count_named(new.subject.get(), true, touched);
        self.grants.insert(id, new);
    }

    /// Counts how many grants name a subject. The first and the last one decide whether a computed project team is kept
    /// in the rows of those who are in it.
    fn count_named(&mut self, subject: u32, more: bool, touched: &mut Touched) {
        let count = self.subject_grants.entry(subject).or_insert(0);
        let before = *count;
        *count = if more { before.saturating_add(1) } else { before.saturating_sub(1) };
        if *count == 0 {
            self.subject_grants.remove(&subject);
        }
        if before == 0 || before == 1 && !more {
            touched.named(subject, self.team_projects.contains_key(&subject));
        }
    }

    fn remove_expiry(&mut self, at: Timestamp, id: u32) {
        let Some(ids) = self.expiries.get_mut(&at) else { return };
        ids.retain(|one| *one != id);
        if ids.is_empty() {
            self.expiries.remove(&at);
        }
    }

    /// Finds out who holds `project-member` on the touched projects: they are the direct members of its computed team.
    pub(super) fn settle_holders(&mut self, touched: &mut Touched) {
        for project in std::mem::take(&mut touched.projects) {
            let Some(team) = self.projects.get(&project).map(|entry| entry.team) else { continue };
            let members = self.live_at(project, self.now).filter(|grant| self.is_project_member(grant));
            let new = sorted(members.map(|grant| grant.subject.get()).collect());
            let old = self.holders.remove(&project).unwrap_or_default();
            self.move_members(team, &old, &new, touched);
            if !new.is_empty() {
                self.holders.insert(project, new);
            }
        }
    }

    fn move_members(&mut self, team: u32, old: &[u32], new: &[u32], touched: &mut Touched) {
        let (gone, come) = difference(old, new);
        for member in gone {
            remove(&mut self.containers, member, team);
            touched.subjects.insert(member);
        }
        for member in come {
            add(&mut self.containers, member, team);
            touched.subjects.insert(member);
        }
    }
}

impl Touched {
    /// The subjects whose place in the teams may have changed; taken, because they are spread only once.
    pub(super) fn take_subjects(&mut self) -> crate::ids::IdSet {
        std::mem::take(&mut self.subjects)
    }

    fn grants_of(&mut self, node: u32) {
        self.nodes.insert(node);
        self.projects.insert(node);
    }

    fn named(&mut self, subject: u32, project_team: bool) {
        if project_team {
            self.subjects.insert(subject);
        }
    }
}

/// The same repository under its project's present key, whatever the repository's own row says.
fn path_in(key: &domain::ProjectKey, path: &Arc<RepositoryPath>) -> Arc<RepositoryPath> {
    if path.project == *key {
        return Arc::clone(path);
    }
    Arc::new(RepositoryPath { project: key.clone(), repository: path.repository.clone() })
}
