use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ::http::header::X_CONTENT_TYPE_OPTIONS;
use ::http::{HeaderMap, HeaderValue, Method, StatusCode, request};
use api::Fault;
use auth::{Audience, Authenticator};
use domain::{AuditView, CallerGate, Gate, Organisation, Origin, RequestId};
use storage::{Directory, Storage};
use tokio::sync::Semaphore;

use crate::body::{Body, Rest};
use crate::budgets::Budgets;
use crate::challenge;
use crate::config::{FrontendConfig, secs};
use crate::entrance::Entrance;
use crate::forwarded::Arrival;
use crate::head::Head;
use crate::health;
use crate::hosts;
use crate::management::{Management, failed};
use crate::metrics::{Metrics, Operation, ServiceMetrics};
use crate::pipeline::Pipeline;
use crate::problem::problem;
use crate::protocols::{Mounted, all};
use crate::public_url::PublicUrl;
use crate::reply::{Reply, Response};
use crate::server::connections::Connections;
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
    pub organisation: Vec<Box<str>>,
}

/// The whole HTTP side of the gateway: the list of protocols and the rooms beside them.
pub struct Frontend {
    pub(crate) config: FrontendConfig,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) budgets: Arc<Budgets>,
    pub(crate) connections: Arc<Connections>,
    pipeline: Pipeline,
    protocols: Vec<(Mounted, ServiceMetrics)>,
    management: Management,
    setup: Option<Setup>,
    organisation: Vec<Box<str>>,
    rooms: Rooms,
    draining: Semaphore,
    ids: RequestIds,
    stopping: AtomicBool,
}

/// Counters of what is no protocol.
struct Rooms {
    token: ServiceMetrics,
    api: ServiceMetrics,
    setup: ServiceMetrics,
    own: ServiceMetrics,
}

/// Ids of requests: a counter that began at a random number, scrambled so that neighbours look unlike.
struct RequestIds(AtomicU64);

/// A protocol with its counters, and the head as it is to see it.
type Place<'a, 'b> = (&'a (Mounted, ServiceMetrics), Head<'b>);

/// An answer and where to count it.
pub(crate) struct Answered<'a> {
    pub(crate) response: Response,
    pub(crate) counted: &'a ServiceMetrics,
    pub(crate) operation: Operation,
}

impl Frontend {
    /// Puts the parts together. Nothing listens yet.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        Self::with(parts, all())
    }

    /// As [`Self::new`], with other protocols than the list's.
    pub(crate) fn with(parts: Parts, protocols: Vec<Mounted>) -> Arc<Self> {
        let Parts { storage, directory, gate, authenticator, metrics, config, setup, organisation } = parts;
        let budgets = Budgets::new(&config, &metrics);
        let others = [("changes", directory.budget()), ("passwords", authenticator.budget())];
        for (name, budget) in storage.budgets().into_iter().chain(others) {
            metrics.watch(name, budget);
        }
        let entrance = Entrance { gate, authenticator, metrics: Arc::clone(&metrics) };
        let trusted = config.trusted_proxies.clone();
        let connections = Connections::new(&budgets, Arc::clone(&metrics), trusted);
        let longest = secs(config.timeouts.request_secs_max);
        let protocols = protocols.into_iter().map(|mounted| {
            let counted = metrics.service(mounted.name);
            (mounted, counted)
        });
        Arc::new(Self {
            protocols: protocols.collect(),
            pipeline: Pipeline { entrance, storage, limits: config.limits.clone(), longest },
            management: Management::new(directory),
            setup,
            organisation,
            rooms: Rooms::new(&metrics),
            draining: Semaphore::new(config.refused.requests_max.min(Semaphore::MAX_PERMITS)),
            ids: RequestIds::new(),
            stopping: AtomicBool::new(false),
            budgets,
            connections,
            metrics,
            config,
        })
    }

    /// An id for one more request.
    pub(crate) fn next_id(&self) -> RequestId {
        self.ids.next()
    }

    /// From now on `/readyz` says that nothing new should be sent here.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Answers, with what every answer says, and what browsers of other origins are told.
    pub(crate) async fn answer(
        &self,
        parts: &request::Parts,
        body: &mut Body,
        arrival: &Arrival<'_>,
        origin: &Arc<Origin>,
    ) -> Answered<'_> {
        let browsers = &self.config.browsers;
        let place = self.protocol_at(parts, arrival);
        let open = browsers.any() && (parts.uri.path() == "/v2/token" || place.is_some());
        let preflight = browsers.preflight(parts).filter(|_| open);
        let mut answered = match preflight {
            Some(response) => Answered { response, counted: &self.rooms.own, operation: Operation::Open },
            None => self.asked(place, parts, body, arrival, origin).await,
        };
        if open {
            browsers.open(parts, &mut answered.response);
        }
        answered.response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        answered
    }

    /// Finds who answers and lets them; `place` is the protocol at the address, unless something else has that.
    async fn asked<'a>(
        &'a self,
        place: Option<Place<'a, '_>>,
        parts: &request::Parts,
        body: &mut Body,
        arrival: &Arrival<'_>,
        origin: &Arc<Origin>,
    ) -> Answered<'a> {
        let path = parts.uri.path();
        let head = |mount, below| head(parts, arrival.public_url(parts), mount, below);
        let (response, counted) = match path {
            "/v2/token" => {
                let head = head("/v2", "/token");
                (Box::pin(token::serve(&self.pipeline.entrance, head, body, origin)).await, &self.rooms.token)
            }
            "/livez" | "/readyz" | "/metrics" => {
                (Box::pin(self.own(path, parts, origin)).await, &self.rooms.own)
            }
            "/v1/_ping" | "/v1/search" => (version_one(), &self.rooms.own),
            "/api/v1/setup" => {
                (Box::pin(self.set_up(head("/api", "/v1/setup"), body, origin)).await, &self.rooms.setup)
            }
            _ => match place {
                Some(((mounted, counted), head)) => {
                    let (response, operation) = mounted.serve(head, body, &self.pipeline, origin).await;
                    return Answered { response, counted, operation };
                }
                None => match path.strip_prefix("/api").filter(|below| below.starts_with('/')) {
                    Some(below) => {
                        (Box::pin(self.manage(head("/api", below), body, origin)).await, &self.rooms.api)
                    }
                    None => (nothing_here(), &self.rooms.own),
                },
            },
        };
        Answered { response, counted, operation: Operation::Open }
    }

    /// The protocol at an address, and the head as the protocol is to see it: by path, else by a host of Space's form.
    fn protocol_at<'a>(&self, parts: &'a request::Parts, arrival: &Arrival<'a>) -> Option<Place<'_, 'a>> {
        let path = parts.uri.path();
        let asked = arrival.asked_host(parts);
        let (host, url) = (asked.unwrap_or_default(), arrival.reached_as(parts, asked));
        let foreign = |named: &str| !self.organisation.iter().any(|ours| ours.eq_ignore_ascii_case(named));
        for place in &self.protocols {
            if let Some(below) = place.0.below(path) {
                let mut head = head(parts, url, place.0.mount, below);
                head.foreign = hosts::registry(host, head.public_url.authority()).is_some_and(foreign);
                return Some((place, head));
            }
        }
        self.protocols.iter().find_map(|place| {
            let prefix = place.0.space_host?;
            let form = hosts::packages(host, prefix, path)?;
            let mut head = head(parts, url, form.mount, form.below);
            head.foreign = foreign(form.organisation);
            let (scheme, public) = (head.public_url.scheme(), head.public_url.authority());
            if head.public_url.believed().is_ok() && hosts::belongs(host, prefix, public) {
                head.public_url = PublicUrl::Asked { scheme, authority: host };
            } else if !host.eq_ignore_ascii_case(public) {
                // Links lead to the address that is known to be ours.
                head.mount = place.0.mount;
            }
            Some((place, head))
        })
    }

    /// Reads what is left of a body, within the bounds on that.
    pub(crate) async fn drain(&self, body: &mut Body) -> Rest {
        if !body.has_more() {
            return Rest::Gone;
        }
        let refused = &self.config.refused;
        let place = self.draining.try_acquire();
        let worth_it = place.is_ok() && body.declared_bytes().is_none_or(|more| more <= refused.bytes_max);
        let bytes_max = if worth_it { refused.bytes_max } else { 0 };
        body.drain(bytes_max, secs(refused.secs_max)).await
    }

    async fn admit(
        &self,
        headers: &HeaderMap,
        origin: &Arc<Origin>,
    ) -> Result<(CallerGate, auth::Presented), auth::AuthError> {
        let admitted = self.pipeline.entrance.admit(headers, origin, Audience::Other).await?;
        Ok((admitted.gate, admitted.presented))
    }

    async fn manage(&self, head: Head<'_>, body: &mut Body, origin: &Arc<Origin>) -> Response {
        if let Some(open) = self.management.open(&head) {
            return open;
        }
        let caller = self.admit(head.headers, origin).await;
        if let Ok((gate, _)) = &caller
            && gate.caller().is_authenticated()
            && let Err(exceeded) = body.charge_administration(gate.client()).await
        {
            return failed(&Fault::Storage(exceeded.into()), origin.request);
        }
        self.management.serve(head, body, caller, origin.request).await
    }

    async fn set_up(&self, head: Head<'_>, body: &mut Body, origin: &Arc<Origin>) -> Response {
        if let Err(exceeded) = body.charge_administration(domain::Client::at(origin.address)).await {
            return failed(&Fault::Storage(exceeded.into()), origin.request);
        }
        match &self.setup {
            Some(setup) => setup.serve(head, body, origin).await,
            None => nothing_here(),
        }
    }

    /// Health and metrics.
    async fn own(&self, path: &str, parts: &request::Parts, origin: &Arc<Origin>) -> Response {
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            let allow = HeaderValue::from_static("GET, HEAD");
            let reply = problem(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", "ask with GET or HEAD");
            return reply.header(::http::header::ALLOW, allow).into();
        }
        match path {
            "/livez" => health::alive(),
            "/readyz" => {
                let stopping = self.stopping.load(Ordering::Relaxed);
                health::ready(&self.pipeline.storage.ready().await, stopping)
            }
            _ => self.metrics_for(&parts.headers, origin).await,
        }
    }

    /// `/metrics` of the main listener: for who may see the events of the organisation.
    async fn metrics_for(&self, headers: &HeaderMap, origin: &Arc<Origin>) -> Response {
        let status = match self.admit(headers, origin).await {
            Err(error) => challenge::auth_status(&error),
            Ok((gate, _)) => match gate.check::<AuditView, Organisation>(Organisation) {
                Ok(_) => return self.exposition().await,
                Err(denied) => (challenge::status(&denied), None),
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

fn nothing_here() -> Response {
    problem(StatusCode::NOT_FOUND, "Not found", "there is nothing at this address").into()
}

/// What `docker search` and `docker login` of long ago ask. The client shows the status alone, people with `curl` the words.
fn version_one() -> Response {
    let words = "`docker search` speaks version 1 of the registry's protocol, which is not served here; `GET /v2/_catalog` with \
                 a log-in lists the images that you may pull";
    problem(StatusCode::NOT_IMPLEMENTED, "Not implemented", words).into()
}

impl Rooms {
    fn new(metrics: &Metrics) -> Self {
        Self {
            token: metrics.service("token"),
            api: metrics.service("api"),
            setup: metrics.service("setup"),
            own: metrics.service("own"),
        }
    }
}

impl RequestIds {
    fn new() -> Self {
        let mut seed = [0; 8];
        // Without random numbers ids begin at a fixed one: they are names, not secrets.
        let _ = getrandom::fill(&mut seed);
        Self(AtomicU64::new(u64::from_ne_bytes(seed)))
    }

    /// The output function of SplitMix64, a bijection: no id repeats before all were used.
    fn next(&self) -> RequestId {
        let mut id = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        id = (id ^ id >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        id = (id ^ id >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        RequestId(id ^ id >> 31)
    }
}
