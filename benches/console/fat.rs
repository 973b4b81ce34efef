//! Versions that have as much to say as somebody can make them say, most of it characters that HTML writes longer.

use std::io::{Cursor, Write as _};

use benches::Outcome;
use benches::gateway::{MANIFEST, sha256};
use benches::package::form;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::filling::{Sent, blob, manifest};
use super::world::DEEP;

/// What is called so is fat.
pub(crate) const NAME: &str = "fat";

/// One of each format, into the deep project.
pub(crate) fn all() -> Outcome<Vec<Sent>> {
    let mut all = image();
    all.push(pom());
    all.extend([package("md")?, package("txt")?]);
    Ok(all)
}

fn quotes(chars: usize) -> String {
    "'".repeat(chars)
}

fn image() -> Vec<Sent> {
    let place = format!("{DEEP}/oci");
    let history: Vec<String> =
        (0..120).map(|_| format!(r#"{{"created_by":"RUN {}"}}"#, quotes(3900))).collect();
    let environment: Vec<String> = (0..200).map(|at| format!("\"V{at}={}\"", quotes(3900))).collect();
    let labels: Vec<String> = (0..200).map(|at| format!("\"label-{at}\":\"{}\"", quotes(3900))).collect();
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux","config":{{"Env":[{}],"Labels":{{{}}},"Cmd":["{}"]}},"history":[{}]}}"#,
        environment.join(","),
        labels.join(","),
        quotes(3900),
        history.join(",")
    );
    let layer = b"a layer";
    let layers: Vec<String> = (0..120)
        .map(|_| {
            format!(
                r#"{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{}","size":7}}"#,
                sha256(layer)
            )
        })
        .collect();
    let annotations: Vec<String> = ["title", "description", "authors", "licenses", "vendor"]
        .map(|name| format!(r#""org.opencontainers.image.{name}":"{}""#, quotes(3900)))
        .into();
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},"layers":[{}],"annotations":{{{}}}}}"#,
        sha256(config.as_bytes()),
        config.len(),
        layers.join(","),
        annotations.join(",")
    );
    let blobs = [config.as_bytes(), layer].map(|bytes| blob(&place, NAME, bytes));
    let tags = (0..110).map(|at| manifest(&place, NAME, &format!("{at}-{}", "x".repeat(110)), &text));
    blobs.into_iter().chain([manifest(&place, NAME, "1", &text)]).chain(tags).collect()
}

fn pom() -> Sent {
    let dependency = |at: usize| {
        format!(
            "<dependency><groupId>org.bench{}</groupId><artifactId>app-{at}</artifactId><version>{}</version><scope>test</scope></dependency>",
            ".x".repeat(100),
            quotes(1000)
        )
    };
    let many = |of: fn(usize) -> String| (0..250).map(of).collect::<String>();
    let dependencies: String = (0..250).map(dependency).collect();
    let licences = many(|at| {
        format!("<license><name>{}{at}</name><url>https://licence.example/{at}</url></license>", quotes(1000))
    });
    let developers = many(|at| format!("<developer><name>{}{at}</name></developer>", quotes(1000)));
    let body = format!(
        "<project><groupId>org.bench</groupId><artifactId>{NAME}</artifactId><version>1</version><name>{0}</name><description>{0}</description>\
         <url>https://home.example/{1}</url><licenses>{licences}</licenses><developers>{developers}</developers><dependencies>{dependencies}</dependencies></project>",
        quotes(3900),
        "x".repeat(1900),
    );
    Sent {
        method: "PUT",
        path: format!("/maven/p/{DEEP}/maven/org/bench/{NAME}/1/{NAME}-1.pom"),
        content_type: "application/xml".to_owned(),
        body: body.into_bytes(),
    }
}

/// A NuGet package whose read-me ends so.
fn package(readme: &str) -> Outcome<Sent> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let dependency = |at: usize| {
        format!("<dependency id=\"Bench.{at}{}\" version=\"[1.0,{}.0)\"/>", ".x".repeat(40), at + 2)
    };
    let group = |at: usize| {
        let dependencies: String = (0..20).map(dependency).collect();
        format!("<group targetFramework=\"net{at}.0\">{dependencies}</group>")
    };
    let groups: String = (1..20).map(group).collect();
    archive.start_file("fat.nuspec", stored)?;
    let nuspec = format!(
        "<?xml version=\"1.0\"?><package xmlns=\"http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd\"><metadata>\
         <id>Bench.{NAME}.{readme}</id><version>1.0.0</version><authors>{}</authors><description>{}</description><title>{}</title>\
         <tags>{}</tags><readme>readme.{readme}</readme><dependencies>{groups}</dependencies></metadata></package>",
        format!("{},", quotes(15)).repeat(250),
        quotes(3900),
        quotes(200),
        format!("{} ", quotes(15)).repeat(250),
    );
    archive.write_all(nuspec.as_bytes())?;
    archive.start_file(format!("readme.{readme}"), stored)?;
    archive.write_all(format!("# '\n\n{}\n\n", quotes(76)).repeat(3000).as_bytes())?;
    let (content_type, body) = form(&archive.finish()?.into_inner());
    Ok(Sent { method: "PUT", path: format!("/nuget/p/{DEEP}/nuget/v3/package/"), content_type, body })
}
