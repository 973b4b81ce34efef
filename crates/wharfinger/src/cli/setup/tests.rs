use serde_json::json;

use super::welcome;
use crate::config::ServerUrl;

#[test]
fn prints_lines_to_paste() {
    let server = ServerUrl::parse("http://127.0.0.1:8080").expect("an address");
    let made = json!({
        "username": "admin", "token": "whfp_x", "project": "main", "policy_version": 2,
        "repositories": [
            {"path": "main/images", "format": "oci", "visibility": "private"},
            {"path": "main/jars", "format": "maven", "visibility": "private"},
            {"path": "main/packages", "format": "nuget", "visibility": "private"},
            {"path": "main/files", "format": "files", "visibility": "private"},
        ],
    });
    expect_test::expect![[r#"
        The first administrator is admin. The token, shown only now:

            whfp_x

        Made in project main:

            main/images      oci    private
            main/jars        maven  private
            main/packages    nuget  private
            main/files       files  private

        Log in with docker, push an image made of one small file, and pull it:

            echo 'whfp_x' | docker login 127.0.0.1:8080 -u admin --password-stdin
            tar -cf - -C /etc hosts | docker import - 127.0.0.1:8080/p/main/images/hello:1
            docker push 127.0.0.1:8080/p/main/images/hello:1
            docker pull 127.0.0.1:8080/p/main/images/hello:1

        Deploy with mvn, and fetch. Between <servers> and </servers> of ~/.m2/settings.xml:

            <server><id>wharfinger</id><username>admin</username><password>whfp_x</password></server>

        In pom.xml:

            <distributionManagement><repository><id>wharfinger</id><url>http://127.0.0.1:8080/maven/p/main/jars</url></repository></distributionManagement>
            <repositories><repository><id>wharfinger</id><url>http://127.0.0.1:8080/maven/p/main/jars</url></repository></repositories>

        Fetch with Gradle. In build.gradle (from 7 on with allowInsecureProtocol = true):

            repositories { maven { url = 'http://127.0.0.1:8080/maven/p/main/jars'; credentials { username = 'admin'; password = 'whfp_x' } } }

        Push a package with dotnet, and add it to a project:

            dotnet nuget push hello.1.0.0.nupkg --source http://127.0.0.1:8080/nuget/p/main/packages/v3/package --api-key whfp_x --allow-insecure-connections
            dotnet nuget add source http://127.0.0.1:8080/nuget/p/main/packages/v3/index.json --name wharfinger --username admin --password whfp_x --store-password-in-clear-text --allow-insecure-connections
            dotnet add package hello

        Upload a file with curl, fetch it, and compare its hash:

            curl -u 'admin:whfp_x' --fail-with-body --upload-file /etc/hosts http://127.0.0.1:8080/files/p/main/files/hello/hosts
            curl -u 'admin:whfp_x' -fL -O http://127.0.0.1:8080/files/p/main/files/hello/hosts
            echo "$(curl -u 'admin:whfp_x' -fsS http://127.0.0.1:8080/files/p/main/files/hello/hosts.sha256)  hosts" | sha256sum -c"#]]
    .assert_eq(&welcome(&server, &made));
}

#[test]
fn over_tls_nothing_insecure_is_allowed() {
    let server = ServerUrl::parse("https://packages.example.org").expect("an address");
    let repositories = json!([
        {"path": "main/jars", "format": "maven", "visibility": "private"},
        {"path": "main/packages", "format": "nuget", "visibility": "private"},
    ]);
    let made = json!({
        "username": "admin", "token": "whfp_x", "project": "main", "repositories": repositories,
        "public_url": "https://packages.example.org",
    });
    let text = welcome(&server, &made);
    assert!(text.contains("https://packages.example.org/maven/p/main/jars"), "{text}");
    assert!(!text.contains("nsecure") && !text.contains("http:"), "{text}");
}
