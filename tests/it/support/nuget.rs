//! What each real client of NuGet feeds does, request by request: `dotnet` 10 and 3.1, and Paket 12 (docs/nuget.md 4 and 6).

use std::io::{Cursor, Read as _, Write as _};

use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::actor::Actor;
use super::answer::Answer;
use super::http::{Ask, Failure};

/// Bytes of a chunk, as a client sends a body of unknown length.
const CHUNK_BYTES: usize = 64 << 10;
const BOUNDARY: &str = "29b2b0b5-3c1e-4a56-8d0c-6f3a5e7b9c11";

/// A version of a package, as a build has made it.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) bytes: Bytes,
}

/// A feed, as somebody's client sees it.
pub(crate) struct Feed<'a> {
    actor: &'a Actor,
    stranger: Actor,
    root: String,
    key: Option<String>,
}

impl Packed {
    /// A package with nothing but a nuspec.
    pub(crate) fn new(id: &str, version: &str) -> Self {
        Self::with(id, version, "<description>Some words.</description>", &[])
    }

    /// A package that differs from others of its name by one file.
    pub(crate) fn unlike(id: &str, version: &str, mark: &str) -> Self {
        Self::with(id, version, "<description>Some words.</description>", &[("mark.txt", mark.as_bytes())])
    }

    /// The symbols of a package.
    pub(crate) fn symbols(id: &str, version: &str, files: &[(&str, &[u8])]) -> Self {
        Self::with(id, version, "<packageTypes><packageType name=\"SymbolsPackage\" /></packageTypes>", files)
    }

    /// A package with `extra` in its metadata, and files.
    pub(crate) fn with(id: &str, version: &str, extra: &str, files: &[(&str, &[u8])]) -> Self {
        let nuspec = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <package xmlns=\"http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd\"><metadata><id>{id}</id>\
             <version>{version}</version><authors>An Author</authors>{extra}</metadata></package>"
        );
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let nuspec_name = format!("{}.nuspec", id.chars().map(plain).collect::<String>());
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let files = [&[(&*nuspec_name, nuspec.as_bytes())], files].concat();
        for (name, content) in files {
            writer.start_file(name, SimpleFileOptions::default()).expect("a file name");
            writer.write_all(content).expect("memory");
        }
        let bytes = writer.finish().expect("an archive").into_inner().into();
        Self { id: id.to_owned(), version: version.to_owned(), bytes }
    }

    /// Its path below `v3`, as restores ask for it.
    pub(crate) fn content(&self) -> String {
        let (id, version) = (self.id.to_lowercase(), self.version.to_lowercase());
        format!("flat/{id}/{version}/{id}.{version}.nupkg")
    }
}

impl Actor {
    /// The feed `PROJECT/REPOSITORY` through the eyes of this actor.
    pub(crate) fn feed(&self, repository: &str) -> Feed<'_> {
        let root = format!("/nuget/p/{repository}");
        Feed { actor: self, stranger: self.logged_out(), root, key: None }
    }
}

impl Feed<'_> {
    /// With an API key, which goes along with pushes and deletes alone.
    pub(crate) fn keyed(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Whole path of something below the directory of the index.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}/v3/{path}", self.root)
    }

    /// With the actor's credentials at once, as Paket reads.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.actor.send(Ask::get(self.at(path))).await
    }

    /// The document at a path, decompressed.
    pub(crate) async fn document(&self, path: &str) -> Value {
        document(&self.get(path).await.is(200))
    }

    /// As `dotnet` 10 sends everything: bare at first; after a 401 again, with Basic or with its word for "nobody".
    pub(crate) async fn dotnet(&self, ask: impl Fn() -> Ask) -> Answer {
        self.try_dotnet(ask).await.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn try_dotnet(&self, ask: impl Fn() -> Ask) -> Result<Answer, Failure> {
        let keyed = || match &self.key {
            Some(key) => ask().header("x-nuget-apikey", key),
            None => ask(),
        };
        let first = self.stranger.try_send(keyed()).await?;
        if first.status != 401 {
            return Ok(first);
        }
        match self.actor.login {
            Some(_) => self.actor.try_send(keyed()).await,
            None => self.stranger.try_send(keyed().authorization("Basic Og==")).await,
        }
    }

    /// `dotnet nuget push`: a slash behind the address, chunks, a quoted boundary.
    pub(crate) async fn push(&self, packed: &Packed) -> Answer {
        self.dotnet(|| self.put(packed)).await
    }

    /// What `dotnet nuget push` does with a `.snupkg` beside the package.
    pub(crate) async fn push_symbols(&self, packed: &Packed) -> Answer {
        self.dotnet(|| self.put_at("symbolpackage/", packed)).await
    }

    /// As [`Self::push`], for tests in which the server may be gone.
    pub(crate) async fn try_push(&self, packed: &Packed) -> Result<Answer, Failure> {
        self.try_dotnet(|| self.put(packed)).await
    }

    /// One request of a push.
    pub(crate) fn put(&self, packed: &Packed) -> Ask {
        self.put_at("package/", packed)
    }

    fn put_at(&self, path: &str, packed: &Packed) -> Ask {
        Ask::put(self.at(path))
            .header("content-type", &format!("multipart/form-data; boundary=\"{BOUNDARY}\""))
            .header("x-nuget-client-version", "7.9.0")
            .header("user-agent", "NuGet xplat/7.9.0 (Linux)")
            .chunked(stream::iter(chunks(&form(&packed.bytes, "\r\n", BOUNDARY))))
    }

    /// `dotnet nuget push` of SDK 3.1: its protocol version, no quotes, the whole package twice where a log-in is asked for.
    pub(crate) async fn push_as_3_1(&self, packed: &Packed) -> Answer {
        let put = || {
            Ask::put(self.at("package/"))
                .header("content-type", &format!("multipart/form-data; boundary={BOUNDARY}"))
                .header("x-nuget-protocol-version", "4.1.0")
                .header("user-agent", "NuGet xplat/5.4.0 (Linux)")
                .chunked(stream::iter(chunks(&form(&packed.bytes, "\r\n", BOUNDARY))))
        };
        self.dotnet(put).await
    }

    /// `paket push`: to the address as it was pasted, with a length; outside Windows a bare line feed before the last boundary.
    pub(crate) async fn push_as_paket(&self, pasted: &str, packed: &Packed) -> Answer {
        let boundary = "---------------------------8df4b81117fa595";
        let body = form(&packed.bytes, "\n", boundary);
        let ask = Ask::put(format!("{}{pasted}", self.root))
            .header("content-type", &format!("multipart/form-data; boundary={boundary}"))
            .header("x-nuget-client-version", "4.1.0")
            .body(body);
        match &self.key {
            Some(key) => self.stranger.send(ask.header("x-nuget-apikey", key)).await,
            None => self.actor.send(ask).await,
        }
    }

    /// `dotnet nuget delete`.
    pub(crate) async fn delete(&self, id: &str, version: &str) -> Answer {
        self.dotnet(|| Ask::delete(self.at(&format!("package/{id}/{version}")))).await
    }

    pub(crate) async fn relist(&self, id: &str, version: &str) -> Answer {
        self.dotnet(|| Ask::post(self.at(&format!("package/{id}/{version}")))).await
    }

    /// `dotnet restore` of one exact version: the index, the versions, the package.
    pub(crate) async fn restore(&self, id: &str, version: &str) -> Answer {
        let index = self.dotnet(|| Ask::get(self.at("index.json"))).await;
        if index.status != 200 {
            return index;
        }
        let flat = self.resource(&index.json(), "PackageBaseAddress/3.0.0");
        let id = id.to_lowercase();
        let versions = self.dotnet(|| Ask::get(format!("{flat}{id}/index.json"))).await;
        if versions.status != 200 {
            return versions;
        }
        let listed = texts(&versions.json()["versions"], "");
        assert!(listed.iter().any(|listed| listed == version), "{version} is not among {listed:?}");
        self.dotnet(|| Ask::get(format!("{flat}{id}/{version}/{id}.{version}.nupkg"))).await
    }

    /// The path of a resource that the index names, which must lie in the directory of the index.
    pub(crate) fn resource(&self, index: &Value, kind: &str) -> String {
        let found = index["resources"].as_array().and_then(|all| all.iter().find(|one| one["@type"] == kind));
        let address =
            found.and_then(|one| one["@id"].as_str()).unwrap_or_else(|| panic!("no {kind} in {index}"));
        let path =
            address.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
        let path = path.unwrap_or_else(|| panic!("{address}")).to_owned();
        assert!(path.starts_with(&self.at("")), "{address}");
        path
    }

    /// The versions of a package as three documents have them: the flat index, the registration with whether they are listed,
    /// a search.
    pub(crate) async fn seen(&self, id: &str) -> Seen {
        let flat = self.get(&format!("flat/{id}/index.json")).await;
        let flat = if flat.status == 404 { Vec::new() } else { texts(&flat.is(200).json()["versions"], "") };
        let registration = self.registered(id).await;
        let query = format!("query?q=packageid:{id}&prerelease=true&semVerLevel=2.0.0");
        let found = self.document(&query).await;
        let items = found["data"].as_array().expect("a list");
        assert_eq!(found["totalHits"], items.len());
        let found = items.iter().flat_map(|item| texts(&item["versions"], "version")).collect();
        Seen { flat, registration, found }
    }

    /// Every version that the registration leads to, page by page.
    async fn registered(&self, id: &str) -> Vec<(String, bool)> {
        let index = self.get(&format!("reg-gz-semver2/{id}/index.json")).await;
        if index.status == 404 {
            return Vec::new();
        }
        let mut versions = Vec::new();
        for page in document(&index.is(200))["items"].as_array().expect("pages") {
            let mut page = page.clone();
            if page.get("items").is_none() {
                let address = page["@id"].as_str().expect("an address");
                let at = address.find(&self.root).expect("in the feed");
                let target = address.get(at..).expect("a path").to_owned();
                page = document(&self.actor.send(Ask::get(target)).await.is(200));
            }
            for leaf in page["items"].as_array().expect("versions") {
                let entry = &leaf["catalogEntry"];
                let version = entry["version"].as_str().expect("a version").to_owned();
                versions.push((version, entry["listed"].as_bool().expect("listed")));
            }
        }
        versions
    }
}

/// The versions of a package as three documents have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) flat: Vec<String>,
    pub(crate) registration: Vec<(String, bool)>,
    pub(crate) found: Vec<String>,
}

impl Seen {
    /// These versions, of which some are unlisted.
    pub(crate) fn of(versions: &[&str], unlisted: &[&str]) -> Self {
        let own = |all: &[&str]| all.iter().map(|version| (*version).to_owned()).collect::<Vec<_>>();
        let listed: Vec<&str> =
            versions.iter().copied().filter(|version| !unlisted.contains(version)).collect();
        let registration =
            versions.iter().map(|version| ((*version).to_owned(), listed.contains(version))).collect();
        Self { flat: own(versions), registration, found: own(&listed) }
    }
}

/// The document of an answer, decompressed if it says so.
pub(crate) fn document(answer: &Answer) -> Value {
    if answer.header("content-encoding").is_none() {
        return answer.json();
    }
    assert_eq!(answer.must_have("content-encoding"), "gzip");
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&*answer.body).read_to_end(&mut text).expect("gzip");
    serde_json::from_slice(&text).expect("JSON")
}

/// The texts at a member of every item of a list; of the items themselves for no name.
pub(crate) fn texts(list: &Value, member: &str) -> Vec<String> {
    let text = |item: &Value| {
        let value = if member.is_empty() { item } else { &item[member] };
        value.as_str().unwrap_or_else(|| panic!("{item}")).to_owned()
    };
    list.as_array().unwrap_or_else(|| panic!("{list}")).iter().map(text).collect()
}

/// A portable PDB with an id and nothing else.
pub(crate) fn portable_pdb(guid: [u8; 16]) -> Vec<u8> {
    let head =
        b"BSJB\x01\0\x01\0\0\0\0\0\x0c\0\0\0PDB v1.0\0\0\0\0\0\0\x01\0\x30\0\0\0\x18\0\0\0#Pdb\0\0\0\0";
    [&head[..], &guid, &[0; 8]].concat()
}

/// One part with the package, and `line_end` before the last boundary.
fn form(package: &Bytes, line_end: &str, boundary: &str) -> Bytes {
    let head = format!(
        "--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Disposition: form-data; name=package; \
         filename=package.nupkg; filename*=utf-8''package.nupkg\r\n\r\n"
    );
    let tail = format!("{line_end}--{boundary}--{line_end}");
    [head.as_bytes(), package, tail.as_bytes()].concat().into()
}

fn chunks(body: &Bytes) -> Vec<Bytes> {
    (0..body.len()).step_by(CHUNK_BYTES).map(|at| body.slice(at..body.len().min(at + CHUNK_BYTES))).collect()
}
