use std::sync::Arc;

/// How many pages one branch holds.
const FAN_OUT: usize = 64;

/// A table of pages that is cheap to copy: publishing a change copies the root, one branch and one page.
///
/// Page numbers need not be dense; a table over all 2³² ids of one-page rows costs at most a few MB of empty branches.
#[derive(Debug)]
pub(crate) struct Paged<P: ?Sized> {
    branches: Vec<Option<Arc<Branch<P>>>>,
}

#[derive(Debug)]
struct Branch<P: ?Sized> {
    pages: [Option<Arc<P>>; FAN_OUT],
}

impl<P: ?Sized> Paged<P> {
    /// The page of this number, if there is one.
    pub(crate) fn page(&self, number: usize) -> Option<&P> {
        let branch = self.branches.get(number / FAN_OUT)?.as_ref()?;
        branch.pages.get(number % FAN_OUT)?.as_deref()
    }

    /// Puts a page in place; `None` removes it. Branches shared with an older snapshot are copied first.
    pub(crate) fn set(&mut self, number: usize, page: Option<Arc<P>>) {
        let at = number / FAN_OUT;
        if self.branches.len() <= at {
            if page.is_none() {
                return;
            }
            self.branches.resize_with(at.saturating_add(1), || None);
        }
        let Some(branch) = self.branches.get_mut(at) else { return };
        let branch = Arc::make_mut(branch.get_or_insert_with(|| Arc::new(Branch::empty())));
        if let Some(place) = branch.pages.get_mut(number % FAN_OUT) {
            *place = page;
        }
    }

    /// All pages with their numbers, ascending.
    pub(crate) fn pages(&self) -> impl Iterator<Item = (usize, &P)> {
        self.branches.iter().enumerate().flat_map(|(at, branch)| {
            branch.iter().flat_map(move |branch| {
                let numbered = branch.pages.iter().enumerate();
                numbered.filter_map(move |(slot, page)| Some((at * FAN_OUT + slot, page.as_deref()?)))
            })
        })
    }

    /// Bytes of the table itself, without its pages.
    pub(crate) fn bytes(&self) -> usize {
        let branches = self.branches.iter().flatten().count();
        self.branches.capacity() * size_of::<Option<Arc<Branch<P>>>>() + branches * size_of::<Branch<P>>()
    }
}

impl<P: ?Sized> Branch<P> {
    const fn empty() -> Self {
        Self { pages: [const { None }; FAN_OUT] }
    }
}

impl<P: ?Sized> Clone for Branch<P> {
    fn clone(&self) -> Self {
        Self { pages: self.pages.clone() }
    }
}

impl<P: ?Sized> Default for Paged<P> {
    fn default() -> Self {
        Self { branches: Vec::new() }
    }
}

impl<P: ?Sized> Clone for Paged<P> {
    fn clone(&self) -> Self {
        Self { branches: self.branches.clone() }
    }
}
