//! What can be typed about backups, restores and moves, on the machine of the data while no gateway works on it.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use storage::{BackupDocument, DatabaseConfig, Depth, TokensAfter};

use super::failure::Failure;
use super::flags::{Form, Output};
use super::{local, output, serve};
use crate::config::{Config, Environment};
use crate::logs::{self, Logs};
use crate::wiring::carrying;

/// Longest address of a database that is read, in bytes.
const URL_BYTES_MAX: u64 = 4096;

#[derive(Debug, Subcommand)]
pub(super) enum BackupCommand {
    /// Makes a backup of everything but the key file, in a folder of the target
    Create {
        /// The target: a directory, best on another disk; contents that it has already are not copied again
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        #[command(flatten)]
        place: DataPlace,
        #[command(flatten)]
        form: Form,
    },
    /// Tells whether a backup is good: loads its rows into a database of its own, and looks at its contents
    Verify {
        /// The folder of the backup
        backup: PathBuf,
        /// Read all contents, not one of a hundred
        #[arg(long)]
        all: bool,
        /// Where the database is made and removed again [default: the system's temporary directory]
        #[arg(long, value_name = "DIR")]
        scratch: Option<PathBuf>,
        #[command(flatten)]
        form: Form,
    },
    /// Brings a backup into an empty data directory and database
    Restore {
        /// The folder of the backup
        backup: PathBuf,
        /// What becomes of tokens that were good then: some may have been revoked since
        #[arg(long, value_enum)]
        tokens: TokensWord,
        #[command(flatten)]
        place: DataPlace,
        #[command(flatten)]
        form: Form,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum DatabaseCommand {
    /// Moves all rows to another, empty database
    Migrate {
        /// Its address, such as postgres://registry@db/registry; `-` reads it from standard input, where nobody else sees its password
        #[arg(long, value_name = "URL")]
        to: String,
        #[command(flatten)]
        place: DataPlace,
        #[command(flatten)]
        form: Form,
    },
}

/// Which data.
#[derive(Debug, Args)]
pub(super) struct DataPlace {
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory of the data [default: as in the configuration]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TokensWord {
    /// They are good again, also those that were revoked after the backup
    Keep,
    /// None is good until it is activated again
    Disable,
}

impl DataPlace {
    /// The configuration, and the log while it is worked by: what is found damaged on the way is named there.
    fn opened(&self, environment: Environment) -> Result<(Config, Logs), Failure> {
        let mut config = Config::load(self.config.as_deref(), environment).map_err(local::wrong)?;
        if let Some(data) = &self.data {
            config.server.data.clone_from(data);
        }
        config.check().map_err(local::wrong)?;
        let logs = logs::start(&config.log).map_err(|error| Failure::Other(error.to_string()))?;
        Ok((config, logs))
    }
}

/// Does what is asked about backups.
pub(super) fn backup(command: BackupCommand, environment: Environment) -> Result<(), Failure> {
    match command {
        BackupCommand::Create { to, place, form } => {
            let (config, _logs) = place.opened(environment)?;
            create(&to, &config, form)
        }
        BackupCommand::Verify { backup, all, scratch, form } => {
            verify(&backup, if all { Depth::All } else { Depth::Sample }, scratch.as_deref(), form)
        }
        BackupCommand::Restore { backup, tokens, place, form } => {
            let (config, _logs) = place.opened(environment)?;
            restore(&backup, tokens, &config, form)
        }
    }
}

/// Does what is asked about the database.
pub(super) fn database(command: DatabaseCommand, environment: Environment) -> Result<(), Failure> {
    let DatabaseCommand::Migrate { to, place, form } = command;
    let (config, _logs) = place.opened(environment)?;
    let url = if to == "-" { read_url()? } else { to };
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(Failure::Usage("rows move to PostgreSQL: --to postgres://…".to_owned()));
    }
    let connections_max = config.storage.database_connections_max;
    let to = DatabaseConfig::Postgres { url: url.into(), connections_max };
    let moved = serve::on_all_threads(carrying::move_rows(&config, to))?;
    show(&json!({ "rows": rows(&moved), "tables": moved.tables.len() }), form, || {
        format!(
            "{} rows of {} tables were moved; set storage.database_url to the new address",
            rows(&moved),
            moved.tables.len()
        )
    });
    Ok(())
}

fn create(to: &Path, config: &Config, form: Form) -> Result<(), Failure> {
    let made = serve::on_all_threads(carrying::back_up(config, to))?;
    let (document, contents) = (&made.document, &made.document.contents);
    let told = json!({
        "path": made.path, "id": document.id, "rows": rows(document), "contents": contents.count,
        "bytes": contents.bytes, "copied": made.copied, "copied_bytes": made.copied_bytes, "damaged": contents.damaged,
    });
    show(&told, form, || {
        format!(
            "{}: {} rows, {} contents of {} bytes, of which {} were copied now",
            made.path.display(),
            rows(document),
            contents.count,
            contents.bytes,
            made.copied
        )
    });
    output::complain("the key file is not in it: keep a copy of that elsewhere, as secret as a password");
    match contents.damaged {
        0 => Ok(()),
        some => Err(Failure::Difference(format!(
            "{some} contents are not in it, because their bytes are gone or altered; the log names them"
        ))),
    }
}

fn verify(backup: &Path, depth: Depth, scratch: Option<&Path>, form: Form) -> Result<(), Failure> {
    let folder = match scratch {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    };
    let folder = folder.map_err(|error| Failure::Other(format!("no room to load the rows: {error}")))?;
    let checked = storage::verify(backup, folder.path(), depth);
    let checked = serve::on_all_threads(async { checked.await.map_err(crate::StartError::from) })?;
    let document = &checked.document;
    let told = json!({
        "id": document.id, "good": checked.is_good(), "rows": rows(document), "contents": document.contents.count,
        "read": checked.read, "wrong": checked.wrong_count, "wrong_keys": checked.wrong,
    });
    show(&told, form, || {
        let contents = document.contents.count;
        format!(
            "{} rows are good; of {contents} contents {} were read and are right, {} are gone or wrong",
            rows(document),
            checked.read,
            checked.wrong_count
        )
    });
    if checked.is_good() {
        return Ok(());
    }
    Err(Failure::Difference(format!("{} contents are gone or not what they should be", checked.wrong_count)))
}

fn restore(backup: &Path, tokens: TokensWord, config: &Config, form: Form) -> Result<(), Failure> {
    let choice = match tokens {
        TokensWord::Keep => TokensAfter::Keep,
        TokensWord::Disable => TokensAfter::Disable,
    };
    let done = serve::on_all_threads(carrying::restore(config, backup, choice))?;
    let (rows, contents) = (rows(&done.document), &done.document.contents);
    let told = json!({
        "id": done.document.id, "rows": rows, "contents": contents.count, "damaged": done.damaged,
        "disabled_tokens": done.disabled_tokens,
    });
    show(&told, form, || format!("{rows} rows and {} contents were restored", contents.count));
    if tokens == TokensWord::Keep {
        output::complain("tokens that were revoked after the backup are good again: look through them");
    }
    output::complain(
        "put the key file of the gateway that was backed up into the data directory before it is started",
    );
    match done.damaged {
        0 => Ok(()),
        some => Err(Failure::Difference(format!(
            "{some} contents were gone or altered in the backup; they count as damaged until they are pushed again"
        ))),
    }
}

fn rows(document: &BackupDocument) -> u64 {
    document.tables.iter().map(|table| table.rows).fold(0, u64::saturating_add)
}

fn show(document: &Value, form: Form, line: impl FnOnce() -> String) {
    match form {
        Form { quiet: true, .. } => {
            output::say(document.get("path").and_then(Value::as_str).unwrap_or_default())
        }
        Form { output: Output::Json, .. } => output::json(document),
        Form { output: Output::Jsonl, .. } => output::say(&document.to_string()),
        Form { .. } => output::say(&line()),
    }
}

fn read_url() -> Result<String, Failure> {
    let mut url = String::new();
    let read = std::io::stdin().lock().take(URL_BYTES_MAX).read_to_string(&mut url);
    read.map_err(|error| Failure::Usage(format!("the address cannot be read: {error}")))?;
    Ok(url.trim().to_owned())
}
