//! The gateway's API as the command line asks it: the types that answer a request there write and read it here.

use api::{Ask, Endpoint, Outgoing, Page, Paging, ProblemDocument};
use http::Method;
use serde_json::Value;

use super::client::{Answer, Client};
use super::failure::Failure;

/// Most pages that one list asks for.
const PAGES_MAX: usize = 1_000;

/// An answer: as it came, and as this release understands it.
pub(super) struct Received<A> {
    pub(super) document: Value,
    pub(super) answer: A,
}

impl Client {
    /// Asks one endpoint. An answer that is no success is a failure with the server's own words.
    pub(super) async fn call<E: Endpoint>(&self, ask: &Ask<E>) -> Result<Received<E::Answer>, Failure> {
        let Outgoing { method, target, body } = Outgoing::of(ask);
        let method = method.parse().unwrap_or(Method::GET);
        let document = self.ask(method, &target, body).await?;
        let answer = serde_json::from_value(document.clone())
            .map_err(|error| Failure::Other(format!("the server's answer is not understood: {error}")))?;
        Ok(Received { document, answer })
    }

    /// All items of a list, over all its pages, as they came.
    pub(super) async fn list<T, E>(&self, at: E::At, body: E::Body) -> Result<Vec<Value>, Failure>
    where
        E: Endpoint<Query = Paging, Answer = Page<T>>,
    {
        let mut items = Vec::new();
        let mut ask = Ask::<E> { at, query: Paging::default(), body };
        for _ in 0..PAGES_MAX {
            let mut page = self.call(&ask).await?;
            if let Some(Value::Array(more)) = page.document.get_mut("items").map(Value::take) {
                items.extend(more);
            }
            match page.answer.next {
                Some(next) => ask.query.after = Some(next),
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
        let answer = self.send(method, target, body).await?;
        if answer.status.is_success() {
            return Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null));
        }
        Err(Failure::answered(answer.status, &detail(&answer)))
    }
}

/// The words of an `application/problem+json` answer; nothing if something else stands in front of the gateway.
fn detail(answer: &Answer) -> String {
    let problem = serde_json::from_slice::<ProblemDocument>(&answer.body);
    let text = problem.map(|problem| problem.detail).unwrap_or_default();
    text.chars().filter(|letter| !letter.is_control()).collect()
}
