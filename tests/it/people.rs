//! Administering the organisation and who is in it, over the API, while the gateway runs.

mod organisation;
mod passwords;
