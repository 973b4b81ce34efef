//! Packages that other servers really have, taken into a repository (docs/guide/import.md).

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command},
};

use super::{
    clients::{Client as _, Skopeo},
    hub::{Hub, becomes_ready, free_address},
    sandbox::{Sandbox, unique},
    wanted::{wanted, wanted_of_all},
};

/// Another server. It ends with this value.
struct Other {
    child: Child,
    // After the process, which has files in it.
    sandbox: Sandbox,
}

impl Other {
    fn start(sandbox: Sandbox, command: &mut Command, listen: SocketAddr) -> Self {
        let child = command.spawn().expect("it starts");
        let mut other = Self { child, sandbox };
        let ready = becomes_ready(&mut other.child, || TcpStream::connect(listen).is_ok());
        let log = fs::read_to_string(other.sandbox.path("log")).unwrap_or_default();
        assert!(ready, "it did not become ready:\n{log}");
        other
    }

    /// The registry of the CNCF.
    fn registry(listen: SocketAddr) -> Self {
        let sandbox = Sandbox::new("registry");
        let data = sandbox.path("data").display().to_string();
        let config = sandbox.file(
            "config.yml",
            &format!(
                "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {data}\n\
                 http:\n  addr: {listen}\n"
            ),
        );
        let log = sandbox.path("log");
        let mut command = sandbox.daemon("docker-registry", &log);
        // It takes every variable that begins with its name for a setting.
        command.env_remove("REGISTRY_AUTH_FILE").arg("serve").arg(config);
        Self::start(sandbox, &mut command, listen)
    }

    /// nginx with the lists that it makes of folders.
    fn lists(listen: SocketAddr, root: &Path) -> Self {
        let sandbox = Sandbox::new("lists");
        let (at, root) = (sandbox.path("").display().to_string(), root.display());
        let config = sandbox.file(
            "nginx.conf",
            &format!(
                "daemon off; master_process off; pid {at}nginx.pid; error_log stderr;\nevents {{ }}\n\
                 http {{\n  access_log off; client_body_temp_path {at}body; proxy_temp_path {at}proxy;\n  \
                 fastcgi_temp_path {at}fastcgi; uwsgi_temp_path {at}uwsgi; scgi_temp_path {at}scgi;\n  \
                 server {{ listen {listen}; root {root}; autoindex on; }}\n}}\n"
            ),
        );
        let log = sandbox.path("log");
        let mut command = sandbox.daemon("nginx", &log);
        command.arg("-c").arg(config);
        Self::start(sandbox, &mut command, listen)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn images_come_from_the_registry_of_the_cncf() {
    if !wanted_of_all(&["docker-registry", "skopeo"]) {
        return;
    }
    let address = free_address();
    let _registry = Other::registry(address);
    let (skopeo, hub, hello) = (Skopeo::new(), Hub::start(), unique());
    let there = format!("{address}/acme/tools/web:1.0");
    skopeo.make(&there, &hello);
    skopeo.push(&there).succeeds();
    let sandbox = Sandbox::new("import");
    let line = format!("import oci http://{address}/v2/acme --to alpha/images");
    hub.command_line(&sandbox, &line).succeeds().says("taken  tools/web:1.0");
    hub.command_line(&sandbox, &line).succeeds().says("0 taken (0 B), 1 the same, 0 refused");
    let here = hub.private("tools/web:1.0");
    skopeo.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    skopeo.pull(&here).succeeds();
    assert_eq!(skopeo.hello(&here), hello);
}

#[test]
fn files_come_from_the_lists_of_nginx() {
    if !wanted(&["nginx"]) {
        return;
    }
    let tree = Sandbox::new("tree");
    let jar = "m2/org/acme/rope/1.0/rope-1.0.jar";
    let (at, hello) = (tree.path(jar), unique());
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    fs::write(at, &hello).unwrap();
    fs::write(tree.path("m2/a b & c.txt"), "text").unwrap();
    let address = free_address();
    let _lists = Other::lists(address, &tree.path(""));
    let (hub, sandbox) = (Hub::start(), Sandbox::new("import"));
    let line = format!("import maven http://{address}/m2/ --only org --to alpha/public-jars");
    hub.command_line(&sandbox, &line).succeeds().says("taken  org/acme/rope/1.0/rope-1.0.jar");
    let line = format!("import files http://{address}/m2/ --to alpha/public-files");
    hub.command_line(&sandbox, &line).succeeds().says("taken  a b & c.txt");
    hub.command_line(&sandbox, &line).succeeds().says("0 taken (0 B), 2 the same, 0 refused");
}
