//! Files: as they are, in parts, and never run.

use super::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n...";

async fn published(hub: &Hub) -> Vec<u8> {
    let extra = "<readme>docs\\R.md</readme><icon>i.png</icon><license type='file'>L</license>";
    let files: [(&str, &[u8]); 3] = [("docs/R.md", b"# <script>"), ("i.png", PNG), ("L", b"free")];
    let bytes = packed("A", "1.0.0", extra, &files);
    hub.person("alice").push(&bytes).await.is(201);
    bytes
}

#[tokio::test]
async fn what_a_package_brings_along_is_shown_and_not_run() {
    let hub = Hub::new().await;
    published(&hub).await;
    let bob = hub.person("bob");
    let cases: [(&str, &str, &[u8]); 3] = [
        ("readme", "text/markdown; charset=utf-8", b"# <script>"),
        ("icon", "image/png", PNG),
        ("license", "text/plain; charset=utf-8", b"free"),
    ];
    for (file, content_type, content) in cases {
        let answer = bob.get(&at(&format!("flat/a/1.0.0/{file}"))).await;
        answer.is(200).has("content-type", content_type);
        answer.has("content-security-policy", "default-src 'none'; sandbox");
        assert_eq!(answer.body, content);
    }
    let nuspec = bob.get(&at("flat/a/1.0.0/a.nuspec")).await;
    nuspec
        .is(200)
        .has("content-type", "application/xml")
        .has("content-security-policy", "default-src 'none'; sandbox");
    assert!(nuspec.body.starts_with(b"<package>"));
    let document = bob.get(&at("reg/a/1.0.0.json")).await.is(200).json();
    for (member, file) in [("readmeUrl", "readme"), ("iconUrl", "icon"), ("licenseUrl", "license")] {
        assert_eq!(document[member], format!("https://hub.example{}", at(&format!("flat/a/1.0.0/{file}"))));
    }
}

#[tokio::test]
async fn files_of_the_same_bytes_are_two_files() {
    let hub = Hub::new().await;
    let extra = "<readme>R.md</readme><license type='file'>L.md</license>";
    let bytes = packed("A", "1.0.0", extra, &[("R.md", b"free"), ("L.md", b"free")]);
    hub.person("alice").push(&bytes).await.is(201);
    for file in ["readme", "license"] {
        assert_eq!(hub.person("bob").get(&at(&format!("flat/a/1.0.0/{file}"))).await.is(200).body, "free");
    }
}

#[tokio::test]
async fn packages_come_whole_in_parts_or_not_at_all() {
    let hub = Hub::new().await;
    let bytes = published(&hub).await;
    let bob = hub.person("bob");
    let target = at("flat/a/1.0.0/a.1.0.0.nupkg");
    let whole = bob.get(&target).await;
    whole.is(200).has("content-type", "application/octet-stream").has("accept-ranges", "bytes");
    whole.has("content-disposition", "attachment; filename=\"a.1.0.0.nupkg\"");
    whole
        .has("last-modified", "Fri, 15 Jan 2027 08:00:00 GMT")
        .has("content-length", &bytes.len().to_string());
    assert_eq!(whole.body, bytes);
    let tag = whole.header("etag").to_owned();
    let part = bob.send("GET", &target, &[("range", "bytes=2-5"), ("if-range", &tag)], "").await;
    part.is(206).has("content-range", &format!("bytes 2-5/{}", bytes.len()));
    assert_eq!(part.body, bytes[2..6]);
    let other = bob.send("GET", &target, &[("range", "bytes=2-5"), ("if-range", "\"x\"")], "").await;
    assert_eq!(other.is(200).body, bytes);
    let beyond = bob.send("GET", &target, &[("range", "bytes=999999-")], "").await;
    beyond.tells(416, "range").has("content-range", &format!("bytes */{}", bytes.len()));
    let known = bob.send("GET", &target, &[("if-none-match", &tag)], "").await;
    assert_eq!(known.is(304).has("etag", &tag).body, "");
    let since = [("if-modified-since", "Fri, 15 Jan 2027 08:00:00 GMT")];
    bob.send("GET", &target, &since, "").await.is(304);
    bob.send("GET", &target, &[("if-match", "\"x\"")], "").await.tells(412, "not the one");
}

#[tokio::test]
async fn head_says_what_get_would() {
    let hub = Hub::new().await;
    published(&hub).await;
    let bob = hub.person("bob");
    let targets = [
        "index.json",
        "flat/a/index.json",
        "flat/a/1.0.0/a.1.0.0.nupkg",
        "flat/a/1.0.0/a.nuspec",
        "flat/a/1.0.0/readme",
        "flat/a/1.0.0/icon",
        "flat/a/1.0.0/license",
        "reg/a/index.json",
        "reg-gz/a/index.json",
        "reg-gz-semver2/a/1.0.0.json",
        "reg/a/page/1.0.0/1.0.0.json",
        "query?q=a",
        "autocomplete?q=a",
        "autocomplete?id=a",
        "flat/b/index.json",
        "flat/a/2.0.0/a.2.0.0.nupkg",
    ];
    for target in targets {
        let get = bob.get(&at(target)).await;
        let head = bob.send("HEAD", &at(target), &[], "").await;
        assert_eq!((head.status, &head.headers), (get.status, &get.headers), "{target}");
        assert!(get.headers.contains_key("content-length"), "{target}");
    }
}
