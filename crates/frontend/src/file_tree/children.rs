//! What lies in a directory, where files are rows by their whole paths.

use domain::{EntryKind, Implies, Limit, PackageName, Probe};
use shelf::Shelf;
use storage::{ContentError, EntryQuery, Listed};

use super::listing::Window;

/// Paths looked at in one statement.
const STEP: usize = 100;

/// Puts the names of a directory, empty for the root, into a window: of the files of this package, which are named by their whole
/// paths. Of each directory below no more than a step is looked at, and no name behind the window's last.
pub(crate) async fn gather<R: Implies<Probe>>(
    package: &PackageName,
    path: &str,
    found: &mut Window<'_>,
    shelf: &Shelf<'_, R>,
) -> Result<(), ContentError> {
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    let mut walk = Walk { package, prefix: &prefix, after: (prefix.clone(), prefix.clone()) };
    if !found.from().is_empty() {
        // Whether there is any name at all.
        found.extend(walk.step(1, shelf).await?);
        walk.pass(found.from());
    }
    loop {
        let names = walk.step(STEP, shelf).await?;
        let Some(last) = names.last().cloned() else { return Ok(()) };
        walk.pass(&last);
        let ends = names.len() < STEP || found.ends_before(&last);
        found.extend(names);
        if ends {
            return Ok(());
        }
    }
}

/// Where it has come to.
struct Walk<'a> {
    package: &'a PackageName,
    prefix: &'a str,
    /// The sort key and key that it goes on behind.
    after: (String, String),
}

impl Walk<'_> {
    /// The names in the directory of the next paths; the same one several times if several paths are below it.
    async fn step<R: Implies<Probe>>(
        &self,
        paths: usize,
        shelf: &Shelf<'_, R>,
    ) -> Result<Vec<String>, ContentError> {
        let query = EntryQuery {
            kind: EntryKind::File,
            package: self.package,
            unlisted: false,
            after: Some((&self.after.0, &self.after.1)),
            limit: Limit::capped(paths as u64),
        };
        let Listed::Names { items, more: _ } = shelf.display_names(&query).await? else {
            return Ok(Vec::new());
        };
        let below = items.iter().map_while(|path| path.strip_prefix(self.prefix));
        Ok(below.map(|below| below.split_inclusive('/').next().unwrap_or(below).to_owned()).collect())
    }

    /// Goes on behind a name, and behind everything that is below it.
    fn pass(&mut self, name: &str) {
        let at = format!("{}{name}", self.prefix);
        self.after = match at.strip_suffix('/') {
            // `0` is the character behind the slash: nothing below is behind it, and a name that begins so is still to come.
            Some(directory) => (format!("{directory}0"), String::new()),
            None => (at.clone(), at),
        };
    }
}
