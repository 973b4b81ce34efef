//! What a version tells of itself, as much of it as a page has room for: whoever pushed it says as much as they like.

use api::details::{Details, Part};

use crate::room::Room;

/// Rows of each list.
const ROWS_MAX: usize = 60;
/// What a row of a table takes beside its texts, and one of a list of facts, in bytes of HTML.
const ROW_BYTES: usize = 600;
const FACT_BYTES: usize = 60;
/// Shares of what is said, in bytes of HTML: about the whole, in tables, in facts.
const ABOUT_BYTES_MAX: usize = 6_000;
const TABLES_BYTES_MAX: usize = 18_000;
const FACTS_BYTES_MAX: usize = 8_000;
/// An address that is longer leads nowhere from here.
const URL_BYTES_MAX: usize = 500;

/// Leaves out of it what the page has no room for.
pub(super) fn fit(details: &mut Details, room: &mut Room) {
    room.within(ABOUT_BYTES_MAX, |room| about(details, room));
    room.within(TABLES_BYTES_MAX, |room| tables(details, room));
    room.within(FACTS_BYTES_MAX, |room| facts(details, room));
}

fn about(details: &mut Details, room: &mut Room) {
    if let Some(title) = &mut details.title {
        room.cut(title, 300);
    }
    if let Some(text) = &mut details.description {
        room.cut(text, 1_500);
    }
    room.keep(&mut details.authors, (20, 2), |room, one| room.cut(one, 150));
    room.keep(&mut details.tags, (40, 2), |room, one| room.cut(one, 100));
    for licence in &mut details.licences {
        licence.url = licence.url.take().filter(|url| url.len() <= URL_BYTES_MAX);
    }
    room.keep(&mut details.licences, (10, FACT_BYTES), |room, one| {
        room.cut(&mut one.name, 200);
        one.url = one.url.take().filter(|url| room.take(url.len()));
    });
    let is_long = |url: &String| url.len() > URL_BYTES_MAX;
    room.full |= details.links.iter().any(|link| is_long(&link.url));
    details.links.retain(|link| !is_long(&link.url));
    room.keep(&mut details.links, (12, FACT_BYTES), |room, one| {
        let _ = room.take(2 * one.url.len());
    });
    details.weaknesses.retain(|one| !is_long(&one.url));
}

fn tables(details: &mut Details, room: &mut Room) {
    for role in ["platform", "layer", "attached"] {
        let all = std::mem::take(&mut details.parts);
        let (mut of, others): (Vec<Part>, Vec<Part>) = all.into_iter().partition(|part| part.role == role);
        room.keep(&mut of, (ROWS_MAX, ROW_BYTES), |room, one| {
            for text in [&mut one.made_by, &mut one.name, &mut one.media_type].into_iter().flatten() {
                room.cut(text, 300);
            }
        });
        details.parts = others;
        details.parts.append(&mut of);
    }
    room.keep(&mut details.dependencies, (ROWS_MAX, ROW_BYTES), |room, one| {
        // Where it leads to its package the name stands in an address too, where some characters take three times as much.
        one.here = one.here.map(|here| here && room.take(4 * one.package.len()));
        if one.here != Some(true) {
            room.cut(&mut one.package, 300);
        }
        for text in [&mut one.range, &mut one.group, &mut one.scope].into_iter().flatten() {
            room.cut(text, 120);
        }
    });
}

fn facts(details: &mut Details, room: &mut Room) {
    room.keep(&mut details.facts, (2 * ROWS_MAX, FACT_BYTES), |room, one| {
        room.cut(&mut one.name, 100);
        room.cut(&mut one.value, 500);
    });
    let mut labels: Vec<(String, String)> = std::mem::take(&mut details.labels).into_iter().collect();
    room.keep(&mut labels, (ROWS_MAX, FACT_BYTES), |room, (name, value)| {
        room.cut(name, 100);
        room.cut(value, 300);
    });
    details.labels = labels.into_iter().collect();
    for names in [&mut details.same_as, &mut details.part_of] {
        room.keep(names, (ROWS_MAX, ROW_BYTES / 3), |room, one| {
            let _ = room.take(2 * one.len());
        });
    }
}
