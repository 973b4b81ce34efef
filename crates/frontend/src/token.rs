//! `/v2/token`: the one room that reads credentials from a body and hands out bearers (docs/oci.md 4.3).
//!
//! A bearer is the identity of the credential behind it. Scopes are not looked at beyond their presence: what is allowed is
//! asked with each request. Never a refresh token (docker would keep it instead of the password), never `issued_at` (clients
//! with a wrong clock would take the bearer for dead).

use std::borrow::Cow;

use ::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use ::http::{HeaderValue, Method, StatusCode};
use auth::{Audience, AuthError, Bearer, Claimed, Credentials, Presented, from_form};
use bytes::Bytes;
use edge::http::query;
use edge::{Body, BodyError, Misdirected};

use crate::challenge;
use crate::credential_intake::CredentialIntake;
use crate::error::Error;
use crate::head::{Asked, Head};
use crate::record::{NOT_AUTHENTICATED, Record};
use crate::reply::{Reply, Response};

/// Longest form, in bytes.
const FORM_BYTES_MAX: u64 = 64 << 10;
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");

/// What came along with a request for a bearer.
struct Application {
    credentials: Credentials,
    names_scope: bool,
}

/// Why there is no bearer.
enum Refused {
    Misdirected(Misdirected),
    Auth(AuthError),
    /// Neither credentials nor a scope: somebody asks whether log-in is needed, and it is.
    Nobody,
    Method,
    Grant,
    Form,
    Body(BodyError),
}

/// Answers a request for a bearer.
pub(crate) async fn serve(
    credential_intake: &CredentialIntake,
    head: Head<'_>,
    body: &mut Body,
    record: &mut Record,
) -> Response {
    match bearer(credential_intake, &head, body, record).await {
        Ok(bearer) => granted(&bearer).into(),
        Err(refused) => {
            if let Refused::Nobody = refused {
                record.refused(NOT_AUTHENTICATED);
            }
            refused.render(&Asked { head, id: record.origin.request, presented: None })
        }
    }
}

async fn bearer(
    credential_intake: &CredentialIntake,
    head: &Head<'_>,
    body: &mut Body,
    record: &mut Record,
) -> Result<Bearer, Refused> {
    head.public_url.believed()?;
    let credentials = credential_intake.credentials(head.headers);
    let credentials = credentials.inspect_err(|error| record.failed(error, Claimed::default()))?;
    let application = read(credentials, head, body).await?;
    let identity = credential_intake.identify(application.credentials, record, Audience::Oci).await?;
    if identity.presented == Presented::Nothing && !application.names_scope {
        return Err(Refused::Nobody);
    }
    Ok(credential_intake.authenticator.issue_bearer(&identity))
}

async fn read(credentials: Credentials, head: &Head<'_>, body: &mut Body) -> Result<Application, Refused> {
    let names_scope = names_scope(head.query.unwrap_or_default());
    match *head.method {
        Method::GET | Method::HEAD => Ok(Application { credentials, names_scope }),
        Method::POST => {
            let form = form(head, body).await?;
            let form = std::str::from_utf8(&form).map_err(|_| Refused::Form)?;
            let names_scope = names_scope || self::names_scope(form);
            let field = |name| query::first(Some(form), name).unwrap_or_default();
            match field("grant_type").as_ref() {
                "" => Ok(Application { credentials, names_scope }),
                "password" => {
                    let given = from_form(&field("username"), &field("password"));
                    let credentials = if matches!(given, Credentials::None) { credentials } else { given };
                    Ok(Application { credentials, names_scope })
                }
                _ => Err(Refused::Grant),
            }
        }
        _ => Err(Refused::Method),
    }
}

async fn form(head: &Head<'_>, body: &mut Body) -> Result<Bytes, Refused> {
    body.charge_address().await.map_err(BodyError::Busy)?;
    let form = body.whole(FORM_BYTES_MAX).await?;
    let kind = head.header(&CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if form.is_empty() || kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(form);
    }
    Err(Refused::Form)
}

fn names_scope(query: &str) -> bool {
    query::all(Some(query), "scope").any(|scope| !scope.trim().is_empty())
}

fn granted(bearer: &Bearer) -> Reply {
    let (text, expires_in) = (&bearer.text, bearer.expires_in_secs);
    // The text of a bearer is base64url: nothing in it to escape.
    let json = format!("{{\"token\":\"{text}\",\"access_token\":\"{text}\",\"expires_in\":{expires_in}}}");
    Reply::new(StatusCode::OK)
        .header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
        .bytes(JSON, json.into())
}

impl Refused {
    fn render(self, asked: &Asked<'_>) -> Response {
        match self {
            Self::Misdirected(error) => {
                refusal(StatusCode::MISDIRECTED_REQUEST, "UNSUPPORTED", &error.to_string())
            }
            Self::Auth(error) => {
                let (status, retry_after) = challenge::auth_status(&error);
                let reply = match status {
                    StatusCode::BAD_REQUEST => {
                        refusal(status, "UNAUTHORIZED", "the credentials are malformed")
                    }
                    StatusCode::UNAUTHORIZED => {
                        let challenge = challenge::bearer(asked, &Error::<()>::Auth(error), None);
                        let words: Cow<'_, str> = match error {
                            AuthError::Untaken { why, .. } => why.to_string().into(),
                            _ => "the credentials are not valid".into(),
                        };
                        refusal(status, "UNAUTHORIZED", &words).header(WWW_AUTHENTICATE, challenge)
                    }
                    StatusCode::FORBIDDEN => refusal(status, "DENIED", challenge::MUST_CHANGE),
                    StatusCode::TOO_MANY_REQUESTS => {
                        refusal(status, "TOOMANYREQUESTS", "too many log-ins; try again later")
                    }
                    _ => refusal(status, "UNAVAILABLE", "log-ins cannot be checked at the moment"),
                };
                match retry_after {
                    Some(secs) => reply.header(RETRY_AFTER, secs),
                    None => reply,
                }
            }
            Self::Nobody => refusal(
                StatusCode::UNAUTHORIZED,
                "UNAUTHORIZED",
                "log in with a user name or client ID and a token",
            )
            .header(WWW_AUTHENTICATE, challenge::bearer(asked, &Error::<()>::OtherFormat, None)),
            Self::Method => refusal(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", "ask with GET or POST")
                .header(ALLOW, METHODS),
            Self::Grant => refusal(
                StatusCode::BAD_REQUEST,
                "UNSUPPORTED",
                "the only grant_type is password; there are no refresh tokens",
            ),
            Self::Form => refusal(
                StatusCode::BAD_REQUEST,
                "UNSUPPORTED",
                "the body must be application/x-www-form-urlencoded",
            ),
            Self::Body(BodyError::TooLarge { .. }) => {
                refusal(StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID", "the form is too long")
            }
            Self::Body(BodyError::TimedOut) => {
                refusal(StatusCode::REQUEST_TIMEOUT, "UNKNOWN", "the form came too slowly")
            }
            Self::Body(BodyError::Aborted) => {
                refusal(StatusCode::BAD_REQUEST, "UNKNOWN", "the form ended before its time")
            }
            Self::Body(BodyError::Busy(exceeded)) => {
                let (status, retry_after_secs) = challenge::busy_status(exceeded);
                refusal(status, "TOOMANYREQUESTS", challenge::busy_words(exceeded))
                    .header(RETRY_AFTER, retry_after_secs)
            }
        }
        .into()
    }
}

/// What docker prints of a token endpoint's refusal.
fn refusal(status: StatusCode, code: &str, message: &str) -> Reply {
    let body = serde_json::json!({ "errors": [{ "code": code, "message": message, "detail": null }] });
    Reply::new(status).bytes(JSON, Bytes::from(body.to_string()))
}

impl From<Misdirected> for Refused {
    fn from(error: Misdirected) -> Self {
        Self::Misdirected(error)
    }
}

impl From<AuthError> for Refused {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

impl From<BodyError> for Refused {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

#[cfg(test)]
mod tests;
