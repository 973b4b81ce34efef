//! Issuers, publishers and providers of log-ins, as paths name them.

use std::borrow::Cow;

use domain::{Project, ProjectKey, RepositoryName};

use super::{At, Names, PROJECT, Parameter};

const ISSUER: Parameter =
    Parameter { name: "issuer", format: "repository-name", description: "Name of an issuer." };
const PROVIDER: Parameter =
    Parameter { name: "provider", format: "repository-name", description: "Name of a provider of log-ins." };
const PUBLISHER: Parameter = Parameter {
    name: "publisher",
    format: "repository-name",
    description: "Name of a publisher in the project.",
};

/// An issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerAt {
    /// Its name.
    pub issuer: Box<str>,
}

/// A provider of log-ins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginProviderAt {
    /// Its name.
    pub provider: Box<str>,
}

/// A publisher of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherAt {
    /// The project.
    pub project: ProjectKey,
    /// Its name there.
    pub publisher: Box<str>,
}

impl IssuerAt {
    /// `None` for what no issuer can be called.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let name = RepositoryName::parse_folded(name).ok()?;
        Some(Self { issuer: name.as_str().into() })
    }

    /// Where it is found, below `/api/v1`.
    pub(crate) fn path(&self) -> String {
        format!("/organisation/issuers/{}", self.issuer)
    }
}

impl LoginProviderAt {
    /// `None` for what no provider can be called.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let name = RepositoryName::parse_folded(name).ok()?;
        Some(Self { provider: name.as_str().into() })
    }

    /// Where it is found, below `/api/v1`.
    pub(crate) fn path(&self) -> String {
        format!("/organisation/login-providers/{}", self.provider)
    }
}

impl PublisherAt {
    /// `None` for what no publisher can be called.
    #[must_use]
    pub fn new(project: ProjectKey, name: &str) -> Option<Self> {
        let name = RepositoryName::parse_folded(name).ok()?;
        Some(Self { project, publisher: name.as_str().into() })
    }

    /// Where it is found, below `/api/v1`.
    pub(crate) fn path(&self) -> String {
        format!("/projects/{}/publishers/{}", self.project, self.publisher)
    }
}

impl At for IssuerAt {
    const PARAMETERS: &'static [Parameter] = &[ISSUER];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [name] = names else { return None };
        Self::new(name)
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![(&*self.issuer).into()]
    }
}

impl At for LoginProviderAt {
    const PARAMETERS: &'static [Parameter] = &[PROVIDER];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [name] = names else { return None };
        Self::new(name)
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![(&*self.provider).into()]
    }
}

impl At for PublisherAt {
    const PARAMETERS: &'static [Parameter] = &[PROJECT, PUBLISHER];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [project, name] = names else { return None };
        Self::new(ProjectKey::parse_folded(project).ok()?, name)
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![self.project.as_str().into(), (&*self.publisher).into()]
    }
}

impl Names<Project> for PublisherAt {
    fn name(&self) -> &ProjectKey {
        &self.project
    }
}
