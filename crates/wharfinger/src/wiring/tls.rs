//! Certificate and key: read at start, on SIGHUP, and when the files change.

use std::path::Path;
use std::time::{Duration, SystemTime};

use auth::Secret;
use frontend::Tls;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::config;
use crate::error::{StartError, with_causes};

/// What says that a file is another one now.
type Stamp = Option<(SystemTime, u64)>;

/// `None` without TLS.
pub(super) fn load(files: &config::Tls) -> Result<Option<Tls>, StartError> {
    let Some((certificate, key)) = paths(files) else { return Ok(None) };
    let (chain, key) = read(certificate, key).map_err(StartError::Tls)?;
    let tls = Tls::new(&chain, key.expose()).map_err(|error| StartError::Tls(with_causes(&error)))?;
    Ok(Some(tls))
}

/// Reloads until the end. A certificate that cannot be used is logged, and the present one stays.
pub(super) async fn follow(files: config::Tls, tls: Tls, stop: CancellationToken) {
    let Some((certificate, key)) = paths(&files) else { return };
    let mut hangups = match signal(SignalKind::hangup()) {
        Ok(hangups) => hangups,
        Err(error) => return tracing::error!(%error, "SIGHUP cannot be heard"),
    };
    let mut looks = interval(Duration::from_secs(files.check_secs.max(1)));
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = (stamp(certificate), stamp(key));
    loop {
        let asked = tokio::select! {
            () = stop.cancelled() => return,
            _ = hangups.recv() => true,
            _ = looks.tick() => false,
        };
        let now = (stamp(certificate), stamp(key));
        if asked || now != seen {
            seen = now;
            reload(certificate, key, &tls);
        }
    }
}

fn reload(certificate: &Path, key: &Path, tls: &Tls) {
    let outcome = read(certificate, key)
        .and_then(|(chain, key)| tls.reload(&chain, key.expose()).map_err(|error| with_causes(&error)));
    match outcome {
        Ok(()) => tracing::info!("the certificate was read again"),
        Err(error) => tracing::error!(error, "the certificate cannot be used, the old one stays"),
    }
}

fn paths(files: &config::Tls) -> Option<(&Path, &Path)> {
    files.certificate_file.as_deref().zip(files.key_file.as_deref())
}

fn read(certificate: &Path, key: &Path) -> Result<(Vec<u8>, Secret<Vec<u8>>), String> {
    let chain = config::environment::read_bytes(certificate);
    let chain = chain.map_err(|why| format!("{} {why}", certificate.display()))?;
    let key = config::environment::read_bytes(key).map_err(|why| format!("{} {why}", key.display()))?;
    Ok((chain, Secret::new(key)))
}

fn stamp(path: &Path) -> Stamp {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

#[cfg(test)]
mod tests;
