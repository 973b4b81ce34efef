//! Stories with real clients, as a person would type them. They run with `RUN_REAL_CLIENTS=1`, which
//! `cargo xtask test` sets after it has found or installed the clients; otherwise each says that it did not run.

mod attached;
mod builders;
mod chance;
mod clients;
mod connected;
mod console;
mod damaged;
mod deploy;
mod described;
mod files_stories;
mod first_browser;
mod first_run;
mod full_disk;
mod guide;
mod helm;
mod hub;
mod imported;
mod log_ins;
mod maven_stories;
mod nuget_stories;
mod pauses;
mod plain;
mod projects;
mod proxied;
mod recipes;
mod resets;
mod sandbox;
mod stories;
mod wanted;
