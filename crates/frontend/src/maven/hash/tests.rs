use super::*;

const SHA1: &str = "d6a1ab2be01b60dfa081a4387780740f9b740993";
const SHA512: &str = "187f6c70ff93c1e90ff5b5bb394f7340866d15d78e125fb71b81a63b1cb4f37b\
                      312c6f0dd05b3097091fc695b8e3fcad8e7e89f338b838cc1ba7caa0c0366c84";

fn sha1(document: impl AsRef<[u8]>) -> Option<String> {
    read(document.as_ref(), Algorithm::Sha1).map(|digest| digest.hex())
}

/// MRESOLVER's `ChecksumUtils.read` takes the first three; the rest is what the tools of Windows, BSD and gpg write.
#[test]
fn every_form_of_a_hash_document_is_read() {
    let upper = SHA1.to_ascii_uppercase();
    let grouped = "D6A1 AB2B E01B 60DF A081  A438 7780 740F 9B74 0993";
    for document in [
        SHA1.to_owned(),
        format!("{SHA1}\n"),
        format!("SHA1(target/b-1.jar)= {SHA1}\n"),
        format!("{SHA1}  b-1.jar"),
        format!("{SHA1} *b-1.jar\r\n"),
        format!("\\{SHA1} *b\\\\1.jar\n"),
        format!("{upper}\r\n"),
        format!("\u{feff}{SHA1}\r\n"),
        format!("SHA1 (b-1.jar) = {upper}\n"),
        format!("SHA1(a=b:c.jar)= {SHA1}"),
        format!("b-1.jar: {grouped}\n"),
        format!("{}\n", grouped.replace("  ", "\n         ").replacen("D6", "b-1.jar: D6", 1)),
        format!("\n\n {SHA1}\t-\n"),
    ] {
        assert_eq!(sha1(&document).as_deref(), Some(SHA1), "{document:?}");
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let marked = format!("\u{feff}{}", document.trim_start_matches('\u{feff}'));
            let wide: Vec<u8> = marked.encode_utf16().flat_map(bytes).collect();
            assert_eq!(sha1(wide).as_deref(), Some(SHA1), "{document:?} in UTF-16");
        }
    }
    let lines = format!(
        "b-1.jar: {}\n         {}\n",
        SHA512[..64].to_ascii_uppercase(),
        SHA512[64..].to_ascii_uppercase()
    );
    assert_eq!(read(lines.as_bytes(), Algorithm::Sha512).expect("a hash").hex(), SHA512);
}

#[test]
fn what_holds_no_hash_is_none() {
    let long = format!("{SHA1}0");
    let named = format!("b-1.jar {SHA1}");
    let short = format!("SHA1(b-1.jar)= {}", &SHA1[1..]);
    for document in ["", "what?", "SHA1(b-1.jar)=", "b-1.jar:", &SHA1[1..], &long, &named, &short, SHA512] {
        assert_eq!(sha1(document), None, "{document:?}");
    }
    assert_eq!(sha1([0xff, 0xfe, 0x30]), None);
}

#[test]
fn a_hash_of_a_hash_is_of_the_digits() {
    let (stem, hash) = hash_of("a/b/1/b-1.jar.sha512.sha1");
    assert_eq!(
        (stem, hash),
        ("a/b/1/b-1.jar", Some(Hash { algorithm: Algorithm::Sha1, of: Some(Algorithm::Sha512) }))
    );
    let digests = [Digest::from_hex(Algorithm::Sha512, SHA512).expect("a hash")];
    let digits = hash.expect("a hash").digits(&digests).expect("is known");
    assert_eq!(digits, digest_of(Algorithm::Sha1, &SHA512.into()).expect("a hash").hex());
    assert_eq!(Hash { algorithm: Algorithm::Sha1, of: None }.digits(&digests), None);
}
