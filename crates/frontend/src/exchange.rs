//! The exchange of identity tokens in the words of others: the form of RFC 8693 at `/api/v1/exchange`, and what NuGet's own log-in
//! action sends, at `/api/v1/nuget/token`. A room of its own because its `Authorization` is what is exchanged and no credential of
//! ours; what is decided, `api` decides, as for JSON.

use ::http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use ::http::{HeaderValue, Method, StatusCode};
use api::exchange::{ExchangeWanted, Exchanged};
use api::{Code, Fault, RuleRef, Text128};
use auth::IDENTITY_TOKEN_BYTES_MAX;
use domain::{CallerGate, Timestamp};
use edge::Body;
use edge::http::query;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::head::Head;
use crate::management::{Management, document, document_of, misdirected};
use crate::record::Record;
use crate::reply::{Reply, Response};

/// Longest form, in bytes.
const FORM_BYTES_MAX: u64 = 64 << 10;
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const POST: HeaderValue = HeaderValue::from_static("POST");

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const SUBJECT_TOKENS: [&str; 2] =
    ["urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token"];

/// Whose words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// RFC 8693.
    Form,
    /// NuGet's log-in action.
    ApiKey,
}

/// What NuGet's log-in action sends besides the token.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ApiKeyWanted {
    /// A publisher, `PROJECT/PUBLISHER`, or an application.
    username: Text128,
    /// What is wanted.
    token_type: ApiKeyWord,
}

/// There is one kind.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
enum ApiKeyWord {
    /// What goes into `X-NuGet-ApiKey`.
    ApiKey,
}

impl Dialect {
    /// The dialect of a request, if it is one of these.
    pub(crate) fn of(head: &Head<'_>) -> Option<Self> {
        let kind = head.header(&CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        match head.path {
            "/v1/nuget/token" => Some(Self::ApiKey),
            "/v1/exchange" if head.method == Method::POST && kind.eq_ignore_ascii_case(FORM) => {
                Some(Self::Form)
            }
            _ => None,
        }
    }

    /// Answers a request of nobody in particular.
    pub(crate) async fn serve(
        self,
        management: &Management,
        gate: &CallerGate,
        head: Head<'_>,
        body: &mut Body,
        record: &mut Record,
    ) -> Response {
        let exchanged = match self.wanted(&head, body).await {
            Ok(wanted) => management.exchange(gate.clone(), wanted).await,
            Err(fault) => Err(fault),
        };
        match exchanged {
            Ok(exchanged) => self.granted(&exchanged, management.now()),
            Err(fault) => {
                record.fault(&fault, Some(gate), (Some("exchange"), None));
                crate::management::tell(&fault, record.origin.request);
                self.refused(&fault)
            }
        }
        .into()
    }

    async fn wanted(self, head: &Head<'_>, body: &mut Body) -> Result<ExchangeWanted, Fault> {
        head.public_url.believed().map_err(misdirected)?;
        if head.method != Method::POST {
            return Err(Fault::Method { allowed: "POST".to_owned(), is_open: true });
        }
        match self {
            Self::Form => {
                let form = document_of((FORM, FORM_BYTES_MAX), head, body).await?;
                from_form(std::str::from_utf8(&form).unwrap_or_default())
            }
            Self::ApiKey => {
                let token = bearer(head)?;
                let wanted: ApiKeyWanted = api::read(&document(head, body).await?)?;
                let ApiKeyWord::ApiKey = wanted.token_type;
                // A name of a publisher has a slash, that of an application may be anything.
                let publisher = RuleRef::try_from(wanted.username.as_str().to_owned()).ok();
                let application = Some(wanted.username).filter(|_| publisher.is_none());
                Ok(ExchangeWanted { token, publisher, application })
            }
        }
    }

    fn granted(self, exchanged: &Exchanged, now: Timestamp) -> Reply {
        let document = match self {
            Self::Form => json!({
                "access_token": exchanged.token,
                "issued_token_type": ACCESS_TOKEN,
                "token_type": "Bearer",
                "expires_in": exchanged.expires_at.0.millis_since(now) / 1000,
            }),
            Self::ApiKey => json!({
                "tokenType": "ApiKey", "expires": exchanged.expires_at, "apiKey": exchanged.token,
            }),
        };
        said(StatusCode::OK, &document)
    }

    fn refused(self, fault: &Fault) -> Reply {
        let problem = fault.problem();
        let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reply = match self {
            Self::ApiKey => said(status, &json!({ "error": problem.detail })),
            Self::Form => {
                let (status, word) = oauth(problem.code, status);
                said(status, &json!({ "error": word, "error_description": problem.detail }))
            }
        };
        let reply = match problem.retry_after_secs {
            Some(secs) => reply.header(RETRY_AFTER, HeaderValue::from(secs)),
            None => reply,
        };
        if status == StatusCode::METHOD_NOT_ALLOWED { reply.header(ALLOW, POST) } else { reply }
    }
}

/// RFC 6749 §5.2 and RFC 8693 §2.2.2: what the client sent is wrong by 400, whatever of it.
fn oauth(code: Code, status: StatusCode) -> (StatusCode, &'static str) {
    match code {
        Code::AmbiguousRule | Code::UnknownName => (StatusCode::BAD_REQUEST, "invalid_target"),
        _ if status.is_server_error() => (status, "server_error"),
        Code::Throttled | Code::Busy => (status, "temporarily_unavailable"),
        Code::Method | Code::TooLarge | Code::Misdirected | Code::Slow => (status, "invalid_request"),
        _ => (StatusCode::BAD_REQUEST, "invalid_request"),
    }
}

fn said(status: StatusCode, document: &Value) -> Reply {
    Reply::new(status).header(CACHE_CONTROL, NO_STORE).bytes(JSON, document.to_string().into())
}

/// The identity token, which is all that stands in the header.
fn bearer(head: &Head<'_>) -> Result<String, Fault> {
    let wrong =
        || Fault::Told(Code::Malformed, "send the identity token as `Authorization: Bearer TOKEN`".into());
    let mut values = head.headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(wrong()) };
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(wrong)?;
    let token = token.trim();
    let fits = scheme.eq_ignore_ascii_case("bearer") && (1..=IDENTITY_TOKEN_BYTES_MAX).contains(&token.len());
    if fits { Ok(token.to_owned()) } else { Err(wrong()) }
}

/// RFC 8693 §2.1. `audience` names the publisher, as `PROJECT/PUBLISHER`, if that is needed.
fn from_form(form: &str) -> Result<ExchangeWanted, Fault> {
    let wrong = |words: &'static str| Fault::Told(Code::Malformed, words.into());
    let field = |name: &str| {
        let mut values = query::all(Some(form), name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
            (_, Some(_)) => Err(wrong("a parameter is given twice")),
        }
    };
    if field("grant_type")?.as_deref() != Some(GRANT) {
        return Err(wrong("`grant_type` is urn:ietf:params:oauth:grant-type:token-exchange"));
    }
    if !field("subject_token_type")?.is_some_and(|kind| SUBJECT_TOKENS.contains(&&*kind)) {
        return Err(wrong("`subject_token_type` is urn:ietf:params:oauth:token-type:jwt"));
    }
    if field("requested_token_type")?.is_some_and(|kind| kind != ACCESS_TOKEN) {
        return Err(wrong("`requested_token_type` is urn:ietf:params:oauth:token-type:access_token"));
    }
    if field("actor_token")?.is_some() {
        return Err(wrong("nobody acts for another here: send no `actor_token`"));
    }
    let token = field("subject_token")?.ok_or_else(|| wrong("`subject_token` is missing"))?;
    if token.len() > IDENTITY_TOKEN_BYTES_MAX {
        return Err(wrong("`subject_token` is longer than 8 KiB"));
    }
    let publisher = field("audience")?.map(|audience| RuleRef::try_from(audience.into_owned()));
    let publisher = publisher.transpose();
    let publisher =
        publisher.map_err(|_| Fault::Told(Code::UnknownName, "`audience` is PROJECT/PUBLISHER".into()))?;
    Ok(ExchangeWanted { token: token.into_owned(), publisher, application: None })
}
