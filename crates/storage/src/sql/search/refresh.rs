//! Keeping what packages are found by in step with their versions.

use domain::RepositoryId;
use sha2::{Digest as _, Sha256};

use super::{delete, digest, kinds, packages, put, speaker};
use crate::error::Error;
use crate::search::{Speaker, each_facet, is_preferred, terms_of};
use crate::sql::Tx;

/// Kinds of versions of one package that are told apart; a version's kind is all its facets. Of a package with more, the first
/// count.
const KINDS_MAX: u32 = 64;
/// Packages looked at together when all of them are.
const PACKAGES_ROWS: u32 = 500;

/// Brings the row of a package up to date after a change of its versions; the turn of the repository is the caller's.
pub(crate) fn refresh(tx: &mut dyn Tx, repository: RepositoryId, package_key: &str) -> Result<(), Error> {
    let found = kinds(tx, repository, package_key, KINDS_MAX)?;
    let speaking = found.iter().max_by_key(|kind| (is_preferred(&kind.facets), kind.latest.clone()));
    let first = match speaking {
        Some(kind) => speaker(tx, repository, package_key, kind)?,
        None => None,
    };
    let Some((package, words)) = first else { return delete(tx, repository, package_key) };
    let mut facets: Vec<Box<str>> =
        found.iter().flat_map(|kind| each_facet(&kind.facets)).map(Into::into).collect();
    facets.sort_unstable();
    facets.dedup();
    let latest: Vec<Box<str>> = found.iter().map(|kind| kind.latest.clone()).collect();
    let speaks = Speaker { package: &package, package_key, words: &words };
    let terms = terms_of(repository, &speaks, &latest, &facets);
    let sum = Sha256::digest(&terms);
    // Most new versions say what the one before them said.
    if digest(tx, repository, package_key)?.as_deref() == Some(&sum[..]) {
        return Ok(());
    }
    let facets = format!(" {} ", facets.join(" "));
    put(tx, repository, package_key, (&facets, &sum[..], &terms))
}

/// Brings every package up to date, some at a time.
pub(crate) fn refresh_all(tx: &mut dyn Tx) -> Result<(), Error> {
    let mut after = (0, Box::from(""));
    loop {
        let some = packages(tx, (after.0, &after.1), PACKAGES_ROWS)?;
        let Some(last) = some.last() else { return Ok(()) };
        after = (last.0.get(), last.1.clone());
        for (repository, key) in &some {
            refresh(tx, *repository, key)?;
        }
    }
}
