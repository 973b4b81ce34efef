//! The first minutes with curl.

use crate::protocol::FirstLogin;

/// A file of this machine there, back again under another name, and its hash compared.
pub(super) fn first(login: &FirstLogin<'_>, repository: &str) -> String {
    let FirstLogin { origin, username, token } = login;
    let (url, curl) =
        (format!("{origin}/files/p/{repository}/hello/hosts"), format!("curl -u '{username}:{token}'"));
    format!(
        "\nUpload a file with curl, fetch it, and compare its hash:\n\n    \
         {curl} --fail-with-body --upload-file /etc/hosts {url}\n    \
         {curl} -fL -O {url}\n    \
         echo \"$({curl} -fsS {url}.sha256)  hosts\" | sha256sum -c\n"
    )
}
