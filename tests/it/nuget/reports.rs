//! What people reported about feeds, each as the requests that led to it.

use bytes::Bytes;

use crate::support::nuget::{Packed, Seen, portable_pdb};
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(
    in crate::nuget::team;
    packages_zipped_into_a_pipe_are_taken,
    a_nuspec_that_no_client_reads_burns_no_version,
    a_doubtful_licence_is_told_and_a_wrong_one_refused,
    a_symbols_package_of_the_old_kind_replaces_nothing,
    symbols_are_pushed_beside_their_package_and_found_by_a_debugger,
    a_delete_follows_the_address_of_the_push,
    old_clients_are_told_where_the_index_is,
    a_push_onto_an_unlisted_version_says_that_it_stays_so,
    a_feed_without_advisories_says_so_to_audits,
    a_mirror_follows_every_change,
);

/// A package of one nuspec, as `zip - | cat` writes it: nothing is known before the file, and sizes have 64 bits.
fn streamed(nuspec: &[u8]) -> Bytes {
    let mut crc = flate2::Crc::new();
    crc.update(nuspec);
    let (crc, length) = (crc.sum().to_le_bytes(), u32::try_from(nuspec.len()).expect("short"));
    let wide = u64::from(length).to_le_bytes();
    let name = b"Lib.nuspec";
    let file = [
        &b"PK\x03\x04\x2d\0\x08\0\0\0\0\0\x21\x4a\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x0a\0\x14\0"[..],
        name,
        &[1, 0, 16, 0],
        &[0; 16],
        nuspec,
        b"PK\x07\x08",
        &crc,
        &wide,
        &wide,
    ]
    .concat();
    let length = length.to_le_bytes();
    let head = b"PK\x01\x02\x2d\x03\x2d\0\x08\0\0\0\0\0\x21\x4a";
    let directory = [&head[..], &crc, &length, &length, &[0x0a, 0], &[0; 16], name].concat();
    let at = |bytes: &[u8]| u32::try_from(bytes.len()).expect("short").to_le_bytes();
    let end = [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &at(&directory), &at(&file), &[0, 0]].concat();
    [file, directory, end].concat().into()
}

fn nuspec(version: &str, head: &str, extra: &str) -> String {
    format!("{head}<package><metadata><id>Lib</id><version>{version}</version>{extra}</metadata></package>")
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// adamhathcock/sharpcompress#88, dotnet/runtime#1094: with bit 3 of the flags, which numbers are known before a file, and how
/// wide they are behind it, differs from packer to packer.
async fn packages_zipped_into_a_pipe_are_taken(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed");
    let packed =
        Packed { bytes: streamed(nuspec("1.0.0", "", "").as_bytes()), ..Packed::new("Lib", "1.0.0") };
    feed.push(&packed).await.is(201);
    assert_eq!(feed.restore("Lib", "1.0.0").await.is(200).body, packed.bytes);
    let nuspec = feed.get("flat/lib/1.0.0/lib.nuspec").await.is(200);
    assert!(nuspec.body.starts_with(b"<package>"));
}

/// jfrog/build-info-go#226: UTF-8 that declares UTF-16. The client refuses it on restore, when the version is long burnt.
async fn a_nuspec_that_no_client_reads_burns_no_version(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed");
    let wide = "<?xml version='1.0' encoding='utf-16'?>";
    let push = async |nuspec: Vec<u8>| {
        feed.push(&Packed { bytes: streamed(&nuspec), ..Packed::new("Lib", "1.0.0") }).await
    };
    for head in [wide, "\n<?xml version='1.0'?>", "<?xml version='1.1'?>"] {
        let refused = push(nuspec("1.0.0", head, "").into_bytes()).await.is(400);
        assert!(refused.json()["detail"].as_str().expect("words").contains("the nuspec"), "{refused}");
    }
    feed.get("flat/lib/index.json").await.is(404);
    // What it declares, without a mark.
    push(utf16(&nuspec("1.0.0", wide, "<description>\u{e9}</description>"))).await.is(201);
    let leaf = feed.document("reg/lib/1.0.0.json").await;
    assert_eq!(leaf["description"], "\u{e9}");
}

async fn a_doubtful_licence_is_told_and_a_wrong_one_refused(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed");
    let licence = |version: &str, text: &str| {
        Packed::with("Lib", version, &format!("<license type=\"Expression\">{text}</license>"), &[])
    };
    feed.push(&licence("1.0.0", "MIT OR")).await.is(400);
    assert!(feed.push(&licence("1.0.0", "MIT")).await.is(201).header("x-nuget-warning").is_none());
    let told = feed.push(&licence("1.1.0", "House-Licence")).await.is(201);
    assert_eq!(told.must_have("x-nuget-warning"), "SPDX lists no licence or exception 'House-Licence'");
}

/// NuGet/Home#1920: `push *.nupkg` after `pack --include-symbols --include-source`.
async fn a_symbols_package_of_the_old_kind_replaces_nothing(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/free-feed");
    let (dll, pdb) = (("lib/net10.0/lib.dll", &b"MZ"[..]), ("lib/net10.0/lib.pdb", &b"BSJB"[..]));
    let package = Packed::with("Lib", "1.0.0", "", &[dll]);
    feed.push(&package).await.is(201);
    for (files, status) in [(vec![dll, pdb], 409), (vec![dll, pdb, ("src/lib/S.cs", b"class S;")], 400)] {
        let refused = feed.push(&Packed::with("Lib", "1.0.0", "", &files)).await.is(status);
        let detail = refused.json()["detail"].as_str().expect("words").to_owned();
        assert!(detail.contains("SymbolPackageFormat=snupkg"), "{detail}");
    }
    assert_eq!(feed.restore("Lib", "1.0.0").await.is(200).body, package.bytes);
}

/// `dotnet nuget push` sends a `.snupkg` that lies beside, to the resource for symbols; a debugger asks by the name of the file
/// and the id in it, in any case, and for things of older servers first.
async fn symbols_are_pushed_beside_their_package_and_found_by_a_debugger(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/open-feed").keyed(&hub.login("alice/feeder").secret);
    let pdb = portable_pdb([0x11; 16]);
    let symbols = Packed::symbols("Lib", "1.0.0", &[("lib/net10.0/My.Lib.pdb", &pdb)]);
    feed.push_symbols(&symbols).await.is(404);
    feed.push(&Packed::new("Lib", "1.0.0")).await.is(201);
    feed.push_symbols(&symbols).await.is(201);
    feed.push_symbols(&symbols).await.is(201);

    let debugger = hub.stranger();
    let symbols = debugger.feed("team/open-feed");
    let key = "11".repeat(16) + "FFFFFFFF";
    for absent in ["symbols/pingme.txt", "symbols/index2.txt", &format!("symbols/My.Lib.pdb/{key}/file.ptr")]
    {
        symbols.get(absent).await.is(404);
    }
    for (file, key) in [("My.Lib.pdb", key.clone()), ("my.lib.pdb", key.to_lowercase())] {
        let found = symbols.get(&format!("symbols/{file}/{key}/{file}")).await.is(200);
        assert_eq!(found.body, pdb);
    }
    // In a feed that is not public they are as private as the package.
    hub.actor("alice").feed("team/feed").push(&Packed::new("Lib", "1.0.0")).await.is(201);
    let private = format!("symbols/my.lib.pdb/{key}/my.lib.pdb");
    hub.stranger().feed("team/feed").get(&private).await.is(401);
    hub.actor("rita").feed("team/feed").get(&private).await.is(404);
}

async fn a_delete_follows_the_address_of_the_push(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed");
    let pushes = ["", "/v3", "/v3/index.json", "/v3/package"];
    let versions: Vec<String> = (0..pushes.len()).map(|number| format!("{number}.0.0")).collect();
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    for (push, version) in pushes.into_iter().zip(&versions) {
        feed.push(&Packed::new("Lib", version)).await.is(201);
        let delete = Ask::delete(format!("/nuget/p/team/feed{push}/Lib/{version}"));
        alice.send(delete).await.is(204);
    }
    assert_eq!(feed.seen("lib").await, Seen::of(&versions, &versions));
}

async fn old_clients_are_told_where_the_index_is(hub: Server) {
    let alice = hub.actor("alice");
    let index = alice.feed("team/feed").document("index.json").await;
    for source in ["/nuget/p/team/feed", "/nuget/p/team/feed/", "/nuget/p/team/feed/v3/"] {
        assert_eq!(alice.send(Ask::get(source)).await.is(200).json(), index);
    }
    for asked in
        ["FindPackagesById()?id='Lib'&semVerLevel=2.0.0", "$metadata", "Packages(Id='Lib',Version='1.0.0')"]
    {
        let gone = alice.send(Ask::get(format!("/nuget/p/team/feed/{asked}"))).await.is(410);
        assert!(gone.must_have("x-nuget-warning").contains("/nuget/p/team/feed/v3/index.json"), "{gone}");
        hub.stranger().send(Ask::get(format!("/nuget/p/team/feed/{asked}"))).await.is(401);
    }
}

async fn a_push_onto_an_unlisted_version_says_that_it_stays_so(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    let packed = Packed::new("Lib", "1.0.0");
    feed.push(&packed).await.is(201);
    feed.delete("Lib", "1.0.0").await.is(204);
    let told = feed.push(&packed).await.is(201);
    let told: Vec<_> =
        told.headers.get_all("x-nuget-warning").iter().map(|value| value.to_str().expect("text")).collect();
    assert!(told.iter().any(|words| words.contains("unlisted and stays so")), "{told:?}");
    feed.relist("Lib", "1.0.0").await.is(200);
    let told = feed.push(&packed).await.is(201);
    assert!(!told.must_have("x-nuget-warning").contains("unlisted"));
}

/// An empty page is an object: the client refuses a list.
async fn a_feed_without_advisories_says_so_to_audits(hub: Server) {
    let rita = hub.actor("rita");
    let feed = rita.feed("team/feed");
    let index = feed.document("index.json").await;
    let list = rita.send(Ask::get(feed.resource(&index, "VulnerabilityInfo/6.7.0"))).await.is(200).json();
    let page = list[0]["@id"].as_str().expect("an address");
    let page = page.get(page.find("/nuget/").expect("here")..).expect("a path").to_owned();
    assert_eq!(rita.send(Ask::get(page)).await.is(200).json(), serde_json::json!({}));
}

/// Each change of a version, a removal too, is behind whatever a mirror has read before.
async fn a_mirror_follows_every_change(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/hard-feed").keyed(&hub.login("alice").secret);
    let mut cursor = String::new();
    let mut news = async || {
        let page = feed.get("catalog/page0.json").await;
        let page = if page.status == 404 { return Vec::new() } else { page.json() };
        let items = page["items"].as_array().expect("items").clone();
        let at = |item: &serde_json::Value| item["commitTimeStamp"].as_str().expect("a moment").to_owned();
        let fresh = items.iter().filter(|item| at(item) > cursor);
        let fresh: Vec<String> =
            fresh.map(|item| format!("{} {}", item["@type"], item["nuget:version"])).collect();
        cursor = at(&page);
        fresh
    };
    let (there, gone) = ("\"nuget:PackageDetails\"", "\"nuget:PackageDelete\"");
    assert!(news().await.is_empty());
    for version in ["1.0.0", "2.0.0"] {
        feed.push(&Packed::new("Lib", version)).await.is(201);
    }
    assert_eq!(news().await, [format!("{there} \"1.0.0\""), format!("{there} \"2.0.0\"")]);
    feed.delete("Lib", "1.0.0").await.is(204);
    feed.push(&Packed::new("Lib", "3.0.0")).await.is(201);
    assert_eq!(news().await, [format!("{gone} \"1.0.0\""), format!("{there} \"3.0.0\"")]);
    feed.push(&Packed::new("Lib", "1.0.0")).await.is(201);
    assert_eq!(news().await, [format!("{there} \"1.0.0\"")]);
    assert!(news().await.is_empty());
}
