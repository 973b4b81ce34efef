use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroize;

/// Something that must never be shown: redacted in `Debug`, without `Display` and `Clone`, overwritten when dropped.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the secret in.
    #[must_use]
    pub const fn new(secret: T) -> Self {
        Self(secret)
    }

    /// The secret itself. Who calls this answers for where it goes.
    #[must_use]
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl Secret<String> {
    /// Whether the other text is the same, in time that depends on the lengths only.
    #[must_use]
    pub fn matches(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl From<String> for Secret<String> {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
