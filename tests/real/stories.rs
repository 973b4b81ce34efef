//! What people do with images, told once and done by each client.

use super::{
    clients::{Buildah, Client, Containerd, Crane, Docker, Oras, Podman, Regctl, Skopeo},
    hub::{Hub, Login},
    sandbox::unique,
    wanted::{wanted, wanted_of_all},
};

/// A log-in with a wrong secret is refused, one with a right secret is not.
fn login_is_checked(client: &impl Client, hub: &Hub) {
    client.login(&hub.address, &hub.member.name, &hub.application.secret).refused();
    client.login(&hub.address, "nobody", &hub.member.secret).refused();
    client.login(&hub.address, &hub.member.name, "wrong").refused();
    for Login { name, secret } in [&hub.member, &hub.application, &hub.limited] {
        client.login(&hub.address, name, secret).succeeds();
    }
    client.logout(&hub.address).succeeds();
}

/// For a client whose log-in asks nobody: wrong credentials are refused when they are used.
fn wrong_login_is_refused_later(client: &impl Client, hub: &Hub) {
    let (image, hello) = (hub.private("app"), unique());
    client.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    publish(client, &format!("{image}:1.0"), &hello);
    client.login(&hub.address, &hub.member.name, "wrong").succeeds();
    client.pull(&format!("{image}:1.0")).refused();
    client.login(&hub.address, &hub.application.name, &hub.application.secret).succeeds();
    pull(client, &format!("{image}:1.0"), &hello);
}

/// Who may publish pushes to a private repository and pulls by tag and by digest, until logging out.
fn private_image(client: &impl Client, hub: &Hub, who: &Login) {
    let (image, hello) = (hub.private("app"), unique());
    client.login(&hub.address, &who.name, &who.secret).succeeds();
    let digest = publish(client, &format!("{image}:1.0"), &hello);
    pull(client, &format!("{image}:1.0"), &hello);
    pull(client, &format!("{image}@{digest}"), &hello);

    client.logout(&hub.address).succeeds();
    client.pull(&format!("{image}:1.0")).refused();
    client.pull(&format!("{image}@{digest}")).refused();
    client.make(&format!("{image}:2.0"), &hello);
    client.push(&format!("{image}:2.0")).refused();
}

/// A stranger pulls from a public repository without a log-in, and pushes nothing there.
fn public_image(client: &impl Client, hub: &Hub) {
    let (image, hello) = (hub.public("app"), unique());
    client.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    let digest = publish(client, &format!("{image}:1.0"), &hello);

    client.logout(&hub.address).succeeds();
    pull(client, &format!("{image}:1.0"), &hello);
    pull(client, &format!("{image}@{digest}"), &hello);
    client.make(&format!("{image}:2.0"), &hello);
    client.push(&format!("{image}:2.0")).refused();
}

/// A token limited to reading one repository reads it, does not write it, and sees no other.
fn limited_token(client: &impl Client, hub: &Hub) {
    let (image, other, hello) = (hub.private("app"), hub.other("app"), unique());
    client.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    publish(client, &format!("{image}:1.0"), &hello);
    publish(client, &format!("{other}:1.0"), &hello);

    client.login(&hub.address, &hub.limited.name, &hub.limited.secret).succeeds();
    pull(client, &format!("{image}:1.0"), &hello);
    client.pull(&format!("{other}:1.0")).refused();
    client.make(&format!("{image}:2.0"), &hello);
    client.push(&format!("{image}:2.0")).refused();
    client.logout(&hub.address).succeeds();
}

/// A person without any right in the project is a person all the same: log-in works, pulling does not.
fn outsider(client: &impl Client, hub: &Hub) {
    let (image, public, hello) = (hub.private("app"), hub.public("app"), unique());
    client.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    publish(client, &format!("{image}:1.0"), &hello);
    publish(client, &format!("{public}:1.0"), &hello);

    client.login(&hub.address, &hub.outsider.name, &hub.outsider.secret).succeeds();
    client.pull(&format!("{image}:1.0")).refused();
    client.pull(&format!("{}:1.0", hub.absent("app"))).refused();
    pull(client, &format!("{public}:1.0"), &hello);
}

/// Docker sends a layer once: not again under another tag, nor to another repository that may be read.
#[test]
fn docker_sends_each_layer_once() {
    tell(
        wanted(&["docker"]),
        |_| Docker::start(),
        |docker, hub| {
            let (first, hello) = (format!("{}:1.0", hub.private("app")), unique());
            docker.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
            publish(docker, &first, &hello);

            // A second layer on top of the first.
            let second = format!("{}:2.0", hub.private("app"));
            let container = docker.run(&["create", &first, "/none"], "").succeeds();
            let container = container.text.trim();
            docker.run(&["cp", "/etc/os-release", &format!("{container}:/other.txt")], "").succeeds();
            docker.run(&["commit", container, &second], "").succeeds();
            docker.run(&["rm", container], "").succeeds();
            docker.push(&second).succeeds().says("Layer already exists");
            docker.push(&second).succeeds();

            let elsewhere = format!("{}:2.0", hub.public("app"));
            docker.run(&["tag", &second, &elsewhere], "").succeeds();
            docker.push(&elsewhere).succeeds().says("Mounted from");
            pull(docker, &elsewhere, &hello);
        },
    );
}

/// The client shows no more than a status (moby/moby#10906): it is another one than of something that is not there.
#[test]
fn docker_search_is_told_that_it_is_not_served() {
    tell(
        wanted(&["docker"]),
        |_| Docker::start(),
        |docker, hub| {
            docker.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
            docker.run(&["search", &format!("{}/app", hub.address)], "").fails().says("501");
        },
    );
}

/// The most frequent mistake of newcomers is named at once, and not after five tries.
#[test]
fn docker_is_told_that_the_image_is_missing_in_a_name() {
    tell(
        wanted(&["docker"]),
        |_| Docker::start(),
        |docker, hub| {
            let (image, hello) = (format!("{}:1.0", hub.private("app")), unique());
            docker.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
            publish(docker, &image, &hello);
            let short = format!("{}/p/alpha/images:1.0", hub.address);
            docker.run(&["tag", &image, &short], "").succeeds();
            let refused = docker.push(&short).says("image names here are PROJECT/REPOSITORY/IMAGE");
            assert!(!refused.text.contains("Retrying"), "{refused}");
        },
    );
}

fn publish(client: &impl Client, reference: &str, hello: &str) -> String {
    client.make(reference, hello);
    client.push(reference).succeeds().digest()
}

#[track_caller]
fn pull(client: &impl Client, reference: &str, hello: &str) {
    client.pull(reference).succeeds();
    assert_eq!(client.hello(reference), hello, "{reference} has other content than was pushed");
}

/// Runs a story with a fresh gateway and a fresh client, if it is wanted here.
fn tell<C: Client>(wanted: bool, client: impl FnOnce(&Hub) -> C, told: impl FnOnce(&C, &Hub)) {
    if wanted {
        let hub = Hub::start();
        let client = client(&hub);
        told(&client, &hub);
    }
}

/// The stories of one client, each a test of its own.
macro_rules! stories {
    ($module:ident, $wanted:expr, $client:expr) => {
        mod $module {
            use super::*;

            #[test]
            fn login_is_checked() {
                tell($wanted, $client, |client, hub| {
                    // A client that only writes credentials down learns of a wrong one at the first request.
                    if client.login_asks() {
                        super::login_is_checked(client, hub);
                    } else {
                        super::wrong_login_is_refused_later(client, hub);
                    }
                });
            }

            #[test]
            fn member_pushes_and_pulls() {
                tell($wanted, $client, |client, hub| private_image(client, hub, &hub.member));
            }

            #[test]
            fn application_pushes_and_pulls() {
                tell($wanted, $client, |client, hub| {
                    private_image(client, hub, &hub.application);
                });
            }

            #[test]
            fn stranger_pulls_a_public_image() {
                tell($wanted, $client, public_image);
            }

            #[test]
            fn limited_token_reads_and_no_more() {
                tell($wanted, $client, limited_token);
            }

            #[test]
            fn outsider_sees_public_images_only() {
                tell($wanted, $client, outsider);
            }
        }
    };
}

stories!(docker, wanted(&["docker"]), |_| Docker::start());
stories!(docker_29, wanted_of_all(&["docker", "docker-29", "containerd-2"]), |_| Docker::start_29());
stories!(containerd, wanted(&["containerd", "umoci"]), |_| Containerd::start());
stories!(containerd_2, wanted_of_all(&["containerd-2", "umoci"]), |_| Containerd::start_version_2());
stories!(podman, wanted(&["podman"]), |_| Podman::new());
stories!(buildah, wanted(&["buildah"]), |_| Buildah::new());
stories!(skopeo, wanted(&["skopeo", "umoci"]), |_| Skopeo::new());
stories!(crane, wanted(&["crane", "umoci"]), |_| Crane::new());
stories!(regctl, wanted(&["regctl", "umoci"]), |hub| Regctl::new(&hub.address));
stories!(oras, wanted(&["oras", "umoci"]), |_| Oras::new());
