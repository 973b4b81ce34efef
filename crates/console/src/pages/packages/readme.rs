//! Read-mes: Markdown of somebody else's. Links lead out over HTTP or mail only.

use api::details::web_address;

use crate::markdown::{self, Manner, Shown, escape};
use crate::room::Room;

/// Most bytes of a text that are looked at, and most of HTML that are made of them, where the page has as much room.
const TEXT_BYTES_MAX: usize = 64 << 10;
const HTML_BYTES_MAX: usize = 20 << 10;

/// What somebody else wrote: the page has headings of the first two levels of its own.
struct Foreign {
    bytes_max: usize,
}

impl Manner for Foreign {
    const HEADINGS: &'static [&'static str] = &["h3", "h4", "h5", "h6"];

    fn bytes_max(&self) -> usize {
        self.bytes_max
    }

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

/// A read-me as HTML, as far as there is room.
pub(super) fn html(text: &str, is_markdown: bool, room: &mut Room) -> Shown {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (short, cut) = (text.get(..end).unwrap_or_default(), end < text.len());
    let manner = Foreign { bytes_max: room.left().min(HTML_BYTES_MAX) };
    let shown = if is_markdown { markdown::html(short, manner) } else { markdown::plain(short, manner) };
    let _ = room.take(shown.html.len().min(room.left()));
    Shown { cut: cut || shown.cut, ..shown }
}

#[cfg(test)]
mod tests {
    use super::{HTML_BYTES_MAX, Shown};
    use crate::room::Room;

    fn html(text: &str, is_markdown: bool) -> Shown {
        super::html(text, is_markdown, &mut Room::new(1 << 20))
    }

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
        assert!(many.cut && many.html.len() < HTML_BYTES_MAX + 8192, "{}", many.html.len());
        for markdown in [true, false] {
            let one = html(&"'".repeat(60_000), markdown);
            assert!(one.cut && one.html.len() < HTML_BYTES_MAX + 100, "{}", one.html.len());
        }
        let mut room = Room::new(3000);
        let short = super::html(&"word ".repeat(2000), true, &mut room);
        assert!(short.cut && short.html.len() < 3100 && room.left() == 0, "{}", short.html.len());
        assert!(html(&"\u{202e}".repeat(9), false).html.contains("<pre tabindex=\"0\"></pre>"));
    }
}
