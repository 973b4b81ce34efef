//! A NuGet package for a benchmark: a real archive with a nuspec and one file of incompressible bytes.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::Outcome;

/// A package of about `bytes` bytes; `mark` makes its content differ from others of the same name.
///
/// # Errors
/// If the archive cannot be written, which memory always can.
pub fn nupkg(id: &str, version: &str, mark: u64, bytes: usize) -> Outcome<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes + 1024)));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    archive.start_file(format!("{id}.nuspec"), stored)?;
    let nuspec = format!(
        "<?xml version=\"1.0\"?><package xmlns=\"http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd\"><metadata>\
         <id>{id}</id><version>{version}</version><authors>bench</authors><description>A package to measure with.</description>\
         </metadata></package>"
    );
    archive.write_all(nuspec.as_bytes())?;
    archive.start_file("lib/net8.0/bench.dll", stored)?;
    archive.write_all(&noise(mark, bytes))?;
    Ok(archive.finish()?.into_inner())
}

/// The body of a push as `dotnet nuget push` sends it, with the value of its `Content-Type`.
#[must_use]
pub fn form(nupkg: &[u8]) -> (String, Vec<u8>) {
    const BOUNDARY: &str = "bench-4d9c2f";
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Type: application/octet-stream\r\nContent-Disposition: form-data; name=package; \
         filename=package.nupkg; filename*=utf-8''package.nupkg\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(nupkg);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary=\"{BOUNDARY}\""), body)
}

/// Bytes that no compression shortens, the same for the same seed (SplitMix64).
#[must_use]
pub fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let words = std::iter::repeat_with(|| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ word >> 31).to_le_bytes()
    });
    words.flatten().take(bytes).collect()
}
