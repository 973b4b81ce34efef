//! `wharfinger serve`: until a signal.

use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::signal::unix::{SignalKind, signal};

use super::failure::Failure;
use super::{Serve, local, output, session};
use crate::config::{Config, Environment, LogFormat};
use crate::error::StartError;
use crate::{Running, logs};

pub(super) fn serve(flags: Serve, environment: Environment) -> Result<(), Failure> {
    let file = flags.config.clone();
    let mut config = Config::load(file.as_deref(), environment).map_err(local::wrong)?;
    let bootstrap_only = flags.bootstrap_only;
    take_over(&mut config, flags);
    config.check().map_err(local::wrong)?;
    if bootstrap_only && config.server.bootstrap.is_none() {
        return Err(Failure::Usage("--bootstrap-only needs --bootstrap FILE".to_owned()));
    }
    let logs = logs::start(&config.log).map_err(|error| Failure::Other(error.to_string()))?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(error.to_string()))?
        .block_on(async {
            if bootstrap_only {
                return crate::bootstrap_only(config).await.map_err(failed);
            }
            run(config, Again { file, logs }).await
        })
}

/// What SIGHUP reads again besides the certificate, which the wiring follows.
struct Again {
    file: Option<PathBuf>,
    logs: logs::Logs,
}

impl Again {
    fn read(&self, environment: &Environment) {
        match Config::load(self.file.as_deref(), environment.clone()).and_then(|config| {
            config.check()?;
            Ok(config)
        }) {
            Ok(config) => {
                self.logs.change_level(&config.log);
                tracing::info!(
                    now = config.log.level,
                    "the configuration was read again; of it, the log level is taken over"
                );
            }
            Err(problems) => {
                tracing::error!(%problems, "the configuration cannot be read again, the old one stays")
            }
        }
    }
}

fn take_over(config: &mut Config, flags: Serve) {
    let server = &mut config.server;
    server.listen = flags.listen.unwrap_or(server.listen);
    server.data = flags.data.unwrap_or_else(|| std::mem::take(&mut server.data));
    server.public_url = flags.public_url.or_else(|| server.public_url.take());
    server.bootstrap = flags.bootstrap.or_else(|| server.bootstrap.take());
}

async fn run(config: Config, again: Again) -> Result<(), Failure> {
    // Heard from the start, so that a signal during it is not lost.
    let listen = |kind| signal(kind).map_err(|error| Failure::Other(error.to_string()));
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    let mut hangup = listen(SignalKind::hangup())?;
    let environment = config.environment.clone();
    let banner = Banner {
        scheme: if config.tls.certificate_file.is_some() { "https" } else { "http" },
        public_url: config.server.public_url.as_ref().map(ToString::to_string),
        for_people: config.log.format == LogFormat::Text,
    };
    let running = crate::start(config).await.map_err(failed)?;
    banner.show(&running);
    let stop = running.stopper();
    let halted = running.halted();
    let ended = running.ended();
    tokio::pin!(halted, ended);
    let outcome = loop {
        tokio::select! {
            () = &mut ended => return Err(Failure::Other("the listener broke".to_owned())),
            () = &mut halted => break Err(Failure::Halted),
            _ = terminate.recv() => break Ok(()),
            _ = interrupt.recv() => break Ok(()),
            _ = hangup.recv() => again.read(&environment),
        }
    };
    tracing::info!("stopping");
    stop.cancel();
    // A second signal means now.
    tokio::select! {
        () = &mut ended => outcome,
        _ = terminate.recv() => Err(Failure::Other("stopped before requests in flight had ended".to_owned())),
        _ = interrupt.recv() => Err(Failure::Other("stopped before requests in flight had ended".to_owned())),
    }
}

/// Runs what needs no gateway, as one would run.
pub(super) fn on_all_threads<T>(work: impl Future<Output = Result<T, StartError>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Failure::Other(error.to_string()))?.block_on(work).map_err(failed)
}

fn failed(error: StartError) -> Failure {
    match error {
        StartError::Config(problems) | StartError::Bootstrap(problems) => {
            Failure::Configuration(problems.to_string())
        }
        other => Failure::Other(other.to_string()),
    }
}

/// What a person wants to know once it runs.
struct Banner {
    scheme: &'static str,
    public_url: Option<String>,
    for_people: bool,
}

impl Banner {
    fn show(&self, running: &Running) {
        let here = local_url(self.scheme, running.addr);
        if self.for_people {
            let url = self.public_url.as_deref().unwrap_or(&here);
            output::say(&format!("Wharfinger is ready: {url}"));
        }
        if let Some(code) = &running.setup_code {
            output::say("There is no administrator yet. On this machine, within this run, type:\n");
            output::say(&format!("    wharfinger setup {code}{}\n", server_flag(&here)));
        }
    }
}

fn local_url(scheme: &str, addr: SocketAddr) -> String {
    format!("{scheme}://{}", local::reachable(addr))
}

/// The line works as printed, wherever this gateway listens.
fn server_flag(here: &str) -> String {
    if here == session::DEFAULT_SERVER { String::new() } else { format!(" --server {here}") }
}
