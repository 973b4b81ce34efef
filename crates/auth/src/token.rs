//! The text of permanent tokens: `whf` kind `_` id secret check (docs/access.md 6).
//!
//! 62 characters: `whf`, one of `p` `a` `s` `i` `c`, `_`, 8 of public id, 43 of secret (256 bits), 6 of CRC-32 over all before.
//! Digits, upper and lower case letters stand for 0 to 61 in that order, most significant first.
//! As an expression: `\bwhf[pasic]_[0-9A-Za-z]{57}\b`.

use std::fmt;

use domain::TokenId;
use sha2::{Digest as _, Sha256};

use crate::secret::Secret;

/// Characters of a token.
const TEXT_BYTES: usize = 62;
const PREFIX: &[u8] = b"whf";
const PREFIX_BYTES: usize = 5;
const ID_BYTES: usize = 8;
const SECRET_BYTES: usize = 43;
const CHECK_BYTES: usize = 6;
const CHECKED_BYTES: usize = TEXT_BYTES - CHECK_BYTES;
const ALPHABET: &[u8; 62] = TokenId::DIGITS;

/// Whose token it is, as its fourth character says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// `p`: a person's.
    Person,
    /// `a`: an application's.
    Application,
    /// `s`: short-lived, from an exchange.
    ShortLived,
    /// `i`: no token at all, but a code by which somebody sets a password, once. Nobody logs in with it.
    Invitation,
    /// `c`: no token at all, but what a browser keeps in a cookie. Nobody logs in with it anywhere else.
    Session,
}

/// A token that was just made: shown once, stored as id and hash.
#[derive(Debug)]
pub struct NewSecret {
    /// The text its owner gets.
    pub text: Secret<String>,
    /// The public id in it.
    pub id: TokenId,
    /// SHA-256 of the whole text, which is all that is kept.
    pub sha256: [u8; 32],
}

/// Makes a new token from the system's random source.
#[must_use]
pub fn generate(kind: TokenKind) -> NewSecret {
    let mut text = String::with_capacity(TEXT_BYTES);
    text.push_str("whf");
    text.push(char::from(kind.letter()));
    text.push('_');
    push_random(&mut text, ID_BYTES + SECRET_BYTES);
    let check = crc32fast::hash(text.as_bytes());
    push_number(&mut text, u64::from(check), CHECK_BYTES);
    let id = text.as_bytes().get(PREFIX_BYTES..PREFIX_BYTES + ID_BYTES).and_then(number);
    let sha256 = sha256(&text);
    NewSecret { id: TokenId::new(id.unwrap_or_default()), sha256, text: Secret::new(text) }
}

/// Kind and public id of a well-formed token: length, alphabet and check digits are right. Says nothing about its being valid.
#[must_use]
pub fn parse(text: &str) -> Option<(TokenKind, TokenId)> {
    let bytes: &[u8; TEXT_BYTES] = text.as_bytes().try_into().ok()?;
    let (head, body) = bytes.split_at(PREFIX_BYTES);
    let kind = match head.strip_prefix(PREFIX)? {
        [letter, b'_'] => TokenKind::from_letter(*letter)?,
        _ => return None,
    };
    if !body.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let (checked, check) = bytes.split_at(CHECKED_BYTES);
    if number(check)? != u64::from(crc32fast::hash(checked)) {
        return None;
    }
    Some((kind, TokenId::new(number(body.get(..ID_BYTES)?)?)))
}

/// What is stored of a given token: kind, public id and the SHA-256 of its text.
#[must_use]
pub fn describe(text: &str) -> Option<(TokenKind, TokenId, [u8; 32])> {
    parse(text).map(|(kind, id)| (kind, id, sha256(text)))
}

/// Whether a text was meant to be a token, mistyped or not: it is never tried as a password, which costs much more.
pub(crate) fn looks_like(text: &str) -> bool {
    matches!(text.as_bytes(), [b'w', b'h', b'f', b'p' | b'a' | b's' | b'i' | b'c', b'_', ..])
}

pub(crate) fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

impl TokenKind {
    const fn letter(self) -> u8 {
        match self {
            Self::Person => b'p',
            Self::Application => b'a',
            Self::ShortLived => b's',
            Self::Invitation => b'i',
            Self::Session => b'c',
        }
    }

    const fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'p' => Some(Self::Person),
            b'a' => Some(Self::Application),
            b's' => Some(Self::ShortLived),
            b'i' => Some(Self::Invitation),
            b'c' => Some(Self::Session),
            _ => None,
        }
    }

    /// The word used in API, CLI and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Application => "application",
            Self::ShortLived => "short-lived",
            Self::Invitation => "invitation",
            Self::Session => "session",
        }
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The public id as it stands in the text: 8 characters.
#[must_use]
pub fn id_text(id: TokenId) -> String {
    id.to_string()
}

/// Reads what [`id_text`] writes; `None` for what no token has.
#[must_use]
pub fn parse_id(text: &str) -> Option<TokenId> {
    let digits: &[u8; ID_BYTES] = text.as_bytes().try_into().ok()?;
    number(digits).map(TokenId::new)
}

/// Uniform: bytes beyond the last multiple of 62 are thrown away.
fn push_random(text: &mut String, count: usize) {
    let end = text.len() + count;
    let mut bytes = zeroize::Zeroizing::new([0_u8; 64]);
    while text.len() < end {
        random(bytes.as_mut());
        for byte in bytes.iter().filter(|byte| **byte < 248).take(end - text.len()) {
            text.extend(ALPHABET.get(usize::from(*byte % 62)).map(|digit| char::from(*digit)));
        }
    }
}

fn push_number(text: &mut String, number: u64, digits: usize) {
    let mut place = 62_u64.pow(u32::try_from(digits).unwrap_or(1).saturating_sub(1));
    while place > 0 {
        let digit = usize::try_from(number / place % 62).unwrap_or_default();
        text.extend(ALPHABET.get(digit).map(|digit| char::from(*digit)));
        place /= 62;
    }
}

/// At most 8 digits, so that it fits: 62⁸ < 2⁴⁸.
fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |sum, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'Z' => digit - b'A' + 10,
            b'a'..=b'z' => digit - b'a' + 36,
            _ => return None,
        };
        sum.checked_mul(62)?.checked_add(u64::from(value))
    })
}

/// Fills the buffer from the system's random source.
#[expect(
    clippy::expect_used,
    reason = "the system's random source never fails once the process runs; nothing can go on without it"
)]
pub(crate) fn random(buffer: &mut [u8]) {
    aws_lc_rs::rand::fill(buffer).expect("the system's random source answers");
}

#[cfg(test)]
mod tests;
