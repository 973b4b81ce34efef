use std::sync::Arc;

use crate::gate::{CallerGate, Granted};
use crate::id::RepositoryId;
use crate::rights::{Read, Right};

/// A proof on a repository, and what else is shown through it: all of one version of the matrix, so that a change of what is shown
/// is in force like a grant. No repository shows others yet, so both lists are empty.
#[must_use]
pub struct Standing<R: Right> {
    own: Granted<R>,
    layers: Box<[Layer]>,
    owners: Option<Arc<Owners>>,
}

/// Another repository whose names are shown, for a caller who may read it.
#[must_use]
pub struct Layer {
    may: Granted<Read>,
}

/// The repositories that own their names, whether the caller may see them or not: what one of these has is asked of nobody else.
#[derive(Debug)]
pub struct Owners {
    hosted: Box<[RepositoryId]>,
}

impl CallerGate {
    /// What is shown through a repository, for the caller of this proof. Allocates nothing where that is the repository alone.
    pub fn stand<R: Right>(&self, own: Granted<R>) -> Standing<R> {
        Standing { own, layers: Box::default(), owners: None }
    }
}

impl<R: Right> Standing<R> {
    /// The proof on the repository that was asked for.
    pub const fn own(&self) -> &Granted<R> {
        &self.own
    }

    /// The others that are shown, in their order.
    pub const fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Every other repository on whose names it depends what is shown.
    pub fn others(&self) -> impl Iterator<Item = RepositoryId> {
        let owners = self.owners.iter().flat_map(|owners| owners.hosted.iter().copied());
        self.layers.iter().map(|layer| layer.may.node().id()).chain(owners)
    }
}

impl Layer {
    /// The proof that its content is opened by.
    pub const fn may(&self) -> &Granted<Read> {
        &self.may
    }
}
