//! The rights of whoever applies a plan, asked at each line: nothing is shown of what they may not change, and nobody gives more
//! than they hold.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    BuiltinRole, NodeId, Permission, Permissions, PrincipalId, ProjectId, Prospect, RepositoryId, Timestamp,
    TokenLimits, WrittenNode,
};

use super::{Merge, line};
use crate::directory::giving::Giver;
use crate::directory::lines::{PlanLine, PlanSign, PlanWhy};
use crate::directory::object::Object;
use crate::error::Error;
use crate::sql::{Tx, nodes};

/// What a caller holds as the matrix said before the plan, and what making something gives.
pub(in crate::directory) struct Rights {
    pub(in crate::directory) prospect: Prospect,
    pub(in crate::directory) limits: TokenLimits,
    pub(in crate::directory) principal: PrincipalId,
    made: BTreeSet<NodeId>,
    /// What was worked out once, which takes longer than what is held now.
    lasting: BTreeMap<(NodeId, Option<Timestamp>), Permissions>,
}

/// Where the matrix knows of a node, and whether the caller made what lies there.
type Known = (NodeId, bool);

impl Rights {
    pub(in crate::directory) const fn new(
        prospect: Prospect,
        limits: TokenLimits,
        principal: PrincipalId,
    ) -> Self {
        Self { prospect, limits, principal, made: BTreeSet::new(), lasting: BTreeMap::new() }
    }

    /// Whether a project that the caller makes takes a grant, for them to administer it.
    pub(in crate::directory) fn administers_what_it_makes(&self) -> bool {
        !self.prospect.lasting(NodeId::ORGANISATION, None).contains_all(of_makers())
    }

    /// A node as it is written. Where nothing is, it is what would be inherited there.
    fn known(&self, tx: &mut dyn Tx, node: &str) -> Result<Known, Error> {
        let (key, name) = match WrittenNode::parse(node) {
            None | Some(WrittenNode::Organisation) => return Ok((NodeId::ORGANISATION, false)),
            Some(WrittenNode::Project(key)) => (key, None),
            Some(WrittenNode::Repository(path)) => (path.project, Some(path.repository)),
        };
        let Some(project) = nodes::project(tx, &key)? else { return Ok((NodeId::ORGANISATION, false)) };
        if self.made.contains(&NodeId::from(project.id)) {
            return Ok((NodeId::ORGANISATION, true));
        }
        let repository = match name {
            Some(name) => nodes::repository(tx, project.id, &name)?.map(|(id, _)| NodeId::from(id)),
            None => None,
        };
        let before = repository.filter(|id| !self.made.contains(id));
        Ok((before.unwrap_or_else(|| project.id.into()), false))
    }

    fn held(&self, (node, made): Known) -> Permissions {
        let own = if made { of_makers() } else { Permissions::NONE };
        self.prospect.held(node).union(own)
    }

    fn giver(&mut self, known: Known, until: Option<Timestamp>) -> Giver {
        let (node, made) = known;
        let own = if made { of_makers() } else { Permissions::NONE };
        let Self { prospect, lasting, .. } = self;
        let lasting = *lasting.entry((node, until)).or_insert_with(|| prospect.lasting(node, until));
        Giver { held: self.held(known), lasting: lasting.union(own) }
    }
}

/// What whoever makes a project holds in it.
fn of_makers() -> Permissions {
    BuiltinRole::ProjectAdmin.template().closed()
}

impl Merge<'_, '_> {
    /// Whether the caller holds one of these at a node. Where not, one line says so, whatever is there.
    pub(in crate::directory) fn allowed(
        &mut self,
        object: &Object,
        on: &str,
        any: &[Permission],
    ) -> Result<bool, Error> {
        if self.may(on, any)? {
            return Ok(true);
        }
        self.goes_too(object);
        self.denies(object, None, None);
        Ok(false)
    }

    /// Whether the caller holds one of these at a node.
    pub(in crate::directory) fn may(&mut self, on: &str, any: &[Permission]) -> Result<bool, Error> {
        let Some(rights) = &self.rights else { return Ok(true) };
        let known = rights.known(self.change.tx, on)?;
        Ok(rights.held(known).intersects(Permissions::of(any)))
    }

    /// What the caller can give at a node until a moment; `None` where nobody is asked.
    pub(in crate::directory) fn giver(
        &mut self,
        on: &str,
        until: Option<Timestamp>,
    ) -> Result<Option<Giver>, Error> {
        let Some(rights) = &mut self.rights else { return Ok(None) };
        let known = rights.known(self.change.tx, on)?;
        Ok(Some(rights.giver(known, until)))
    }

    /// From now on the caller is the administrator of a project it made; tells whether that takes a grant.
    pub(in crate::directory) fn made_project(&mut self, id: ProjectId) -> bool {
        if let Some(rights) = &mut self.rights {
            rights.made.insert(id.into());
        }
        self.maker_administers
    }

    /// What lies in a project is the caller's as far as the project is.
    pub(in crate::directory) fn made_repository(&mut self, id: RepositoryId) {
        if let Some(rights) = &mut self.rights {
            rights.made.insert(id.into());
        }
    }

    /// What the caller may not do.
    pub(in crate::directory) fn denies(
        &mut self,
        object: &Object,
        field: Option<&'static str>,
        why: Option<&str>,
    ) {
        let denied = line(object, PlanWhy::Denied(why.map(Into::into)));
        self.tell(PlanLine { sign: PlanSign::Conflict, field, ..denied });
    }

    /// What comes of something that nobody but who holds it can give: a line where the caller does not.
    pub(in crate::directory) fn given<T>(
        &mut self,
        object: &Object,
        done: Result<T, Error>,
    ) -> Result<Option<T>, Error> {
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
