//! Honest requests, damaged at random: whatever comes, the answer is no failure of the server, and nothing panics.

use futures_util::StreamExt as _;
use futures_util::stream;

use crate::support::client::basic;
use crate::support::image::{OCI_MANIFEST, sha256};
use crate::support::process::Launch;
use crate::support::raw::answer_to;
use crate::support::{Folder, Organisation, image, named_number};

/// The same requests each time, so that a failure can be looked at; `WHARFINGER_TEST_SEED` has others made.
const SEED: u64 = 0x5eed;
const REQUESTS: usize = 1_000;
const AT_ONCE: usize = 128;
/// Most wounds of one request.
const WOUNDS_MAX: u64 = 4;

/// What tends to hurt parsers.
const SPLINTERS: [&[u8]; 24] = [
    b"\r\n",
    b"\r\n\r\n",
    b"\0",
    b"%",
    b"%00",
    b"%2f",
    b"../",
    b"//",
    b":",
    b"?",
    b"&",
    b"=",
    b"sha256:",
    b"sha512:",
    b"-1",
    b"18446744073709551616",
    b"bytes=0-,1-",
    b"\xff\xfe",
    b"\xc3\xa4",
    b"p/",
    b" ",
    b"\t",
    b",",
    b"\"",
];

/// Small numbers of a seed, the same each time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).expect("small")).expect("small")
    }

    fn wound(&mut self, request: &mut Vec<u8>) {
        if request.is_empty() {
            return;
        }
        let at = self.below(request.len());
        let end = (at + self.below(24)).min(request.len());
        match self.below(6) {
            0 => request[at] = self.next().to_le_bytes()[0],
            1 => drop(request.drain(at..end)),
            2 => {
                let again = request[at..end].to_vec();
                request.splice(at..at, again);
            }
            3 => request.truncate(at.max(1)),
            _ => {
                let splinter = SPLINTERS[self.below(SPLINTERS.len())];
                request.splice(at..at, splinter.iter().copied());
            }
        }
    }
}

fn honest(host: &str, authorization: &str) -> Vec<Vec<u8>> {
    let digest = sha256(&image("hello").layers[0]);
    let upload = "0".repeat(32);
    let manifest = String::from_utf8(image("hello").manifest.to_vec()).expect("JSON");
    let base = "/v2/p/team/app/web";
    let requests: Vec<(&str, String, String, String)> = vec![
        ("GET", "/v2/".into(), String::new(), String::new()),
        ("GET", format!("{base}/manifests/1.0"), "Accept: */*\r\n".into(), String::new()),
        ("HEAD", format!("{base}/manifests/{digest}"), String::new(), String::new()),
        (
            "GET",
            format!("{base}/blobs/{digest}"),
            "Range: bytes=1-3\r\nIf-None-Match: \"x\"\r\n".into(),
            String::new(),
        ),
        ("GET", format!("{base}/tags/list?n=3&last=a"), String::new(), String::new()),
        (
            "POST",
            format!("{base}/blobs/uploads/?mount={digest}&from=p/team/open/web"),
            String::new(),
            String::new(),
        ),
        ("POST", format!("{base}/blobs/uploads/?digest={digest}"), String::new(), "hello".into()),
        ("PATCH", format!("{base}/blobs/uploads/{upload}"), "Content-Range: 0-4\r\n".into(), "hello".into()),
        ("PUT", format!("{base}/blobs/uploads/{upload}?digest={digest}"), String::new(), String::new()),
        ("PUT", format!("{base}/manifests/1.0?tag=a"), format!("Content-Type: {OCI_MANIFEST}\r\n"), manifest),
        ("DELETE", format!("{base}/manifests/absent"), String::new(), String::new()),
        (
            "GET",
            "/v2/token?service=x&scope=repository:p/team/app/web:pull".into(),
            String::new(),
            String::new(),
        ),
        (
            "POST",
            "/v2/token".into(),
            String::new(),
            "grant_type=password&username=alice&password=x&scope=a:b:c".into(),
        ),
        (
            "PUT",
            "/api/v1/projects/team/grants".into(),
            String::new(),
            r#"{"to":"member:bob","role":"viewer"}"#.into(),
        ),
        ("GET", "/api/v1/tokens?after=00000000&limit=5".into(), String::new(), String::new()),
    ];
    let write = |(method, target, more, body): (&str, String, String, String)| {
        format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: {authorization}\r\n{more}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    };
    requests.into_iter().map(write).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_requests_are_no_failures_of_the_server() {
    let (organisation, folder) = (Organisation::team(), Folder::new("noise"));
    let process = Launch::new(folder.root())
        .organisation(folder.root(), &organisation)
        .set("TIMEOUTS__HEADER_SECS_MAX", "3")
        .set("TIMEOUTS__BODY_IDLE_SECS_MAX", "3")
        .set("AUTH__FAILURES_PER_CLAIM_MAX", "1000000")
        .set("AUTH__FAILURES_PER_ADDRESS_MAX", "1000000")
        .start()
        .await;
    let alice = process.actor(organisation.login("alice"));
    alice.docker().push("team/app/web:1.0", &image("hello")).await.done();
    let seed = named_number("WHARFINGER_TEST_SEED").unwrap_or(SEED);
    let mut dice = Dice(seed);
    let whole = honest(&process.address.to_string(), &basic(&organisation.login("alice")));
    let mut damaged = whole.clone();
    for _ in 0..REQUESTS {
        let mut request = whole[dice.below(whole.len())].clone();
        for _ in 0..=dice.next() % WOUNDS_MAX {
            dice.wound(&mut request);
        }
        damaged.push(request);
    }
    let address = process.address;
    let sent = stream::iter(damaged).map(|request| async move {
        let answer = answer_to(address, &request).await;
        (request, answer)
    });
    let mut sent = sent.buffer_unordered(AT_ONCE);
    let mut answered = 0;
    while let Some((request, answer)) = sent.next().await {
        let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line).into_owned();
        let status: u16 = line.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_default();
        answered += usize::from(status != 0);
        // 505 is the right answer to a version of HTTP that does not exist.
        assert!(status < 500 || status == 505, "seed {seed}: {line}\n{}", String::from_utf8_lossy(&request));
    }
    assert!(answered > REQUESTS / 2, "seed {seed}: only {answered} answers");
    alice.docker().push("team/app/web:2.0", &image("hello")).await.done();
    alice.docker().pull("team/app/web:2.0").await.gives(&image("hello"));
}
