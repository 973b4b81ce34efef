//! The request sequences of real clients (docs/nuget.md 4 and 4.1), as far as one request leads to the next.

use super::*;

/// The service index, and the address of one resource in it.
async fn resource(client: &Client<'_>, kind: &str) -> String {
    let index = client.get(&at("index.json")).await.is(200).json();
    let found = index["resources"].as_array().unwrap().iter().find(|one| one["@type"] == kind);
    let address = found.unwrap_or_else(|| panic!("no {kind}"))["@id"].as_str().unwrap();
    address.strip_prefix("https://hub.example").unwrap().to_owned()
}

#[tokio::test]
async fn dotnet_pushes_restores_and_looks_around() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let bytes = packed("Some.Lib", "1.0.0", "<description>d</description>", &[("lib/net8.0/a.dll", b"MZ")]);
    let publish = resource(&alice, "PackagePublish/2.0.0").await;
    let body = [
        b"--B\r\nContent-Type: application/octet-stream\r\nContent-Disposition: form-data; name=package; filename=package.nupkg; \
          filename*=utf-8''package.nupkg\r\n\r\n",
        &*bytes,
        b"\r\n--B--\r\n",
    ]
    .concat();
    let headers =
        [("content-type", "multipart/form-data; boundary=\"B\""), ("x-nuget-client-version", "7.9.0")];
    alice.send("PUT", &format!("{publish}/"), &headers, body).await.is(201);
    // Restore: all addresses in lower case.
    let bob = hub.person("bob");
    let flat = resource(&bob, "PackageBaseAddress/3.0.0").await;
    let versions = bob.get(&format!("{flat}some.lib/index.json")).await.is(200).json();
    let version = versions["versions"][0].as_str().unwrap();
    let content = bob.get(&format!("{flat}some.lib/{version}/some.lib.{version}.nupkg")).await;
    assert_eq!(content.is(200).body, bytes);
    // `list package --outdated`, `package search`, `nuget delete`.
    let registrations = resource(&bob, "RegistrationsBaseUrl/Versioned").await;
    let registration = bob.get(&format!("{registrations}some.lib/index.json")).await;
    assert_eq!(registration.is(200).has("content-encoding", "gzip").json()["items"][0]["upper"], "1.0.0");
    let query = resource(&bob, "SearchQueryService/3.5.0").await;
    let found = bob
        .get(&format!("{query}?q=lib&skip=0&take=20&prerelease=false&semVerLevel=2.0.0"))
        .await
        .is(200)
        .json();
    assert_eq!(found["data"][0]["id"], "Some.Lib");
    alice.send("DELETE", &format!("{publish}/Some.Lib/1.0.0"), &[], "").await.is(204);
    let found = bob
        .get(&format!("{query}?q=lib&skip=0&take=20&prerelease=false&semVerLevel=2.0.0"))
        .await
        .is(200)
        .json();
    assert_eq!(found["totalHits"], 0);
}

#[tokio::test]
async fn paket_pushes_to_what_was_pasted_and_follows_the_catalogue() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let dependencies = "<dependencies><dependency id='B' version='2.0'/></dependencies>";
    let bytes = packed("A", "1.0.0", dependencies, &[]);
    // Its last boundary follows a bare line feed, outside Windows.
    let head = "-----------------------------8df4b8\r\nContent-Disposition: form-data; name=\"package\"; \
                filename=\"package\"\r\nContent-Type: application/octet-stream\r\n\r\n";
    let body = [head.as_bytes(), &*bytes, b"\n-----------------------------8df4b8--\n"].concat();
    let headers = [("content-type", "multipart/form-data; boundary=---------------------------8df4b8")];
    alice.send("PUT", &at("index.json"), &headers, body).await.is(201);
    let bob = hub.person("bob");
    let flat = resource(&bob, "PackageBaseAddress/3.0.0").await;
    bob.get(&format!("{flat}A/index.json?semVerLevel=2.0.0")).await.is(200);
    let registrations = resource(&bob, "RegistrationsBaseUrl/3.6.0").await;
    let leaf = bob.get(&format!("{registrations}a/1.0.0.json")).await.is(200).json();
    let catalogue =
        leaf["catalogEntry"].as_str().unwrap().strip_prefix("https://hub.example").unwrap().to_owned();
    let entry = bob.get(&catalogue).await.is(200).json();
    assert_eq!(entry["dependencyGroups"][0]["dependencies"][0]["range"], "[2.0.0, )");
    let content =
        leaf["packageContent"].as_str().unwrap().strip_prefix("https://hub.example").unwrap().to_owned();
    assert_eq!(bob.get(&content).await.is(200).body, bytes);
}
