//! Lists, a page at a time.

use domain::Limit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

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
    #[schemars(length(max = 2048))]
    pub after: Option<String>,
    /// Most items of the page.
    #[serde(default = "rows_default")]
    #[schemars(range(min = 1, max = 1000))]
    pub limit: u32,
    /// What stands in front of cursors: the question that they belong to. Empty where a cursor is good for any.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) question: String,
}

/// What parts the question from the place in it.
const CURSOR: char = '~';
/// Bytes of a hash that tell one question from another.
const QUESTION_BYTES: usize = 6;

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
            #[schemars(length(max = 2048))]
            pub after: Option<String>,
            /// Most items of the page; 100 if it does not say.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 1, max = 1000))]
            pub limit: Option<u32>,
        }

        impl $crate::page::Paged for $name {
            fn paging(&self) -> $crate::page::Paging {
                let limit = self.limit.unwrap_or_else($crate::page::rows_default);
                $crate::page::Paging { after: self.after.clone(), limit, ..Default::default() }
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
        Self { after: None, limit: ROWS_DEFAULT, question: String::new() }
    }
}

impl Paging {
    /// The first page, of at most so many rows.
    #[must_use]
    pub fn at_most(limit: u32) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Most rows.
    pub(crate) fn limit(&self) -> Limit {
        Limit::capped(self.limit.into())
    }

    /// The same, whose cursors are good for this question alone: with another filter, or in another order, a place in the list is
    /// none.
    pub(crate) fn of(self, asked: &impl Serialize) -> Self {
        let mut asked = serde_json::to_value(asked).unwrap_or_default();
        if let Some(fields) = asked.as_object_mut() {
            fields.retain(|name, _| name != "after" && name != "limit");
        }
        let hash = Sha256::digest(asked.to_string());
        let question = hash.iter().take(QUESTION_BYTES).map(|byte| format!("{byte:02x}"));
        Self { question: question.chain([CURSOR.to_string()]).collect(), ..self }
    }

    /// Where the list goes on, as `read` reads it.
    pub(crate) fn after<K>(&self, read: impl FnOnce(&str) -> Option<K>) -> Result<Option<K>, Fault> {
        let wrong = || {
            let detail = "`after` must be what `next` said, with the same filters and in the same order";
            Fault::Told(Code::BadCursor, detail.into())
        };
        let place = |text: &str| read(text.strip_prefix(&*self.question)?);
        self.after.as_deref().map(|text| place(text).ok_or_else(wrong)).transpose()
    }

    /// What `after` says for what is behind this place.
    pub(crate) fn cursor(&self, place: &str) -> String {
        format!("{}{place}", self.question)
    }

    /// The page of these rows; a full one may have another behind it.
    pub(crate) fn page<R, T>(
        &self,
        rows: &[R],
        key: impl FnOnce(&R) -> String,
        shown: impl FnMut(&R) -> T,
    ) -> Page<T> {
        let full = rows.len() as u64 >= u64::from(self.limit().rows());
        let next = rows.last().filter(|_| full).map(key).map(|place| self.cursor(&place));
        Page { next, items: rows.iter().map(shown).collect() }
    }
}
