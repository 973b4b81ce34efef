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
    let check = u64::from(crc32fast::hash(text.as_bytes()));
    for place in (0..CHECK_DIGITS).rev() {
        text.push(digit(check / 62_u64.pow(place)));
    }
    text
}

/// The public id in a token, by which the management knows it.
pub(crate) fn id(token: &str) -> &str {
    &token[5..13]
}

fn digit(number: u64) -> char {
    char::from(ALPHABET[(number % 62) as usize])
}
