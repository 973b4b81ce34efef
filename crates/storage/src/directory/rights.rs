//! The rights of whoever applies a plan, asked at each line: nothing is shown of what they may not change, and nobody gives more
//! than they hold.

use std::collections::BTreeSet;

use domain::{
    BuiltinRole, NodeId, Permission, Permissions, PrincipalId, ProjectId, Prospect, RepositoryId, Timestamp,
    TokenLimits,
};

use super::giving::Giver;
use super::lines::{PlanLine, PlanSign, PlanWhy};
use super::merge::{Merge, line};
use super::names::WrittenNode;
use super::object::Object;
use crate::error::Error;
use crate::sql::{Tx, nodes};

/// What a caller holds as the matrix said before the plan, and what making something gives.
pub(super) struct Rights {
    pub(super) prospect: Prospect,
    pub(super) limits: TokenLimits,
    pub(super) principal: PrincipalId,
    made: BTreeSet<NodeId>,
}

impl Rights {
    pub(super) const fn new(prospect: Prospect, limits: TokenLimits, principal: PrincipalId) -> Self {
        Self { prospect, limits, principal, made: BTreeSet::new() }
    }

    /// What the caller holds at a node as it is written, until a moment. Where nothing is, it is what would be inherited there.
    fn giver(&self, tx: &mut dyn Tx, node: &str, until: Option<Timestamp>) -> Result<Giver, Error> {
        let at =
            |id: NodeId| Giver { held: self.prospect.held(id), lasting: self.prospect.lasting(id, until) };
        let organisation = || at(NodeId::ORGANISATION);
        let (key, name) = match WrittenNode::parse(node) {
            None | Some(WrittenNode::Organisation) => return Ok(organisation()),
            Some(WrittenNode::Project(key)) => (key, None),
            Some(WrittenNode::Repository(path)) => (path.project, Some(path.repository)),
        };
        let Some(project) = nodes::project(tx, &key)? else { return Ok(organisation()) };
        if self.made.contains(&NodeId::from(project.id)) {
            let own = BuiltinRole::ProjectAdmin.template().closed();
            let Giver { held, lasting } = organisation();
            return Ok(Giver { held: held.union(own), lasting: lasting.union(own) });
        }
        let repository = match name {
            Some(name) => nodes::repository(tx, project.id, &name)?,
            None => None,
        };
        let made = |(id, _): &(RepositoryId, domain::Format)| !self.made.contains(&NodeId::from(*id));
        Ok(repository.filter(made).map_or_else(|| at(project.id.into()), |(id, _)| at(id.into())))
    }
}

impl Merge<'_, '_> {
    /// Whether the caller holds one of these at a node. Where not, one line says so, whatever is there.
    pub(super) fn allowed(&mut self, object: &Object, on: &str, any: &[Permission]) -> Result<bool, Error> {
        if self.may(on, any)? {
            return Ok(true);
        }
        self.goes_too(object);
        self.denies(object, None, None);
        Ok(false)
    }

    /// Whether the caller holds one of these at a node.
    pub(super) fn may(&mut self, on: &str, any: &[Permission]) -> Result<bool, Error> {
        let Some(rights) = &self.rights else { return Ok(true) };
        Ok(rights.giver(self.change.tx, on, None)?.held.intersects(Permissions::of(any)))
    }

    /// What the caller can give at a node until a moment; `None` where nobody is asked.
    pub(super) fn giver(&mut self, on: &str, until: Option<Timestamp>) -> Result<Option<Giver>, Error> {
        let Some(rights) = &self.rights else { return Ok(None) };
        rights.giver(self.change.tx, on, until).map(Some)
    }

    /// From now on the caller is the administrator of a project it made; tells whether that takes a grant.
    pub(super) fn made_project(&mut self, id: ProjectId) -> bool {
        let Some(rights) = &mut self.rights else { return false };
        rights.made.insert(id.into());
        let own = BuiltinRole::ProjectAdmin.template().closed();
        !rights.prospect.lasting(NodeId::ORGANISATION, None).contains_all(own)
    }

    /// What lies in a project is the caller's as far as the project is.
    pub(super) fn made_repository(&mut self, id: RepositoryId) {
        if let Some(rights) = &mut self.rights {
            rights.made.insert(id.into());
        }
    }

    /// What the caller may not do.
    pub(super) fn denies(&mut self, object: &Object, field: Option<&'static str>, why: Option<&str>) {
        let denied = line(object, PlanWhy::Denied(why.map(Into::into)));
        self.tell(PlanLine { sign: PlanSign::Conflict, field, ..denied });
    }

    /// What comes of something that nobody but who holds it can give: a line where the caller does not.
    pub(super) fn given<T>(&mut self, object: &Object, done: Result<T, Error>) -> Result<Option<T>, Error> {
        match done {
            Ok(done) => Ok(Some(done)),
            Err(Error::BeyondOwn(why) | Error::WiderThanToken(why)) => {
                self.denies(object, None, Some(&why));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
