//! Symbols: pushed after their package, found by name and key.

use crate::nuget::symbols::tests::portable;

use super::*;

/// What `dotnet pack` with `SymbolPackageFormat=snupkg` makes, with files.
fn symbols(id: &str, version: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    packed(id, version, "<packageTypes><packageType name='SymbolsPackage'/></packageTypes>", files)
}

impl Client<'_> {
    async fn push_symbols(&self, repository: &str, package: &[u8]) -> Answer {
        let target = format!("/nuget/p/alpha/{repository}/v3/symbolpackage/");
        self.send("PUT", &target, &[("content-type", "application/octet-stream")], package.to_vec()).await
    }
}

fn symbol(repository: &str, file: &str, key: &str) -> String {
    format!("/nuget/p/alpha/{repository}/v3/symbols/{file}/{key}/{file}")
}

#[tokio::test]
async fn symbols_are_found_by_name_and_key_in_any_case() {
    let hub = Hub::new().await;
    let (alice, bob) = (hub.person("alice"), hub.person("bob"));
    let (pdb, other) = (portable([0xab; 16], 100_000), portable([0xcd; 16], 10));
    let files: [(&str, &[u8]); 3] = [
        ("lib/net8.0/My.Lib.pdb", &pdb),
        ("lib/net9.0/My.Lib.pdb", &pdb),
        ("lib/net9.0/x/Other.pdb", &other),
    ];
    let with_symbols = symbols("A", "1.0", &files);
    alice.push_symbols("packages", &with_symbols).await.tells(404, "push the package before its symbols");
    alice.push(&package("A", "1.0.0")).await.is(201);
    alice.push_symbols("packages", &with_symbols).await.is(201).lacks("x-nuget-warning");
    alice
        .push_symbols("packages", &with_symbols)
        .await
        .is(201)
        .has("x-nuget-warning", "these symbols were there already");

    let key = "ab".repeat(16) + "ffffffff";
    for (file, key) in
        [("my.lib.pdb", key.clone()), ("My.Lib.pdb", key.to_uppercase()), ("MY.LIB.PDB", key.clone())]
    {
        let answer = bob.get(&symbol("packages", file, &key)).await;
        assert_eq!(answer.is(200).body, pdb);
    }
    let target = symbol("packages", "my.lib.pdb", &key);
    let part = bob.send("GET", &target, &[("range", "bytes=0-3")], "").await;
    assert_eq!(part.is(206).body, &b"BSJB"[..]);
    bob.send("HEAD", &target, &[], "").await.is(200).has("content-length", &pdb.len().to_string());
    let other_key = "cd".repeat(16) + "ffffffff";
    assert_eq!(bob.get(&symbol("packages", "other.pdb", &other_key)).await.is(200).body, other);
    // What debuggers ask besides.
    for absent in [
        symbol("packages", "my.lib.pdb", &other_key),
        symbol("packages", "my.lib.pdb", &("ab".repeat(16) + "1")),
        symbol("packages", "my.lib.pd_", &key),
        at("symbols/index2.txt"),
        at("symbols/pingme.txt"),
    ] {
        bob.get(&absent).await.tells(404, "no symbols of this name and key");
    }
    // Only where they were pushed.
    alice.push_to("public", &package("A", "1.0.0")).await.is(201);
    bob.get(&symbol("public", "my.lib.pdb", &key)).await.is(404);
    hub.anonymous().get(&target).await.is(401);
}

#[tokio::test]
async fn the_package_of_symbols_is_given_as_it_was_pushed() {
    let hub = Hub::new().await;
    let (alice, bob) = (hub.person("alice"), hub.person("bob"));
    let with_symbols = symbols("A", "1.0", &[("lib/a.pdb", &portable([9; 16], 100))]);
    alice.push(&package("A", "1.0.0")).await.is(201);
    let target = at("symbolpackage/A/1.0.0.0");
    bob.get(&target).await.tells(404, "no package of symbols of this version");
    bob.get(&at("symbolpackage/b/1.0.0")).await.tells(404, "no package of symbols of this version");
    alice.push_symbols("packages", &with_symbols).await.is(201);
    let whole = bob.get(&target).await;
    assert_eq!(whole.is(200).body, with_symbols);
    whole.has("content-disposition", "attachment; filename=\"a.1.0.0.snupkg\"");
    assert!(whole.header("etag").starts_with("\"sha256:"));
    bob.send("GET", &target, &[("range", "bytes=0-1")], "").await.is(206).has("content-length", "2");
    let head = bob.send("HEAD", &target, &[], "").await;
    head.is(200).has("content-length", &with_symbols.len().to_string());
    hub.anonymous().get(&target).await.is(401);
}

#[tokio::test]
async fn symbols_are_replaced_by_whoever_may_overwrite() {
    let hub = Hub::new().await;
    let (alice, carol) = (hub.person("alice"), hub.person("carol"));
    let of = |mark: u8| symbols("A", "1.0", &[("lib/a.pdb", &portable([mark; 16], 10))]);
    let at = |mark: &str| symbol("free", "a.pdb", &(mark.repeat(16) + "ffffffff"));
    alice.push_to("free", &package("A", "1.0")).await.is(201);
    carol.push_symbols("free", &of(1)).await.is(201);
    carol.push_symbols("free", &of(2)).await.tells(409, "`overwrite`");
    alice.push_symbols("free", &of(2)).await.is(201);
    alice.get(&at("01")).await.is(404);
    alice.get(&at("02")).await.is(200);
}

#[tokio::test]
async fn nobody_changes_what_debuggers_get_for_the_package_of_another() {
    let hub = Hub::new().await;
    let (alice, carol) = (hub.person("alice"), hub.person("carol"));
    let (own, other) = (portable([7; 16], 10), portable([7; 16], 20));
    for (client, id, pdb) in [(&alice, "A", &own), (&carol, "B", &other)] {
        client.push_to("free", &package(id, "1.0")).await.is(201);
        client.push_symbols("free", &symbols(id, "1.0", &[("lib/a.pdb", pdb)])).await.is(201);
        let found = alice.get(&symbol("free", "a.pdb", &("07".repeat(16) + "ffffffff"))).await;
        assert_eq!(found.is(200).body, own, "{id}");
    }
}

#[tokio::test]
async fn symbols_go_with_their_version_and_stay_with_an_unlisted_one() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for (feed, status) in [("packages", 200), ("hard", 404)] {
        alice.push_to(feed, &package("A", "1.0")).await.is(201);
        alice.push_to(feed, &package("B", "1.0")).await.is(201);
        for id in ["A", "B"] {
            let with_symbols = symbols(id, "1.0", &[("lib/a.pdb", &portable([3; 16], 10))]);
            alice.push_symbols(feed, &with_symbols).await.is(201);
        }
        let target = symbol(feed, "a.pdb", &("03".repeat(16) + "ffffffff"));
        // Of two packages that have it, one is enough.
        alice.delete(&format!("/nuget/p/alpha/{feed}/v3/package/B/1.0.0")).await.is(204);
        alice.get(&target).await.is(200);
        alice.delete(&format!("/nuget/p/alpha/{feed}/v3/package/A/1.0.0")).await.is(204);
        alice.get(&target).await.is(status);
    }
}

#[tokio::test]
async fn what_are_no_symbols_is_refused_in_words() {
    let mut hub = Hub::new().await;
    hub.limits.nupkg_bytes_max = 10_000;
    let alice = hub.person("alice");
    alice.push(&package("A", "1.0.0")).await.is(201);
    let windows = b"Microsoft C/C++ MSF 7.00";
    let refused: [(Vec<u8>, &str); 6] = [
        (package("A", "1.0"), "packageType must be SymbolsPackage"),
        (symbols("A", "1.0", &[]), "no .pdb file"),
        (symbols("A", "1.0", &[("a.pdb", windows)]), "'a.pdb' is no portable PDB"),
        (symbols("A", "1.0", &[("a.pdb", b"x"), ("a.dll", b"MZ")]), "'a.dll' is none"),
        (symbols("A", "1.0", &[("a.pdb", &vec![0; 10_001])]), "expands to more than is plausible"),
        (b"PK".to_vec(), "not a ZIP file"),
    ];
    for (bytes, words) in refused {
        alice.push_symbols("packages", &bytes).await.tells(400, words);
    }
    alice.push(&symbols("A", "2.0", &[("a.pdb", b"x")])).await.tells(400, "SymbolPackageFormat=snupkg");
}
