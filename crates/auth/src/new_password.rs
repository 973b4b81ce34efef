//! What a new password must be: long, and nothing that whoever guesses tries first. No rule about its characters.

use zxcvbn::{Score, zxcvbn};

use crate::password::PASSWORD_BYTES_MAX;
use crate::secret::Secret;
use crate::{identity_token, token};

/// Why a new password is not taken. Holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It has too few characters.
    #[error("a password has at least {chars_min} characters")]
    Short {
        /// How many it must have.
        chars_min: u32,
    },
    /// It has too many bytes.
    #[error("a password has at most {PASSWORD_BYTES_MAX} bytes")]
    Long,
    /// It begins as a token does, so that log-in would take it for one.
    #[error("a password does not begin like a token")]
    LikeToken,
    /// It is among the common ones, made of a name, or repeats itself.
    #[error(
        "the password is among the first that are guessed: common words, names, sequences or repetitions"
    )]
    Guessable,
}

/// Looks at a new password. `names` are those of its owner and of the organisation: whoever guesses knows them. Takes up to some
/// milliseconds.
///
/// # Errors
/// `WeakPassword` says why it is not taken.
pub fn check_new_password(
    password: &Secret<String>,
    chars_min: u32,
    names: &[&str],
) -> Result<(), WeakPassword> {
    let text = password.expose();
    if text.len() > PASSWORD_BYTES_MAX {
        return Err(WeakPassword::Long);
    }
    if token::looks_like(text) || identity_token::looks_like(text) {
        return Err(WeakPassword::LikeToken);
    }
    if text.chars().count() < usize::try_from(chars_min).unwrap_or(usize::MAX) {
        return Err(WeakPassword::Short { chars_min });
    }
    // Fewer than a million guesses.
    if zxcvbn(text, names).score() < Score::Two {
        return Err(WeakPassword::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(password: &str) -> Result<(), WeakPassword> {
        check_new_password(&Secret::new(password.to_owned()), 12, &["alice", "alice@example.org", "acme"])
    }

    #[test]
    fn long_and_not_the_first_to_be_guessed() {
        for good in
            ["correct horse battery", "tHq9-vv2 kkdw", "eine lange Zeile auf Deutsch", "ключ от старого дома"]
        {
            assert_eq!(checked(good), Ok(()), "{good}");
        }
        assert_eq!(checked("eleven char"), Err(WeakPassword::Short { chars_min: 12 }));
        for common in [
            "password1234",
            "123456789012",
            "aaaaaaaaaaaaaaaa",
            "qwertyuiop12",
            "alicealice12",
            "acmeacmeacme",
        ] {
            assert_eq!(checked(common), Err(WeakPassword::Guessable), "{common}");
        }
        assert_eq!(checked(&"word ".repeat(300)), Err(WeakPassword::Long));
        assert_eq!(checked("whfp_whatever it may be"), Err(WeakPassword::LikeToken));
    }
}
