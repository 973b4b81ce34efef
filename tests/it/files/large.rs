//! A large file is streamed and not held.

use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};

use crate::support::image::hex;
use crate::support::process::Launch;
use crate::support::{Ask, Folder, Http, Organisation};

const MEBIBYTE: usize = 1 << 20;
/// As much more than the bound below as shows that it is not held, and not so much that the four hashes take long in a debug build.
const MEBIBYTES: usize = 128;
/// What a gateway takes beside its code, as for layers of images.
const DATA_BYTES_MAX: u64 = 52 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file_goes_up_and_down_in_little_memory() {
    // Nobody with a password: verifying one takes 19 MiB, which the allocator keeps.
    let organisation = Organisation::empty()
        .repository("team/files", "files", "private", "")
        .member("alice")
        .role("member:alice", "project-member", "team");
    let folder = Folder::new("large-file");
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let alice = process.actor(organisation.login("alice"));
    let files = alice.files("team/files");
    let chunk: Bytes = (0..=250_u8).cycle().take(MEBIBYTE).collect::<Vec<u8>>().into();
    let digest = |chunk: &Bytes| {
        let mut sha = Sha256::new();
        (0..MEBIBYTES).for_each(|_| sha.update(chunk));
        hex(&sha.finalize())
    };
    let expected = digest(&chunk);
    let put = Ask::put(files.at("large.bin"))
        .header("x-checksum-sha256", &expected)
        .chunked(stream::iter(std::iter::repeat_n(chunk, MEBIBYTES)));
    alice.send(put).await.is(201);

    let http = Http::new(process.address);
    let (answer, mut body) =
        http.open(alice.signed(Ask::get(files.at("large.bin")))).await.expect("an answer");
    assert_eq!(answer.must_have("content-length"), (MEBIBYTES * MEBIBYTE).to_string());
    let mut sha = Sha256::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.expect("a whole file").into_data() {
            sha.update(&data);
        }
    }
    assert_eq!(hex(&sha.finalize()), expected);
    let memory = process.memory();
    let held_bytes = memory.highest_bytes - memory.code_bytes;
    assert!(held_bytes < DATA_BYTES_MAX, "{} MiB", held_bytes >> 20);
}
