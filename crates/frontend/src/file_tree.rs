//! What protocols have in common whose repositories are trees of files: which characters paths have, how files are checked when they
//! come, and how they and the directories above them are shown. It knows no layout and no wire errors: a protocol says what is
//! wrong in its own words.

pub(crate) mod address;
pub(crate) mod answer;
pub(crate) mod characters;
pub(crate) mod checksum;
pub(crate) mod children;
pub(crate) mod listing;
pub(crate) mod media_type;
pub(crate) mod replace;
