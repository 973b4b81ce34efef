//! What grows with every push: a document of all versions right after one more, and a page of tags. Each figure is the median
//! time of a GET over loopback, the time of the push not in it. `cargo bench -p benches --bench lists`.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::net::TcpStream;

use benches::gateway::{Gateway, MANIFEST};
use benches::package::{form, nupkg};
use benches::{Outcome, now, send_on, smoke};

/// Names there are before the first figure; the second one is taken at ten times as many or, for tags, at as many again.
struct Sizes {
    jars: [u32; 2],
    tags: [u32; 2],
    packages: [u32; 2],
    rounds: u32,
}

/// One line of the table.
struct Line {
    name: &'static str,
    /// In milliseconds, at the larger size; none where growth alone is judged.
    bar_millis: Option<f64>,
    path: &'static str,
}

const METADATA: Line = Line {
    name: "maven-metadata.xml after a push",
    bar_millis: Some(5.0),
    path: "/maven/p/bench/jars/org/bench/app/maven-metadata.xml",
};
const TAGS: Line =
    Line { name: "1,000 tags", bar_millis: Some(2.0), path: "/v2/p/bench/private/web/tags/list?n=1000" };
const FLAT: Line = Line {
    name: "NuGet flat index after a push",
    bar_millis: None,
    path: "/nuget/p/bench/feed/v3/flat/bench.app/index.json",
};
const REGISTRATION: Line = Line {
    name: "NuGet registration after a push",
    bar_millis: None,
    path: "/nuget/p/bench/feed/v3/reg-gz-semver2/bench.app/index.json",
};

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let sizes = if smoke() {
        Sizes { jars: [5, 10], tags: [5, 10], packages: [5, 10], rounds: 1 }
    } else {
        Sizes { jars: [500, 5000], tags: [1001, 10_000], packages: [100, 1000], rounds: 21 }
    };
    let client = Client::connect(Gateway::start(folder.path())?)?;
    println!(
        "{:<40} {:>7} {:>9} {:>7} {:>9} {:>7} {:>6}",
        "lists", "names", "ms", "names", "ms", "growth", "bar"
    );
    let push = |number| client.deploy(number);
    client.measured(&[METADATA], sizes.jars, sizes.rounds, push)?;
    let image = client.image()?;
    let push = |number| client.tag(&image, number);
    client.measured(&[TAGS], sizes.tags, sizes.rounds, push)?;
    let push = |number| client.package(number);
    client.measured(&[FLAT, REGISTRATION], sizes.packages, sizes.rounds, push)?;
    println!("resident at most: {} KiB", client.gateway.server.memory_kib("VmHWM")?);
    Ok(())
}

/// One connection to the gateway.
struct Client {
    gateway: Gateway,
    stream: TcpStream,
}

impl Client {
    fn connect(gateway: Gateway) -> Outcome<Self> {
        let stream = TcpStream::connect(gateway.server.address)?;
        stream.set_nodelay(true)?;
        Ok(Self { gateway, stream })
    }

    /// Prints a line for each document: its time at both sizes.
    fn measured(
        &self,
        lines: &[Line],
        sizes: [u32; 2],
        rounds: u32,
        push: impl Fn(u32) -> Outcome<()>,
    ) -> Outcome<()> {
        let (mut pushed, mut figures) = (0, Vec::new());
        for size in sizes {
            while pushed < size {
                push(pushed)?;
                pushed += 1;
            }
            let mut millis: Vec<Vec<f64>> = lines.iter().map(|_| Vec::new()).collect();
            for _ in 0..rounds {
                for (line, millis) in lines.iter().zip(&mut millis) {
                    push(pushed)?;
                    pushed += 1;
                    let started = now();
                    self.send("GET", line.path, "", &[], 200)?;
                    millis.push(started.elapsed().as_secs_f64() * 1000.0);
                }
            }
            figures.push((size, millis));
        }
        let [(fewer, few), (more, many)] = figures.as_slice() else { return Err("two sizes".into()) };
        for ((line, few), many) in lines.iter().zip(few).zip(many) {
            let (few, many) = (median(few), median(many));
            let bar = line.bar_millis.map_or_else(|| "-".to_owned(), |bar| bar.to_string());
            let growth = many / few;
            println!("{:<40} {fewer:>7} {few:>9.2} {more:>7} {many:>9.2} {growth:>7.2} {bar:>6}", line.name);
        }
        Ok(())
    }

    fn deploy(&self, number: u32) -> Outcome<()> {
        let path = format!("/maven/p/bench/jars/org/bench/app/1.{number}/app-1.{number}.jar");
        self.send("PUT", &path, "application/java-archive", &number.to_be_bytes(), 201)
    }

    /// The manifest that all tags name.
    fn image(&self) -> Outcome<Vec<u8>> {
        self.gateway.push_image("private")
    }

    fn tag(&self, image: &[u8], number: u32) -> Outcome<()> {
        let path = format!("/v2/p/bench/private/web/manifests/v1.0.{number}");
        self.send("PUT", &path, MANIFEST, image, 201)
    }

    fn package(&self, number: u32) -> Outcome<()> {
        let (content_type, body) = form(&nupkg("Bench.App", &format!("1.{number}.0"), number.into(), 100)?);
        self.send("PUT", "/nuget/p/bench/feed/v3/package/", &content_type, &body, 201)
    }

    fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8], status: u16) -> Outcome<()> {
        let headers = [("authorization", self.gateway.basic.as_str()), ("content-type", content_type)];
        let headers = if body.is_empty() { headers.get(..1).unwrap_or_default() } else { &headers };
        let answer = send_on(&self.stream, method, path, headers, body)?;
        if answer.status == status { Ok(()) } else { Err(format!("{path}: {}", answer.head).into()) }
    }
}

fn median(millis: &[f64]) -> f64 {
    let mut sorted = millis.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
