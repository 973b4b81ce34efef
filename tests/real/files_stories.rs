//! What people do with generic files, with the programs that every machine has.

use std::fs;

use super::{
    hub::{Hub, Login},
    sandbox::{Outcome, Sandbox, finish},
    wanted::wanted,
};

/// Somebody with curl and wget, whose login is where both look for it.
struct Visitor {
    sandbox: Sandbox,
    root: String,
}

impl Visitor {
    fn new(hub: &Hub, login: &Login) -> Self {
        let sandbox = Sandbox::new("files");
        let host = hub.address.split(':').next().unwrap();
        sandbox.file(
            "home/.netrc",
            &format!("machine {host} login {} password \"{}\"\n", login.name, login.secret),
        );
        Self { sandbox, root: hub.files("") }
    }

    /// Runs a line; `URL` stands for the address of the repositories.
    fn run(&self, line: &str) -> Outcome {
        let mut shell = self.sandbox.command("sh");
        finish(shell.arg("-ec").arg(line.replace("URL/", &self.root)), b"")
    }

    /// The status of what curl does.
    fn status(&self, line: &str) -> String {
        self.run(&format!("curl -sS -o /dev/null -w '%{{http_code}}' {line}")).succeeds().output
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.sandbox.path(name)).unwrap()
    }
}

/// Long enough for curl to wait for `100 Continue`.
fn bytes() -> Vec<u8> {
    (0..=250_u8).cycle().take(3 << 20).collect()
}

#[test]
fn curl_uploads_and_fetches() {
    if !wanted(&["curl"]) {
        return;
    }
    let hub = Hub::start();
    let alice = Visitor::new(&hub, &hub.member);
    let bytes = bytes();
    fs::write(alice.sandbox.path("app.tar.gz"), &bytes).unwrap();
    let put = "--netrc --upload-file app.tar.gz URL/files/app/1.0/app.tar.gz";
    assert_eq!(alice.status(put), "201");
    assert_eq!(alice.status(put), "200");
    // An address that ends with a slash is that of a directory: curl adds the name.
    assert_eq!(alice.status("--netrc -T app.tar.gz URL/files/app/1.1/"), "201");
    for version in ["--http1.0", "--http1.1", "--http2", "--http2-prior-knowledge"] {
        let url = format!("URL/files/{version}/app.tar.gz");
        assert_eq!(alice.status(&format!("--netrc {version} -T app.tar.gz {url}")), "201", "{version}");
        alice.run(&format!("curl -sS --netrc {version} -fL -o got {url}")).succeeds();
        assert_eq!(alice.read("got"), bytes, "{version}");
    }
    // Without a length, in chunks; and with credentials only once they are asked for.
    assert_eq!(alice.status("--netrc -T - URL/files/chunked < app.tar.gz"), "201");
    assert_eq!(alice.status("--netrc --anyauth -T app.tar.gz URL/files/anyauth"), "201");

    fs::remove_file(alice.sandbox.path("app.tar.gz")).unwrap();
    alice.run("curl -sS --netrc -fL -O URL/files/app/1.0/app.tar.gz").succeeds();
    assert_eq!(alice.read("app.tar.gz"), bytes);
    // Broken off, and gone on with.
    fs::write(alice.sandbox.path("app.tar.gz"), &bytes[..1_000_000]).unwrap();
    alice.run("curl -sS --netrc -fL -C - -O URL/files/app/1.0/app.tar.gz").succeeds();
    assert_eq!(alice.read("app.tar.gz"), bytes);
    alice.run("curl -sS --netrc -f -r 0-3 -o part URL/files/app/1.0/app.tar.gz").succeeds();
    assert_eq!(alice.read("part"), [0, 1, 2, 3]);
    // What is there already is not sent again.
    alice.run("curl -sS --netrc -f --etag-save tag -o first URL/files/app/1.0/app.tar.gz").succeeds();
    assert_eq!(alice.status("--netrc --etag-compare tag URL/files/app/1.0/app.tar.gz"), "304");
    let head = alice.run("curl -sS --netrc -fI URL/files/app/1.0/app.tar.gz").succeeds();
    assert!(head.output.to_lowercase().contains("content-length: 3145728"), "{head}");
    alice
        .run("echo \"$(curl -sS --netrc -f URL/files/app/1.0/app.tar.gz.sha256)  app.tar.gz\" | sha256sum -c")
        .succeeds();
    alice
        .run("curl -sS --netrc -f -H 'Accept: application/json' URL/files/app/")
        .succeeds()
        .says(r#"{"kind":"directory","name":"1.1"}"#);
    alice.run("curl -sS --netrc -f -X DELETE URL/files/app/1.1/app.tar.gz").succeeds();
    assert_eq!(alice.status("--netrc URL/files/app/1.1/app.tar.gz"), "404");
    // From a public repository without a login.
    alice.run("curl -sS --netrc -f -T app.tar.gz URL/public-files/app.tar.gz").succeeds();
    alice.run("curl -sS -fL -o open URL/public-files/app.tar.gz").succeeds();
    assert_eq!(alice.read("open"), bytes);
}

#[test]
fn curl_is_told_why() {
    if !wanted(&["curl"]) {
        return;
    }
    let hub = Hub::start();
    let (alice, gus) = (Visitor::new(&hub, &hub.member), Visitor::new(&hub, &hub.outsider));
    for visitor in [&alice, &gus] {
        visitor.sandbox.file("a.txt", "bytes");
        visitor.sandbox.file("b.txt", "other bytes");
    }
    alice.run("curl -sS --netrc -f -T a.txt URL/files/releases/a.txt").succeeds();
    for (visitor, line, told) in [
        (
            &alice,
            "--netrc -T b.txt URL/files/releases/a.txt",
            "it exists with other content, and its name is immutable here\n",
        ),
        (&alice, "-T a.txt URL/files/a.txt", "log in with a user name or client ID and a token\n"),
        (&gus, "--netrc -T a.txt URL/files/a.txt", "there is no such repository, or you may not use it\n"),
        (
            &alice,
            "--netrc -H 'If-None-Match: *' -T a.txt URL/files/releases/a.txt",
            "the file is not as you expect it\n",
        ),
        (
            &alice,
            "--netrc -F file=@a.txt URL/files/a.txt",
            "this address takes GET, HEAD, PUT, DELETE, OPTIONS\n",
        ),
        (&alice, "--netrc -d bytes URL/files/", "this address takes GET, HEAD, OPTIONS\n"),
        (&alice, "--netrc URL/files/none", "the repository has no such file\n"),
    ] {
        let outcome = visitor.run(&format!("curl -sS --fail-with-body {line}")).fails();
        assert_eq!(outcome.output, told, "{outcome}");
    }
}

#[test]
fn wget_fetches_and_follows_listings() {
    if !wanted(&["curl", "wget"]) {
        return;
    }
    let hub = Hub::start();
    let alice = Visitor::new(&hub, &hub.member);
    alice.sandbox.file("a.txt", "bytes");
    for path in ["files/a/b.txt", "files/a/c/d.txt", "public-files/a.txt"] {
        alice.run(&format!("curl -sS --netrc -f -T a.txt URL/{path}")).succeeds();
    }
    // It reads ~/.netrc, and logs in once it is asked to.
    alice.run("wget -q -t1 -O b.txt URL/files/a/b.txt").succeeds();
    assert_eq!(alice.read("b.txt"), b"bytes");
    alice.run("wget -q -t1 -O none URL/files/none").fails();
    alice.run("wget -q -t1 -N URL/files/a/b.txt").succeeds();
    alice.sandbox.file("half.txt", "by");
    alice.run("wget -q -t1 -c -O half.txt URL/files/a/b.txt").succeeds();
    assert_eq!(alice.read("half.txt"), b"bytes");
    // Directories are pages of links that lead to what is in them.
    alice.run("wget -q -t1 -r -np -nH --cut-dirs=4 -e robots=off URL/files/a/").succeeds();
    assert_eq!(alice.read("a/c/d.txt"), b"bytes");
    alice.run("wget -q -t1 --method=PUT --body-file=a.txt -O answer URL/files/up.txt").succeeds();
    assert_eq!(alice.run("curl -sS --netrc -f URL/files/up.txt").succeeds().output, "bytes");
    let stranger = Visitor::new(&hub, &Login { name: "alice".to_owned(), secret: "wrong".to_owned() });
    stranger.run("wget -q -t1 --no-netrc -O open.txt URL/public-files/a.txt").succeeds();
    stranger.run("wget -q -t1 -O b.txt URL/files/a/b.txt").fails();
}
