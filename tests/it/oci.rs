//! What people and programs do with images, and what the gateway answers: docs/oci.md 1 to 6 and 9. Each story is told on
//! SQLite and on PostgreSQL.

mod blobs;
mod build_cache;
mod catalogue;
mod damaged;
mod deletes;
mod errors;
mod manifests;
mod mounts;
mod push_pull;
mod races;
mod referrers;
mod same_bytes;
mod tags;
mod uploads;
