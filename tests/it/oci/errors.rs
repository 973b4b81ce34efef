//! Refusals that no other room has: the version check, the token endpoint, addresses that lead nowhere.

use expect_test::expect;
use http::Method;

use crate::support::{Ask, Http, Server, image, on_both_databases};

on_both_databases!(
    the_version_check_challenges_with_bearer_alone,
    the_token_endpoint_answers_every_client,
    a_permanent_token_is_a_bearer_too,
    a_key_is_a_credential_too,
    an_address_names_its_owner,
    two_authorizations_are_one_too_many,
    addresses_that_lead_nowhere,
    repositories_of_other_formats_hold_no_images,
    methods_that_a_route_does_not_have,
    names_that_cannot_be,
);

async fn the_version_check_challenges_with_bearer_alone(hub: Server) {
    let stranger = hub.stranger();
    stranger.send(Ask::get("/v2/")).await.shows(&expect![[r#"
        401
        content-length: 86
        content-type: application/json
        docker-distribution-api-version: registry/2.0
        www-authenticate: Bearer realm="http://HOST/v2/token",service="HOST"

        {"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}
    "#]]);
    stranger.send(Ask::get("/v2/").authorization("Basic Og==")).await.is(401);
    hub.actor("bob").send(Ask::get("/v2/")).await.shows(&expect![[r#"
        200
        content-length: 2
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {}
    "#]]);
    hub.claiming("bob", "wrong").send(Ask::get("/v2/")).await.is(401);
    let bearer = |bearer: &str| Ask::get("/v2/").authorization(&format!("Bearer {bearer}"));
    let of_bob = hub.actor("bob").bearer().await;
    stranger.send(bearer(&of_bob)).await.is(200);
    // Nobody's bearer is no log-in: docker would believe any password otherwise.
    let of_nobody = stranger.bearer().await;
    stranger.send(bearer(&of_nobody)).await.is(401);
    stranger.send(bearer("garbage")).await.is(401);
    stranger.send(Ask::get("/v2")).await.is(401);
    let scope = Ask::get("/v2/p/team/app/web/manifests/1.0").authorization(&format!("Bearer {of_nobody}"));
    stranger.send(scope).await.shows(&expect![[r#"
        401
        content-length: 86
        content-type: application/json
        docker-distribution-api-version: registry/2.0
        www-authenticate: Bearer realm="http://HOST/v2/token",service="HOST",scope="repository:p/team/app/web:pull",error="insufficient_scope"

        {"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}
    "#]]);
    let scope = Ask::get("/v2/p/team/app/web/manifests/1.0").authorization("Bearer garbage");
    stranger.send(scope).await.shows(&expect![[r#"
        401
        content-length: 104
        content-type: application/json
        docker-distribution-api-version: registry/2.0
        www-authenticate: Bearer realm="http://HOST/v2/token",service="HOST",scope="repository:p/team/app/web:pull",error="invalid_token"

        {"errors":[{"code":"UNAUTHORIZED","message":"the user name, password or token is wrong","detail":null}]}
    "#]]);
    let put = Ask::put("/v2/p/team/app/web/manifests/1.0").body("{}");
    let answer = stranger.send(put).await.is(401);
    assert!(answer.must_have("www-authenticate").contains(":pull,push\""), "{answer}");
}

async fn the_token_endpoint_answers_every_client(hub: Server) {
    let (stranger, bob) = (hub.stranger(), hub.actor("bob"));
    let scope = "scope=repository%3Ap%2Fteam%2Fapp%2Fweb%3Apull";
    bob.send(Ask::get(format!("/v2/token?service=HOST&{scope}"))).await.shows(&expect![[r#"
        200
        cache-control: no-store
        content-length: 205
        content-type: application/json

        {"token":"TOKEN","access_token":"TOKEN","expires_in":900}
    "#]]);
    // `docker login`: no scope.
    bob.send(Ask::get("/v2/token?service=HOST&account=bob&client_id=docker&offline_token=true"))
        .await
        .is(200);
    stranger.send(Ask::get("/v2/token?service=HOST")).await.shows(&expect![[r#"
        401
        content-length: 111
        content-type: application/json
        www-authenticate: Bearer realm="http://HOST/v2/token",service="HOST"

        {"errors":[{"code":"UNAUTHORIZED","detail":null,"message":"log in with a user name or client ID and a token"}]}
    "#]]);
    stranger.send(Ask::get(format!("/v2/token?{scope}"))).await.is(200);
    for odd in [
        "scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull%2Cpush",
        "scope=registry%3Acatalog%3A*",
        "scope=repository(plugin)%3Aa%3Apull",
        "scope=repository%3Alocalhost%3A5000%2Fa%3A*",
        "scope=nonsense",
        "scope=",
    ] {
        bob.send(Ask::get(format!("/v2/token?{odd}"))).await.is(200);
    }
    hub.claiming("bob", "wrong").send(Ask::get(format!("/v2/token?{scope}"))).await.shows(&expect![[r#"
        401
        content-length: 92
        content-type: application/json
        www-authenticate: Bearer realm="http://HOST/v2/token",service="HOST"

        {"errors":[{"code":"UNAUTHORIZED","detail":null,"message":"the credentials are not valid"}]}
    "#]]);
    let post = |fields: &[(&str, &str)]| Ask::post("/v2/token").form(fields);
    let secret = hub.login("bob").secret;
    let form = [("grant_type", "password"), ("username", "bob"), ("password", &secret), ("service", "HOST")];
    stranger.send(post(&form)).await.is(200);
    let form = [("grant_type", "password"), ("username", "bob"), ("password", "wrong"), ("service", "HOST")];
    stranger.send(post(&form)).await.is(401);
    // regclient asks without a grant first; nobody is who it is then.
    stranger.send(post(&[("service", "HOST"), ("scope", "repository:p/team/open/web:pull")])).await.is(200);
    bob.send(post(&[("service", "HOST")])).await.is(200);
    stranger.send(post(&[("grant_type", "magic"), ("service", "HOST")])).await.shows(&expect![[r#"
        400
        content-length: 122
        content-type: application/json

        {"errors":[{"code":"UNSUPPORTED","detail":null,"message":"the only grant_type is password; there are no refresh tokens"}]}
    "#]]);
    stranger.send(post(&[("grant_type", "refresh_token"), ("refresh_token", "x")])).await.is(400);
    stranger.send(Ask::put("/v2/token")).await.is(405);
    let huge = "x".repeat(1 << 20);
    stranger.send(post(&[("grant_type", "password"), ("username", &huge), ("password", "x")])).await.is(413);
}

async fn a_permanent_token_is_a_bearer_too(hub: Server) {
    let hello = image("hello");
    hub.actor("alice").docker().push("team/app/web:1.0", &hello).await.done();
    let http = Http::new(hub.address());
    let get = |secret: &str| {
        Ask::get("/v2/p/team/app/web/manifests/1.0").authorization(&format!("Bearer {secret}"))
    };
    http.send(get(&hub.login("rita").secret)).await.is(200);
    http.send(get(&hub.login("alice/reader").secret)).await.is(200);
    http.send(get(&hub.login("bob").secret)).await.is(403);
    // One digit mistyped.
    let mut mistyped = hub.login("rita").secret;
    let last = if mistyped.ends_with('0') { '1' } else { '0' };
    mistyped.pop();
    mistyped.push(last);
    http.send(get(&mistyped)).await.is(401);
    // A well-formed token that nobody has.
    http.send(get(&crate::support::token::generate('p'))).await.is(401);
    let lower = Ask::get("/v2/").authorization(&format!("bearer {}", hub.login("rita").secret));
    http.send(lower).await.is(200);
}

/// What NuGet sends is good everywhere; beside other credentials these decide, and `Basic Og==` is none.
async fn a_key_is_a_credential_too(hub: Server) {
    hub.actor("alice").docker().push("team/app/web:1.0", &image("hello")).await.done();
    let http = Http::new(hub.address());
    let get = || Ask::get("/v2/p/team/app/web/manifests/1.0");
    let key = |who: &str| get().header("x-nuget-apikey", &hub.login(who).secret);
    http.send(key("rita")).await.is(200);
    http.send(key("rita").authorization("Basic Og==")).await.is(200);
    http.send(key("bob")).await.is(403);
    http.send(get().header("x-nuget-apikey", "wrong")).await.is(401);
    http.send(hub.actor("bob").signed(key("rita"))).await.is(403);
    http.send(hub.actor("rita").signed(key("bob"))).await.is(200);
}

/// The e-mail address stands for the user name, and so does nothing at all; a name of somebody else never does.
async fn an_address_names_its_owner(hub: Server) {
    let secret = hub.login("rita").secret;
    for (name, status) in [
        ("rita", 200),
        ("rita@example.org", 200),
        ("alice@example.org", 401),
        ("bob", 401),
        ("rita ", 401),
        ("", 200),
    ] {
        let answer = hub.claiming(name, &secret).send(Ask::get("/v2/")).await;
        assert_eq!(answer.status, status, "{name:?}: {answer}");
    }
}

async fn two_authorizations_are_one_too_many(hub: Server) {
    let alice = hub.actor("alice");
    let twice = alice.signed(alice.signed(Ask::get("/v2/")));
    Http::new(hub.address()).send(twice).await.shows(&expect![[r#"
        400
        content-length: 116
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"UNAUTHORIZED","message":"the credentials are malformed or given more than once","detail":null}]}
    "#]]);
}

async fn addresses_that_lead_nowhere(hub: Server) {
    let alice = hub.actor("alice");
    let mut table = String::new();
    for target in [
        "/v2/_catalog",
        "/v2/_oci/ext",
        "/v2/p/team/app/web",
        "/v2/p/team/app/web/unknown/x",
        "/v2//manifests/x",
        "/v2/p/team/app/web/manifests/",
        "/v2/p/team/app/web/manifests/a/b",
        "/v1/",
        "/",
        "/nothing",
        "/maven/p/team/jars/a",
        "/nuget/p/team/x/v3/index.json",
        "/api/v1/nothing",
        "/v2/p/team/app/../open/web/manifests/1.0",
        "/v2/p/team/app/%2e%2e/web/manifests/1.0",
        "/v2/p/team/app%2fweb/manifests/1.0",
        "/v2/p/team/app/web/manifests/%00",
        "/v2/p/team/app/web/manifests/%zz",
        "/v2/p/Team/app/web/manifests/1.0",
        "/v2/p/team/app/Web/manifests/1.0",
    ] {
        let (nobody, her) = (hub.stranger().send(Ask::get(target)).await, alice.send(Ask::get(target)).await);
        table.push_str(&format!("{target}: {} {}\n", nobody.status.as_u16(), her.status.as_u16()));
    }
    expect![[r#"
        /v2/_catalog: 401 200
        /v2/_oci/ext: 404 404
        /v2/p/team/app/web: 404 404
        /v2/p/team/app/web/unknown/x: 404 404
        /v2//manifests/x: 400 400
        /v2/p/team/app/web/manifests/: 404 404
        /v2/p/team/app/web/manifests/a/b: 404 404
        /v1/: 404 404
        /: 200 200
        /nothing: 404 404
        /maven/p/team/jars/a: 401 404
        /nuget/p/team/x/v3/index.json: 401 403
        /api/v1/nothing: 401 404
        /v2/p/team/app/../open/web/manifests/1.0: 400 400
        /v2/p/team/app/%2e%2e/web/manifests/1.0: 400 400
        /v2/p/team/app%2fweb/manifests/1.0: 400 400
        /v2/p/team/app/web/manifests/%00: 400 400
        /v2/p/team/app/web/manifests/%zz: 400 400
        /v2/p/Team/app/web/manifests/1.0: 400 400
        /v2/p/team/app/Web/manifests/1.0: 401 400
    "#]]
    .assert_eq(&table);
}

async fn repositories_of_other_formats_hold_no_images(hub: Server) {
    let get = || Ask::get("/v2/p/team/jars/web/manifests/1.0");
    hub.actor("alice").send(get()).await.shows(&expect![[r#"
        404
        content-length: 99
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"NAME_UNKNOWN","message":"this repository does not hold images","detail":null}]}
    "#]]);
    hub.actor("alice").docker().push("team/jars/web:1.0", &image("hello")).await.refused_with(404);
    hub.actor("bob").send(get()).await.is(403);
    hub.stranger().send(get()).await.is(401);
}

async fn methods_that_a_route_does_not_have(hub: Server) {
    let alice = hub.actor("alice");
    for (method, rest, allow) in [
        (Method::POST, "manifests/1.0", "GET, HEAD, PUT, DELETE"),
        (Method::PUT, "tags/list", "GET, HEAD"),
        (Method::PUT, "blobs/uploads/", "POST"),
    ] {
        let answer = alice.send(Ask::new(method, format!("/v2/p/team/app/web/{rest}"))).await.is(405);
        assert_eq!(answer.must_have("allow"), allow);
    }
}

async fn names_that_cannot_be(hub: Server) {
    let alice = hub.actor("alice");
    let long = format!("p/team/app/{}", "a".repeat(255));
    for name in
        ["p/team/app/WEB", "p/team/app/a..b", "p/team/app/-a", "p/team/app/a/", "p/team/app/a//b", &long]
    {
        let answer = alice.send(Ask::get(format!("/v2/{name}/manifests/1.0"))).await;
        assert!(matches!(answer.status.as_u16(), 400 | 404), "{name}: {answer}");
        alice
            .docker()
            .push(&format!("{}:1.0", &name[2..]), &image("hello"))
            .await
            .refused_with(answer.status.as_u16());
    }
    // A repository is no image.
    alice.send(Ask::get("/v2/p/team/app/manifests/1.0")).await.is(404);
}
