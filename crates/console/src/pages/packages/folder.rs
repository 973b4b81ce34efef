//! Folders: groups and packages of Maven, directories of files.

use std::borrow::Cow;

use api::folders::{InFolder, ListFolder};
use api::{Code, Fault};

use super::{Place, address, first};
use crate::door::Answer;
use crate::fault::rendered;
use crate::frame::{Crumb, Frame};
use crate::parts::filters;
use crate::visit::Visit;

#[derive(askama::Template)]
#[template(path = "folder.html")]
struct FolderPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    name: &'a str,
    rows: Vec<(InFolder, Option<String>)>,
    next: Option<String>,
    first: Option<String>,
}

/// The page of a folder; `None` if there is none.
pub(super) async fn page(visit: &Visit<'_>, place: &Place, path: &str) -> Result<Option<Answer>, Fault> {
    let mut query: Vec<(&str, Cow<'_, str>)> = vec![("limit", super::ROWS.into())];
    query.extend((!path.is_empty()).then(|| ("path", path.into())));
    query.extend(visit.given("after").map(|after| ("after", after.into())));
    let found = match visit.read::<ListFolder>(&place.names(), &query).await {
        Ok(found) => found,
        Err(fault) if matches!(fault.code(), Code::Absent | Code::Rule | Code::Invalid) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    // Where the repository is the package each file is a version with a page of its own.
    let is_package = (place.known.browsing.page)("/", None).is_empty();
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    let rows = found.items.into_iter().map(|one| {
        let at = below(&one.name);
        let to = if one.folder || is_package {
            Some(address(&place.path, &at))
        } else {
            let url = format!("{}/p/{}/{}", place.known.mount, place.path, at);
            place.download(visit, &at, &url)
        };
        (one, to)
    });
    let mut crumbs = place.crumbs(visit);
    let mut at = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        at = if at.is_empty() { part.to_owned() } else { format!("{at}/{part}") };
        crumbs.push(Crumb { text: part.to_owned(), href: Some(address(&place.path, &at)) });
    }
    if let Some(last) = crumbs.last_mut() {
        last.href = None;
    }
    let page = FolderPage {
        f: &Frame::of(visit),
        crumbs,
        name: if path.is_empty() { &place.path } else { path },
        rows: rows.collect(),
        next: found.next.map(|next| visit.here_with("after", &next)),
        first: first(visit),
    };
    Ok(Some(Answer::page(200, rendered(&page))))
}
