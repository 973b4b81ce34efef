use domain::{ProjectKey, RepositoryPath};

use super::{On, on_of, shown};

#[test]
fn nodes_are_a_slash_a_key_or_two_names() {
    let alpha = ProjectKey::parse("alpha").expect("a key");
    let jars = RepositoryPath::parse("alpha/jars").expect("a repository");
    for (node, on) in [
        ("/", Some(On::Organisation)),
        ("alpha", Some(On::Project(alpha))),
        ("alpha/jars", Some(On::Repository(jars))),
        ("alpha/jars/x", None),
        ("", None),
        ("alpha/", None),
    ] {
        assert_eq!(on_of(node).ok(), on, "{node}");
    }
}

#[test]
fn an_object_is_a_row_for_each_of_its_fields() {
    let project = serde_json::json!({
        "title": "Alpha",
        "description": null,
        "about": { "id": "7", "my_permissions": ["read", "publish"], "repositories_by_format": { "maven": 2, "oci": 1 } },
    });
    let mut rows: Vec<String> = shown::rows(project).iter().map(|row| row.join("=")).collect();
    // In which order the fields of a document come is not of this program's making.
    rows.sort_unstable();
    assert_eq!(
        rows.join(" "),
        "description= id=7 my_permissions=read,publish repositories_by_format.maven=2 repositories_by_format.oci=1 title=Alpha"
    );
    assert_eq!(shown::rows(serde_json::json!([1])), Vec::<Vec<String>>::new());
}
