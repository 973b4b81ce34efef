use edge::http::date;

use super::*;

const JAR: &str = "/maven/p/alpha/jars/a/b/1/b-1.jar";
const METADATA: &str = "/maven/p/alpha/jars/a/b/maven-metadata.xml";

async fn deployed() -> Hub {
    let hub = Hub::new().await;
    hub.person("alice").put(JAR, "0123456789").await.is(201);
    hub
}

#[tokio::test]
async fn a_file_says_all_about_itself_and_head_says_the_same() {
    let hub = deployed().await;
    let bob = hub.person("bob");
    let get = bob.get(JAR).await;
    get.is(200).has("content-type", "application/java-archive").has("content-length", "10");
    get.has("accept-ranges", "bytes");
    get.has("content-security-policy", "sandbox").lacks("content-disposition");
    get.has("last-modified", date::show(hub::NOW).to_str().unwrap());
    get.has("etag", &format!("\"{}\"", hex(Algorithm::Sha256, b"0123456789")));
    for algorithm in [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        get.has(&format!("x-checksum-{}", algorithm.as_str()), &hex(algorithm, b"0123456789"));
    }
    for target in [JAR, &format!("{JAR}.sha1"), METADATA, &format!("{METADATA}.md5")] {
        let (get, head) = (bob.get(target).await, bob.head(target).await);
        assert_eq!((get.status, &get.headers), (head.status, &head.headers), "{target}");
        get.is(200).has("content-length", &get.body.len().to_string());
        assert!(head.body.is_empty());
    }
    for target in ["/maven/p/alpha/jars/a/b/1/b-1.pom", "/maven/p/alpha/jars/x/maven-metadata.xml"] {
        let (get, head) = (bob.get(target).await, bob.head(target).await);
        assert_eq!((get.status, &get.headers), (404, &head.headers), "{target}");
    }
}

#[tokio::test]
async fn parts_and_conditions() {
    let hub = deployed().await;
    let bob = hub.person("bob");
    let tag = format!("\"{}\"", hex(Algorithm::Sha256, b"0123456789"));
    let now = date::show(hub::NOW).to_str().unwrap().to_owned();
    let before = "Wed, 21 Oct 2015 07:28:00 GMT";
    for (headers, status, body) in [
        (&[("range", "bytes=2-4")][..], 206, "234"),
        (&[("range", "bytes=-3")], 206, "789"),
        (&[("range", "bytes=8-")], 206, "89"),
        (&[("range", "bytes=10-")], 416, ""),
        (&[("range", "bytes=0-1,3-4")], 200, "0123456789"),
        (&[("range", "bytes=2-4"), ("if-range", &*tag)], 206, "234"),
        (&[("range", "bytes=2-4"), ("if-range", "\"x\"")], 200, "0123456789"),
        (&[("range", "bytes=2-4"), ("if-unmodified-since", &*now)], 206, "234"),
        (&[("range", "bytes=2-4"), ("if-unmodified-since", before)], 412, ""),
        (&[("if-none-match", &*tag)], 304, ""),
        (&[("if-none-match", "\"x\"")], 200, "0123456789"),
        (&[("if-modified-since", &*now)], 304, ""),
        (&[("if-modified-since", before)], 200, "0123456789"),
        (&[("if-match", "\"x\"")], 412, ""),
    ] {
        let get = bob.send("GET", JAR, headers, "").await;
        assert_eq!(get.status, status, "{headers:?}");
        match status {
            200 | 206 => assert_eq!(get.body, body, "{headers:?}"),
            304 => {
                get.has("etag", &tag).lacks("content-length");
            }
            _ => {
                get.explains(status, "");
            }
        }
        // A range is for GET alone.
        let expected = if matches!(status, 206 | 416) { 200 } else { status };
        assert_eq!(bob.send("HEAD", JAR, headers, "").await.status, expected, "{headers:?}");
    }
    bob.send("GET", JAR, &[("range", "bytes=2-4")], "").await.has("content-range", "bytes 2-4/10");
    bob.send("GET", JAR, &[("range", "bytes=10-")], "").await.has("content-range", "bytes */10");
    let whole = bob.get(METADATA).await;
    bob.send("GET", METADATA, &[("if-none-match", whole.header("etag"))], "").await.is(304);
    let part = bob.send("GET", METADATA, &[("range", "bytes=2-5")], "").await;
    assert_eq!(part.is(206).body, whole.body.slice(2..6));
    part.has("x-checksum-md5", whole.header("x-checksum-md5"));
}

#[tokio::test]
async fn what_a_browser_would_run_is_handed_out_to_keep() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for (end, media_type) in
        [(".html", "text/html"), (".svg", "image/svg+xml"), (".xhtml", "application/xhtml+xml")]
    {
        let target = format!("{JARS}/a/b/1/b-1{end}");
        alice.put(&target, "<script>alert(1)</script>").await.is(201);
        let get = alice.get(&target).await;
        get.is(200).has("content-type", media_type).has("content-disposition", "attachment");
        get.has("content-security-policy", "sandbox");
    }
}

#[tokio::test]
async fn what_clients_ask_the_root_for_is_not_here() {
    let hub = deployed().await;
    let (bob, pat) = (hub.person("bob"), hub.person("pat"));
    for path in ["", "/", "/a/b/", "/a/b/1/"] {
        bob.get(&format!("{JARS}{path}")).await.is(200);
        bob.head(&format!("{JARS}{path}")).await.is(200);
        pat.head(&format!("{JARS}{path}")).await.is(403);
    }
    bob.get(&format!("{JARS}/archetype-catalog.xml")).await.explains(404, "nothing to list");
    for path in [".meta/prefixes.txt", ".meta/repository-metadata.xml", ".index/index.gz"] {
        bob.get(&format!("{JARS}/{path}")).await.explains(404, "no such file");
    }
    bob.get("/maven/p/Alpha/JARS/a/b/1/b-1.jar").await.is(200);
    bob.get("/maven/p/alpha/jars/A/b/1/b-1.jar").await.is(404);
}

#[tokio::test]
async fn options_name_the_methods_and_making_directories_is_not_one() {
    let hub = deployed().await;
    let bob = hub.person("bob");
    let allow = "GET, HEAD, PUT, DELETE, OPTIONS";
    bob.send("OPTIONS", JAR, &[], "").await.is(200).has("allow", allow).has("content-length", "0");
    for method in ["MKCOL", "PROPFIND", "POST", "PATCH"] {
        bob.send(method, JAR, &[], "").await.explains(405, "this address takes").has("allow", allow);
    }
}
