//! The files of a version. What a package brings along is shown as text or as an image, never run (nuget.md 11).

use domain::{Digest, Granted, Implies, Probe, Read};
use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use storage::Entry;

use super::{Failure, absent, key};
use crate::error::Error;
use crate::http::condition::{Conditions, Validators, Verdict};
use crate::http::date;
use crate::http::range::{Wanted, content_range};
use crate::nuget::NuGet;
use crate::nuget::error::Bad;
use crate::nuget::metadata::Metadata;
use crate::nuget::op::{File, Identity};
use crate::nuget::wire::PACKAGE;
use crate::protocol::{Cx, Outcome};
use crate::reply::Reply;

/// What a browser does with it otherwise is up to whoever made the package.
const SANDBOX: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const MARKDOWN: HeaderValue = HeaderValue::from_static("text/markdown; charset=utf-8");

/// A file that is there.
struct Found {
    entry: Entry,
    file: File,
    digest: Digest,
    content_type: HeaderValue,
}

/// Is it there, and how long is it?
pub(super) async fn look(
    of: &Identity,
    file: File,
    conditions: &Conditions,
    may: &Granted<Probe>,
    cx: &Cx<'_>,
) -> Outcome<NuGet> {
    let found = find(of, file, may, cx).await?;
    if let Some(reply) = found.known(conditions)? {
        return Ok(reply);
    }
    let size_bytes = match file {
        File::Package => found.entry.size_bytes,
        File::Nuspec | File::Readme | File::Icon | File::Licence => {
            cx.storage.stat_blob(may, &found.digest).await?.size_bytes
        }
    };
    Ok(found.reply(StatusCode::OK, of).length(size_bytes))
}

/// Its bytes, or one part of them.
pub(super) async fn fetch(
    of: &Identity,
    file: File,
    conditions: &Conditions,
    may: &Granted<Read>,
    cx: &Cx<'_>,
) -> Outcome<NuGet> {
    let found = find(of, file, may, cx).await?;
    if let Some(reply) = found.known(conditions)? {
        return Ok(reply);
    }
    let blob = match file {
        File::Package => cx.storage.open_entry(may, &found.entry).await?,
        File::Nuspec | File::Readme | File::Icon | File::Licence => {
            cx.storage.open_blob(may, &found.digest).await?
        }
    };
    let size_bytes = blob.info().size_bytes;
    let tag = found.tag();
    match conditions.part(&found.validators(&tag), size_bytes) {
        Wanted::Whole => Ok(found.reply(StatusCode::OK, of).blob(blob.stream(0..size_bytes))),
        Wanted::Part(part) => {
            let mut reply = found.reply(StatusCode::PARTIAL_CONTENT, of);
            reply.headers_mut().extend(content_range(&part, size_bytes).map(|value| (CONTENT_RANGE, value)));
            Ok(reply.blob(blob.stream(part)))
        }
        Wanted::Unsatisfiable => Err(Error::Bad(Bad::Range { size_bytes })),
    }
}

async fn find<R: Implies<Probe>>(
    of: &Identity,
    file: File,
    may: &Granted<R>,
    cx: &Cx<'_>,
) -> Result<Found, Failure> {
    let entry = cx.storage.entry(may, &key(of)?).await.map_err(absent(Bad::UnknownVersion))?;
    let octets = HeaderValue::from_static(PACKAGE);
    if file == File::Package {
        let digest = entry.digest.ok_or(Error::Bad(Bad::UnknownVersion))?;
        return Ok(Found { entry, file, digest, content_type: octets });
    }
    let files = Metadata::from_json(&entry.attributes).files;
    let (digest, content_type) = match file {
        File::Package | File::Nuspec => (Some(files.nuspec), HeaderValue::from_static("application/xml")),
        File::Readme => (files.readme, MARKDOWN),
        File::Licence => (files.licence, TEXT),
        File::Icon => match files.icon {
            Some(icon) if icon.jpeg => (Some(icon.digest), HeaderValue::from_static("image/jpeg")),
            icon => (icon.map(|icon| icon.digest), HeaderValue::from_static("image/png")),
        },
    };
    let digest = digest.and_then(|digest| Digest::parse(&digest).ok()).ok_or(Error::Bad(Bad::UnknownFile))?;
    Ok(Found { entry, file, digest, content_type })
}

impl Found {
    fn tag(&self) -> String {
        format!("\"{}\"", self.digest)
    }

    fn validators<'a>(&self, tag: &'a str) -> Validators<'a> {
        Validators { tag, modified: self.entry.changed_at }
    }

    /// The answer to a client that has it already.
    fn known(&self, conditions: &Conditions) -> Result<Option<Reply>, Failure> {
        let tag = self.tag();
        match conditions.judge(&self.validators(&tag)) {
            Verdict::Holds => Ok(None),
            Verdict::NotModified => Ok(Some(self.named(StatusCode::NOT_MODIFIED))),
            Verdict::Failed => Err(Error::Bad(Bad::Precondition)),
        }
    }

    fn named(&self, status: StatusCode) -> Reply {
        Reply::new(status).header(ETAG, self.tag()).header(LAST_MODIFIED, date::show(self.entry.changed_at))
    }

    fn reply(&self, status: StatusCode, of: &Identity) -> Reply {
        let reply = self
            .named(status)
            .header(ACCEPT_RANGES, HeaderValue::from_static("bytes"))
            .header(CONTENT_TYPE, self.content_type.clone())
            .header(X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
        match self.file {
            File::Package => {
                let name = format!("attachment; filename=\"{}.{}.nupkg\"", of.id.key(), of.version.key());
                reply.header(CONTENT_DISPOSITION, name)
            }
            File::Nuspec | File::Readme | File::Icon | File::Licence => {
                reply.header(CONTENT_SECURITY_POLICY, SANDBOX)
            }
        }
    }
}
