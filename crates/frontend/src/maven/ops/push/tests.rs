use super::*;

#[test]
fn a_hash_is_read_from_the_front_of_its_file() {
    let hex = "0123456789abcdef0123456789ABCDEF";
    for text in [
        hex.to_owned(),
        format!("{hex}\n"),
        format!("  {hex}  target/a-1.jar\r\n"),
        format!("{hex} *a-1.jar"),
        format!("{hex}\tx"),
    ] {
        let digest = leading_digits(text.as_bytes(), Algorithm::Md5).unwrap_or_else(|| panic!("{text:?}"));
        assert_eq!(digest.hex(), hex.to_lowercase());
        assert_eq!(leading_digits(text.as_bytes(), Algorithm::Sha1), None);
    }
    for text in ["", "a-1.jar", "MD5 (a) = 00", &hex[1..], &format!("{hex}0"), "\u{ff}"] {
        assert_eq!(leading_digits(text.as_bytes(), Algorithm::Md5), None, "{text:?}");
    }
}
