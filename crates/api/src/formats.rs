//! `/formats`: what repositories can hold here.

use domain::KnownFormat;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing, Reader};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::words::FormatText;

/// `GET /formats`
pub enum ListFormats {}

/// A format that repositories can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServedFormat {
    /// Its word, which a repository is made with.
    #[schemars(extend("x-open-enum" = true))]
    pub format: String,
    /// How the paths of its repositories begin, such as `/maven`.
    pub prefix: String,
}

impl From<&KnownFormat> for ServedFormat {
    fn from(known: &KnownFormat) -> Self {
        Self { format: known.format.to_string(), prefix: known.mount.to_owned() }
    }
}

impl Endpoint for ListFormats {
    const META: Meta = Meta {
        id: "format_list",
        method: Method::Get,
        path: "/formats",
        summary: "Lists the formats that repositories can have here, by word.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("format list"),
    };
    type At = ();
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<ServedFormat>;
    type May = Reader;

    async fn call(cx: &Cx, _may: Reader, ask: &Ask<Self>) -> Result<Done<Page<ServedFormat>>, Fault> {
        let after = ask.query.after(|text| FormatText::try_from(text.to_owned()).ok())?;
        let behind = |one: &ServedFormat| after.as_ref().is_none_or(|after| *one.format > *after.as_str());
        let mut rows: Vec<ServedFormat> = cx.formats.iter().map(ServedFormat::from).filter(behind).collect();
        rows.sort_by(|one, other| one.format.cmp(&other.format));
        rows.truncate(usize::try_from(ask.query.limit().rows()).unwrap_or(usize::MAX));
        Ok(Done::read(ask.query.page(&rows, |one| one.format.clone(), Clone::clone)))
    }
}
