use super::*;

/// Where a request leads, as one line.
pub(super) fn say(routed: Routed<NuGet>) -> String {
    match routed {
        Routed::Open(Ok(never)) => match never {},
        Routed::Browse(Ok(never)) => match never {},
        Routed::Open(Err(bad)) => format!("open bad {bad:?}"),
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
        Ok(on) => format!("{right} {repository} {}", act(&on.act)),
        Err(bad) => format!("{right} {repository} bad {bad:?}"),
    }
}

fn look(look: &Look) -> String {
    match look {
        Look::Index => "index".to_owned(),
        Look::Resource(resource) => of(resource),
    }
}

fn fetch(fetch: &Fetch) -> String {
    match fetch {
        Fetch::Resource(resource) => of(resource),
        Fetch::Search(query) => format!("search {}", words(query)),
        Fetch::Ids(query) => format!("ids {}", words(query)),
        Fetch::Versions { id, filter } => format!("versions of {} {}", id.key(), filter.name()),
    }
}

fn of(resource: &Resource) -> String {
    match resource {
        Resource::Document(Document::Versions(id)) => format!("versions {}", id.key()),
        Resource::Document(Document::Registration { hive, id, part }) => {
            let part = match part {
                Part::Index => "index".to_owned(),
                Part::Page { lower, upper } => format!("page {} {}", lower.key(), upper.key()),
                Part::Leaf(version) => format!("leaf {}", version.key()),
            };
            format!("{hive:?} {} {part}", id.key())
        }
        Resource::Document(Document::Catalog(Catalog::Leaf(of))) => {
            format!("catalog {} {}", of.id.key(), of.version.key())
        }
        Resource::Document(Document::Catalog(asked)) => format!("catalog {asked:?}"),
        Resource::Document(Document::Vulnerabilities(asked)) => format!("vulnerabilities {asked:?}"),
        Resource::Symbols { target, .. } => format!("symbols {target}"),
        Resource::File { of, file, .. } => format!("{file:?} {} {}", of.id.key(), of.version.key()),
    }
}

fn words(query: &Query) -> String {
    let shown = |one: &storage::Wanted| format!("{:?}={}", one.field, one.any.join("|"));
    let terms: Vec<String> = query.terms.wanted.iter().map(shown).collect();
    let first = query.terms.first.as_ref().map_or_else(String::new, |first| format!(" first {first}"));
    format!("[{}]{first} {}+{} {}", terms.join(", "), query.skip, query.take, query.filter.name())
}

fn push(push: &Push) -> String {
    let what = if push.what == Pushed::Symbols { "symbols " } else { "" };
    match &push.form {
        Form::Raw => format!("{what}raw"),
        Form::Parts(boundary) => format!("{what}form {boundary}"),
    }
}

fn remove(remove: &Remove) -> String {
    match remove {
        Remove::Delete(of) => format!("delete {} {}", of.id.key(), of.version.key()),
        Remove::Relist(of) => format!("relist {} {}", of.id.key(), of.version.key()),
    }
}
