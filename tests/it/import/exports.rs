//! Packages as plain files, and back.

use super::folders::layout;
use super::{Porter, team, tree, write};
use crate::support::nuget::Packed;
use crate::support::{Folder, Server, image};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_exported_is_imported_elsewhere_as_it_was() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("export");
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    write(&folder, "m2/org/acme/rope/1.0/rope-1.0.jar", "a jar");
    write(
        &folder,
        "m2/org/acme/rope/1.0/rope-1.0.pom",
        crate::support::maven::pom("org.acme", "rope", "1.0"),
    );
    write(&folder, "dist/a b/c.txt", "text");
    write(&folder, "feed/x.nupkg", Packed::new("Acme.Rope", "1.0.0").bytes);
    layout(&folder, "layouts/tools/web", &[("1.0", &image("one")), ("2.0", &image("two"))]);
    for (format, source, name) in [
        ("maven", "m2", "jars"),
        ("files", "dist", "files"),
        ("nuget", "feed", "feed"),
        ("oci", "layouts", "images"),
    ] {
        alice.run(&format!("import {format} {source} --to from/{name}")).succeeds();
        let line = format!("export {format} from/{name} --to out/{name}");
        alice.run(&line).succeeds();
        let said = alice.run(&line).succeeds();
        assert!(said.out.lines().last().is_some_and(|last| last.starts_with("0 taken")), "{}", said.out);
        let again = alice.run(&format!("import {format} out/{name} --to to/{name}")).succeeds();
        assert!(again.out.contains("taken  "), "{}", again.out);
        let same = alice.run(&format!("export {format} to/{name} --to out/{name}")).succeeds();
        // Metadata say when something was last deployed there, to the second.
        let other = |line: &&str| line.starts_with("taken  ") && !line.ends_with("/maven-metadata.xml");
        assert_eq!(same.out.lines().find(other), None, "{}", same.out);
    }
    assert_eq!(
        tree(&folder.path("out/jars")),
        [
            "org/acme/rope/1.0/rope-1.0.jar",
            "org/acme/rope/1.0/rope-1.0.jar.sha1",
            "org/acme/rope/1.0/rope-1.0.pom",
            "org/acme/rope/1.0/rope-1.0.pom.sha1",
            "org/acme/rope/maven-metadata.xml",
            "org/acme/rope/maven-metadata.xml.sha1",
        ]
    );
    assert_eq!(tree(&folder.path("out/files")), ["a b/c.txt"]);
    assert_eq!(tree(&folder.path("out/feed")), ["acme.rope.1.0.0.nupkg"]);
    let images = tree(&folder.path("out/images"));
    assert!(images.contains(&"tools/web/index.json".to_owned()) && images.len() == 8, "{images:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_read_exports_nothing() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("export-refused");
    let bob = Porter { hub: &hub, folder: &folder, who: "bob" };
    bob.run("export files to/files --to out").fails_with(5);
    assert!(!folder.path("out").try_exists().expect("a look"));
    // Without a format it is still what is administered.
    let root = Porter { hub: &hub, folder: &folder, who: "root" };
    assert!(root.run("export").succeeds().out.contains("[[projects]]"));
    root.run("export maven").fails_with(2);
}
