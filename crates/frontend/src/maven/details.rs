//! What a version tells of itself in its POM, which anybody may have written.

use api::details::{Details, ROWS_MAX, document};
use domain::{Limit, PackageName, Read};
use shelf::{Item, Shelf};
use storage::{ContentError, EdgeKind};

use super::error::Bad;
use super::layout::{File, Gav};
use super::pom::POM_BYTES_MAX;
use super::project;
use crate::blocking::blocking;
use crate::error::Error;
use crate::looked_up::{has_package, unless_failed};

/// Most dependencies that are looked for in the repository.
const LOOKED_FOR_MAX: usize = 100;

/// Everything about a version.
pub(super) async fn details(shelf: &Shelf<'_, Read>, item: &Item) -> Result<Details, ContentError> {
    let key = &item.entry.key;
    let Some(gav) = Gav::of_entry(key) else { return Ok(Details::of_kind("package")) };
    let Some(pom) = pom(&gav, &key.package, shelf).await? else { return Ok(Details::of_kind("package")) };
    let Some(bytes) = unless_failed(shelf.part(&pom, 0..POM_BYTES_MAX.min(pom.entry.size_bytes)).await)?
    else {
        return Ok(Details::of_kind("package"));
    };
    let shown = document(&bytes);
    let read = blocking::<_, Bad>("reading a POM", move || project::read(&bytes, &gav));
    let mut details = Details { document: shown, ..read.await.map_err(Error::of_content)? };
    for dependency in details.dependencies.iter_mut().take(LOOKED_FOR_MAX) {
        if let Ok(package) = PackageName::exact(&dependency.package) {
            dependency.here = Some(has_package(&package, shelf).await?);
        }
    }
    Ok(details)
}

/// The POM of a version: of a snapshot the newest, because builds are listed from the newest to the oldest.
async fn pom(
    gav: &Gav,
    package: &PackageName,
    shelf: &Shelf<'_, Read>,
) -> Result<Option<Item>, ContentError> {
    let target = gav.key();
    let limit = Limit::capped(ROWS_MAX as u64);
    let files = shelf.pointing_to((EdgeKind::Part, &target), package, None, limit).await?;
    let is_pom = |item: &Item| File::of_entry(gav, &item.entry.key).is_some_and(|file| file.is_pom());
    Ok(files.into_iter().find(is_pom))
}
