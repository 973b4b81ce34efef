//! sbt: a file of credentials, and one in the folder of its global settings that names it. Both are ours alone.

use std::path::Path;

use super::super::draft::Draft;
use super::{Access, Editor, Target};

struct Login;
struct Setting;

pub(super) fn targets(folder: &Path, access: &Access) -> Vec<Target> {
    let path = |end: &str| folder.join(format!("wharfinger-{}.{end}", access.id));
    vec![
        Target { path: path("credentials"), own: true, editor: &Login },
        Target { path: path("sbt"), own: true, editor: &Setting },
    ]
}

impl Editor for Login {
    fn has(&self, text: &str, _access: &Access) -> Result<bool, String> {
        Ok(!text.is_empty())
    }

    fn put(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        let authority = access.server.authority();
        // sbt looks a login up by the host without its port.
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let (user, secret) = (&access.user, &access.secret);
        let text = format!("realm=wharfinger\nhost={host}\nuser={user}\npassword={secret}\n");
        let end = draft.text.len();
        draft.change(0..end, &text, true);
        Ok(())
    }

    fn take(&self, draft: &mut Draft, _access: &Access) -> Result<(), String> {
        let end = draft.text.len();
        draft.change(0..end, "", true);
        Ok(())
    }
}

impl Editor for Setting {
    fn has(&self, text: &str, _access: &Access) -> Result<bool, String> {
        Ok(!text.is_empty())
    }

    fn put(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        let name = format!("wharfinger-{}.credentials", access.id);
        let text = format!("credentials += Credentials(Path.userHome / \".sbt\" / \"1.0\" / \"{name}\")\n");
        let end = draft.text.len();
        draft.change(0..end, &text, false);
        Ok(())
    }

    fn take(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        Login.take(draft, access)
    }
}

pub(super) fn next(id: &str, url: &str, tls: bool) -> String {
    let plain = if tls { "" } else { " withAllowInsecureProtocol true" };
    format!(
        "in build.sbt:\n    resolvers += (\"{id}\" at \"{url}\"{plain})\n    publishTo := Some(\"{id}\" at \"{url}\"{plain})"
    )
}
