use std::sync::Arc;

use domain::{EntryKey, EntryKind, PackageName, RefName, RepositoryPath};
use storage::{Batch, NewEntry, Rule};

use super::*;

const NAME: &str = "p/alpha/images/web";

async fn list(client: &Client<'_>, query: &str) -> (Vec<String>, Option<String>) {
    let answer = client.get(&format!("/v2/{NAME}/tags/list{query}")).await;
    answer.is(200).has("content-type", "application/json");
    let body = answer.json();
    assert_eq!(body["name"], NAME);
    let tags = body["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap().to_owned()).collect();
    let next = answer.headers.get("link").map(|link| {
        let link = link.to_str().unwrap();
        let (target, rest) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
        assert_eq!(rest, "; rel=\"next\"");
        target.strip_prefix(&format!("/v2/{NAME}/tags/list")).unwrap().to_owned()
    });
    (tags, next)
}

async fn push(client: &Client<'_>, tags: &[&str]) {
    for tag in tags {
        client.push_image(NAME, tag, "layer").await;
    }
}

#[tokio::test]
async fn tags_are_sorted_byte_by_byte_and_paged_without_gaps() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    push(&alice, &["b", "a", "Z", "_x", "10", "2", "a.b", "a-b"]).await;
    let all = ["10", "2", "Z", "_x", "a", "a-b", "a.b", "b"].map(str::to_owned);
    assert_eq!(list(&alice, "").await, (all.to_vec(), None));
    for size in [1, 2, 3, 7, 8, 9, 10_000] {
        let (mut seen, mut query) = (Vec::new(), format!("?n={size}"));
        loop {
            let (page, next) = list(&alice, &query).await;
            assert!(page.len() <= size);
            seen.extend(page);
            match next {
                Some(next) => query = next,
                None => break,
            }
        }
        assert_eq!(seen, all, "pages of {size}");
    }
    assert_eq!(list(&alice, "?last=a").await.0, ["a-b", "a.b", "b"]);
    assert_eq!(
        list(&alice, "?n=1&last=a%2Db").await,
        (vec!["a.b".to_owned()], Some("?n=1&last=a.b".to_owned()))
    );
    assert_eq!(list(&alice, "?last=zzz").await, (Vec::new(), None));
    assert_eq!(list(&alice, "?n=0").await, (Vec::new(), None));
}

#[tokio::test]
async fn no_number_makes_a_page_larger_than_the_bound() {
    let mut hub = Hub::new().await;
    (hub.limits.page_rows_max, hub.limits.page_rows_default) = (3, 2);
    let alice = hub.person("alice");
    push(&alice, &["a", "b", "c", "d"]).await;
    assert_eq!(list(&alice, "").await.0.len(), 2);
    for n in ["4", "2147483648", "18446744073709551615", "99999999999999999999999"] {
        let (page, next) = list(&alice, &format!("?n={n}")).await;
        assert_eq!((page.len(), next.as_deref()), (3, Some("?n=3&last=c")), "{n}");
    }
    for n in ["-1", "abc", "", "1.5", "0x1"] {
        let target = format!("/v2/{NAME}/tags/list?n={n}");
        alice.get(&target).await.refused(400, "PAGINATION_NUMBER_INVALID");
    }
}

#[tokio::test]
async fn an_image_without_tags_is_not_an_unknown_image() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    alice.get(&format!("/v2/{NAME}/tags/list")).await.refused(404, "NAME_UNKNOWN");
    alice.get(&format!("/v2/{NAME}/tags/list?n=0")).await.refused(404, "NAME_UNKNOWN");
    push(&alice, &["only"]).await;
    alice.delete(&format!("/v2/{NAME}/manifests/only")).await.is(202);
    assert_eq!(list(&alice, "").await, (Vec::new(), None));
    alice.get("/v2/p/alpha/images/web/x/tags/list").await.refused(404, "NAME_UNKNOWN");
}

#[tokio::test]
async fn a_page_of_long_tags_ends_with_a_link_at_its_bound_in_bytes() {
    let mut hub = Hub::new().await;
    (hub.limits.page_rows_max, hub.limits.page_rows_default) = (9999, 9999);
    let alice = hub.person("alice");
    push(&alice, &["a"]).await;
    for part in 0..9 {
        let tags = (0..1000).map(|number| NewEntry {
            key: EntryKey {
                kind: EntryKind::Tag,
                package: PackageName::exact("web").unwrap(),
                name: RefName::exact(&format!("{:0>128}", part * 1000 + number)).unwrap(),
            },
            content: None,
            rule: Rule::Mutable,
            media_type: Arc::from(""),
            attributes: Arc::from(""),
            words: Arc::from(""),
            edges: Vec::new(),
        });
        let may = alice.gate().check(&RepositoryPath::parse("alpha/images").unwrap()).unwrap();
        let batch = Batch { entries: tags.collect(), ..Batch::default() };
        hub.storage.commit(may, None, batch).await.unwrap();
    }
    let (first, next) = list(&alice, "").await;
    assert!((7900..8005).contains(&first.len()), "{}", first.len());
    let (rest, end) = list(&alice, &next.unwrap()).await;
    assert_eq!((first.len() + rest.len(), end), (9001, None));
}
