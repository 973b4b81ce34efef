//! One's tokens and sessions by form.

use crate::support::browser::text;
use crate::support::{Ask, Browser, Server, on_both_databases};

on_both_databases!(in super::super::organisation; tokens_are_made_rotated_and_revoked, sessions_end);

async fn tokens_are_made_rotated_and_revoked(hub: Server) {
    let mut pat = Browser::of(&hub, "pat").await;
    let fields =
        [("name", "laptop"), ("days", "90"), ("what", "only"), ("places", "team/app"), ("right", "read")];
    let answer = pat.fill("/-/me/tokens/new", &fields).await.is(200);
    assert_eq!(answer.must_have("cache-control"), "no-store");
    let secret = secret(&text(&answer));
    let laptop = hub.claiming("pat", &secret);
    laptop.send(Ask::get("/v2/p/team/app/web/tags/list")).await.is(404);
    laptop.send(Ask::get("/maven/p/team/jars/a/b/1/b-1.pom")).await.is(403);
    let list = pat.page("/-/me/tokens").await;
    assert!(list.contains("laptop") && !list.contains(&secret), "{list}");
    let id = secret.get(5..13).expect("an id");
    let rotated = text(&pat.fill("/-/me/tokens", &[("rotate", id)]).await.is(200));
    let next = self::secret(&rotated);
    assert_ne!(next, secret);
    hub.claiming("pat", &next).send(Ask::get("/v2/p/team/app/web/tags/list")).await.is(404);
    pat.fill("/-/me/tokens", &[("revoke", id)]).await.is(303);
    laptop.send(Ask::get("/v2/p/team/app/web/tags/list")).await.is(401);
    let wrong = text(
        &pat.fill("/-/me/tokens/new", &[("name", "x"), ("what", "only"), ("places", "no such place!")])
            .await
            .is(400),
    );
    assert!(wrong.contains("no such place!") && wrong.contains("role=\"alert\""), "{wrong}");
}

async fn sessions_end(hub: Server) {
    let mut here = Browser::of(&hub, "pat").await;
    let mut there = Browser::of(&hub, "pat").await;
    let page = here.page("/-/me/sessions").await;
    let id =
        page.split("name=\"end\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("another");
    here.fill("/-/me/sessions", &[("end", id)]).await.is(303);
    there.open("/-/me/sessions").await.is(303);
    here.page("/-/me/sessions").await;
}

/// The secret that a page shows.
fn secret(page: &str) -> String {
    let rest = page.split("whfp_").nth(1).expect("a secret");
    let body: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    format!("whfp_{body}")
}
