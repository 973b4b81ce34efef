//! Subjects and nodes as people write them: `member:alice`, `team:releasers`, `/`, `alpha`, `alpha/jars`.

use domain::{
    Invalid, InvalidReason, Login, NodeId, Permission, Permissions, PrincipalKind, SubjectId, WrittenNode,
};

use crate::error::Error;
use crate::sql::directory::{self as rows, PrincipalRow, TeamRow};
use crate::sql::{Tx, audited, nodes};

/// A subject that exists.
pub(super) enum Subject {
    Principal(PrincipalRow),
    Team(TeamRow),
}

/// A node that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NodeFound {
    pub(super) id: NodeId,
    pub(super) level: Level,
}

/// How deep a node lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Organisation,
    Project,
    Repository,
}

impl Subject {
    pub(super) fn id(&self) -> SubjectId {
        match self {
            Self::Principal(principal) => principal.id.into(),
            Self::Team(team) => team.id.into(),
        }
    }

    /// The kind, if it is one of the two external ones.
    pub(super) fn external(&self) -> Option<PrincipalKind> {
        match self {
            Self::Principal(principal) => Some(principal.kind).filter(|kind| kind.is_external()),
            Self::Team(_) => None,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Principal(principal) => format!("{}:{}", principal.kind.as_str(), principal.name),
            Self::Team(team) => format!("team:{}", team.name),
        }
    }
}

/// Reads and finds a subject.
///
/// # Errors
/// `Unknown` with the text as given if it names nobody, `Invalid` if it is malformed.
pub(super) fn subject(tx: &mut dyn Tx, text: &str) -> Result<Subject, Error> {
    if let Some(name) = text.strip_prefix("team:") {
        return rows::team_named(tx, name)?.map(Subject::Team).ok_or_else(|| unknown(text));
    }
    principal(tx, text).map(Subject::Principal)
}

/// Reads and finds a principal; an application by name or client ID.
///
/// # Errors
/// As [`subject`].
pub(super) fn principal(tx: &mut dyn Tx, text: &str) -> Result<PrincipalRow, Error> {
    let kinds = [
        PrincipalKind::Member,
        PrincipalKind::Collaborator,
        PrincipalKind::Guest,
        PrincipalKind::Application,
    ];
    let split = text.split_once(':');
    let Some((kind, name)) = split.and_then(|(word, name)| {
        kinds.into_iter().find(|kind| kind.as_str() == word).map(|kind| (kind, name))
    }) else {
        let reason =
            InvalidReason::Grammar("write member:, collaborator:, guest:, application: or team: and a name");
        return Err(Error::Invalid(Invalid { what: "subject", reason }));
    };
    if let Some(found) = rows::principal_named(tx, kind, name)? {
        return Ok(found);
    }
    let by_login = match Login::parse(name) {
        Ok(login) => rows::principal_by_login(tx, &login)?,
        Err(_) => None,
    };
    by_login.filter(|found| found.kind == kind).ok_or_else(|| unknown(text))
}

/// Reads and finds a node.
///
/// # Errors
/// `Unknown` with the text as given if it is malformed or names nothing.
pub(super) fn node(tx: &mut dyn Tx, text: &str) -> Result<NodeFound, Error> {
    let (key, name) = match WrittenNode::parse(text).ok_or_else(|| unknown(text))? {
        WrittenNode::Organisation => {
            return Ok(NodeFound { id: NodeId::ORGANISATION, level: Level::Organisation });
        }
        WrittenNode::Project(key) => (key, None),
        WrittenNode::Repository(path) => (path.project, Some(path.repository)),
    };
    let project = nodes::project(tx, &key)?.ok_or_else(|| unknown(text))?;
    let Some(name) = name else {
        return Ok(NodeFound { id: project.id.into(), level: Level::Project });
    };
    let (id, _) = nodes::repository(tx, project.id, &name)?.ok_or_else(|| unknown(text))?;
    Ok(NodeFound { id: id.into(), level: Level::Repository })
}

/// Writes a subject the way it is read.
pub(super) fn subject_text(tx: &mut dyn Tx, id: SubjectId) -> Result<String, Error> {
    audited::subject(tx, id.get())?.ok_or_else(|| Error::corrupt("a grant is for nobody"))
}

pub(super) fn unknown(text: &str) -> Error {
    Error::Unknown(text.into())
}

/// Writes permissions the way they are read.
pub(super) fn words(permissions: Permissions) -> String {
    permissions.iter().map(Permission::as_str).collect::<Vec<_>>().join(" ")
}
