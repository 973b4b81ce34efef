//! Sessions in browsers, as paths name them.

use std::borrow::Cow;

use domain::SessionId;

use super::{At, Parameter, absent};
use crate::problem::Fault;

const SESSION: Parameter = Parameter {
    name: "session",
    format: "token-id",
    description: "Public id of a session, as the list of them tells it.",
};

/// A session of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionAt {
    session: Option<SessionId>,
}

impl SessionAt {
    /// A session by its id as text; `None` for what no session has.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        auth::parse_id(id).map(|id| Self { session: Some(SessionId::new(id)) })
    }

    /// The id.
    pub(crate) fn session(&self) -> Result<SessionId, Fault> {
        self.session.ok_or_else(absent)
    }
}

impl At for SessionAt {
    const PARAMETERS: &'static [Parameter] = &[SESSION];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [id] = names else { return None };
        // What is no id names no session: that is not found, as one that is gone.
        Some(Self { session: auth::parse_id(id).map(SessionId::new) })
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![self.session.map(|id| id.to_string()).unwrap_or_default().into()]
    }
}
