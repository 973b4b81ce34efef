//! The suites of `behaviour` on every kind of blob store and both databases.

use tokio::time::Instant;

use crate::behaviour;
use crate::testing::{Place, Story};

mod properties;
mod races;

fn run(stories: Vec<(&'static str, Story)>, mut place: impl FnMut() -> Option<Place>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    assert!(stories.len() > 5, "the suite has stories");
    for (name, story) in stories {
        let Some(place) = place() else { return };
        let began = Instant::now();
        runtime.block_on(story(place));
        println!("{:6} ms {name}", began.elapsed().as_millis());
    }
}

#[test]
fn content_in_memory() {
    run(behaviour::content(), || Some(Place::memory()));
}

#[test]
fn content_on_disk() {
    run(behaviour::content(), || Some(Place::disk()));
}

#[test]
fn content_in_small_parts() {
    run(behaviour::content(), || Some(Place::small_parts()));
}

#[test]
fn content_as_whole_objects() {
    run(behaviour::content(), || Some(Place::whole_objects()));
}

#[test]
fn content_with_postgres() {
    run(behaviour::content(), Place::postgres);
}

#[test]
fn searches_in_memory() {
    run(behaviour::searches(), || Some(Place::memory()));
}

#[test]
fn searches_in_a_file() {
    run(behaviour::searches(), || Some(Place::disk()));
}

#[test]
fn searches_with_postgres() {
    run(behaviour::searches(), Place::postgres);
}

#[test]
fn directory_in_memory() {
    run(behaviour::directory(), || Some(Place::memory()));
}

#[test]
fn directory_in_a_file() {
    run(behaviour::directory(), || Some(Place::disk()));
}

#[test]
fn directory_with_postgres() {
    run(behaviour::directory(), Place::postgres);
}
