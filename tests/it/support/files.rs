//! Repositories of generic files, request by request.

use bytes::Bytes;

use super::actor::Actor;
use super::answer::Answer;
use super::http::Ask;

/// A repository, as somebody sees it.
pub(crate) struct Tree<'a> {
    actor: &'a Actor,
    root: String,
}

impl Actor {
    /// The repository of files `PROJECT/REPOSITORY` through the eyes of this actor.
    pub(crate) fn files(&self, repository: &str) -> Tree<'_> {
        Tree { actor: self, root: format!("/files/p/{repository}") }
    }
}

impl Tree<'_> {
    /// Whole path of something in it.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}/{path}", self.root)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.actor.send(Ask::get(self.at(path))).await
    }

    pub(crate) async fn head(&self, path: &str) -> Answer {
        self.actor.send(Ask::head(self.at(path))).await
    }

    pub(crate) async fn put(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        self.actor.send(Ask::put(self.at(path)).body(body.into())).await
    }

    /// As [`Self::put`], with a header.
    pub(crate) async fn put_with(
        &self,
        path: &str,
        (name, value): (&str, &str),
        body: impl Into<Bytes>,
    ) -> Answer {
        self.actor.send(Ask::put(self.at(path)).header(name, value).body(body.into())).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.actor.send(Ask::delete(self.at(path))).await
    }

    /// The names in a directory, of all its pages; those of directories end with a slash.
    pub(crate) async fn list(&self, path: &str) -> Vec<String> {
        let mut names = Vec::new();
        let (directory, query) = path.split_at(path.find('?').unwrap_or(path.len()));
        let mut query = query.to_owned();
        loop {
            let ask = Ask::get(self.at(&format!("{directory}{query}"))).header("accept", "application/json");
            let page = self.actor.send(ask).await.is(200).json();
            for entry in page["entries"].as_array().expect("entries") {
                let slash = if entry["kind"] == "directory" { "/" } else { "" };
                names.push(format!("{}{slash}", entry["name"].as_str().expect("a name")));
            }
            let Some(next) = page["next"].as_str() else { return names };
            query = next.to_owned();
        }
    }
}
