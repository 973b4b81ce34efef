//! Lists in an order that was asked for, a page at a time.

use serde_json::{Value, json};

use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(projects_are_listed_in_the_order_that_is_asked_for);

async fn projects_are_listed_in_the_order_that_is_asked_for(hub: Server) {
    for key in ["zebra", "alpha", "mole"] {
        hub.admin().send(Ask::put(format!("/api/v1/projects/{key}")).json(&json!({}))).await.is(201);
    }
    let page = async |query: &str| -> (Vec<String>, Option<String>) {
        let page = hub.admin().send(Ask::get(format!("/api/v1/projects?{query}"))).await.is(200).json();
        let key = |item: &Value| item["about"]["key"].as_str().expect("a key").to_owned();
        let keys = page["items"].as_array().expect("items").iter().map(key).collect();
        (keys, page["next"].as_str().map(str::to_owned))
    };
    let (by_key, made) = (["alpha", "mole", "other", "team", "zebra"], ["zebra", "alpha", "mole"]);
    for (sort, turned) in [("key", "-key"), ("created", "-created")] {
        let (whole, _) = page(&format!("sort={sort}")).await;
        if sort == "key" {
            assert_eq!(whole, by_key);
            assert_eq!(page("").await.0, by_key);
        } else {
            // Those of the bootstrap file come first.
            assert_eq!(whole[2..], made);
        }
        let (mut back, _) = page(&format!("sort={turned}")).await;
        back.reverse();
        assert_eq!(back, whole);
        for sort in [sort, turned] {
            let (mut walked, mut after) = (Vec::new(), String::new());
            loop {
                let (keys, next) = page(&format!("sort={sort}&limit=2{after}")).await;
                walked.extend(keys);
                let Some(next) = next else { break };
                after = format!("&after={next}");
            }
            assert_eq!(walked, page(&format!("sort={sort}")).await.0, "{sort}");
        }
    }
    // With a filter, and what was not known is passed over.
    assert_eq!(page("sort=-created&query=e").await.0[..2], ["mole", "zebra"]);
    // A place in one list is none in another.
    let (_, next) = page("sort=-created&limit=1").await;
    let next = next.expect("more");
    for other in ["limit=1", "sort=created&limit=1", "sort=-created&query=e", "sort=-created&access=closed"] {
        let wrong = hub.admin().send(Ask::get(format!("/api/v1/projects?{other}&after={next}"))).await;
        assert_eq!(wrong.is(409).json()["code"], "bad-cursor", "{other}");
    }
    assert_eq!(page(&format!("sort=-created&limit=2&after={next}")).await.0.len(), 2);
    hub.admin().send(Ask::get("/api/v1/projects?sort=title")).await.is(400);
}
