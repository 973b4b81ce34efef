//! Commands that need no log-in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::Method;
use serde_json::json;

use super::client::{Client, Trust};
use super::failure::Failure;
use super::flags::{Form, Output};
use super::tokens::GeneratedKind;
use super::{ConfigFile, Healthcheck, output};
use crate::bootstrap;
use crate::config::{Config, Environment, Problems, ServerUrl};

/// Runs a command that talks to a server, on this thread.
pub(super) fn wait_for<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(error.to_string()))?
        .block_on(command)
}

/// A secret; for programs with what is known of it.
pub(super) fn generate(kind: GeneratedKind, form: Form) -> Result<(), Failure> {
    let kind = match kind {
        GeneratedKind::Person => auth::TokenKind::Person,
        GeneratedKind::Application => auth::TokenKind::Application,
    };
    let made = auth::generate(kind);
    let sha256: String = made.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let document = json!({ "secret": made.text.expose(), "id": auth::id_text(made.id), "sha256": sha256 });
    match form {
        Form { quiet: false, output: Output::Json } => output::json(&document),
        Form { quiet: false, output: Output::Jsonl } => output::say(&document.to_string()),
        Form { .. } => output::say(made.text.expose()),
    }
    Ok(())
}

pub(super) fn check(flags: &ConfigFile, environment: Environment) -> Result<(), Failure> {
    let config = Config::load(flags.config.as_deref(), environment).map_err(wrong)?;
    config.check().map_err(wrong)?;
    let bootstrap = flags.bootstrap.as_ref().or(config.server.bootstrap.as_ref());
    if let Some(file) = bootstrap {
        for warning in bootstrap::check(file, &config.environment).map_err(wrong)? {
            output::complain(&format!("warning: {warning}"));
        }
    }
    output::say("the configuration is good");
    Ok(())
}

pub(super) fn print(flags: &ConfigFile, defaults: bool, environment: Environment) -> Result<(), Failure> {
    let text = if defaults {
        Config::commented()
    } else {
        Config::load(flags.config.as_deref(), environment).map_err(wrong)?.to_toml()
    };
    output::say(text.trim_end());
    Ok(())
}

/// Asks `/readyz`: at `--server`, else where the configuration says that the gateway on this machine listens.
pub(super) async fn healthcheck(flags: &Healthcheck, environment: Environment) -> Result<(), Failure> {
    let client = match &flags.server {
        Some(server) => Client::new(server.clone(), None, Trust::System)?,
        None => own_gateway(&Config::load(flags.config.as_deref(), environment).map_err(wrong)?)?,
    };
    let answer = client.send(Method::GET, "/readyz", None).await?;
    if answer.status.is_success() {
        output::say("ready");
        return Ok(());
    }
    Err(Failure::Unreachable(format!("not ready: {}", answer.status)))
}

fn own_gateway(config: &Config) -> Result<Client, Failure> {
    let listen = reachable(config.server.listen);
    let tls = config.tls.certificate_file.is_some();
    // A certificate names the public address, so that is whom we ask, at the place where it listens.
    let named = config.server.public_url.clone().filter(|url| tls && url.is_tls());
    let scheme = if tls { "https" } else { "http" };
    let server = named.or_else(|| ServerUrl::parse(&format!("{scheme}://{listen}")));
    let server = server.ok_or_else(|| Failure::Other(format!("{listen} is no address to ask")))?;
    let trust = config.tls.certificate_file.as_deref().map_or(Trust::System, Trust::SystemAnd);
    Ok(Client::new(server, None, trust)?.at(listen))
}

/// The address to connect to, of one that listens everywhere.
pub(crate) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
pub(super) fn wrong(problems: Problems) -> Failure {
    Failure::Configuration(problems.to_string())
}
