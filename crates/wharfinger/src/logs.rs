//! The log: to standard error, for people or for programs. What is secret never reaches it, because no type that holds a
//! secret shows it.

use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

use crate::config::{Log, LogFormat};

/// Starts the log of this process. Called once, by `serve`; a library's caller keeps its own.
///
/// # Errors
/// If there is one already.
pub(crate) fn start(log: &Log) -> Result<(), TryInitError> {
    // The level was checked with the rest of the configuration.
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let base = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match log.format {
        LogFormat::Json => base.json().flatten_event(true).with_current_span(true).finish().try_init(),
        LogFormat::Text => base.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).finish().try_init(),
    }
}
