use domain::{ProjectKey, RepositoryPath};

use super::{On, on_of};

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
