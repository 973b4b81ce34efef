//! What public bug reports tell of other repositories, told here.

use crate::support::maven::{Built, hash, pom, texts};
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(
    in crate::maven::team;
    attached_hashes_come_before_their_files,
    hashes_are_read_in_the_form_of_any_tool,
    a_literal_snapshot_and_builds_are_one_version,
    a_literal_snapshot_is_published_again,
    whatever_maven_allows_in_a_version_is_taken,
    sbt_publishes_its_plugins_in_both_styles,
    archetypes_are_found_in_the_catalogue,
    who_publishes_does_not_say_what_is_asked_for,
);

/// nicoulaj/checksum-maven-plugin#66, MRESOLVER-319: the checksum plug-in attaches hashes as files of their own, and Maven 3.9 sends
/// five files at a time, each followed by its hashes (MRESOLVER-265: those of hashes too). The version is not burnt by it.
async fn attached_hashes_come_before_their_files(hub: Server) {
    let pat = hub.actor("pat");
    let jars = pat.jars("team/jars");
    for version in ["1.0", "2.0-SNAPSHOT"] {
        let built = Built::new(&format!("org.example:lib:{version}"), "text").with("-sources.jar", "sources");
        let shown = if version == "1.0" { version.to_owned() } else { built.expanded(1) };
        for (end, bytes) in &built.files {
            let path = built.path(&shown, end);
            for kind in ["sha256", "sha512"] {
                let (attached, digits) = (format!("{path}.{kind}"), hash(kind, bytes));
                jars.put(&attached, digits.clone()).await.is(201);
                jars.get(&attached).await.is(404);
                for again in ["sha1", "md5"] {
                    let digits = hash(again, digits.as_bytes());
                    jars.put(&format!("{attached}.{again}"), digits).await.is(201);
                }
            }
            jars.put(&path, "other").await.is(400);
            jars.get(&path).await.is(404);
            jars.put(&path, bytes.clone()).await.is(201);
            let sha512 = hash("sha512", bytes);
            assert_eq!(jars.get(&format!("{path}.sha512")).await.is(200).body, sha512);
            let sha1 = jars.get(&format!("{path}.sha512.sha1")).await.is(200);
            assert_eq!(sha1.body, hash("sha1", sha512.as_bytes()));
        }
    }
    // Attached under a type that no other file has: the hash of nothing that ever comes.
    jars.put("org/example/lib/1.0/lib-1.0-sources.java-source.sha256", "0".repeat(64)).await.is(201);
    assert_eq!(jars.versions("org/example/lib").await, ["1.0", "2.0-SNAPSHOT"]);
}

/// MNG-1349: the tools of others write hashes in forms of their own.
async fn hashes_are_read_in_the_form_of_any_tool(hub: Server) {
    let pat = hub.actor("pat");
    let jars = pat.jars("team/jars");
    jars.put("a/b/1/b-1.jar", "bytes").await.is(201);
    let sha1 = hash("sha1", b"bytes");
    let groups: Vec<&str> = (0..10).map(|at| &sha1[at * 4..at * 4 + 4]).collect();
    for document in [
        format!("SHA1(b-1.jar)= {sha1}\n"),
        format!("SHA1 (b-1.jar) = {sha1}\n"),
        format!("b-1.jar: {}  {}\n", groups[..5].join(" "), groups[5..].join(" ")),
        format!("\u{feff}{sha1}\r\n"),
        format!("{} *b-1.jar\r\n", sha1.to_uppercase()),
    ] {
        jars.put("a/b/1/b-1.jar.sha1", document.clone()).await.is(201);
        let wrong = document.replace(['0', '1'], "2");
        jars.put("a/b/1/b-1.jar.sha1", wrong.replace("SHA2", "SHA1")).await.is(400);
    }
}

/// Two tools publish one snapshot, of which one makes builds and the other does not: the newest is what came last. And `curl` of
/// the literal name gets the newest where there are builds only.
async fn a_literal_snapshot_and_builds_are_one_version(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    let of = |text: &str| Built::new("org.example:lib:1.0-SNAPSHOT", text);
    let literal = of("").path("1.0-SNAPSHOT", ".jar");
    jars.mvn_deploy(&of("build 1")).await.expect("a deploy");
    assert_eq!(jars.get(&literal).await.is(200).body, of("build 1").files[0].1);
    jars.bazel_publish(&of("literal")).await.expect("a publication");
    assert_eq!(jars.mvn_resolve(&of("")).await.expect("resolved")[0], of("literal").files[0].1);
    assert_eq!(jars.mvn_deploy(&of("build 2")).await.expect("a deploy"), 2, "counted on");
    assert_eq!(jars.mvn_resolve(&of("")).await.expect("resolved")[0], of("build 2").files[0].1);
    assert_eq!(jars.get(&literal).await.is(200).body, of("literal").files[0].1);
    assert_eq!(jars.versions("org/example/lib").await, ["1.0-SNAPSHOT"]);
}

/// djspiewak/sbt-github-packages#35: what publishes builds under the literal name publishes it again, and needs no more than the
/// right to publish for it. A release stays as it is.
async fn a_literal_snapshot_is_published_again(hub: Server) {
    let pat = hub.actor("pat");
    for repository in ["team/jars", "team/snapshots"] {
        let jars = pat.jars(repository);
        for text in ["first", "second, and longer"] {
            let built = Built::new("org.example:lib_3:1.0-SNAPSHOT", text).with("-sources.jar", text);
            jars.sbt_publish(&built).await.expect(text);
            jars.bazel_publish(&built).await.expect(text);
            assert_eq!(jars.mvn_resolve(&built).await.expect("resolved")[0], built.files[0].1, "{text}");
        }
    }
    let jars = pat.jars("team/jars");
    jars.sbt_publish(&Built::new("org.example:lib_3:1.0", "first")).await.expect("a publication");
    let again = jars.sbt_publish(&Built::new("org.example:lib_3:1.0", "second")).await;
    assert_eq!(again.expect_err("a release").status, 409);
    for repository in ["team/releases", "team/closed"] {
        let built = Built::new("org.example:lib_3:1.0-SNAPSHOT", "first");
        let refused = pat.jars(repository).sbt_publish(&built).await.expect_err("takes no snapshots");
        assert_eq!(refused.status, 409);
    }
}

/// What Maven itself lets pass in versions and classifiers is taken, served and listed; what is refused is named. Between names
/// `//` and `/./` are one slash.
async fn whatever_maven_allows_in_a_version_is_taken(hub: Server) {
    let pat = hub.actor("pat");
    let jars = pat.jars("team/jars");
    let at = |version: &str| {
        let version: String = version
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        format!("a/b/{version}/b-{version}-c{version}.jar")
    };
    let taken =
        ["1.0@x", "1.0!x", "1.0=x", "1.0$x", "1.0#x", "1.0;x", "1.0&x", "1.0'x", "1.0 x", "1.0ü", "1.0文"];
    for version in taken {
        jars.put(&at(version), version).await.is(201);
        assert_eq!(jars.get(&at(version)).await.is(200).body, version);
        let sha1 = jars.get(&format!("{}.sha1", at(version))).await.is(200);
        assert_eq!(sha1.body, hash("sha1", version.as_bytes()), "{version}");
    }
    let mut listed = jars.versions("a/b").await;
    listed.sort_unstable();
    let mut expected = taken.map(|version| version.replace('&', "&amp;").replace('\'', "&apos;"));
    expected.sort_unstable();
    assert_eq!(listed, expected);
    for (version, named) in [
        ("1:0", "`:`"),
        ("1\"0", "`\"`"),
        ("1<0", "`<`"),
        ("1?0", "`?`"),
        ("[1]", "`[`"),
        ("1,0", "`,`"),
        ("1\\0", "`\\`"),
        ("1%0", "`%`"),
        ("1\u{7f}0", "U+007F"),
        ("1\u{202e}0", "U+202E"),
    ] {
        let refused = jars.put(&at(version), "x").await.is(400);
        assert!(refused.json()["detail"].as_str().is_some_and(|detail| detail.contains(named)), "{refused}");
    }
    jars.put("/./a//b/./1/b-1.jar", "one").await.is(201);
    assert_eq!(jars.get("a/b/1/b-1.jar").await.is(200).body, "one");
    assert_eq!(jars.get("a/b//1/./b-1.jar").await.is(200).body, "one");
}

/// sbt/sbt#3410, #7201: since 1.9 sbt publishes a plug-in twice into one directory, under the name with what it is for and, for older
/// ones, without; `publish` must not stop between the two.
async fn sbt_publishes_its_plugins_in_both_styles(hub: Server) {
    let pat = hub.actor("pat");
    let jars = pat.jars("team/jars");
    for version in ["1.2", "1.3-SNAPSHOT"] {
        let valid = Built::new(&format!("org.example:sbt-lib_2.12_1.0:{version}"), "plug-in");
        jars.sbt_publish(&valid.clone().with("-sources.jar", "sources")).await.expect("a publication");
        let legacy = pom("org.example", "sbt-lib", version);
        for (end, body) in [(".pom", &*legacy), (".jar", "plug-in"), ("-sources.jar", "sources")] {
            let path = format!("org/example/sbt-lib_2.12_1.0/{version}/sbt-lib-{version}{end}");
            jars.put(&path, body.to_owned()).await.is(201);
            jars.put(&format!("{path}.sha1"), hash("sha1", body.as_bytes())).await.is(201);
            assert_eq!(jars.get(&path).await.is(200).body, body);
        }
        jars.mvn_resolve(&valid).await.expect("resolved");
    }
    assert_eq!(jars.versions("org/example/sbt-lib_2.12_1.0").await, ["1.2", "1.3-SNAPSHOT"]);
    jars.put("org/example/other_2.12/1/other-1.jar", "x").await.is(400);
}

/// `archetype:generate` asks a repository for its catalogue, which no deploy writes.
async fn archetypes_are_found_in_the_catalogue(hub: Server) {
    let (pat, rita) = (hub.actor("pat"), hub.actor("rita"));
    let jars = pat.jars("team/jars");
    let catalogue = "archetype-catalog.xml";
    rita.jars("team/jars").get(catalogue).await.is(404);
    let more = "<packaging>maven-archetype</packaging><description>A port</description></project>";
    for version in ["1", "2-SNAPSHOT"] {
        let mut built = Built::new(&format!("org.example:port:{version}"), "template");
        built.files[1].1 = pom("org.example", "port", version).replace("</project>", more).into();
        jars.mvn_deploy(&built).await.expect("a deploy");
        jars.mvn_deploy(&Built::new(&format!("org.example:plain:{version}"), "")).await.expect("a deploy");
    }
    let document = rita.jars("team/jars").get(catalogue).await.is(200);
    let sha1 = rita.jars("team/jars").get(&format!("{catalogue}.sha1")).await.is(200);
    assert_eq!(sha1.body, hash("sha1", &document.body));
    let text = std::str::from_utf8(&document.body).expect("UTF-8");
    assert_eq!(texts(text, "artifactId"), ["port", "port"]);
    assert_eq!(texts(text, "description"), ["A port", "A port"]);
    hub.actor("alice").send(Ask::delete(jars.at("org/example/port"))).await.is(204);
    rita.jars("team/jars").get(catalogue).await.is(404);
}

/// apache/maven#11856: Maven 4 asks a repository for nothing that its list of prefixes leaves out.
async fn who_publishes_does_not_say_what_is_asked_for(hub: Server) {
    let list = "## repository-prefixes/2.0\n/org/example\n";
    for repository in ["team/jars", "team/loose"] {
        let pat = hub.actor("pat");
        let refused = pat.jars(repository).put(".meta/prefixes.txt", list).await.is(403);
        assert!(refused.to_string().contains("repository-settings"), "{refused}");
        pat.jars(repository).get(".meta/prefixes.txt").await.is(404);
    }
}
