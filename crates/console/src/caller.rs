//! Operations, asked in process: the way of `frontend/management.rs` without HTTP around it.

use std::borrow::Cow;
use std::sync::Arc;

use api::{Api, Code, Cx, Endpoint, Fault, Found, IdempotencyKey, OnlyIf, Page, SessionCookie};
use futures_util::stream::{self, BoxStream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::door::Doors;

/// What stands in a name of a path as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Whoever asks, and what can be asked.
pub(crate) struct Caller<'a> {
    pub(crate) api: &'a Arc<Api>,
    pub(crate) cx: Cx,
    pub(crate) doors: &'a dyn Doors,
}

/// What an operation answered.
pub(crate) struct Told<A> {
    pub(crate) answer: A,
    /// What tells the state of it from others, for changes that are conditional on it, without quotes; empty if it is no resource.
    pub(crate) etag: String,
    pub(crate) cookie: Option<SessionCookie>,
}

/// Parameters of a query.
pub(crate) type Query<'q> = &'q [(&'q str, Cow<'q, str>)];

/// Nothing is counted that is not shown.
pub(crate) const UNCOUNTED: Query<'static> = &[("counts", Cow::Borrowed("false"))];

/// What a change is made under besides its document.
#[derive(Default)]
pub(crate) struct Terms<'t> {
    /// The ETag that it is made conditional on.
    pub(crate) if_match: Option<&'t str>,
    /// Whether nothing may be there yet.
    pub(crate) anew: bool,
    /// What tells the same request, sent again, from another.
    pub(crate) once: Option<&'t str>,
}

impl Caller<'_> {
    /// Reads.
    ///
    /// # Errors
    /// As the operation answers.
    pub(crate) async fn read<E: Endpoint>(
        &self,
        names: &[&str],
        query: Query<'_>,
    ) -> Result<E::Answer, Fault> {
        Ok(self.told::<E>(names, query, &Value::Null, Terms::default()).await?.answer)
    }

    /// Reads what may not be there, or not be there for who asks.
    ///
    /// # Errors
    /// As the operation answers, but for that.
    pub(crate) async fn find<E: Endpoint>(
        &self,
        names: &[&str],
        query: Query<'_>,
    ) -> Result<Option<E::Answer>, Fault> {
        match self.read::<E>(names, query).await {
            Ok(answer) => Ok(Some(answer)),
            Err(fault) if matches!(fault.code(), Code::Absent | Code::Denied | Code::NotAuthenticated) => {
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Reads or changes.
    ///
    /// # Errors
    /// As the operation answers.
    pub(crate) async fn told<E: Endpoint>(
        &self,
        names: &[&str],
        query: Query<'_>,
        document: &Value,
        terms: Terms<'_>,
    ) -> Result<Told<E::Answer>, Fault> {
        let path = path(E::META.path, names);
        let found = self.api.find(E::META.method.as_str(), &path)?;
        let node = found.node();
        let told = self.admitted::<E>(found, query, document, terms).await;
        told.inspect_err(|fault| self.doors.refused(&self.cx.gate, fault, E::META.id, node.as_ref()))
    }

    async fn admitted<E: Endpoint>(
        &self,
        found: Found<'_>,
        query: Query<'_>,
        document: &Value,
        terms: Terms<'_>,
    ) -> Result<Told<E::Answer>, Fault> {
        let admitted = found.admit(self.cx.clone())?;
        let query: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query.iter().map(|(name, value)| (*name, value.as_ref())))
            .finish();
        let body = if E::META.method.has_body() { document.to_string() } else { String::new() };
        let if_match = terms.if_match.map(|etag| format!("\"{}\"", etag.trim_matches('"')));
        let only_if = OnlyIf::parse(if_match.as_deref(), terms.anew.then_some("*"))?;
        let key = IdempotencyKey::parse(terms.once)?;
        let told = admitted.answer(Some(&query), body.as_bytes(), only_if, key).await?;
        let etag = told.etag.as_deref().unwrap_or_default().trim_matches('"').to_owned();
        Ok(Told { answer: typed(&told.body)?, etag, cookie: told.cookie })
    }
}

impl Caller<'_> {
    /// The rest of a list, page by page, behind this place: read while it is sent, each page with the rights of its moment.
    pub(crate) fn rest<E, T>(
        &self,
        names: &[&str],
        query: &[(&'static str, Cow<'_, str>)],
        after: String,
    ) -> BoxStream<'static, Result<Vec<T>, Fault>>
    where
        E: Endpoint<Answer = Page<T>>,
        T: DeserializeOwned + Send + 'static,
    {
        let query: Vec<_> = query.iter().map(|(name, value)| (*name, value.clone().into_owned())).collect();
        let (api, cx, path) = (Arc::clone(self.api), self.cx.clone(), path(E::META.path, names));
        let next = move |after: Option<String>| {
            let (api, cx, path, query) = (Arc::clone(&api), cx.clone(), path.clone(), query.clone());
            async move {
                let after = after?;
                let query: String = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(&query)
                    .append_pair("after", &after)
                    .finish();
                let told = page::<Page<T>>(&api, cx, (E::META.method.as_str(), &path), &query).await;
                Some(match told {
                    Ok(page) => (Ok(page.items), page.next),
                    Err(fault) => (Err(fault), None),
                })
            }
        };
        Box::pin(stream::unfold(Some(after), next))
    }
}

/// A page of a list.
async fn page<A: DeserializeOwned>(
    api: &Api,
    cx: Cx,
    (method, path): (&str, &str),
    query: &str,
) -> Result<A, Fault> {
    let (only_if, key) = (OnlyIf::Whatever, IdempotencyKey::parse(None)?);
    let told = api.find(method, path)?.admit(cx)?.answer(Some(query), b"", only_if, key).await?;
    typed(&told.body)
}

/// The answer in its type; both are of this program.
fn typed<A: DeserializeOwned>(document: &str) -> Result<A, Fault> {
    serde_json::from_str(document)
        .map_err(|_| Fault::Told(Code::Internal, "the answer is not what its type says".into()))
}

/// The path of an endpoint below `/api`, with these names in place of those in braces, in their order.
fn path(template: &str, names: &[&str]) -> String {
    let mut names = names.iter();
    let mut path = String::from("/v1");
    for part in template.split('/').skip(1) {
        path.push('/');
        if part.starts_with('{') {
            path.extend(names.next().map(|name| encoded(name)));
        } else {
            path.push_str(part);
        }
    }
    path
}

/// A name as one part of a path.
pub(crate) fn encoded(name: &str) -> String {
    utf8_percent_encode(name, PLAIN).to_string()
}
