//! A fourth protocol, as small as one can be: one module and one line in a list. It proves that the trait belongs to nobody.

use std::future::pending;

use ::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use ::http::{HeaderName, HeaderValue, Method, StatusCode};
use auth::Audience;
use bytes::Bytes;
use domain::{
    Browsing, Delete, EntryKey, Format, Granted, Overwrite, Permission, Probe, Publish, Read, RepositoryPath,
    RightKind, Rules,
};
use edge::Body;
use edge::http::path;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shelf::{Shelf, Shelves};

use crate::challenge;
use crate::error::Error;
use crate::head::{Asked, Head};
use crate::policy::Policy;
use crate::protocol::{At, Cx, Example, FirstLogin, Needs, Protocol, ReplyResult, Routed, WriteCx};
use crate::reply::{Reply, Response};

const TEXT: HeaderValue = HeaderValue::from_static("text/plain");
/// Longest parcel, in bytes.
const PARCEL_BYTES_MAX: u64 = 1 << 20;

pub(crate) struct Parcel;

pub(crate) enum Bad {
    /// No failure: says how the protocol is reached.
    Where(String),
    NoRoute,
    Method,
    Name,
    /// An operation says so, with a phrase of its own.
    Unwanted,
}

pub(crate) enum Fetch {
    Bytes(usize),
    /// Never ends.
    Wait,
}

pub(crate) enum Put {
    Take,
    /// Refuses before the body.
    Refuse,
}

/// The policy of parcels.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Anything {}

impl Policy for Anything {}

impl Rules for Anything {
    fn may_replace(&self, _: &EntryKey) -> bool {
        true
    }

    fn reserves(&self, _: &EntryKey) -> bool {
        false
    }
}

impl Protocol for Parcel {
    const NAME: &'static str = "parcel";
    const FORMAT: Format = Format::new("nuget");
    const SPACE_HOST: Option<&'static str> = Some("parcel.pkg.");
    const AUDIENCE: Audience = Audience::Packages;
    const FIRST_REPOSITORY: &'static str = "parcels";
    const BROWSING: Browsing = storage::testing::BROWSING;

    type Policy = Anything;
    type Bad = Bad;
    type Open = ();
    type Browse = ();
    type Probe = ();
    type Read = Fetch;
    type Publish = Put;
    type Delete = ();

    fn route(&self, head: &Head<'_>) -> Routed<Self> {
        let Ok(path) = path::decode(head.path) else { return Routed::Open(Err(Bad::NoRoute)) };
        match path.trim_matches('/') {
            "version" => return Routed::Open(Ok(())),
            "p/where" => return Routed::Open(Err(Bad::Where(format!("{}{}", head.origin(), head.mount)))),
            "search" => return Routed::Browse(Ok(())),
            _ => {}
        }
        let path = path.strip_prefix("/p").filter(|below| below.starts_with('/')).unwrap_or(&path);
        let mut parts = path.splitn(4, '/').skip(1);
        let (Some(project), Some(repository), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Routed::Open(Err(Bad::NoRoute));
        };
        let repository = RepositoryPath::parse(&format!("{project}/{repository}")).ok();
        let good = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let checked = |op| if good { Ok(op) } else { Err(Bad::Name) };
        match *head.method {
            Method::HEAD => Routed::Probe(At::new(repository, checked(()))),
            Method::GET if name == "wait" => Routed::Read(At::new(repository, Ok(Fetch::Wait))),
            Method::GET => {
                let length = name.parse().unwrap_or(4);
                Routed::Read(At::new(
                    repository,
                    if good { Ok(Fetch::Bytes(length)) } else { Err(Bad::Name) },
                ))
            }
            Method::PUT => {
                let put = if name == "unwanted" { Put::Refuse } else { Put::Take };
                Routed::Publish(At::new(repository, if good { Ok(put) } else { Err(Bad::Name) }))
            }
            Method::DELETE => Routed::Delete(At::new(repository, checked(()))),
            _ => Routed::Read(At::new(repository, Err(Bad::Method))),
        }
    }

    async fn open(&self, (): (), cx: &Cx<'_>) -> ReplyResult<Self> {
        let who = cx.gate.caller().principal().get();
        Ok(Reply::new(StatusCode::OK).bytes(TEXT, format!("caller {who}").into()))
    }

    async fn browse(&self, (): (), shelves: Shelves<'_>, _: &Cx<'_>) -> ReplyResult<Self> {
        let found = shelves.within().repositories().len();
        Ok(Reply::new(StatusCode::OK).bytes(TEXT, format!("{found} repositories").into()))
    }

    async fn probe(&self, (): (), _: Shelf<'_, Probe>, _: &Cx<'_>) -> ReplyResult<Self> {
        Ok(Reply::new(StatusCode::OK).length(4))
    }

    async fn read(&self, op: Fetch, _: Shelf<'_, Read>, _: &Cx<'_>) -> ReplyResult<Self> {
        match op {
            Fetch::Bytes(length) => Ok(Reply::new(StatusCode::OK).bytes(TEXT, vec![b'x'; length].into())),
            Fetch::Wait => pending().await,
        }
    }

    async fn publish(
        &self,
        op: Put,
        may: Granted<Publish>,
        body: &mut Body,
        cx: &WriteCx<'_>,
    ) -> ReplyResult<Self> {
        if let Put::Refuse = op {
            return Err(Error::Bad(Bad::Unwanted));
        }
        let replaces = cx.gate.also::<Overwrite>(&may).is_some();
        let bytes = body.whole(PARCEL_BYTES_MAX).await?;
        let text = format!("{} bytes, overwrite {replaces}", bytes.len());
        Ok(Reply::new(StatusCode::CREATED).bytes(TEXT, text.into()))
    }

    async fn delete(&self, (): (), _: Granted<Delete>, _: &WriteCx<'_>) -> ReplyResult<Self> {
        Ok(Reply::new(StatusCode::NO_CONTENT))
    }

    fn render(&self, error: &Error<Bad>, _: &Asked<'_>) -> Response {
        let says =
            |status, text: &'static str| Reply::new(status).bytes(TEXT, Bytes::from_static(text.as_bytes()));
        let (status, retry_after) = match error {
            Error::Auth(error) => challenge::auth_status(error),
            Error::Denied(denied) => (challenge::status(denied), None),
            Error::OtherFormat => (StatusCode::NOT_FOUND, None),
            Error::Bad(Bad::Where(at)) => {
                return Reply::new(StatusCode::OK).bytes(TEXT, at.clone().into()).into();
            }
            Error::Bad(Bad::NoRoute) => return says(StatusCode::NOT_FOUND, "no such route").into(),
            Error::Bad(Bad::Name) => return says(StatusCode::BAD_REQUEST, "bad name").into(),
            Error::Bad(Bad::Method) => {
                let allow = HeaderValue::from_static("GET, HEAD, PUT, DELETE");
                return says(StatusCode::METHOD_NOT_ALLOWED, "not so").header(ALLOW, allow).into();
            }
            Error::Bad(Bad::Unwanted) => {
                let warning = HeaderName::from_static("x-nuget-warning");
                let reply = says(StatusCode::CONFLICT, "unwanted").reason("Nobody wants this parcel");
                return reply.header(warning, HeaderValue::from_static("try another")).into();
            }
            Error::Misdirected(_) => (StatusCode::MISDIRECTED_REQUEST, None),
            Error::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, None),
            Error::TimedOut => (StatusCode::REQUEST_TIMEOUT, None),
            Error::Aborted => (StatusCode::BAD_REQUEST, None),
            Error::Busy(exceeded) => {
                let (status, secs) = challenge::busy_status(*exceeded);
                (status, Some(secs))
            }
            Error::Content(_) | Error::Upload(_) | Error::Fault(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, None)
            }
        };
        let mut reply = says(status, "refused");
        if status == StatusCode::UNAUTHORIZED {
            reply = reply.header(WWW_AUTHENTICATE, challenge::basic());
        }
        if let Some(secs) = retry_after {
            reply = reply.header(RETRY_AFTER, secs);
        }
        reply.into()
    }

    fn first_steps(_: &FirstLogin<'_>, _: &str) -> String {
        String::new()
    }

    fn clients(_: &domain::Connecting<'_>) -> Vec<domain::ClientLines> {
        Vec::new()
    }

    fn examples() -> Vec<Example> {
        vec![Example {
            name: "fetch",
            method: Method::GET,
            path: "/parcel/{repository}/4",
            needs: Needs::Right(RightKind::Permission(Permission::Read)),
            headers: &[],
            body: b"",
        }]
    }
}
