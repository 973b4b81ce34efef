//! The user guide at `/docs`: the same to everybody, with the address that its reader uses, and kept by browsers.

use std::fs;
use std::path::Path;

use crate::support::{Ask, Browser, Server};

/// Most bytes of a page.
const HTML_BYTES_MAX: usize = 60_000;

/// The addresses of all pages, by the files that they are.
fn addresses() -> Vec<String> {
    let mut found = Vec::new();
    for (folder, above) in [("docs/guide", "/docs"), ("docs/guide/recipes", "/docs/recipes")] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
        for entry in fs::read_dir(folder).expect("a folder") {
            let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
            match name.strip_suffix(".md") {
                Some("README") => found.push(above.to_owned()),
                Some(name) => found.push(format!("{above}/{name}")),
                None => {}
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anybody_reads_every_page() {
    let hub = Server::with(super::organisation()).await;
    let mut nobody = Browser::of_nobody(&hub);
    let addresses = addresses();
    assert!(addresses.len() > 30, "{addresses:?}");
    for address in &addresses {
        let page = nobody.page(address).await;
        assert!(page.len() < HTML_BYTES_MAX, "{address}: {} bytes", page.len());
        // Every page leads to every other.
        for other in &addresses {
            assert!(page.contains(&format!("href=\"{other}\"")), "{address} does not lead to {other}");
        }
    }
    assert!(nobody.cookie("wharfinger-local-form").is_none(), "no cookie for who only reads");
    nobody.open("/docs/none").await.is(404);
    nobody.open("/docs/..%2Fstart").await.is(404);
    let landing = nobody.page("/").await;
    assert!(landing.contains("href=\"/docs\""), "{landing}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_have_the_address_of_their_reader() {
    let hub = Server::with(super::organisation()).await;
    let page = Browser::of_nobody(&hub).page("/docs/docker").await;
    let host = hub.address().to_string();
    assert!(page.contains(&format!("docker login {host} -u alice")), "{page}");
    assert!(!page.contains("registry.example.org"), "{page}");
    // Over plain HTTP the words for plain HTTP are needed.
    assert!(page.contains("--tls-verify=false"), "{page}");
    // Those who start one of their own are told of that.
    let start = Browser::of_nobody(&hub).page("/docs/start").await;
    assert!(start.contains("serve --listen 127.0.0.1:8080"), "{start}");
    let connect = Browser::of_nobody(&hub).page("/p/team/public-files/-/connect").await;
    assert!(connect.contains("href=\"/docs/files#curl\""), "{connect}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browsers_keep_a_page_and_ask_whether_it_is_so() {
    let hub = Server::with(super::organisation()).await;
    let nobody = hub.stranger();
    let first = nobody.send(Ask::get("/docs/start").header("accept", "text/html")).await.is(200);
    assert_eq!(first.must_have("cache-control"), "private, no-cache");
    assert_eq!(first.must_have("vary"), "cookie, accept-language");
    let tag = first.must_have("etag").to_owned();
    let again = nobody.send(Ask::get("/docs/start").header("if-none-match", &tag)).await.is(304);
    assert!(again.body.is_empty());
    assert_eq!(again.must_have("etag"), tag);
    // Somebody else has another frame.
    let mut pat = Browser::of(&hub, "pat").await;
    let theirs = pat.open("/docs/start").await.is(200);
    assert_ne!(theirs.must_have("etag"), tag);
    let german = nobody.send(Ask::get("/docs/start").header("accept-language", "de")).await.is(200);
    assert_ne!(german.must_have("etag"), tag);
    let text = String::from_utf8(german.body.to_vec()).expect("UTF-8");
    assert!(
        text.contains("<html lang=\"de\"") && text.contains("<article class=\"readme guide\" lang=\"en\">"),
        "{text}"
    );
}

/// Links to what is public say what it is; nothing else is told abroad.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_public_has_a_preview() {
    let hub = Server::with(super::organisation()).await;
    for place in ["public-files", "files"] {
        hub.admin().send(Ask::put(format!("/files/p/team/{place}/dir/tool.txt")).body("tool")).await.is(201);
    }
    let mut nobody = Browser::of_nobody(&hub);
    let origin = format!("http://{}", hub.address());
    for address in ["/p/team/public-files", "/p/team/public-files/dir/tool.txt"] {
        let page = nobody.page(&format!("{address}?x=1")).await;
        assert!(page.contains(&format!("<link rel=\"canonical\" href=\"{origin}{address}\">")), "{page}");
        assert!(page.contains("<meta property=\"og:title\" content=\""), "{page}");
    }
    let mut pat = Browser::of(&hub, "pat").await;
    for address in ["/p/team/files", "/p/team/files/dir/tool.txt", "/", "/docs"] {
        let page = pat.page(address).await;
        assert!(!page.contains("canonical") && !page.contains("og:"), "{address}:\n{page}");
    }
    let robots = hub.stranger().send(Ask::get("/robots.txt")).await.is(200);
    assert_eq!(robots.must_have("content-type"), "text/plain; charset=utf-8");
    let robots = String::from_utf8(robots.body.to_vec()).expect("UTF-8");
    assert!(robots.contains("Disallow: /-/\n") && robots.contains("Disallow: /v2/\n"), "{robots}");
    assert!(!robots.contains("team"), "{robots}");
}
