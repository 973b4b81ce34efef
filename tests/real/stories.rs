//! What people do with images, told once and done by each client.

use super::{
    clients::{Buildah, Client, Containerd, Crane, Docker, Podman, Regctl, Skopeo},
    hub::{Hub, Login},
    sandbox::unique,
    wanted::wanted,
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

/// For a client whose log-in asks nobody: wrong credentials are refused when they are used, even where
/// a stranger is welcome.
fn wrong_login_is_refused_later(client: &impl Client, hub: &Hub) {
    let (image, hello) = (hub.public("app"), unique());
    client.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    publish(client, &format!("{image}:1.0"), &hello);
    client.login(&hub.address, &hub.member.name, "wrong").succeeds();
    client.pull(&format!("{image}:1.0")).refused();
    client.logout(&hub.address).succeeds();
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

fn publish(client: &impl Client, reference: &str, hello: &str) -> String {
    client.make(reference, hello);
    client.push(reference).succeeds().digest()
}

#[track_caller]
fn pull(client: &impl Client, reference: &str, hello: &str) {
    client.pull(reference).succeeds();
    assert_eq!(client.hello(reference), hello, "{reference} has other content than was pushed");
}

/// Runs a story with a fresh gateway and a fresh client, if the parts for it are there.
fn tell<C: Client>(parts: &[&str], client: impl FnOnce(&Hub) -> C, told: impl FnOnce(&C, &Hub)) {
    if wanted(parts) {
        let hub = Hub::start();
        let client = client(&hub);
        told(&client, &hub);
    }
}

/// The stories of one client, each a test of its own.
macro_rules! stories {
    ($module:ident, $parts:expr, $client:expr) => {
        mod $module {
            use super::*;

            #[test]
            fn login_is_checked() {
                tell(&$parts, $client, |client, hub| {
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
                tell(&$parts, $client, |client, hub| private_image(client, hub, &hub.member));
            }

            #[test]
            fn application_pushes_and_pulls() {
                tell(&$parts, $client, |client, hub| {
                    private_image(client, hub, &hub.application);
                });
            }

            #[test]
            fn stranger_pulls_a_public_image() {
                tell(&$parts, $client, public_image);
            }

            #[test]
            fn limited_token_reads_and_no_more() {
                tell(&$parts, $client, limited_token);
            }

            #[test]
            fn outsider_sees_public_images_only() {
                tell(&$parts, $client, outsider);
            }
        }
    };
}

stories!(docker, ["docker"], |_| Docker::start());
stories!(containerd, ["containerd", "umoci"], |_| Containerd::start());
stories!(podman, ["podman"], |_| Podman::new());
stories!(buildah, ["buildah"], |_| Buildah::new());
stories!(skopeo, ["skopeo", "umoci"], |_| Skopeo::new());
stories!(crane, ["crane", "umoci"], |_| Crane::new());
stories!(regctl, ["regctl", "umoci"], |hub| Regctl::new(&hub.address));
