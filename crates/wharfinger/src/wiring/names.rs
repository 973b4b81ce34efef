//! What the organisation is called, as requests see it: it follows the rows as who logs in and what one may do are followed.

use std::sync::Arc;

use domain::{BoxFuture, FactSource, OrganisationNames, PolicyFeed, PolicyPoint, PolicyVersion, SourceError};
use follower::{Follower, Target};
use frontend::OurNames;

/// The names, for whoever answers requests.
struct Called(Arc<OurNames>);

/// Keeps them in step with the rows.
pub(super) struct NamesFollower(Follower<dyn FactSource<OrganisationNames>, Called>);

impl NamesFollower {
    /// Reads them.
    pub(super) async fn open(
        source: Arc<dyn FactSource<OrganisationNames>>,
    ) -> Result<Arc<Self>, SourceError> {
        let follower =
            Follower::open(source, |names: OrganisationNames| Called(Arc::new(OurNames::new(names))));
        Ok(Arc::new(Self(follower.await?)))
    }

    /// The names, for whoever answers requests.
    pub(super) fn names(&self) -> Arc<OurNames> {
        Arc::clone(&self.0.target().0)
    }

    /// For whoever asks every second.
    pub(super) async fn poll(&self) -> Result<(), SourceError> {
        self.0.poll().await.map(drop)
    }
}

impl Target for Called {
    type Facts = OrganisationNames;

    const NAME: &'static str = "names";

    fn is_quick(_changes: usize) -> bool {
        true
    }

    fn apply(&self, changes: Vec<OrganisationNames>, _: PolicyVersion) {
        if let Some(names) = changes.into_iter().last() {
            self.0.set(names);
        }
    }

    fn replace(&self, facts: OrganisationNames, _: PolicyVersion) {
        self.0.set(facts);
    }
}

impl PolicyFeed for NamesFollower {
    fn point(&self) -> PolicyPoint {
        self.0.point()
    }

    fn refresh_to(&self, point: PolicyPoint) -> BoxFuture<'_, Result<(), SourceError>> {
        Box::pin(self.0.refresh_to(point))
    }

    fn refresh_now(&self) -> BoxFuture<'_, Result<(), SourceError>> {
        Box::pin(async { self.0.refresh().await.map(drop) })
    }
}
