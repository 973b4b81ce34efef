use super::*;
use crate::oci::op::Browse;

/// Where a request leads, as one line.
pub(super) fn say(routed: Routed<Oci>) -> String {
    match routed {
        Routed::Open(op) => format!("open {op:?}"),
        Routed::Browse(Ok(Browse::Catalogue(page))) => {
            let n = page.images_max.map(|n| n.to_string());
            let after = page.after.as_deref();
            format!("catalogue{}{}", optional(" n=", n.as_deref()), optional(" last=", after))
        }
        Routed::Browse(Err(bad)) => format!("browse bad {bad:?}"),
        Routed::Probe(at) => line("probe", at, look),
        Routed::Read(at) => line("read", at, fetch),
        Routed::Publish(at) => line("publish", at, push),
        Routed::Delete(at) => line("delete", at, remove),
    }
}

fn line<T>(right: &str, at: At<On<T>, Bad>, act: fn(&T) -> String) -> String {
    let repository = at.repository.map_or_else(|| "-".to_owned(), |path| path.to_string());
    match at.op {
        Ok(on) => {
            assert_eq!(on.name.repository().to_string(), repository);
            format!("{right} {repository} {} [{}] {}", on.name.image(), on.name.spelt(), act(&on.act))
        }
        Err(bad) => format!("{right} {repository} bad {bad:?}"),
    }
}

fn look(look: &Look) -> String {
    match look {
        Look::Blob(digest) => format!("blob {digest}"),
        Look::Manifest { reference, known } => format!("manifest {}{}", name(reference), etags(known)),
    }
}

fn fetch(fetch: &Fetch) -> String {
    match fetch {
        Fetch::Blob { digest, range, known } => {
            format!("blob {digest}{}{}", optional(" range ", range.as_deref()), etags(known))
        }
        Fetch::Manifest { reference, known } => format!("manifest {}{}", name(reference), etags(known)),
        Fetch::Referrers { subject, page } => {
            let kind = optional(" of ", page.artifact_type.as_deref());
            let after = page.after.map(|digest| digest.to_string());
            format!("referrers {subject}{kind}{}", optional(" last=", after.as_deref()))
        }
        Fetch::Tags(page) => {
            let n = page.tags_max.map(|n| n.to_string());
            format!("tags{}{}", optional(" n=", n.as_deref()), optional(" last=", page.after.as_deref()))
        }
    }
}

fn push(push: &Push) -> String {
    match push {
        Push::Start(Start::Session) => "session".to_owned(),
        Push::Start(Start::Whole(digest)) => format!("whole {digest}"),
        Push::Start(Start::Mount { digest, from }) => match from {
            MountFrom::Anywhere => format!("mount {digest}"),
            MountFrom::Image(from) => format!("mount {digest} from {} [{}]", from.repository(), from.spelt()),
            MountFrom::Nowhere => format!("mount {digest} from nowhere"),
        },
        Push::Append { id, at } => format!("append {id}{}", span(*at)),
        Push::Finish { id, digest, at } => format!("finish {id} {digest}{}", span(*at)),
        Push::Status(id) => format!("status {id}"),
        Push::Cancel(id) => format!("cancel {id}"),
        Push::Manifest { reference, tags, media_type } => {
            let tags: Vec<&str> = tags.iter().map(RefName::display).collect();
            let tags = if tags.is_empty() { String::new() } else { format!(" tags {}", tags.join(",")) };
            format!("manifest {}{tags}{}", name(reference), optional(" as ", media_type.as_deref()))
        }
    }
}

fn remove(remove: &Remove) -> String {
    match remove {
        Remove::Tag(tag) => format!("tag {tag}"),
        Remove::Manifest { digest, force } => {
            format!("manifest {digest}{}", if *force { ", forced" } else { "" })
        }
        Remove::Blob(digest) => format!("blob {digest}"),
    }
}

fn name(reference: &Reference) -> String {
    match reference {
        Reference::Tag(tag) => format!("tag {tag}"),
        Reference::Digest(digest) => digest.to_string(),
    }
}

fn etags(known: &HeaderMap) -> String {
    let known: Vec<&str> = known.values().map(|value| value.to_str().unwrap_or("?")).collect();
    if known.is_empty() { String::new() } else { format!(" known {}", known.join(",")) }
}

fn span(at: Option<Span>) -> String {
    at.map_or_else(String::new, |at| format!(" at {}-{}", at.first, at.last))
}

fn optional(label: &str, text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| format!("{label}{text}"))
}
