//! x
#![allow(dead_code)]
mod layout;
mod metadata;
mod pom;
mod version;
mod xml;
