use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use api::{Code, DirectTokens, Fault, Hooks, Identities, Rates};
use auth::{Audience, Authenticator, Credentials};
use console::Console;
use domain::{AuditView, CallerGate, Gate, NodeName, Organisation};
use edge::http::accept;
use edge::{Arrival, Body, Edge, PublicUrl, Request, charge_reply};
use http::header::{RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, Method, StatusCode, request};
use storage::{Directory, Storage};

use crate::challenge;
use crate::config::{AuditSettings, FrontendConfig};
use crate::console::{ConsoleParts, Pages};
use crate::cors::Browsers;
use crate::credential_intake::CredentialIntake;
use crate::downloads::Downloads;
use crate::exchange::Dialect;
use crate::head::Head;
use crate::health;
use crate::hosts;
use crate::management::{Management, failed};
use crate::metrics::{Metrics, Operation, ServiceMetrics};
use crate::names::OurNames;
use crate::pipeline::Pipeline;
use crate::problem::{busy, problem};
use crate::protocols::{Mounted, all};
use crate::record::{FirstUses, Record};
use crate::reply::{Reply, Response};
use crate::sessions;
use crate::setup::Setup;
use crate::token;

/// What the frontend is built from.
pub struct Parts {
    /// Bytes and names.
    pub storage: Storage,
    /// Administration.
    pub directory: Directory,
    /// The one mint of proofs; its observer should be `metrics`.
    pub gate: Gate,
    /// Who is calling.
    pub authenticator: Arc<Authenticator>,
    /// Counters, shared with the gate's observer.
    pub metrics: Arc<Metrics>,
    /// Bounds and addresses.
    pub config: FrontendConfig,
    /// The first administrator's room; `None` once there is one.
    pub setup: Option<Setup>,
    /// Name and aliases of the organisation, as addresses of Space's forms name it.
    pub organisation: Arc<OurNames>,
    /// What webhooks need besides storage.
    pub hooks: Hooks,
    /// What machine identities need besides storage.
    pub identities: Identities,
}

/// The whole HTTP side of the gateway: the list of protocols and the rooms beside them.
pub struct Frontend {
    pub(crate) edge: Arc<Edge>,
    pages: Pages,
    metrics: Arc<Metrics>,
    browsers: Browsers,
    pipeline: Pipeline,
    protocols: Vec<(Mounted, ServiceMetrics)>,
    management: Management,
    setup: Option<Setup>,
    organisation: Arc<OurNames>,
    endpoints: EndpointMetrics,
    stopping: AtomicBool,
    audit: AuditSettings,
    first_uses: FirstUses,
}

/// Counters of what is no protocol.
struct EndpointMetrics {
    token: ServiceMetrics,
    api: ServiceMetrics,
    console: ServiceMetrics,
    setup: ServiceMetrics,
    own: ServiceMetrics,
}

/// A protocol with its counters, and the head as it is to see it.
type Matched<'a, 'b> = (&'a (Mounted, ServiceMetrics), Head<'b>);

/// An answer and where to count it.
struct Answered<'a> {
    response: Response,
    counted: &'a ServiceMetrics,
    operation: Operation,
}

impl<'a> Answered<'a> {
    /// An answer that no protocol gives.
    const fn by(response: Response, counted: &'a ServiceMetrics) -> Self {
        Self { response, counted, operation: Operation::Open }
    }
}

impl Frontend {
    /// Puts the parts together. Nothing listens yet.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        Self::with(parts, all())
    }

    /// As [`Self::new`], with other protocols than the list's.
    pub(crate) fn with(parts: Parts, protocols: Vec<Mounted>) -> Arc<Self> {
        let direct = Arc::new(DirectTokens::new(parts.directory.clone(), parts.identities.clone()));
        let Parts { storage, directory, gate, authenticator, metrics, config, setup, organisation, .. } =
            parts;
        let FrontendConfig { edge, limits, browsers, audit, rates } = config;
        let rates = Rates::new(&rates, Arc::clone(&parts.identities.clock));
        for (name, rate) in rates.watched() {
            metrics.edge.watch_rate(name, rate);
        }
        let besides = (parts.hooks, parts.identities, rates);
        let edge = Edge::new(edge, Arc::clone(&metrics.edge));
        let others = [
            ("changes", directory.budget()),
            ("passwords", authenticator.budget()),
            ("identity_tokens", authenticator.identity_token_budget()),
        ];
        for (name, budget) in storage.budgets().into_iter().chain(others) {
            metrics.edge.watch(name, budget);
        }
        let key_headers = protocols.iter().filter_map(|mounted| mounted.key_header.clone()).collect();
        let credential_intake = CredentialIntake {
            gate,
            authenticator: Arc::clone(&authenticator),
            direct,
            metrics: Arc::clone(&metrics),
            key_headers,
        };
        let longest = edge.config().timeouts.longest_request();
        let house = shelf::House::new(storage.clone());
        let descriptors: Vec<_> = protocols.iter().map(|mounted| mounted.of).collect();
        let protocols = protocols.into_iter().map(|mounted| {
            let counted = metrics.service(mounted.name);
            (mounted, counted)
        });
        Arc::new(Self {
            protocols: protocols.collect(),
            pipeline: Pipeline { credential_intake, house: house.clone(), storage, limits, longest },
            management: Management::new(directory, authenticator, house, descriptors, besides),
            pages: Pages::default(),
            setup,
            organisation,
            endpoints: EndpointMetrics::new(&metrics),
            stopping: AtomicBool::new(false),
            audit,
            first_uses: FirstUses::new(),
            browsers,
            edge,
            metrics,
        })
    }

    /// The answer, counted and logged.
    pub(crate) async fn answer(&self, request: &Request<'_>, body: &mut Body) -> Response {
        let mut record = Record::new(Arc::clone(request.origin), self.audit);
        let mut answered = match self.unaudited(request) {
            Some(response) => Answered::by(response, &self.endpoints.own),
            None => self.answered(request, body, &mut record).await,
        };
        if let Err(exceeded) = charge_reply(answered.response.body_mut(), body).await {
            answered.response = busy(exceeded).into();
        }
        let (status, took) = (answered.response.status(), request.begun.elapsed());
        answered.counted.answered(answered.operation, status.as_u16(), took);
        let names = &self.pipeline.credential_intake.authenticator;
        record.told(names, |asker| edge::log::answered(request, status, took, asker));
        record.counted(self.pipeline.storage.usage(), &mut answered.response);
        record.noted(self.pipeline.storage.audit(), &self.first_uses, &answered.response);
        answered.response
    }

    /// What is answered while the audit cannot be told of a request, if nothing may go past it.
    fn unaudited(&self, request: &Request<'_>) -> Option<Response> {
        let path = request.parts.uri.path();
        let goes_past = !self.audit.strict || matches!(path, "/livez" | "/readyz" | "/metrics");
        if goes_past || self.pipeline.storage.audit().has_room() {
            return None;
        }
        let detail =
            "too much waits to be written to the audit, and nothing is served that it is not told of";
        if path.starts_with("/api/") {
            let fault = Fault::Told(Code::AuditUnavailable, detail.into());
            return Some(failed(&fault, request.origin.request));
        }
        let reply = problem(StatusCode::SERVICE_UNAVAILABLE, Code::AuditUnavailable.title(), detail);
        Some(reply.header(RETRY_AFTER, HeaderValue::from(challenge::RETRY_SECS)).into())
    }

    /// From now on `/readyz` says that nothing new should be sent here.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Answers, with what every answer says, and what browsers of other origins are told.
    async fn answered(&self, request: &Request<'_>, body: &mut Body, record: &mut Record) -> Answered<'_> {
        let Request { parts, arrival, .. } = *request;
        let browsers = &self.browsers;
        let matched = self.protocol_at(parts, arrival);
        let open = browsers.any() && (parts.uri.path() == "/v2/token" || matched.is_some());
        let preflight = browsers.preflight(parts).filter(|_| open);
        let mut answered = match preflight {
            Some(response) => Answered::by(response, &self.endpoints.own),
            None => self.asked(matched, request, body, record).await,
        };
        if open {
            browsers.open(parts, &mut answered.response);
        }
        answered.response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        answered
    }

    /// Finds who answers and lets them; `matched` is the protocol at the address, unless something else has that.
    async fn asked<'a>(
        &'a self,
        matched: Option<Matched<'a, '_>>,
        request: &Request<'_>,
        body: &mut Body,
        record: &mut Record,
    ) -> Answered<'a> {
        let Request { parts, arrival, .. } = *request;
        let path = parts.uri.path();
        let head = |mount, below| head(parts, arrival.public_url(parts), mount, below);
        let (response, counted) = match path {
            "/v2/token" => {
                let head = head("/v2", "/token");
                (
                    Box::pin(token::serve(&self.pipeline.credential_intake, head, body, record)).await,
                    &self.endpoints.token,
                )
            }
            "/livez" | "/readyz" | "/metrics" => {
                (Box::pin(self.own(path, parts, record)).await, &self.endpoints.own)
            }
            "/v1/_ping" | "/v1/search" => (version_one(), &self.endpoints.own),
            "/api/v1/setup" => {
                (Box::pin(self.set_up(head("/api", "/v1/setup"), body, record)).await, &self.endpoints.setup)
            }
            _ => match matched {
                Some(((mounted, counted), head)) => {
                    let (response, operation) = mounted.serve(head, body, &self.pipeline, record).await;
                    return Answered { response, counted, operation };
                }
                None if Console::has(path) || explains_to_people(parts) => {
                    (Box::pin(self.console(head("", path), body, record)).await, &self.endpoints.console)
                }
                None => match path.strip_prefix("/api").filter(|below| below.starts_with('/')) {
                    Some(below) => {
                        (Box::pin(self.manage(head("/api", below), body, record)).await, &self.endpoints.api)
                    }
                    None => (nothing_here(), &self.endpoints.own),
                },
            },
        };
        Answered::by(response, counted)
    }

    /// The protocol at an address, and the head as the protocol is to see it: by path, else by a host of Space's form.
    fn protocol_at<'a>(&self, parts: &'a request::Parts, arrival: &Arrival<'a>) -> Option<Matched<'_, 'a>> {
        let path = parts.uri.path();
        let asked = arrival.asked_host(parts);
        let (host, url) = (asked.unwrap_or_default(), arrival.public_url_for(parts, asked));
        let foreign = |named: &str| !self.organisation.has(named);
        for matched in &self.protocols {
            if let Some(below) = matched.0.below(path) {
                let mut head = head(parts, url, matched.0.of.known.mount, below);
                head.foreign = hosts::registry(host, head.public_url.authority()).is_some_and(foreign);
                return Some((matched, head));
            }
        }
        self.protocols.iter().find_map(|matched| {
            let prefix = matched.0.space_host?;
            let form = hosts::packages(host, prefix, path)?;
            let mut head = head(parts, url, form.mount, form.below);
            head.foreign = foreign(form.organisation);
            let (scheme, public) = (head.public_url.scheme(), head.public_url.authority());
            if head.public_url.believed().is_ok() && hosts::belongs(host, prefix, public) {
                head.public_url = PublicUrl::Asked { scheme, authority: host };
            } else if !host.eq_ignore_ascii_case(public) {
                // Links lead to the address that is known to be ours.
                head.mount = matched.0.of.known.mount;
            }
            Some((matched, head))
        })
    }

    async fn admit(
        &self,
        headers: &HeaderMap,
        record: &mut Record,
        audience: Audience,
    ) -> Result<(CallerGate, auth::Presented), auth::AuthError> {
        let admitted = self.pipeline.credential_intake.admit(headers, record, audience).await?;
        Ok((admitted.gate, admitted.presented))
    }

    async fn manage(&self, head: Head<'_>, body: &mut Body, record: &mut Record) -> Response {
        if let Some(open) = self.management.open(&head) {
            return open;
        }
        if let Some(dialect) = Dialect::of(&head) {
            return self.exchange(dialect, head, body, record).await;
        }
        if let Err(fault) = self.management.reach(&head).await {
            return failed(&fault, record.origin.request);
        }
        let caller = self.admit_anybody(&head, record).await;
        // Of what is for anybody strangers are charged by their address.
        if let Ok((gate, _)) = &caller
            && let Err(exceeded) = body.charge_administration(gate.client()).await
        {
            return failed(&Fault::from(storage::Fault::from(exceeded)), record.origin.request);
        }
        self.management.serve(head, body, caller, record).await
    }

    /// Lets in who asks the management: by credentials, or by the cookie of a session, which goes for nothing beside them.
    async fn admit_anybody(
        &self,
        head: &Head<'_>,
        record: &mut Record,
    ) -> Result<(CallerGate, auth::Presented), Fault> {
        let shown = sessions::shown(head)?;
        sessions::admissible(head, shown.is_some())?;
        let credential_intake = &self.pipeline.credential_intake;
        let credentials = match (shown, credential_intake.read(head.headers, record)?) {
            (Some(text), Credentials::None) => Credentials::Session(text),
            (None, credentials) => credentials,
            (Some(_), _) => {
                let detail = "a session's cookie and other credentials came together: send one of them";
                return Err(Fault::Told(Code::Malformed, detail.into()));
            }
        };
        let admitted = credential_intake.admit_by(credentials, record, Audience::Administration).await?;
        Ok((admitted.gate, admitted.presented))
    }

    /// A machine shows its token in the words of others: whatever else comes along is not looked at.
    async fn exchange(
        &self,
        dialect: Dialect,
        head: Head<'_>,
        body: &mut Body,
        record: &mut Record,
    ) -> Response {
        let gate = match self.admit(&HeaderMap::new(), record, Audience::Management).await {
            Ok((gate, _)) => gate,
            Err(error) => return failed(&error.into(), record.origin.request),
        };
        if let Err(exceeded) = body.charge_administration(gate.client()).await {
            return failed(&Fault::from(storage::Fault::from(exceeded)), record.origin.request);
        }
        dialect.serve(&self.management, &gate, head, body, record).await
    }

    async fn console(&self, head: Head<'_>, body: &mut Body, record: &mut Record) -> Response {
        let parts = ConsoleParts {
            pages: &self.pages,
            credential_intake: &self.pipeline.credential_intake,
            management: &self.management,
            setup: self.setup.as_ref(),
            organisation: &self.organisation,
            audit: self.audit,
            downloads: Downloads { protocols: &self.protocols, pipeline: &self.pipeline },
        };
        parts.serve(head, body, record).await
    }

    async fn set_up(&self, head: Head<'_>, body: &mut Body, record: &mut Record) -> Response {
        let origin = &record.origin;
        if let Err(exceeded) = body.charge_administration(domain::Client::at(origin.address)).await {
            return failed(&Fault::from(storage::Fault::from(exceeded)), origin.request);
        }
        match &self.setup {
            Some(setup) => setup.serve(head, body, record).await,
            None => nothing_here(),
        }
    }

    /// Health and metrics.
    async fn own(&self, path: &str, parts: &request::Parts, record: &mut Record) -> Response {
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            let allow = HeaderValue::from_static("GET, HEAD");
            let reply = problem(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", "ask with GET or HEAD");
            return reply.header(http::header::ALLOW, allow).into();
        }
        match path {
            "/livez" => health::alive(),
            "/readyz" => {
                let stopping = self.stopping.load(Ordering::Relaxed);
                health::ready(&self.pipeline.storage.ready().await, stopping)
            }
            _ => self.metrics_for(&parts.headers, record).await,
        }
    }

    /// `/metrics` of the main listener: for who may see the events of the organisation.
    async fn metrics_for(&self, headers: &HeaderMap, record: &mut Record) -> Response {
        let status = match self.admit(headers, record, Audience::Management).await {
            Err(error) => challenge::auth_status(&error),
            Ok((gate, _)) => match gate.check::<AuditView, Organisation>(Organisation) {
                Ok(_) => return self.exposition().await,
                Err(denied) => {
                    record.denied(&gate, &denied, Some(NodeName::Organisation));
                    (challenge::status(&denied), None)
                }
            },
        };
        crate::problem::refused(status, "audit-view on the organisation is needed to read the metrics").into()
    }

    /// What the metrics say, for whoever got this far.
    pub(crate) async fn exposition(&self) -> Response {
        const TYPE: HeaderValue =
            HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
        let storage = &self.pipeline.storage;
        let (ready, room) = (storage.ready().await, storage.room());
        self.metrics.health.found(&ready, room, self.management.unstored());
        self.metrics.health.damaged(storage.damage());
        self.metrics.audit.found(storage.audit().counts());
        self.metrics.usage.found(storage.usage().counted());
        Reply::new(StatusCode::OK).bytes(TYPE, self.metrics.exposition().into()).into()
    }
}

fn head<'a>(parts: &'a request::Parts, public_url: PublicUrl<'a>, mount: &'a str, path: &'a str) -> Head<'a> {
    Head {
        method: &parts.method,
        mount,
        foreign: false,
        path,
        query: parts.uri.query(),
        headers: &parts.headers,
        public_url,
    }
}

/// Whether a browser follows the `type` of a problem: people get a page, programs a line.
fn explains_to_people(parts: &request::Parts) -> bool {
    parts.uri.path().starts_with("/api/problems/")
        && accept::prefers(&parts.headers, "text/html", "text/plain")
}

fn nothing_here() -> Response {
    problem(StatusCode::NOT_FOUND, "Not found", "there is nothing at this address").into()
}

/// What `docker search` and `docker login` of long ago ask. The client shows the status alone, people with `curl` the words.
fn version_one() -> Response {
    let words = "`docker search` speaks version 1 of the registry's protocol, which is not served here; `GET /v2/_catalog` with \
                 a log-in lists the images that you may pull";
    problem(StatusCode::NOT_IMPLEMENTED, "Not implemented", words).into()
}

impl EndpointMetrics {
    fn new(metrics: &Metrics) -> Self {
        Self {
            token: metrics.service("token"),
            api: metrics.service("api"),
            setup: metrics.service("setup"),
            console: metrics.service("console"),
            own: metrics.service("own"),
        }
    }
}

#[cfg(test)]
mod tests;
