//! The one place where a snapshot changes hands.
//!
//! Readers never wait: `load` of `arc_swap` is wait-free, it takes no lock and does not depend on what a writer is doing.
//! The guard lives inside one synchronous function, never across an await. Under loom, which `arc_swap` does not
//! support, a model with the same orderings takes its place.

#[cfg(not(loom))]
pub(crate) use swapping::Cell;

#[cfg(loom)]
pub(crate) use model::Cell;

#[cfg(not(loom))]
mod swapping {
    use std::ops::Deref;
    use std::sync::Arc;

    use arc_swap::ArcSwap;

    /// Holds the snapshot in force.
    #[derive(Debug)]
    pub(crate) struct Cell<T>(ArcSwap<T>);

    impl<T> Cell<T> {
        pub(crate) fn new(first: Arc<T>) -> Self {
            Self(ArcSwap::new(first))
        }

        /// What is in force now.
        pub(crate) fn load(&self) -> impl Deref<Target = Arc<T>> {
            self.0.load()
        }

        /// Puts the next one in force and gives back the last. Every reader that still holds the last one counts in its
        /// reference count when this returns.
        pub(crate) fn swap(&self, next: Arc<T>) -> Arc<T> {
            self.0.swap(next)
        }
    }
}

#[cfg(loom)]
mod model {
    use std::ops::Deref;
    use std::sync::{Arc, OnceLock};

    use loom::sync::atomic::{AtomicUsize, Ordering};

    /// Most values a model run puts in force.
    const VALUES_MAX: usize = 8;

    /// A cell of write-once places and the number of the one in force, which is what loom watches.
    #[derive(Debug)]
    pub(crate) struct Cell<T> {
        places: [OnceLock<Arc<T>>; VALUES_MAX],
        in_force: AtomicUsize,
    }

    impl<T> Cell<T> {
        pub(crate) fn new(first: Arc<T>) -> Self {
            let places = [const { OnceLock::new() }; VALUES_MAX];
            assert!(places[0].set(first).is_ok(), "a new cell is empty");
            Self { places, in_force: AtomicUsize::new(0) }
        }

        pub(crate) fn load(&self) -> impl Deref<Target = Arc<T>> {
            self.places[self.in_force.load(Ordering::Acquire)].get().expect("set before it came into force")
        }

        pub(crate) fn swap(&self, next: Arc<T>) -> Arc<T> {
            let last = self.in_force.load(Ordering::Relaxed);
            assert!(self.places[last + 1].set(next).is_ok(), "there is one writer");
            self.in_force.store(last + 1, Ordering::SeqCst);
            Arc::clone(self.places[last].get().expect("set before it came into force"))
        }
    }
}
