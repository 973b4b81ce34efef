//! Helm: charts are artifacts of an OCI registry.

use super::{
    hub::Hub,
    sandbox::{Outcome, Sandbox, finish},
    wanted::wanted_of_all,
};

#[test]
fn chart_is_pushed_and_pulled() {
    if !wanted_of_all(&["helm"]) {
        return;
    }
    let hub = Hub::start();
    let sandbox = Sandbox::new("helm");
    let helm = |arguments: &[&str], input: &str| -> Outcome {
        finish(sandbox.command("helm").args(arguments), input.as_bytes())
    };
    let login = |secret: &str| {
        let name = hub.application.name.as_str();
        helm(&["registry", "login", &hub.address, "--plain-http", "-u", name, "--password-stdin"], secret)
    };
    let private = format!("oci://{}/p/alpha/images", hub.address);
    let public = format!("oci://{}/p/alpha/public-images", hub.address);
    let pull = |from: &str| helm(&["pull", &format!("{from}/web"), "--version=0.1.0", "--plain-http"], "");

    helm(&["create", "web"], "").succeeds();
    helm(&["package", "web"], "").succeeds();
    login("wrong").refused();
    login(&hub.application.secret).succeeds();
    for to in [&private, &public] {
        helm(&["push", "web-0.1.0.tgz", to, "--plain-http"], "").succeeds();
    }
    pull(&private).succeeds();
    helm(&["registry", "logout", &hub.address], "").succeeds();
    pull(&private).refused();
    pull(&public).succeeds();
}
