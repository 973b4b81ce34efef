//! Malformed, bombed, traversing and mislabelled packages: a clear 4xx, nothing stored, nothing that costs memory
//! (docs/nuget.md 11).

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use crate::nuget::team;
use crate::support::nuget::Packed;
use crate::support::process::Launch;
use crate::support::raw::announce;
use crate::support::{Actor, Ask, Folder, Server, on_both_databases};

on_both_databases!(
    in crate::nuget::team;
    every_kind_of_bad_package_is_refused_in_words,
    a_refused_push_is_not_asked_for,
    a_refused_push_is_read_to_its_end,
    paths_that_lead_elsewhere_lead_nowhere,
);

fn lib(extra: &str, files: &[(&str, &[u8])]) -> Bytes {
    Packed::with("Lib", "1.0.0", extra, files).bytes
}

/// A package with some of its bytes changed.
fn changed(change: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    let mut bytes = lib("", &[("a.bin", &[7; 100])]).to_vec();
    change(&mut bytes);
    bytes.into()
}

fn position(bytes: &[u8], of: &[u8]) -> usize {
    bytes.windows(of.len()).position(|window| window == of).expect("there")
}

/// What is wrong, and what the client shows for it.
type Wrong = (&'static str, Bytes, &'static str);

/// Archives that are none, or are several to several readers.
fn archives() -> Vec<Wrong> {
    let zeros = vec![0; 70 << 20];
    vec![
        ("empty", Bytes::new(), "not a ZIP file"),
        ("text", "hello".into(), "not a ZIP file"),
        ("cut short", changed(|bytes| bytes.truncate(200)), "not a ZIP file"),
        ("something behind", changed(|bytes| bytes.push(0)), "not a ZIP file"),
        (
            "slip",
            lib("", &[("../../etc/cron.d/x", b"x")]),
            "'../../etc/cron.d/x' is not a plain relative path",
        ),
        ("encoded slip", lib("", &[("%2e%2e/x", b"x")]), "is not a plain relative path"),
        ("backslash", lib("", &[("..\\x", b"x")]), "is not a plain relative path"),
        ("absolute", lib("", &[("/etc/passwd", b"x")]), "is not a plain relative path"),
        ("drive", lib("", &[("C:/x", b"x")]), "is not a plain relative path"),
        ("twice", lib("", &[("a.dll", b"x"), ("A.DLL", b"y")]), "holds 'A.DLL' twice"),
        ("bomb", lib("", &[("zeros", &zeros)]), "more than is plausible"),
        ("other header", changed(|bytes| bytes[14] ^= 1), "the two headers of 'Lib.nuspec' differ"),
        (
            "false size",
            changed(|bytes| {
                let directory = position(bytes, b"PK\x01\x02");
                bytes[22] = bytes[22].wrapping_add(1);
                bytes[directory + 24] = bytes[directory + 24].wrapping_add(1);
            }),
            "does not have the declared length",
        ),
        (
            "ZIP64",
            changed(|bytes| {
                let end = bytes.len() - 14;
                bytes[end..end + 4].fill(0xff);
            }),
            "ZIP64",
        ),
    ]
}

/// Archives of something that is no package.
fn packages() -> Vec<Wrong> {
    let id = |id: &str| Packed::new(id, "1.0.0").bytes;
    let version = |version: &str| Packed::new("Lib", version).bytes;
    let doctype = "<!DOCTYPE package [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
    let nuspec = |text: &str| Bytes::from(zip_of(&[("Lib.nuspec", text.as_bytes())]));
    vec![
        ("no nuspec", zip_of(&[("lib/a.dll", b"x")]).into(), "exactly one .nuspec"),
        ("two nuspecs", lib("", &[("other.nuspec", b"<package/>")]), "exactly one .nuspec"),
        ("DTD", nuspec(&format!("{doctype}<package/>")), "document type"),
        ("entity", nuspec("<package><metadata><id>&x;</id></metadata></package>"), "entity"),
        ("deep", nuspec(&"<a>".repeat(10_000)), "nested too deeply"),
        ("not XML", nuspec("{}"), "not well-formed"),
        ("other XML", nuspec("<project/>"), "<package><metadata>"),
        ("two ids", lib("<id>Other</id>", &[]), "exactly one <id>"),
        ("id with fragment", id("Lib#x"), "the id 'Lib#x'"),
        ("id with query", id("Lib?x"), "the id 'Lib?x'"),
        ("id with escape", id("Lib%2fx"), "the id 'Lib%2fx'"),
        ("id with slash", id("Lib/x"), "the id 'Lib/x'"),
        ("id in other letters", id("L\u{131}b"), "the id 'L?b'"),
        ("long id", id(&"a".repeat(101)), "the id 'aaa"),
        ("version with slash", version("1.0/x"), "'1.0/x' is not a version"),
        ("version of five parts", version("1.2.3.4.5"), "is not a version"),
        ("icon that is a page", lib("<icon>i.png</icon>", &[("i.png", b"<svg onload='x'/>")]), "PNG or JPEG"),
        ("icon that is not there", lib("<icon>i.png</icon>", &[]), "<icon> names 'i.png', which is not"),
        ("readme that is a page", lib("<readme>r.html</readme>", &[("r.html", b"x")]), "must end in '.md'"),
        (
            "link that is a script",
            lib("<projectUrl>javascript:x</projectUrl>", &[]),
            "<projectUrl> must be an http",
        ),
        ("floating", lib("<dependencies><dependency id='A' version='1.*'/></dependencies>", &[]), "floating"),
        (
            "symbols",
            lib("<packageTypes><packageType name='SymbolsPackage'/></packageTypes>", &[]),
            "symbols package",
        ),
        (
            "long title",
            lib(&format!("<title>{}</title>", "x".repeat(257)), &[]),
            "<title> is longer than 256",
        ),
    ]
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a file name");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("an archive").into_inner()
}

async fn every_kind_of_bad_package_is_refused_in_words(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed");
    for (what, bytes, words) in archives().into_iter().chain(packages()) {
        let packed = Packed { id: "Lib".into(), version: "1.0.0".into(), bytes };
        let answer = feed.push(&packed).await.is(400);
        let detail = answer.json()["detail"].as_str().expect("a text").to_owned();
        assert!(detail.contains(words), "{what}: {detail}");
    }
    feed.get("flat/lib/index.json").await.is(404);
    assert_eq!(feed.document("query").await["totalHits"], 0);
    // The name is as free as before.
    feed.push(&Packed::new("Lib", "1.0.0")).await.is(201);
}

const CONTINUE: &str = "HTTP/1.1 100 Continue";

/// Who waits with the body is told before it what needs none.
async fn a_refused_push_is_not_asked_for(hub: Server) {
    let form = "Content-Type: multipart/form-data; boundary=b\r\n";
    let text = "Content-Type: text/plain\r\n";
    let kinds = "HTTP/1.1 400 send the package as multipart/form-data or application/octet-stream";
    let (alice, rita) = (hub.actor("alice"), hub.actor("rita"));
    for (actor, feed, headers, length, line) in [
        (&alice, "team/feed", form, 5, CONTINUE),
        (&alice, "team/feed", text, 5, kinds),
        (&alice, "team/feed", form, 300 << 20, "HTTP/1.1 413 at most 262144000 bytes are taken"),
        (&alice, "team/app", form, 5, "HTTP/1.1 404 this repository does not hold NuGet packages"),
        (&alice, "team/nothing", form, 5, "HTTP/1.1 403 there is no such repository, or you may not use it"),
        (&rita, "team/feed", form, 5, "HTTP/1.1 403 you lack the permission `publish` on this repository"),
        (
            &hub.stranger(),
            "team/feed",
            form,
            5,
            "HTTP/1.1 401 log in with a user name or client ID and a token",
        ),
    ] {
        let target = format!("/nuget/p/{feed}/v3/package/");
        assert_eq!(announce(actor, &target, headers, length).await, line, "{feed} {headers}");
    }
}

/// NuGet/Home#12926, go-gitea/gitea#21864: a client that is answered before it has sent everything shows no reason.
async fn a_refused_push_is_read_to_its_end(hub: Server) {
    let large = vec![7; 30 << 20];
    let packed = Packed::with("Large", "1.0.0", "", &[("a.bin", &noise(&large))]);
    assert!(packed.bytes.len() > 30 << 20);
    let cases: [(Actor, &str, u16); 4] = [
        (hub.stranger(), "team/feed", 401),
        (hub.claiming("alice", "wrong"), "team/feed", 401),
        (hub.actor("rita"), "team/feed", 403),
        (hub.actor("alice"), "team/nothing", 403),
    ];
    for (actor, feed, status) in cases {
        let refused = actor.send(actor.feed(feed).put(&packed)).await.is(status);
        assert!(refused.json()["detail"].is_string());
        // The connection goes on.
        actor.send(Ask::get("/livez")).await.is(200);
    }
    hub.actor("alice").feed("team/feed").push(&packed).await.is(201);
    let other = Packed::unlike("Large", "1.0.0", "x");
    hub.actor("alice").feed("team/feed").push(&other).await.is(409);
}

/// Bytes that no compression shortens.
fn noise(bytes: &[u8]) -> Vec<u8> {
    let mut state = 1_u64;
    let words = std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().zip(bytes).map(|(noise, byte)| noise ^ byte).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_beyond_the_bound_is_answered() {
    let hub = Server::tuned(team(), |config| config.limits.nupkg_bytes_max = 1 << 20).await;
    let alice = hub.actor("alice");
    let small = vec![7; 1000];
    let large = noise(&vec![7; 2 << 20]);
    alice.feed("team/feed").push(&Packed::with("Lib", "1.0.0", "", &[("a", &small)])).await.is(201);
    let refused =
        alice.feed("team/feed").push(&Packed::with("Lib", "2.0.0", "", &[("a", &large)])).await.is(413);
    assert_eq!(refused.json()["detail"], "at most 1048576 bytes are taken");
    alice.feed("team/feed").get("flat/lib/2.0.0/lib.2.0.0.nupkg").await.is(404);
}

/// CVE-2024-4956, CVE-2024-36117: encoded traversal.
async fn paths_that_lead_elsewhere_lead_nowhere(hub: Server) {
    let alice = hub.actor("alice");
    alice.feed("team/feed").push(&Packed::new("Lib", "1.0.0")).await.is(201);
    for path in [
        "flat/..%2f..%2fother/feed/v3/index.json",
        "flat/%2e%2e/%2e%2e/index.json",
        "flat/%252e%252e/index.json",
        "flat/..\\..\\index.json",
        "flat/lib%00/index.json",
        "flat//lib/index.json",
        "flat/lib/1.0.0/..%2f1.0.0%2flib.nuspec",
        "flat/lib/1.0.0/lib.1.0.0.nupkg%2f..",
        "reg/lib/page/..%2f/x.json",
    ] {
        let status = alice.feed("team/feed").get(path).await.status.as_u16();
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
    for (id, version) in [("Lib%23x", "1.0.0"), ("Lib%3Fx", "1.0.0"), ("Lib", "1.0.0%2f.."), ("..", "1.0.0")]
    {
        let delete = Ask::delete(alice.feed("team/feed").at(&format!("package/{id}/{version}")));
        let status = alice.send(delete).await.status.as_u16();
        assert!(matches!(status, 400 | 404), "{id} {version}: {status}");
    }
    assert_eq!(alice.feed("team/feed").seen("lib").await.found, ["1.0.0"]);
}

/// A form whose head never ends, and bombs one after the other, take no memory that grows with them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_flat_whatever_is_pushed() {
    let (organisation, folder) = (team(), Folder::new("nuget-memory"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let alice = process.actor(organisation.login("alice"));
    let bomb = Packed { bytes: lib("", &[("zeros", &vec![0; 200 << 20])]), ..Packed::new("Lib", "1.0.0") };
    alice.feed("team/feed").push(&bomb).await.is(400);
    let before = process.memory().highest_bytes;
    for _ in 0..8 {
        alice.feed("team/feed").push(&bomb).await.is(400);
        let endless = stream::repeat(Bytes::from_static(&[b'x'; 64 << 10])).take(1024);
        let ask = Ask::put(alice.feed("team/feed").at("package/"))
            .header("content-type", "multipart/form-data; boundary=\"b\"")
            .chunked(endless);
        alice.send(ask).await.is(400);
    }
    let grown = process.memory().highest_bytes.saturating_sub(before);
    assert!(grown < 48 << 20, "grown by {grown} bytes");
}
