//! The console, at `HOST/`: pages for people, rendered here over the operations of `api` (docs/console.md). It has no right of its own: whatever
//! a page shows or a form changes is asked in process, with the caller's proof, through the same list, schemas and gate that answer over
//! HTTP.
//!
//! This crate knows neither HTTP nor SQL; `frontend` brings requests and takes answers away. A new page is its file in `pages/` with its
//! template, its texts in `texts/`, and one line in `pages.rs`.
#![warn(missing_docs)]

mod assets;
mod caller;
mod chart;
mod door;
mod fault;
mod form;
mod frame;
mod guide;
mod look;
mod markdown;
mod pages;
mod parts;
mod reference;
mod room;
mod route;
mod show;
mod texts;
mod visit;
mod who;

pub use assets::Asset;
pub use door::{Answer, Asked, Content, Cookies, Doors, Download, Lines, SetCookie};
pub use form::BYTES_MAX as FORM_BYTES_MAX;
pub use look::{Language, Theme};
pub use route::{Console, addresses};
