//! `wharfinger api METHOD PATH`: one request as it is typed.

use std::io::Read as _;
use std::path::Path;

use clap::Args;

use super::super::calls::understood;
use super::super::failure::Failure;
use super::super::flags::At;
use super::super::{output, session};
use super::changing::only_if_text;
use crate::config::Environment;
use crate::config::environment::read_document;

/// Longest document that is read from standard input, in bytes: that of the longest request there is.
const DOCUMENT_BYTES_MAX: u64 = 4 * 1024 * 1024;

#[derive(Debug, Args)]
pub(in crate::cli) struct ApiRequest {
    /// GET, PUT, PATCH, POST or DELETE
    #[arg(value_parser = method)]
    method: http::Method,
    /// The path below /api/v1, or all of it, with query if there is one
    path: String,
    /// The document to send, JSON; from a file with @FILE, from standard input with @-
    #[arg(short, long, value_name = "JSON")]
    data: Option<String>,
    /// Only if it is still in the state that this ETag is of
    #[arg(long, value_name = "ETAG")]
    if_match: Option<String>,
    /// Say status and headers too, on standard error
    #[arg(short, long)]
    include: bool,
    #[command(flatten)]
    at: At,
}

fn method(text: &str) -> Result<http::Method, &'static str> {
    let method = text.to_ascii_uppercase();
    let known = api::Method::parse(&method).and_then(|_| method.parse().ok());
    known.ok_or("it must be GET, PUT, PATCH, POST or DELETE")
}

pub(in crate::cli) async fn send(asked: ApiRequest, environment: &Environment) -> Result<(), Failure> {
    let path = match asked.path.strip_prefix('/') {
        Some(_) if asked.path.starts_with("/api/") => asked.path,
        Some(_) => format!("{}{}", api::BASE, asked.path),
        None => return Err(Failure::Usage(format!("{}: a path starts with a slash", asked.path))),
    };
    let body = asked.data.as_deref().map(document).transpose()?;
    let kind = api::Method::parse(asked.method.as_str()).unwrap_or(api::Method::Get);
    let typed = body.as_ref().map(|_| ("content-type", kind.media_type().to_owned()));
    let only_if = only_if_text(asked.if_match.as_deref())?;
    let headers: Vec<_> = typed.into_iter().chain(only_if.header()).collect();
    let client = session::client(&asked.at, environment)?;
    let answer = client.send_with(asked.method, &path, body, &headers).await?;
    if asked.include {
        output::complain(&answer.status.to_string());
        for (name, value) in &answer.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            let plain: String = value.chars().filter(|letter| !letter.is_control()).collect();
            output::complain(&format!("{name}: {plain}"));
        }
    }
    if !answer.body.is_empty() {
        output::say(String::from_utf8_lossy(&answer.body).trim_end_matches('\n'));
    }
    understood(&answer).map(drop).map_err(|refused| refused.failure)
}

/// The text itself, or that of the file it names.
fn document(text: &str) -> Result<String, Failure> {
    let wrong = |file: &str, why: String| Failure::Usage(format!("{file}: {why}"));
    match text.strip_prefix('@') {
        None => Ok(text.to_owned()),
        Some("-") => {
            let mut read = String::new();
            let outcome = std::io::stdin().take(DOCUMENT_BYTES_MAX).read_to_string(&mut read);
            outcome.map_err(|error| wrong("standard input", error.to_string()))?;
            Ok(read)
        }
        Some(file) => read_document(Path::new(file)).map_err(|why| wrong(file, why)),
    }
}
