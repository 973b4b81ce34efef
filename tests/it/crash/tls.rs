//! TLS, and certificates that change while the gateway runs.

use std::fs;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::support::http::Version;
use crate::support::process::{Launch, Process};
use crate::support::{Ask, Folder, Http, Organisation, until};

/// A certificate for `localhost`, written where the gateway looks, and a client that trusts it alone.
fn certificate(folder: &Folder) -> Arc<ClientConfig> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    fs::write(folder.path("key.pem"), signing_key.serialize_pem()).expect("a file");
    fs::write(folder.path("certificate.pem"), cert.pem()).expect("a file");
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).expect("a root");
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = config.expect("versions").with_root_certificates(roots).with_no_client_auth();
    // A resumed session would not look at the certificate again.
    config.resumption = Resumption::disabled();
    Arc::new(config)
}

async fn serve(folder: &Folder, organisation: &Organisation, check_secs: &str) -> Process {
    Launch::new(folder.root())
        .organisation(folder.root(), organisation)
        .set("TLS__CERTIFICATE_FILE", &folder.path("certificate.pem").display().to_string())
        .set("TLS__KEY_FILE", &folder.path("key.pem").display().to_string())
        .set("TLS__CHECK_SECS", check_secs)
        .spawn()
        .await
}

async fn answers(process: &Process, tls: &Arc<ClientConfig>) -> bool {
    let http = Http::new(process.address).over(Arc::clone(tls));
    matches!(http.try_send(Ask::get("/livez")).await, Ok(answer) if answer.status == 200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_taken_on_sighup() {
    let (organisation, folder) = (Organisation::team(), Folder::new("hup"));
    let first = certificate(&folder);
    let process = serve(&folder, &organisation, "3600").await;
    until("the gateway is ready", async || answers(&process, &first).await).await;
    let open = Http::new(process.address).over(Arc::clone(&first));
    open.send(Ask::get("/livez")).await.is(200);

    let second = certificate(&folder);
    assert!(!answers(&process, &second).await);
    process.signal("HUP");
    until("the new certificate is used", async || answers(&process, &second).await).await;
    assert!(!answers(&process, &first).await);
    // Open connections go on, whether they began before or not.
    open.send(Ask::get("/livez")).await.is(200);

    // Half of a pair, or rubbish, is not taken: the old one stays.
    fs::write(folder.path("certificate.pem"), "rubbish").expect("a file");
    process.signal("HUP");
    until("it complains", async || process.log().contains("the certificate cannot be used")).await;
    assert!(answers(&process, &second).await);
    assert!(!answers(&process, &first).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_taken_when_the_files_change() {
    let (organisation, folder) = (Organisation::team(), Folder::new("change"));
    let first = certificate(&folder);
    let process = serve(&folder, &organisation, "1").await;
    until("the gateway is ready", async || answers(&process, &first).await).await;
    let second = certificate(&folder);
    until("the new certificate is used", async || answers(&process, &second).await).await;
    assert!(!answers(&process, &first).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_versions_of_http_are_spoken_over_tls() {
    let (organisation, folder) = (Organisation::team(), Folder::new("alpn"));
    let tls = certificate(&folder);
    let process = serve(&folder, &organisation, "3600").await;
    until("the gateway is ready", async || answers(&process, &tls).await).await;
    for (version, protocol) in [(Version::Http1, "http/1.1"), (Version::Http2, "h2")] {
        let mut config = (*tls).clone();
        config.alpn_protocols = vec![protocol.into()];
        let http = Http::new(process.address).over(Arc::new(config)).speaking(version);
        let answer = http.send(Ask::get("/v2/")).await.is(401);
        // The realm is where the client is already.
        let realm = format!("realm=\"https://{}/v2/token\"", process.address);
        assert!(answer.must_have("www-authenticate").contains(&realm), "{answer}");
    }
    // Plain HTTP on this port gets no answer, and harms nobody.
    assert!(Http::new(process.address).try_send(Ask::get("/livez")).await.is_err());
    assert!(answers(&process, &tls).await);
}
