//! What stories are told with: servers, people, clients.

use std::time::Duration;

use tokio::time::{Instant, sleep};

pub(crate) mod actor;
pub(crate) mod answer;
pub(crate) mod apart;
pub(crate) mod backup;
pub(crate) mod browser;
pub(crate) mod challenge;
pub(crate) mod client;
pub(crate) mod detour;
pub(crate) mod dial;
pub(crate) mod disk;
pub(crate) mod files;
pub(crate) mod http;
pub(crate) mod http2;
pub(crate) mod image;
pub(crate) mod issuer;
pub(crate) mod maven;
pub(crate) mod nuget;
pub(crate) mod organisation;
pub(crate) mod page;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod raw;
pub(crate) mod sampler;
pub(crate) mod server;
pub(crate) mod streams;
pub(crate) mod terminal;
pub(crate) mod token;
pub(crate) mod watch;

pub(crate) use actor::Actor;
pub(crate) use answer::Answer;
pub(crate) use browser::Browser;
pub(crate) use client::Dialect;
pub(crate) use http::{Ask, Http};
pub(crate) use image::{docker_image, image};
pub(crate) use issuer::{Issuer, Lie};
pub(crate) use organisation::Organisation;
pub(crate) use server::{Folder, Server};

/// Longest wait for something that must happen.
const UNTIL_MAX: Duration = Duration::from_secs(60);
const POLL_EVERY: Duration = Duration::from_millis(5);

/// Waits until `holds`, and fails if it never does: tests wait for events, not for time.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + UNTIL_MAX;
    while !holds().await {
        assert!(Instant::now() < deadline, "{what}: not within {UNTIL_MAX:?}");
        sleep(POLL_EVERY).await;
    }
}

/// A number that whoever runs the tests gave in the environment: a seed, or how long the long form of a story is.
pub(crate) fn named_number(name: &str) -> Option<u64> {
    let text = std::env::var_os(name)?;
    Some(text.to_string_lossy().parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// Tells each story on SQLite and on PostgreSQL, in the organisation of most stories or another.
macro_rules! on_both_databases {
    ($($story:ident),+ $(,)?) => {
        $crate::support::on_both_databases!(in $crate::support::Organisation::team; $($story),+);
    };
    (in $organisation:expr; $($story:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    super::$story($crate::support::Server::with(($organisation)()).await).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    if let Some(hub) = $crate::support::Server::on_postgres(($organisation)()).await {
                        super::$story(hub).await;
                    }
                }
            )+
        }
    };
}
pub(crate) use on_both_databases;
