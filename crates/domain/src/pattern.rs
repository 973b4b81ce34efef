use crate::error::{Invalid, bounded};

/// A pattern for whole names: `*` stands for any run of characters, `?` for one; at most 128 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Box<str>);

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// `Invalid` if it is empty, over 128 bytes or holds a control character.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        bounded("pattern", text, 128)?;
        if text.chars().any(char::is_control) {
            return Err(Invalid::grammar("pattern", "control characters are not allowed"));
        }
        Ok(Self(text.into()))
    }

    /// The pattern as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole name fits. Linear: on a mismatch only the last `*` is tried again.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let mut pattern = self.0.chars();
        let mut rest = name.chars();
        let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
        loop {
            let before_rest = rest.clone();
            match (pattern.next(), rest.next()) {
                (None, None) => return true,
                (Some('*'), _) => {
                    rest = before_rest.clone();
                    retry = Some((pattern.clone(), before_rest));
                }
                (Some('?'), Some(_)) => {}
                (Some(want), Some(have)) if want == have => {}
                _ => {
                    let Some((again, mut from)) = retry.take() else { return false };
                    if from.next().is_none() {
                        return false;
                    }
                    pattern = again.clone();
                    rest = from.clone();
                    retry = Some((again, from));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
