//! NuGet's `NuGet.Config` of a user: a source and a login for it
//! (<https://learn.microsoft.com/nuget/reference/nuget-config-file>). What `dotnet nuget add source` does, without the secret on a
//! command line that everybody on the machine can read.

use super::super::draft::Draft;
use super::super::xml::{self, Document, Element, escaped};
use super::{Access, Editor};

const SOURCES: [&str; 2] = ["configuration", "packageSources"];
const LOGINS: [&str; 2] = ["configuration", "packageSourceCredentials"];

pub(super) struct Config;

impl Editor for Config {
    fn has(&self, text: &str, access: &Access) -> Result<bool, String> {
        if text.trim().is_empty() {
            return Ok(false);
        }
        let document = Document::read(text)?;
        Ok(source(&document, access).is_some() || login(&document, access).is_some())
    }

    fn put(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        if draft.text.trim().is_empty() {
            let end = draft.text.len();
            draft.change(
                0..end,
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n</configuration>\n",
                false,
            );
        }
        let url = escaped(access.url.as_deref().unwrap_or_default());
        let plain = if access.server.is_tls() { "" } else { " allowInsecureConnections=\"true\"" };
        let line = format!("<add key=\"{}\" value=\"{url}\"{plain} />", access.id);
        put_in(draft, SOURCES, source, access, vec![(0, line)])?;
        let lines = vec![
            (0, format!("<{}>", access.id)),
            (1, format!("<add key=\"Username\" value=\"{}\" />", escaped(&access.user))),
            (1, format!("<add key=\"ClearTextPassword\" value=\"{}\" />", escaped(&access.secret))),
            (0, format!("</{}>", access.id)),
        ];
        put_in(draft, LOGINS, login, access, lines)
    }

    fn take(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        for find in [source, login] {
            let document = Document::read(&draft.text)?;
            if let Some(element) = find(&document, access) {
                xml::remove(draft, element);
            }
        }
        Ok(())
    }

    fn warnings(&self, text: &str, access: &Access) -> Vec<String> {
        let Ok(document) = Document::read(text) else { return Vec::new() };
        let id = &access.id;
        let mut warnings = Vec::new();
        if let Some((mapping, _)) = document.at(&["configuration", "packageSourceMapping"])
            && !document.children(Some(mapping)).any(|(_, source)| source.attribute("key") == Some(id))
        {
            warnings.push(format!(
                "packageSourceMapping names sources, and not `{id}`: no package is asked of it"
            ));
        }
        if let Some((disabled, _)) = document.at(&["configuration", "disabledPackageSources"])
            && document.children(Some(disabled)).any(|(_, source)| source.attribute("key") == Some(id))
        {
            warnings.push(format!("`{id}` is among disabledPackageSources"));
        }
        warnings
    }
}

type Find = for<'d> fn(&'d Document, &Access) -> Option<&'d Element>;

fn put_in(
    draft: &mut Draft,
    [root, section]: [&str; 2],
    find: Find,
    access: &Access,
    lines: Vec<(usize, String)>,
) -> Result<(), String> {
    let document = Document::read(&draft.text)?;
    if let Some(element) = find(&document, access) {
        xml::replace(draft, element, &lines);
    } else if let Some((_, parent)) = document.at(&[root, section]) {
        xml::append(draft, parent, &lines);
    } else {
        let (_, parent) = document.at(&[root]).ok_or_else(|| format!("has no <{root}>"))?;
        let inner = lines.into_iter().map(|(depth, line)| (depth.saturating_add(1), line));
        let (open, close) = ((0, format!("<{section}>")), (0, format!("</{section}>")));
        let lines: Vec<_> = [open].into_iter().chain(inner).chain([close]).collect();
        xml::append(draft, parent, &lines);
    }
    Ok(())
}

fn source<'d>(document: &'d Document, access: &Access) -> Option<&'d Element> {
    let (sources, _) = document.at(&SOURCES)?;
    let is_ours = |element: &&Element| {
        let key = element.attribute("key").unwrap_or_default();
        element.name == "add" && key.eq_ignore_ascii_case(&access.id)
    };
    document.children(Some(sources)).map(|(_, element)| element).find(is_ours)
}

fn login<'d>(document: &'d Document, access: &Access) -> Option<&'d Element> {
    let (logins, _) = document.at(&LOGINS)?;
    let mut all = document.children(Some(logins)).map(|(_, element)| element);
    all.find(|element| element.name.eq_ignore_ascii_case(&access.id))
}
