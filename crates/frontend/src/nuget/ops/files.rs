//! The files of a version. What a package brings along is shown as text or as an image, never run (docs/nuget.md 11).

use bytes::Bytes;
use domain::{Implies, Probe, Read};
use edge::conditional::{begin, cut};
use edge::http::condition::{Conditions, Validators};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use shelf::{Item, Shelf};

use super::{Failure, absent, key, symbols_key};
use crate::blocking::blocking;
use crate::error::Error;
use crate::nuget::NuGet;
use crate::nuget::error::Bad;
use crate::nuget::metadata::{Enclosed, Metadata};
use crate::nuget::op::{File, Identity};
use crate::nuget::wire::PACKAGE;
use crate::protocol::ReplyResult;
use crate::reply::Begun;

/// What a browser does with it otherwise is up to whoever made the package.
const SANDBOX: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const MARKDOWN: HeaderValue = HeaderValue::from_static("text/markdown; charset=utf-8");

/// A file that is there.
struct Found {
    item: Item,
    /// Of its content.
    digest: String,
    size_bytes: u64,
    content_type: HeaderValue,
    /// Where in the package, if it is not the package itself.
    enclosed: Option<Enclosed>,
}

/// Is it there, and how long is it?
pub(super) async fn look(
    of: &Identity,
    file: File,
    conditions: &Conditions,
    shelf: &Shelf<'_, Probe>,
) -> ReplyResult<NuGet> {
    let found = find(of, file, shelf).await?;
    match found.begin(of, file, conditions)? {
        Begun::Complete(reply) => Ok(reply),
        Begun::Bytes(reply, part) => Ok(reply.length(part.end.saturating_sub(part.start))),
    }
}

/// Its bytes, or one part of them.
pub(super) async fn fetch(
    of: &Identity,
    file: File,
    conditions: &Conditions,
    shelf: &Shelf<'_, Read>,
) -> ReplyResult<NuGet> {
    let found = find(of, file, shelf).await?;
    let (reply, part) = match found.begin(of, file, conditions)? {
        Begun::Complete(reply) => return Ok(reply),
        Begun::Bytes(reply, part) => (reply, part),
    };
    let Some(enclosed) = &found.enclosed else {
        return Ok(reply.stream(shelf.open(&found.item).await?.stream(part).await?));
    };
    let content = taken_out(&found.item, enclosed, shelf).await?;
    Ok(reply.bytes(found.content_type, cut(&content, &part)))
}

/// A file of a package, kept for whoever asks next. By what it is and not by where it lies: the version may be replaced between the
/// look at its row and this.
pub(in crate::nuget) async fn taken_out(
    item: &Item,
    enclosed: &Enclosed,
    shelf: &Shelf<'_, Read>,
) -> Result<Bytes, Failure> {
    let name = format!("enclosed/{}", enclosed.digest);
    shelf.derived(&name, async || take_out(item, enclosed, shelf).await).await
}

/// Reads a file out of its package. Both its lengths were bounded when it was pushed.
async fn take_out(item: &Item, enclosed: &Enclosed, shelf: &Shelf<'_, Read>) -> Result<Bytes, Failure> {
    let end = enclosed.at.saturating_add(enclosed.packed_bytes);
    let packed = shelf.part(item, enclosed.at..end).await?;
    let enclosed = enclosed.clone();
    let content = blocking("expanding a file of a package", move || enclosed.content(&packed)).await?;
    content.ok_or_else(|| storage::Fault::Corrupt("a package is not the one that was pushed".into()).into())
}

async fn find<R: Implies<Probe>>(of: &Identity, file: File, shelf: &Shelf<'_, R>) -> Result<Found, Failure> {
    let (key, unknown) = match file {
        File::Symbols => (symbols_key(of)?, Bad::UnknownSymbolsPackage),
        _ => (key(of)?, Bad::UnknownVersion),
    };
    let item = shelf.find(&key).await.map_err(absent(unknown))?;
    let entry = &item.entry;
    if let File::Package | File::Symbols = file {
        let digest = entry.digest.ok_or(Error::Bad(Bad::UnknownVersion))?.to_string();
        let (size_bytes, content_type) = (entry.size_bytes, HeaderValue::from_static(PACKAGE));
        return Ok(Found { item, digest, size_bytes, content_type, enclosed: None });
    }
    let files = Metadata::from_json(&entry.attributes).enclosed;
    let (enclosed, content_type) = match file {
        File::Package | File::Symbols | File::Nuspec => {
            (files.nuspec, HeaderValue::from_static("application/xml"))
        }
        File::Readme => (files.readme, MARKDOWN),
        File::Licence => (files.licence, TEXT),
        File::Icon => match files.icon {
            Some(icon) if icon.jpeg => (Some(icon.file), HeaderValue::from_static("image/jpeg")),
            icon => (icon.map(|icon| icon.file), HeaderValue::from_static("image/png")),
        },
    };
    let enclosed = enclosed.ok_or(Error::Bad(Bad::UnknownFile))?;
    let (digest, size_bytes) = (enclosed.digest.clone(), enclosed.size_bytes);
    Ok(Found { item, digest, size_bytes, content_type, enclosed: Some(enclosed) })
}

impl Found {
    /// Everything but the body.
    fn begin(&self, of: &Identity, file: File, conditions: &Conditions) -> Result<Begun, Failure> {
        let tag = format!("\"{}\"", self.digest);
        let now = Validators { tag: &tag, modified: self.item.entry.changed_at };
        let begun = begin(&now, self.size_bytes, conditions)?;
        let Begun::Bytes(reply, part) = begun else { return Ok(begun) };
        let reply = reply.header(CONTENT_TYPE, self.content_type.clone());
        let reply = match file {
            File::Package | File::Symbols => {
                let ending = if file == File::Package { "nupkg" } else { "snupkg" };
                let name = format!("attachment; filename=\"{}.{}.{ending}\"", of.id.key(), of.version.key());
                reply.header(CONTENT_DISPOSITION, name)
            }
            File::Nuspec | File::Readme | File::Icon | File::Licence => {
                reply.header(CONTENT_SECURITY_POLICY, SANDBOX)
            }
        };
        Ok(Begun::Bytes(reply, part))
    }
}
