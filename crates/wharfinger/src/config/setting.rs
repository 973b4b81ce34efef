//! How one value of the configuration is read from TOML, from a variable, and written back.

use std::net::SocketAddr;
use std::path::PathBuf;

use toml::de::DeValue;

/// A type that a key of the configuration can have.
pub(crate) trait Setting: Sized {
    /// What it must be, for messages: `a whole number of …`.
    const EXPECTED: &'static str;

    /// Reads the value of a variable or an argument.
    fn from_text(text: &str) -> Option<Self>;

    /// Reads a value of the file. Most types are written as a string there.
    fn from_value(value: &DeValue<'_>) -> Option<Self> {
        value.as_str().and_then(Self::from_text)
    }

    /// As it is written in TOML; `None` is not set.
    fn shown(&self) -> Option<String>;
}

macro_rules! numbers {
    ($($type:ty)*) => {$(
        impl Setting for $type {
            const EXPECTED: &'static str = concat!("a whole number that fits ", stringify!($type));

            fn from_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn from_value(value: &DeValue<'_>) -> Option<Self> {
                let number = value.as_integer()?;
                Self::from_str_radix(number.as_str(), number.radix()).ok()
            }

            fn shown(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )*};
}

numbers!(u8 u16 u32 u64 usize);

impl Setting for bool {
    const EXPECTED: &'static str = "true or false";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn from_value(value: &DeValue<'_>) -> Option<Self> {
        value.as_bool()
    }

    fn shown(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for String {
    const EXPECTED: &'static str = "a string";

    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn shown(&self) -> Option<String> {
        Some(quoted(self))
    }
}

impl Setting for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn from_text(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.into())
    }

    fn shown(&self) -> Option<String> {
        Some(quoted(&self.display().to_string()))
    }
}

impl Setting for SocketAddr {
    const EXPECTED: &'static str = "an address and port such as 127.0.0.1:8080 or [::1]:8080";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn shown(&self) -> Option<String> {
        Some(quoted(&self.to_string()))
    }
}

impl<T: Setting> Setting for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_text(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { T::from_text(text).map(Some) }
    }

    fn from_value(value: &DeValue<'_>) -> Option<Self> {
        T::from_value(value).map(Some)
    }

    fn shown(&self) -> Option<String> {
        self.as_ref().and_then(T::shown)
    }
}

/// In a variable the items stand between commas.
impl<T: Setting> Setting for Vec<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_text(text: &str) -> Option<Self> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(T::from_text).collect()
    }

    fn from_value(value: &DeValue<'_>) -> Option<Self> {
        value.as_array()?.iter().map(|item| T::from_value(item.get_ref())).collect()
    }

    fn shown(&self) -> Option<String> {
        let items: Vec<String> = self.iter().filter_map(T::shown).collect();
        Some(format!("[{}]", items.join(", ")))
    }
}

/// A TOML string.
pub(crate) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests;
