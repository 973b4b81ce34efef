use super::*;

#[test]
fn a_page_is_html_in_which_nothing_is_but_names() {
    let lines = "1.0/\na:b <x>&\"'.jar";
    let (html, next) = Page::of(lines, None).write(Style::Html, "org/<foo>", "");
    assert_eq!(next, None);
    assert!(html.contains("<h1>Index of /org/&lt;foo&gt;/</h1>"), "{html}");
    assert!(html.contains("<a href=\"../\">../</a>"), "{html}");
    assert!(html.contains("<a href=\"1.0/\">1.0/</a>"), "{html}");
    let strange = "<a href=\"a%3Ab%20%3Cx%3E%26%22%27.jar\">a:b &lt;x&gt;&amp;&quot;&apos;.jar</a>";
    assert!(html.contains(strange), "{html}");
    let (root, _) = Page::of("org/", None).write(Style::Html, "", "jars/");
    assert!(root.contains("<a href=\"jars/org/\">org/</a>") && !root.contains("../"), "{root}");
}

#[test]
fn a_page_is_json_for_tools() {
    let (text, _) = Page::of("1.0/\nb.jar", None).write(Style::Json, "a/b", "");
    let expected = json!({ "path": "a/b", "next": null, "entries": [
        { "name": "1.0", "kind": "directory" },
        { "name": "b.jar", "kind": "file" },
    ]});
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), expected);
}

#[test]
fn pages_follow_each_other_to_the_end() {
    let names: Vec<String> = (0..2500).map(|number| format!("{number:04}&/")).collect();
    let lines = names.join("\n");
    let mut seen = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = Page::of(&lines, after.as_deref());
        assert!(page.names.len() <= PAGE_NAMES_MAX);
        seen.extend(page.names.iter().map(|name| (*name).to_owned()));
        let (html, next) = page.write(Style::Html, "a", "");
        let Some(next) = next else { break };
        assert!(html.contains(&format!("href=\"{next}\"")), "{next}");
        after = crate::http::query::first(next.strip_prefix('?'), "after").map(|after| after.into_owned());
    }
    assert_eq!(seen, names);
    let long = ["x", "y"].map(|name| name.repeat(PAGE_NAMES_BYTES_MAX)).join("\n");
    let page = Page::of(&long, None);
    assert_eq!((page.names.len(), page.more), (1, true));
}
