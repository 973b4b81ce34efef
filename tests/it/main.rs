//! Every test of the gateway as a whole, in one binary. `cfg(test)` tells clippy that all of it is test code.

#[cfg(test)]
#[path = "../real/real.rs"]
mod real;
#[cfg(test)]
mod tidy;
