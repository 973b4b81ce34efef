//! Requests as clients send them, from the same types that answer them.

use serde::Serialize;
use serde_json::Value;

use crate::at::{At, encoded};
use crate::endpoint::{Ask, Endpoint};
use crate::query;
use crate::router::BASE;
use crate::wait::Wait;

/// A request, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The method, as HTTP writes it.
    pub method: &'static str,
    /// Path and query.
    pub target: String,
    /// The document, if one comes along: JSON.
    pub body: Option<String>,
    /// Headers beside those that say who asks: their names and values.
    pub headers: Vec<(&'static str, String)>,
}

impl Outgoing {
    /// The request that asks this.
    #[must_use]
    pub fn of<E: Endpoint>(ask: &Ask<E>) -> Self {
        let mut target = String::from(BASE);
        let mut names = ask.at.names().into_iter();
        for segment in E::META.path.split('/').skip(1) {
            target.push('/');
            match segment.strip_prefix('{') {
                None => target.push_str(segment),
                Some(_) => target.push_str(&encoded(&names.next().unwrap_or_default())),
            }
        }
        let mut parameters = document(&ask.query);
        if let Some(parameters) = parameters.as_object_mut() {
            if ask.dry_run {
                parameters.insert(query::DRY_RUN.to_owned(), true.into());
            }
            if ask.wait != Wait::default() {
                parameters.insert(query::WAIT.to_owned(), ask.wait.as_str().into());
            }
        }
        let query = query::write(&parameters);
        if !query.is_empty() {
            target.push('?');
            target.push_str(&query);
        }
        let body = E::META.method.has_body().then(|| document(&ask.body).to_string());
        let content = ("content-type", E::META.method.media_type().to_owned());
        let headers = body.iter().map(|_| content.clone()).chain(ask.only_if.header()).collect();
        Self { method: E::META.method.as_str(), target, body, headers }
    }
}

/// Types of documents can all be written as one.
fn document(typed: &impl Serialize) -> Value {
    serde_json::to_value(typed).unwrap_or_default()
}

#[cfg(test)]
mod tests;
