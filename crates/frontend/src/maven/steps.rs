//! The first minutes with Maven and Gradle.

use crate::protocol::FirstLogin;

/// What a project needs so that it is deployed there and fetches from there.
pub(super) fn first(login: &FirstLogin<'_>, repository: &str) -> String {
    let FirstLogin { origin, username, token } = login;
    let url = format!("{origin}/maven/p/{repository}");
    let element = format!("<repository><id>wharfinger</id><url>{url}</url></repository>");
    // Older ones do not know the word that newer ones insist on.
    let insecure = if login.is_tls() { "" } else { " (from 7 on with allowInsecureProtocol = true)" };
    format!(
        "\nDeploy with mvn, and fetch. Between <servers> and </servers> of ~/.m2/settings.xml:\n\n    \
         <server><id>wharfinger</id><username>{username}</username><password>{token}</password></server>\n\n\
         In pom.xml:\n\n    \
         <distributionManagement>{element}</distributionManagement>\n    \
         <repositories>{element}</repositories>\n\n\
         Fetch with Gradle. In build.gradle{insecure}:\n\n    \
         repositories {{ maven {{ url = '{url}'; credentials {{ username = '{username}'; password = '{token}' }} }} }}\n"
    )
}
