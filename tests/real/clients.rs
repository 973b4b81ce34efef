//! The real clients: one verb each for what a person does with them.

use super::sandbox::{Outcome, Sandbox, finish};

mod buildah;
mod containerd;
mod coursier;
mod crane;
mod daemon;
mod docker;
mod dotnet;
mod gradle;
mod maven;
mod oras;
mod paket;
mod podman;
mod regctl;
mod sbt;
mod skopeo;

pub(crate) use buildah::Buildah;
pub(crate) use containerd::Containerd;
pub(crate) use coursier::Coursier;
pub(crate) use crane::Crane;
pub(crate) use docker::Docker;
pub(crate) use dotnet::Dotnet;
pub(crate) use gradle::Gradle;
pub(crate) use maven::{Maven, Version as MavenVersion};
pub(crate) use oras::Oras;
pub(crate) use paket::Paket;
pub(crate) use podman::Podman;
pub(crate) use regctl::Regctl;
pub(crate) use sbt::Sbt;
pub(crate) use skopeo::Skopeo;

/// What every image client can do. References are `HOST/NAME:TAG` or `HOST/NAME@DIGEST`.
///
/// Each client is alone: its own configuration, credentials, storage and, where it needs one, engine.
pub(crate) trait Client {
    /// Whether `login` asks the registry, or only writes the credentials down.
    fn login_asks(&self) -> bool {
        true
    }

    fn login(&self, host: &str, user: &str, secret: &str) -> Outcome;
    fn logout(&self, host: &str) -> Outcome;

    /// Makes, without a network, an image called `reference` with one file, `/hello.txt`.
    fn make(&self, reference: &str, hello: &str);

    /// Pushes the image of that name. The outcome contains the digest of the manifest.
    fn push(&self, reference: &str) -> Outcome;

    /// Fetches the image; nothing that was made or pulled before is used again.
    fn pull(&self, reference: &str) -> Outcome;

    /// `/hello.txt` of the image that was pulled as `reference`.
    fn hello(&self, reference: &str) -> String;
}

/// The image configuration and layers that podman, buildah and skopeo accept: anything.
pub(crate) const ANYTHING: &str = r#"{"default":[{"type":"insecureAcceptAnything"}]}"#;

/// An OCI image layout below the sandbox, made by umoci, for clients that cannot make an image.
struct Layouts<'a>(&'a Sandbox);

impl Layouts<'_> {
    fn make(&self, reference: &str, hello: &str) {
        let layout = self.path(reference);
        let bundle = layout.with_extension("bundle");
        let (layout, bundle) = (layout.display().to_string(), bundle.display().to_string());
        let image = format!("{layout}:it");
        let umoci = |arguments: &[&str]| {
            finish(self.0.command("umoci").args(arguments), b"").succeeds();
        };
        umoci(&["init", "--layout", &layout]);
        umoci(&["new", "--image", &image]);
        // Unpacked, changed and packed again, because `umoci insert` writes layers without a proper end.
        umoci(&["unpack", "--rootless", "--image", &image, &bundle]);
        std::fs::write(format!("{bundle}/rootfs/hello.txt"), hello).unwrap();
        umoci(&["repack", "--image", &image, &bundle]);
    }

    /// The directory of the layout; the image in it has the tag `it`.
    fn path(&self, reference: &str) -> std::path::PathBuf {
        self.0.path(&format!("layout-{}", file_name(reference)))
    }
}

/// The digest of the first layer that a manifest names.
fn first_layer(manifest: &str) -> String {
    let manifest: serde_json::Value = serde_json::from_str(manifest).unwrap();
    manifest["layers"][0]["digest"].as_str().unwrap().to_owned()
}

/// A reference as the name of a file.
fn file_name(reference: &str) -> String {
    reference.replace(['/', ':', '@'], "-")
}
