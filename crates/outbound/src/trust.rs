use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio_rustls::TlsConnector;

use crate::error::{SendError, TrustError};

/// Whose certificates are believed: those of the machine's authorities and, if a file names more, of those.
#[derive(Debug, Default)]
pub struct Trust {
    more: Vec<CertificateDer<'static>>,
    config: OnceLock<Option<Arc<ClientConfig>>>,
}

impl Trust {
    /// The machine's authorities, and those in this file (PEM).
    ///
    /// # Errors
    /// `TrustError` if it cannot be read.
    pub fn and(file: &Path) -> Result<Self, TrustError> {
        let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
        let more = read.map_err(|source| TrustError { path: file.to_owned(), source })?;
        Ok(Self { more, config: OnceLock::new() })
    }

    /// Reading the machine's authorities takes a while, so it waits for the first request that needs them.
    pub(crate) fn connector(&self) -> Result<TlsConnector, SendError> {
        let config = self.config.get_or_init(|| self.made());
        config.clone().map(TlsConnector::from).ok_or(SendError::Untrusting)
    }

    fn made(&self) -> Option<Arc<ClientConfig>> {
        let mut roots = RootCertStore::empty();
        // A certificate that rustls does not understand is one authority less, not a failure.
        roots.add_parsable_certificates(self.more.iter().cloned());
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return None;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
        Some(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
    }
}
