//! What is attached to images: signatures, lists of parts, by the clients that make them.

use super::{
    clients::{Client as _, Crane, Oras, Regctl},
    hub::{Hub, Login},
    sandbox::{Outcome, Sandbox, finish, unique},
    wanted::{apart, wanted, wanted_of_all},
};

const SBOM: &str = "application/spdx+json";

/// The password of the keys that sign.
const KEY_PASSWORD: &str = "a password of the key";

/// A program of Python that does with `oras` what its documentation shows: attaches a file, asks for what is attached, fetches it.
const PYTHON: &str = include_str!("attached/attach.py");

/// Pushes an image, and gives its digest.
fn published(image: &str, host: &str, who: &Login) -> String {
    let crane = Crane::new();
    crane.login(host, &who.name, &who.secret).succeeds();
    crane.make(image, &unique());
    crane.push(image).succeeds().digest()
}

#[test]
fn oras_attaches_and_discovers() {
    if !wanted(&["oras", "crane", "umoci"]) {
        return;
    }
    let (hub, oras) = (Hub::start(), Oras::new());
    // No tag of it is ever replaced, but for those of such lists.
    let image = hub.frozen("app:1.0");
    let digest = published(&image, &hub.address, &hub.application);
    oras.file("sbom.json", b"{}");
    let attach = |how: &[&str]| {
        let attach = ["attach", "--no-tty", "--plain-http", "--artifact-type", SBOM, &image, "sbom.json"];
        oras.run(&[&attach[..], how].concat(), "")
    };
    let discover = |how: &[&str]| {
        oras.run(&[&["discover", "--plain-http", "--format", "json", &image][..], how].concat(), "")
    };
    oras.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    let by_the_list = attach(&[]).succeeds().digest();
    discover(&[]).succeeds().says(SBOM).says(&by_the_list);
    // As before there was the list: a tag with an index, which the list counts as well, and which this client reads.
    let by_the_tag = ["by=tag", "by=tag too"].map(|by| {
        attach(&["--distribution-spec", "v1.1-referrers-tag", "--annotation", by]).succeeds().digest()
    });
    for how in ["v1.1-referrers-api", "v1.1-referrers-tag"] {
        let told = discover(&["--distribution-spec", how]).succeeds();
        by_the_tag.iter().fold(told, |told, digest| told.says(digest));
    }
    discover(&[]).succeeds().says(&by_the_list);
    let other = discover(&["--artifact-type", "application/other"]).succeeds();
    assert!(!other.text.contains(&by_the_list), "{other}");

    // Copied with everything about it.
    let to = hub.public("copied:1.0");
    let copied =
        oras.run(&["cp", "--no-tty", "--recursive", "--from-plain-http", "--to-plain-http", &image, &to], "");
    copied.succeeds();
    oras.logout(&hub.address).succeeds();
    let told = oras.run(&["discover", "--plain-http", "--format", "json", &to], "").succeeds();
    told.says(&by_the_list).says(&digest);
    discover(&[]).refused();
}

#[test]
fn oras_for_python_attaches_and_discovers() {
    if !wanted(&["oras-python", "crane", "umoci"]) {
        return;
    }
    let hub = Hub::start();
    let sandbox = Sandbox::new("oras-python");
    let program = sandbox.file("attach.py", PYTHON);
    let image = hub.private("app:1.0");
    published(&image, &hub.address, &hub.application);
    let mut python = sandbox.command("python3");
    python.env("PYTHONPATH", apart("WHARFINGER_TEST_ORAS_PYTHON")).arg(&program);
    python.args([&hub.address, &image, &hub.member.name, &hub.member.secret]);
    finish(&mut python, b"").succeeds().says("fetched: parts of app");
}

#[test]
fn regctl_puts_lists_and_gets_artifacts() {
    if !wanted(&["regctl", "crane", "umoci"]) {
        return;
    }
    let hub = Hub::start();
    let regctl = Regctl::new(&hub.address);
    let image = hub.private("app:1.0");
    let digest = published(&image, &hub.address, &hub.application);
    regctl.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    let put = |kind: &str, text: &str| {
        let put = ["artifact", "put", "--artifact-type", kind, "--subject", &image];
        regctl.run(&put, text).succeeds();
    };
    put(SBOM, "parts of app");
    put("application/other", "something else");
    let list = |how: &[&str]| regctl.run(&[&["artifact", "list", &image][..], how].concat(), "");
    list(&[]).succeeds().says(SBOM).says("application/other");
    let filtered = list(&["--filter-artifact-type", SBOM]).succeeds().says(SBOM);
    assert!(!filtered.text.contains("application/other"), "{filtered}");
    regctl.run(&["artifact", "tree", &image], "").succeeds().says(&digest).says(SBOM);
    let get = ["artifact", "get", "--subject", &image, "--filter-artifact-type", SBOM];
    assert_eq!(regctl.run(&get, "").succeeds().text, "parts of app");
}

/// regclient/regclient#258: it replaces a tag by a dummy when its DELETE is refused, and deletes that by its digest.
#[test]
fn regctl_tag_rm_leaves_an_immutable_tag() {
    if !wanted(&["regctl", "crane", "umoci"]) {
        return;
    }
    let hub = Hub::start();
    let regctl = Regctl::new(&hub.address);
    let (frozen, free) = (hub.frozen("app:1.0"), hub.private("app:1.0"));
    regctl.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    for image in [&frozen, &free] {
        let digest = published(image, &hub.address, &hub.member);
        let removed = regctl.run(&["tag", "rm", image], "");
        let now = regctl.run(&["image", "digest", image], "");
        if image == &frozen {
            removed.fails();
            assert_eq!(now.succeeds().digest(), digest);
        } else {
            removed.succeeds();
            now.fails();
        }
    }
}

/// Cosign with a key pair of its own.
struct Cosign(Sandbox);

impl Cosign {
    fn new() -> Self {
        let cosign = Self(Sandbox::new("cosign"));
        cosign.run(&["generate-key-pair"]).succeeds();
        cosign
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.0.command("cosign");
        finish(command.env("COSIGN_PASSWORD", KEY_PASSWORD).args(arguments), b"")
    }

    fn login(&self, host: &str, who: &Login) {
        let mut login = self.0.command("cosign");
        login.args(["login", host, "-u", &who.name, "--password-stdin"]);
        finish(&mut login, who.secret.as_bytes()).succeeds();
    }

    /// Without the public log, which no private image should be written to.
    fn sign(&self, image: &str, how: &[&str]) -> Outcome {
        let sign = ["sign", "--key=cosign.key", "--tlog-upload=false", "--use-signing-config=false", "--yes"];
        self.run(&[&sign[..], how, &[image]].concat())
    }

    fn verify(&self, image: &str, how: &[&str]) -> Outcome {
        let verify = ["verify", "--key=cosign.pub", "--insecure-ignore-tlog"];
        self.run(&[&verify[..], how, &[image]].concat())
    }
}

/// By itself it attaches a bundle; before, it kept signatures under a tag, which it replaces with every further one.
#[test]
fn cosign_signs_and_verifies() {
    if !wanted_of_all(&["cosign"]) || !wanted(&["crane", "umoci"]) {
        return;
    }
    let (hub, cosign) = (Hub::start(), Cosign::new());
    let crane = Crane::new();
    crane.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    let list_tags = |repository: &str| crane.run(&["ls", "--insecure", repository], "").succeeds();
    let bundle: &[&str] = &[];
    let tag: &[&str] = &["--new-bundle-format=false"];
    // No tag of the second is ever replaced, but for those of signatures.
    for repository in [hub.private("app"), hub.frozen("app")] {
        let digest = published(&format!("{repository}:v1"), &hub.address, &hub.application);
        let image = format!("{repository}@{digest}");
        cosign.login(&hub.address, &hub.limited);
        cosign.sign(&image, bundle).refused();
        for how in [bundle, tag] {
            cosign.login(&hub.address, &hub.application);
            cosign.verify(&image, how).fails();
            for _ in 0..2 {
                cosign.sign(&image, how).succeeds();
                cosign.verify(&image, how).succeeds().says("The signatures were verified");
                cosign.verify(&format!("{repository}:v1"), how).succeeds();
            }
            let signed = format!("{}.sig", digest.replace(':', "-"));
            assert_eq!(list_tags(&repository).text.contains(&signed), how == tag, "{how:?}");
            cosign.run(&["tree", &image]).succeeds().says(&digest);
        }
        // Somebody else's key signed nothing.
        let other = Cosign::new();
        other.login(&hub.address, &hub.member);
        for how in [bundle, tag] {
            other.verify(&image, how).fails();
        }
    }
}
