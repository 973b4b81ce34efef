//! Read-mes: Markdown of somebody else's. Links lead out over HTTP or mail only.

use api::details::web_address;

use crate::markdown::{self, Manner, Shown, escape};

/// Most bytes of a text that are looked at.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// What somebody else wrote: the page has headings of the first two levels of its own.
struct Foreign;

impl Manner for Foreign {
    const HEADINGS: &'static [&'static str] = &["h3", "h4", "h5", "h6"];
    const HTML_BYTES_MAX: usize = 24 << 10;

    /// Links that lead nowhere we know are text.
    fn link(&self, to: &str) -> Option<String> {
        let mail = to.strip_prefix("mailto:").filter(|mail| {
            mail.len() < 256 && mail.chars().all(|at| at.is_ascii_alphanumeric() || "@.-_+".contains(at))
        });
        let to = web_address(to).or_else(|| mail.map(|_| to.to_owned()))?;
        let mut attributes = " rel=\"nofollow noopener\" href=\"".to_owned();
        escape(&to, &mut attributes);
        attributes.push('"');
        Some(attributes)
    }
}

/// A read-me as HTML.
pub(super) fn html(text: &str, is_markdown: bool) -> Shown {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (short, cut) = (text.get(..end).unwrap_or_default(), end < text.len());
    if !is_markdown {
        return Shown { html: markdown::plain(short, Foreign), cut };
    }
    let shown = markdown::html(short, Foreign);
    Shown { cut: cut || shown.cut, ..shown }
}

#[cfg(test)]
mod tests {
    use super::{Foreign, html};
    use crate::markdown::Manner as _;

    #[test]
    fn a_few_elements_and_nothing_else() {
        let shown = |text: &str| html(text, true).html;
        assert_eq!(shown("# A\n\n*b* `c<d`"), "<h3>A</h3><p><em>b</em> <code>c&lt;d</code></p>");
        assert_eq!(shown("- x\n- y"), "<ul><li>x</li><li>y</li></ul>");
        let table = shown("|a|b|\n|-|-|\n|1|2|");
        assert!(table.contains("<th scope=\"col\">a</th>") && table.contains("<td>2</td>"), "{table}");
        assert_eq!(
            shown("[x](https://host/)"),
            "<p><a rel=\"nofollow noopener\" href=\"https://host/\">x</a></p>"
        );
        assert_eq!(shown("![x](https://host/a.png)").matches("<img").count(), 0);
    }

    #[test]
    fn nothing_runs() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](java\u{0}script:alert(1))",
            "[x](https://h/\"onclick=alert(1))",
            "![x](data:text/html;base64,AA)",
            "[x](vbscript:x)",
            "<a href='javascript:x'>y</a>",
            "[x](mailto:a@b?subject=<b>)",
        ] {
            let html = html(hostile, true).html;
            for bad in [
                "<script",
                "<img",
                "href=\"java",
                "href=\"data",
                "href=\"vb",
                "onclick=alert(1)>",
                "\"onclick",
            ] {
                assert!(!html.contains(bad), "{hostile} became {html}");
            }
        }
    }

    #[test]
    fn it_ends_and_closes_what_it_opens() {
        let long = html(&"> ".repeat(2000).repeat(20), true);
        let open = long.html.matches("<blockquote").count() + long.html.matches("<span").count();
        let closed = long.html.matches("</blockquote").count() + long.html.matches("</span").count();
        assert_eq!(open, closed);
        let many = html(&"word *x* ".repeat(40_000), true);
        assert!(many.cut && many.html.len() < Foreign::HTML_BYTES_MAX + 8192, "{}", many.html.len());
        assert!(html(&"\u{202e}".repeat(9), false).html.contains("<pre tabindex=\"0\"></pre>"));
    }
}
