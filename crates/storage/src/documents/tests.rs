use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use budget::Bounds;
use domain::Client;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::*;

const LARGE_BYTES: usize = 4 << 20;

fn client(last: u8) -> Client {
    Client::at(Some([192, 0, 2, last].into()))
}

fn counted(repository: u32, revision: u64) -> Generation {
    Generation::Counted { repository: RepositoryId::new(repository), revision, history: 0 }
}

fn at(name: &str) -> DocumentAt {
    DocumentAt { generations: Generations::One(counted(1, 1)), name: name.into() }
}

/// Renders in which nothing beyond 1 MiB is kept, and 16 MiB are held.
fn renders(turns: Bounds) -> Arc<Renders> {
    let limits = StorageLimits {
        documents_cache_bytes_max: 1 << 20,
        documents_bytes_max: 16 << 20,
        renders: turns,
        ..StorageLimits::default()
    };
    Arc::new(Renders::new(&limits))
}

/// A rendering that ends when it is let, and is counted.
#[derive(Clone)]
struct Slow {
    renders: Arc<Renders>,
    begun: Arc<AtomicUsize>,
    go: Arc<Semaphore>,
}

impl Slow {
    fn of(renders: &Arc<Renders>) -> Self {
        Self { renders: Arc::clone(renders), begun: Arc::default(), go: Arc::new(Semaphore::new(0)) }
    }

    fn ask(&self, from: u8, name: &'static str, bytes: usize) -> JoinHandle<Result<Bytes, Error>> {
        let Self { renders, begun, go } = self.clone();
        let render = async move || {
            begun.fetch_add(1, Ordering::SeqCst);
            let _go = go.acquire().await.unwrap();
            Ok::<_, Error>(Bytes::from(vec![b'x'; bytes]))
        };
        tokio::spawn(async move { renders.get(client(from), at(name), render).await })
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }
}

async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_too_large_to_keep_is_rendered_once_for_all_who_hold_it() {
    let renders = renders(Bounds::new(4, 2, 2).waiting(64, 64));
    let slow = Slow::of(&renders);
    let asked: Vec<_> = (0..24).map(|number| slow.ask(number % 3, "large", LARGE_BYTES)).collect();
    settle().await;
    slow.go.add_permits(100);
    let mut held = Vec::new();
    for one in asked {
        held.push(one.await.unwrap().unwrap());
    }
    assert_eq!(slow.begun(), 1);
    let first = held.first().unwrap().as_ptr();
    assert!(held.iter().all(|one| one.as_ptr() == first), "shared, not copied");
    // A slow reader has it still, so nobody needs another.
    held.truncate(1);
    drop(slow.ask(9, "large", LARGE_BYTES).await.unwrap().unwrap());
    assert_eq!(slow.begun(), 1);
    assert!(renders.held_bytes() >= LARGE_BYTES as u64);
    drop(held);
    assert_eq!(renders.held_bytes(), 0);
    slow.ask(9, "large", LARGE_BYTES).await.unwrap().unwrap();
    assert_eq!(slow.begun(), 2, "nobody had it any more");
}

#[tokio::test]
async fn one_client_with_many_renders_does_not_keep_others_from_theirs() {
    let renders = renders(Bounds::new(2, 1, 1).waiting(8, 1));
    let slow = Slow::of(&renders);
    let running = slow.ask(1, "a", 10);
    settle().await;
    let waiting = slow.ask(1, "b", 10);
    settle().await;
    assert_eq!(slow.begun(), 1);
    let refused = slow.ask(1, "c", 10).await.unwrap();
    assert!(matches!(refused, Err(Error::Crowded)), "{refused:?}");
    let other = slow.ask(2, "d", 10);
    settle().await;
    assert_eq!(slow.begun(), 2, "another client has its turn at once");
    slow.go.add_permits(100);
    for one in [running, waiting, other] {
        assert_eq!(one.await.unwrap().unwrap().len(), 10);
    }
}

#[tokio::test]
async fn whoever_gets_a_turn_first_renders_for_all() {
    let renders = renders(Bounds::new(2, 1, 1).waiting(8, 1));
    let slow = Slow::of(&renders);
    let busy = slow.ask(1, "busy", 10);
    settle().await;
    let behind = slow.ask(1, "wanted", 10);
    settle().await;
    let ahead = slow.ask(2, "wanted", 10);
    settle().await;
    assert_eq!(slow.begun(), 2, "it does not wait behind what another client asks for");
    // One more of the first client finds no place in the line, and shares what the others bring.
    let sharing = slow.ask(1, "wanted", 10);
    settle().await;
    assert!(!sharing.is_finished());
    slow.go.add_permits(100);
    for one in [busy, behind, ahead, sharing] {
        one.await.unwrap().unwrap();
    }
    assert_eq!(slow.begun(), 2);
}

#[tokio::test]
async fn a_rendering_that_is_given_up_is_taken_over() {
    let renders = renders(Bounds::new(2, 1, 1).waiting(8, 8));
    let slow = Slow::of(&renders);
    let given_up = slow.ask(1, "a", 10);
    settle().await;
    let patient = slow.ask(2, "a", 10);
    settle().await;
    given_up.abort();
    let _ = given_up.await;
    slow.go.add_permits(100);
    assert_eq!(patient.await.unwrap().unwrap().len(), 10);
    assert_eq!(slow.begun(), 2);
}

#[tokio::test]
async fn what_slow_readers_hold_is_counted() {
    let renders = renders(Bounds::new(4, 4, 4).waiting(8, 8));
    let slow = Slow::of(&renders);
    slow.go.add_permits(100);
    let mut held = Vec::new();
    for name in ["a", "b", "c"] {
        held.push(slow.ask(1, name, 5 << 20).await.unwrap().unwrap());
    }
    let kept = slow.ask(1, "small", 512 << 10).await.unwrap();
    drop(kept);
    assert!(renders.held_bytes() > 15 << 20);
    // What is only kept gives way to what somebody wants.
    held.push(slow.ask(2, "d", 900 << 10).await.unwrap().unwrap());
    let refused = slow.ask(2, "e", 5 << 20).await.unwrap();
    assert!(matches!(refused, Err(Error::Full)), "{refused:?}");
    held.clear();
    slow.ask(2, "e", 5 << 20).await.unwrap().unwrap();
}

/// Callers with other layers, and owners that nobody sees, make other documents.
#[test]
fn documents_of_several_repositories_are_told_apart_by_all_of_them() {
    let several = |all: &[Generation]| Generations::Several(all.into());
    let one = Generations::One(counted(1, 5));
    let two = several(&[counted(1, 5), counted(2, 9)]);
    assert_ne!(one, two);
    assert!(one.is_after(&two) && two.is_after(&one), "what is shown through it is another");
    assert!(!one.is_after(&one) && !two.is_after(&two));
    let later = several(&[counted(1, 5), counted(2, 10)]);
    assert!(later.is_after(&two) && !two.is_after(&later));
    let renders = renders(Bounds::new(4, 2, 2));
    let find = |generations: &Generations| {
        renders.find(&DocumentAt { generations: generations.clone(), name: "a".into() })
    };
    assert!([&one, &two, &later].into_iter().all(|generations| find(generations).is_none()));
}

#[tokio::test]
async fn a_change_in_any_of_several_repositories_is_rendered() {
    let renders = renders(Bounds::new(4, 2, 2));
    let rendered = AtomicUsize::new(0);
    let get = async |all: &[Generation]| {
        let at = DocumentAt { generations: Generations::Several(all.into()), name: "a".into() };
        let render = async || {
            rendered.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Error>(Bytes::from_static(b"x"))
        };
        renders.get(client(1), at, render).await.unwrap();
        rendered.load(Ordering::SeqCst)
    };
    let (own, other, unseen) = (counted(1, 5), counted(2, 9), counted(3, 1));
    assert_eq!(get(&[own, other]).await, 1);
    assert_eq!(get(&[own, other]).await, 1);
    assert_eq!(get(&[own, counted(2, 10)]).await, 2);
    assert_eq!(get(&[own, other, unseen]).await, 3, "another caller, or another owner");
    assert_eq!(get(&[own, other, counted(3, 2)]).await, 4, "nobody sees it, and it counts");
}
