//! The real binary, ended at every bad moment and put under every load: nothing acknowledged is lost, memory stays flat,
//! nobody suffers from somebody else's slowness.

mod full;
mod kill;
mod large;
mod refusing;
mod shutdown;
mod slow;
mod tls;
