//! The gateway before an attack: its own process, its defaults, some people, something to read.

use std::net::IpAddr;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use rustix::process::{Resource, getrlimit, setrlimit};

use super::siege::Siege;
use crate::support::image::sha256;
use crate::support::nuget::Packed;
use crate::support::process::{Launch, Process};
use crate::support::{Actor, Ask, Folder, Organisation, image};

/// Pushes side by side while it is made ready.
const PUSHES_AT_ONCE: usize = 4;

/// A gateway and those who live by it.
pub(super) struct Town {
    pub(super) process: Process,
    pub(super) organisation: Organisation,
    // Last, so that it is removed last.
    folder: Folder,
}

impl Town {
    /// With default settings, but for what `tune` changes.
    pub(super) async fn start(tune: impl FnOnce(Launch) -> Launch) -> Self {
        Self::with(Self::people(), tune).await
    }

    pub(super) async fn with(organisation: Organisation, tune: impl FnOnce(Launch) -> Launch) -> Self {
        allow_descriptors();
        let folder = Folder::new("attacked");
        let process = tune(launch(&folder, &organisation)).start().await;
        let town = Self { process, organisation, folder };
        town.actor("alice").docker().push("team/app/web:1.0", &image("read by others")).await.done();
        town
    }

    /// `alice` publishes for the team, `mallory` for a project of her own, which everybody may read. Nobody has a password:
    /// verifying one takes memory.
    pub(super) fn people() -> Organisation {
        Organisation::empty()
            .repository("team/app", "oci", "private", "")
            .repository("team/open", "oci", "public", "")
            .repository("team/shown", "oci", "public", "")
            .repository("team/feed", "nuget", "public", "")
            .repository("evil/images", "oci", "public", "")
            .repository("evil/feed", "nuget", "public", "")
            .member("alice")
            .role("member:alice", "project-member", "team")
            .member("mallory")
            .role("member:mallory", "project-member", "evil")
            .member("bob")
            .member("sue")
    }

    /// Somebody of the organisation.
    pub(super) fn actor(&self, who: &str) -> Actor {
        self.process.actor(self.organisation.login(who))
    }

    /// The same at another address.
    pub(super) fn actor_at(&self, who: &str, source: IpAddr) -> Actor {
        self.actor(who).bound_to(source)
    }

    /// A public blob; gives the path by which anybody reads it.
    pub(super) async fn public_blob(&self, bytes: Bytes) -> String {
        let digest = sha256(&bytes);
        let post = Ask::post(format!("/v2/p/team/open/web/blobs/uploads/?digest={digest}"));
        self.actor("alice").send(post.body(bytes)).await.is(201);
        format!("/v2/p/team/open/web/blobs/{digest}")
    }

    /// Pushes packages to a feed; gives how many were taken, and what was said to another.
    pub(super) async fn fill(
        &self,
        who: &str,
        feed: &str,
        packages: impl Iterator<Item = Packed>,
    ) -> (usize, Option<String>) {
        let secret = &self.organisation.login(who).secret;
        let pushed = packages.map(|packed| async move {
            let actor = self.actor(who);
            let answer = actor.feed(feed).keyed(secret).push(&packed).await;
            assert!(answer.status.as_u16() < 500, "{answer}");
            (answer.status != 201).then(|| answer.to_string())
        });
        let mut filled = (0, None);
        let mut pushed = stream::iter(pushed).buffer_unordered(PUSHES_AT_ONCE);
        while let Some(refusal) = pushed.next().await {
            filled.0 += usize::from(refusal.is_none());
            filled.1 = filled.1.or(refusal);
        }
        filled
    }

    /// The attack begins: from here on memory is watched and others are at work.
    pub(super) async fn besieged(self, row: &'static str) -> Siege {
        Siege::begin(row, self).await
    }

    /// Ends it as somebody who pulls the plug, and starts it again over the same data.
    pub(super) async fn again(self) -> Self {
        let Self { process, organisation, folder } = self;
        process.kill();
        let process = launch(&folder, &organisation).start().await;
        Self { process, organisation, folder }
    }
}

/// With default settings and metrics, on a core of its own where the long form gives it one.
fn launch(folder: &Folder, organisation: &Organisation) -> Launch {
    let launch = Launch::new(folder.root()).organisation(folder.root(), organisation);
    let launch = launch.set("METRICS__LISTEN", "127.0.0.1:0");
    match std::env::var_os("WHARFINGER_TEST_GATEWAY_CORE") {
        Some(core) => launch.on_core(core.to_str().expect("a number")),
        None => launch,
    }
}

/// Attackers need descriptors too: as many as this process may have.
fn allow_descriptors() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("up to the hard limit");
}
