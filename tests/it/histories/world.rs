//! What there is, as far as rights go: the facts of the definition, the names they are called by, the tokens. Ids are the model's own;
//! nothing is looked up that a map of names does not say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{
    AuthorisedScope, BuiltinRole, Caller, Format, GrantFact, GrantId, GrantedWhat, Mode, NodeId, Permission,
    Permissions, PolicyFacts, PrincipalFact, PrincipalId, PrincipalKind, ProjectFact, ProjectId, ProjectKey,
    RepositoryFact, RepositoryId, RepositoryPath, RoleFact, RoleId, SubjectId, TeamFact, TeamId, Timestamp,
    TokenLimits,
};
use permission_cache::oracle::Oracle;

/// The moment at which histories play: after what is over, before every end.
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// Ids from here on are given to what is made.
const FIRST: u32 = 100;

/// A token that was made at some time.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) owner: PrincipalId,
    /// User name or client ID.
    pub(super) login: String,
    pub(super) secret: String,
    pub(super) limits: Option<Vec<(NodeId, Permissions)>>,
    pub(super) expires: Option<Timestamp>,
    /// 0 for active, 1 for disabled, 2 for revoked.
    pub(super) state: u8,
    /// Whether its owner is still there, and it with them.
    pub(super) is_there: bool,
}

/// Everything that the model knows.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) facts: PolicyFacts,
    /// `member:ann`, `team:red` and the like.
    pub(super) names: BTreeMap<String, SubjectId>,
    pub(super) suspended: BTreeSet<PrincipalId>,
    pub(super) roles: BTreeMap<(Option<ProjectId>, String), RoleId>,
    pub(super) tokens: Vec<Token>,
    next: u32,
}

impl World {
    /// One administrator, the predefined roles and teams, nothing else.
    pub(super) fn new() -> Self {
        let names = [
            ("team:anyone", TeamId::ANYONE),
            ("team:everyone", TeamId::EVERYONE),
            ("team:org-members", TeamId::ORG_MEMBERS),
            ("team:org-admins", TeamId::ORG_ADMINS),
        ];
        let names = names.map(|(name, id)| (name.to_owned(), id.into())).into();
        let (facts, suspended, roles) = (PolicyFacts::default(), BTreeSet::new(), BTreeMap::new());
        let mut world = Self { facts, names, suspended, roles, tokens: Vec::new(), next: FIRST };
        for builtin in BuiltinRole::ALL {
            world.make_role(None, builtin.as_str(), Some(builtin), builtin.template());
        }
        let root = world.make_principal("member:root");
        world.facts.teams.push(TeamFact { id: TeamId::ORG_ADMINS, members: vec![root.into()] });
        let role = world.roles[&(None, "organisation-admin".to_owned())];
        world.grant(TeamId::ORG_ADMINS.into(), NodeId::ORGANISATION, GrantedWhat::Role(role), None);
        world
    }

    fn id(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// The node of that name.
    pub(super) fn node(&self, name: &str) -> Option<NodeId> {
        match name.split_once('/') {
            Some(("", _)) => Some(NodeId::ORGANISATION),
            Some(_) => self.repository(name).map(|found| found.id.into()),
            None => self.project(name).map(Into::into),
        }
    }

    pub(super) fn project(&self, key: &str) -> Option<ProjectId> {
        let found = self.facts.projects.iter().find(|project| project.key.as_str() == key);
        found.map(|project| project.id)
    }

    pub(super) fn repository(&self, path: &str) -> Option<&RepositoryFact> {
        self.facts.repositories.iter().find(|repository| repository.path.to_string() == path)
    }

    /// The project that a node is, or lies in.
    pub(super) fn project_of(&self, node: NodeId) -> Option<ProjectId> {
        let project = ProjectId::new(node.get());
        if self.facts.projects.iter().any(|one| one.id == project) {
            return Some(project);
        }
        let found = self.facts.repositories.iter().find(|one| NodeId::from(one.id) == node);
        found.map(|repository| repository.project)
    }

    /// Every node there is, by name.
    pub(super) fn nodes(&self) -> BTreeMap<String, NodeId> {
        let projects = self.facts.projects.iter().map(|one| (one.key.to_string(), one.id.into()));
        let repositories = self.facts.repositories.iter().map(|one| (one.path.to_string(), one.id.into()));
        projects.chain(repositories).chain([("/".to_owned(), NodeId::ORGANISATION)]).collect()
    }

    pub(super) fn principal(&self, id: SubjectId) -> Option<&PrincipalFact> {
        self.facts.principals.iter().find(|fact| SubjectId::from(fact.id) == id)
    }

    /// Collaborator or guest, if it is one.
    pub(super) fn external(&self, id: SubjectId) -> Option<PrincipalKind> {
        self.principal(id).map(|fact| fact.kind).filter(|kind| kind.is_external())
    }

    pub(super) fn is_computed(&self, team: SubjectId) -> bool {
        let of_project = |project: &ProjectFact| SubjectId::from(project.team) == team;
        let builtin = [TeamId::ANYONE, TeamId::EVERYONE, TeamId::ORG_MEMBERS].map(SubjectId::from);
        builtin.contains(&team) || self.facts.projects.iter().any(of_project)
    }

    pub(super) fn members(&self, team: SubjectId) -> Vec<SubjectId> {
        let found = self.facts.teams.iter().find(|fact| SubjectId::from(fact.id) == team);
        found.map(|fact| fact.members.clone()).unwrap_or_default()
    }

    /// Everybody and every team in a team, by what was put into teams.
    pub(super) fn inside(&self, team: SubjectId) -> BTreeSet<SubjectId> {
        let mut inside: BTreeSet<SubjectId> = self.members(team).into_iter().collect();
        loop {
            let deeper: Vec<SubjectId> = inside.iter().flat_map(|one| self.members(*one)).collect();
            let before = inside.len();
            inside.extend(deeper);
            if inside.len() == before {
                return inside;
            }
        }
    }

    /// How many administer who can log in.
    pub(super) fn administrators(&self) -> usize {
        let inside = self.inside(TeamId::ORG_ADMINS.into());
        let active = |fact: &&PrincipalFact| !self.suspended.contains(&fact.id);
        self.facts.principals.iter().filter(active).filter(|fact| inside.contains(&fact.id.into())).count()
    }

    /// Who a token says that one is; nobody if it is not let in.
    pub(super) fn caller(&self, token: &Token) -> Option<Caller> {
        let lives = token.is_there && token.state == 0 && !self.suspended.contains(&token.owner);
        let kind = self.principal(token.owner.into())?.kind;
        let limits =
            token.limits.as_ref().map_or(TokenLimits::Full, |some| TokenLimits::Only(Arc::from(&some[..])));
        lives.then(|| Caller::assertion(token.owner, kind, None, limits))
    }

    /// The definition (docs/access.md 2.1).
    pub(super) fn held(&self, caller: &Caller, node: NodeId) -> Permissions {
        Oracle::new(&self.facts, NOW).effective(caller, node)
    }

    /// What is held at that moment, or for ever.
    pub(super) fn held_at(&self, caller: &Caller, node: NodeId, at: Option<Timestamp>) -> Permissions {
        let at = at.unwrap_or(Timestamp::from_millis(i64::MAX));
        Oracle::new(&self.facts, at).effective(caller, node)
    }

    /// What an owner holds at a node or anywhere in it.
    pub(super) fn held_in(&self, owner: PrincipalId, node: NodeId) -> Permissions {
        let Some(kind) = self.principal(owner.into()).map(|fact| fact.kind) else { return Permissions::NONE };
        let caller = Caller::assertion(owner, kind, None, TokenLimits::Full);
        let within = |one: &NodeId| {
            *one == node
                || node == NodeId::ORGANISATION
                || self.project_of(*one).map(NodeId::from) == Some(node)
        };
        let nodes = self.nodes().into_values().filter(within);
        nodes.fold(Permissions::NONE, |sum, one| sum.union(self.held(&caller, one)))
    }

    /// A role of the project if there is one of that name, else of the organisation.
    pub(super) fn role(&self, project: Option<ProjectId>, name: &str) -> Option<&RoleFact> {
        let id = self.roles.get(&(project, name.to_owned()))?;
        self.facts.roles.iter().find(|role| role.id == *id)
    }

    pub(super) fn make_role(
        &mut self,
        project: Option<ProjectId>,
        name: &str,
        builtin: Option<BuiltinRole>,
        permissions: Permissions,
    ) -> RoleId {
        let id = RoleId::new(self.id());
        self.facts.roles.push(RoleFact { id, project, builtin, permissions });
        self.roles.insert((project, name.to_owned()), id);
        id
    }

    pub(super) fn make_principal(&mut self, name: &str) -> PrincipalId {
        let id = PrincipalId::new(self.id());
        let kind = match name.split_once(':') {
            Some(("collaborator", _)) => PrincipalKind::Collaborator,
            Some(("guest", _)) => PrincipalKind::Guest,
            Some(("application", _)) => PrincipalKind::Application,
            _ => PrincipalKind::Member,
        };
        self.facts.principals.push(PrincipalFact { id, kind, requested: None });
        self.names.insert(name.to_owned(), id.into());
        id
    }

    pub(super) fn make_team(&mut self, name: &str) -> SubjectId {
        let id = TeamId::new(self.id());
        self.facts.teams.push(TeamFact { id, members: Vec::new() });
        self.names.insert(format!("team:{name}"), id.into());
        id.into()
    }

    pub(super) fn make_project(&mut self, key: &str, internal: bool, maker: PrincipalId) {
        let id = ProjectId::new(self.id());
        let team = TeamId::new(self.id());
        self.facts.teams.push(TeamFact { id: team, members: Vec::new() });
        self.names.insert(format!("team:project-team:{key}"), team.into());
        let parsed = ProjectKey::parse(key).expect("a key");
        self.facts.projects.push(ProjectFact { id, key: parsed, team });
        for builtin in BuiltinRole::ALL.into_iter().filter(|role| role.copied_to_projects()) {
            let template = self.role(None, builtin.as_str()).map(|role| role.permissions);
            let permissions = match builtin {
                BuiltinRole::OrganisationMember => of_members(internal),
                _ => template.unwrap_or_default(),
            };
            let role = self.make_role(Some(id), builtin.as_str(), Some(builtin), permissions);
            match builtin {
                BuiltinRole::OrganisationMember => {
                    self.grant(TeamId::ORG_MEMBERS.into(), id.into(), GrantedWhat::Role(role), None);
                }
                BuiltinRole::ProjectAdmin => {
                    self.grant(maker.into(), id.into(), GrantedWhat::Role(role), None);
                }
                _ => {}
            }
        }
    }

    pub(super) fn make_repository(&mut self, path: &str, project: ProjectId, format: &'static str) -> NodeId {
        let id = RepositoryId::new(self.id());
        let path = RepositoryPath::parse(path).expect("a path");
        let format = Format::new(format);
        self.facts.repositories.push(RepositoryFact { id, project, path, format, mode: Mode::Hosted });
        id.into()
    }

    pub(super) fn grant(
        &mut self,
        subject: SubjectId,
        node: NodeId,
        what: GrantedWhat,
        expires: Option<Timestamp>,
    ) {
        let id = GrantId::new(self.id());
        self.facts.grants.push(GrantFact { id, subject, node, what, expires });
    }

    /// The one grant of a subject at a node that is of this role, or of permissions.
    pub(super) fn granted(
        &self,
        subject: SubjectId,
        node: NodeId,
        role: Option<RoleId>,
    ) -> Option<&GrantFact> {
        self.facts
            .grants
            .iter()
            .find(|grant| grant.subject == subject && grant.node == node && role_of(grant) == role)
    }

    pub(super) fn granted_within(&self, subject: SubjectId, project: ProjectId) -> Vec<GrantFact> {
        let all = self.facts.grants.iter();
        let within =
            |grant: &&GrantFact| grant.subject == subject && self.project_of(grant.node) == Some(project);
        all.filter(within).cloned().collect()
    }

    pub(super) fn set_public(&mut self, node: NodeId, public: bool) {
        let anyone = SubjectId::from(TeamId::ANYONE);
        let is_public = self.granted(anyone, node, None).is_some();
        if public && !is_public {
            let read = Permissions::of(&[Permission::Read]);
            self.grant(anyone, node, GrantedWhat::Permissions(read), None);
        } else if !public {
            self.facts.grants.retain(|grant| grant.subject != anyone || grant.node != node);
        }
    }

    pub(super) fn set_requested(&mut self, id: SubjectId, requested: Option<AuthorisedScope>) {
        for fact in self.facts.principals.iter_mut().filter(|fact| SubjectId::from(fact.id) == id) {
            fact.requested.clone_from(&requested);
        }
    }

    /// Takes a node away, with what names it.
    pub(super) fn remove_node(&mut self, node: NodeId) {
        self.facts.grants.retain(|grant| grant.node != node);
        for limits in self.tokens.iter_mut().filter_map(|token| token.limits.as_mut()) {
            limits.retain(|(on, _)| *on != node);
        }
        for scope in self.facts.principals.iter_mut().filter_map(|fact| fact.requested.as_mut()) {
            scope.projects.retain(|project| NodeId::from(*project) != node);
        }
        self.facts.repositories.retain(|repository| NodeId::from(repository.id) != node);
    }

    pub(super) fn remove_project(&mut self, id: ProjectId) {
        let repositories: Vec<NodeId> =
            self.facts.repositories.iter().filter(|one| one.project == id).map(|one| one.id.into()).collect();
        for node in repositories {
            self.remove_node(node);
        }
        self.remove_node(id.into());
        let team = self.facts.projects.iter().find(|one| one.id == id).map(|one| one.team.into());
        team.into_iter().for_each(|team| self.remove_subject(team));
        let roles: Vec<RoleId> =
            self.facts.roles.iter().filter(|role| role.project == Some(id)).map(|role| role.id).collect();
        for role in roles {
            self.remove_role(role);
        }
        self.facts.projects.retain(|one| one.id != id);
    }

    pub(super) fn remove_role(&mut self, id: RoleId) {
        self.facts.grants.retain(|grant| role_of(grant) != Some(id));
        self.facts.roles.retain(|role| role.id != id);
        self.roles.retain(|_, role| *role != id);
    }

    /// Takes somebody or a team away, with grants, memberships and tokens.
    pub(super) fn remove_subject(&mut self, id: SubjectId) {
        self.facts.grants.retain(|grant| grant.subject != id);
        for team in &mut self.facts.teams {
            team.members.retain(|member| *member != id);
        }
        self.facts.teams.retain(|team| SubjectId::from(team.id) != id);
        self.facts.principals.retain(|fact| SubjectId::from(fact.id) != id);
        self.suspended.retain(|one| SubjectId::from(*one) != id);
        self.names.retain(|_, subject| *subject != id);
        for token in self.tokens.iter_mut().filter(|token| SubjectId::from(token.owner) == id) {
            token.is_there = false;
        }
    }
}

/// What all members may in a project.
pub(super) fn of_members(internal: bool) -> Permissions {
    if internal { Permissions::of(&[Permission::Read]) } else { Permissions::NONE }
}

pub(super) fn role_of(grant: &GrantFact) -> Option<RoleId> {
    match grant.what {
        GrantedWhat::Role(role) => Some(role),
        GrantedWhat::Permissions(_) => None,
    }
}
