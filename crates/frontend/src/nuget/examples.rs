//! One request per route, for the access matrix.

use domain::{Permission, RightKind};
use http::Method;

use crate::protocol::{Example, Needs};

const READ: Needs = Needs::Right(RightKind::Permission(Permission::Read));
const PROBE: Needs = Needs::Right(RightKind::Probe);
const PUBLISH: Needs = Needs::Right(RightKind::Permission(Permission::Publish));
const DELETE: Needs = Needs::Right(RightKind::Permission(Permission::DeletePackage));

/// A path below the directory of one feed's index.
macro_rules! at {
    ($rest:literal) => {
        concat!("/nuget/p/{repository}/v3/", $rest)
    };
}

const MATRIX_PDB: &str = at!("symbols/matrix.pdb/5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5affffffff/matrix.pdb");

/// The smallest package there is: `Matrix 1.0.0`, a nuspec and nothing else, stored.
const PACKAGE: &[u8] = include_bytes!("examples/matrix.1.0.0.nupkg");
/// Its symbols: `Matrix.pdb` with the GUID of sixteen times `5a`.
const SYMBOLS: &[u8] = include_bytes!("examples/matrix.1.0.0.snupkg");
const RAW: &[(&str, &str)] = &[("content-type", "application/octet-stream")];

/// All of them; those that delete come last.
pub(super) fn all() -> Vec<Example> {
    let of = |name, method, path, needs| Example { name, method, path, needs, headers: &[], body: &[] };
    let push = |name, path| Example { headers: RAW, body: PACKAGE, ..of(name, Method::PUT, path, PUBLISH) };
    vec![
        push("push", at!("package")),
        push("push-slash", at!("package/")),
        push("push-index", at!("index.json")),
        push("push-directory", at!("")),
        push("push-root", "/nuget/p/{repository}"),
        Example { body: SYMBOLS, ..push("push-symbols", at!("symbolpackage")) },
        Example { body: SYMBOLS, ..push("push-symbols-slash", at!("symbolpackage/")) },
        of("symbols", Method::GET, MATRIX_PDB, READ),
        of("symbols-head", Method::HEAD, MATRIX_PDB, PROBE),
        of("symbols-package", Method::GET, at!("symbolpackage/matrix/1.0.0"), READ),
        of("symbols-package-head", Method::HEAD, at!("symbolpackage/matrix/1.0.0"), PROBE),
        of("service-index", Method::GET, at!("index.json"), PROBE),
        of("service-index-head", Method::HEAD, at!("index.json"), PROBE),
        of("service-index-directory", Method::GET, at!(""), PROBE),
        of("service-index-root", Method::GET, "/nuget/p/{repository}", PROBE),
        of("old-protocol", Method::GET, "/nuget/p/{repository}/FindPackagesById()?id='Matrix'", READ),
        of("flat-index", Method::GET, at!("flat/matrix/index.json"), READ),
        of("flat-index-head", Method::HEAD, at!("flat/matrix/index.json"), PROBE),
        of("package-get", Method::GET, at!("flat/matrix/1.0.0/matrix.1.0.0.nupkg"), READ),
        of("package-head", Method::HEAD, at!("flat/matrix/1.0.0/matrix.1.0.0.nupkg"), PROBE),
        of("nuspec", Method::GET, at!("flat/matrix/1.0.0/matrix.nuspec"), READ),
        of("readme", Method::GET, at!("flat/matrix/1.0.0/readme"), READ),
        of("icon", Method::GET, at!("flat/matrix/1.0.0/icon"), READ),
        of("licence", Method::GET, at!("flat/matrix/1.0.0/license"), READ),
        of("registration", Method::GET, at!("reg/matrix/index.json"), READ),
        of("registration-gzip", Method::GET, at!("reg-gz/matrix/index.json"), READ),
        of("registration-semver2", Method::GET, at!("reg-gz-semver2/matrix/index.json"), READ),
        of("registration-head", Method::HEAD, at!("reg-gz-semver2/matrix/index.json"), PROBE),
        of("registration-page", Method::GET, at!("reg/matrix/page/1.0.0/1.0.0.json"), READ),
        of("registration-leaf", Method::GET, at!("reg/matrix/1.0.0.json"), READ),
        of("catalog", Method::GET, at!("catalog/index.json"), READ),
        of("catalog-head", Method::HEAD, at!("catalog/index.json"), PROBE),
        of("catalog-page", Method::GET, at!("catalog/page0.json"), READ),
        of("catalog-leaf", Method::GET, at!("catalog/data/1/matrix/1.0.0.json"), READ),
        of("vulnerabilities", Method::GET, at!("vulnerabilities/index.json"), READ),
        of("vulnerabilities-head", Method::HEAD, at!("vulnerabilities/index.json"), PROBE),
        of("vulnerabilities-page", Method::GET, at!("vulnerabilities/base.json"), READ),
        of("search", Method::GET, at!("query?q=matrix"), READ),
        of("search-head", Method::HEAD, at!("query?q=matrix"), READ),
        of("autocomplete-ids", Method::GET, at!("autocomplete?q=mat"), READ),
        of("autocomplete-versions", Method::GET, at!("autocomplete?id=matrix"), READ),
        of("relist", Method::POST, at!("package/Matrix/1.0.0"), DELETE),
        of("delete", Method::DELETE, at!("package/Matrix/1.0.0"), DELETE),
        of("delete-index", Method::DELETE, at!("index.json/Matrix/1.0.0"), DELETE),
        of("delete-directory", Method::DELETE, at!("Matrix/1.0.0"), DELETE),
        of("delete-root", Method::DELETE, "/nuget/p/{repository}/Matrix/1.0.0", DELETE),
    ]
}
