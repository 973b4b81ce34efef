//! permission-cache
