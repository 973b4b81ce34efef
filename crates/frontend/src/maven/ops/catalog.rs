//! `archetype-catalog.xml` and its hashes: rendered from rows, kept until a name changes.

use bytes::Bytes;
use domain::{Limit, Read};
use edge::http::condition::Conditions;
use shelf::{Item, Shelf};
use storage::{EdgeKind, PairHalf};

use super::Failure;
use super::metadata::{answer, packed};
use crate::blocking::blocking;
use crate::error::Error;
use crate::maven::Maven;
use crate::maven::catalog::{ARCHETYPE, Archetype, document};
use crate::maven::error::Bad;
use crate::maven::hash::Hash;
use crate::protocol::ReplyResult;

/// Most pages of rows, and rows of one: those of more archetypes than anybody has.
const PAGES_MAX: usize = 20;
const PAGE_ROWS: u64 = 1000;
/// Its name among documents; no path begins like this.
const CATALOG: &str = "\narchetypes";

/// The document, or a hash of exactly its bytes.
pub(crate) async fn read(
    hash: Option<Hash>,
    conditions: &Conditions,
    shelf: &Shelf<'_, Read>,
) -> ReplyResult<Maven> {
    let half = if hash.is_some() { PairHalf::Companion } else { PairHalf::Document };
    let kept = shelf.derived_paired(CATALOG, half, || render(shelf)).await?;
    answer(kept, hash, conditions)
}

async fn render(shelf: &Shelf<'_, Read>) -> Result<Bytes, Failure> {
    let mut found: Vec<Archetype> = Vec::new();
    let mut changed = None;
    let mut last: Option<Item> = None;
    for _ in 0..PAGES_MAX {
        let edge = (EdgeKind::Fact, ARCHETYPE);
        let mut page = shelf.pointing_anywhere(edge, last.as_ref(), Limit::capped(PAGE_ROWS)).await?;
        for Item { entry, .. } in &page {
            changed = changed.max(Some(entry.changed_at));
            let archetype = Archetype::of_entry(entry);
            let news = |archetype: &Archetype| found.last().is_none_or(|last| !last.is_of(archetype));
            if let Some(archetype) = archetype.filter(news) {
                found.push(archetype);
            }
        }
        let full = page.len() as u64 >= PAGE_ROWS;
        last = page.pop().filter(|_| full);
        if last.is_none() {
            break;
        }
    }
    let rendered = blocking("rendering a catalogue", move || {
        let (modified, xml) = document(&found, changed).ok_or(Error::Bad(Bad::NoMetadata))?;
        packed(modified, xml)
    });
    rendered.await?
}
