//! The log: to standard error, for people or for programs. What is secret never reaches it, because no type that holds a
//! secret shows it; what clients put where no secret belongs is masked in every line.

use std::io;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt, reload};

use crate::config::{Log, LogFormat};

mod lines;
mod mask;

/// The log of this process while it runs; what waits is written out when it goes.
pub(crate) struct Logs {
    level: reload::Handle<EnvFilter, Registry>,
    _flush: lines::Flush,
}

/// Starts the log of this process. Called once, by a command that works on the data; a library's caller keeps its own.
///
/// # Errors
/// If there is one already, or its thread cannot start.
pub(crate) fn start(log: &Log) -> io::Result<Logs> {
    let (filter, handle) = reload::Layer::new(filter(log));
    let (lines, flush) = lines::Lines::to(io::stderr())?;
    let lines = fmt::layer().with_writer(lines);
    let lines = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).boxed(),
        LogFormat::Text => lines.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).boxed(),
    };
    tracing_subscriber::registry().with(filter).with(lines).try_init().map_err(io::Error::other)?;
    Ok(Logs { level: handle, _flush: flush })
}

impl Logs {
    /// Takes over the level of a configuration read again; its format stays.
    pub(crate) fn change_level(&self, log: &Log) {
        if let Err(error) = self.level.reload(filter(log)) {
            tracing::error!(%error, "the log level could not be changed");
        }
    }
}

/// The level was checked with the rest of the configuration.
fn filter(log: &Log) -> EnvFilter {
    EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"))
}
