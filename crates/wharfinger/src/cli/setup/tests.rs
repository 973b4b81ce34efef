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
        ],
    });
    expect_test::expect![[r#"
        The first administrator is admin. The token, shown only now:

            whfp_x

        Made in project main:

            main/images      oci    private
            main/jars        maven  private

        Log in with docker, push an image made of one small file, and pull it:

            echo 'whfp_x' | docker login 127.0.0.1:8080 -u admin --password-stdin
            tar -cf - -C /etc hosts | docker import - 127.0.0.1:8080/p/main/images/hello:1
            docker push 127.0.0.1:8080/p/main/images/hello:1
            docker pull 127.0.0.1:8080/p/main/images/hello:1"#]]
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
