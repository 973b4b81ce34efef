//! Tokens by their names, as paths name them.

use std::borrow::Cow;

use super::subjects::named;
use super::{At, PRINCIPAL, Parameter, PrincipalAt, encoded};

/// Longest name of a token, in bytes.
const NAME_BYTES_MAX: usize = 128;

const NAME: Parameter =
    Parameter { name: "name", format: "text", description: "What its owner calls a token." };

/// A token of one's own by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenNamedAt {
    /// What its owner calls it.
    pub name: Box<str>,
}

/// A token of somebody by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalTokenNamedAt {
    /// Whose.
    pub owner: PrincipalAt,
    /// What they call it.
    pub token: TokenNamedAt,
}

impl TokenNamedAt {
    /// A token by its name; `None` for what none can be called.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        named(name, NAME_BYTES_MAX).map(|name| Self { name })
    }
}

impl PrincipalTokenNamedAt {
    /// Somebody's token.
    #[must_use]
    pub const fn new(owner: PrincipalAt, token: TokenNamedAt) -> Self {
        Self { owner, token }
    }

    /// Where their tokens are.
    pub(crate) fn tokens(&self) -> String {
        format!("/principals/{}/tokens", encoded(self.owner.as_str()))
    }
}

impl At for TokenNamedAt {
    const PARAMETERS: &'static [Parameter] = &[NAME];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [name] = names else { return None };
        Self::new(name)
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![(&*self.name).into()]
    }
}

impl At for PrincipalTokenNamedAt {
    const PARAMETERS: &'static [Parameter] = &[PRINCIPAL, NAME];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [principal, name] = names else { return None };
        Some(Self::new(PrincipalAt::new(principal), TokenNamedAt::new(name)?))
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        [self.owner.names(), self.token.names()].concat()
    }
}
