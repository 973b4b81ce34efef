//! The console, at `HOST/`: the way between HTTP and the crate `console`, which has the pages. A room of its own: only here and below `/api`
//! is the cookie of a session looked for, and only here credentials come from forms.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ::http::header::{
    ACCEPT_ENCODING, ACCEPT_LANGUAGE, ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, LOCATION, ORIGIN, REFERRER_POLICY, RETRY_AFTER,
    SET_COOKIE, VARY,
};
use ::http::{HeaderValue, Method, StatusCode};
use api::setup::{SetupDone, SetupWanted};
use api::{Code, Cx, Fault};
use auth::{Audience, Credentials, LOG_IN_SECS, Presented, Secret};
use console::{Answer, Asked, Console, Content, Cookies, Doors, FORM_BYTES_MAX, SetCookie};
use domain::{BoxFuture, CallerGate, WrittenNode};
use edge::Body;
use edge::http::{accept, etag};

use crate::config::AuditSettings;
use crate::credential_intake::CredentialIntake;
use crate::downloads::Downloads;
use crate::head::Head;
use crate::management::{Management, document_of, failed, misdirected};
use crate::names::OurNames;
use crate::record::Record;
use crate::reply::{Reply, Response, Stored};
use crate::sessions;
use crate::setup::Setup;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
/// Pages take nothing from elsewhere, run nothing but our one script, and stand in no frame.
const OURS_ALONE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
);
/// The coding that assets are sent in, to who takes it.
const GZIP: &str = "gzip";
const FORM: &str = "application/x-www-form-urlencoded";
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
/// Pages are as who looks may see them, now.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// What a page depends on besides its address.
const LOOKED_AT: HeaderValue = HeaderValue::from_static("cookie, accept-language");
/// What a browser may keep for itself if it asks each time whether it is still so.
const ASK_FIRST: HeaderValue = HeaderValue::from_static("private, no-cache");
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// The address of an asset changes with it.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// How long a browser keeps a look that was chosen, in seconds.
const LOOK_SECS: u64 = 31_536_000;
/// How long a form of a door may be open, in seconds.
const FORM_SECS: u64 = 86_400;

/// The pages, made when the first is asked for: a gateway at rest does without them.
#[derive(Default)]
pub(crate) struct Pages(OnceLock<Console>);

impl Pages {
    fn get(&self) -> &Console {
        self.0.get_or_init(Console::new)
    }
}

/// What pages are made with.
pub(crate) struct ConsoleParts<'a> {
    pub(crate) pages: &'a Pages,
    pub(crate) credential_intake: &'a CredentialIntake,
    pub(crate) management: &'a Management,
    /// The first administrator's room, while there is one.
    pub(crate) setup: Option<&'a Setup>,
    pub(crate) organisation: &'a OurNames,
    pub(crate) audit: AuditSettings,
    /// What hands out files.
    pub(crate) downloads: Downloads<'a>,
}

/// What the console cannot do itself, for one request.
struct Rooms<'a> {
    parts: &'a ConsoleParts<'a>,
    record: Mutex<&'a mut Record>,
}

impl ConsoleParts<'_> {
    /// Answers a request for a page.
    pub(crate) async fn serve(&self, head: Head<'_>, body: &mut Body, record: &mut Record) -> Response {
        match self.paged(&head, body, record).await {
            Ok(response) => response,
            // Not even the frame of a page can be made.
            Err(fault) => failed(&fault, record.origin.request),
        }
    }

    async fn paged(&self, head: &Head<'_>, body: &mut Body, record: &mut Record) -> Result<Response, Fault> {
        head.public_url.believed().map_err(misdirected)?;
        let sends = match *head.method {
            Method::GET | Method::HEAD => false,
            Method::POST => true,
            _ => return Ok(other_method()),
        };
        let session = sessions::shown(head)?;
        let (gate, presented, session) = self.visitor(session, record).await?;
        if session.is_some()
            && let Some(file) = Box::pin(self.downloads.serve(head, body, record, (&gate, presented))).await
        {
            return Ok(file);
        }
        body.charge_administration(gate.client()).await.map_err(storage::Fault::from)?;
        let form = if sends { Some(document_of((FORM, FORM_BYTES_MAX), head, body).await?) } else { None };
        let turn = if sends { api::Turn::Change } else { api::Turn::Read };
        let (api, cx) = self.management.operations(gate.clone(), presented, turn)?;
        let origin = head.origin();
        let cookie = |name| sessions::chosen(head, name);
        let request = record.origin.request;
        let asked = Asked {
            api,
            cx,
            form: form.as_deref(),
            path: head.path,
            query: head.query.unwrap_or_default(),
            cookies: Cookies {
                session: session.as_ref(),
                form: cookie("form"),
                log_in: cookie("log-in"),
                theme: cookie("theme"),
                language: cookie("language"),
                keys: cookie("keys"),
            },
            languages: head.header(&ACCEPT_LANGUAGE).unwrap_or_default(),
            origin: &origin,
            same_origin: is_same_origin(head),
            can_log_in: sessions::can_begin(head),
            request,
            doors: &Rooms { parts: self, record: Mutex::new(record) },
        };
        let answer = self.pages.get().answer(&asked).await?;
        Ok(told(answer, head))
    }

    /// Who looks: the person of a session that goes on, or nobody. Other credentials that a browser sends along open nothing here.
    async fn visitor(
        &self,
        session: Option<Secret<String>>,
        record: &mut Record,
    ) -> Result<(CallerGate, Presented, Option<Secret<String>>), Fault> {
        let intake = self.credential_intake;
        if let Some(secret) = session {
            let shown = Credentials::Session(Secret::new(secret.expose().clone()));
            match intake.admit_by(shown, record, Audience::Administration).await {
                Ok(admitted) if admitted.gate.own().is_ok() => {
                    return Ok((admitted.gate, admitted.presented, Some(secret)));
                }
                // It is over: who had it is nobody again, and is asked to log in where that is needed.
                Ok(_) | Err(auth::AuthError::Invalid { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let admitted = intake.admit_by(Credentials::None, record, Audience::Administration).await?;
        Ok((admitted.gate, admitted.presented, None))
    }
}

impl Rooms<'_> {
    fn origin(&self) -> Arc<domain::Origin> {
        Arc::clone(&self.record.lock().unwrap_or_else(PoisonError::into_inner).origin)
    }
}

impl Doors for Rooms<'_> {
    fn refused(&self, gate: &CallerGate, fault: &Fault, operation: &'static str, node: Option<&WrittenNode>) {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.fault(fault, Some(gate), (Some(operation), node.map(WrittenNode::name)));
    }

    fn organisation(&self) -> String {
        self.parts.organisation.first()
    }

    fn shows_landing(&self) -> bool {
        self.parts.organisation.shows_landing()
    }

    fn needs_set_up(&self) -> bool {
        self.parts.setup.is_some_and(Setup::is_open)
    }

    fn set_up(&self, wanted: SetupWanted) -> BoxFuture<'_, Result<SetupDone, Fault>> {
        Box::pin(async move {
            let over = || Fault::Told(Code::Denied, "there is an administrator already".into());
            let setup = self.parts.setup.ok_or_else(over)?;
            setup.first(wanted, String::new()).await
        })
    }

    fn by_password<'a>(
        &'a self,
        name: Secret<String>,
        password: Secret<String>,
    ) -> BoxFuture<'a, Result<Cx, Fault>> {
        Box::pin(async move {
            let intake = self.parts.credential_intake;
            let credentials = Credentials::Basic { name, secret: password };
            let mut record = Record::new(self.origin(), self.parts.audit);
            let admitted = intake.admit_by(credentials, &mut record, Audience::Administration).await;
            **self.record.lock().unwrap_or_else(PoisonError::into_inner) = record;
            let admitted = admitted?;
            let turn = api::Turn::Change;
            Ok(self.parts.management.operations(admitted.gate, admitted.presented, turn)?.1)
        })
    }
}

/// Whether a browser says that a page of ours asks; one that says nothing is not believed.
fn is_same_origin(head: &Head<'_>) -> bool {
    match (head.header(&ORIGIN), head.header(&FETCH_SITE)) {
        (Some(origin), site) => origin == head.origin() && site.is_none_or(|site| site == "same-origin"),
        (None, site) => site == Some("same-origin"),
    }
}

fn other_method() -> Response {
    let reply = Reply::new(StatusCode::METHOD_NOT_ALLOWED);
    reply.header(ALLOW, HeaderValue::from_static("GET, HEAD, POST")).into()
}

/// A page as HTTP carries it.
fn told(answer: Answer, head: &Head<'_>) -> Response {
    let is_known = match &answer.content {
        Content::Steady { hash, .. } => etag::not_modified(head.headers, &format!("\"{hash}\"")),
        _ => false,
    };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = Reply::new(if is_known { StatusCode::NOT_MODIFIED } else { status });
    if let Some(location) = answer.location {
        reply = reply.header(LOCATION, location);
    }
    if let Some(secs) = answer.retry_after_secs {
        reply = reply.header(RETRY_AFTER, HeaderValue::from(secs));
    }
    for cookie in &answer.cookies {
        if let Some(value) = kept(cookie, head) {
            reply.headers_mut().append(SET_COOKIE, value);
        }
    }
    reply = reply.header(REFERRER_POLICY, SAME_ORIGIN).header(OPENER_POLICY, SAME_ORIGIN);
    reply = reply.header(CONTENT_SECURITY_POLICY, OURS_ALONE);
    match answer.content {
        Content::Asset(asset) => {
            let gzipped = head.header(&ACCEPT_ENCODING).is_some_and(|list| accept::takes_coding(list, GZIP));
            let etag = format!("\"{}{}\"", asset.hash, if gzipped { "-gzip" } else { "" });
            reply = reply.header(CACHE_CONTROL, FOR_GOOD).header(ETAG, etag);
            reply = reply.header(VARY, HeaderValue::from_static("accept-encoding"));
            let bytes = if gzipped {
                reply = reply.header(CONTENT_ENCODING, HeaderValue::from_static(GZIP));
                asset.gzipped()
            } else {
                asset.bytes
            };
            reply.bytes(HeaderValue::from_static(asset.media_type), bytes::Bytes::from_static(bytes)).into()
        }
        Content::Html(html) => {
            reply = reply.header(CACHE_CONTROL, NO_STORE).header(VARY, LOOKED_AT);
            reply.bytes(HTML, html.into()).into()
        }
        Content::Steady { html, hash } => {
            reply = reply.header(CACHE_CONTROL, ASK_FIRST).header(VARY, LOOKED_AT);
            reply = reply.header(ETAG, format!("\"{hash}\""));
            if is_known { reply.into() } else { reply.bytes(HTML, html.into()).into() }
        }
        Content::Text(text) => reply.header(CACHE_CONTROL, FOR_A_DAY).bytes(TEXT, text.into()).into(),
        Content::File(file) => {
            reply = saved(reply, &file.name);
            reply.bytes(HeaderValue::from_static(file.media_type), file.text.into()).into()
        }
        Content::Lines(lines) => {
            reply = saved(reply, &lines.name);
            reply = reply.header(CONTENT_TYPE, HeaderValue::from_static(lines.media_type));
            reply.stream(Stored::made(lines.pieces)).into()
        }
        Content::Nothing => reply.header(CACHE_CONTROL, NO_STORE).into(),
    }
}

/// A file that is made for who asks, and never a page of this origin.
fn saved(reply: Reply, name: &str) -> Reply {
    let disposition = format!("attachment; filename=\"{name}\"");
    reply.header(CACHE_CONTROL, NO_STORE).header(CONTENT_DISPOSITION, disposition)
}

/// What a browser is told to keep; `None` where there are no sessions.
fn kept(cookie: &SetCookie, head: &Head<'_>) -> Option<HeaderValue> {
    match cookie {
        SetCookie::Session(session) => sessions::set(&head.public_url, session),
        SetCookie::Form(secret) => sessions::keep(head, "form", secret, FORM_SECS),
        SetCookie::LogIn(pending) => {
            let (text, secs) = pending.as_deref().map_or(("", 0), |text| (text, LOG_IN_SECS));
            sessions::keep(head, "log-in", text, secs)
        }
        SetCookie::Theme(theme) => sessions::keep(head, "theme", theme.as_str(), LOOK_SECS),
        SetCookie::Language(language) => sessions::keep(head, "language", language.as_str(), LOOK_SECS),
        SetCookie::Keys(on) => sessions::keep(head, "keys", if *on { "on" } else { "off" }, LOOK_SECS),
    }
}
