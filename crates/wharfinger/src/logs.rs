//! The log: to standard error, for people or for programs. What is secret never reaches it, because no type that holds a
//! secret shows it.

use std::io;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt, reload};

use crate::config::{Log, LogFormat};

/// The log's level, which can be changed while it runs.
pub(crate) struct Level(reload::Handle<EnvFilter, Registry>);

/// Starts the log of this process. Called once, by `serve`; a library's caller keeps its own.
///
/// # Errors
/// If there is one already.
pub(crate) fn start(log: &Log) -> Result<Level, TryInitError> {
    let (filter, handle) = reload::Layer::new(filter(log));
    let lines = fmt::layer().with_writer(io::stderr);
    let lines = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).boxed(),
        LogFormat::Text => lines.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).boxed(),
    };
    tracing_subscriber::registry().with(filter).with(lines).try_init()?;
    Ok(Level(handle))
}

impl Level {
    /// Takes over the level of a configuration read again; its format stays.
    pub(crate) fn change(&self, log: &Log) {
        if let Err(error) = self.0.reload(filter(log)) {
            tracing::error!(%error, "the log level could not be changed");
        }
    }
}

/// The level was checked with the rest of the configuration.
fn filter(log: &Log) -> EnvFilter {
    EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"))
}
