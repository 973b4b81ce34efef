//! What templates call: filters, and small views that several pages have.

/// Filters of templates.
#[expect(unreachable_pub, reason = "the macro of filters writes types of its own")]
pub(crate) mod filters {
    use std::fmt::Display;

    /// A text with one of its `{names}` filled.
    ///
    /// # Errors
    /// None.
    #[askama::filter_fn]
    pub(crate) fn with<V: Display>(
        text: impl Display,
        _: &dyn askama::Values,
        name: &str,
        value: V,
    ) -> askama::Result<String> {
        Ok(super::filled(&text.to_string(), name, &value.to_string()))
    }
}

/// A text with one of its `{names}` filled.
pub(crate) fn filled(text: &str, name: &str, value: &str) -> String {
    text.replacen(&format!("{{{name}}}"), value, 1)
}
