//! Gateways that share the rows, as each sees the others.

use domain::{AuditView, Limit, PolicyVersion};

use super::{stories, two_projects};
use crate::testing::{Bench, Place, system};
use crate::{Directory, Gateway};

stories! {
    a_gateway_is_listed_until_it_leaves
    what_nobody_drew_is_not_reached
}

fn gateway(id: i64) -> Gateway {
    Gateway { id, release: "1.2.3".into(), started_at: domain::Timestamp::from_millis(1_000) }
}

async fn listed(bench: &Bench, directory: &Directory) -> Vec<(i64, PolicyVersion, bool)> {
    let may = bench.on_organisation::<AuditView>(bench.actor());
    let rows = directory.gateways(&may, None, Limit::MAX).await.expect("lists");
    rows.iter().map(|row| (row.id, row.version, row.here)).collect()
}

async fn a_gateway_is_listed_until_it_leaves(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let directory = &bench.opened.directory;
    assert_eq!(listed(&bench, directory).await, []);
    directory.join(&system(), gateway(-7)).await.expect("joins");
    let present = bench.point().await.version;
    assert_eq!(listed(&bench, directory).await, [(-7, present, true)]);
    assert!(directory.confirmed(present).await.expect("it has that in force itself"));
    directory.leave(&system()).await.expect("leaves");
    assert_eq!(listed(&bench, directory).await, []);
}

async fn what_nobody_drew_is_not_reached(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let directory = &bench.opened.directory;
    directory.join(&system(), gateway(7)).await.expect("joins");
    let present = bench.point().await.version;
    assert!(directory.reach(present).await);
    assert!(!directory.reach(PolicyVersion::new(present.get() + 1)).await);
}
