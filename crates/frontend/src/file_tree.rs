//! What protocols have in common whose repositories are trees of files: which characters paths have, how files are checked when they
//! come, how they and the directories above them are shown, and how failures are told that every such tree has. It knows no layout: what a
//! protocol finds wrong it says in its own words.

pub(crate) mod address;
pub(crate) mod answer;
pub(crate) mod characters;
pub(crate) mod checksum;
pub(crate) mod children;
pub(crate) mod error;
pub(crate) mod listing;
pub(crate) mod media_type;
pub(crate) mod replace;
