//! The gateway's API as the command line asks it: the types that answer a request there write and read it here.

use api::{Ask, Endpoint, Listed, Nothing, Outgoing, Paged, ProblemDocument, Wait};
use http::Method;
use http::header::ETAG;
use serde_json::Value;

use super::client::{Answer, Client};
use super::failure::Failure;
use super::progress;

/// Most pages that one list asks for.
const PAGES_MAX: usize = 1_000;

/// What is said to who waits for all nodes.
const WAITING: &str = "waiting until every node has it in force";

/// A call that came to nothing.
pub(super) struct Refused {
    pub(super) failure: Failure,
    /// The server's own account of it; `null` if it gave none.
    pub(super) problem: Value,
}

/// An answer: as it came, and as this release understands it.
pub(super) struct Received<A> {
    pub(super) document: Value,
    /// What its state is told apart by, in quotes.
    pub(super) etag: Option<String>,
    pub(super) answer: A,
}

impl Client {
    /// Asks one endpoint. An answer that is no success is a failure with the server's own words.
    pub(super) async fn call<E: Endpoint>(&self, ask: &Ask<E>) -> Result<Received<E::Answer>, Failure> {
        self.attempt(ask).await.map_err(|refused| refused.failure)
    }

    /// The same, with all that the server says of a failure.
    pub(super) async fn attempt<E: Endpoint>(&self, ask: &Ask<E>) -> Result<Received<E::Answer>, Refused> {
        let Outgoing { method, target, body, headers } = Outgoing::of(ask);
        let method = method.parse().unwrap_or(Method::GET);
        let sent = self.send_with(method, &target, body, &headers);
        let answer = if ask.wait == Wait::All { progress::waiting(WAITING, sent).await } else { sent.await }?;
        let etag = answer.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        Ok(Received { etag, ..received::<E>(understood(&answer)?)? })
    }

    /// All items of a list, over all its pages, as they came.
    pub(super) async fn list<T, E>(&self, at: E::At, query: E::Query) -> Result<Vec<Value>, Failure>
    where
        T: Listed,
        E: Endpoint<Body = Nothing, Answer = T>,
        E::Query: Paged,
    {
        let mut items = Vec::new();
        let mut ask = Ask::<E>::new(at, query, Nothing {});
        for _ in 0..PAGES_MAX {
            let mut page = self.call(&ask).await?;
            if let Some(Value::Array(more)) = page.document.get_mut("items").map(Value::take) {
                items.extend(more);
            }
            match page.answer.next() {
                Some(next) => ask.query.go_on(next.to_owned()),
                None => break,
            }
        }
        Ok(items)
    }

    /// Sends a request; an answer that is no success is a failure with the server's own words.
    pub(super) async fn ask(
        &self,
        method: Method,
        target: &str,
        body: Option<String>,
    ) -> Result<Value, Failure> {
        understood(&self.send(method, target, body).await?).map_err(|refused| refused.failure)
    }
}

/// The answer of an endpoint, read.
pub(super) fn received<E: Endpoint>(document: Value) -> Result<Received<E::Answer>, Failure> {
    let answer = serde_json::from_value(document.clone())
        .map_err(|error| Failure::Other(format!("the server's answer is not understood: {error}")))?;
    Ok(Received { document, etag: None, answer })
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { failure, problem: Value::Null }
    }
}

pub(super) fn understood(answer: &Answer) -> Result<Value, Refused> {
    let document = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    if answer.status.is_success() {
        return Ok(document);
    }
    Err(Refused { failure: Failure::answered(answer.status, &detail(&document)), problem: document })
}

/// The words of an `application/problem+json` answer; nothing if something else stands in front of the gateway.
fn detail(document: &Value) -> String {
    let problem = serde_json::from_value::<ProblemDocument>(document.clone());
    let text = problem.map(|problem| problem.detail).unwrap_or_default();
    text.chars().filter(|letter| !letter.is_control()).collect()
}
