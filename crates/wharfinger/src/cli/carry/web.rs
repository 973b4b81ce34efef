//! Other servers, as packages are read from them: redirects are followed, and what says who one is goes to the server that was named and
//! to nobody else.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, LINK, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use url::{Position, Url};

use crate::cli::client::streaming::{nothing, refusal, whole};
use crate::cli::client::{Client, Trust, basic};
use crate::cli::failure::Failure;
use crate::config::ServerUrl;

mod challenge;

use challenge::Challenge;

/// Most redirects of one request.
const REDIRECTS_MAX: usize = 5;
/// Largest answer of a token endpoint, in bytes.
const TOKEN_BYTES_MAX: usize = 64 << 10;

/// Who one is at the server that packages are taken from.
pub(super) enum Login {
    /// By name and password, or whatever the server takes as one.
    Basic { user: String, secret: String },
    /// By a token alone.
    Token(String),
}

/// Servers that are read from.
pub(super) struct Web {
    home: String,
    login: Option<Login>,
    ca_file: Option<PathBuf>,
    clients: Mutex<HashMap<String, Arc<Client>>>,
    /// What token endpoints gave, by what it is for.
    bearers: Mutex<HashMap<String, HeaderValue>>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) url: &'a Url,
    pub(super) accept: &'a str,
    /// What a bearer has to be for, where the server wants one.
    pub(super) scope: &'a str,
}

impl<'a> Wanted<'a> {
    pub(super) const fn at(url: &'a Url, accept: &'a str) -> Self {
        Self { url, accept, scope: "" }
    }
}

impl Web {
    /// Those reached from this address, logged in there.
    pub(super) fn new(home: &Url, login: Option<Login>, ca_file: Option<PathBuf>) -> Self {
        let home = home.origin().ascii_serialization();
        Self { home, login, ca_file, clients: Mutex::default(), bearers: Mutex::default() }
    }

    /// The gateway, as whoever the command line is there.
    pub(super) fn of_gateway(client: Arc<Client>) -> Self {
        let home = client.server().as_str().to_ascii_lowercase();
        let clients = Mutex::new(HashMap::from([(home.clone(), client)]));
        Self { home, login: None, ca_file: None, clients, bearers: Mutex::default() }
    }

    /// The head of the answer, whatever its status.
    ///
    /// # Errors
    /// Nobody answers, or the redirects lead nowhere.
    pub(super) async fn ask(
        &self,
        method: &Method,
        wanted: Wanted<'_>,
    ) -> Result<Response<Incoming>, Failure> {
        let mut url = wanted.url.clone();
        for _ in 0..=REDIRECTS_MAX {
            let answer = self.ask_one(method, &url, wanted).await?;
            let to = answer.headers().get(LOCATION).filter(|_| is_redirect(answer.status()));
            let Some(to) = to.and_then(|to| to.to_str().ok()) else { return Ok(answer) };
            let next = url.join(to).map_err(|_| Failure::Other(format!("{url} leads to `{to}`")))?;
            if url.scheme() == "https" && next.scheme() != "https" {
                return Err(Failure::Other(format!("{url} leads from https to {next}, which is in clear")));
            }
            url = next;
        }
        Err(Failure::Other(format!("{} leads on and on", wanted.url)))
    }

    /// An answer that is a success.
    ///
    /// # Errors
    /// What the server says instead.
    pub(super) async fn fetch(&self, wanted: Wanted<'_>) -> Result<Response<Incoming>, Failure> {
        let answer = self.ask(&Method::GET, wanted).await?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(named(refusal(answer).await, wanted.url))
    }

    /// A document that is small, whole.
    ///
    /// # Errors
    /// As [`Self::fetch`]; or it is longer than `bytes_max`.
    pub(super) async fn document(&self, wanted: Wanted<'_>, bytes_max: usize) -> Result<Bytes, Failure> {
        let answer = self.fetch(wanted).await?;
        let encoding = answer.headers().get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
        let gzipped = encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case(b"gzip"));
        let body = whole(answer, bytes_max).await;
        let body = if gzipped { body.and_then(|body| expanded(&body, bytes_max)) } else { body };
        body.map_err(|failure| named(failure, wanted.url))
    }

    /// The same, `None` where there is none.
    ///
    /// # Errors
    /// As [`Self::document`].
    pub(super) async fn document_if_there(
        &self,
        wanted: Wanted<'_>,
        bytes_max: usize,
    ) -> Result<Option<Bytes>, Failure> {
        match self.document(wanted, bytes_max).await {
            Ok(document) => Ok(Some(document)),
            Err(Failure::Absent(_)) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn ask_one(
        &self,
        method: &Method,
        url: &Url,
        wanted: Wanted<'_>,
    ) -> Result<Response<Incoming>, Failure> {
        let client = self.client(url)?;
        let is_home = url.origin().ascii_serialization() == self.home;
        let kept = is_home.then(|| self.bearer(wanted.scope)).flatten();
        let answer = client.open(request(method, url, wanted.accept, kept)?).await?;
        if answer.status() != StatusCode::UNAUTHORIZED || !is_home {
            return Ok(answer);
        }
        let lines = answer.headers().get_all(WWW_AUTHENTICATE).iter();
        let challenge = lines.filter_map(|line| Challenge::parse(line.to_str().ok()?)).next();
        let Some(challenge) = challenge else { return Ok(answer) };
        let Some(bearer) = self.fresh_bearer(&challenge, wanted.scope).await? else { return Ok(answer) };
        client.open(request(method, url, wanted.accept, Some(bearer))?).await
    }

    fn bearer(&self, scope: &str) -> Option<HeaderValue> {
        self.bearers.lock().unwrap_or_else(PoisonError::into_inner).get(scope).cloned()
    }

    /// Asks the token endpoint that the server names.
    async fn fresh_bearer(&self, challenge: &Challenge, scope: &str) -> Result<Option<HeaderValue>, Failure> {
        let Ok(mut realm) = Url::parse(&challenge.realm) else { return Ok(None) };
        if let Some(service) = &challenge.service {
            realm.query_pairs_mut().append_pair("service", service);
        }
        if let Some(wanted) = challenge.scope.as_deref().or_else(|| Some(scope).filter(|one| !one.is_empty()))
        {
            realm.query_pairs_mut().append_pair("scope", wanted);
        }
        let client = self.client(&realm)?;
        let login = self.login_at(&realm)?;
        let answer = client.open(request(&Method::GET, &realm, "application/json", login)?).await?;
        if !answer.status().is_success() {
            return Err(named(refusal(answer).await, &realm));
        }
        let document: serde_json::Value =
            serde_json::from_slice(&whole(answer, TOKEN_BYTES_MAX).await?).unwrap_or_default();
        let token = ["token", "access_token"].iter().find_map(|name| document.get(name)?.as_str());
        let Some(token) = token else { return Ok(None) };
        let Ok(mut bearer) = HeaderValue::try_from(format!("Bearer {token}")) else { return Ok(None) };
        bearer.set_sensitive(true);
        let mut bearers = self.bearers.lock().unwrap_or_else(PoisonError::into_inner);
        bearers.insert(scope.to_owned(), bearer.clone());
        Ok(Some(bearer))
    }

    /// Name and password for a token endpoint: where the server itself is, or encrypted at a host of the same domain. A server that
    /// names a realm elsewhere is told nothing.
    fn login_at(&self, realm: &Url) -> Result<Option<HeaderValue>, Failure> {
        let Some(Login::Basic { user, secret }) = &self.login else { return Ok(None) };
        let same = realm.origin().ascii_serialization() == self.home;
        let near = realm.scheme() == "https"
            && Url::parse(&self.home)
                .is_ok_and(|home| domain_of(&home).is_some() && domain_of(&home) == domain_of(realm));
        if same || near { basic((user, secret)).map(Some) } else { Ok(None) }
    }

    /// The client of the server that an address is at.
    fn client(&self, url: &Url) -> Result<Arc<Client>, Failure> {
        let origin = url.origin().ascii_serialization();
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = clients.get(&origin) {
            return Ok(Arc::clone(known));
        }
        let server = ServerUrl::parse(&origin)
            .ok_or_else(|| Failure::Other(format!("{url} is no address of the web")))?;
        let trust: Trust<'_> = self.ca_file.as_deref().into();
        let client = match &self.login {
            Some(Login::Basic { user, secret }) if origin == self.home => {
                Client::by_password(server, (user, secret), trust)?
            }
            Some(Login::Token(token)) if origin == self.home => Client::new(server, Some(token), trust)?,
            _ => Client::new(server, None, trust)?,
        };
        let client = Arc::new(client);
        clients.insert(origin, Arc::clone(&client));
        Ok(client)
    }
}

/// The address of the next page, as `Link` tells it.
pub(super) fn next_page<B>(at: &Url, answer: &Response<B>) -> Option<Url> {
    let lines = answer.headers().get_all(LINK).iter().filter_map(|line| line.to_str().ok());
    let next = lines.filter(|line| line.contains("rel=\"next\"") || line.contains("rel=next"));
    let address =
        next.filter_map(|line| line.split_once('<')?.1.split_once('>').map(|(address, _)| address)).next()?;
    // Of the same place, so that a server cannot lead a walk elsewhere.
    at.join(address).ok().filter(|next| next.origin() == at.origin() && next != at)
}

/// A failure with the address it is about.
pub(super) fn named(failure: Failure, url: &Url) -> Failure {
    let with = |text: String| format!("{url}: {text}");
    match failure {
        Failure::Unauthenticated(text) => Failure::Unauthenticated(with(text)),
        Failure::Refused(text) => Failure::Refused(with(text)),
        Failure::Absent(text) => Failure::Absent(with(text)),
        Failure::Other(text) => Failure::Other(with(text)),
        Failure::Unreachable(text) => Failure::Unreachable(with(text)),
        other => other,
    }
}

/// What was compressed, which some servers send without being asked.
fn expanded(body: &[u8], bytes_max: usize) -> Result<Bytes, Failure> {
    let mut whole = Vec::new();
    let read = GzDecoder::new(body).take((bytes_max as u64).saturating_add(1)).read_to_end(&mut whole);
    read.map_err(|error| Failure::Other(format!("it cannot be expanded: {error}")))?;
    if whole.len() > bytes_max {
        return Err(Failure::Other(format!("an answer is longer than {bytes_max} bytes")));
    }
    Ok(whole.into())
}

fn request(
    method: &Method,
    url: &Url,
    accept: &str,
    authorization: Option<HeaderValue>,
) -> Result<Request<crate::cli::client::streaming::Sent>, Failure> {
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let mut request = Request::builder().method(method).uri(target).header(ACCEPT, accept);
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    request.body(nothing()).map_err(|_| Failure::Other(format!("{url} cannot be asked for")))
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The last two labels of a name; none of an address.
fn domain_of(url: &Url) -> Option<String> {
    let name = url.domain()?;
    let mut labels = name.rsplit('.');
    let (top, second) = (labels.next()?, labels.next()?);
    Some(format!("{second}.{top}"))
}
