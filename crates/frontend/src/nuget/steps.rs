//! The first minutes with dotnet.

use crate::protocol::FirstLogin;

/// The index takes a log-in, the push address takes a key.
pub(super) fn first(login: &FirstLogin<'_>, repository: &str) -> String {
    let FirstLogin { origin, username, token } = login;
    let feed = format!("{origin}/nuget/p/{repository}/v3");
    let insecure = if login.is_tls() { "" } else { " --allow-insecure-connections" };
    format!(
        "\nPush a package with dotnet, and add it to a project:\n\n    \
         dotnet nuget push hello.1.0.0.nupkg --source {feed}/package --api-key {token}{insecure}\n    \
         dotnet nuget add source {feed}/index.json --name wharfinger --username {username} --password {token} \
         --store-password-in-clear-text{insecure}\n    \
         dotnet add package hello\n"
    )
}
