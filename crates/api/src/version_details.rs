//! `…/versions/{version}/details`: what the content of a version tells of it.

use domain::{Granted, Read};

use crate::at::VersionAt;
use crate::details::Details;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::packages::Seen;
use crate::problem::{Code, Fault};

/// `GET /repositories/{project}/{repository}/packages/{package}/versions/{version}/details`
pub enum ShowDetails {}

impl Endpoint for ShowDetails {
    const META: Meta = Meta {
        id: "version_details",
        method: Method::Get,
        path: "/repositories/{project}/{repository}/packages/{package}/versions/{version}/details",
        summary: "Shows what the content of a version tells of it: platforms and layers, dependencies, what is attached, the read-me.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("version details"),
    };
    type At = VersionAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Details;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Details>, Fault> {
        let reader = cx.readers.of(may.node().format());
        let seen = Seen::new(cx, may, &ask.at.package.repository)?;
        let item = seen.version(&ask.at).await?;
        let Some(reader) = reader else { return Ok(Done::read(Details::of_kind("package"))) };
        Ok(Done::read((reader.details)(seen.shelf(), &item).await?))
    }
}
