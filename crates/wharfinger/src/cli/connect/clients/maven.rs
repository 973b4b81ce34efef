//! Maven's `settings.xml`: one `<server>`, known by its id (<https://maven.apache.org/settings.html>, "Servers").

use super::super::draft::Draft;
use super::super::xml::{self, Document, Element, escaped};
use super::{Access, Editor};

pub(super) struct Settings;

impl Editor for Settings {
    fn has(&self, text: &str, access: &Access) -> Result<bool, String> {
        Ok(!text.trim().is_empty() && server(&Document::read(text)?, text, access).is_some())
    }

    fn put(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        let lines = [
            (0, "<server>".to_owned()),
            (1, format!("<id>{}</id>", escaped(&access.id))),
            (1, format!("<username>{}</username>", escaped(&access.user))),
            (1, format!("<password>{}</password>", escaped(&access.secret))),
            (0, "</server>".to_owned()),
        ];
        if draft.text.trim().is_empty() {
            let end = draft.text.len();
            draft.change(0..end, "<settings>\n</settings>\n", false);
        }
        let document = Document::read(&draft.text)?;
        let text = draft.text.clone();
        if let Some(server) = server(&document, &text, access) {
            xml::replace(draft, server, &lines);
            return Ok(());
        }
        let (_, root) = document.at(&["settings"]).ok_or("has no <settings>")?;
        match document.at(&["settings", "servers"]) {
            Some((_, servers)) => xml::append(draft, servers, &lines),
            None => {
                let inner = lines.into_iter().map(|(depth, line)| (depth.saturating_add(1), line));
                let (open, close) = ((0, "<servers>".to_owned()), (0, "</servers>".to_owned()));
                let lines: Vec<_> = [open].into_iter().chain(inner).chain([close]).collect();
                xml::append(draft, root, &lines);
            }
        }
        Ok(())
    }

    fn take(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        let document = Document::read(&draft.text)?;
        let text = draft.text.clone();
        if let Some(server) = server(&document, &text, access) {
            xml::remove(draft, server);
        }
        Ok(())
    }

    fn warnings(&self, text: &str, access: &Access) -> Vec<String> {
        let Ok(document) = Document::read(text) else { return Vec::new() };
        let Some((mirrors, _)) = document.at(&["settings", "mirrors"]) else { return Vec::new() };
        let of = document.children(Some(mirrors)).flat_map(|(mirror, _)| document.children(Some(mirror)));
        let of = of.filter(|(_, element)| element.name == "mirrorOf").map(|(_, element)| element.text(text));
        let taken = of.filter(|of| of.split(',').any(|word| matches!(word.trim(), "*" | "external:*")));
        let id = &access.id;
        taken
            .filter(|of| !of.split(',').any(|word| word.trim() == format!("!{id}")))
            .map(|of| format!("a mirror of `{of}` takes what is asked of `{id}`: write `{of},!{id}` there"))
            .collect()
    }
}

fn server<'d>(document: &'d Document, text: &str, access: &Access) -> Option<&'d Element> {
    let (servers, _) = document.at(&["settings", "servers"])?;
    let mut all = document.children(Some(servers)).filter(|(_, element)| element.name == "server");
    let is_ours = |server: usize| {
        let mut inside = document.children(Some(server));
        inside.any(|(_, element)| element.name == "id" && element.text(text) == access.id)
    };
    all.find(|(index, _)| is_ours(*index)).map(|(_, element)| element)
}

pub(super) fn next(id: &str, url: &str) -> String {
    format!(
        "in pom.xml:\n    <repositories><repository><id>{id}</id><url>{url}</url></repository></repositories>\n    \
         <distributionManagement><repository><id>{id}</id><url>{url}</url></repository></distributionManagement>"
    )
}
