use super::*;
use crate::error::Fault;
use crate::testing;

#[test]
fn a_text_is_read_once_and_another_text_anew() {
    let cache = PolicyCache::new(testing::formats());
    let read = |document| cache.rules("maven", document).expect("a policy");
    let (first, again) = (read("{}"), read("{}"));
    assert!(Arc::ptr_eq(&first, &again));
    let other = read(r#"{"releases":"read-only"}"#);
    assert!(first.takes_names() && !other.takes_names());
    let of_other = cache.rules("oci", "{}").expect("a policy");
    assert!(!Arc::ptr_eq(&first, &of_other), "the same words of another format are another policy");
}

#[test]
fn what_no_format_reads_is_damaged_and_what_is_unknown_is_not_made() {
    let cache = PolicyCache::new(testing::formats());
    for (format, document) in [("maven", "never"), ("docker", "{}")] {
        let error = cache.rules(format, document).expect_err("it is none");
        assert!(matches!(&error, Error::Fault(Fault::Corrupt(why)) if why.contains(format)), "{error:?}");
    }
    let error = cache.new_policy(Format::new("docker")).expect_err("it is unknown");
    let named = "the format `docker` is unknown here; the known ones are oci, maven, nuget";
    assert!(matches!(&error, Error::Refused(why) if why == named), "{error:?}");
}
