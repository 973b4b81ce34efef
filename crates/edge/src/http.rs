//! Grammar of HTTP that no protocol owns: paths, queries, ranges, validators, lists. All pure, none panics on anything.

pub mod accept;
pub mod condition;
pub mod date;
pub mod encoding;
pub mod etag;
pub mod link;
pub mod multipart;
pub mod path;
pub mod query;
pub mod range;
