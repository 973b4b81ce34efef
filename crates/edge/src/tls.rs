use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{self, Ticketer};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// TLS with one certificate that can be replaced while connections come in. Cloning it is cheap; clones share the certificate.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    certificate: Arc<Certificate>,
    provider: Arc<CryptoProvider>,
}

/// Why a certificate cannot be used. Holds nothing of the key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The chain is not PEM, or holds no certificate.
    #[error("the certificate file holds no PEM certificate")]
    Chain,
    /// The key is not PEM, or holds no private key.
    #[error("the key file holds no PEM private key")]
    Key,
    /// The two cannot be used, for example because they do not belong together.
    #[error("certificate and key cannot be used together")]
    Unusable(#[source] rustls::Error),
}

#[derive(Debug)]
struct Certificate(ArcSwap<CertifiedKey>);

impl Tls {
    /// Reads a certificate chain, own certificate first, and its key, both PEM.
    ///
    /// # Errors
    /// As the variants of [`TlsError`] say.
    pub fn new(chain_pem: &[u8], key_pem: &[u8]) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let certificate = read(chain_pem, key_pem, &provider)?;
        let certificate = Arc::new(Certificate(ArcSwap::from_pointee(certificate)));
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Certificate>::clone(&certificate);
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Unusable)?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.ticketer = Ticketer::new().map_err(TlsError::Unusable)?;
        Ok(Self { config: Arc::new(config), certificate, provider })
    }

    /// Takes over another certificate for connections from now on. On an error the present one stays.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn reload(&self, chain_pem: &[u8], key_pem: &[u8]) -> Result<(), TlsError> {
        self.certificate.0.store(Arc::new(read(chain_pem, key_pem, &self.provider)?));
        Ok(())
    }

    pub(crate) fn acceptor(&self) -> tokio_rustls::TlsAcceptor {
        tokio_rustls::TlsAcceptor::from(Arc::clone(&self.config))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls(..)")
    }
}

fn read(chain_pem: &[u8], key_pem: &[u8], provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(chain_pem).collect::<Result<_, _>>().map_err(|_| TlsError::Chain)?;
    if chain.is_empty() {
        return Err(TlsError::Chain);
    }
    let key = PrivateKeyDer::from_pem_slice(key_pem).map_err(|_| TlsError::Key)?;
    CertifiedKey::from_der(chain, key, provider).map_err(TlsError::Unusable)
}

#[cfg(test)]
mod tests;
