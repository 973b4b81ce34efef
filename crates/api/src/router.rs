//! From a method and a path to an endpoint, and the way through it: first the right, then the document.

use std::borrow::Cow;
use std::fmt;

use auth::Presented;
use domain::{BoxFuture, CallerGate, WrittenNode};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use storage::InForce;

use crate::at::{At, Parameter};
use crate::conditions::{IdempotencyKey, OnlyIf};
use crate::describe::{Describer, Shapes};
use crate::endpoint::{Ask, Cx, Done, Endpoint, May, Meta, Method, Need, SessionCookie, answer};
use crate::problem::{COMMON, Code, Fault};
use crate::shape::{self, Definitions};
use crate::wait::Wait;
use crate::{query, strict};

/// Where all of it is mounted.
pub const BASE: &str = "/api/v1";

/// An endpoint without its types: what the list holds.
#[derive(Clone, Copy)]
pub struct Mounted {
    /// What is said of it.
    pub meta: Meta,
    /// The right it asks for: that of its proof.
    pub need: Need,
    /// The names in its path.
    pub parameters: &'static [Parameter],
    /// Whether its answers have an ETag that a change can be made conditional on.
    pub conditional: bool,
    /// Whether what it makes is only begun when it is answered.
    pub begins: bool,
    /// Whether a password that has to be changed is good for it.
    pub before_password: bool,
    /// Largest document sent along, in bytes.
    pub body_bytes_max: u64,
    /// Whether its answer is had as lines with commas too.
    pub has_csv: bool,
    pub(crate) describe: fn(&mut Describer) -> Shapes,
    admit: fn(&CallerGate, &[Cow<'_, str>]) -> Result<(), Fault>,
    serve: fn(Cx, Given) -> BoxFuture<'static, Result<Answered, Fault>>,
}

/// What came in, checked against the schemas.
struct Given {
    names: Vec<Cow<'static, str>>,
    query: Value,
    body: Value,
    only_if: OnlyIf,
    dry_run: bool,
    wait: Wait,
    as_csv: bool,
}

/// An answer, but for the way it travels.
#[derive(Debug)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The document.
    pub body: String,
    /// Whether that is lines with commas, and no JSON.
    pub is_csv: bool,
    /// Whether it could be either.
    pub has_csv: bool,
    /// Where what was made is found: a path on this server.
    pub location: Option<String>,
    /// The change, if it was one.
    pub change: Option<InForce>,
    /// `ETag`, in quotes, if the document is a resource.
    pub etag: Option<String>,
    /// What becomes of the caller's session in a browser.
    pub cookie: Option<SessionCookie>,
}

/// The management, ready to be asked.
pub struct Api {
    pub(crate) routes: Vec<Route>,
    pub(crate) definitions: Definitions,
    paths: matchit::Router<Vec<usize>>,
}

pub(crate) struct Route {
    pub(crate) mounted: Mounted,
    pub(crate) shapes: Shapes,
}

/// An endpoint that was found, with the names of this path.
pub struct Found<'a> {
    api: &'a Api,
    route: &'a Route,
    names: Vec<Cow<'a, str>>,
}

/// A request whose caller has the right. Only now its document may be looked at: nobody else learns what one looks like.
#[must_use]
pub struct Admitted<'a> {
    found: Found<'a>,
    cx: Cx,
    as_csv: bool,
}

/// Takes an endpoint's types away.
pub(crate) fn mount<E: Endpoint>() -> Mounted {
    Mounted {
        meta: E::META,
        need: E::May::NEED,
        parameters: E::At::PARAMETERS,
        conditional: E::CONDITIONAL,
        begins: E::BEGINS,
        before_password: E::BEFORE_PASSWORD,
        body_bytes_max: E::BODY_BYTES_MAX,
        has_csv: E::CSV.is_some(),
        describe: |describer| describer.shapes::<E>(),
        admit: |gate, names| at::<E>(gate, names).and_then(|at| Ok(E::May::ask(gate, &at).map(drop)?)),
        serve: |cx, given| Box::pin(serve::<E>(cx, given)),
    }
}

/// What the path names; where that cannot be, the answer is that of an absent node.
fn at<E: Endpoint>(gate: &CallerGate, names: &[Cow<'_, str>]) -> Result<E::At, Fault> {
    E::At::parse(names).ok_or_else(|| E::May::NEED.nowhere(gate).into())
}

async fn serve<E: Endpoint>(cx: Cx, given: Given) -> Result<Answered, Fault> {
    let at = at::<E>(&cx.gate, &given.names)?;
    let Given { query, body, only_if, dry_run, wait, as_csv, .. } = given;
    let ask = Ask::<E> { at, query: typed(query)?, body: typed(body)?, only_if, dry_run, wait };
    let answered = Answered::of::<E>(answer(&cx, &ask).await?, as_csv)?;
    wait.confirmed(&cx.directory, answered.change, answered.location.as_deref()).await?;
    Ok(answered)
}

/// What the schema allows its type takes; should they disagree, the request is refused and repeats nothing.
fn typed<T: DeserializeOwned>(document: Value) -> Result<T, Fault> {
    serde_json::from_value(document).map_err(|_| Fault::field("", "it is not what the description allows"))
}

/// Reads a document that belongs to no endpoint of the list.
///
/// # Errors
/// As for those of endpoints: `Malformed`, or all fields that are wrong.
pub fn read<T: DeserializeOwned + schemars::JsonSchema>(bytes: &[u8]) -> Result<T, Fault> {
    let mut describer = Describer::new();
    let schema = describer.request::<T>();
    let document = checked(bytes, &schema, &describer.definitions())?;
    typed(document)
}

/// Takes a document that was put together here as one that came in.
pub(crate) fn checked_value<T: DeserializeOwned + schemars::JsonSchema>(document: Value) -> Result<T, Fault> {
    let mut describer = Describer::new();
    let schema = describer.request::<T>();
    let wrong = shape::check(&schema, &describer.definitions(), &document);
    if wrong.is_empty() { typed(document) } else { Err(Fault::Fields(wrong)) }
}

fn checked(bytes: &[u8], schema: &Value, definitions: &Definitions) -> Result<Value, Fault> {
    let document = strict::read(bytes)?;
    let wrong = shape::check(schema, definitions, &document);
    if wrong.is_empty() { Ok(document) } else { Err(Fault::Fields(wrong)) }
}

impl Answered {
    fn of<E: Endpoint>(done: Done<E::Answer>, as_csv: bool) -> Result<Self, Fault> {
        let rehearsed = done.change.is_some_and(|change| change.rehearsed);
        let made = done.made.filter(|_| !rehearsed);
        let status = match (&made, &done.change) {
            (_, Some(change)) if change.rehearsed => 200,
            (Some(_), _) if E::BEGINS => 202,
            (Some(_), _) => 201,
            (None, Some(change)) if !change.stored => 202,
            (None, _) => 200,
        };
        let unwritten = |_| Fault::Told(Code::Internal, "the answer cannot be written".into());
        let (body, is_csv) = match E::CSV.filter(|_| as_csv) {
            Some(csv) => (csv(&done.answer), true),
            None => (serde_json::to_string(&done.answer).map_err(unwritten)?, false),
        };
        let location = made.map(|below| format!("{BASE}{below}"));
        let etag = done.tag.map(|tag| tag.quoted());
        Ok(Self {
            status,
            body,
            is_csv,
            has_csv: E::CSV.is_some(),
            location,
            change: done.change,
            etag,
            cookie: done.cookie,
        })
    }
}

impl Api {
    /// The endpoints of a list.
    pub(crate) fn of(list: &[Mounted]) -> Self {
        let mut describer = Describer::new();
        let shapes =
            |mounted: &Mounted| Route { mounted: *mounted, shapes: (mounted.describe)(&mut describer) };
        let routes: Vec<Route> = list.iter().map(shapes).collect();
        let mut paths = matchit::Router::new();
        for (index, Mounted { meta, .. }) in list.iter().enumerate() {
            let same = |(_, other): &(usize, &Mounted)| other.meta.path == meta.path;
            let of_path: Vec<usize> = list.iter().enumerate().filter(same).map(|(index, _)| index).collect();
            if of_path.first() == Some(&index) {
                let inserted = paths.insert(meta.path, of_path);
                debug_assert!(inserted.is_ok(), "{}: {inserted:?}", meta.path);
            }
        }
        Self { routes, definitions: describer.definitions(), paths }
    }

    /// The endpoint of a method as HTTP writes it and of a path below `/api`, percent-encoded as it came.
    ///
    /// # Errors
    /// `NoRoute`, or `Method` with those that the path has.
    pub fn find<'a>(&'a self, method: &str, path: &'a str) -> Result<Found<'a>, Fault> {
        let nowhere = || Fault::Told(Code::NoRoute, "there is no such path".into());
        let path = match path.strip_prefix("/v1").ok_or_else(nowhere)? {
            "" => "/",
            path => path,
        };
        let matched = self.paths.at(path).map_err(|_| nowhere())?;
        let of_path: Vec<&Route> = matched.value.iter().filter_map(|index| self.routes.get(*index)).collect();
        let names = matched.params.iter().map(|(_, name)| decoded(name)).collect::<Option<_>>();
        let names = names.ok_or_else(nowhere)?;
        let wanted = Method::parse(method);
        match of_path.iter().find(|route| Some(route.mounted.meta.method) == wanted) {
            Some(route) => Ok(Found { api: self, route, names }),
            None => {
                let methods: Vec<&str> =
                    of_path.iter().map(|route| route.mounted.meta.method.as_str()).collect();
                let is_open = of_path.iter().any(|route| route.mounted.need == Need::Open);
                Err(Fault::Method { allowed: methods.join(", "), is_open })
            }
        }
    }
}

impl fmt::Debug for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Found").field(&self.route.mounted.meta.id).field(&self.names).finish()
    }
}

/// A name of a path, decoded after the path was split, so that no character of a name splits it; `None` if it is not
/// well-formed or holds a control character, which no name has.
fn decoded(name: &str) -> Option<Cow<'_, str>> {
    let hex = |digit: Option<u8>| digit.is_some_and(|digit| digit.is_ascii_hexdigit());
    let mut parts = name.split('%').skip(1).map(str::bytes);
    let well_formed = parts.all(|mut part| hex(part.next()) && hex(part.next()));
    let decoded = percent_decode_str(name).decode_utf8().ok()?;
    (well_formed && !decoded.chars().any(char::is_control)).then_some(decoded)
}

impl<'a> Found<'a> {
    /// Asks the gate.
    ///
    /// # Errors
    /// `Denied`; what cannot be is told as what is not there. `MustChange` for a password that an administrator gave, but where it is
    /// changed.
    pub fn admit(self, cx: Cx) -> Result<Admitted<'a>, Fault> {
        let is_good = self.route.mounted.before_password || self.is_open();
        if cx.presented == Presented::PasswordToChange && !is_good {
            return Err(Fault::MustChange);
        }
        (self.route.mounted.admit)(&cx.gate, &self.names)?;
        Ok(Admitted { found: self, cx, as_csv: false })
    }

    /// Whether nobody has to log in for it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.route.mounted.need == Need::Open
    }

    /// The node that the path names or lies in; `None` for what none can be called.
    #[must_use]
    pub fn node(&self) -> Option<WrittenNode> {
        let parameters = self.route.mounted.parameters.iter().zip(&self.names);
        let of = |wanted: &str| parameters.clone().find(|(parameter, _)| parameter.name == wanted);
        match (of("project"), of("repository")) {
            (Some((_, project)), Some((_, repository))) => {
                WrittenNode::parse(&format!("{project}/{repository}"))
            }
            (Some((_, project)), None) => WrittenNode::parse(project),
            (None, _) => Some(WrittenNode::Organisation),
        }
    }

    /// Which endpoint it is.
    #[must_use]
    pub const fn meta(&self) -> &Meta {
        &self.route.mounted.meta
    }
}

impl Admitted<'_> {
    /// The media type of the document that has to come along; `None` if none has to.
    #[must_use]
    pub const fn body(&self) -> Option<&'static str> {
        let method = self.found.meta().method;
        if method.has_body() { Some(method.media_type()) } else { None }
    }

    /// Largest document, in bytes.
    #[must_use]
    pub const fn body_bytes_max(&self) -> u64 {
        self.found.route.mounted.body_bytes_max
    }

    /// The same, answered with lines with commas where the answer is a table.
    pub fn as_csv(self) -> Self {
        Self { as_csv: true, ..self }
    }

    /// Reads query and document, and does it. `body` is looked at only if there has to be one; of what is only looked at nothing is
    /// asked by `only_if`, and only what makes something anew each time heeds the key.
    ///
    /// # Errors
    /// What its description names, or what every endpoint may answer.
    pub async fn answer(
        self,
        query: Option<&str>,
        body: &[u8],
        only_if: OnlyIf,
        key: Option<IdempotencyKey>,
    ) -> Result<Answered, Fault> {
        let has_body = self.body().is_some();
        let Self { found: Found { api, route, names }, mut cx, as_csv } = self;
        let meta = &route.mounted.meta;
        if let Some(key) = key.filter(|_| meta.method == Method::Post) {
            let asked = [meta.id, query.unwrap_or_default()].map(str::as_bytes);
            let names = names.iter().map(|name| name.as_bytes());
            cx.directory = cx.directory.once(key.of(asked.into_iter().chain(names).chain([body])));
        }
        let mut query = query::read(query.unwrap_or_default(), &route.shapes.query, &api.definitions)?;
        let (dry_run, wait) = query::take_those_of_changes(meta.method, &mut query);
        cx.directory = cx.directory.asked_by(meta.id);
        if dry_run {
            cx.directory = cx.directory.rehearsing();
        }
        let only_if = if meta.method.changes() { only_if } else { OnlyIf::Whatever };
        if only_if != OnlyIf::Whatever && !route.mounted.conditional {
            let detail = "what is changed here has no ETag that it could be conditional on";
            return Err(Fault::Told(Code::PreconditionFailed, detail.into()));
        }
        let given = Given {
            names: names.into_iter().map(|name| name.into_owned().into()).collect(),
            query,
            only_if,
            dry_run,
            wait,
            as_csv,
            body: if has_body { checked(body, &route.shapes.body, &api.definitions)? } else { json!({}) },
        };
        let done = (route.mounted.serve)(cx, given).await;
        if let Err(fault) = &done {
            let code = fault.code();
            debug_assert!(
                [&COMMON, meta.method.faults(), meta.faults].concat().contains(&code),
                "{} answers {}, which it does not declare",
                meta.id,
                code.as_str()
            );
        }
        done
    }
}

#[cfg(test)]
mod tests;
