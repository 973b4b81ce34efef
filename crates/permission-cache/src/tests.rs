mod against_oracle;
mod check_path;
mod in_force;
mod laws;
mod pages;
mod world;
