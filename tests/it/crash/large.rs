//! Much at once: a layer of a gibibyte, a hundred pushes side by side.

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::stream;
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};

use crate::support::image::{Image, OCI_MANIFEST, hex};
use crate::support::process::Launch;
use crate::support::{Ask, Dialect, Folder, Http, Organisation};

const MEBIBYTE: usize = 1 << 20;
const GIBIBYTE: usize = 1 << 30;
/// Of the 64 MiB of the design, what is left beside the 12 MiB of code of a release build.
const DATA_BYTES_MAX: u64 = 52 << 20;
/// Of the 25 MB of the design for a gateway at rest, what is left beside the 14 MB of code and constants that a release build has in memory.
const IDLE_DATA_BYTES_MAX: u64 = 11_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_at_rest_takes_little_memory() {
    let folder = Folder::new("rest");
    let process = Launch::new(folder.root()).start().await;
    let memory = process.memory();
    let data_bytes = memory.now_bytes - memory.code_bytes - process.constants_bytes();
    assert!(data_bytes < IDLE_DATA_BYTES_MAX, "{data_bytes} bytes beside the code");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_layer_of_a_gibibyte_goes_up_and_down_in_little_memory() {
    // Nobody with a password: verifying one takes 19 MiB, which the allocator keeps.
    let organisation = Organisation::empty()
        .repository("team/app", "oci", "private", "")
        .member("alice")
        .role("member:alice", "project-member", "team");
    let folder = Folder::new("large");
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let alice = process.actor(organisation.login("alice"));
    alice.send(Ask::get("/v2/")).await.is(200);
    let idle = process.memory();
    let chunk: Bytes = (0..=250_u8).cycle().take(MEBIBYTE).collect::<Vec<u8>>().into();
    let count = GIBIBYTE / MEBIBYTE;
    let digest = {
        let chunk = chunk.clone();
        let hash = move || {
            let mut sha = Sha256::new();
            (0..count).for_each(|_| sha.update(&chunk));
            format!("sha256:{}", hex(&sha.finalize()))
        };
        tokio::task::spawn_blocking(hash).await.expect("a hash")
    };
    let begun = alice.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(202);
    let layer = stream::iter(std::iter::repeat_n(chunk, count));
    let patched = alice.send(Ask::patch(begun.must_have("location")).chunked(layer)).await.is(202);
    assert_eq!(patched.must_have("range"), format!("0-{}", GIBIBYTE - 1));
    alice.send(Ask::put(format!("{}?digest={digest}", patched.must_have("location")))).await.is(201);
    let up = process.memory();

    let http = Http::new(process.address);
    let get = alice.signed(Ask::get(format!("/v2/p/team/app/web/blobs/{digest}")));
    let (answer, mut body) = http.open(get).await.expect("an answer");
    assert_eq!(answer.must_have("content-length"), GIBIBYTE.to_string());
    let mut sha = Sha256::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.expect("a whole layer").into_data() {
            sha.update(&data);
        }
    }
    assert_eq!(format!("sha256:{}", hex(&sha.finalize())), digest);
    let down = process.memory();
    let shown =
        [("idle", idle), ("after the upload", up), ("after the download", down)].map(|(when, memory)| {
            let [now, highest, code] =
                [memory.now_bytes, memory.highest_bytes, memory.code_bytes].map(|bytes| bytes >> 20);
            format!("{when} {now} MiB resident, at most {highest} MiB, of it code {code} MiB")
        });
    println!("{}", shown.join("; "));
    assert!(down.highest_bytes - down.code_bytes < DATA_BYTES_MAX, "{}", shown.join("; "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_pushes_side_by_side() {
    const PUSHES: usize = 100;
    let (organisation, folder) = (Organisation::team(), Folder::new("hundred"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let images: Vec<Image> = (0..PUSHES)
        .map(|number| {
            let shared = vec![1; 64 << 10];
            let own = vec![u8::try_from(number).expect("at most 100"); 128 << 10];
            Image::of(OCI_MANIFEST, &[shared.as_slice(), own.as_slice()])
        })
        .collect();
    let pushed = images.iter().enumerate().map(|(number, image)| {
        let alice = process.actor(organisation.login("alice"));
        async move {
            let dialect = Dialect::ALL[number % Dialect::ALL.len()];
            alice.client(dialect).push(&format!("team/app/web-{number}:1.0"), image).await.done();
        }
    });
    join_all(pushed).await;
    let pulled = images.iter().enumerate().map(|(number, image)| {
        let alice = process.actor(organisation.login("alice"));
        async move { alice.docker().pull(&format!("team/app/web-{number}:1.0")).await.gives(image) }
    });
    join_all(pulled).await;
}
