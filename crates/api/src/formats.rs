//! `/formats`: what repositories can hold here.

use crate::endpoint::{Ask, Cx, Done, Endpoint, LoggedIn, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::served::ServedFormat;
use crate::words::FormatText;

/// `GET /formats`
pub enum ListFormats {}

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
    type May = LoggedIn;

    async fn call(cx: &Cx, _may: LoggedIn, ask: &Ask<Self>) -> Result<Done<Page<ServedFormat>>, Fault> {
        let after = ask.query.after(|text| FormatText::try_from(text.to_owned()).ok())?;
        let behind = |one: &&ServedFormat| after.as_ref().is_none_or(|after| *one.format > *after.as_str());
        let rows = usize::try_from(ask.query.limit().rows()).unwrap_or(usize::MAX);
        let rows: Vec<&ServedFormat> = cx.formats.iter().filter(behind).take(rows).collect();
        Ok(Done::read(ask.query.page(&rows, |one| one.format.clone(), |one| (*one).clone())))
    }
}
