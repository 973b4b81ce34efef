//! What clients send into it.

use std::net::{SocketAddr, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use benches::gateway::{MANIFEST, sha256};
use benches::package::{form, nupkg};
use benches::{Outcome, now, send_on};

use super::fat;
use super::world::{Sizes, project, repository};

/// Clients at the same time.
const CLIENTS: usize = 8;
/// Versions that one of them sends in a row.
const PIECE: u32 = 500;
/// An image's configuration, and the bytes of its layer.
const CONFIG: &[u8] = br#"{"architecture":"amd64","os":"linux","config":{"Env":["A=b"]},"history":[{"created_by":"COPY a b"}]}"#;
const LAYER: &[u8] = &[7; 1024];

/// Versions of packages of a repository.
struct Piece {
    repository: String,
    format: &'static str,
    packages: Range<u32>,
    versions: Range<u32>,
}

/// What is sent, each expected to be answered 201.
pub(crate) struct Sent {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// Fills every repository.
pub(crate) fn fill(address: SocketAddr, basic: &str, sizes: &Sizes) -> Outcome<()> {
    let pieces = pieces(sizes);
    let (next, started) = (AtomicUsize::new(0), now());
    std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..CLIENTS).map(|_| scope.spawn(|| client(address, basic, &pieces, &next))).collect();
        clients
            .into_iter()
            .try_for_each(|client| client.join().map_err(|_| "a client panicked".to_owned())?)
    })?;
    let stream = TcpStream::connect(address)?;
    for sent in fat::all()? {
        put(&stream, basic, &sent)?;
    }
    println!("filled within {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn pieces(sizes: &Sizes) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for of in 0..sizes.projects {
        for at in 0..sizes.repositories {
            let (name, format) = repository(at);
            let place = format!("{}/{name}", project(of));
            let piece = |packages, versions| Piece { repository: place.clone(), format, packages, versions };
            if of > 0 || at >= 4 {
                pieces.push(piece(0..sizes.packages, 0..sizes.versions));
                continue;
            }
            let parts = |range: Range<u32>| {
                let (from, most) = (range.start, range.end);
                (from..most).step_by(PIECE as usize).map(move |from| from..most.min(from + PIECE))
            };
            // Versions of the first package, and packages of one version.
            pieces.extend(parts(0..sizes.deep).map(|part| piece(0..1, part)));
            pieces.extend(parts(1..sizes.deep / 2).map(|part| piece(part, 0..1)));
        }
    }
    pieces
}

/// Failures as texts, because they cross threads.
fn client(address: SocketAddr, basic: &str, pieces: &[Piece], next: &AtomicUsize) -> Result<(), String> {
    let stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
        piece.send(&stream, basic).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Sends one thing.
pub(crate) fn put(stream: &TcpStream, basic: &str, sent: &Sent) -> Outcome<()> {
    let headers = [("authorization", basic), ("content-type", sent.content_type.as_str())];
    let answer = send_on(stream, sent.method, &sent.path, &headers, &sent.body)?;
    if answer.status == 201 {
        return Ok(());
    }
    Err(format!("{}: {} {}", sent.path, answer.head, String::from_utf8_lossy(&answer.body)).into())
}

impl Piece {
    fn send(&self, stream: &TcpStream, basic: &str) -> Outcome<()> {
        for package in self.packages.clone() {
            if self.format == "oci" {
                for bytes in [CONFIG, LAYER] {
                    put(stream, basic, &blob(&self.repository, &package_of(package), bytes))?;
                }
            }
            for version in self.versions.clone() {
                put(stream, basic, &self.version(package, version)?)?;
            }
        }
        Ok(())
    }

    fn version(&self, package: u32, version: u32) -> Outcome<Sent> {
        let (place, name) = (&self.repository, package_of(package));
        Ok(match self.format {
            "oci" => manifest(place, &name, &format!("1.{version}"), &image(version)),
            "maven" => Sent {
                method: "PUT",
                path: format!("/maven/p/{place}/org/bench/{name}/1.{version}/{name}-1.{version}.pom"),
                content_type: "application/xml".to_owned(),
                body: pom(&name, version).into_bytes(),
            },
            "nuget" => {
                let mark = u64::from(package) << 32 | u64::from(version);
                let (content_type, body) =
                    form(&nupkg(&format!("Bench.{name}"), &format!("1.{version}.0"), mark, 64)?);
                Sent { method: "PUT", path: format!("/nuget/p/{place}/v3/package/"), content_type, body }
            }
            _ => Sent {
                method: "PUT",
                path: format!("/files/p/{place}/{name}/file-{version}.txt"),
                content_type: "text/plain".to_owned(),
                body: version.to_string().into_bytes(),
            },
        })
    }
}

fn package_of(number: u32) -> String {
    format!("app-{number:05}")
}

/// Bytes of an image.
pub(crate) fn blob(repository: &str, image: &str, bytes: &[u8]) -> Sent {
    let path = format!("/v2/p/{repository}/{image}/blobs/uploads/?digest={}", sha256(bytes));
    Sent { method: "POST", path, content_type: "application/octet-stream".to_owned(), body: bytes.to_vec() }
}

/// A tag of an image.
pub(crate) fn manifest(repository: &str, image: &str, tag: &str, bytes: &str) -> Sent {
    let path = format!("/v2/p/{repository}/{image}/manifests/{tag}");
    Sent { method: "PUT", path, content_type: MANIFEST.to_owned(), body: bytes.as_bytes().to_vec() }
}

fn image(number: u32) -> String {
    let [config, layer] = [CONFIG, LAYER].map(sha256);
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":{}}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{layer}","size":1024}}],"annotations":{{"org.opencontainers.image.version":"1.{number}"}}}}"#,
        CONFIG.len()
    )
}

fn pom(name: &str, version: u32) -> String {
    let dependency = |of: u32| {
        let of = package_of(of);
        format!(
            "<dependency><groupId>org.bench</groupId><artifactId>{of}</artifactId><version>1.0</version></dependency>"
        )
    };
    let dependencies: String = (1..5).map(dependency).collect();
    format!(
        "<project><groupId>org.bench</groupId><artifactId>{name}</artifactId><version>1.{version}</version><name>{name}</name>\
         <description>Something to measure with.</description><dependencies>{dependencies}</dependencies></project>"
    )
}
