//! `/leaks`: tokens that were found where they should not be. Whoever has one may end it: that is the proof.

use auth::{AuthError, Secret, TokenKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::Leaked;

use crate::endpoint::{Anybody, Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::problem::{Code, Fault};
use crate::words::{Text128, Text200};

/// `POST /leaks`
pub enum ReportLeaks {}

/// What was found. No `Debug`: it holds secrets.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaksFound {
    /// Whole texts of tokens.
    #[schemars(length(min = 1, max = 100))]
    pub tokens: Vec<Text128>,
    /// Where they were found, for those who look after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Text200>,
}

/// What became of them.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LeaksEnded {
    /// The public ids of those that lived, and are disabled now.
    pub disabled: Vec<String>,
}

impl Endpoint for ReportLeaks {
    const META: Meta = Meta {
        id: "leak_report",
        method: Method::Post,
        path: "/leaks",
        summary: "Disables the tokens that somebody found and shows. To have one is proof enough.",
        since: "0.1",
        audit: &["token.leaked"],
        faults: &[Code::Stale, Code::NotYetInForce],
        cli: Some("token report"),
    };
    type At = ();
    type Query = Nothing;
    type Body = LeaksFound;
    type Answer = LeaksEnded;
    type May = Anybody;

    async fn call(cx: &Cx, _may: Anybody, ask: &Ask<Self>) -> Result<Done<LeaksEnded>, Fault> {
        let found: Vec<Leaked> = ask.body.tokens.iter().filter_map(leaked).collect();
        let url = ask.body.url.as_ref().map(|url| url.as_str().into());
        let (live, force) = cx.directory.report_leaks(found, url, cx.gate.origin()).await?;
        // Who shows nothing that lives is counted as one whose log-in failed: nothing is found out faster here than there.
        if live.is_empty()
            && let AuthError::Throttled { retry_after_secs } =
                cx.authenticator.code_failed(cx.gate.origin().address, None)
        {
            return Err(Fault::Throttled { retry_after_secs });
        }
        let disabled = live.into_iter().map(auth::id_text).collect();
        Ok(Done::changed(LeaksEnded { disabled }, force))
    }
}

/// What a text is looked for by; `None` for what is no token, and for codes, which end by being used.
fn leaked(text: &Text128) -> Option<Leaked> {
    let text = Secret::new(text.as_str().to_owned());
    let (kind, id, sha256) = auth::describe(text.expose())?;
    (!matches!(kind, TokenKind::Invitation | TokenKind::Session)).then_some(Leaked { id, sha256 })
}
