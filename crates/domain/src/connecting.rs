use std::borrow::Cow;

/// Whom a client program is to act as at a repository, and where that is: what lines to paste are filled with.
#[derive(Debug, Clone, Copy)]
pub struct Connecting<'a> {
    /// `https://HOST`, without a slash behind it.
    pub origin: &'a str,
    /// `PROJECT/REPOSITORY`.
    pub repository: &'a str,
    /// User name or client ID; empty for nobody, who fetches what is public.
    pub user: &'a str,
    /// The token, if there is one already; else it is taken from the variable [`TOKEN_VARIABLE`].
    pub secret: Option<&'a str>,
    /// A package of the repository and a version of it, if there is one.
    pub example: Option<(&'a str, &'a str)>,
}

/// Where lines take the token from that stand there before there is one.
pub const TOKEN_VARIABLE: &str = "WHARFINGER_TOKEN";

/// A client program, and what it is told.
#[derive(Debug, Clone)]
pub struct ClientLines {
    /// What it is called.
    pub program: &'static str,
    /// What is pasted, in its order.
    pub blocks: Vec<Block>,
}

/// Something to paste.
#[derive(Debug, Clone)]
pub struct Block {
    /// What it is for.
    pub step: Step,
    /// Where it goes: a file; a shell if there is none.
    pub file: Option<&'static str>,
    /// The lines.
    pub text: String,
}

/// What lines are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Makes the program known as somebody.
    LogIn,
    /// Publishes.
    Push,
    /// Fetches.
    Pull,
}

impl Connecting<'_> {
    /// Host and port as docker wants them.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.origin.split_once("://").map_or(self.origin, |(_, authority)| authority)
    }

    /// The token as a shell takes it, to stand behind other words of the same argument too. No token has a character that a shell minds.
    #[must_use]
    pub fn shell_secret(&self) -> String {
        match self.secret {
            Some(secret) => format!("\"{secret}\""),
            None => format!("\"${TOKEN_VARIABLE}\""),
        }
    }

    /// Whether nobody logs in.
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        self.user.is_empty()
    }

    /// Whether there is TLS on the way.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// What configurations of clients call the repository: `wharfinger-PROJECT-REPOSITORY`, so that two of them do not clash.
    #[must_use]
    pub fn id(&self) -> String {
        format!("wharfinger-{}", self.repository.replace(['/', '.', '_'], "-"))
    }
}

/// A word as a POSIX shell takes it, whatever is in it.
#[must_use]
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@+%/:=".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', "'\\''")))
}

/// A text as XML has it between tags or in quotes.
#[must_use]
pub fn xml_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl ClientLines {
    /// Lines of a program, in their order: what for, the file they go to, what they say.
    #[must_use]
    pub fn new(
        program: &'static str,
        blocks: impl IntoIterator<Item = (Step, Option<&'static str>, String)>,
    ) -> Self {
        let blocks = blocks.into_iter().map(|(step, file, text)| Block { step, file, text });
        Self { program, blocks: blocks.collect() }
    }
}
