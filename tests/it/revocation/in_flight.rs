//! What was begun with a right is not ended without it: the gate is asked again at the end, and while bytes come.

use crate::support::image::{OCI_MANIFEST, sha256};
use crate::support::nuget::Packed;
use crate::support::raw::{Raw, admitted};
use crate::support::{Actor, Ask, Organisation, Server, image, on_both_databases, until};

on_both_databases!(
    in super::team;
    a_token_is_revoked_in_the_middle,
    a_grant_is_deleted_in_the_middle,
    an_application_is_suspended_in_the_middle,
    a_silent_upload_ends_with_its_right,
);

fn team() -> Organisation {
    Organisation::team().repository("team/feed", "nuget", "private", "").repository(
        "team/files",
        "files",
        "private",
        "",
    )
}

/// One upload of each kind.
struct Begun {
    what: &'static str,
    raw: Raw,
    body: Vec<u8>,
    /// What is there if it succeeded.
    becomes: String,
}

async fn begin(
    who: &Actor,
    what: &'static str,
    request_line: &str,
    headers: &str,
    body: Vec<u8>,
    becomes: String,
) -> Begun {
    let raw = admitted(who, request_line, headers, body.len()).await;
    Begun { what, raw, body, becomes }
}

/// Begins one upload of each kind; `mark` makes them unlike those of others. The server has let them in and waits for the bytes.
async fn begin_all(hub: &Server, who: &Actor, mark: &str) -> Vec<Begun> {
    let images = "/v2/p/team/app/web";
    let blob = |text: &str| {
        (format!("{text} of {mark}").into_bytes(), sha256(format!("{text} of {mark}").as_bytes()))
    };
    let (whole, digest) = blob("a blob");
    let whole_at = format!("{images}/blobs/{digest}");
    let post = format!("POST {images}/blobs/uploads/?digest={digest}");
    let (last, digest) = blob("another blob");
    let last_at = format!("{images}/blobs/{digest}");
    let session = who.send(Ask::post(format!("{images}/blobs/uploads/"))).await.is(202);
    let put = format!("PUT {}?digest={digest}", session.must_have("location"));
    // The image is there already, so that nothing but a tag is new.
    let image = image("hello");
    hub.actor("sue").docker().push("team/app/web:first", &image).await.done();
    let (tag, kind) = (format!("{images}/manifests/{mark}"), format!("Content-Type: {OCI_MANIFEST}\r\n"));
    let jar = format!("/maven/p/team/jars/org/example/{mark}/1/{mark}-1.jar");
    let path = format!("/files/p/team/files/{mark}/a.bin");
    let packed = Packed::new(&format!("Lib.{mark}"), "1.0.0");
    let package = format!("/nuget/p/team/feed/v3/{}", packed.content());
    let raw = "Content-Type: application/octet-stream\r\n";
    vec![
        begin(who, "blob", &post, "", whole, whole_at).await,
        begin(who, "session", &put, "", last, last_at).await,
        begin(who, "manifest", &format!("PUT {tag}"), &kind, image.manifest.to_vec(), tag).await,
        begin(who, "jar", &format!("PUT {jar}"), "", b"a jar".to_vec(), jar).await,
        begin(who, "file", &format!("PUT {path}"), "", b"a file".to_vec(), path).await,
        begin(who, "package", "PUT /nuget/p/team/feed/v3/package/", raw, packed.bytes.to_vec(), package)
            .await,
    ]
}

/// Begins uploads of `who` and of a bystander, takes the right away, and only then sends the bytes.
async fn taken_away(hub: &Server, who: &str, status: u16, change: impl AsyncFnOnce()) {
    let begun = begin_all(hub, &hub.actor(who), "theirs").await;
    let beside = begin_all(hub, &hub.actor("sue"), "ours").await;
    change().await;
    let sue = hub.actor("sue");
    for Begun { what, mut raw, body, becomes } in begun {
        raw.write(&body).await;
        let (answered, head) = raw.head().await;
        assert_eq!(answered, status, "{what}: {head}");
        assert_eq!(status == 401, head.contains("\r\nwww-authenticate: "), "{what}: {head}");
        assert_eq!(sue.send(Ask::get(&becomes)).await.status, 404, "{what} is served");
    }
    for Begun { what, mut raw, body, becomes } in beside {
        raw.write(&body).await;
        let (answered, head) = raw.head().await;
        assert_eq!(answered, 201, "{what}: {head}");
        assert_eq!(sue.send(Ask::get(&becomes)).await.status, 200, "{what} is not served");
    }
}

async fn a_token_is_revoked_in_the_middle(hub: Server) {
    taken_away(&hub, "alice/spare", 401, async || {
        super::set_token_state(&hub, "alice/spare", "revoked").await
    })
    .await;
}

async fn a_grant_is_deleted_in_the_middle(hub: Server) {
    taken_away(&hub, "pat", 403, async || {
        let delete = Ask::delete("/api/v1/projects/team/grants?to=member:pat");
        hub.admin().send(delete).await.is(200);
    })
    .await;
}

async fn an_application_is_suspended_in_the_middle(hub: Server) {
    let robot = format!("application:{}", crate::support::organisation::ROBOT);
    taken_away(&hub, "robot", 401, async || super::suspend(&hub, &robot).await).await;
}

/// A session with some bytes, its address, and the connection that owes it the rest.
async fn half(who: &Actor, body: &[u8]) -> (String, Raw) {
    let session = who.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(202);
    let location = session.must_have("location").to_owned();
    let mut raw = admitted(who, &format!("PATCH {location}"), "", body.len()).await;
    assert!(raw.write(&body[..body.len() / 2]).await);
    (location, raw)
}

async fn a_silent_upload_ends_with_its_right(hub: Server) {
    let (pat, robot) = (hub.actor("pat"), hub.actor("robot"));
    let (_, mut theirs) = half(&pat, b"never ended").await;
    let (location, mut beside) = half(&robot, b"ended well").await;
    let delete = Ask::delete("/api/v1/projects/team/grants?to=member:pat");
    hub.admin().send(delete).await.is(200);
    // Without another byte.
    let (status, head) = theirs.head().await;
    assert_eq!(status, 403, "{head}");
    assert!(beside.write(b" well").await);
    assert_eq!(beside.head().await.0, 202);
    let digest = sha256(b"ended well");
    robot.send(Ask::put(format!("{location}?digest={digest}"))).await.is(201);
}

/// A byte now and then is never silent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_upload_ends_with_its_right() {
    // The answer waits for the rest of the body as long as this.
    let hub = Server::tuned(team(), |config| config.refused_bodies.secs_max = 1).await;
    let pat = hub.actor("pat");
    let (_, mut theirs) = half(&pat, &[b'x'; 1 << 20]).await;
    let delete = Ask::delete("/api/v1/projects/team/grants?to=member:pat");
    hub.admin().send(delete).await.is(200);
    let mut answer = String::new();
    until("the upload is ended", async || {
        theirs.write(b"x").await;
        answer.push_str(&theirs.arrived());
        answer.starts_with("HTTP/1.1 403 ")
    })
    .await;
}
