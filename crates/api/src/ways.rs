//! How grants reach somebody: what explanations and lists of rights have in common.

use domain::{Explanation, GrantedWhat, Inquiry, NodeId, PrincipalId, SubjectId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Names, ToName};

use crate::words::{Moment, Rights};

/// A grant and how it reaches somebody.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Way {
    /// Who was granted it: `member:alice`, `team:releasers`. Only `organisation`, where it was granted on `/` and you do not see the
    /// directory.
    pub to: String,
    /// The teams between, from the person's side: in the first one they are themselves, and the last one is in `to`.
    pub through: Vec<String>,
    /// What this role holds whenever it is asked; `null` for a grant of permissions.
    pub role: Option<String>,
    /// Exactly these; `null` for a grant of a role.
    pub permissions: Option<Rights>,
    /// Where: `/`, `alpha` or `alpha/jars`.
    pub on: String,
    /// What that comes to, with what it implies.
    pub gives: Rights,
    /// From this moment on it holds no longer; `null` never ends.
    pub expires: Option<Moment>,
}

/// What is told of who was granted something on `/`, to who does not see the directory.
pub(crate) const ORGANISATION: &str = "organisation";

/// Everything that explanations name.
pub(crate) fn to_name<'e>(explained: impl IntoIterator<Item = &'e Explanation>) -> ToName {
    let mut names = ToName::default();
    for way in explained.into_iter().flat_map(|explanation| &explanation.ways) {
        names.subjects.push(way.to);
        names.subjects.extend(&way.through);
        names.nodes.push(way.on);
        if let GrantedWhat::Role(role) = way.what {
            names.roles.push(role);
        }
    }
    names
}

/// The grants of an explanation about somebody by name. Who administers a project and does not see the directory is not told
/// through which teams the organisation's rights come.
pub(crate) fn shown(
    explanation: &Explanation,
    names: &Names,
    inquiry: &Inquiry<'_>,
    of: PrincipalId,
) -> Vec<Way> {
    let all = inquiry.sees_directory() || inquiry.principal() == of;
    let shown = |way: &domain::Way| {
        let (role, permissions) = match way.what {
            GrantedWhat::Role(role) => (Some(names.role(role).to_owned()), None),
            GrantedWhat::Permissions(some) => (None, Some(Rights(some))),
        };
        let told = all || way.on != NodeId::ORGANISATION;
        let through = way.through.iter().filter(|_| told);
        Way {
            to: if told { subject(names, way.to) } else { ORGANISATION.to_owned() },
            through: through.map(|team| subject(names, *team)).collect(),
            role,
            permissions,
            on: names.node(way.on).unwrap_or_default().to_owned(),
            gives: Rights(way.gives),
            expires: way.expires.map(Moment),
        }
    };
    explanation.ways.iter().map(shown).collect()
}

/// What a principal or team is called.
pub(crate) fn subject(names: &Names, id: SubjectId) -> String {
    names.subject(id).map(|named| named.text.to_string()).unwrap_or_default()
}
