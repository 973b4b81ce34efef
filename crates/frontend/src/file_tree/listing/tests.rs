use super::*;

#[test]
fn a_page_is_html_in_which_nothing_is_but_names() {
    let lines = "1.0/\na:b <x>&\"'.jar";
    let (html, next) = Page::of(lines, None, None).write(Style::Html, "org/<foo>", "");
    assert_eq!(next, None);
    assert!(html.contains("<h1>Index of /org/&lt;foo&gt;/</h1>"), "{html}");
    assert!(html.contains("<a href=\"../\">../</a>"), "{html}");
    assert!(html.contains("<a href=\"1.0/\">1.0/</a>"), "{html}");
    let strange = "<a href=\"a%3Ab%20%3Cx%3E%26%22%27.jar\">a:b &lt;x&gt;&amp;&quot;&apos;.jar</a>";
    assert!(html.contains(strange), "{html}");
    let (root, _) = Page::of("org/", None, None).write(Style::Html, "", "jars/");
    assert!(root.contains("<a href=\"jars/org/\">org/</a>") && !root.contains("../"), "{root}");
}

#[test]
fn a_page_is_json_for_tools() {
    let (text, _) = Page::of("1.0/\nb.jar", None, None).write(Style::Json, "a/b", "");
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
        let page = Page::of(&lines, None, after.as_deref());
        assert!(page.names.len() <= PAGE_NAMES_MAX);
        seen.extend(page.names.iter().map(|name| (*name).to_owned()));
        let (html, next) = page.write(Style::Html, "a", "");
        let Some(next) = next else { break };
        assert!(html.contains(&format!("href=\"{next}\"")), "{next}");
        after = query::first(next.strip_prefix('?'), "after").map(|after| after.into_owned());
    }
    assert_eq!(seen, names);
    let long = ["x", "y"].map(|name| name.repeat(PAGE_NAMES_BYTES_MAX)).join("\n");
    let page = Page::of(&long, None, None);
    assert_eq!((page.names.len(), page.next.is_some()), (1, true));
}

/// A directory of more names than are gathered at once is listed to its end, whatever the order in which they are found.
#[test]
fn windows_follow_each_other_to_the_end() {
    let mut names: Vec<String> = (0..7_001).map(|number| format!("{number:04}&/")).collect();
    let (mut seen, mut next) = (Vec::new(), Some(String::new()));
    let (mut windows, mut pages) = (BTreeSet::new(), 0);
    while let Some(address) = next {
        let value = |name| query::first(address.strip_prefix('?'), name);
        let (from, after) = (value("from"), value("after"));
        let mut window = Window { names_max: 2_500, ..Window::behind(from.as_deref().unwrap_or_default()) };
        window.extend(names.iter().rev().cloned());
        assert!(!window.is_nothing());
        let lines = window.lines();
        let page = Page::of(&lines, from.as_deref(), after.as_deref());
        seen.extend(page.names.iter().map(|name| (*name).to_owned()));
        let (html, following) = page.write(Style::Html, "a", "");
        let linked = |next: &String| html.contains(&format!("href=\"{}\"", next.replace('&', "&amp;")));
        assert!(following.as_ref().is_none_or(linked), "{following:?}");
        windows.insert(from.map(|from| from.into_owned()));
        pages += 1;
        next = following;
    }
    assert_eq!(seen, names);
    assert_eq!((windows.len(), pages), (3, 9));
    // A name that others had been listed behind is gone: they are found all the same.
    names.truncate(10);
    let mut window = Window { names_max: 5, ..Window::behind("0003") };
    window.extend(names);
    assert_eq!(window.lines(), "0003&/\n0004&/\n0005&/\n0006&/\n0007&/\n");
    let nothing = Window::behind("");
    assert!(nothing.is_nothing() && nothing.lines().is_empty());
}
