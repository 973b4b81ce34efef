//! Read-mes: Markdown of somebody else's as a few elements of HTML. Nothing of it is taken over as it is: text is escaped, HTML in it is text,
//! pictures are links, and links lead out over HTTP or mail only.

use api::details::{controls, web_address};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Most bytes of Markdown that are looked at, and most of HTML that are made of them.
const TEXT_BYTES_MAX: usize = 64 << 10;
const HTML_BYTES_MAX: usize = 24 << 10;
/// Deepest nesting that is shown.
const DEPTH_MAX: usize = 16;

/// The page has headings of the first two levels of its own.
const HEADINGS: [&str; 4] = ["h3", "h4", "h5", "h6"];

/// What is shown of a read-me.
pub(crate) struct Shown {
    /// HTML that may stand in a page.
    pub(crate) html: String,
    /// Whether it goes on.
    pub(crate) cut: bool,
}

/// Writes HTML and knows what is open in it.
#[derive(Default)]
struct Writer {
    html: String,
    open: Vec<&'static str>,
    /// In the head of a table.
    head: bool,
    /// Level of the last heading below the page's own; levels are not skipped.
    level: usize,
}

/// A read-me as HTML.
pub(crate) fn html(text: &str, is_markdown: bool) -> Shown {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (short, mut cut) = (text.get(..end).unwrap_or_default(), end < text.len());
    let mut writer = Writer::default();
    if !is_markdown {
        writer.begin("pre", " tabindex=\"0\"");
        writer.text(short);
        writer.end("pre");
        return Shown { html: writer.html, cut };
    }
    for event in Parser::new_ext(short, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        if writer.html.len() > HTML_BYTES_MAX {
            cut = true;
            break;
        }
        writer.take(event);
    }
    while let Some(name) = writer.open.last().copied() {
        writer.end(name);
    }
    Shown { html: writer.html, cut }
}

impl Writer {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.stop(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => {
                self.begin("code", "");
                self.text(&text);
                self.end("code");
            }
            Event::SoftBreak => self.html.push('\n'),
            Event::HardBreak => self.html.push_str("<br>"),
            Event::Rule => self.html.push_str("<hr>"),
            Event::TaskListMarker(done) => self.text(if done { "[x] " } else { "[ ] " }),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(&text);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.level = (level as usize).min(self.level + 1).min(HEADINGS.len());
                self.begin(HEADINGS.get(self.level - 1).unwrap_or(&"h5"), "");
            }
            Tag::BlockQuote(_) => self.begin("blockquote", ""),
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                self.begin("pre", " tabindex=\"0\"");
            }
            Tag::List(None) => self.begin("ul", ""),
            Tag::List(Some(_)) => self.begin("ol", ""),
            Tag::Item => self.begin("li", ""),
            Tag::Table(_) => self.begin("table", ""),
            Tag::TableHead => {
                self.head = true;
                self.begin("tr", "");
            }
            Tag::TableRow => self.begin("tr", ""),
            Tag::TableCell if self.head => self.begin("th", " scope=\"col\""),
            Tag::TableCell => self.begin("td", ""),
            Tag::Emphasis => self.begin("em", ""),
            Tag::Strong => self.begin("strong", ""),
            Tag::Strikethrough => self.begin("s", ""),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.link(&dest_url),
            Tag::Paragraph => self.begin("p", ""),
            _ => self.begin("div", ""),
        }
    }

    fn stop(&mut self, tag: TagEnd) {
        if tag == TagEnd::TableHead {
            self.head = false;
        }
        if let Some(name) = self.open.last().copied() {
            self.end(name);
        }
    }

    /// Links that lead nowhere we know are text.
    fn link(&mut self, to: &str) {
        let mail = to.strip_prefix("mailto:").filter(|mail| {
            mail.len() < 256 && mail.chars().all(|at| at.is_ascii_alphanumeric() || "@.-_+".contains(at))
        });
        match web_address(to).or_else(|| mail.map(|_| to.to_owned())) {
            Some(to) => {
                let mut safe = String::new();
                escape(&to, &mut safe);
                self.begin("a", &format!(" rel=\"nofollow noopener\" href=\"{safe}\""));
            }
            None => self.begin("span", ""),
        }
    }

    /// What is nested too deep is inline: nothing is lost but its form.
    fn begin(&mut self, name: &'static str, attributes: &str) {
        let name = if self.open.len() < DEPTH_MAX { name } else { "span" };
        let attributes = if name == "span" { "" } else { attributes };
        self.html.push_str(&format!("<{name}{attributes}>"));
        self.open.push(name);
    }

    fn end(&mut self, _name: &'static str) {
        if let Some(name) = self.open.pop() {
            self.html.push_str(&format!("</{name}>"));
        }
    }

    fn text(&mut self, text: &str) {
        escape(text, &mut self.html);
    }
}

fn escape(text: &str, html: &mut String) {
    for at in text.chars().filter(|at| matches!(at, '\n' | '\t') || !controls(*at)) {
        match at {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HTML_BYTES_MAX, html};

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
        assert!(html(&"\u{202e}".repeat(9), false).html.contains("<pre tabindex=\"0\"></pre>"));
    }
}
