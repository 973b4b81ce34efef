//! What people and programs do with Maven repositories, and what the gateway answers: docs/maven.md 1 to 7 and 10. Each story is
//! told on SQLite and on PostgreSQL.

use crate::support::Organisation;

mod answers;
mod bad_input;
mod deletes;
mod deploys;
mod kill;
mod races;
mod refusals;
mod reports;

/// Repositories of every policy, and somebody for each right.
fn team() -> Organisation {
    Organisation::team()
        .repository("team/open-jars", "maven", "public", "")
        .repository("team/releases", "maven", "private", "accept = \"release\"")
        .repository("team/snapshots", "maven", "private", "accept = \"snapshot\"")
        .repository("team/replace", "maven", "private", "releases = \"replace\"")
        .repository("team/closed", "maven", "private", "releases = \"read-only\"")
        .repository("team/loose", "maven", "private", "layout = \"permissive\"")
        .may("member:rita", "read", "team/jars")
        .may("member:pat", "publish", "team/snapshots")
        .token("alice", "deployer", &[("team/jars", "publish")])
}
