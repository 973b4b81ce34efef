//! What explanations speak of, by name. The matrix knows ids, people do not.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::{Inquiry, NodeId, PrincipalId, RoleId, SubjectId, TokenId, Whose};

use super::{Directory, names};
use crate::error::{DirectoryError, Error};
use crate::sql::directory as rows;
use crate::sql::{Tx, nodes};

/// What is to be named.
#[derive(Debug, Clone, Default)]
pub struct ToName {
    /// Principals and teams.
    pub subjects: Vec<SubjectId>,
    /// Roles.
    pub roles: Vec<RoleId>,
    /// Nodes, which may be gone.
    pub nodes: Vec<NodeId>,
}

/// What things are called.
#[derive(Debug, Clone, Default)]
pub struct Names {
    subjects: HashMap<SubjectId, Named>,
    roles: HashMap<RoleId, Box<str>>,
    nodes: HashMap<NodeId, Box<str>>,
}

/// A principal or team by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// `member:alice`, `team:releasers`.
    pub text: Box<str>,
    /// What people call it.
    pub title: Box<str>,
    /// Whether it is known and refused.
    pub suspended: bool,
}

impl Names {
    /// A principal or team; one that is not among those asked for has no name.
    #[must_use]
    pub fn subject(&self, id: SubjectId) -> Option<&Named> {
        self.subjects.get(&id)
    }

    /// A role.
    #[must_use]
    pub fn role(&self, id: RoleId) -> &str {
        self.roles.get(&id).map_or("", AsRef::as_ref)
    }

    /// A node; `None` for one that is gone.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&str> {
        self.nodes.get(&id).map(AsRef::as_ref)
    }
}

impl Directory {
    /// About whom somebody asks, and with which token.
    ///
    /// # Errors
    /// `Denied` for anybody but oneself where the proof says that only that may be asked, be there such a one or not; else `Unknown`
    /// for who is not there, `Invalid` for what is no name.
    pub async fn asked_about(
        &self,
        inquiry: &Inquiry<'_>,
        who: &str,
        token: Option<TokenId>,
    ) -> Result<Whose, DirectoryError> {
        let (own, others, refused) = (inquiry.principal(), inquiry.about_others(), inquiry.refused());
        let who = who.to_owned();
        let found = self.database.read(move |tx| names::principal(tx, &who).map(|row| row.id)).await;
        match found {
            Ok(id) if others || id == own => Ok(Whose::Somebody(id, token)),
            Ok(_) | Err(Error::Unknown(_)) if !others => Err(DirectoryError::Denied(refused)),
            other => Ok(Whose::Somebody(other?, token)),
        }
    }

    /// What these are called.
    ///
    /// # Errors
    /// `Stale` if a subject or role went away meanwhile.
    pub async fn names_of(&self, _inquiry: &Inquiry<'_>, asked: ToName) -> Result<Names, DirectoryError> {
        let read = move |tx: &mut dyn Tx| {
            let mut names = Names::default();
            for id in asked.subjects {
                if let Entry::Vacant(unknown) = names.subjects.entry(id) {
                    unknown.insert(named(tx, id)?);
                }
            }
            for id in asked.roles {
                if let Entry::Vacant(unknown) = names.roles.entry(id) {
                    unknown.insert(nodes::role(tx, id)?.ok_or(Error::Stale)?.name);
                }
            }
            for id in asked.nodes {
                if let Some(name) = nodes::node_name(tx, id)? {
                    names.nodes.insert(id, name);
                }
            }
            Ok(names)
        };
        Ok(self.database.read(read).await?)
    }
}

fn named(tx: &mut dyn Tx, id: SubjectId) -> Result<Named, Error> {
    if let Some(row) = rows::principal(tx, PrincipalId::new(id.get()))? {
        let text = format!("{}:{}", row.kind.as_str(), row.name).into();
        return Ok(Named { text, title: row.title, suspended: row.suspended });
    }
    let team = rows::team(tx, domain::TeamId::new(id.get()))?.ok_or(Error::Stale)?;
    Ok(Named { text: format!("team:{}", team.name).into(), title: team.title, suspended: false })
}
