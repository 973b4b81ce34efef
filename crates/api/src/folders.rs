//! `/repositories/{project}/{repository}/folders`: what lies in a folder, where names of packages and files are paths.

use std::borrow::Cow;

use domain::{Granted, Read, RepositoryPath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::at::absent;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::packages::Seen;
use crate::page::{Page, Paged as _, paged};
use crate::problem::{Code, Fault};

/// `GET /repositories/{project}/{repository}/folders`
pub enum ListFolder {}

paged! {
    /// Which folder.
    FolderAsked {
        /// Its path, such as `org/example`; the whole repository, if it does not say.
        path: FolderPath,
    }
}

/// The path of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(transparent)]
pub struct FolderPath(#[schemars(length(max = 1024))] String);

impl TryFrom<String> for FolderPath {
    type Error = Cow<'static, str>;

    fn try_from(path: String) -> Result<Self, Self::Error> {
        if path.chars().count() > 1024 {
            return Err("it must have at most 1,024 characters".into());
        }
        Ok(Self(path))
    }
}

/// Something in a folder.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct InFolder {
    /// What it is called there.
    pub name: String,
    /// Whether it is a folder itself: a group, a package, a version, a directory.
    pub folder: bool,
}

impl Endpoint for ListFolder {
    const META: Meta = Meta {
        id: "folder_list",
        method: Method::Get,
        path: "/repositories/{project}/{repository}/folders",
        summary: "Lists what lies in a folder of a repository whose packages or files are named by paths: Maven, files.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor],
        cli: Some("package folder"),
    };
    type At = RepositoryPath;
    type Query = FolderAsked;
    type Body = Nothing;
    type Answer = Page<InFolder>;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<InFolder>>, Fault> {
        let paging = ask.query.paging().of(&ask.query);
        let after = paging.after(|name| Some(name.to_owned()))?.unwrap_or_default();
        let path = ask.query.path.as_ref().map_or("", |path| path.0.trim_matches('/'));
        let reader = cx.readers.of(may.node().format()).ok_or_else(absent)?;
        let seen = Seen::new(cx, may, &ask.at)?;
        let none = || Fault::Told(Code::Absent, "repositories of this format have no folders".into());
        let names = (reader.folder)(seen.shelf(), (path, &after)).await?.ok_or_else(none)?;
        if names.is_empty() && !path.is_empty() && after.is_empty() {
            return Err(absent());
        }
        let rows = usize::try_from(paging.limit().rows()).unwrap_or(usize::MAX);
        let next = names.get(..rows).filter(|_| names.len() > rows).and_then(<[String]>::last);
        let next = next.map(|name| paging.cursor(name));
        let items = names.iter().take(rows).map(|name| InFolder {
            name: name.trim_end_matches('/').to_owned(),
            folder: name.ends_with('/'),
        });
        Ok(Done::read(Page { items: items.collect(), next }))
    }
}
