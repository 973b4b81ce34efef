use super::*;

fn listed(page: &str, folder: &str, at: &str) -> (Vec<String>, Vec<String>) {
    let listed = links(page, &Url::parse(folder).expect("an address"), at);
    (listed.files.into_iter().map(|(name, _)| name).collect(), listed.folders)
}

#[test]
fn lists_of_web_servers_are_read() {
    let nginx = "<html><body><h1>Index of /m2/org/</h1><hr><pre><a href=\"../\">../</a>\n\
                 <a href=\"a%20b/\">a b/</a> 01-Jan-2026 -\n<a href=\"x.jar\">x.jar</a> 12\n<A HREF='x.jar.sha1'>x.jar.sha1</A>\n\
                 <a href=\"?C=N;O=D\">Name</a> <a href=\"https://nginx.org/\">nginx</a> <a href=\"/m2/\">up</a></pre>";
    let (files, folders) = listed(nginx, "https://repo.example/m2/org/", "org/");
    assert_eq!(files, ["x.jar", "x.jar.sha1"]);
    assert_eq!(folders, ["a b"]);
}

#[test]
fn files_may_lie_at_another_address_of_the_server() {
    let nexus = "<a href=\"../\">Parent Directory</a><a href=\"1.0/\">1.0</a>\
                 <a href=\"https://nexus.example/repository/releases/org/a/maven-metadata.xml\">maven-metadata.xml</a>\
                 <a href=\"https://elsewhere.example/repository/releases/org/a/x.jar\">x.jar</a>\
                 <a href=\"https://nexus.example/repository/releases/org/b/y.jar\">y.jar</a>";
    let at = "https://nexus.example/service/rest/repository/browse/releases/org/a/";
    assert_eq!(listed(nexus, at, "org/a/"), (vec!["maven-metadata.xml".to_owned()], vec!["1.0".to_owned()]));
}

#[test]
fn nothing_leads_out_of_the_folder() {
    let page = "<a href=\"..%2f..%2fpasswd\">x</a><a href=\"%2e%2e/\">y</a><a href=\"/etc/passwd\">z</a><a href=\"b/c/\">c</a>\
                <a href=\"b/c\">c</a><a href=>n</a><a href";
    assert_eq!(listed(page, "https://repo.example/m2/", ""), (vec![], vec![]));
}
