//! What people and programs do with repositories of generic files, and what the gateway answers: docs/files.md. Each story is told on
//! SQLite and on PostgreSQL.

use crate::support::Organisation;

mod answers;
mod bad_input;
mod changes;
mod clients;
mod kill;
mod large;
mod listings;
mod races;
mod refusals;

/// Repositories of every policy, and somebody for each right: alice may all, pat read and publish, rita read in `files`, bob nothing.
fn team() -> Organisation {
    Organisation::team()
        .repository("team/files", "files", "private", "")
        .repository("team/open-files", "files", "public", "")
        .repository("team/kept", "files", "private", "immutable = [\"release/*\", \"*.sig\"]")
        .may("member:rita", "read", "team/files")
        .token("alice", "uploader", &[("team/files", "publish")])
}
