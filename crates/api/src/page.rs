//! Lists, a page at a time.

use domain::Limit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::problem::{Code, Fault};

/// Rows of a page when the client does not say.
const ROWS_DEFAULT: u32 = 100;

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// What `next` of the page before said; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub after: Option<String>,
    /// Most items of the page.
    #[serde(default = "rows_default")]
    #[schemars(range(min = 1, max = 1000))]
    pub limit: u32,
}

/// A page of a list.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Page<T> {
    /// In a stable order.
    pub items: Vec<T>,
    /// What `after` says for the next page; `null` at the end. Opaque.
    pub next: Option<String>,
}

pub(crate) const fn rows_default() -> u32 {
    ROWS_DEFAULT
}

/// An answer that is a page of a list.
pub trait Listed {
    /// What `after` says for the next page.
    fn next(&self) -> Option<&str>;
}

impl<T> Listed for Page<T> {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

/// Parameters of a list that has more of them than which page.
pub trait Paged {
    /// Which page.
    fn paging(&self) -> Paging;

    /// Goes on behind this one.
    fn go_on(&mut self, after: String);
}

impl Paged for Paging {
    fn paging(&self) -> Paging {
        self.clone()
    }

    fn go_on(&mut self, after: String) {
        self.after = Some(after);
    }
}

/// The parameters of a filtered list: those of its own, and which page.
macro_rules! paged {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[schemars(inline)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<$kind>,)*
            /// What `next` of the page before said; absent for the first.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schemars(length(max = 256))]
            pub after: Option<String>,
            /// Most items of the page; 100 if it does not say.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 1, max = 1000))]
            pub limit: Option<u32>,
        }

        impl $crate::page::Paged for $name {
            fn paging(&self) -> $crate::page::Paging {
                let limit = self.limit.unwrap_or_else($crate::page::rows_default);
                $crate::page::Paging { after: self.after.clone(), limit }
            }

            fn go_on(&mut self, after: String) {
                self.after = Some(after);
            }
        }
    };
}
pub(crate) use paged;

impl Default for Paging {
    fn default() -> Self {
        Self { after: None, limit: ROWS_DEFAULT }
    }
}

impl Paging {
    /// Most rows.
    pub(crate) fn limit(&self) -> Limit {
        Limit::capped(self.limit.into())
    }

    /// Where the list goes on, as `read` reads it.
    pub(crate) fn after<K>(&self, read: impl FnOnce(&str) -> Option<K>) -> Result<Option<K>, Fault> {
        let wrong = || Fault::Told(Code::BadCursor, "`after` must be what `next` said".into());
        self.after.as_deref().map(|text| read(text).ok_or_else(wrong)).transpose()
    }

    /// The page of these rows; a full one may have another behind it.
    pub(crate) fn page<R, T>(
        &self,
        rows: &[R],
        key: impl FnOnce(&R) -> String,
        shown: impl FnMut(&R) -> T,
    ) -> Page<T> {
        let full = rows.len() as u64 >= u64::from(self.limit().rows());
        Page { next: rows.last().filter(|_| full).map(key), items: rows.iter().map(shown).collect() }
    }
}
