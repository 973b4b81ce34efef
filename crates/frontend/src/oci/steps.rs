//! The first minutes with docker.

use domain::{ClientLines, Connecting, Step, shell_word};

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

/// Images are small: one file of this machine, unless there is one already.
pub(super) fn clients(to: &Connecting<'_>) -> Vec<ClientLines> {
    let (authority, user, secret) = (to.authority(), shell_word(to.user), to.secret);
    let place = format!("{authority}/p/{}", to.repository);
    let pulled = match to.example {
        Some((image, tag)) => format!("{place}/{image}:{tag}"),
        None => format!("{place}/hello:1"),
    };
    let pushed = format!("{place}/hello:1");
    let plain = |flag: &'static str| if to.is_tls() { "" } else { flag };
    let tarred = |program: &str| {
        format!("tar -cf - -C /etc hosts | {program} import - {pushed}\n{program} push {pushed}")
    };
    let (insecure, http, unverified) =
        (plain(" --insecure"), plain(" --plain-http"), plain(" --tls-verify=false"));
    vec![
        ClientLines::new(
            "docker",
            [
                (
                    Step::LogIn,
                    None,
                    format!("echo '{secret}' | docker login {authority} -u {user} --password-stdin"),
                ),
                (Step::Push, None, tarred("docker")),
                (Step::Pull, None, format!("docker pull {pulled}")),
            ],
        ),
        ClientLines::new(
            "podman",
            [
                (
                    Step::LogIn,
                    None,
                    format!(
                        "echo '{secret}' | podman login{unverified} {authority} -u {user} --password-stdin"
                    ),
                ),
                (
                    Step::Push,
                    None,
                    format!(
                        "tar -cf - -C /etc hosts | podman import - {pushed}\npodman push{unverified} {pushed}"
                    ),
                ),
                (Step::Pull, None, format!("podman pull{unverified} {pulled}")),
            ],
        ),
        ClientLines::new(
            "skopeo",
            [
                (
                    Step::LogIn,
                    None,
                    format!(
                        "echo '{secret}' | skopeo login{unverified} {authority} -u {user} --password-stdin"
                    ),
                ),
                (Step::Pull, None, format!("skopeo inspect{unverified} docker://{pulled}")),
            ],
        ),
        ClientLines::new(
            "crane",
            [
                (
                    Step::LogIn,
                    None,
                    format!("echo '{secret}' | crane auth login {authority} -u {user} --password-stdin"),
                ),
                (Step::Pull, None, format!("crane pull{insecure} {pulled} image.tar")),
            ],
        ),
        ClientLines::new(
            "oras",
            [
                (
                    Step::LogIn,
                    None,
                    format!("echo '{secret}' | oras login{http} {authority} -u {user} --password-stdin"),
                ),
                (
                    Step::Push,
                    None,
                    format!(
                        "echo hello > hello.txt\noras push{http} {place}/hello-file:1 hello.txt:text/plain"
                    ),
                ),
                (Step::Pull, None, format!("oras pull{http} {place}/hello-file:1")),
            ],
        ),
        ClientLines::new(
            "helm",
            [(
                Step::LogIn,
                None,
                format!("echo '{secret}' | helm registry login{http} {authority} -u {user} --password-stdin"),
            )],
        ),
        ClientLines::new(
            "Kubernetes",
            [
                (
                    Step::LogIn,
                    None,
                    format!(
                        "kubectl create secret docker-registry wharfinger --docker-server={authority} \
                         --docker-username={user} --docker-password='{secret}'"
                    ),
                ),
                (
                    Step::Pull,
                    Some("pod.yaml"),
                    format!(
                        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: hello\nspec:\n  imagePullSecrets:\n    - name: wharfinger\n  \
                         containers:\n    - name: hello\n      image: {pulled}"
                    ),
                ),
            ],
        ),
    ]
}
