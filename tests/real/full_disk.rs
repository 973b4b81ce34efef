//! What people are told when the gateway's disk is full: at once, and why.

use std::fs;

use super::{
    chance::noise,
    clients::{Client as _, Docker, Dotnet, Maven, MavenVersion},
    hub::Hub,
    sandbox::unique,
    wanted::wanted,
};
use crate::support::disk::DISK_MIB;

fn too_much() -> Vec<u8> {
    noise((DISK_MIB + 8) << 20)
}

#[test]
fn docker_is_told_and_does_not_try_again() {
    if !wanted(&["docker"]) {
        return;
    }
    let Some(hub) = Hub::start_on_small_disk() else { return };
    let docker = Docker::start();
    docker.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    let (small, large) = (hub.private("small:1.0"), hub.private("large:1.0"));
    docker.import(&large, "cargo.bin", &too_much());
    let refused = docker.push(&large).fails().says("no space left on device");
    assert!(!refused.text.contains("Retrying"), "{refused}");
    let hello = unique();
    docker.make(&small, &hello);
    docker.push(&small).succeeds();
    docker.pull(&small).succeeds();
    assert_eq!(docker.hello(&small), hello);
}

#[test]
fn mvn_is_told() {
    if !wanted(MavenVersion::V3_9.parts()) {
        return;
    }
    let Some(hub) = Hub::start_on_small_disk() else { return };
    let maven = Maven::new(MavenVersion::V3_9);
    let library = maven.project("library", "1.0", &hub.maven("jars"));
    let resources = library.join("core/src/main/resources");
    fs::create_dir_all(&resources).unwrap();
    let large = resources.join("large.bin");
    fs::write(&large, too_much()).unwrap();
    let core = library.join("core");
    maven.deploy(&core, Some(&hub.member)).fails().says("507").says("there is no space left to store it");
    fs::remove_file(large).unwrap();
    fs::remove_dir_all(core.join("target")).unwrap();
    maven.deploy(&core, Some(&hub.member)).succeeds();
}

#[test]
fn dotnet_is_told() {
    if !wanted(&["dotnet"]) {
        return;
    }
    let Some(hub) = Hub::start_on_small_disk() else { return };
    let dotnet = Dotnet::new();
    let to = format!("{}/package", hub.nuget("private-packages"));
    let key = Some(hub.member.secret.as_str());
    let large = dotnet.pack_large("Acme.Large", "1.0.0", &too_much());
    dotnet.push(&large, &to, key, &[]).fails().says("507").says("there is no space left to store it");
    dotnet.push(&dotnet.pack("Acme.Small", "1.0.0"), &to, key, &[]).succeeds();
}
