//! `Link` to the next page (RFC 8288).

use ::http::HeaderValue;

use super::query::encode_into;

/// `<path?name=value&…>; rel="next"`: `path` as the client spelt it, values encoded here. `None` if the path could not
/// stand in a header, which one that came in a request can.
#[must_use]
pub fn next(path: &str, parameters: &[(&str, &str)]) -> Option<HeaderValue> {
    let mut link = String::with_capacity(path.len() + 64);
    link.push('<');
    link.push_str(path);
    for (index, (name, value)) in parameters.iter().enumerate() {
        link.push(if index == 0 { '?' } else { '&' });
        link.push_str(name);
        link.push('=');
        encode_into(&mut link, value);
    }
    link.push_str(">; rel=\"next\"");
    HeaderValue::try_from(link).ok()
}

#[cfg(test)]
mod tests;
