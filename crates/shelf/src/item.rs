use storage::Entry;

/// Number of the layer that is the repository itself; others follow.
const OWN: u8 = 0;

/// A name that was found, and in which layer: its content is opened by the proof of that one, which nobody can make up.
///
/// ```compile_fail,E0451
/// fn forged(entry: storage::Entry) -> shelf::Item {
///     shelf::Item { entry, layer: 1 }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Item {
    /// What it stands for.
    pub entry: Entry,
    layer: u8,
}

impl Item {
    /// Of the repository itself.
    pub(crate) const fn own(entry: Entry) -> Self {
        Self { entry, layer: OWN }
    }

    /// Its place among the layers behind the repository; `None` if it is of the repository itself.
    pub(crate) fn behind(&self) -> Option<usize> {
        self.layer.checked_sub(1).map(usize::from)
    }
}
