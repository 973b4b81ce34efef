import json
import pathlib
import sys

import oras.client
import oras.oci

host, image, user, secret = sys.argv[1:]
KIND = "application/spdx+json"

client = oras.client.OrasClient(hostname=host, insecure=True)
client.auth.set_basic_auth(user, secret)

# What the file is attached to, as the registry describes it.
container = client.get_container(image)
found = client.do_request(f"{client.prefix}://{container.manifest_url()}", "GET")
found.raise_for_status()
digest = found.headers["Docker-Content-Digest"]
subject = oras.oci.Subject(found.headers["Content-Type"], digest, len(found.content))

pathlib.Path("sbom.json").write_text("parts of app")
repository = image.rsplit(":", 1)[0]
pushed = client.push(target=f"{repository}:sbom", files=[f"sbom.json:{KIND}"], subject=subject)
assert pushed.headers["OCI-Subject"] == digest, pushed.headers

api = f"{client.prefix}://{host}/v2/{container.api_prefix}"
listed = client.do_request(f"{api}/referrers/{digest}", "GET")
listed.raise_for_status()
members = listed.json()["manifests"]
assert [one["digest"] for one in members] == [pushed.headers["Docker-Content-Digest"]], json.dumps(members)

(fetched,) = client.pull(target=f"{repository}@{members[0]['digest']}", outdir="fetched")
print("fetched:", pathlib.Path(fetched).read_text())
