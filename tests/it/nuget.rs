//! What people and programs do with NuGet feeds, and what the gateway answers: docs/nuget.md 1 to 8 and 11. Each story is told on
//! SQLite and on PostgreSQL.

use crate::support::Organisation;

mod answers;
mod bad_input;
mod clients;
mod credentials;
mod documents;
mod kill;
mod lists;
mod races;
mod reports;

/// Feeds of every policy, and somebody for each right.
fn team() -> Organisation {
    Organisation::team()
        .repository("team/feed", "nuget", "private", "")
        .repository("team/open-feed", "nuget", "public", "")
        .repository("team/hard-feed", "nuget", "private", "delete = \"hard\"")
        .repository("team/free-feed", "nuget", "private", "duplicates = \"always\"")
        .repository("other/feed", "nuget", "private", "")
        .may("member:rita", "read", "team/feed")
        .token("alice", "feeder", &[("team/feed", "publish"), ("team/open-feed", "publish")])
}
