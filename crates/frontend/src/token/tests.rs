use crate::testing::{Answer, House, basic};

const CHALLENGE: &str = "Bearer realm=\"http://hub.localhost/v2/token\",service=\"hub.localhost\"";

async fn post(house: &House, headers: &str, form: &str) -> Answer {
    let length = form.len();
    let request = format!(
        "POST /v2/token HTTP/1.1\r\nHost: hub.localhost\r\nConnection: close\r\n{headers}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
    );
    Answer::read(&house.talk(request.as_bytes()).await)
}

/// Whose bearer that is, as the version check sees it: 200 for somebody, 401 for nobody.
async fn is_somebody(house: &House, granted: &Answer) -> bool {
    assert_eq!(granted.status, 200, "{granted:?}");
    assert_eq!(granted.header("content-type"), Some("application/json"));
    assert_eq!(granted.header("cache-control"), Some("no-store"));
    let json: serde_json::Value = serde_json::from_str(&granted.body).unwrap();
    let fields: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["access_token", "expires_in", "token"], "no refresh_token, no issued_at");
    assert_eq!(json["token"], json["access_token"]);
    assert!(json["expires_in"].as_u64().unwrap() >= 300);
    let bearer = format!("Authorization: Bearer {}\r\n", json["token"].as_str().unwrap());
    match house.get("/v2/", &bearer).await.status {
        200 => true,
        401 => false,
        status => panic!("{status}"),
    }
}

/// docs/oci.md 4.3, client by client.
#[tokio::test]
async fn who_asks_how() {
    let house = House::new().await;
    let (name, secret) = ("alice", house.alice.clone());
    let header = basic(name, &secret);
    let scope = "scope=repository:p/alpha/private/web:pull,push";
    let both = format!("{scope}&scope=repository(plugin):x:*&scope=registry:catalog:*");

    let docker = format!("/v2/token?account=alice&{scope}&service=hub.localhost");
    assert!(is_somebody(&house, &house.get(&docker, &header).await).await, "docker classic");
    assert!(!is_somebody(&house, &house.get(&docker, "").await).await, "docker classic, anonymous pull");
    let login = "/v2/token?account=alice&client_id=docker&offline_token=true&service=hub.localhost";
    assert!(is_somebody(&house, &house.get(login, &header).await).await, "docker login");
    let podman = format!("/v2/token?account=alice&{both}");
    assert!(is_somebody(&house, &house.get(&podman, &header).await).await, "podman, several scopes");
    let empty = "Authorization: Basic Og==\r\n";
    assert!(!is_somebody(&house, &house.get(&docker, empty).await).await, "empty Basic is nobody");

    let containerd = format!(
        "grant_type=password&service=hub.localhost&client_id=containerd&{scope}&username={name}&password={secret}"
    );
    assert!(is_somebody(&house, &post(&house, "", &containerd).await).await, "containerd");
    let regclient = format!("client_id=regclient&service=hub.localhost&{scope}");
    assert!(!is_somebody(&house, &post(&house, "", &regclient).await).await, "regclient, anonymous");
    assert!(is_somebody(&house, &post(&house, &header, &regclient).await).await, "regclient with Basic");
    let bearer = format!("Authorization: Bearer {secret}\r\n");
    assert!(is_somebody(&house, &house.get(&docker, &bearer).await).await, "a token as Bearer");
}

#[tokio::test]
async fn who_gets_none() {
    let house = House::new().await;
    let wrong = basic("alice", &house.bob);
    let scope = "scope=repository:a/b/c:pull";
    for (answer, why) in [
        (house.get("/v2/token", "").await, "nobody asks for nothing"),
        (house.get("/v2/token?scope=", "").await, "an empty scope is none"),
        (house.get("/v2/token", "Authorization: Basic Og==\r\n").await, "an empty Basic is nobody"),
        (house.get(&format!("/v2/token?{scope}"), &wrong).await, "somebody else's token"),
        (house.get(&format!("/v2/token?{scope}"), "Authorization: Bearer x\r\n").await, "a garbled bearer"),
        (post(&house, "", "grant_type=password&username=alice&password=wrong&scope=x").await, "wrong form"),
        (post(&house, "", "service=x").await, "a form without scope"),
    ] {
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some(CHALLENGE)), "{why}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(answer.body.starts_with("{\"errors\":[{\"code\":\"UNAUTHORIZED\""), "{}", answer.body);
    }
}

#[tokio::test]
async fn what_is_no_request_for_a_token() {
    let house = House::new().await;
    for grant in ["refresh_token", "authorization_code", "nonsense"] {
        let form = format!("grant_type={grant}&refresh_token=x&scope=x");
        assert_eq!(post(&house, "", &form).await.status, 400, "{grant}");
    }
    let put = house.ask("PUT", "/v2/token", "").await;
    assert_eq!((put.status, put.header("allow")), (405, Some("GET, HEAD, POST")));
    let long = format!("scope={}", "x".repeat(64 << 10));
    assert_eq!(post(&house, "", &long).await.status, 413);
    let json = "POST /v2/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(Answer::read(&house.talk(json.as_bytes()).await).status, 400);
    let twice = "Authorization: Basic Og==\r\nAuthorization: Basic Og==\r\n";
    assert_eq!(house.get("/v2/token?scope=x", twice).await.status, 400);
}

#[tokio::test]
async fn too_many_failures_are_told_to_wait_and_a_valid_token_is_not() {
    let house = House::new().await;
    let wrong = basic("alice", &house.bob);
    let mut last = house.get("/v2/token", &wrong).await;
    for _ in 0..200 {
        last = house.get("/v2/token", &wrong).await;
    }
    assert_eq!(last.status, 429);
    assert!(last.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    assert!(last.body.contains("TOOMANYREQUESTS"));
    assert_eq!(house.get("/v2/token", &basic("alice", &house.alice)).await.status, 200);
}
