//! Every test of the gateway as a whole, in one binary. `cfg(test)` tells clippy that all of it is test code.

#[cfg(test)]
mod access_matrix;
#[cfg(test)]
mod addresses;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod backups;
#[cfg(test)]
mod browsers;
#[cfg(test)]
mod ceilings;
#[cfg(test)]
mod checklist;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod console;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod dependents;
#[cfg(test)]
mod description;
#[cfg(test)]
mod details;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod escalation;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod files;
#[cfg(test)]
mod first_run;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod import;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod log_ins;
#[cfg(test)]
mod management;
#[cfg(test)]
mod maven;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod nuget;
#[cfg(test)]
mod oci;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod participants;
#[cfg(test)]
mod people;
#[cfg(test)]
mod pins;
#[cfg(test)]
mod policies;
#[cfg(test)]
#[path = "../real/real.rs"]
mod real;
#[cfg(test)]
mod recipes;
#[cfg(test)]
mod request_log;
#[cfg(test)]
mod resources;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod upgrade;
#[cfg(test)]
mod upkeep;
#[cfg(test)]
mod usage;
#[cfg(test)]
mod versions;
#[cfg(test)]
mod webhooks;
