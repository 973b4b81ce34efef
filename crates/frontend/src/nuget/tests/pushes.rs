//! What may be published, and what is said otherwise.

use super::*;

const TYPE: &str = "multipart/form-data; boundary=\"b-1\"";

fn form(package: &[u8]) -> Vec<u8> {
    let head = "--b-1\r\nContent-Type: application/octet-stream\r\nContent-Disposition: form-data; name=package; \
                filename=package.nupkg; filename*=utf-8''package.nupkg\r\n\r\n";
    [head.as_bytes(), package, b"\r\n--b-1--\r\n"].concat()
}

#[tokio::test]
async fn every_address_people_push_to_takes_a_push() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let feed = "/nuget/p/alpha/packages";
    for (number, path) in
        ["/v3/package", "/v3/package/", "/v3/index.json", "/v3", "/v3/", "", "/"].into_iter().enumerate()
    {
        let package = package("A", &format!("{number}.0.0"));
        let target = format!("{feed}{path}");
        alice.send("PUT", &target, &[("content-type", TYPE)], form(&package)).await.is(201);
        let content = alice.get(&at(&format!("flat/a/{number}.0.0/a.{number}.0.0.nupkg"))).await;
        assert_eq!(content.is(200).body, package);
    }
}

#[tokio::test]
async fn the_same_bytes_succeed_and_others_are_a_conflict() {
    let hub = Hub::new().await;
    let (alice, carol) = (hub.person("alice"), hub.person("carol"));
    let first = package("A", "1.0");
    let second = packed("a", "1.0.0.0", "", &[("x", b"y")]);
    alice.push(&first).await.is(201).lacks("x-nuget-warning");
    carol
        .push(&first)
        .await
        .is(201)
        .has("x-nuget-warning", "this version was there already, with the same content");
    for who in [&alice, &carol] {
        who.push(&second).await.tells(409, "never replaces");
    }
    // Where they may be replaced, by whom may overwrite.
    alice.push_to("free", &first).await.is(201);
    carol.push_to("free", &second).await.tells(409, "`overwrite`");
    carol.push_to("free", &first).await.is(201);
    alice.push_to("free", &second).await.is(201);
    let content = alice.get("/nuget/p/alpha/free/v3/flat/a/1.0.0/a.1.0.0.nupkg").await;
    assert_eq!(content.is(200).body, second);
    alice.push_to("pre", &first).await.is(201);
    alice.push_to("pre", &second).await.tells(409, "never replaces");
    alice.push_to("pre", &package("A", "1.0-a")).await.is(201);
    alice.push_to("pre", &packed("A", "1.0-a", "", &[("x", b"y")])).await.is(201);
}

#[tokio::test]
async fn what_is_no_package_is_refused_in_words_and_leaves_nothing() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let nuspec = |extra: &str| packed("A", "1.0.0", extra, &[]);
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "not a ZIP file"),
        (b"hello".to_vec(), "not a ZIP file"),
        (package("A", "1.0.0")[..100].to_vec(), "not a ZIP file"),
        (packed("A/b", "1.0.0", "", &[]), "the id 'A/b'"),
        (packed("A#b", "1.0.0", "", &[]), "the id 'A#b'"),
        (packed("A", "1.0.0?x", "", &[]), "'1.0.0?x' is not a version"),
        (packed("A", "1.0.0", "", &[("../evil", b"x")]), "'../evil' is not a plain relative path"),
        (packed("A", "1.0.0", "", &[("a.dll", b"x"), ("A.dll", b"y")]), "holds 'A.dll' twice"),
        (packed("A", "1.0.0", "", &[("other.nuspec", b"<package/>")]), "exactly one .nuspec"),
        (nuspec("<icon>i.png</icon>"), "which is not in the package"),
        (packed("A", "1.0.0", "<icon>i.png</icon>", &[("i.png", b"<svg/>")]), "PNG or JPEG"),
        (nuspec("<dependencies><dependency id='B' version='1.*'/></dependencies>"), "floating"),
        (nuspec("<packageTypes><packageType name='SymbolsPackage'/></packageTypes>"), "symbols package"),
        (nuspec("<projectUrl>javascript:alert(1)</projectUrl>"), "http or https"),
    ];
    for (bytes, words) in cases {
        alice.push(&bytes).await.tells(400, words);
    }
    alice.get(&at("flat/a/index.json")).await.is(404);
    assert_eq!(alice.get(&at("query")).await.is(200).json()["totalHits"], 0);
}

/// NuGet/Home#1920, NuGet/NuGetGallery#5289: `push *.nupkg` of what `pack --include-symbols` made.
#[tokio::test]
async fn a_symbols_package_of_the_old_kind_never_takes_the_place() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let (dll, pdb) = (("lib/net8.0/A.dll", &b"MZ"[..]), ("lib/net8.0/A.pdb", &b"BSJB"[..]));
    let plain = packed("A", "1.0.0", "", &[dll]);
    let with_symbols = packed("A", "1.0.0", "", &[dll, pdb]);
    let with_sources = packed("A", "1.0.0", "", &[dll, pdb, ("src/A/a.cs", b"class A {}")]);
    for feed in ["packages", "free"] {
        alice.push_to(feed, &with_sources).await.tells(400, "SymbolPackageFormat=snupkg");
        alice.push_to(feed, &plain).await.is(201);
        alice.push_to(feed, &with_sources).await.tells(400, "SymbolPackageFormat=snupkg");
        alice.push_to(feed, &with_symbols).await.tells(409, "SymbolPackageFormat=snupkg");
        alice.push_to(feed, &plain).await.is(201);
        let content = alice.get(&format!("/nuget/p/alpha/{feed}/v3/flat/a/1.0.0/a.1.0.0.nupkg")).await;
        assert_eq!(content.is(200).body, plain);
    }
    // sonatype/nexus-public#1058: a package may have symbols inside, and be replaced by another one that has.
    let other = packed("B", "1.0.0", "", &[dll, pdb]);
    alice.push_to("free", &other).await.is(201);
    alice.push_to("free", &packed("B", "1.0.0", "", &[dll, pdb, ("x", b"y")])).await.is(201);
    alice.push_to("free", &packed("C", "1.0.0", "", &[dll, ("src/a.cs", b"x")])).await.is(201);
}

#[tokio::test]
async fn broken_forms_are_refused() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let put = async |kind: &str, body: Vec<u8>| {
        alice.send("PUT", &at("package"), &[("content-type", kind)], body).await
    };
    put("text/plain", b"x".to_vec()).await.tells(400, "multipart/form-data or application/octet-stream");
    put("multipart/form-data", b"x".to_vec()).await.tells(400, "multipart/form-data or");
    put(TYPE, b"x".to_vec()).await.tells(400, "no first part");
    put(TYPE, b"--b-1--\r\n".to_vec()).await.tells(400, "no first part");
    let whole = form(&package("A", "1.0.0"));
    put(TYPE, whole[..whole.len() - 20].to_vec()).await.tells(400, "ended inside");
    alice.send("PUT", &at("package"), &[], whole).await.tells(400, "multipart/form-data or");
}

#[tokio::test]
async fn the_bound_of_a_package_is_exact() {
    let mut hub = Hub::new().await;
    let bytes = package("A", "1.0.0");
    hub.limits.nupkg_bytes_max = bytes.len() as u64 - 1;
    let alice = hub.person("alice");
    let words = format!("at most {} bytes", bytes.len() - 1);
    alice.push(&bytes).await.tells(413, &words);
    alice.send("PUT", &at("package"), &[("content-type", TYPE)], form(&bytes)).await.tells(413, &words);
    hub.limits.nupkg_bytes_max = bytes.len() as u64;
    hub.person("alice").push(&bytes).await.is(201);
    hub.person("alice").send("PUT", &at("package"), &[("content-type", TYPE)], form(&bytes)).await.is(201);
}
