//! The first minutes with curl.

use domain::{ClientLines, Connecting, Step, shell_word};

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

/// Whatever speaks HTTP.
pub(super) fn clients(to: &Connecting<'_>) -> Vec<ClientLines> {
    let (user, secret) = (shell_word(to.user), to.shell_secret());
    let (curl, wget) = if to.is_nobody() {
        ("curl".to_owned(), "wget".to_owned())
    } else {
        (
            format!("curl -u {user}:{secret}"),
            format!("wget --auth-no-challenge --user {user} --password {secret}"),
        )
    };
    let place = format!("{}/files/p/{}", to.origin, to.repository);
    let pushed = format!("{place}/hello/hosts");
    let pulled = to.example.map_or_else(|| pushed.clone(), |(_, path)| format!("{place}/{path}"));
    let push = format!("{curl} --fail-with-body --upload-file /etc/hosts {pushed}");
    let pull = format!("{curl} -fL -O {pulled}");
    vec![
        ClientLines::new("curl", [(Step::Push, None, push), (Step::Pull, None, pull)]),
        ClientLines::new("wget", [(Step::Pull, None, format!("{wget} {pulled}"))]),
    ]
}
