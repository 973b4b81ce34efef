use super::*;

#[test]
fn the_numbers_stand_as_they_are_counted() {
    for good in
        ["SELECT 1", "WHERE a = $1 AND b = $2", "a = $1 OR b = $1 OR c = $2 OR d = $1", "($1, $2, $3)"]
    {
        assert!(is_numbered_in_order(good), "{good}");
    }
    for bad in ["WHERE a = $2 AND b = $1", "a = $1 AND b = $3", "a = $0x", "cost $"] {
        assert!(!is_numbered_in_order(bad), "{bad}");
    }
}
