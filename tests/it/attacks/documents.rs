//! Documents that are made large by who asks for them, or by who has published what stands in them.

use futures_util::future::join_all;

use super::streams::hoard;
use super::town::Town;
use super::{ATTACKER, count};
use crate::support::nuget::Packed;
use crate::support::{Ask, Http};

/// nuget.org takes descriptions of 4,000 characters; these are of four bytes each.
const DESCRIPTION_CHARACTERS: usize = 4_000;
/// Where registrations lie.
const HIVES: [&str; 3] = ["reg", "reg-gz", "reg-gz-semver2"];

/// A list of everything, a hundred times on one connection at window 0.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_lists_at_window_zero_hold_little() {
    let town = Town::start(|launch| launch).await;
    let description = format!("<description>{}</description>", "𝄞".repeat(DESCRIPTION_CHARACTERS));
    let packages = (0..count(250, 1_000))
        .map(|number| Packed::with(&format!("Open.Part{number}"), "1.0.0", &description, &[]));
    let (taken, refusal) = town.fill("alice", "team/feed", packages).await;
    assert_eq!(taken, count(250, 1_000), "refused: {refusal:?}");
    let siege = town.besieged("2: lists at window 0").await;
    let list = Ask::get("/nuget/p/team/feed/v3/query?take=1000&semVerLevel=2.0.0");
    let (held, tally) = hoard(&siege, 1, 100, &list).await;
    siege.others_go_on().await;
    let shown = tally.to_string();
    drop(held);
    siege.relieved(&shown).await;
}

/// Packages of a few hundred bytes whose facts are long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_packages_make_no_large_documents() {
    let town = Town::start(|launch| launch).await;
    let siege = town.besieged("4: long facts in small packages").await;
    // Ten thousands of frameworks, of which a package has a handful: refused at the push, in words.
    let groups = groups(19_900, 0);
    let monster =
        (0..count(48, 127)).map(|number| Packed::with("Evil.Groups", &format!("1.0.{number}"), &groups, &[]));
    let (groups_taken, _) = siege.town.fill("mallory", "evil/feed", monster).await;
    // As much as nuget.org itself takes of everything is taken here too, and is as harmless.
    let most = self::groups(128, 15);
    let honest =
        (0..count(48, 127)).map(|number| Packed::with("Evil.Most", &format!("1.0.{number}"), &most, &[]));
    let (most_taken, refusal) = siege.town.fill("mallory", "evil/feed", honest).await;
    let address = siege.town.process.address;
    // Eight readers of each document there is of each package.
    let documents = ["evil.groups", "evil.most"].iter().flat_map(|id| HIVES.map(|hive| (id, hive)));
    let eight = documents.flat_map(|document| std::iter::repeat_n(document, 8));
    let reading = eight.map(|(id, hive)| async move {
        let http = Http::new(address).bound_to(Some(ATTACKER));
        let ask = Ask::get(format!("/nuget/p/evil/feed/v3/{hive}/{id}/index.json"));
        http.try_send(ask).await.map_or(0, |answer| answer.body.len())
    });
    let largest = join_all(reading).await.into_iter().max().unwrap_or_default();
    siege.others_go_on().await;
    let shown = format!(
        "{groups_taken} versions of 19,900 groups taken, {most_taken} of 128; the largest document {largest} bytes"
    );
    siege.relieved(&shown).await;
    assert_eq!(groups_taken, 0, "facts without a bound");
    assert_eq!(most_taken, count(48, 127), "refused: {refusal:?}");
    assert!(largest <= 16 << 20, "a document of {largest} bytes");
}

/// Groups of dependencies, each with so many.
fn groups(count: usize, dependencies: usize) -> String {
    let inner: String =
        (0..dependencies).map(|number| format!("<dependency id=\"D{number}\" version=\"1.0\"/>")).collect();
    // The shortest group there is, where nothing stands in it.
    let group = |number: usize| match dependencies {
        0 => "<group/>".to_owned(),
        _ => format!("<group targetFramework=\"net{number}.0\">{inner}</group>"),
    };
    let groups: String = (0..count).map(group).collect();
    format!("<description>d</description><dependencies>{groups}</dependencies>")
}
