//! What is about a manifest: signatures, attestations, lists of parts.

use std::sync::Arc;

use bytes::Bytes;
use domain::{Digest, Limit, Read, RefName};
use http::header::LINK;
use http::{HeaderValue, StatusCode};
use serde_json::value::RawValue;
use shelf::{Item, Shelf};
use storage::{ContentError, Entry, ReferrersQuery};

use super::Failure;
use crate::blocking::blocking;
use crate::error::Error;
use crate::fit::PAGE_BYTES_MAX;
use crate::oci::error::Bad;
use crate::oci::manifest::{Attributes, annotations_in};
use crate::oci::op::ReferrersPage;
use crate::oci::route::name::ImageName;
use crate::oci::wire::{FILTERS_APPLIED, OCI_INDEX, Referrer};
use crate::oci::{Oci, location};
use crate::protocol::ReplyResult;
use crate::reply::Reply;

/// Rows looked at for one page, and bytes of manifests read for it. They are asked for at once: storage gives as many as it may, and
/// looks through all referrers for each answer.
const ROWS_MAX: usize = 4096;
const READ_BYTES_MAX: u64 = 16 << 20;
/// How much of a digest the tag has under which clients keep a list of referrers.
const TAG_ALGORITHM_BYTES: usize = 32;
const TAG_DIGITS: usize = 64;

/// A page in the making: an index whose members are the referrers.
struct Page {
    json: Vec<u8>,
    empty: bool,
    rows: usize,
    read_bytes: u64,
}

/// One page of the referrers of a manifest, which need not be here itself. An image that nobody knows has none: never 404.
pub(crate) async fn list(
    name: &ImageName,
    subject: &Digest,
    page: ReferrersPage,
    shelf: &Shelf<'_, Read>,
) -> ReplyResult<Oci> {
    let wanted = page.artifact_type.as_deref();
    let text = subject.to_string();
    let tag = fallback_tag(&text)?;
    let mut last = page.after.map(|digest| digest.to_string()).unwrap_or_default();
    let mut made = Page::new();
    let more = 'page: loop {
        let limit = Limit::capped(ROWS_MAX as u64);
        let query =
            ReferrersQuery { package: name.image(), subject: &text, listed: &tag, after: &last, limit };
        let (found, goes_on) = shelf.referrers(&query).await?;
        for item in found {
            if made.is_full() || !made.add(&item, wanted, shelf).await? {
                break 'page true;
            }
            last = item.entry.key.name.key().to_owned();
        }
        if !goes_on {
            break false;
        }
    };
    let next = more.then(|| location::next_referrers(name, subject, wanted, &last)).flatten();
    let mut reply = Reply::new(StatusCode::OK).bytes(HeaderValue::from_static(OCI_INDEX), made.finish());
    if wanted.is_some() {
        reply = reply.header(FILTERS_APPLIED, HeaderValue::from_static("artifactType"));
    }
    Ok(match next {
        Some(link) => reply.header(LINK, link),
        None => reply,
    })
}

/// Where clients keep the list for a registry that has none: `sha256-…`, cut as the specification has it.
pub(crate) fn fallback_tag(subject: &str) -> Result<RefName, Failure> {
    let (algorithm, digits) = subject.split_once(':').unwrap_or((subject, ""));
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let tag = format!("{}-{}", cut(algorithm, TAG_ALGORITHM_BYTES), cut(digits, TAG_DIGITS));
    RefName::exact(&tag).map_err(|_| Error::Bad(Bad::Digest))
}

impl Page {
    fn new() -> Self {
        let json = format!(r#"{{"schemaVersion":2,"mediaType":"{OCI_INDEX}","manifests":["#).into_bytes();
        Self { json, empty: true, rows: 0, read_bytes: 0 }
    }

    /// Whether enough was done for one page, whatever it shows.
    const fn is_full(&self) -> bool {
        self.rows >= ROWS_MAX || self.read_bytes >= READ_BYTES_MAX
    }

    /// Adds a referrer if it is of the wanted type; false if it has to wait for the next page. One that is too large for any page
    /// has one of its own.
    async fn add(
        &mut self,
        item: &Item,
        wanted: Option<&str>,
        shelf: &Shelf<'_, Read>,
    ) -> Result<bool, Failure> {
        let entry = &item.entry;
        self.rows += 1;
        let mut attributes = Attributes::from_json(&entry.attributes);
        if wanted.is_some_and(|wanted| attributes.artifact_type.as_deref() != Some(wanted)) {
            return Ok(true);
        }
        if attributes.annotations.is_none() {
            self.read_bytes = self.read_bytes.saturating_add(entry.size_bytes);
            // One whose bytes are damaged is not there, and does not keep the others.
            let json = match shelf.content(item).await {
                Err(ContentError::Absent) => return Ok(true),
                read => read?,
            };
            attributes.annotations = blocking("reading annotations", move || annotations_in(&json)).await?;
        }
        let item = described(entry, &attributes);
        if !self.empty && self.json.len() + item.len() > PAGE_BYTES_MAX {
            return Ok(false);
        }
        if !self.empty {
            self.json.push(b',');
        }
        self.json.extend_from_slice(&item);
        self.empty = false;
        Ok(true)
    }

    fn finish(mut self) -> Bytes {
        self.json.extend_from_slice(b"]}");
        self.json.into()
    }
}

fn described(entry: &Entry, attributes: &Attributes) -> Vec<u8> {
    let annotations = attributes.annotations.as_deref().filter(|text| *text != "{}");
    let referrer = Referrer {
        media_type: &Arc::clone(&entry.media_type),
        digest: entry.key.name.display(),
        size: entry.size_bytes,
        artifact_type: attributes.artifact_type.as_deref(),
        annotations: annotations.and_then(|text| serde_json::from_str::<&RawValue>(text).ok()),
    };
    serde_json::to_vec(&referrer).unwrap_or_default()
}
