//! The list of tags.

use bytes::Bytes;
use domain::{EntryKind, Limit, Read};
use http::header::LINK;
use http::{HeaderValue, StatusCode};
use shelf::Shelf;
use storage::{EntryQuery, Listed};

use crate::error::Error;
use crate::fit::{PAGE_BYTES_MAX, fitting};
use crate::oci::error::Bad;
use crate::oci::op::TagsPage;
use crate::oci::route::name::ImageName;
use crate::oci::wire::TagList;
use crate::oci::{Oci, location};
use crate::protocol::{Cx, ReplyResult};
use crate::reply::Reply;

/// What a tag costs in a list besides its characters, in bytes.
const QUOTES_BYTES: usize = "\"\",".len();

/// One page, sorted byte by byte, with a link to the next one if there is more.
pub(crate) async fn list(
    name: &ImageName,
    page: TagsPage,
    shelf: &Shelf<'_, Read>,
    cx: &Cx<'_>,
) -> ReplyResult<Oci> {
    let tags_max = rows(page.tags_max, cx);
    // One more than is shown tells whether there is more.
    let limit = Limit::capped(u64::from(tags_max).saturating_add(1));
    let after = page.after.as_deref().map(|tag| (tag, tag));
    let query = EntryQuery { kind: EntryKind::Tag, package: name.image(), unlisted: false, after, limit };
    let Listed::Names { items: found, more: _ } = shelf.display_names(&query).await? else {
        return Err(Error::Bad(Bad::UnknownImage));
    };
    let sizes = found.iter().take(usize::try_from(tags_max).unwrap_or(usize::MAX));
    let shown = fitting(PAGE_BYTES_MAX, sizes.map(|tag| tag.len().saturating_add(QUOTES_BYTES)));
    let more = found.len() > shown;
    let tags: Vec<&str> = found.iter().take(shown).map(|tag| &**tag).collect();
    let next = tags.last().filter(|_| more).and_then(|last| location::next_tags(name, tags_max, last));
    let body = serde_json::to_vec(&TagList { name: name.spelt(), tags }).unwrap_or_default();
    let reply =
        Reply::new(StatusCode::OK).bytes(HeaderValue::from_static("application/json"), Bytes::from(body));
    Ok(match next {
        Some(link) => reply.header(LINK, link),
        None => reply,
    })
}

/// How many names a page shows: what the client wants within our bound, which leaves room for the one more.
pub(super) fn rows(wanted: Option<u64>, cx: &Cx<'_>) -> u32 {
    let most = cx.limits.page_rows_max.min(Limit::MAX.rows().saturating_sub(1));
    let wanted = wanted.unwrap_or_else(|| cx.limits.page_rows_default.into());
    u32::try_from(wanted).map_or(most, |wanted| wanted.min(most))
}
