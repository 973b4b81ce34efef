//! nginx on the same machine before the gateway, as most people have it: what it calls its upstream arrives as `Host`.

use std::{
    net::{SocketAddr, TcpStream},
    process::Child,
};

use super::{
    clients::{Client as _, Crane},
    hub::{Hub, becomes_ready, free_address},
    sandbox::{Sandbox, unique},
    wanted::wanted,
};

/// A running nginx. It ends with this value.
struct Nginx {
    child: Child,
    // After the process, which has files in it.
    _sandbox: Sandbox,
}

impl Nginx {
    /// Passes everything on, with no more lines than the documentation says.
    fn start(listen: SocketAddr, gateway: &str) -> Self {
        let sandbox = Sandbox::new("nginx");
        let at = sandbox.path("").display().to_string();
        let config = sandbox.file(
            "nginx.conf",
            &format!(
                "daemon off; master_process off; pid {at}nginx.pid; error_log stderr;\n\
                 events {{ }}\n\
                 http {{\n  access_log off; client_max_body_size 0; client_body_temp_path {at}body; proxy_temp_path {at}proxy;\n  \
                 fastcgi_temp_path {at}fastcgi; uwsgi_temp_path {at}uwsgi; scgi_temp_path {at}scgi;\n  \
                 upstream wharfinger_backend {{ server {gateway}; }}\n  \
                 server {{ listen {listen}; location / {{ proxy_pass http://wharfinger_backend; }} }}\n}}\n"
            ),
        );
        let log = sandbox.path("log");
        let mut command = sandbox.daemon("nginx", &log);
        let child = command.arg("-c").arg(config).spawn().expect("nginx starts");
        let mut nginx = Self { child, _sandbox: sandbox };
        let ready = becomes_ready(&mut nginx.child, || TcpStream::connect(listen).is_ok());
        assert!(ready, "nginx did not become ready:\n{}", std::fs::read_to_string(log).unwrap());
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn images_pass_nginx_on_this_machine() {
    if !wanted(&["nginx", "crane"]) {
        return;
    }
    let front = free_address();
    let hub = Hub::start_known_as(&format!("http://{front}"));
    let _nginx = Nginx::start(front, &hub.address);
    let (crane, host, hello) = (Crane::new(), front.to_string(), unique());
    let image = format!("{host}/p/alpha/images/app:1.0");
    crane.login(&host, &hub.member.name, &hub.member.secret).succeeds();
    crane.make(&image, &hello);
    crane.push(&image).succeeds();
    crane.pull(&image).succeeds();
    assert_eq!(crane.hello(&image), hello);
}

/// Where nobody has said what the address is, it would have to be believed; the answer says what to write.
#[test]
fn nginx_before_a_gateway_without_an_address_is_told_the_line() {
    if !wanted(&["nginx", "crane"]) {
        return;
    }
    let front = free_address();
    let hub = Hub::start();
    let _nginx = Nginx::start(front, &hub.address);
    let told =
        Crane::new().run(&["manifest", "--insecure", &format!("{front}/p/alpha/public-images/app:1.0")], "");
    told.fails().says("public_url");
}
