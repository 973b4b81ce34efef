//! The first minutes with docker.

use crate::protocol::FirstLogin;

/// An image that needs nothing but a shell: one file of this machine.
pub(super) fn first(login: &FirstLogin<'_>, repository: &str) -> String {
    let FirstLogin { origin: _, username, token } = login;
    let authority = login.authority();
    let image = format!("{authority}/p/{repository}/hello:1");
    format!(
        "\nLog in with docker, push an image made of one small file, and pull it:\n\n    \
         echo '{token}' | docker login {authority} -u {username} --password-stdin\n    \
         tar -cf - -C /etc hosts | docker import - {image}\n    \
         docker push {image}\n    \
         docker pull {image}\n"
    )
}
