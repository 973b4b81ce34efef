//! The list of images, over all repositories the caller may read.

use bytes::Bytes;
use domain::{Denied, EntryKind, Limit, RightKind};
use http::header::LINK;
use http::{HeaderValue, StatusCode};
use shelf::Shelves;

use super::tags::rows;
use crate::fit::{PAGE_BYTES_MAX, fitting};
use crate::oci::op::CataloguePage;
use crate::oci::wire::Catalogue;
use crate::oci::{Oci, location};
use crate::protocol::{Cx, Protocol as _, ReplyResult};
use crate::reply::Reply;

/// What every name in the list begins with: they are shown as they are pulled.
const PREFIX: &str = "p/";
/// What a name costs in the list besides its path, in bytes.
const AROUND_BYTES: usize = PREFIX.len() + "\"\",".len();

/// One page, sorted byte by byte, with a link to the next one if there is more. Who is not logged in is asked to, unless the
/// settings let everybody list what is public.
pub(crate) async fn list(page: CataloguePage, shelves: &Shelves<'_>, cx: &Cx<'_>) -> ReplyResult<Oci> {
    if !cx.gate.caller().is_authenticated() && !cx.limits.anonymous_catalogue {
        let denied = Denied { authenticated: false, may_know: false, right: RightKind::Probe };
        return Err(denied.into());
    }
    let images_max = rows(page.images_max, cx);
    let after = page.after.as_deref().map(|last| last.strip_prefix(PREFIX).unwrap_or(last));
    // One more than is shown tells whether there is more.
    let limit = Limit::capped(u64::from(images_max).saturating_add(1));
    let found = shelves.packages_by_path((Oci::FORMAT, EntryKind::Manifest), after, limit).await?;
    let sizes = found.iter().take(usize::try_from(images_max).unwrap_or(usize::MAX));
    let shown = fitting(PAGE_BYTES_MAX, sizes.map(|path| path.len().saturating_add(AROUND_BYTES)));
    let repositories: Vec<String> = found.iter().take(shown).map(|path| format!("{PREFIX}{path}")).collect();
    let more = repositories.len() < found.len();
    let next = repositories.last().filter(|_| more).and_then(|last| location::next_images(images_max, last));
    let body = serde_json::to_vec(&Catalogue { repositories }).unwrap_or_default();
    let json = HeaderValue::from_static("application/json");
    let reply = Reply::new(StatusCode::OK).bytes(json, Bytes::from(body));
    Ok(match next {
        Some(link) => reply.header(LINK, link),
        None => reply,
    })
}
