use super::*;

fn need(package: &str, version: &str, group: &str) -> Need {
    Need { package: package.into(), version: version.into(), group: group.into(), ..Need::default() }
}

#[test]
fn what_is_said_twice_is_kept_once() {
    let all = vec![
        Need { optional: true, ..need("a", "1", "net8.0") },
        need("a", "1", "net6.0"),
        need("a", "1", "net6.0"),
        need("a", "2", "net6.0"),
        need("b", "1", "net6.0"),
        need("b", "1", ""),
    ];
    let kept = Need::kept(all);
    assert_eq!(kept, [need("a", "1", "net8.0, net6.0"), need("a", "2", "net6.0"), need("b", "1", "")]);
}

#[test]
fn what_is_kept_is_bounded() {
    let many: Vec<Need> = (0..1000).map(|number| need(&format!("p{number}"), "1", "")).collect();
    assert_eq!(Need::kept(many).len(), Need::MAX);
    let long = "ü".repeat(4000);
    let refused = [need("", "1", ""), need(&long, "1", ""), need("a", &long, ""), need("a\0", "1", "")];
    assert_eq!(Need::kept(refused.into()), []);
    let said = Need { range: long.as_str().into(), scope: "te\0st".into(), ..need("a", "1", &long) };
    let kept = Need::kept(vec![said.clone(), Need { group: "other".into(), ..said }]);
    assert_eq!((kept[0].range.len(), &*kept[0].scope, kept[0].group.len()), (256, "test", 128));
}
