//! The first minutes with docker.

use std::borrow::Cow;

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

/// What lines about images are filled with.
struct Images<'a> {
    authority: &'a str,
    user: Cow<'a, str>,
    secret: String,
    /// Host, port and repository, as they stand before the name of an image.
    place: String,
    /// An image that is there, or the one that is pushed.
    pulled: String,
    /// An image that needs nothing but a shell.
    pushed: String,
    tls: bool,
}

/// Images are small: one file of this machine, unless there is one already.
pub(super) fn clients(to: &Connecting<'_>) -> Vec<ClientLines> {
    let authority = to.authority();
    let place = format!("{authority}/p/{}", to.repository);
    let pushed = format!("{place}/hello:1");
    let pulled = match to.example {
        Some((image, tag)) => format!("{place}/{image}:{tag}"),
        None => pushed.clone(),
    };
    let (user, secret, tls) = (shell_word(to.user), to.shell_secret(), to.is_tls());
    let images = Images { authority, user, secret, place, pulled, pushed, tls };
    let mut clients = images.engines();
    clients.extend(images.tools());
    clients.push(images.kubernetes());
    clients
}

impl Images<'_> {
    /// What a program is told where there is no TLS.
    const fn plain(&self, flag: &'static str) -> &'static str {
        if self.tls { "" } else { flag }
    }

    /// How a program learns who one is, the secret not among its words.
    fn log_in(&self, command: &str) -> (Step, Option<&'static str>, String) {
        let Self { authority, user, secret, .. } = self;
        (Step::LogIn, None, format!("echo {secret} | {command} {authority} -u {user} --password-stdin"))
    }

    fn engines(&self) -> Vec<ClientLines> {
        let (pushed, pulled, unverified) = (&self.pushed, &self.pulled, self.plain(" --tls-verify=false"));
        let push = |program: &str, flag: &str| {
            let text = format!(
                "tar -cf - -C /etc hosts | {program} import - {pushed}\n{program} push{flag} {pushed}"
            );
            (Step::Push, None, text)
        };
        let docker = (Step::Pull, None, format!("docker pull {pulled}"));
        let podman = (Step::Pull, None, format!("podman pull{unverified} {pulled}"));
        vec![
            ClientLines::new("docker", [self.log_in("docker login"), push("docker", ""), docker]),
            ClientLines::new(
                "podman",
                [self.log_in(&format!("podman login{unverified}")), push("podman", unverified), podman],
            ),
        ]
    }

    fn tools(&self) -> Vec<ClientLines> {
        let Self { place, pulled, .. } = self;
        let (unverified, insecure, http) =
            (self.plain(" --tls-verify=false"), self.plain(" --insecure"), self.plain(" --plain-http"));
        let skopeo = (Step::Pull, None, format!("skopeo inspect{unverified} docker://{pulled}"));
        let crane = (Step::Pull, None, format!("crane pull{insecure} {pulled} image.tar"));
        let pushed =
            format!("echo hello > hello.txt\noras push{http} {place}/hello-file:1 hello.txt:text/plain");
        let oras = (Step::Pull, None, format!("oras pull{http} {place}/hello-file:1"));
        vec![
            ClientLines::new("skopeo", [self.log_in(&format!("skopeo login{unverified}")), skopeo]),
            ClientLines::new("crane", [self.log_in("crane auth login"), crane]),
            ClientLines::new(
                "oras",
                [self.log_in(&format!("oras login{http}")), (Step::Push, None, pushed), oras],
            ),
            ClientLines::new("helm", [self.log_in(&format!("helm registry login{http}"))]),
        ]
    }

    fn kubernetes(&self) -> ClientLines {
        let Self { authority, user, secret, pulled, .. } = self;
        let known = format!(
            "kubectl create secret docker-registry wharfinger --docker-server={authority} --docker-username={user} \
             --docker-password={secret}"
        );
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: hello\nspec:\n  imagePullSecrets:\n    - name: wharfinger\n  \
             containers:\n    - name: hello\n      image: {pulled}"
        );
        ClientLines::new("Kubernetes", [(Step::LogIn, None, known), (Step::Pull, Some("pod.yaml"), pod)])
    }
}
