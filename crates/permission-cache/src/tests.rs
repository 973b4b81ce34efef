#[cfg(not(loom))]
mod against_oracle;
#[cfg(not(loom))]
mod check_path;
#[cfg(not(loom))]
mod explained;
#[cfg(not(loom))]
mod in_force;
#[cfg(not(loom))]
mod laws;
#[cfg(loom)]
mod loom;
#[cfg(not(loom))]
mod pages;
#[cfg(not(loom))]
pub(crate) mod world;
