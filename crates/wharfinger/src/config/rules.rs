//! What must hold between keys before anything is opened.

use storage::DatabaseConfig;

use crate::config::problem::{Location, Problem, Problems};
use crate::config::{Config, DataMode, SECTIONS};
use crate::error::with_causes;

pub(super) fn check(config: &Config) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let mut say = |message: String| problems.add(Problem::new(Location::Settings, message));
    if let Some(message) = beyond_loopback(config) {
        say(message);
    }
    if config.tls.certificate_file.is_some() != config.tls.key_file.is_some() {
        say("tls.certificate_file and tls.key_file must be set together".to_owned());
    }
    if config.log.level.parse::<tracing_subscriber::EnvFilter>().is_err() {
        say("log.level is not a level such as `info` or `info,storage=debug`".to_owned());
    }
    if let Err(error) = config.auth_limits().check() {
        say(format!("auth: {}", with_causes(&error)));
    }
    numbers(config, &mut say);
    if config.metrics.listen.is_some_and(|listen| listen == config.server.listen && listen.port() != 0) {
        say("metrics.listen must differ from server.listen".to_owned());
    }
    if config.server.mode == DataMode::Disk && config.server.data.as_os_str().is_empty() {
        say("server.data must name a directory".to_owned());
    }
    problems.or(())
}

/// Bounds of 0 that mean something; every other one would stop the gateway from working.
const MAY_BE_ZERO: [&str; 7] = [
    "refused_bodies.bytes_max",
    "refused_bodies.secs_max",
    "storage.small_blob_bytes_max",
    "storage.content_cache_bytes_max",
    "storage.names_cache_bytes_max",
    "storage.documents_cache_bytes_max",
    "storage.lists_cache_bytes_max",
];
/// hyper reads heads into a buffer of at least this size.
const HEADER_BYTES_MIN: usize = 8192;
/// A day: longer than any request, and than any node is away without having to load everything anew.
const ACCESS_CHANGES_KEPT_SECS_MIN: u64 = 24 * 3600;
/// An hour: less, and nobody notices a mistake in time.
const GARBAGE_WINDOW_SECS_MIN: u64 = 3600;
/// Who asks for a layer instead of pushing it relies on what was relied on up to so long before (docs/operations.md 2.1).
const GARBAGE_LEASE_SECS: u64 = 3600;
/// The largest window of HTTP/2 (RFC 9113 §6.9.1).
const WINDOW_BYTES_MAX: u32 = (1 << 31) - 1;

fn numbers(config: &Config, say: &mut impl FnMut(String)) {
    for section in SECTIONS {
        for key in section.keys {
            let name = format!("{}.{}", section.name, key.name);
            let bounds = key.name.ends_with("_max") || key.name.ends_with("_secs");
            let zero = (key.shown)(config).is_some_and(|value| value == "0");
            if zero && bounds && !MAY_BE_ZERO.contains(&name.as_str()) {
                say(format!("{name} must be at least 1"));
            }
        }
    }
    let rules = [
        (
            config.connections.header_bytes_max >= HEADER_BYTES_MIN,
            "connections.header_bytes_max must be at least 8192",
        ),
        (
            config.limits.manifest_bytes_max <= config.storage.content_bytes_max,
            "limits.manifest_bytes_max must be at most storage.content_bytes_max, or a manifest could not be read again",
        ),
        (
            config.storage.database_connections_max >= DatabaseConfig::CONNECTIONS_MIN,
            "storage.database_connections_max must be at least 7: three are kept for administration, two for searches",
        ),
        (
            config.limits.page_rows_default <= config.limits.page_rows_max,
            "limits.page_rows_default must be at most limits.page_rows_max",
        ),
        (
            config.limits.page_rows_max <= domain::Limit::MAX.rows(),
            "limits.page_rows_max must be at most 10000",
        ),
        (
            config.storage.access_changes_kept_secs >= ACCESS_CHANGES_KEPT_SECS_MIN,
            "storage.access_changes_kept_secs must be at least 86400: requests that began before a change are checked against it",
        ),
        (
            config.garbage.window_secs >= GARBAGE_WINDOW_SECS_MIN.max(config.timeouts.request_secs_max),
            "garbage.window_secs must be at least 3600, and at least timeouts.request_secs_max: what is being fetched stays",
        ),
        (
            config.garbage.grace_secs
                >= GARBAGE_LEASE_SECS.saturating_mul(2).saturating_add(config.timeouts.request_secs_max),
            "garbage.grace_secs must be at least 7200 more than timeouts.request_secs_max: what is being pushed stays",
        ),
        (
            config.budgets.stalled_secs < config.budgets.wait_secs_max,
            "budgets.wait_secs_max must be more than budgets.stalled_secs, or who waits is refused before anybody gives way",
        ),
        (
            config.http2.stream_window_bytes <= WINDOW_BYTES_MAX
                && config.http2.connection_window_bytes <= WINDOW_BYTES_MAX,
            "http2 windows have at most 2147483647 bytes",
        ),
    ];
    for (holds, rule) in rules {
        if !holds {
            say(rule.to_owned());
        }
    }
}

/// docs/design.md 3: without a configured address the realm of a challenge would come from whatever `Host` a stranger sends.
fn beyond_loopback(config: &Config) -> Option<String> {
    let server = &config.server;
    let safe =
        server.listen.ip().is_loopback() || server.public_url.is_some() || !server.trusted_proxies.is_empty();
    (!safe).then(|| {
        format!(
            "listening on {listen}, beyond loopback, needs to know the address that clients use: add `--public-url \
             https://HOST` (server.public_url), or, behind a proxy, its network in server.trusted_proxies",
            listen = server.listen
        )
    })
}
