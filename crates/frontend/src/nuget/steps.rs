//! The first minutes with dotnet.

use domain::{ClientLines, Connecting, Step, shell_word, xml_text};

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

/// What each client needs to restore from there and to push there.
pub(super) fn clients(to: &Connecting<'_>) -> Vec<ClientLines> {
    let (user, secret, id) = (shell_word(to.user), to.shell_secret(), to.id());
    let in_xml = xml_text(to.user);
    let feed = format!("{}/nuget/p/{}/v3", to.origin, to.repository);
    let insecure = if to.is_tls() { "" } else { " --allow-insecure-connections" };
    let allowed = if to.is_tls() { "" } else { " allowInsecureConnections=\"true\"" };
    let (package, version) = to.example.unwrap_or(("hello", "1.0.0"));
    vec![
        ClientLines::new(
            "dotnet",
            [
                (
                    Step::LogIn,
                    None,
                    format!(
                        "dotnet nuget add source {feed}/index.json --name {id} --username {user} --password {secret} \
                         --store-password-in-clear-text{insecure}"
                    ),
                ),
                (
                    Step::Push,
                    None,
                    format!(
                        "dotnet pack -o packed\ndotnet nuget push 'packed/*.nupkg' --source {feed}/index.json --api-key {secret}{insecure}"
                    ),
                ),
                (Step::Pull, None, format!("dotnet add package {package} --version {version}")),
            ],
        ),
        ClientLines::new(
            "nuget.config",
            [
                (
                    Step::LogIn,
                    Some("nuget.config"),
                    format!(
                        "<configuration>\n  <packageSources>\n    <add key=\"{id}\" value=\"{feed}/index.json\"{allowed} />\n  \
                         </packageSources>\n  <packageSourceCredentials>\n    <{id}>\n      <add key=\"Username\" value=\"{in_xml}\" />\n      \
                         <add key=\"ClearTextPassword\" value=\"%WHARFINGER_TOKEN%\" />\n    </{id}>\n  </packageSourceCredentials>\n\
                         </configuration>"
                    ),
                ),
                (Step::LogIn, None, format!("export WHARFINGER_TOKEN={secret}")),
                (Step::Pull, None, "dotnet restore".to_owned()),
            ],
        ),
        ClientLines::new(
            "Paket",
            [
                (
                    Step::LogIn,
                    None,
                    format!(
                        "paket config add-credentials {feed}/index.json --username {user} --password {secret}"
                    ),
                ),
                (
                    Step::Pull,
                    Some("paket.dependencies"),
                    format!("source {feed}/index.json\n\nnuget {package} {version}"),
                ),
                (Step::Pull, None, "paket install".to_owned()),
            ],
        ),
    ]
}
