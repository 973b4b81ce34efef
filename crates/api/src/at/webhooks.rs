//! Webhooks, as paths name them: at the organisation, a project or a repository.

use std::borrow::Cow;

use domain::{Project, ProjectKey, Repository, RepositoryName, RepositoryPath};

use super::{At, Names, PROJECT, Parameter, REPOSITORY};
use crate::words::delivery;

const WEBHOOK: Parameter =
    Parameter { name: "webhook", format: "repository-name", description: "Name of a webhook." };
const DELIVERY: Parameter =
    Parameter { name: "delivery", format: "delivery", description: "Number of a delivery." };

/// A webhook of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAt<P> {
    /// The node.
    pub node: P,
    /// Its name there.
    pub webhook: Box<str>,
}

/// A delivery of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryAt<P> {
    /// The webhook.
    pub of: WebhookAt<P>,
    /// Its number.
    pub delivery: i64,
}

impl<P> WebhookAt<P> {
    /// `None` for what no webhook can be called.
    #[must_use]
    pub fn new(node: P, name: &str) -> Option<Self> {
        let name = RepositoryName::parse_folded(name).ok()?;
        Some(Self { node, webhook: name.as_str().into() })
    }
}

impl<P> DeliveryAt<P> {
    /// `None` for what is no number.
    #[must_use]
    pub fn new(of: WebhookAt<P>, number: &str) -> Option<Self> {
        Some(Self { of, delivery: delivery(number)? })
    }
}

macro_rules! webhooks_at {
    ($($node:ty: [$($parameter:ident),*];)*) => {$(
        impl At for WebhookAt<$node> {
            const PARAMETERS: &'static [Parameter] = &[$($parameter,)* WEBHOOK];

            fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
                let (webhook, node) = names.split_last()?;
                Self::new(<$node as At>::parse(node)?, webhook)
            }

            fn names(&self) -> Vec<Cow<'_, str>> {
                [At::names(&self.node), vec![(&*self.webhook).into()]].concat()
            }
        }

        impl At for DeliveryAt<$node> {
            const PARAMETERS: &'static [Parameter] = &[$($parameter,)* WEBHOOK, DELIVERY];

            fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
                let (delivery, webhook) = names.split_last()?;
                Self::new(At::parse(webhook)?, delivery)
            }

            fn names(&self) -> Vec<Cow<'_, str>> {
                [self.of.names(), vec![self.delivery.to_string().into()]].concat()
            }
        }
    )*};
}

webhooks_at! {
    (): [];
    ProjectKey: [PROJECT];
    RepositoryPath: [PROJECT, REPOSITORY];
}

impl Names<Project> for WebhookAt<ProjectKey> {
    fn name(&self) -> &ProjectKey {
        &self.node
    }
}

impl Names<Repository> for WebhookAt<RepositoryPath> {
    fn name(&self) -> &RepositoryPath {
        &self.node
    }
}

impl Names<Project> for DeliveryAt<ProjectKey> {
    fn name(&self) -> &ProjectKey {
        &self.of.node
    }
}

impl Names<Repository> for DeliveryAt<RepositoryPath> {
    fn name(&self) -> &RepositoryPath {
        &self.of.node
    }
}
