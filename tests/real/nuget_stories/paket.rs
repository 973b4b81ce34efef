//! Paket, another client of NuGet feeds.

use super::super::{
    clients::{Dotnet, Paket},
    hub::{Hub, Login},
    wanted::wanted,
};
use super::BERTH;

#[test]
fn paket_pushes_and_installs() {
    if !wanted(&["dotnet", "paket"]) {
        return;
    }
    let (hub, dotnet, paket) = (Hub::start(), Dotnet::new(), Paket::new());
    let (public, private) = (hub.nuget("packages"), hub.nuget("private-packages"));
    let ways = [("1.0.0", &hub.member), ("1.1.0", &hub.application), ("1.2.0", &hub.publisher)];
    for (version, who) in ways {
        let package = dotnet.pack(BERTH, version);
        // Whatever address people paste: what a feed is called, or where it is pushed to.
        paket.push(&package, &format!("{public}/index.json"), &who.secret).succeeds();
        paket.push(&package, &format!("{private}/package"), &who.secret).succeeds();
    }
    let index = |feed: &str| format!("{feed}/index.json");
    for (version, who) in [("1.0.0", &hub.application), ("1.1.0", &hub.password), ("1.2.0", &hub.member)] {
        paket.install(&index(&private), Some(who), BERTH, version).succeeds();
        assert!(paket.installed(BERTH).is_dir(), "{version} is not installed");
    }
    paket.install(&index(&public), None, BERTH, "1.1.0").succeeds();

    let package = dotnet.pack(BERTH, "2.0.0");
    paket.push(&package, &format!("{private}/package"), "wrong").refused();
    paket.push(&package, &format!("{private}/package"), &hub.limited.secret).refused();
    paket.install(&index(&private), None, BERTH, "1.0.0").refused();
    let wrong = Login { secret: hub.member.secret.clone(), ..hub.application.clone() };
    paket.install(&index(&private), Some(&wrong), BERTH, "1.0.0").refused();
    paket.install(&index(&private), Some(&hub.limited), BERTH, "1.0.0").refused();
}
