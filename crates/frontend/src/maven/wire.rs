//! What goes over the wire besides files.

use http::HeaderValue;

/// Type of `maven-metadata.xml`.
pub(crate) const XML: HeaderValue = HeaderValue::from_static("application/xml");
