//! Style and script: small, kept for good, and from nowhere else.

use crate::support::{Ask, Browser, Server};

const CSS_BYTES_MAX: usize = 34_000;
const SCRIPT_BYTES_MAX: usize = 40_000;
const HTML_BYTES_MAX: usize = 60_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_pages_need_is_small_and_kept() {
    let hub = Server::with(super::organisation()).await;
    let mut nobody = Browser::of_nobody(&hub);
    let page = nobody.page("/").await;
    assert!(page.len() < HTML_BYTES_MAX);
    let addresses = page.split("/-/assets/").skip(1).map(|rest| rest.split('"').next().expect("an address"));
    let mut seen = Vec::new();
    for address in addresses {
        let path = format!("/-/assets/{address}");
        let answer = nobody.ask(Ask::get(&path)).await.is(200);
        assert_eq!(answer.must_have("cache-control"), "public, max-age=31536000, immutable");
        assert!(answer.header("etag").is_some() && answer.header("set-cookie").is_none());
        assert_eq!((answer.must_have("vary"), answer.header("content-encoding")), ("accept-encoding", None));
        let small = nobody.ask(Ask::get(&path).header("accept-encoding", "br;q=1, gzip")).await.is(200);
        assert_eq!(small.must_have("content-encoding"), "gzip");
        assert_ne!(small.must_have("etag"), answer.must_have("etag"));
        assert!(small.body.len() < answer.body.len(), "{address}: {} bytes", small.body.len());
        let plain = nobody.ask(Ask::get(&path).header("accept-encoding", "gzip;q=0")).await.is(200);
        assert_eq!((plain.header("content-encoding"), &plain.body), (None, &answer.body));
        let most = match address.rsplit_once('.').expect("an ending").1 {
            "css" => CSS_BYTES_MAX,
            "js" => SCRIPT_BYTES_MAX,
            _ => 4_000,
        };
        assert!(answer.body.len() < most, "{address}: {} bytes", answer.body.len());
        seen.push(address.to_owned());
        let other = path.replacen("/-/assets/", "/-/assets/0", 1);
        assert_ne!(nobody.open(&other).await.status.as_u16(), 200, "only as the page has it");
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
    for elsewhere in ["src=\"http", "href=\"http", "url(http", "<style", "style=\"", "<script>"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    hub.stop().await;
}
