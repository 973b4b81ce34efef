//! What must hold between keys before anything is opened.

use crate::config::problem::{Place, Problem, Problems};
use crate::config::{Config, DataMode};
use crate::error::with_causes;

pub(super) fn check(config: &Config) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let mut say = |message: String| problems.add(Problem::new(Place::Settings, message));
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
    if config.metrics.listen.is_some_and(|listen| listen == config.server.listen && listen.port() != 0) {
        say("metrics.listen must differ from server.listen".to_owned());
    }
    if config.server.mode == DataMode::Disk && config.server.data.as_os_str().is_empty() {
        say("server.data must name a directory".to_owned());
    }
    problems.or(())
}

/// Design §3: without a configured address the realm of a challenge would come from whatever `Host` a stranger sends.
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
