//! The configuration: one tree of plain values, each with a default, a line of explanation and, where it is a number, a unit in its name.
//!
//! Later sources win: the defaults, the file of `--config`, variables `WHARFINGER__SECTION__KEY` (or `…_FILE`, which names a
//! file that holds the value), arguments. A key that is not known is an error wherever it stands. This module and those below
//! it are the only readers of files, environment and arguments.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub(crate) mod document;
pub(crate) mod environment;
mod kinds;
mod limits;
mod load;
mod print;
pub(crate) mod problem;
mod rules;
mod setting;

pub use environment::Environment;
pub use kinds::{DataMode, DatabaseUrl, LogFormat, ServerUrl};
pub use problem::{Problem, Problems};

use api::RateLimits;
use auth::AuthLimits;
use domain::Network;
use edge::{BudgetLimits, ConnectionLimits, Http2Limits, RefusedBodies, Timeouts};
use frontend::{AuditSettings, Limits, WebOrigin};
use setting::Setting;
use storage::StorageLimits;

/// Declares the tree: its structs, its defaults, and one list of keys that file, variables and `config print` share.
macro_rules! settings {
    ($(
        $(#[doc = $about:literal])+
        $section:ident: $Section:ident {
            $( $(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:expr; )+
        }
    )+) => {
        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub struct $Section {
                $( $(#[doc = $doc])+ pub $key: $type, )+
            }

            impl Default for $Section {
                fn default() -> Self {
                    Self { $( $key: $default, )+ }
                }
            }
        )+

        /// Everything the gateway can be told. `Config::default()` is what runs without a file.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Config {
            $( $(#[doc = $about])+ pub $section: $Section, )+
            /// Where the secrets that a bootstrap file names are looked up, and the variables above came from.
            pub environment: Environment,
        }

        /// Every key, in the order of the commented file.
        pub(crate) const SECTIONS: &[Section] = &[$(
            Section {
                name: stringify!($section),
                about: &[$($about),+],
                keys: &[$( Key {
                    name: stringify!($key),
                    about: &[$($doc),+],
                    expected: <$type as Setting>::EXPECTED,
                    read: |config, raw| raw.read().map(|value| config.$section.$key = value),
                    shown: |config| config.$section.$key.shown(),
                } ),+],
            }
        ),+];
    };
}

/// A table of the file.
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) about: &'static [&'static str],
    pub(crate) keys: &'static [Key],
}

/// A key of a table.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) about: &'static [&'static str],
    pub(crate) expected: &'static str,
    /// Takes a value over; `None` if it is not what the key expects.
    pub(crate) read: fn(&mut Config, &Raw<'_>) -> Option<()>,
    /// The value as TOML; `None` is not set.
    pub(crate) shown: fn(&Config) -> Option<String>,
}

/// A value as a source gives it.
pub(crate) enum Raw<'a> {
    Toml(&'a toml::de::DeValue<'a>),
    Text(&'a str),
}

impl Raw<'_> {
    fn read<T: Setting>(&self) -> Option<T> {
        match self {
            Self::Toml(value) => T::from_value(value),
            Self::Text(text) => T::from_text(text),
        }
    }
}

settings! {
    /// Where the gateway listens, how clients reach it, where its data is.
    server: Server {
        /// Address and port to listen on. Beyond loopback it needs `public_url` or `trusted_proxies`. Port 0 takes a free one.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080));
        /// The address clients use, such as `https://registry.example.org`: what challenges and links name.
        /// Without it and without a trusted proxy, a listener on loopback answers to `localhost`, names below it, 127.0.0.0/8 and `[::1]` alone.
        public_url: Option<ServerUrl> = None;
        /// Networks whose `Forwarded` and `X-Forwarded-*` headers are believed, such as `10.0.0.0/8`; a proxy there replaces both.
        trusted_proxies: Vec<Network> = Vec::new();
        /// Directory of database, blobs and keys; made with mode 0700 if it is missing.
        data: PathBuf = PathBuf::from("wharfinger-data");
        /// Where that data lives: `disk`, or `memory`, which forgets everything at the end.
        mode: DataMode = DataMode::Disk;
        /// Bootstrap file to apply at every start.
        bootstrap: Option<PathBuf> = None;
    }

    /// TLS; without both files the listener speaks plain HTTP. Both are read again on SIGHUP and when they change.
    tls: Tls {
        /// Certificate chain, PEM, own certificate first.
        certificate_file: Option<PathBuf> = None;
        /// Private key, PEM.
        key_file: Option<PathBuf> = None;
        /// Seconds between looks whether the files changed.
        check_secs: u64 = 5;
    }

    /// What the gateway asks of others: messages of webhooks.
    outbound: Outbound {
        /// Places, as `HOST:PORT`, that requests go to though they are not public, such as `ci.internal:8080`; over plain HTTP too, if the address says so.
        private_targets: Vec<outbound::Place> = Vec::new();
        /// Certificate authorities that are believed besides the machine's, PEM.
        ca_file: Option<PathBuf> = None;
    }

    /// Metrics without a log-in, on a listener of their own.
    metrics: Metrics {
        /// Address and port; not set, `/metrics` needs `audit-view` on the organisation.
        listen: Option<SocketAddr> = None;
    }

    /// The log, on standard error.
    log: Log {
        /// `text` for people or `json` for programs.
        format: LogFormat = LogFormat::Text;
        /// `error`, `warn`, `info`, `debug` or `trace`; also per crate, such as `info,storage=debug`.
        level: String = "info".to_owned();
    }

    /// Log-in: bearers, passwords, failures.
    auth: Auth {
        /// The key ring that seals bearers and upload addresses, the same on all nodes, mode 0600; not set, `keys` in the data directory.
        keys_file: Option<PathBuf> = None;
        /// Seconds a bearer of `/v2/token` lives, 60 to 3600.
        bearer_secs: u64 = AuthLimits::default().bearer_secs;
        /// Whether people may log in with a password; tokens always work.
        password_log_in: bool = AuthLimits::default().password_log_in;
        /// Passwords verified at the same time; each takes a core and 19 MiB.
        passwords_at_once_max: usize = AuthLimits::default().passwords_at_once_max;
        /// Passwords waiting for that, from everywhere.
        passwords_waiting_max: usize = AuthLimits::default().passwords_waiting_max;
        /// Passwords waiting from one address (IPv6: /64).
        passwords_waiting_per_address_max: usize = AuthLimits::default().passwords_waiting_per_address_max;
        /// Verified passwords remembered.
        passwords_verified_max: usize = AuthLimits::default().passwords_verified_max;
        /// Seconds a verified password is remembered at most; a changed one is forgotten at once.
        passwords_verified_secs_max: u64 = AuthLimits::default().passwords_verified_secs_max;
        /// Failures of one name or token from one address before the answer is 429. Valid credentials are never refused for it.
        failures_per_claim_max: u32 = AuthLimits::default().failures_per_claim_max;
        /// Seconds until one such failure is forgiven.
        failures_per_claim_forgiven_secs: u32 = AuthLimits::default().failures_per_claim_forgiven_secs;
        /// Failures of anything from one address before the answer is 429.
        failures_per_address_max: u32 = AuthLimits::default().failures_per_address_max;
        /// Seconds until one such failure is forgiven.
        failures_per_address_forgiven_secs: u32 = AuthLimits::default().failures_per_address_forgiven_secs;
        /// Addresses and names with failures that are remembered at the same time.
        failure_buckets_max: usize = AuthLimits::default().failure_buckets_max;
    }

    /// Bounds in time and rate, all enforced with real timers.
    timeouts: TimeoutSettings {
        /// Seconds for the TLS handshake.
        handshake_secs_max: u64 = Timeouts::default().handshake_secs_max;
        /// Seconds for a request's head, from the moment the connection waits for it.
        header_secs_max: u64 = Timeouts::default().header_secs_max;
        /// Seconds that a connection without a request in flight stays open.
        idle_secs_max: u64 = Timeouts::default().idle_secs_max;
        /// Longest wait for the next bytes of a request body, in seconds.
        body_idle_secs_max: u64 = Timeouts::default().body_idle_secs_max;
        /// Longest wait for the client to take the next bytes of an answer, in seconds.
        write_idle_secs_max: u64 = Timeouts::default().write_idle_secs_max;
        /// Slowest average of uploads and downloads, in bytes per second, counting only time spent waiting for the client; 0 is no bound.
        bytes_per_sec_min: u64 = Timeouts::default().bytes_per_sec_min;
        /// Seconds of waiting allowed beyond what `bytes_per_sec_min` explains.
        slow_grace_secs: u64 = Timeouts::default().slow_grace_secs;
        /// Seconds for a whole request, body and answer included.
        request_secs_max: u64 = Timeouts::default().request_secs_max;
        /// Seconds a connection lives; after it, requests in flight end and no new one begins.
        connection_secs_max: u64 = Timeouts::default().connection_secs_max;
        /// Seconds that requests in flight get to end after SIGTERM.
        drain_secs_max: u64 = Timeouts::default().drain_secs_max;
        /// Seconds after which an upload nobody goes on with is thrown away.
        upload_abandoned_secs: u64 = 24 * 3600;
    }

    /// Bounds on connections.
    connections: Connections {
        /// Open at the same time; beyond it the one that has been idle longest is closed for each new one. At most what the limit of
        /// open files leaves.
        total_max: usize = ConnectionLimits::default().total_max;
        /// Open at the same time from one address (IPv6: /64); beyond it likewise. Trusted proxies are not counted.
        per_address_max: usize = ConnectionLimits::default().per_address_max;
        /// Longest head of a request, in bytes.
        header_bytes_max: usize = ConnectionLimits::default().header_bytes_max;
        /// Most headers of a request.
        headers_max: usize = ConnectionLimits::default().headers_max;
    }

    /// What requests may make the gateway hold at a time: all of them, those of one principal, and those from one address (IPv6: /64)
    /// without a credential. Who wants more waits, and is then refused with 429, or with 503 if it is the bound of all.
    budgets: Budgets {
        /// Requests in flight, from everywhere. At most what the limit of open files leaves.
        requests_total_max: usize = BudgetLimits::default().requests_total_max;
        /// Requests in flight of one principal.
        requests_per_principal_max: usize = BudgetLimits::default().requests_per_principal_max;
        /// Requests in flight from one address.
        requests_per_address_max: usize = BudgetLimits::default().requests_per_address_max;
        /// Bytes of answers that their clients have not taken yet, all together.
        answer_bytes_total_max: u64 = BudgetLimits::default().answer_bytes_total_max;
        /// Bytes of answers for one principal.
        answer_bytes_per_principal_max: u64 = BudgetLimits::default().answer_bytes_per_principal_max;
        /// Bytes of answers for one address.
        answer_bytes_per_address_max: u64 = BudgetLimits::default().answer_bytes_per_address_max;
        /// Bytes of request bodies gathered in memory, such as manifests, all together.
        body_bytes_total_max: u64 = BudgetLimits::default().body_bytes_total_max;
        /// Bytes of request bodies of one principal.
        body_bytes_per_principal_max: u64 = BudgetLimits::default().body_bytes_per_principal_max;
        /// Bytes of request bodies of one address.
        body_bytes_per_address_max: u64 = BudgetLimits::default().body_bytes_per_address_max;
        /// Bytes that connections with uploads may bring before anybody reads them, all together; without a share of it a connection
        /// of HTTP/2 may bring 64 KiB, of HTTP/1 16 KiB.
        window_bytes_total_max: u64 = BudgetLimits::default().window_bytes_total_max;
        /// Such bytes of one principal.
        window_bytes_per_principal_max: u64 = BudgetLimits::default().window_bytes_per_principal_max;
        /// Such bytes of one address.
        window_bytes_per_address_max: u64 = BudgetLimits::default().window_bytes_per_address_max;
        /// Seconds that a request waits for its place before it is refused.
        wait_secs_max: u64 = BudgetLimits::default().wait_secs_max;
        /// Seconds after which a request whose client takes and sends nothing gives way to one that waits.
        stalled_secs: u64 = BudgetLimits::default().stalled_secs;
    }

    /// How often one caller may ask the management below `/api`: who is verified by principal, others by address (IPv6: /64). Beyond it
    /// the answer is 429, with `Retry-After`; `wharfinger_rate_refused_total` says how often. Packages are never counted.
    rates: RateSettings {
        /// Changes at once, after a while of nothing.
        changes_burst_max: u32 = RateLimits::default().changes_burst_max;
        /// Changes a second after that.
        changes_per_sec_max: u32 = RateLimits::default().changes_per_sec_max;
        /// Requests a second that change nothing.
        reads_per_sec_max: u32 = RateLimits::default().reads_per_sec_max;
        /// New projects a minute; a file that is applied is one change, whatever stands in it.
        new_projects_per_minute_max: u32 = RateLimits::default().new_projects_per_minute_max;
        /// Questions a second who could be added to a project.
        candidates_per_sec_max: u32 = RateLimits::default().candidates_per_sec_max;
        /// Callers that are counted at a time, for each of these.
        clients_max: usize = RateLimits::default().clients_max;
    }

    /// Bounds of HTTP/2.
    http2: Http2 {
        /// Requests in flight on one connection.
        streams_max: u32 = Http2Limits::default().streams_max;
        /// Streams that the client reset and we have not yet noticed.
        pending_resets_max: usize = Http2Limits::default().pending_resets_max;
        /// Streams reset for the client's errors before the connection is closed.
        local_resets_max: usize = Http2Limits::default().local_resets_max;
        /// Receive window of a stream, in bytes.
        stream_window_bytes: u32 = Http2Limits::default().stream_window_bytes;
        /// Receive window of a connection with uploads, in bytes, if so much is left of the `budgets.window_bytes` of its client; else it is 64 KiB.
        connection_window_bytes: u32 = Http2Limits::default().connection_window_bytes;
        /// Answer bytes buffered per stream.
        send_buffer_bytes_max: usize = Http2Limits::default().send_buffer_bytes_max;
        /// Seconds between pings on a connection.
        ping_secs: u64 = Http2Limits::default().ping_secs;
        /// Seconds to answer one.
        ping_answer_secs_max: u64 = Http2Limits::default().ping_answer_secs_max;
    }

    /// How much of a refused request body is read and thrown away, so that the client gets to the answer.
    refused_bodies: Refused {
        /// Bytes per request.
        bytes_max: u64 = RefusedBodies::default().bytes_max;
        /// Seconds per request.
        secs_max: u64 = RefusedBodies::default().secs_max;
        /// Requests that do so at the same time; others are cut.
        requests_max: usize = RefusedBodies::default().requests_max;
    }

    /// Bounds on what is stored and listed.
    limits: LimitSettings {
        /// Largest manifest, in bytes; OCI demands at least 4 MiB.
        manifest_bytes_max: u64 = Limits::default().manifest_bytes_max;
        /// Largest blob, in bytes.
        blob_bytes_max: u64 = Limits::default().blob_bytes_max;
        /// Largest NuGet package, in bytes.
        nupkg_bytes_max: u64 = Limits::default().nupkg_bytes_max;
        /// Rows of a list when the client does not say.
        page_rows_default: u32 = Limits::default().page_rows_default;
        /// Most rows of a list.
        page_rows_max: u32 = Limits::default().page_rows_max;
        /// Whether who is not logged in may list the images of public repositories at `/v2/_catalog`.
        anonymous_catalogue: bool = Limits::default().anonymous_catalogue;
    }

    /// User interfaces in browsers that come from other origins (CORS): they may read packages and ask for tokens.
    browsers: BrowserSettings {
        /// Where they come from, such as `https://ui.example.org`; nobody by default.
        origins: Vec<WebOrigin> = Vec::new();
        /// Whether they may delete as well, with credentials that have the right.
        delete: bool = false;
    }

    /// What of the traffic the audit tells; what is administered it always does. How long it is kept is set in the organisation.
    audit: Audit {
        /// Whether each fetch of a package by somebody who is logged in is an event.
        fetches: bool = AuditSettings::default().fetches;
        /// Whether each fetch by whom nobody knows is one too.
        anonymous_fetches: bool = AuditSettings::default().anonymous_fetches;
        /// Whether nothing is served (503) while too much waits to be written, so that nothing is lost; health and metrics are.
        strict: bool = AuditSettings::default().strict;
        /// Log-ins, refusals and transfers that may wait to be written; what finds no room is lost, and counted by
        /// `wharfinger_audit_dropped_total` and an event `audit.lost`.
        queue_events_max: usize = StorageLimits::default().audit_queue_events_max;
    }

    /// Rows and bytes.
    storage: StorageSettings {
        /// A PostgreSQL server, `postgres://USER:PASSWORD@HOST/DATABASE`, best given as a file; not set, SQLite in the data directory.
        database_url: Option<DatabaseUrl> = None;
        /// Connections to that server.
        database_connections_max: u32 = 16;
        /// What content leaves free on the disks it is written to, in bytes, so that administration can still write; less, and it is refused.
        /// Not set, the larger of 64 MiB and 1 % of the file system.
        free_bytes_min: Option<u64> = None;
        /// Uploads being written to at one time; a quarter of them by one principal. Those whose clients are silent do not count.
        uploads_max: usize = StorageLimits::default().uploads_max;
        /// Unfinished uploads of one principal that are kept; with more, those touched longest ago are given up.
        uploads_saved_max: u32 = StorageLimits::default().uploads_saved_max;
        /// Largest content handed out whole, such as a manifest, in bytes.
        content_bytes_max: u64 = StorageLimits::default().content_bytes_max;
        /// Blobs up to this size are served from memory, in bytes.
        small_blob_bytes_max: u64 = StorageLimits::default().small_blob_bytes_max;
        /// Memory for content, in bytes.
        content_cache_bytes_max: u64 = StorageLimits::default().content_cache_bytes_max;
        /// Memory for names that were looked up, in bytes.
        names_cache_bytes_max: u64 = StorageLimits::default().names_cache_bytes_max;
        /// Memory for documents rendered from names, such as lists of versions, in bytes.
        documents_cache_bytes_max: u64 = StorageLimits::default().documents_cache_bytes_max;
        /// Memory for those documents and for those that are no longer kept but still being sent, in bytes.
        documents_bytes_max: u64 = StorageLimits::default().documents_bytes_max;
        /// Memory for the lists of versions that documents are rendered from, in bytes.
        lists_cache_bytes_max: u64 = StorageLimits::default().lists_cache_bytes_max;
        /// Longest search for packages, in milliseconds.
        search_millis_max: u64 = StorageLimits::default().search_millis_max;
        /// Seconds that records of access changes are kept, at least a day; a node that was away for longer loads everything anew.
        access_changes_kept_secs: u64 = StorageLimits::default().access_changes_kept_secs;
        /// Seconds that package events wait for webhooks to be told, and that messages of webhooks are kept.
        events_kept_secs: u64 = StorageLimits::default().events_kept_secs;
    }
    /// What becomes of content that nobody needs any more.
    garbage: Garbage {
        /// Seconds that bytes stay which no repository has any more, before they are removed; at least an hour, and as long as a transfer
        /// may take (`timeouts.request_secs_max`).
        window_secs: u64 = StorageLimits::default().garbage_window_secs;
        /// Seconds that a repository keeps content which no name needs, such as a layer whose manifest never came, since it was last pushed or
        /// asked for by who may push; at least two hours more than a transfer may take.
        grace_secs: u64 = StorageLimits::default().garbage_grace_secs;
    }
}

impl Config {
    /// What runs: the defaults, then the file, then the environment.
    ///
    /// # Errors
    /// Everything that is wrong in either, each with its place.
    pub fn load(file: Option<&Path>, environment: Environment) -> Result<Self, Problems> {
        load::load(file, environment)
    }

    /// For tests: everything in memory, a free port on loopback, an empty environment.
    #[must_use]
    pub fn for_tests() -> Self {
        let mut config = Self::default();
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.server.mode = DataMode::Memory;
        config.log.level = "warn".to_owned();
        // Tests ask as fast as they can; those of the rates set their own.
        config.rates.changes_burst_max = 1_000_000;
        config.rates.changes_per_sec_max = 1_000_000;
        config.rates.reads_per_sec_max = 1_000_000;
        config
    }

    /// As [`Self::for_tests`], on disk in `data`.
    #[must_use]
    pub fn for_tests_in(data: impl Into<PathBuf>) -> Self {
        let mut config = Self::for_tests();
        config.server.mode = DataMode::Disk;
        config.server.data = data.into();
        config
    }

    /// What holds between keys.
    ///
    /// # Errors
    /// Everything that contradicts itself or is not safe.
    pub fn check(&self) -> Result<(), Problems> {
        rules::check(self)
    }

    /// The configuration as TOML, without explanations.
    #[must_use]
    pub fn to_toml(&self) -> String {
        print::plain(self)
    }

    /// The default configuration as a file: every key explained and commented out.
    #[must_use]
    pub fn commented() -> String {
        print::commented()
    }
}

#[cfg(test)]
mod tests;
