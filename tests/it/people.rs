//! Administering the organisation and who is in it, over the API, while the gateway runs.

mod invitations;
mod organisation;
mod passwords;
mod seen;
