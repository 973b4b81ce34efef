//! What is answered, and what is so afterwards: who may, what the rules are (docs/access.md 2, docs/api.md 1), one function a call.

use std::collections::BTreeSet;

use domain::{
    AuthorisedScope, Caller, NodeId, Permission, Permissions, PrincipalId, ProjectId, SubjectId, TeamId,
    Timestamp, Who,
};

use super::call::{By, Call, Moment, Step};
use super::world::{World, of_members};

/// Status and code of a refusal.
pub(super) type Refused = (u16, &'static str);
/// The status, or the refusal.
pub(super) type Answer<T = u16> = Result<T, Refused>;

const NOBODY: Refused = (401, "not-authenticated");
const WRONG: Refused = (401, "bad-credentials");
const DENIED: Refused = (403, "denied");
pub(super) const BEYOND: Refused = (403, "beyond-own");
pub(super) const ABSENT: Refused = (404, "absent");
pub(super) const UNKNOWN: Refused = (409, "unknown-name");
pub(super) const RULE: Refused = (409, "rule");
pub(super) const BUILTIN: Refused = (409, "builtin");
const CONFIRM: Refused = (409, "confirm");
const ODD: Refused = (400, "unknown-field");

/// Who asks, once they are let in.
pub(super) struct Asking {
    pub(super) caller: Caller,
    /// When what they present ends.
    pub(super) ends: Option<Timestamp>,
    /// Which token that is.
    pub(super) token: usize,
}

pub(super) fn unless(holds: bool, refused: Refused) -> Answer<()> {
    if holds { Ok(()) } else { Err(refused) }
}

impl World {
    /// What is to be answered. What there is afterwards is in `self`, if it is a success.
    pub(super) fn predict(&mut self, step: &Step) -> Answer {
        let asking = self.asking(step.by)?;
        let mut next = self.clone();
        next.may(&asking, &step.call)?;
        unless(!step.odd || !step.call.has_body(), ODD)?;
        let before = self.administrators();
        let status = next.apply(&asking, &step.call)?;
        unless(before == 0 || next.administrators() > 0, (409, "last-admin"))?;
        *self = next;
        Ok(status)
    }

    fn asking(&self, by: By) -> Answer<Asking> {
        let token = match by {
            By::Nobody => return Err(NOBODY),
            By::Wrong => return Err(WRONG),
            By::Token(number) => number % self.tokens.len(),
        };
        let presented = &self.tokens[token];
        let caller = self.caller(presented).ok_or(WRONG)?;
        Ok(Asking { caller, ends: presented.expires, token })
    }

    fn holds(&self, asking: &Asking, node: Option<NodeId>, permission: Permission) -> Answer<NodeId> {
        let node = node.ok_or(DENIED)?;
        unless(self.held(&asking.caller, node).contains(permission), DENIED)?;
        Ok(node)
    }

    /// The right that the call needs, which is asked for before anything else is looked at.
    fn may(&self, asking: &Asking, call: &Call) -> Answer<()> {
        use Permission as P;
        let (node, right) = match call {
            Call::PutProject { project, .. } => {
                let (node, make) = (self.node(project), (NodeId::ORGANISATION, P::ProjectCreate));
                return self.may_make_or_change(asking, node, make);
            }
            Call::PutRepository { on, .. } => {
                let project = on.split('/').next().and_then(|project| self.node(project));
                let make = (project.unwrap_or(NodeId::new(u32::MAX)), P::RepositoryCreate);
                return self.may_make_or_change(asking, self.node(on), make);
            }
            Call::DeleteProject { project, .. } => {
                self.holds(asking, self.node(project), P::RepositoryDelete)?;
                (self.node(project), P::AccessManage)
            }
            Call::SetVisibility { on, .. } => (self.node(on), P::RepositorySettings),
            Call::DeleteRepository { on, .. } => (self.node(on), P::RepositoryDelete),
            Call::PutPerson { .. }
            | Call::DeletePerson { .. }
            | Call::Suspend { .. }
            | Call::PutTeam { .. }
            | Call::DeleteTeam { .. }
            | Call::SetMember { .. }
            | Call::PutApplication { .. }
            | Call::DeleteApplication { .. }
            | Call::MakeToken { of: Some(_), .. }
            | Call::LowerToken { of: Some(_), .. } => (Some(NodeId::ORGANISATION), P::DirectoryManage),
            Call::MakeToken { of: None, .. } | Call::LowerToken { of: None, .. } => {
                let person = matches!(asking.caller.who(), Who::Principal(_, kind) if kind.is_person());
                return unless(person, DENIED);
            }
            Call::PutRole { at, .. } | Call::ResetRole { at, .. } | Call::DeleteRole { at, .. } => {
                (self.node(at.unwrap_or("/")), P::AccessManage)
            }
            Call::PutGrant { on, .. } | Call::DeleteGrant { on, .. } => (self.node(on), P::AccessManage),
            Call::Authorise { project, .. }
            | Call::Withdraw { project, .. }
            | Call::SetParticipant { project, .. }
            | Call::SetOwnPermissions { project, .. }
            | Call::RemoveParticipant { project, .. } => (self.node(project), P::AccessManage),
        };
        self.holds(asking, node, right).map(drop)
    }

    fn may_make_or_change(
        &self,
        asking: &Asking,
        node: Option<NodeId>,
        make: (NodeId, Permission),
    ) -> Answer<()> {
        let held = node.map(|node| self.held(&asking.caller, node)).unwrap_or_default();
        if held.contains(Permission::RepositorySettings) {
            return Ok(());
        }
        // Who may know that it is there is not asked whether they would make it.
        unless(!held.contains(Permission::Read) && !held.contains(Permission::Publish), DENIED)?;
        unless(self.held(&asking.caller, make.0).contains(make.1), DENIED)
    }

    fn apply(&mut self, asking: &Asking, call: &Call) -> Answer {
        match call {
            Call::PutProject { project, access } => self.put_project(asking, project, *access),
            Call::DeleteProject { project, confirm, with } => self.delete_project(project, *confirm, *with),
            Call::PutRepository { on, format, public } => self.put_repository(asking, on, format, *public),
            Call::SetVisibility { on, public } => {
                let node = self.node(on).ok_or(ABSENT)?;
                self.set_public(node, *public);
                Ok(200)
            }
            Call::DeleteRepository { on, confirm } => {
                unless(*confirm, CONFIRM)?;
                let node = self.node(on).ok_or(ABSENT)?;
                self.remove_node(node);
                Ok(200)
            }
            Call::PutPerson { who, suspended } => {
                let made = !self.names.contains_key(*who);
                if made {
                    self.make_principal(who);
                }
                self.suspend(who, *suspended)?;
                Ok(if made { 201 } else { 200 })
            }
            Call::DeletePerson { who, confirm } => self.delete_subject(who, *confirm),
            Call::DeleteApplication { name, confirm } => {
                self.delete_subject(&format!("application:{name}"), *confirm)
            }
            Call::DeleteTeam { team, confirm } => self.delete_subject(&format!("team:{team}"), *confirm),
            Call::Suspend { who, suspended } => self.suspend(who, *suspended),
            Call::PutTeam { team, members } => self.put_team(team, members),
            Call::SetMember { team, who, is_in } => self.set_member(team, who, *is_in),
            Call::PutApplication { name, requested, authorised, suspended } => {
                self.put_application(asking, name, (*requested, authorised), *suspended)
            }
            Call::Authorise { project, name } => self.authorise(asking, project, name),
            Call::Withdraw { project, name } => self.withdraw(project, name),
            Call::PutRole { at, role, permissions } => self.put_role(asking, *at, role, Some(*permissions)),
            Call::ResetRole { at, role } => self.put_role(asking, *at, role, None),
            Call::DeleteRole { at, role, with } => self.delete_role(*at, role, *with),
            Call::PutGrant { on, to, what, expires } => {
                let (node, to) = (self.node(on).ok_or(ABSENT)?, self.named(to).ok_or(UNKNOWN)?);
                self.give(asking, (to, node), what, expires.map(Moment::at))?;
                Ok(200)
            }
            Call::DeleteGrant { on, to, role } => self.delete_grant(on, to, *role),
            Call::SetParticipant { project, who, roles, expires } => {
                self.set_participant(asking, (project, who), roles, expires.map(Moment::at))
            }
            Call::SetOwnPermissions { project, who, grants } => {
                self.set_own_permissions(asking, (project, who), grants)
            }
            Call::RemoveParticipant { project, who } => {
                let (project, who) = (self.project(project).ok_or(ABSENT)?, self.named(who).ok_or(ABSENT)?);
                let gone = self.granted_within(who, project);
                unless(!gone.is_empty(), ABSENT)?;
                self.take(&gone)
            }
            Call::MakeToken { of, limits, expires } => {
                self.make_token(asking, *of, limits.as_deref(), *expires)
            }
            Call::LowerToken { of, token, state } => self.lower_token(asking, *of, *token, state),
        }
    }

    pub(super) fn named(&self, name: &str) -> Option<SubjectId> {
        self.names.get(name).copied()
    }

    fn put_project(&mut self, asking: &Asking, key: &str, access: Option<&str>) -> Answer {
        let internal = access == Some("internal");
        let Some(project) = self.project(key) else {
            self.make_project(key, internal, asking.caller.principal());
            return Ok(201);
        };
        let held = self.held(&asking.caller, project.into());
        unless(held.contains(Permission::RepositorySettings), (409, "name-taken"))?;
        let wanted = of_members(internal);
        let role = self.roles[&(Some(project), "organisation-member".to_owned())];
        let role = self.facts.roles.iter_mut().find(|one| one.id == role).expect("the role");
        if access.is_some() && role.permissions != wanted {
            unless(held.contains(Permission::AccessManage), DENIED)?;
            role.permissions = wanted;
        }
        Ok(200)
    }

    fn delete_project(&mut self, key: &str, confirm: bool, with: bool) -> Answer {
        unless(confirm, CONFIRM)?;
        let project = self.project(key).ok_or(ABSENT)?;
        let is_empty = !self.facts.repositories.iter().any(|one| one.project == project);
        unless(with || is_empty, (409, "not-empty"))?;
        self.remove_project(project);
        Ok(200)
    }

    fn put_repository(&mut self, asking: &Asking, path: &str, format: &'static str, public: bool) -> Answer {
        let (node, status) = match self.repository(path) {
            Some(present) => {
                let (node, same) = (present.id.into(), present.format.as_str() == format);
                let held = self.held(&asking.caller, node);
                unless(held.contains(Permission::RepositorySettings), (409, "name-taken"))?;
                unless(same, (409, "format-fixed"))?;
                (node, 200)
            }
            None => {
                let project = path.split('/').next().and_then(|key| self.project(key)).ok_or(ABSENT)?;
                (self.make_repository(path, project, format), 201)
            }
        };
        self.set_public(node, public);
        Ok(status)
    }

    fn suspend(&mut self, who: &str, suspended: bool) -> Answer {
        let id = PrincipalId::new(self.named(who).ok_or(ABSENT)?.get());
        if suspended {
            self.suspended.insert(id);
        } else {
            self.suspended.remove(&id);
        }
        Ok(200)
    }

    fn delete_subject(&mut self, name: &str, confirm: bool) -> Answer {
        unless(confirm, CONFIRM)?;
        let id = self.named(name).ok_or(ABSENT)?;
        unless(!self.is_computed(id) && id != TeamId::ORG_ADMINS.into(), BUILTIN)?;
        self.remove_subject(id);
        Ok(200)
    }

    fn put_team(&mut self, name: &str, members: &[&str]) -> Answer {
        let (team, status) = match self.named(&format!("team:{name}")) {
            Some(team) => (team, 200),
            // A project's team is there with its project.
            None if name.contains(':') => return Err(RULE),
            None => (self.make_team(name), 201),
        };
        let members: Option<Vec<SubjectId>> = members.iter().map(|member| self.named(member)).collect();
        let members = members.ok_or(UNKNOWN)?;
        if !self.is_computed(team) || !members.is_empty() {
            self.set_members(team, members)?;
        }
        Ok(status)
    }

    fn set_member(&mut self, team: &str, who: &str, is_in: bool) -> Answer {
        let team = self.named(&format!("team:{team}")).ok_or(ABSENT)?;
        let who = self.named(who).ok_or(ABSENT)?;
        let mut members = self.members(team);
        unless(is_in || self.is_computed(team) || members.contains(&who), ABSENT)?;
        members.retain(|member| *member != who);
        members.extend(is_in.then_some(who));
        self.set_members(team, members)?;
        Ok(200)
    }

    fn set_members(&mut self, team: SubjectId, members: Vec<SubjectId>) -> Answer<()> {
        unless(!self.is_computed(team), BUILTIN)?;
        unless(members.iter().all(|member| self.external(*member).is_none()), RULE)?;
        let wanted: BTreeSet<SubjectId> = members.into_iter().collect();
        let fact =
            self.facts.teams.iter_mut().find(|fact| SubjectId::from(fact.id) == team).expect("the team");
        fact.members = wanted.into_iter().collect();
        unless(!self.inside(team).contains(&team), (409, "cycle"))
    }

    fn put_application(
        &mut self,
        asking: &Asking,
        name: &str,
        (requested, authorised): (Option<Permissions>, &[&str]),
        suspended: bool,
    ) -> Answer {
        let full = format!("application:{name}");
        let made = !self.names.contains_key(&full);
        if made {
            self.make_principal(&full);
        }
        let id = self.names[&full];
        let wanted = requested.unwrap_or_default();
        unless(!wanted.iter().any(Permission::organisation_only), RULE)?;
        unless(requested.is_some() || authorised.is_empty(), RULE)?;
        let projects: Option<BTreeSet<ProjectId>> = authorised.iter().map(|key| self.project(key)).collect();
        let projects = projects.ok_or(UNKNOWN)?;
        let before = self.principal(id).and_then(|fact| fact.requested.clone());
        let known = before.as_ref().map(|scope| scope.projects.as_slice()).unwrap_or_default();
        let anew = projects.iter().any(|project| !known.contains(project));
        let had = before.as_ref().filter(|_| !anew).map(|scope| scope.permissions).unwrap_or_default();
        let gained = if projects.is_empty() { Permissions::NONE } else { wanted.difference(had).closed() };
        if !gained.is_empty() {
            unless(asking.ends.is_none(), BEYOND)?;
            unless(self.held(&asking.caller, NodeId::ORGANISATION).contains_all(gained), BEYOND)?;
        }
        let scope = requested
            .map(|permissions| AuthorisedScope { permissions, projects: projects.into_iter().collect() });
        self.set_requested(id, scope);
        self.suspend(&full, suspended)?;
        Ok(if made { 201 } else { 200 })
    }

    fn authorise(&mut self, asking: &Asking, project: &str, name: &str) -> Answer {
        let project = self.project(project).ok_or(ABSENT)?;
        let id = self.named(&format!("application:{name}")).ok_or(ABSENT)?;
        let mut scope = self.principal(id).and_then(|fact| fact.requested.clone()).ok_or(RULE)?;
        self.may_give(asking, project.into(), scope.permissions.closed(), None)?;
        if !scope.projects.contains(&project) {
            scope.projects.push(project);
            self.set_requested(id, Some(scope));
        }
        Ok(200)
    }

    fn withdraw(&mut self, project: &str, name: &str) -> Answer {
        let project = self.project(project).ok_or(ABSENT)?;
        let id = self.named(&format!("application:{name}")).ok_or(ABSENT)?;
        let mut scope = self.principal(id).and_then(|fact| fact.requested.clone()).ok_or(ABSENT)?;
        unless(scope.projects.contains(&project), ABSENT)?;
        scope.projects.retain(|one| *one != project);
        self.set_requested(id, Some(scope));
        Ok(200)
    }
}
