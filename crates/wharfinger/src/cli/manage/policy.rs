//! The policy of a repository as it is typed: a document, a file with one, or single fields of it.

use serde_json::{Map, Value};

use super::super::failure::Failure;

/// Puts together what was given, in its order; `None` if nothing was.
///
/// # Errors
/// `Usage` for what is no object, no file, or no field with a value.
pub(super) fn policy(given: &[String]) -> Result<Option<Value>, Failure> {
    let mut whole = Map::new();
    for text in given {
        match text.strip_prefix('@') {
            Some(file) => whole.extend(object(&read(file)?, file)?),
            None if text.trim_start().starts_with('{') => whole.extend(object(text, "--policy")?),
            None => field(&mut whole, text)?,
        }
    }
    Ok((!given.is_empty()).then_some(Value::Object(whole)))
}

fn read(file: &str) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|why| Failure::Usage(format!("--policy: {file}: {why}")))
}

fn object(text: &str, of: &str) -> Result<Map<String, Value>, Failure> {
    serde_json::from_str(text).map_err(|why| Failure::Usage(format!("{of}: it must be a JSON object: {why}")))
}

/// `FIELD=VALUE`; `.` leads into a field that is an object. What is no JSON is a word.
fn field(whole: &mut Map<String, Value>, text: &str) -> Result<(), Failure> {
    let wrong = || Failure::Usage(format!("--policy: {text}: write FIELD=VALUE, @FILE or a JSON object"));
    let (path, value) = text.split_once('=').filter(|(path, _)| !path.is_empty()).ok_or_else(wrong)?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    let (parents, name) = path.rsplit_once('.').map_or((None, path), |(all, name)| (Some(all), name));
    let mut into = whole;
    for parent in parents.into_iter().flat_map(|all| all.split('.')) {
        let inner = into.entry(parent).or_insert_with(|| Map::new().into());
        into = inner.as_object_mut().ok_or_else(wrong)?;
    }
    into.insert(name.to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::policy;
    use crate::scratch::Scratch;

    fn given(texts: &[&str]) -> Result<Option<serde_json::Value>, String> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        policy(&texts).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn fields_documents_and_files_are_put_together() {
        assert_eq!(given(&[]), Ok(None));
        let fields = ["releases=replace", "snapshots.keep_newest=3", "snapshots.keep_days=9"];
        let whole = json!({ "releases": "replace", "snapshots": { "keep_newest": 3, "keep_days": 9 } });
        assert_eq!(given(&fields), Ok(Some(whole)));
        let lists = [r#"{"immutable_tags":["a"],"sparse_indexes":true}"#, r#"immutable_tags=["v*"]"#];
        let whole = json!({ "immutable_tags": ["v*"], "sparse_indexes": true });
        assert_eq!(given(&lists), Ok(Some(whole)));
        let scratch = Scratch::new("policy");
        let file = scratch.file("policy.json", r#"{"delete":"hard"}"#);
        assert_eq!(given(&[&format!("@{}", file.display())]), Ok(Some(json!({ "delete": "hard" }))));
        assert_eq!(given(&["{}"]), Ok(Some(json!({}))));
    }

    #[test]
    fn what_is_none_is_said() {
        for wrong in ["releases", "=x", "{", "[]", "@nowhere", "a=1"] {
            let told = given(&["a.b=1", wrong]);
            assert_eq!(told.is_err(), wrong != "a=1", "{wrong}: {told:?}");
        }
        assert!(given(&["a=1", "a.b=1"]).is_err());
    }
}
