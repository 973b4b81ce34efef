//! Permanent tokens, made as `wharfinger token generate` makes them; written anew so that the format is checked by a second hand.

use std::hash::{BuildHasher as _, RandomState};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_AND_SECRET: usize = 8 + 43;
const CHECK_DIGITS: u32 = 6;

/// A well-formed token of this kind (`p`, `a` or `s`): 62 characters.
pub(crate) fn generate(kind: char) -> String {
    let mut text = format!("whf{kind}_");
    for _ in 0..ID_AND_SECRET {
        // Each state of the standard hasher has keys of its own: enough chance for tests.
        let draw = RandomState::new().hash_one(text.as_str());
        text.push(digit(draw));
    }
    let check = check_of(&text);
    text + &check
}

/// Whether the length, the letters and the check digits are right.
pub(crate) fn is_well_formed(token: &str) -> bool {
    let (Some(checked), Some(check)) = (token.get(..56), token.get(56..)) else { return false };
    let letters = |text: &str| text.bytes().all(|letter| ALPHABET.contains(&letter));
    token.starts_with("whf")
        && checked.as_bytes()[4] == b'_'
        && letters(&checked[5..])
        && check == check_of(checked)
}

fn check_of(text: &str) -> String {
    let check = u64::from(crc32fast::hash(text.as_bytes()));
    (0..CHECK_DIGITS).rev().map(|place| digit(check / 62_u64.pow(place))).collect()
}

/// The public id in a token, by which the management knows it.
pub(crate) fn id(token: &str) -> &str {
    &token[5..13]
}

fn digit(number: u64) -> char {
    char::from(ALPHABET[(number % 62) as usize])
}
