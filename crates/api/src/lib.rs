//! The management as a typed list of endpoints: what is asked and answered, which right it takes, what may go wrong. Router,
//! description (OpenAPI), command line and access matrix are made from that one list (docs/api.md 3).
//!
//! This crate knows neither HTTP nor SQL. `frontend` brings requests and takes answers away; every operation goes through the
//! gate and is one verb of `storage`. A new operation is its types in the file of its noun, and one line in `all.rs`.
#![warn(missing_docs)]

mod all;
mod at;
mod change;
mod describe;
mod endpoint;
pub mod grants;
pub mod me;
mod openapi;
mod page;
pub mod principals;
mod problem;
mod query;
pub mod repositories;
mod request;
mod router;
pub mod setup;
mod shape;
mod strict;
mod suggest;
pub mod tokens;
mod words;

pub use all::all;
pub use at::{At, Names, Parameter, PrincipalAt, PrincipalTokenAt, TokenAt};
pub use change::Change;
pub use endpoint::{
    Ask, Cx, Done, Endpoint, GuardedNode, LoggedIn, May, Meta, Method, Need, Nothing, On, answer,
};
pub use page::{Page, Paging};
pub use problem::{Code, Fault, Problem, ProblemDocument, ProblemField, Where, WrongField};
pub use request::Outgoing;
pub use router::{Admitted, Answered, Api, BASE, Found, Mounted, read};
pub use shape::wrong_fields;
pub use suggest::closest;
pub use words::{Moment, NodeRef, Rights, SubjectRef, Text128};
