//! `cargo xtask dev`: a gateway to try things on, with the people and repositories of the example file.

use std::{env, fs};

use crate::{
    error::{Error, Result},
    gateway::{Gateway, TokenOf, token},
    run::{cargo, root, run},
};

const LISTEN: &str = "127.0.0.1:8080";
const CLIENT_ID: &str = "6f1d9c52-84c1-4f0e-9d8a-9b1c2f7a3e10";

/// Starts it in a temporary directory, prints lines to paste, and runs until it is interrupted.
pub(crate) fn dev() -> Result<()> {
    run(&mut cargo(&["build", "--package", "wharfinger"]))?;
    let example = root().join("deploy").join("bootstrap.example.toml");
    let bootstrap = fs::read_to_string(&example).map_err(Error::io(example.display().to_string()))?;
    let directory = env::temp_dir().join(format!("wharfinger-dev-{}", std::process::id()));
    fs::create_dir(&directory).map_err(Error::io(directory.display().to_string()))?;
    let person = || token(TokenOf::Person);
    let (admin, alice, reader, lost, carol) = (person()?, person()?, person()?, person()?, person()?);
    let application = token(TokenOf::Application)?;
    let secrets = [
        ("ADMIN_PASSWORD", "only for trying things"),
        ("ADMIN_TOKEN", admin.as_str()),
        ("ALICE_TOKEN", &alice),
        ("ALICE_READ_TOKEN", &reader),
        ("ALICE_LOST_TOKEN", &lost),
        ("CAROL_TOKEN", &carol),
        ("GUS_PASSWORD", "only for trying things"),
        ("CI_WEBHOOK_SECRET", "whsec_b25seSBmb3IgdHJ5aW5nIHRoaW5ncyBoZXJl"),
        ("BUILD_SERVER_TOKEN", &application),
    ];
    let gateway = Gateway::start(&directory, LISTEN, &bootstrap, &secrets)?;
    let host = gateway.address();
    println!("\nhttp://{host}, with deploy/bootstrap.example.toml, in {}\n", directory.display());
    for (who, name, secret) in [
        ("a member who may publish", "alice", &alice),
        ("the same, only reading alpha/images", "alice", &reader),
        ("an application", CLIENT_ID, &application),
        ("the administrator", "root-admin", &admin),
    ] {
        println!("# {who}\necho {secret} | docker login {host} -u {name} --password-stdin");
    }
    println!("\n# a private and a public image");
    for repository in ["alpha/images", "alpha/public-images"] {
        println!("tar -cf - -C /etc hosts | docker import - {host}/p/{repository}/hello:1");
        println!("docker push {host}/p/{repository}/hello:1");
    }
    println!(
        "\n# a private Maven repository (in settings.xml and pom.xml), a public NuGet feed, private files"
    );
    println!("<server><id>wharfinger</id><username>alice</username><password>{alice}</password></server>");
    println!("<repository><id>wharfinger</id><url>http://{host}/maven/p/alpha/jars</url></repository>");
    let feed = format!("http://{host}/nuget/p/alpha/packages/v3/index.json");
    println!("dotnet nuget push X.nupkg --source {feed} --api-key {alice} --allow-insecure-connections");
    println!("curl -u 'alice:{alice}' --upload-file X http://{host}/files/p/alpha/files/");
    println!("\nexport WHARFINGER_SERVER=http://{host} WHARFINGER_TOKEN={admin}\n\nCtrl-C ends it.");
    gateway.wait()
}
