use super::*;

#[test]
fn items_are_taken_while_they_fit() {
    assert_eq!(fitting(10, [4, 6, 1]), 2);
    assert_eq!(fitting(10, [4, 7]), 1);
    assert_eq!(fitting(10, [11, 1]), 1);
    assert_eq!(fitting(10, [0, 0]), 2);
    assert_eq!(fitting(10, []), 0);
}
