use domain::{Clock as _, PrincipalKind, TokenState};

use super::*;
use crate::testing::{ManualClock, MemoryCredentials, principal, token};
use crate::token::{NewSecret, TokenKind, generate};

async fn feed() -> (Arc<MemoryCredentials>, Arc<Feed>, NewSecret) {
    let source = MemoryCredentials::new();
    let new = generate(TokenKind::Person);
    source.put_principal(principal(16, PrincipalKind::Member, &["alice"]));
    source.put_token(token(&new, 16));
    let feed = Feed::open(Arc::clone(&source) as _).await.unwrap();
    (source, Arc::new(feed), new)
}

fn lets_in(feed: &Feed, new: &NewSecret) -> bool {
    feed.table().by_token(new.text.expose(), None, ManualClock::new().now()).is_some()
}

#[tokio::test]
async fn a_change_is_in_force_when_refresh_returns() {
    let (source, feed, new) = feed().await;
    assert!(lets_in(&feed, &new));
    let version = source.set_token_state(new.id, TokenState::Revoked);
    assert!(lets_in(&feed, &new), "not before");
    feed.refresh_to(version).await.unwrap();
    assert!(!lets_in(&feed, &new));
    assert_eq!(feed.version(), version);
    assert_eq!(source.loads(), 1);
}

#[tokio::test]
async fn a_poll_finds_what_nobody_told_of() {
    let (source, feed, new) = feed().await;
    let version = source.remove_token(new.id);
    assert_eq!(feed.refresh().await.unwrap(), version);
    assert!(!lets_in(&feed, &new));
    assert_eq!(feed.refresh().await.unwrap(), version);
}

#[tokio::test]
async fn a_demanded_rebuild_loads_everything() {
    let (source, feed, new) = feed().await;
    source.remove_token(new.id);
    let version = source.demand_rebuild();
    feed.refresh_to(version).await.unwrap();
    assert!(!lets_in(&feed, &new));
    assert_eq!((source.loads(), feed.version()), (2, version));
}

#[tokio::test]
async fn many_changes_at_once_are_brought_into_force_too() {
    let (source, feed, new) = feed().await;
    let mut version = feed.version();
    for id in 100..100 + 2 * u32::try_from(INLINE_CHANGES_MAX).unwrap() {
        version = source.put_principal(principal(id, PrincipalKind::Member, &[]));
    }
    source.set_token_state(new.id, TokenState::Disabled);
    feed.refresh_to(version).await.unwrap();
    assert!(!lets_in(&feed, &new));
    assert!(feed.version() > version, "it takes along what came later");
}

#[tokio::test]
async fn a_source_that_fails_or_lags_is_an_error_and_changes_nothing() {
    let (source, feed, new) = feed().await;
    let before = feed.version();
    let version = source.set_token_state(new.id, TokenState::Revoked);
    source.fail(1);
    assert!(feed.refresh_to(version).await.is_err());
    assert_eq!(feed.version(), before);
    feed.refresh_to(version).await.unwrap();
    let unheard_of = PolicyVersion::new(version.get() + 5);
    assert!(feed.refresh_to(unheard_of).await.is_err());
    assert_eq!(feed.version(), version);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_may_ask_and_the_version_only_grows() {
    let (source, feed, _) = feed().await;
    let mut all = tokio::task::JoinSet::new();
    for id in 0..64 {
        let (source, feed) = (Arc::clone(&source), Arc::clone(&feed));
        all.spawn(async move {
            for round in 0..20 {
                let new = generate(TokenKind::Person);
                source.put_token(token(&new, 16));
                let asked = source.set_token_state(new.id, TokenState::Revoked);
                let waits = feed.refresh_to(asked);
                if (id + round) % 5 == 0 {
                    // Somebody whose connection broke: the work must not be left half done.
                    let _ = tokio::time::timeout(Duration::ZERO, waits).await;
                } else {
                    waits.await.unwrap();
                    assert!(feed.version() >= asked);
                    assert!(!lets_in(&feed, &new));
                }
            }
        });
    }
    while let Some(end) = all.join_next().await {
        end.unwrap();
    }
    let last = feed.refresh().await.unwrap();
    assert_eq!(last, feed.version());
}

#[tokio::test(start_paused = true)]
async fn the_poll_finds_changes_within_a_second_survives_failures_and_stops() {
    let (source, feed, new) = feed().await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let polling = tokio::spawn({
        let feed = Arc::clone(&feed);
        async move { feed.maintain(async { drop(stopped.await) }).await }
    });
    source.fail(3);
    source.set_token_state(new.id, TokenState::Revoked);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(lets_in(&feed, &new), "three polls failed");
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    assert!(!lets_in(&feed, &new));
    drop(stop);
    polling.await.unwrap();
}

/// A source that takes a token away without having stored it.
struct Withholding(Arc<MemoryCredentials>, domain::TokenId);

impl CredentialSource for Withholding {
    fn load(&self) -> domain::BoxFuture<'_, Result<domain::CredentialFacts, SourceError>> {
        self.0.load()
    }

    fn changes_since(
        &self,
        version: PolicyVersion,
    ) -> domain::BoxFuture<'_, Result<domain::CredentialChanges, SourceError>> {
        Box::pin(async move {
            let mut changes = self.0.changes_since(version).await?;
            changes.changes.push(CredentialChange::Token(self.1, None));
            Ok(changes)
        })
    }
}

#[tokio::test]
async fn what_is_taken_away_needs_no_version() {
    let (source, _, new) = feed().await;
    let feed = Feed::open(Arc::new(Withholding(source, new.id))).await.unwrap();
    assert!(lets_in(&feed, &new));
    let version = feed.version();
    assert_eq!(feed.refresh().await.unwrap(), version);
    assert!(!lets_in(&feed, &new));
}
