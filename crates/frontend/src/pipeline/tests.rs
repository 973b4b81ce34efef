use edge::EdgeConfig;

use crate::testing::{Answer, House, basic};

const BASIC: &str = "Basic realm=\"wharfinger\", charset=\"UTF-8\"";

fn status(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.header("www-authenticate"))
}

/// docs/design.md 4: what each kind of caller sees, by repository and action.
#[tokio::test]
async fn the_status_table_of_the_design() {
    let house = House::new().await;
    let (nobody, alice, bob) = (String::new(), basic("alice", &house.alice), basic("bob", &house.bob));
    let wrong = basic("alice", &house.bob);
    let challenged = Some(BASIC);
    let rows = [
        (nobody.as_str(), "GET", "public/4", (200, None)),
        (&nobody, "HEAD", "public/4", (200, None)),
        (&nobody, "DELETE", "public/4", (401, challenged)),
        (&nobody, "GET", "readable/4", (401, challenged)),
        (&nobody, "GET", "private/4", (401, challenged)),
        (&nobody, "GET", "absent/4", (401, challenged)),
        (&nobody, "GET", "private/b-d", (401, challenged)),
        (&nobody, "GET", "oci/4", (404, None)),
        (&wrong, "GET", "public/4", (401, challenged)),
        (&wrong, "GET", "absent/4", (401, challenged)),
        (&bob, "GET", "readable/4", (200, None)),
        (&bob, "HEAD", "readable/4", (200, None)),
        (&bob, "GET", "readable/b-d", (400, None)),
        (&bob, "DELETE", "readable/4", (403, None)),
        (&bob, "DELETE", "readable/b-d", (403, None)),
        (&bob, "GET", "private/4", (403, None)),
        (&bob, "GET", "absent/4", (403, None)),
        (&bob, "GET", "NO--NAME/4", (403, None)),
        (&alice, "DELETE", "private/4", (204, None)),
        (&alice, "PATCH", "private/4", (405, None)),
    ];
    for (caller, method, path, expected) in rows {
        let answer = house.ask(method, &format!("/parcel/alpha/{path}"), caller).await;
        assert_eq!(status(&answer), expected, "{method} {path} {caller}");
    }
}

#[tokio::test]
async fn absent_and_unreadable_repositories_answer_with_the_same_bytes() {
    let house = House::new().await;
    for caller in [String::new(), basic("bob", &house.bob), basic("bob", "wrong")] {
        for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH"] {
            for name in ["4", "b-d"] {
                let ask = async |repository: &str| {
                    let path = format!("/parcel/alpha/{repository}/{name}");
                    house.ask(method, &path, &caller).await.comparable()
                };
                let private = ask("private").await;
                assert_eq!(private, ask("absent").await, "{method}");
                assert_eq!(private, ask("UPPER").await, "{method}");
            }
        }
    }
}

#[tokio::test]
async fn every_form_of_credentials_and_what_is_none() {
    let house = House::new().await;
    let (alice, bob) = (&house.alice, &house.bob);
    let rows = [
        (String::new(), "caller 5"),
        ("Authorization: Basic Og==\r\n".to_owned(), "caller 5"),
        (basic("alice", alice), "caller 20"),
        (format!("Authorization: Bearer {alice}\r\n"), "caller 20"),
        (format!("X-NuGet-ApiKey: {alice}\r\n"), "caller 20"),
        (format!("X-NuGet-ApiKey: {alice}\r\nAuthorization: Basic Og==\r\n"), "caller 20"),
        (format!("X-NuGet-ApiKey: junk\r\n{}", basic("bob", bob)), "caller 21"),
    ];
    for (headers, expected) in rows {
        let answer = house.get("/parcel/version", &headers).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, expected), "{headers}");
    }
    for headers in
        ["Authorization: Bearer junk\r\n", "X-NuGet-ApiKey: junk\r\n", "Authorization: Digest x\r\n"]
    {
        assert_eq!(status(&house.get("/parcel/version", headers).await), (401, Some(BASIC)), "{headers}");
    }
    let twice = format!("{}{}", basic("alice", alice), basic("alice", alice));
    assert_eq!(house.get("/parcel/version", &twice).await.status, 400);
}

#[tokio::test]
async fn operations_get_what_they_ask_for() {
    let house = House::new().await;
    let (alice, bob) = (basic("alice", &house.alice), basic("bob", &house.bob));
    assert_eq!(house.get("/parcel/search", &bob).await.body, "1 repositories");
    let fetched = house.get("/parcel/alpha/public/10", "").await;
    assert_eq!(fetched.body, "xxxxxxxxxx");
    assert_eq!(fetched.header("content-length"), Some("10"));
    assert_eq!(fetched.header("server"), None);
    assert_eq!(fetched.header("x-request-id").map(str::len), Some(16));
    let put = house
        .talk(format!("PUT /parcel/alpha/private/x HTTP/1.1\r\nHost: localhost\r\n{alice}Connection: close\r\nContent-Length: 5\r\n\r\nhello").as_bytes())
        .await;
    let put = Answer::read(&put);
    assert_eq!((put.status, put.body.as_str()), (201, "5 bytes, overwrite true"));
}

#[tokio::test]
async fn head_has_the_length_and_no_body() {
    let house = House::new().await;
    let answer = house.ask("HEAD", "/parcel/alpha/public/4", "").await;
    assert_eq!((answer.header("content-length"), answer.body.as_str()), (Some("4"), ""));
    let refused = house.ask("HEAD", "/parcel/alpha/private/4", "").await;
    assert_eq!((refused.header("content-length"), refused.body.as_str()), (Some("7"), ""));
}

#[tokio::test]
async fn a_bearer_of_the_token_endpoint_is_good_below_v2_alone() {
    let house = House::new().await;
    let granted = house.get("/v2/token?scope=x", &basic("alice", &house.alice)).await;
    let bearer = granted.body.split('"').nth(3).unwrap().to_owned();
    let bearer = format!("Authorization: Bearer {bearer}\r\n");
    assert_eq!(house.get("/v2/", &bearer).await.status, 200);
    assert_eq!(status(&house.get("/parcel/version", &bearer).await), (401, Some(BASIC)));
}

/// The same rules as above, on the protocol that challenges with Bearer (docs/oci.md 4.2).
#[tokio::test]
async fn challenges_below_v2() {
    let house = House::new().await;
    let base = "Bearer realm=\"http://hub.localhost/v2/token\",service=\"hub.localhost\"";
    let anonymous = house.get("/v2/token?scope=x", "").await.body.split('"').nth(3).unwrap().to_owned();
    let anonymous = format!("Authorization: Bearer {anonymous}\r\n");
    let image = "/v2/p/alpha/private/web/manifests/1";
    let scoped = format!("{base},scope=\"repository:p/alpha/private/web:pull\"");
    let rows = [
        ("/v2/", "", base.to_owned()),
        ("/v2/", anonymous.as_str(), base.to_owned()),
        ("/v2/", "Authorization: Bearer junk\r\n", base.to_owned()),
        (image, "", scoped.clone()),
        (image, anonymous.as_str(), format!("{scoped},error=\"insufficient_scope\"")),
        (image, "Authorization: Bearer junk\r\n", format!("{scoped},error=\"invalid_token\"")),
        (image, "Authorization: Basic eDp5\r\n", format!("{scoped},error=\"invalid_token\"")),
    ];
    for (path, headers, expected) in rows {
        let answer = house.get(path, headers).await;
        assert_eq!(status(&answer), (401, Some(expected.as_str())), "{path} {headers}");
        assert_eq!(answer.header("docker-distribution-api-version"), Some("registry/2.0"), "{path}");
    }
}

/// Space's cloud form (docs/design.md 3): the organisation in the path, the protocol in the host.
#[tokio::test]
async fn hosts_of_spaces_form_lead_to_their_protocol() {
    let house = House::new().await;
    let (alice, bob) = (basic("alice", &house.alice), basic("bob", &house.bob));
    let ask = async |host: &str, path: &str, headers: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n");
        Answer::read(&house.talk(request.as_bytes()).await)
    };
    for organisation in ["acme", "ACME", "acme-corp"] {
        let path = format!("/{organisation}/p/alpha/private/4");
        assert_eq!(ask("parcel.pkg.hub.localhost", &path, &alice).await.status, 200, "{path}");
        assert_eq!(ask("parcel.pkg.hub.localhost", &path, "").await.status, 401, "{path}");
    }
    assert_eq!(ask("parcel.pkg.hub.localhost", "/acme/p/alpha/public/4", "").await.status, 200);
    assert_eq!(ask("hub.localhost", "/acme/p/alpha/public/4", "").await.status, 404);
    for (caller, status) in [(&alice, 403), (&bob, 403), (&String::new(), 401)] {
        let [foreign, absent] = ["/umbrella/p/alpha/public/4", "/acme/p/alpha/absent/4"];
        let foreign = ask("parcel.pkg.hub.localhost", foreign, caller).await;
        assert_eq!(foreign.status, status, "another organisation has nothing here");
        let absent = ask("parcel.pkg.hub.localhost", absent, caller).await;
        assert_eq!(foreign.comparable(), absent.comparable());
    }
}

#[tokio::test]
async fn a_registry_host_names_the_organisation_too() {
    let fixed = EdgeConfig { public_url: Some("https://hub.example".to_owned()), ..EdgeConfig::default() };
    let house = House::with(fixed).await;
    for (host, status) in [
        ("hub.example", 404),
        ("acme.registry.hub.example", 404),
        ("umbrella.registry.hub.example", 401),
        ("umbrella.registry.elsewhere.example", 404),
    ] {
        let path = "/v2/p/alpha/oci/image/tags/list";
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(Answer::read(&house.talk(request.as_bytes()).await).status, status, "{host}");
    }
}

/// Documents link to the host that was asked only where it is ours.
#[tokio::test]
async fn a_made_up_host_is_in_no_link() {
    let fixed = EdgeConfig { public_url: Some("https://hub.example".to_owned()), ..EdgeConfig::default() };
    for (config, host, expected) in [
        (fixed.clone(), "parcel.pkg.hub.example", "https://parcel.pkg.hub.example/acme"),
        (fixed.clone(), "parcel.pkg.evil.example", "https://hub.example/parcel"),
        (EdgeConfig::default(), "parcel.pkg.localhost:8080", "http://parcel.pkg.localhost:8080/acme"),
    ] {
        let house = House::with(config).await;
        let request = format!("GET /acme/p/where HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = house.talk(request.as_bytes()).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{expected}")), "{host}: {answer}");
    }
}
