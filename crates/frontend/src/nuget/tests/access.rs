use super::*;

#[tokio::test]
async fn absent_and_unreadable_answer_byte_for_byte_the_same() {
    let hub = Hub::new().await;
    let eve = hub.person("eve");
    eve.push_to("other", &package("A", "1.0.0")).await.is(201);
    let requests = [
        ("GET", "v3/index.json"),
        ("HEAD", "v3/index.json"),
        ("PUT", "v3/index.json"),
        ("PUT", "v3/package"),
        ("PUT", "v3/package/"),
        ("PUT", ""),
        ("GET", "v3/package"),
        ("DELETE", "v3/package/A/1.0.0"),
        ("POST", "v3/package/A/1.0.0"),
        ("DELETE", "v3/package/A/x"),
        ("GET", "v3/flat/a/index.json"),
        ("GET", "v3/flat/a/1.0.0/a.1.0.0.nupkg"),
        ("HEAD", "v3/flat/a/1.0.0/a.1.0.0.nupkg"),
        ("GET", "v3/flat/a/1.0.0/a.nuspec"),
        ("GET", "v3/flat/a..b/index.json"),
        ("GET", "v3/reg/a/index.json"),
        ("GET", "v3/reg-gz-semver2/a/1.0.0.json"),
        ("GET", "v3/query?q=a"),
        ("HEAD", "v3/query?q=a"),
        ("GET", "v3/autocomplete?q=a"),
        ("GET", "v3/nothing"),
        ("PATCH", "v3/index.json"),
    ];
    for (method, rest) in requests {
        for (client, status) in [(hub.anonymous(), 401), (hub.person("bob"), 403)] {
            let of = |repository: &str| format!("/nuget/p/alpha/{repository}/{rest}");
            let hidden = client.send(method, &of("other"), &[], "").await;
            let absent = client.send(method, &of("ether"), &[], "").await;
            assert_eq!(hidden.status, status, "{method} {rest}");
            assert_eq!(hidden, absent, "{method} {rest}");
            if status == 401 {
                hidden.has("www-authenticate", "Basic realm=\"wharfinger\", charset=\"UTF-8\"");
            } else {
                hidden.lacks("www-authenticate");
            }
        }
    }
}

#[tokio::test]
async fn a_publisher_without_read_pushes_and_fetches_nothing() {
    let hub = Hub::new().await;
    let pat = hub.person("pat");
    pat.get(&at("index.json")).await.is(200);
    pat.push(&package("A", "1.0.0")).await.is(201);
    for path in ["flat/a/index.json", "flat/a/1.0.0/a.1.0.0.nupkg", "reg/a/index.json"] {
        pat.send("HEAD", &at(path), &[], "").await.is(200);
        pat.get(&at(path)).await.tells(403, "`read`");
    }
    for path in ["query", "autocomplete", "flat/a/1.0.0/a.nuspec"] {
        pat.get(&at(path)).await.tells(403, "`read`");
    }
    pat.send("HEAD", &at("query"), &[], "").await.is(403);
    pat.remove("A", "1.0.0").await.tells(403, "`delete-package`");
}

#[tokio::test]
async fn a_reader_changes_nothing() {
    let hub = Hub::new().await;
    hub.person("alice").push(&package("A", "1.0.0")).await.is(201);
    let bob = hub.person("bob");
    bob.push(&package("A", "2.0.0")).await.tells(403, "`publish`");
    bob.remove("A", "1.0.0").await.tells(403, "`delete-package`");
    bob.send("POST", &at("package/A/1.0.0"), &[], "").await.tells(403, "`delete-package`");
    let flat = bob.get(&at("flat/a/index.json")).await.is(200).json();
    assert_eq!(texts(&flat["versions"], ""), ["1.0.0"]);
}

#[tokio::test]
async fn public_packages_are_read_without_a_word() {
    let hub = Hub::new().await;
    hub.person("alice").push_to("public", &package("A", "1.0.0")).await.is(201);
    let anonymous = hub.anonymous();
    for path in ["index.json", "flat/a/index.json", "flat/a/1.0.0/a.1.0.0.nupkg", "reg/a/index.json", "query"]
    {
        anonymous.get(&format!("/nuget/p/alpha/public/v3/{path}")).await.is(200);
    }
    anonymous.push_to("public", &package("A", "2.0.0")).await.tells(401, "log in");
    anonymous.get("/nuget/p/alpha/public/v3/flat/b/index.json").await.is(404);
}

#[tokio::test]
async fn a_repository_of_another_format_holds_no_packages() {
    let hub = Hub::new().await;
    let target = "/nuget/p/alpha/images/v3/index.json";
    hub.person("alice").get(target).await.tells(404, "does not hold NuGet packages");
    hub.person("bob").get(target).await.is(403);
}

/// The files of a package are readable through versions alone, and only where those are.
#[tokio::test]
async fn bytes_of_one_repository_are_not_lent_to_another() {
    let hub = Hub::new().await;
    let bytes = package("A", "1.0.0");
    hub.person("eve").push_to("other", &bytes).await.is(201);
    hub.person("bob").get(&at("flat/a/1.0.0/a.1.0.0.nupkg")).await.is(404);
    hub.person("alice").push(&bytes).await.is(201);
    assert_eq!(hub.person("bob").get(&at("flat/a/1.0.0/a.1.0.0.nupkg")).await.is(200).body, bytes);
}

#[tokio::test]
async fn every_example_does_what_it_says_for_who_may() {
    let hub = Hub::new().await;
    let (alice, bob) = (hub.person("alice"), hub.person("bob"));
    let mut names = Vec::new();
    for example in NuGet::examples() {
        names.push(example.name);
        let target = example.path.replace("{repository}", "alpha/packages");
        let method = example.method.as_str();
        let body = Bytes::from_static(example.body);
        let absent = example.path.replace("{repository}", "alpha/ether");
        bob.send(method, &absent, example.headers, body.clone()).await.is(403);
        let answer = alice.send(method, &target, example.headers, body).await;
        let expected = match example.name {
            "readme" | "icon" | "licence" => 404..405,
            "old-protocol" => 410..411,
            _ => 200..300,
        };
        assert!(expected.contains(&answer.status), "{} {} {:?}", example.name, answer.status, answer.body);
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), NuGet::examples().len());
}
