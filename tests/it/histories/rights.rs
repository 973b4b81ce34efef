//! What is given and by whom, what roles hold, what tokens are good for.

use domain::{
    BuiltinRole, Ceilings, GrantFact, GrantedWhat, NodeId, Permission, Permissions, PrincipalId,
    PrincipalKind, ProjectId, RoleId, SubjectId, TeamId, Timestamp, TokenLimits,
};

use super::call::{Moment, On, PAST, What};
use super::rules::{ABSENT, Answer, Asking, BEYOND, BUILTIN, RULE, Refused, UNKNOWN, unless};
use super::world::{Token, World, role_of};

const WIDER: Refused = (403, "wider-than-token");
const OWN_TOKENS: Refused = (403, "own-tokens");

impl World {
    /// Nobody gives more, or longer, than they hold.
    pub(super) fn may_give(
        &self,
        asking: &Asking,
        node: NodeId,
        permissions: Permissions,
        expires: Option<Timestamp>,
    ) -> Answer<()> {
        let outlives = asking.ends.is_some_and(|ends| expires.is_none_or(|expires| expires > ends));
        unless(!outlives, BEYOND)?;
        let lasting = self.held_at(&asking.caller, node, expires);
        unless(lasting.intersection(self.held(&asking.caller, node)).contains_all(permissions), BEYOND)
    }

    /// The role that a name means at a node.
    fn role_for(&self, node: NodeId, name: &str) -> Answer<RoleId> {
        let project = self.project_of(node);
        if let Some(role) = project.and_then(|project| self.role(Some(project), name)) {
            return Ok(role.id);
        }
        let role = self.role(None, name).ok_or(UNKNOWN)?;
        unless(!role.builtin.is_some_and(BuiltinRole::copied_to_projects), RULE)?;
        Ok(role.id)
    }

    fn builtin(&self, role: RoleId) -> Option<BuiltinRole> {
        self.facts.roles.iter().find(|one| one.id == role)?.builtin
    }

    fn is_of_the_organisation(&self, role: RoleId) -> bool {
        matches!(self.builtin(role), Some(BuiltinRole::OrganisationAdmin | BuiltinRole::OrganisationMember))
    }

    /// Gives, if that may be given there to such a subject, and by such a giver. Tells the role, if it is one.
    pub(super) fn give(
        &mut self,
        asking: &Asking,
        (to, node): (SubjectId, NodeId),
        what: &What,
        expires: Option<Timestamp>,
    ) -> Answer<Option<RoleId>> {
        unless(to != TeamId::ANYONE.into(), RULE)?;
        let (what, gives) = match what {
            What::Role(name) => {
                let role = self.role_for(node, name)?;
                self.allow_role(to, node, role)?;
                let held = self.facts.roles.iter().find(|one| one.id == role).map(|one| one.permissions);
                (GrantedWhat::Role(role), held.unwrap_or_default())
            }
            What::Permissions(some) => {
                self.allow_permissions(to, node, *some)?;
                (GrantedWhat::Permissions(*some), *some)
            }
        };
        self.may_give(asking, node, gives.closed(), expires)?;
        let role = match what {
            GrantedWhat::Role(role) => Some(role),
            GrantedWhat::Permissions(_) => None,
        };
        unless(expires.is_none() || !role.is_some_and(|role| self.is_of_the_organisation(role)), BUILTIN)?;
        match self.granted(to, node, role).map(|grant| grant.id) {
            None => self.grant(to, node, what, expires),
            Some(id) => {
                for grant in self.facts.grants.iter_mut().filter(|grant| grant.id == id) {
                    (grant.what, grant.expires) = (what, expires);
                }
            }
        }
        Ok(role)
    }

    fn allow_role(&self, to: SubjectId, node: NodeId, role: RoleId) -> Answer<()> {
        let own_kind = match self.builtin(role) {
            Some(BuiltinRole::OrganisationAdmin) => {
                let bound = to == TeamId::ORG_ADMINS.into() && node == NodeId::ORGANISATION;
                return unless(bound, RULE);
            }
            Some(BuiltinRole::OrganisationMember) => return Err(RULE),
            Some(BuiltinRole::Collaborator) => Some(PrincipalKind::Collaborator),
            Some(BuiltinRole::Guest) => Some(PrincipalKind::Guest),
            _ => None,
        };
        // Externals get the role of their kind, where they are added, and nobody else gets that.
        let is_project = self.project_of(node).map(NodeId::from) == Some(node);
        unless(self.external(to) == own_kind && (own_kind.is_none() || is_project), RULE)
    }

    fn allow_permissions(&self, to: SubjectId, node: NodeId, some: Permissions) -> Answer<()> {
        let project = self.project_of(node);
        let is_repository = project.is_some_and(|project| NodeId::from(project) != node);
        unless(!some.is_empty() && !some.contains(Permission::DirectoryManage), RULE)?;
        unless(project.is_none() || !some.iter().any(Permission::organisation_only), RULE)?;
        unless(!is_repository || !some.contains(Permission::RepositoryCreate), RULE)?;
        let Some(kind) = self.external(to) else { return Ok(()) };
        unless(Ceilings::of(kind).contains_all(some), RULE)?;
        let project = project.ok_or(RULE)?;
        let role = self.role(Some(project), kind.as_str()).map(|role| role.id);
        unless(role.is_some_and(|role| self.granted(to, project.into(), Some(role)).is_some()), RULE)
    }

    pub(super) fn delete_grant(&mut self, on: &str, to: &str, role: Option<&str>) -> Answer {
        let node = self.node(on).ok_or(ABSENT)?;
        let to = self.named(to).ok_or(UNKNOWN)?;
        unless(to != TeamId::ANYONE.into(), BUILTIN)?;
        let role = role.map(|name| self.role_for(node, name)).transpose()?;
        unless(!role.is_some_and(|role| self.is_of_the_organisation(role)), BUILTIN)?;
        let grant = self.granted(to, node, role).cloned().ok_or(ABSENT)?;
        let of_external = matches!(
            role.and_then(|role| self.builtin(role)),
            Some(BuiltinRole::Collaborator | BuiltinRole::Guest)
        );
        // Whoever is taken out of a project loses everything they have in it.
        let gone =
            if of_external { self.granted_within(to, ProjectId::new(node.get())) } else { vec![grant] };
        self.facts.grants.retain(|grant| !gone.iter().any(|one| one.id == grant.id));
        Ok(200)
    }

    pub(super) fn take(&mut self, gone: &[GrantFact]) -> Answer {
        for grant in gone {
            unless(grant.subject != TeamId::ANYONE.into(), BUILTIN)?;
            unless(!role_of(grant).is_some_and(|role| self.is_of_the_organisation(role)), BUILTIN)?;
        }
        self.facts.grants.retain(|grant| !gone.iter().any(|one| one.id == grant.id));
        Ok(200)
    }

    pub(super) fn set_participant(
        &mut self,
        asking: &Asking,
        (project, who): (&str, &str),
        roles: &[&'static str],
        expires: Option<Timestamp>,
    ) -> Answer {
        let (project, who) = (self.project(project).ok_or(ABSENT)?, self.named(who).ok_or(ABSENT)?);
        let own = match self.external(who) {
            Some(PrincipalKind::Collaborator) => vec!["collaborator"],
            Some(_) => vec!["guest"],
            None => Vec::new(),
        };
        let mut kept = Vec::new();
        for role in if roles.is_empty() { &own[..] } else { roles } {
            kept.push(self.give(asking, (who, project.into()), &What::Role(role), expires)?);
        }
        let mut gone = self.granted_within(who, project);
        gone.retain(|grant| {
            let role = role_of(grant);
            grant.node == project.into() && role.is_some() && !kept.contains(&role)
        });
        self.take(&gone)
    }

    pub(super) fn set_own_permissions(
        &mut self,
        asking: &Asking,
        (project, who): (&str, &str),
        grants: &[On],
    ) -> Answer {
        let (project, who) = (self.project(project).ok_or(ABSENT)?, self.named(who).ok_or(ABSENT)?);
        let kind = self.principal(who).map(|fact| fact.kind);
        unless(kind.is_some_and(|kind| kind != PrincipalKind::Member), RULE)?;
        let mut kept = Vec::new();
        for (on, permissions) in grants {
            let node = self.node(on).filter(|node| self.project_of(*node) == Some(project)).ok_or(UNKNOWN)?;
            unless(!kept.contains(&node), RULE)?;
            kept.push(node);
            self.give(asking, (who, node), &What::Permissions(*permissions), None)?;
        }
        let mut gone = self.granted_within(who, project);
        gone.retain(|grant| role_of(grant).is_none() && !kept.contains(&grant.node));
        self.take(&gone)
    }

    /// Sets what a role holds, or what its template says.
    pub(super) fn put_role(
        &mut self,
        asking: &Asking,
        at: Option<&str>,
        name: &str,
        wanted: Option<Permissions>,
    ) -> Answer {
        let project = at.map(|key| self.project(key).ok_or(ABSENT)).transpose()?;
        let present = self.role(project, name).cloned();
        let builtin = present.as_ref().and_then(|role| role.builtin);
        let permissions = match wanted {
            Some(permissions) => permissions,
            None => {
                unless(present.is_some(), ABSENT)?;
                let editable = builtin.filter(|role| *role != BuiltinRole::OrganisationMember);
                let editable = editable.filter(|role| role.editable_up_to().is_some()).ok_or(BUILTIN)?;
                let template = self.role(None, name).map(|role| role.permissions);
                if project.is_none() { editable.template() } else { template.ok_or(BUILTIN)? }
            }
        };
        unless(!permissions.contains(Permission::DirectoryManage) || name == "organisation-admin", RULE)?;
        unless(project.is_none() || !permissions.iter().any(Permission::organisation_only), RULE)?;
        if let Some(builtin) = builtin {
            let most = builtin.editable_up_to().filter(|_| builtin != BuiltinRole::OrganisationMember);
            unless(most.is_some_and(|most| most.contains_all(permissions)), BUILTIN)?;
        }
        let had = present.as_ref().map(|role| role.permissions).unwrap_or_default();
        let added = permissions.difference(had).closed();
        if !added.is_empty() {
            self.may_give(asking, project.map_or(NodeId::ORGANISATION, Into::into), added, None)?;
        }
        let Some(present) = present else {
            unless(BuiltinRole::parse(name).is_none(), BUILTIN)?;
            self.make_role(project, name, None, permissions);
            return Ok(201);
        };
        for role in self.facts.roles.iter_mut().filter(|role| role.id == present.id) {
            role.permissions = permissions;
        }
        Ok(200)
    }

    pub(super) fn delete_role(&mut self, at: Option<&str>, name: &str, with: bool) -> Answer {
        let project = at.map(|key| self.project(key).ok_or(ABSENT)).transpose()?;
        let role = self.role(project, name).cloned().ok_or(ABSENT)?;
        unless(role.builtin.is_none(), BUILTIN)?;
        let is_held = self.facts.grants.iter().any(|grant| role_of(grant) == Some(role.id));
        unless(with || !is_held, (409, "in-use"))?;
        self.remove_role(role.id);
        Ok(200)
    }

    pub(super) fn make_token(
        &mut self,
        asking: &Asking,
        of: Option<&str>,
        limits: Option<&[On]>,
        expires: Option<Moment>,
    ) -> Answer {
        let owner = match of {
            Some(name) => PrincipalId::new(self.named(name).ok_or(ABSENT)?.get()),
            None => asking.caller.principal(),
        };
        let is_person = self.principal(owner.into()).is_some_and(|fact| fact.kind.is_person());
        unless(is_person || owner != asking.caller.principal(), OWN_TOKENS)?;
        unless(expires != Some(PAST), RULE)?;
        let mut resolved: Vec<(NodeId, Permissions)> = Vec::new();
        for (on, some) in limits.unwrap_or_default() {
            let node = self.node(on).ok_or(RULE)?;
            unless(node == NodeId::ORGANISATION || !self.held_in(owner, node).is_empty(), RULE)?;
            resolved.push((node, *some));
        }
        let expires = expires.map(Moment::at);
        let outlives = asking.ends.is_some_and(|ends| expires.is_none_or(|expires| expires > ends));
        unless(!outlives, WIDER)?;
        if *asking.caller.limits() != TokenLimits::Full {
            unless(limits.is_some(), WIDER)?;
            let together = |node: NodeId| {
                let same = resolved.iter().filter(|(on, _)| *on == node);
                same.fold(Permissions::NONE, |sum, (_, some)| sum.union(*some))
            };
            let within = |(node, _): &(NodeId, Permissions)| {
                let path = [*node, self.project_of(*node).map_or(*node, NodeId::from), NodeId::ORGANISATION];
                asking.caller.limits().allowed_on(&path).contains_all(together(*node))
            };
            unless(resolved.iter().all(within), WIDER)?;
        }
        let held = |(node, some): &(NodeId, Permissions)| self.held_in(owner, *node).contains_all(*some);
        unless(resolved.iter().all(held), BEYOND)?;
        let limits = limits.map(|_| resolved);
        let (login, secret) = (String::new(), String::new());
        self.tokens.push(Token { owner, login, secret, limits, expires, state: 0, is_there: true });
        Ok(201)
    }

    pub(super) fn lower_token(
        &mut self,
        asking: &Asking,
        of: Option<&str>,
        token: usize,
        state: &str,
    ) -> Answer {
        let number = token % self.tokens.len();
        let state = if state == "disabled" { 1 } else { 2 };
        let owner = match of {
            Some(name) => self.named(name).ok_or(ABSENT)?,
            None => {
                let itself = *asking.caller.limits() == TokenLimits::Full || asking.token == number;
                unless(itself, ABSENT)?;
                asking.caller.principal().into()
            }
        };
        let token = &mut self.tokens[number];
        unless(token.is_there && SubjectId::from(token.owner) == owner, ABSENT)?;
        unless(of.is_none() || token.state != 2, ABSENT)?;
        unless(state >= token.state, RULE)?;
        token.state = state;
        Ok(200)
    }
}
