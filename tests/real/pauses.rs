//! Uploads whose source pauses and answers whose reader pauses, all of them at the same time: copies from one registry to another
//! stand still while the slower side works (containers/image#1083, regclient/regclient#69), and proxies hold a layer back for up
//! to three minutes (containers/skopeo#2101).

use std::{thread, time::Duration};

use tokio::time::Instant;

use super::{
    chance::noise,
    clients::{Client, Crane, Docker, Skopeo},
    hub::{Hub, Login},
    sandbox::unique,
    wanted::{all_clients, wanted},
};

mod held;

use held::{Held, Relay};

/// Longer than any time-out of half a minute.
const PAUSE: Duration = Duration::from_secs(45);
/// With `--all-clients`: longer than the three minutes for which proxies hold back.
const LONG_PAUSE: Duration = Duration::from_secs(200);

/// Of a layer, at least, when it has been compressed: more than the buffers between a reader that pauses and the gateway hold.
const LAYER_BYTES: usize = 8 << 20;

/// Everything that a story here works with.
struct Stage {
    hub: Hub,
    pause: Duration,
    noise: String,
}

#[test]
fn whoever_pauses_ends_well() {
    if !wanted(&["skopeo", "crane", "docker", "umoci"]) {
        return;
    }
    let pause = if all_clients() { LONG_PAUSE } else { PAUSE };
    let stage = Stage { hub: Hub::start(), pause, noise: text_of(&noise(LAYER_BYTES)) };
    let (skopeo, crane, docker) = (Skopeo::new(), Crane::new(), Docker::start());
    let (copier, reader) = (Skopeo::new(), Skopeo::new());
    // What is pulled was pushed by others, without a pause.
    let (seed, hello) = (Crane::new(), stage.hello());
    let image = format!("{}:seed", stage.hub.private("app"));
    log_in(&seed, &stage.hub.address, &stage.hub.member);
    seed.make(&image, &hello);
    seed.push(&image).succeeds();

    let started = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| stage.push(&skopeo, "skopeo"));
        scope.spawn(|| stage.push(&crane, "crane"));
        scope.spawn(|| stage.push(&docker, "docker"));
        scope.spawn(|| stage.pull(&reader, &hello));
        scope.spawn(|| stage.pull(&Crane::new(), &hello));
        scope.spawn(|| stage.pull(&Docker::start(), &hello));
        scope.spawn(|| stage.copy(&copier, &hello));
    });
    assert!(started.elapsed() >= pause, "nobody has paused");
}

impl Stage {
    /// The text of a file that nobody has pushed yet.
    fn hello(&self) -> String {
        unique() + &self.noise
    }

    /// A push whose source pauses in the middle of the layer.
    fn push(&self, client: &impl Client, image: &str) {
        let relay = self.relay(&self.hub, Held::Source);
        let hello = self.hello();
        let reference = format!("{}/p/alpha/images/app:{image}", relay.address);
        log_in(client, &relay.address.to_string(), &self.hub.member);
        client.make(&reference, &hello);
        client.push(&reference).succeeds();
        self.is_there(image, &hello);
        relay.carried_once(LAYER_BYTES as u64);
    }

    /// A pull that stops reading in the middle of the layer.
    fn pull(&self, client: &impl Client, hello: &str) {
        let relay = self.relay(&self.hub, Held::Reader);
        let reference = format!("{}/p/alpha/images/app:seed", relay.address);
        log_in(client, &relay.address.to_string(), &self.hub.member);
        client.pull(&reference).succeeds();
        assert!(client.hello(&reference) == hello, "other content than was pushed");
        relay.carried_once(LAYER_BYTES as u64);
    }

    /// A copy to another gateway, whose source stands still: the one has a reader that pauses, the other a writer.
    fn copy(&self, skopeo: &Skopeo, hello: &str) {
        let other = Hub::start();
        let (from, to) =
            (self.relay(&self.hub, Held::Reader), Relay::start(&other.address, Held::Source, Duration::ZERO));
        let image = |host: &str, tag: &str| format!("{host}/p/alpha/images/app:{tag}");
        log_in(skopeo, &from.address.to_string(), &self.hub.member);
        log_in(skopeo, &to.address.to_string(), &other.member);
        let (source, copied) =
            (image(&from.address.to_string(), "seed"), image(&to.address.to_string(), "copy"));
        let copy = ["copy", "--src-tls-verify=false", "--dest-tls-verify=false"];
        let (source, copied) = (format!("docker://{source}"), format!("docker://{copied}"));
        skopeo.run(&[copy.as_slice(), &[&source, &copied]].concat(), "").succeeds();
        log_in(skopeo, &other.address, &other.member);
        let reference = image(&other.address, "copy");
        skopeo.pull(&reference).succeeds();
        assert!(skopeo.hello(&reference) == hello, "other content than was copied");
        for relay in [from, to] {
            relay.carried_once(LAYER_BYTES as u64);
        }
    }

    fn relay(&self, hub: &Hub, who: Held) -> Relay {
        Relay::start(&hub.address, who, self.pause)
    }

    /// What was pushed comes back as it was.
    fn is_there(&self, tag: &str, hello: &str) {
        let crane = Crane::new();
        let reference = format!("{}:{tag}", self.hub.private("app"));
        log_in(&crane, &self.hub.address, &self.hub.member);
        crane.pull(&reference).succeeds();
        assert!(crane.hello(&reference) == hello, "other content than was pushed");
    }
}

fn log_in(client: &impl Client, host: &str, who: &Login) {
    client.login(host, &who.name, &who.secret).succeeds();
}

/// Noise as a text, which no compression makes smaller than the noise.
fn text_of(noise: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap();
    noise.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
