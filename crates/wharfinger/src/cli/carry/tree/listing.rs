//! A tree that a server lists as pages of links, one for each folder: a gateway, Nexus, Artifactory, Apache, nginx.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use url::Url;

use super::super::content::Content;
use super::super::place::is_name;
use super::super::run::Finds;
use super::super::web::{Wanted, Web, named, next_page};
use super::{Entry, Layout, Named, entries, is_entered};
use crate::cli::client::streaming::whole;
use crate::cli::failure::Failure;

/// Deepest folder.
const DEPTH_MAX: usize = 64;
/// Longest page, in bytes, and most pages of a folder.
const PAGE_BYTES_MAX: usize = 64 << 20;
const PAGES_MAX: usize = 10_000;

/// What a page of links lists.
#[derive(Debug, Default, PartialEq, Eq)]
struct Listed {
    files: Vec<(String, Url)>,
    folders: Vec<String>,
}

/// Hands in all files below an address, which ends with a slash.
///
/// # Errors
/// A page cannot be had.
pub(in super::super) async fn find(
    layout: Layout,
    web: &Arc<Web>,
    root: &Url,
    wanted: impl Fn(&str) -> bool,
    finds: Finds<Entry>,
) -> Result<(), Failure> {
    let mut open = vec![String::new()];
    while let Some(at) = open.pop() {
        let (listed, url) = list(web, root, &at).await?;
        if at.matches('/').count() >= DEPTH_MAX && !listed.folders.is_empty() {
            return Err(Failure::Other(format!("{url}: folders lie too deep")));
        }
        let file = |(name, url)| Named { name, content: Content::of_web(web, url) };
        let found = entries(layout, &at, listed.files.into_iter().map(file).collect());
        for entry in found {
            if wanted(&entry.path) && finds.send(entry).await.is_err() {
                return Ok(());
            }
        }
        let entered = listed.folders.into_iter().filter(|name| is_entered(layout, name));
        open.extend(entered.rev().map(|name| format!("{at}{name}/")));
    }
    Ok(())
}

/// All pages of a folder, and its address.
async fn list(web: &Web, root: &Url, at: &str) -> Result<(Listed, Url), Failure> {
    let wrong = |_| Failure::Other(format!("{root}: `{at}` is no folder of it"));
    let folder = root.join(&super::super::place::encoded(at)).map_err(wrong)?;
    let (mut listed, mut page) = (Listed::default(), folder.clone());
    for _ in 0..PAGES_MAX {
        let answer = web.fetch(Wanted::at(&page, "text/html")).await?;
        let next = next_page(&page, &answer);
        let text = whole(answer, PAGE_BYTES_MAX).await.map_err(|failure| named(failure, &page))?;
        let more = links(&String::from_utf8_lossy(&text), &folder, at);
        listed.files.extend(more.files);
        listed.folders.extend(more.folders);
        match next {
            Some(next) => page = next,
            None => break,
        }
    }
    listed.files.sort();
    listed.files.dedup();
    listed.folders.sort();
    listed.folders.dedup();
    Ok((listed, folder))
}

/// What the links of a page lead to, of what lies in the folder: folders right below it, and files there or, as Nexus has it, at
/// another address of the same server that ends with the same path.
fn links(page: &str, folder: &Url, at: &str) -> Listed {
    let mut listed = Listed::default();
    for address in hrefs(page) {
        let Ok(url) = folder.join(&address) else { continue };
        if url.origin() != folder.origin() || url.query().is_some() {
            continue;
        }
        let path = url.path();
        let is_folder = path.ends_with('/');
        let Some((before, name)) = path.trim_end_matches('/').rsplit_once('/') else { continue };
        let Ok(name) = percent_decode_str(name).decode_utf8() else { continue };
        let here = folder.path().trim_end_matches('/');
        let same_end =
            || before.ends_with(&format!("/{}", super::super::place::encoded(at.trim_end_matches('/'))));
        if !is_name(&name) {
            continue;
        }
        if before == here && is_folder {
            listed.folders.push(name.into_owned());
        } else if !is_folder && (before == here || !at.is_empty() && same_end()) {
            listed.files.push((name.into_owned(), url));
        }
    }
    listed
}

/// The addresses of all links, without what stands behind `#`.
fn hrefs(page: &str) -> impl Iterator<Item = String> {
    let lower = page.to_ascii_lowercase();
    let starts: Vec<usize> = lower.match_indices("href").map(|(at, found)| at + found.len()).collect();
    starts.into_iter().filter_map(|at| {
        let value = page.get(at..)?.trim_start().strip_prefix('=')?.trim_start();
        let (quote, rest) = (value.chars().next()?, value.get(1..)?);
        let address = match quote {
            '"' | '\'' => rest.split_once(quote)?.0,
            _ => value.split([' ', '>', '\n', '\t']).next()?,
        };
        let address = address.split('#').next().unwrap_or_default().trim();
        let known = [
            ("&amp;", "&"),
            ("&#x2F;", "/"),
            ("&#x27;", "'"),
            ("&quot;", "\""),
            ("&lt;", "<"),
            ("&gt;", ">"),
        ];
        let address = known.iter().fold(address.to_owned(), |text, (from, to)| text.replace(from, to));
        (!address.is_empty()).then_some(address)
    })
}

#[cfg(test)]
mod tests;
