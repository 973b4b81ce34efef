//! The list of protocols, and the one place where their types are erased.

use api::details::FormatReader;
use domain::{BoxFuture, Format, Formats, KnownFormat};
use edge::Body;
use http::HeaderName;

use crate::credential_intake::Admitted;
use crate::files::Files;
use crate::head::Head;
use crate::maven::Maven;
use crate::metrics::Operation;
use crate::nuget::NuGet;
use crate::oci::Oci;
use crate::pipeline::{Pipeline, serve};
use crate::policy::{self, Policy as _};
use crate::protocol::{Example, FirstLogin, Protocol};
use crate::record::Record;
use crate::reply::Response;

/// Every protocol this server speaks: one line each.
#[must_use]
pub(crate) fn all() -> Vec<Mounted> {
    vec![mount("/v2", Oci), mount("/maven", Maven), mount("/nuget", NuGet::new()), mount("/files", Files)]
}

/// A protocol in its place, its types erased: the pipeline is compiled once per protocol and boxed once per request.
pub(crate) struct Mounted {
    /// Beginning of hosts of Space's form.
    pub(crate) space_host: Option<&'static str>,
    /// Name for logs and metrics.
    pub(crate) name: &'static str,
    /// What it brings for its repositories.
    pub(crate) of: FormatDescriptor,
    /// In which header its clients send a token alone.
    pub(crate) key_header: Option<HeaderName>,
    /// What its first repository is called.
    pub(crate) first_repository: &'static str,
    first_steps: fn(&FirstLogin<'_>, &str) -> String,
    /// One request per route.
    examples: fn() -> Vec<Example>,
    protocol: Box<dyn Erased>,
}

/// What a protocol brings for its repositories.
#[derive(Debug, Clone, Copy)]
pub struct FormatDescriptor {
    /// Its word, and what reads its policies.
    pub known: KnownFormat,
    /// The JSON schema of its policies, without references.
    pub policy_schema: fn() -> serde_json::Value,
    /// What looks into its content.
    pub reader: FormatReader,
}

/// Puts a protocol in its place.
pub(crate) fn mount<P: Protocol>(mount: &'static str, protocol: P) -> Mounted {
    Mounted {
        space_host: P::SPACE_HOST,
        name: P::NAME,
        of: FormatDescriptor {
            known: KnownFormat {
                format: P::FORMAT,
                read_policy: |document| policy::read::<P::Policy>(P::FORMAT, document),
                not_enforced: P::Policy::NOT_ENFORCED,
                browsing: P::BROWSING,
                mount,
                feed: P::FEED,
                programs: P::PROGRAMS,
                clients: P::clients,
            },
            policy_schema: policy::schema::<P::Policy>,
            reader: FormatReader {
                format: P::FORMAT,
                details: |shelf, item| Box::pin(P::details(shelf, item)),
                outline: |shelf, item| Box::pin(P::outline(shelf, item)),
                folder: |shelf, at| Box::pin(P::folder(shelf, at)),
            },
        },
        key_header: P::KEY_HEADER,
        first_repository: P::FIRST_REPOSITORY,
        first_steps: P::first_steps,
        examples: P::examples,
        protocol: Box::new(protocol),
    }
}

/// What each protocol of the list brings for its repositories, in the order of the list.
#[must_use]
pub fn descriptors() -> Vec<FormatDescriptor> {
    all().iter().map(|mounted| mounted.of).collect()
}

/// The formats of the list.
#[must_use]
pub fn formats() -> Formats {
    Formats::new(all().iter().map(|mounted| mounted.of.known))
}

/// Every route of every protocol with the format of its repositories, for the access matrix.
#[must_use]
pub fn examples() -> Vec<(Format, Example)> {
    all()
        .iter()
        .flat_map(|mounted| (mounted.examples)().into_iter().map(|one| (mounted.of.known.format, one)))
        .collect()
}

/// Lines to paste for a repository whose format has this word; none for an unknown one.
#[must_use]
pub fn first_steps(format: &str, login: &FirstLogin<'_>, repository: &str) -> String {
    let known = all().into_iter().find(|mounted| mounted.of.known.format.as_str() == format);
    known.map(|mounted| (mounted.first_steps)(login, repository)).unwrap_or_default()
}

/// The format that a client program reads, and the address it is given of a repository on this server; none for an unknown program.
#[must_use]
pub fn address_for(program: &str, server: &str, repository: &str) -> Option<(Format, String)> {
    let known = all().into_iter().find(|mounted| mounted.of.known.programs.contains(&program))?;
    let KnownFormat { format, mount, feed, .. } = known.of.known;
    Some((format, format!("{server}{mount}/p/{repository}{feed}")))
}

impl Mounted {
    /// The rest of the path, if it lies below the mount.
    pub(crate) fn below<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(self.of.known.mount).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The whole way of one request through the protocol.
    pub(crate) fn serve<'a>(
        &'a self,
        head: Head<'a>,
        body: &'a mut Body,
        pipeline: &'a Pipeline,
        record: &'a mut Record,
    ) -> BoxFuture<'a, (Response, Operation)> {
        self.protocol.serve(head, body, pipeline, record, None)
    }

    /// The same for who was let in by the cookie of a session, which protocols do not look at.
    pub(crate) fn serve_admitted<'a>(
        &'a self,
        head: Head<'a>,
        body: &'a mut Body,
        pipeline: &'a Pipeline,
        record: &'a mut Record,
        admitted: Admitted,
    ) -> BoxFuture<'a, (Response, Operation)> {
        self.protocol.serve(head, body, pipeline, record, Some(admitted))
    }
}

trait Erased: Send + Sync {
    fn serve<'a>(
        &'a self,
        head: Head<'a>,
        body: &'a mut Body,
        pipeline: &'a Pipeline,
        record: &'a mut Record,
        admitted: Option<Admitted>,
    ) -> BoxFuture<'a, (Response, Operation)>;
}

impl<P: Protocol> Erased for P {
    fn serve<'a>(
        &'a self,
        head: Head<'a>,
        body: &'a mut Body,
        pipeline: &'a Pipeline,
        record: &'a mut Record,
        admitted: Option<Admitted>,
    ) -> BoxFuture<'a, (Response, Operation)> {
        Box::pin(serve(self, head, body, pipeline, record, admitted))
    }
}
