//! Log-in, push and pull, each client with its own requests.

use expect_test::expect;

use crate::support::client::Outcome;
use crate::support::organisation::ROBOT;
use crate::support::{Dialect, Server, docker_image, image, on_both_databases};

on_both_databases!(
    docker_pushes_and_a_stranger_cannot_pull,
    docker_asks_in_this_order,
    containerd_asks_in_this_order,
    every_client_pushes_and_pulls,
    every_client_pulls_public_images_without_a_log_in,
    an_application_pushes_by_client_id,
    log_in_is_checked,
    a_person_logs_in_with_a_password,
    a_token_limited_to_reading_reads,
    a_token_limited_to_publishing_publishes,
    wrong_credentials_are_refused_where_nobody_needs_any,
    the_leading_p_may_be_left_out,
);

async fn docker_pushes_and_a_stranger_cannot_pull(hub: Server) {
    let hello = image("hello");
    hub.actor("alice").docker().push("team/app/web:1.0", &hello).await.done();
    hub.actor("rita").docker().pull("team/app/web:1.0").await.gives(&hello);
    hub.actor("bob").docker().pull("team/app/web:1.0").await.refused(&expect![[r#"
        403
        content-length: 107
        content-type: application/json
        docker-distribution-api-version: registry/2.0
    "#]]);
    hub.stranger().docker().pull("team/app/web:1.0").await.refused(&expect![[r#"
        401
        content-length: 86
        content-type: application/json
        docker-distribution-api-version: registry/2.0
        www-authenticate: Bearer realm="http://HOST/v2/token",service="HOST",scope="repository:p/team/app/web:pull",error="insufficient_scope"
    "#]]);
    hub.actor("rita").docker().push("team/app/web:2.0", &image("other")).await.refused(&expect![[r#"
        403
        content-length: 109
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"DENIED","message":"you lack the permission `publish` on this repository","detail":null}]}
    "#]]);
}

async fn docker_asks_in_this_order(hub: Server) {
    let hello = image("hello");
    let alice = hub.actor("alice");
    alice.docker().push("team/app/web:1.0", &hello).await.took(&expect![[r#"
        GET /v2/ 401
        GET /v2/token 200
        HEAD /v2/p/team/app/web/blobs/sha256:… 404
        POST /v2/p/team/app/web/blobs/uploads/ 202
        PATCH /v2/p/team/app/web/blobs/uploads/UPLOAD 202
        PUT /v2/p/team/app/web/blobs/uploads/UPLOAD 201
        HEAD /v2/p/team/app/web/blobs/sha256:… 200
        HEAD /v2/p/team/app/web/blobs/sha256:… 404
        POST /v2/p/team/app/web/blobs/uploads/ 202
        PATCH /v2/p/team/app/web/blobs/uploads/UPLOAD 202
        PUT /v2/p/team/app/web/blobs/uploads/UPLOAD 201
        HEAD /v2/p/team/app/web/blobs/sha256:… 200
        PUT /v2/p/team/app/web/manifests/1.0 201
    "#]]);
    // Again: every layer is there.
    alice.docker().push("team/app/web:1.0", &hello).await.took(&expect![[r#"
        GET /v2/ 401
        GET /v2/token 200
        HEAD /v2/p/team/app/web/blobs/sha256:… 200
        HEAD /v2/p/team/app/web/blobs/sha256:… 200
        PUT /v2/p/team/app/web/manifests/1.0 201
    "#]]);
    alice.docker().pull("team/app/web:1.0").await.took(&expect![[r#"
        GET /v2/ 401
        GET /v2/token 200
        HEAD /v2/p/team/app/web/manifests/1.0 200
        GET /v2/p/team/app/web/manifests/sha256:… 200
        GET /v2/p/team/app/web/blobs/sha256:… 200
        GET /v2/p/team/app/web/blobs/sha256:… 200
    "#]]);
}

async fn containerd_asks_in_this_order(hub: Server) {
    let hello = image("hello");
    let alice = hub.actor("alice");
    alice.client(Dialect::Containerd).push("team/app/web:1.0", &hello).await.took(&expect![[r#"
        HEAD /v2/p/team/app/web/manifests/1.0 401
        POST /v2/token 200
        HEAD /v2/p/team/app/web/manifests/1.0 404
        HEAD /v2/p/team/app/web/blobs/sha256:… 404
        POST /v2/p/team/app/web/blobs/uploads/ 202
        PUT /v2/p/team/app/web/blobs/uploads/UPLOAD 201
        HEAD /v2/p/team/app/web/blobs/sha256:… 404
        POST /v2/p/team/app/web/blobs/uploads/ 202
        PUT /v2/p/team/app/web/blobs/uploads/UPLOAD 201
        PUT /v2/p/team/app/web/manifests/1.0 201
    "#]]);
    alice.client(Dialect::Containerd).pull("team/app/web:1.0").await.took(&expect![[r#"
        HEAD /v2/p/team/app/web/manifests/1.0 401
        POST /v2/token 200
        HEAD /v2/p/team/app/web/manifests/1.0 200
        GET /v2/p/team/app/web/manifests/sha256:… 200
        GET /v2/p/team/app/web/blobs/sha256:… 206
        GET /v2/p/team/app/web/blobs/sha256:… 206
    "#]]);
}

async fn every_client_pushes_and_pulls(hub: Server) {
    let alice = hub.actor("alice");
    for (number, writer) in Dialect::ALL.into_iter().enumerate() {
        let text = format!("pushed by {writer:?}");
        let pushed = if number % 2 == 0 { image(&text) } else { docker_image(&text) };
        let by_tag = format!("team/app/{}:1.0", format!("{writer:?}").to_lowercase());
        alice.client(writer).push(&by_tag, &pushed).await.done();
        let by_digest = by_tag.replace(":1.0", &format!("@{}", pushed.digest()));
        for reader in Dialect::ALL {
            alice.client(reader).pull(&by_tag).await.gives(&pushed);
            alice.client(reader).pull(&by_digest).await.gives(&pushed);
        }
    }
}

async fn every_client_pulls_public_images_without_a_log_in(hub: Server) {
    let hello = image("hello");
    hub.actor("alice").docker().push("team/open/web:1.0", &hello).await.done();
    for reader in Dialect::ALL {
        hub.stranger().client(reader).pull("team/open/web:1.0").await.gives(&hello);
        hub.actor("bob").client(reader).pull("team/open/web:1.0").await.gives(&hello);
        // Reading is public, writing is not.
        hub.stranger().client(reader).push("team/open/web:2.0", &image("other")).await.refused_with(401);
        hub.actor("bob").client(reader).push("team/open/web:2.0", &image("other")).await.refused_with(403);
    }
}

async fn an_application_pushes_by_client_id(hub: Server) {
    let robot = hub.actor("robot");
    assert_eq!(robot.name(), ROBOT);
    let hello = image("hello");
    for dialect in Dialect::ALL {
        robot.client(dialect).push("team/app/built:1.0", &hello).await.done();
        robot.client(dialect).pull("team/app/built:1.0").await.gives(&hello);
        // Its requested rights hold in the project that authorised it and nowhere else.
        robot.client(dialect).push("other/app/built:1.0", &hello).await.refused_with(403);
    }
}

async fn log_in_is_checked(hub: Server) {
    for who in ["alice", "alice/reader", "bob", "robot"] {
        hub.actor(who).docker().login().await.done();
    }
    let (alice, bob) = (hub.login("alice"), hub.login("bob"));
    let wrong = hub.claiming("alice", "wrong").docker().login().await.refused_with(401);
    let no_token_of_hers = hub.claiming("alice", &bob.secret).docker().login().await.refused_with(401);
    let nobody = hub.claiming("nobody", &alice.secret).docker().login().await.refused_with(401);
    let empty = hub.claiming("alice", "").docker().login().await.refused_with(401);
    // Nothing tells a wrong name from a wrong secret.
    for other in [&no_token_of_hers, &nobody, &empty] {
        assert_eq!(other.to_string(), wrong.to_string());
    }
    wrong.shows(&expect![[r#"
        401
        content-length: 92
        content-type: application/json
        www-authenticate: Bearer realm="http://HOST/v2/token",service="HOST"

        {"errors":[{"code":"UNAUTHORIZED","detail":null,"message":"the credentials are not valid"}]}
    "#]]);
}

async fn a_person_logs_in_with_a_password(hub: Server) {
    let password = hub.actor("pat/password");
    password.docker().login().await.done();
    let hello = image("hello");
    for dialect in Dialect::ALL {
        password.client(dialect).push("team/app/web:1.0", &hello).await.done();
    }
    hub.claiming("pat", "a password of somebody else").docker().login().await.refused_with(401);
}

async fn a_token_limited_to_reading_reads(hub: Server) {
    let hello = image("hello");
    let alice = hub.actor("alice");
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    alice.docker().push("other/app/web:1.0", &hello).await.done();
    alice.docker().push("team/open/web:1.0", &hello).await.done();
    for dialect in Dialect::ALL {
        let reader = hub.actor("alice/reader");
        reader.client(dialect).pull("team/app/web:1.0").await.gives(&hello);
        reader.client(dialect).push("team/app/web:2.0", &hello).await.refused_with(403);
        reader.client(dialect).pull("other/app/web:1.0").await.refused_with(403);
        // Never less than nobody in particular may.
        reader.client(dialect).pull("team/open/web:1.0").await.gives(&hello);
    }
}

async fn a_token_limited_to_publishing_publishes(hub: Server) {
    for dialect in Dialect::ALL {
        let pusher = hub.actor("alice/pusher");
        let pushed = image(&format!("by {dialect:?}"));
        let name = format!("team/app/{}:1.0", format!("{dialect:?}").to_lowercase());
        pusher.client(dialect).push(&name, &pushed).await.done();
        // The same bytes need no right to overwrite.
        pusher.client(dialect).push(&name, &pushed).await.done();
        pusher.client(dialect).push(&name, &image("other")).await.refused_with(403);
        pusher.client(dialect).pull(&name).await.refused_with(403);
        hub.actor("alice").client(dialect).pull(&name).await.gives(&pushed);
    }
}

async fn wrong_credentials_are_refused_where_nobody_needs_any(hub: Server) {
    hub.actor("alice").docker().push("team/open/web:1.0", &image("hello")).await.done();
    for dialect in Dialect::ALL {
        let outcome: Outcome = hub.claiming("alice", "wrong").client(dialect).pull("team/open/web:1.0").await;
        // Clients that react to refusals only are never asked, and never show what they have.
        match dialect {
            Dialect::Containerd | Dialect::Regctl => outcome.done(),
            Dialect::Docker | Dialect::Skopeo | Dialect::Crane => drop(outcome.refused_with(401)),
        }
    }
    let wrong = hub.claiming("alice", "wrong");
    wrong.send(crate::support::Ask::get("/v2/p/team/open/web/manifests/1.0")).await.shows(&expect![[r#"
        401
        content-length: 104
        content-type: application/json
        docker-distribution-api-version: registry/2.0
        www-authenticate: Bearer realm="http://HOST/v2/token",service="HOST",scope="repository:p/team/open/web:pull",error="invalid_token"

        {"errors":[{"code":"UNAUTHORIZED","message":"the user name, password or token is wrong","detail":null}]}
    "#]]);
}

async fn the_leading_p_may_be_left_out(hub: Server) {
    let hello = image("hello");
    let alice = hub.actor("alice");
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    let get = |name: &str| crate::support::Ask::get(format!("/v2/{name}/manifests/1.0"));
    let short = alice.send(get("team/app/web")).await.is(200);
    let long = alice.send(get("p/team/app/web")).await.is(200);
    assert_eq!(short.to_string(), long.to_string());
    // What is answered repeats the name as the client spelt it: clients compare it as a string.
    let refused = hub.stranger().send(get("team/app/web")).await.is(401);
    assert!(
        refused.must_have("www-authenticate").contains("scope=\"repository:team/app/web:pull\""),
        "{refused}"
    );
    let refused = hub.stranger().send(get("p/team/app/web")).await.is(401);
    assert!(
        refused.must_have("www-authenticate").contains("scope=\"repository:p/team/app/web:pull\""),
        "{refused}"
    );
}
