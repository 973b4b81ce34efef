use super::*;

async fn deploy(client: &Client<'_>, path: &str) {
    client.put(&format!("{JARS}/{path}"), path.to_owned()).await.is(201);
}

#[tokio::test]
async fn versions_are_listed_in_their_order_whatever_the_order_of_deploys() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for version in ["1.10", "1.9", "2.0-rc1", "1.9.1", "2.0-SNAPSHOT"] {
        deploy(&alice, &format!("org/foo/bar/{version}/bar-{version}.jar")).await;
    }
    let document = alice.text("org/foo/bar/maven-metadata.xml").await;
    assert_eq!(texts(&document, "version"), ["1.9", "1.9.1", "1.10", "2.0-rc1", "2.0-SNAPSHOT"]);
    assert_eq!(texts(&document, "latest"), ["2.0-SNAPSHOT"]);
    assert_eq!(texts(&document, "release"), ["2.0-rc1"]);
    assert_eq!(texts(&document, "lastUpdated"), ["20270115080000"]);
}

#[tokio::test]
async fn hashes_are_those_of_the_very_document() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for version in 1..4 {
        deploy(&alice, &format!("a/b/{version}/b-{version}.jar")).await;
        let document = alice.text("a/b/maven-metadata.xml").await;
        assert_eq!(texts(&document, "version").len(), version);
        for algorithm in [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
            let hash = alice.text(&format!("a/b/maven-metadata.xml.{}", algorithm.as_str())).await;
            assert_eq!(hash, hex(algorithm, document.as_bytes()));
            let header = format!("x-checksum-{}", algorithm.as_str());
            alice.head(&format!("{JARS}/a/b/maven-metadata.xml")).await.has(&header, &hash);
        }
    }
}

/// Maven 3.8 and coursier ask for the hash in a second request.
#[tokio::test]
async fn a_deploy_does_not_part_a_document_from_its_hash() {
    let hub = Hub::new().await;
    let (alice, bob) = (hub.person("alice"), hub.person("bob"));
    deploy(&alice, "a/b/1/b-1.jar").await;
    let document = bob.text("a/b/maven-metadata.xml").await;
    deploy(&alice, "a/b/2/b-2.jar").await;
    assert_eq!(bob.text("a/b/maven-metadata.xml.sha1").await, hex(Algorithm::Sha1, document.as_bytes()));
    let later = alice.text("a/b/maven-metadata.xml").await;
    assert_eq!(alice.text("a/b/maven-metadata.xml.sha1").await, hex(Algorithm::Sha1, later.as_bytes()));
    bob.head(&format!("{JARS}/a/b/maven-metadata.xml")).await.is(200);
    assert_eq!(bob.text("a/b/maven-metadata.xml.sha1").await, hex(Algorithm::Sha1, later.as_bytes()));
}

#[tokio::test]
async fn snapshots_list_the_newest_build_of_every_kind_of_file() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let at = "a/b/1-SNAPSHOT";
    alice.get(&format!("{JARS}/{at}/maven-metadata.xml")).await.explains(404, "nothing to list");
    for name in [
        "b-1-20260102.030405-1.jar",
        "b-1-20260102.030405-1-sources.jar",
        "b-1-20260102.030405-1.pom.asc",
        "b-1-20260103.030405-2.jar",
        "b-1-20260103.030406-2.jar",
    ] {
        deploy(&alice, &format!("{at}/{name}")).await;
    }
    let document = alice.text(&format!("{at}/maven-metadata.xml")).await;
    assert_eq!(texts(&document, "timestamp"), ["20260103.030406"]);
    assert_eq!(texts(&document, "buildNumber"), ["2"]);
    let newest = ["1-20260103.030406-2", "1-20260102.030405-1", "1-20260102.030405-1"];
    assert_eq!(texts(&document, "value"), newest);
    assert_eq!(texts(&document, "extension"), ["jar", "pom.asc", "jar"]);
    assert_eq!(texts(&document, "classifier"), ["sources"]);
    // A release has no document of its own.
    deploy(&alice, "a/b/2/b-2.jar").await;
    alice.get(&format!("{JARS}/a/b/2/maven-metadata.xml")).await.is(404);
}

/// `curl` of the literal name, where clients have deployed builds only.
#[tokio::test]
async fn the_literal_name_of_a_snapshot_leads_to_its_newest_build() {
    let hub = Hub::new().await;
    let (alice, bob, pat) = (hub.person("alice"), hub.person("bob"), hub.person("pat"));
    let at = "a/b/1-SNAPSHOT";
    let literal = format!("{at}/b-1-SNAPSHOT");
    bob.get(&format!("{JARS}/{literal}.jar")).await.explains(404, "no such file");
    for name in
        ["b-1-20260103.030405-2.jar", "b-1-20260102.030405-1.jar", "b-1-20260102.030405-1-sources.jar"]
    {
        deploy(&alice, &format!("{at}/{name}")).await;
    }
    assert_eq!(bob.text(&format!("{literal}.jar")).await, format!("{at}/b-1-20260103.030405-2.jar"));
    let sources = format!("{at}/b-1-20260102.030405-1-sources.jar");
    assert_eq!(bob.text(&format!("{literal}-sources.jar")).await, sources);
    assert_eq!(
        bob.text(&format!("{literal}-sources.jar.sha1")).await,
        hex(Algorithm::Sha1, sources.as_bytes())
    );
    pat.head(&format!("{JARS}/{literal}.jar")).await.is(200);
    bob.get(&format!("{JARS}/{literal}.war")).await.is(404);
    bob.get(&format!("{JARS}/{at}/c-1-SNAPSHOT.jar")).await.is(404);
    // A hash is compared with what has the name, or is to have it.
    alice.put(&format!("{JARS}/{literal}.jar.sha1"), hex(Algorithm::Sha1, b"literal")).await.is(201);
    alice.put(&format!("{JARS}/{literal}.jar"), "literal").await.is(201);
    assert_eq!(bob.text(&format!("{literal}.jar")).await, "literal");
    alice.delete(&format!("{JARS}/{literal}.jar")).await.is(204);
    alice.delete(&format!("{JARS}/{at}/b-1-20260103.030405-2.jar")).await.is(204);
    assert_eq!(bob.text(&format!("{literal}.jar")).await, format!("{at}/b-1-20260102.030405-1.jar"));
}

#[tokio::test]
async fn the_archetypes_of_a_repository_are_those_whose_poms_say_so() {
    let hub = Hub::new().await;
    let (alice, bob, pat) = (hub.person("alice"), hub.person("bob"), hub.person("pat"));
    let archetype = |artifact: &str, version: &str, about: &str| {
        let more =
            format!("<packaging>maven-archetype</packaging><description>{about}</description></project>");
        pom("org.foo", artifact, version).replace("</project>", &more)
    };
    let put = async |artifact: &str, directory: &str, shown: &str, body: String| {
        let path = format!("org/foo/{artifact}/{directory}/{artifact}-{shown}.pom");
        alice.put(&format!("{JARS}/{path}"), body).await.is(201);
    };
    put("plain", "1", "1", pom("org.foo", "plain", "1")).await;
    bob.get(&format!("{JARS}/archetype-catalog.xml")).await.explains(404, "nothing to list");
    put("port", "1", "1", archetype("port", "1", "A port &amp; more")).await;
    put("berth", "2", "2", archetype("berth", "2", "")).await;
    for build in ["1-20260102.030405-1", "1-20260102.030406-2"] {
        put("port", "1-SNAPSHOT", build, archetype("port", "1-SNAPSHOT", build)).await;
    }
    let document = bob.text("archetype-catalog.xml").await;
    assert_eq!(texts(&document, "artifactId"), ["berth", "port", "port"]);
    assert_eq!(texts(&document, "version"), ["2", "1-SNAPSHOT", "1"]);
    assert_eq!(texts(&document, "description"), ["", "1-20260102.030406-2", "A port & more"]);
    let sha1 = bob.text("archetype-catalog.xml.sha1").await;
    assert_eq!(sha1, hex(Algorithm::Sha1, document.as_bytes()));
    pat.get(&format!("{JARS}/archetype-catalog.xml")).await.is(403);
    alice.put(&format!("{JARS}/archetype-catalog.xml"), "<x/>").await.explains(405, "GET, HEAD, OPTIONS");
    alice.delete(&format!("{JARS}/org/foo/port/")).await.is(204);
    assert_eq!(texts(&bob.text("archetype-catalog.xml").await, "artifactId"), ["berth"]);
    alice.delete(&format!("{JARS}/org/foo/berth/2/berth-2.pom")).await.is(204);
    bob.get(&format!("{JARS}/archetype-catalog.xml")).await.is(404);
}

#[tokio::test]
async fn directories_are_listed_for_people_and_tools() {
    let hub = Hub::new().await;
    let (alice, bob, pat) = (hub.person("alice"), hub.person("bob"), hub.person("pat"));
    let names = async |at: &str| {
        let answer = bob.send("GET", &format!("{JARS}/{at}"), &[("accept", "application/json")], "").await;
        let document = answer.is(200).has("content-type", "application/json").json();
        let entries = document["entries"].as_array().unwrap().clone();
        let one = |entry: &serde_json::Value| {
            let slash = if entry["kind"] == "directory" { "/" } else { "" };
            format!("{}{slash}", entry["name"].as_str().unwrap())
        };
        entries.iter().map(one).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("").await, "");
    for path in [
        "org/foo/bar/1.0/bar-1.0.jar",
        "org/foo/bar/1.0/bar-1.0-sources.jar",
        "org/foo/bar/2-SNAPSHOT/bar-2-20260102.030405-1.jar",
        "org/foo/bar/baz/1/baz-1.jar",
        "org/foo/ba/1/ba-1.jar",
        "org/foo-x/y/1/y-1.jar",
        "org/foo1/y/1/y-1.jar",
        "a/b/1&2 ü/b-1&2 ü.jar",
    ] {
        let path = path.replace(' ', "%20").replace('ü', "%C3%BC");
        alice.put(&format!("{JARS}/{path}"), "bytes").await.is(201);
    }
    assert_eq!(names("").await, "a/ org/");
    assert_eq!(names("org/").await, "foo-x/ foo/ foo1/");
    assert_eq!(names("org/?from=foo-x/").await, "foo/ foo1/");
    assert_eq!(names("org/?from=foo-x/&after=foo/").await, "foo1/");
    assert_eq!(names("org/foo/bar/?from=2&after=baz/").await, "maven-metadata.xml");
    assert_eq!(names("org/?from=x").await, "");
    assert_eq!(names("org/foo/").await, "ba/ bar/");
    // At once a group, an artifact.
    assert_eq!(names("org/foo/bar/").await, "1.0/ 2-SNAPSHOT/ baz/ maven-metadata.xml");
    assert_eq!(names("org/foo/bar/1.0/").await, "bar-1.0-sources.jar bar-1.0.jar");
    assert_eq!(names("org/foo/bar/2-SNAPSHOT/").await, "bar-2-20260102.030405-1.jar maven-metadata.xml");
    let page = bob.get(&format!("{JARS}/a/b/")).await;
    page.is(200).has("content-type", "text/html; charset=utf-8");
    page.has("content-security-policy", "sandbox; default-src 'none'");
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(html.contains("<a href=\"1%262%20%C3%BC/\">1&amp;2 ü/</a>"), "{html}");
    let root = bob.get(JARS).await;
    assert!(String::from_utf8_lossy(&root.is(200).body).contains("<a href=\"jars/org/\">org/</a>"));
    bob.get(&format!("{JARS}/org/none/")).await.explains(404, "no such file, version or artifact");
    pat.get(&format!("{JARS}/org/")).await.is(403);
    // What is deleted is not listed.
    alice.delete(&format!("{JARS}/org/foo/bar/1.0/")).await.is(204);
    assert_eq!(names("org/foo/bar/").await, "2-SNAPSHOT/ baz/ maven-metadata.xml");
    bob.get(&format!("{JARS}/org/foo/bar/1.0/")).await.is(404);
}

#[tokio::test]
async fn a_large_group_and_files_outside_the_layout_are_listed_as_wholes() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let loose = "/maven/p/alpha/loose";
    for number in 0..120 {
        alice.put(&format!("{loose}/org/a{number:03}/x/1/x-1.jar"), "bytes").await.is(201);
        alice.put(&format!("{loose}/org/deep/lib{number:03}/1/lib{number:03}-1.jar"), "bytes").await.is(201);
        alice.put(&format!("{loose}/site/p{number:03}/index.html"), "bytes").await.is(201);
        alice.put(&format!("{loose}/site/many/{number:03}.txt"), "bytes").await.is(201);
    }
    alice.put(&format!("{loose}/readme.txt"), "bytes").await.is(201);
    let names = async |at: &str| {
        let answer = alice.get(&format!("{loose}/{at}")).await;
        let html = String::from_utf8(answer.is(200).body.to_vec()).unwrap();
        let links = html.split("<li><a href=\"").skip(1).filter_map(|rest| rest.split_once('"'));
        links.map(|(link, _)| link.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["org/", "readme.txt", "site/"]);
    for (at, count, last) in [
        ("org/", 122, "deep/"),
        ("org/deep/", 121, "lib119/"),
        ("site/", 122, "p119/"),
        ("site/many/", 121, "119.txt"),
    ] {
        let found = names(at).await;
        assert_eq!(
            (found.len(), found.last().map(String::as_str), &*found[0]),
            (count, Some(last), "../"),
            "{at}"
        );
    }
}

#[tokio::test]
async fn plugins_are_taken_out_of_uploaded_metadata_if_they_are_there() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let plugin = |prefix: &str, artifact: &str| {
        format!("<plugin><name>N</name><prefix>{prefix}</prefix><artifactId>{artifact}</artifactId></plugin>")
    };
    let both = [plugin("x", "x-maven-plugin"), plugin("y", "nowhere")].concat();
    let document = format!("<metadata><plugins>{both}</plugins></metadata>");
    let group = format!("{JARS}/org/foo/maven-metadata.xml");
    alice.put(&group, document.clone()).await.is(201);
    alice.get(&group).await.is(404);
    deploy(&alice, "org/foo/x-maven-plugin/1/x-maven-plugin-1.jar").await;
    alice.put(&group, document.clone()).await.is(201);
    alice.put(&format!("{group}.sha1"), "nonsense").await.is(201);
    let shown = alice.text("org/foo/maven-metadata.xml").await;
    assert_eq!(texts(&shown, "prefix"), ["x"]);
    assert_eq!(texts(&shown, "artifactId"), ["x-maven-plugin"]);
    let renamed = document.replace("<prefix>x<", "<prefix>z<").replace(">N<", ">M &amp; &lt;N&gt;<");
    alice.put(&group, renamed).await.is(201);
    let shown = alice.text("org/foo/maven-metadata.xml").await;
    assert_eq!(texts(&shown, "prefix"), ["z"]);
    assert_eq!(texts(&shown, "name"), ["M & <N>"]);
    alice.delete(&format!("{JARS}/org/foo/x-maven-plugin/1")).await.is(204);
    alice.get(&group).await.is(404);
}

/// sonatype/nexus-public#314, #742: metadata of `org.foo:bar` against that of the group `org.foo.bar`.
#[tokio::test]
async fn an_artifact_and_a_group_of_one_address_do_not_shadow_each_other() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    deploy(&alice, "org/foo/bar/1/bar-1.jar").await;
    deploy(&alice, "org/foo/bar/q-maven-plugin/2/q-maven-plugin-2.jar").await;
    let document = "<metadata><plugins><plugin><prefix>q</prefix><artifactId>q-maven-plugin</artifactId>\
                    </plugin></plugins></metadata>";
    alice.put(&format!("{JARS}/org/foo/bar/maven-metadata.xml"), document).await.is(201);
    let listed = async || {
        let document = alice.text("org/foo/bar/maven-metadata.xml").await;
        [texts(&document, "version"), texts(&document, "prefix")].concat().join(" ")
    };
    assert_eq!(listed().await, "1 q");
    alice.delete(&format!("{JARS}/org/foo/bar/1/bar-1.jar")).await.is(204);
    assert_eq!(listed().await, "q");
    deploy(&alice, "org/foo/bar/3/bar-3.jar").await;
    alice.delete(&format!("{JARS}/org/foo/bar/q-maven-plugin")).await.is(204);
    assert_eq!(listed().await, "3");
}

#[tokio::test]
async fn metadata_is_taken_whatever_is_in_it() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    deploy(&alice, "a/b/1/b-1.jar").await;
    let bomb = "<!DOCTYPE m [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><metadata><plugins><plugin>\
                <prefix>&b;</prefix><artifactId>b</artifactId></plugin></plugins></metadata>";
    for body in ["", "nonsense", "<metadata", bomb, "<metadata><plugins/></metadata>", "\u{0}\u{1}"] {
        for path in
            ["a/maven-metadata.xml", "a/b/maven-metadata.xml", "maven-metadata.xml", ".x/maven-metadata.xml"]
        {
            alice.put(&format!("{JARS}/{path}"), body).await.is(201);
        }
    }
    alice.get(&format!("{JARS}/a/maven-metadata.xml")).await.is(404);
    assert_eq!(texts(&alice.text("a/b/maven-metadata.xml").await, "version"), ["1"]);
}
