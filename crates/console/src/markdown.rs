//! Markdown as a few elements of HTML. Nothing of it is taken over as it is: text is escaped, HTML in it is text, pictures are links. Where links may
//! lead, and what stands around blocks, says the [`Manner`] of whoever wrote it.

use std::borrow::Cow;

use api::details::controls;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Deepest nesting that is shown.
const DEPTH_MAX: usize = 16;

/// How a kind of text is shown.
pub(crate) trait Manner {
    /// What headings are, from the first level on.
    const HEADINGS: &'static [&'static str];

    /// Most bytes of HTML that are made.
    fn bytes_max(&self) -> usize;

    /// The attributes of a link to this address; `None` makes it text.
    fn link(&self, to: &str) -> Option<String>;

    /// A text before it is escaped.
    fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }

    /// Where a piece of code leads, if it is an address that the reader can open.
    fn code(&self, _code: &str) -> Option<String> {
        None
    }

    /// The attributes of a heading with this text.
    fn heading(&mut self, _text: &str) -> String {
        String::new()
    }

    /// What stands before a block of code within an element around both, and the attributes of the block.
    fn block(&mut self, _words: &str) -> (String, String) {
        (String::new(), " tabindex=\"0\"".to_owned())
    }

    /// The attributes of the element around a table.
    fn table(&mut self) -> String {
        String::new()
    }
}

/// What is shown of a text.
pub(crate) struct Shown {
    /// HTML that may stand in a page.
    pub(crate) html: String,
    /// Whether it goes on.
    pub(crate) cut: bool,
}

/// Writes HTML and knows what is open in it.
struct Writer<M> {
    manner: M,
    html: String,
    open: Vec<&'static str>,
    /// In the head of a table.
    head: bool,
    /// Level of the last heading below the page's own; levels are not skipped.
    level: usize,
}

/// Markdown as HTML.
pub(crate) fn html<M: Manner>(text: &str, manner: M) -> Shown {
    let mut cut = false;
    let mut writer = Writer::new(manner);
    let mut events = Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).peekable();
    while let Some(event) = events.next() {
        if writer.is_full() {
            cut = true;
            break;
        }
        if let Event::Start(Tag::Heading { level, .. }) = event {
            // What a heading is called by comes before it.
            let mut within = Vec::new();
            while let Some(event) = events.next_if(|event| !matches!(event, Event::End(TagEnd::Heading(_)))) {
                within.push(event);
            }
            writer.heading(level as usize, within);
        } else {
            writer.take(event);
        }
    }
    cut |= writer.is_full();
    Shown { html: writer.done(), cut }
}

/// A text that is no Markdown, as it is.
pub(crate) fn plain<M: Manner>(text: &str, manner: M) -> Shown {
    let mut writer = Writer::new(manner);
    writer.begin("pre", " tabindex=\"0\"");
    writer.text(text);
    let cut = writer.is_full();
    Shown { html: writer.done(), cut }
}

impl<M: Manner> Writer<M> {
    const fn new(manner: M) -> Self {
        Self { manner, html: String::new(), open: Vec::new(), head: false, level: 0 }
    }

    fn done(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.html
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.stop(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => self.code(&text),
            Event::SoftBreak => self.html.push('\n'),
            Event::HardBreak => self.html.push_str("<br>"),
            Event::Rule => self.html.push_str("<hr>"),
            Event::TaskListMarker(done) => self.text(if done { "[x] " } else { "[ ] " }),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(&text);
            }
        }
    }

    fn heading(&mut self, level: usize, within: Vec<Event<'_>>) {
        let mut called = String::new();
        for event in &within {
            if let Event::Text(text) | Event::Code(text) = event {
                called.push_str(text);
            }
        }
        let attributes = self.manner.heading(&called);
        self.level = level.min(self.level.saturating_add(1)).min(M::HEADINGS.len());
        let name = M::HEADINGS.get(self.level.saturating_sub(1)).copied().unwrap_or("p");
        self.begin(name, &attributes);
        within.into_iter().for_each(|event| self.take(event));
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::BlockQuote(_) => self.begin("blockquote", ""),
            Tag::CodeBlock(kind) => {
                let words = match &kind {
                    CodeBlockKind::Fenced(words) => words,
                    CodeBlockKind::Indented => "",
                };
                let (before, attributes) = self.manner.block(words);
                self.begin("div", if before.is_empty() { "" } else { " class=\"snip\"" });
                self.html.push_str(&before);
                self.begin("pre", &attributes);
            }
            Tag::List(None) => self.begin("ul", ""),
            Tag::List(Some(_)) => self.begin("ol", ""),
            Tag::Item => self.begin("li", ""),
            Tag::Table(_) => {
                let attributes = self.manner.table();
                self.begin("div", &attributes);
                self.begin("table", "");
            }
            Tag::TableHead => {
                self.head = true;
                self.begin("thead", "");
                self.begin("tr", "");
            }
            Tag::TableRow => self.begin("tr", ""),
            Tag::TableCell if self.head => self.begin("th", " scope=\"col\""),
            Tag::TableCell => self.begin("td", ""),
            Tag::Emphasis => self.begin("em", ""),
            Tag::Strong => self.begin("strong", ""),
            Tag::Strikethrough => self.begin("s", ""),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => match self.manner.link(&dest_url) {
                Some(attributes) => self.begin("a", &attributes),
                None => self.begin("span", ""),
            },
            Tag::Paragraph => self.begin("p", ""),
            _ => self.begin("div", ""),
        }
    }

    fn stop(&mut self, tag: TagEnd) {
        if tag == TagEnd::TableHead {
            self.head = false;
        }
        self.end();
        if matches!(tag, TagEnd::CodeBlock | TagEnd::Table | TagEnd::TableHead) {
            self.end();
        }
    }

    fn code(&mut self, text: &str) {
        let link = self.manner.code(text);
        if let Some(attributes) = &link {
            self.begin("a", attributes);
        }
        self.begin("code", "");
        self.text(text);
        self.end();
        if link.is_some() {
            self.end();
        }
    }

    /// What is nested too deep is inline: nothing is lost but its form.
    fn begin(&mut self, name: &'static str, attributes: &str) {
        let name = if self.open.len() < DEPTH_MAX { name } else { "span" };
        let attributes = if name == "span" { "" } else { attributes };
        self.html.push_str(&format!("<{name}{attributes}>"));
        self.open.push(name);
    }

    fn end(&mut self) {
        if let Some(name) = self.open.pop() {
            self.html.push_str(&format!("</{name}>"));
        }
    }

    fn is_full(&self) -> bool {
        self.html.len() > self.manner.bytes_max()
    }

    /// As much of it as there is room for: one text may be all that there is.
    fn text(&mut self, text: &str) {
        let text = self.manner.text(text);
        for character in text.chars() {
            if self.is_full() {
                break;
            }
            escape(character.encode_utf8(&mut [0; 4]), &mut self.html);
        }
    }
}

/// Text as it may stand in HTML, also within quotes; characters that only control others are left out.
pub(crate) fn escape(text: &str, html: &mut String) {
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
