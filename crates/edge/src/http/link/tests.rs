use super::*;

#[test]
fn values_are_encoded_and_the_path_is_kept() {
    let link = next("/v2/p/a/b/c/tags/list", &[("n", "10"), ("last", "1.0+x&y>")]).unwrap();
    assert_eq!(link, "</v2/p/a/b/c/tags/list?n=10&last=1.0%2Bx%26y%3E>; rel=\"next\"");
    assert_eq!(next("/v2/_catalog", &[]).unwrap(), "</v2/_catalog>; rel=\"next\"");
}

#[test]
fn a_path_that_breaks_the_header_gives_none() {
    assert_eq!(next("/v2/\r\nX: y", &[]), None);
}
