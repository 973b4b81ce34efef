//! Certificate and key: read at start, on SIGHUP, and when the files change.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use auth::Secret;
use edge::Tls;
use storage::BoxError;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::upkeep::{Step, Worker};
use crate::config;
use crate::error::{StartError, with_causes};

/// What says that a file is another one now.
type Stamp = Option<(SystemTime, u64)>;

/// The certificate in use and the files it came from.
pub(super) struct Followed {
    tls: Tls,
    certificate: PathBuf,
    key: PathBuf,
    check_secs: u64,
    /// Taken before the files were last read: what changes while they are read is read again.
    seen: [Stamp; 2],
    /// Heard from the start, so that nobody's SIGHUP is lost.
    hangups: Signal,
    /// Whether there was one since the last look.
    asked: bool,
}

/// `None` without TLS.
pub(super) fn load(files: &config::Tls) -> Result<Option<Followed>, StartError> {
    let Some((certificate, key)) = files.certificate_file.as_ref().zip(files.key_file.as_ref()) else {
        return Ok(None);
    };
    let hangups = signal(SignalKind::hangup())
        .map_err(|error| StartError::Tls(format!("SIGHUP cannot be heard: {error}")))?;
    let seen = [stamp(certificate), stamp(key)];
    let (chain, secret) = read(certificate, key).map_err(StartError::Tls)?;
    let tls = Tls::new(&chain, secret.expose()).map_err(|error| StartError::Tls(with_causes(&error)))?;
    let (certificate, key) = (certificate.clone(), key.clone());
    Ok(Some(Followed { tls, certificate, key, check_secs: files.check_secs, seen, hangups, asked: false }))
}

impl Followed {
    /// The certificate as it is served, now and later.
    pub(super) fn tls(&self) -> Tls {
        self.tls.clone()
    }

    /// Reads the files again if somebody asked for it or they are others now; `None` if not.
    fn look(&mut self, asked: bool) -> Option<Result<(), String>> {
        let now = [stamp(&self.certificate), stamp(&self.key)];
        if !asked && now == self.seen {
            return None;
        }
        self.seen = now;
        let pair = read(&self.certificate, &self.key);
        Some(pair.and_then(|(chain, key)| {
            self.tls.reload(&chain, key.expose()).map_err(|error| with_causes(&error))
        }))
    }
}

/// A certificate that cannot be used is logged, and the present one stays.
impl Worker<()> for Followed {
    const NAME: &'static str = "certificate";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        let asked = std::mem::take(&mut self.asked);
        let looked = self.look(asked);
        match &looked {
            Some(Ok(())) => tracing::info!("the certificate was read again"),
            Some(Err(error)) => tracing::error!(error, "the certificate cannot be used, the old one stays"),
            None => {}
        }
        let items = matches!(looked, Some(Ok(()))).into();
        let failed = matches!(looked, Some(Err(_))).into();
        Ok(Step { items, failed, rest: Some(Duration::from_secs(self.check_secs.max(1))) })
    }

    async fn woken(&mut self) {
        if self.hangups.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        self.asked = true;
    }
}

fn read(certificate: &Path, key: &Path) -> Result<(Vec<u8>, Secret<Vec<u8>>), String> {
    let chain = config::environment::read_bytes(certificate);
    let chain = chain.map_err(|why| format!("{} {why}", certificate.display()))?;
    let secret = config::environment::read_bytes(key).map_err(|why| format!("{} {why}", key.display()))?;
    if let Some(mode) = exposed_mode(key) {
        let path = key.display();
        tracing::warn!("the private key {path} has mode {mode:04o}, others may read it: chmod 600 {path}");
    }
    Ok((chain, Secret::new(secret)))
}

/// The mode of a file that its group or everybody may read.
fn exposed_mode(path: &Path) -> Option<u32> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    (mode & 0o044 != 0).then_some(mode)
}

fn stamp(path: &Path) -> Stamp {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

#[cfg(test)]
mod tests;
