//! Questions to whoever sits at the terminal.

use std::io::{self, IsTerminal as _, Read as _, Write as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::failure::Failure;

/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 4096;

/// Whether somebody can be asked: questions go to standard error, so that results can be piped all the same.
pub(super) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for a line.
///
/// # Errors
/// Wrong use, if the terminal went away.
pub(super) fn ask(question: &str) -> Result<String, Failure> {
    let _ = write!(io::stderr(), "{question}");
    let _ = io::stderr().flush();
    line(&mut io::stdin().lock())
}

/// Asks for a line that is not shown while it is typed.
///
/// # Errors
/// Wrong use, if the terminal went away.
pub(super) fn ask_hidden(question: &str) -> Result<String, Failure> {
    let hidden = Hidden::new()?;
    let answer = ask(question);
    drop(hidden);
    let _ = writeln!(io::stderr());
    answer
}

/// All of standard input, which holds a secret on its one line.
///
/// # Errors
/// Wrong use, if there is nothing, too much, or no text.
pub(super) fn secret_from_input() -> Result<String, Failure> {
    let mut text = String::new();
    let read = io::stdin().take(ANSWER_BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| Failure::Usage(format!("standard input: {error}")))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(Failure::Usage("standard input holds nothing".to_owned())),
        secret => Ok(secret.to_owned()),
    }
}

/// Byte for byte, so that nothing of what comes after the line is taken from whoever reads next.
fn line(input: &mut impl io::BufRead) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    for byte in input.take(ANSWER_BYTES_MAX).bytes() {
        match byte.map_err(|error| Failure::Usage(format!("standard input: {error}")))? {
            b'\n' => {
                let text =
                    String::from_utf8(bytes).map_err(|_| Failure::Usage("it is not UTF-8".to_owned()))?;
                return Ok(text.trim_end_matches('\r').to_owned());
            }
            byte => bytes.push(byte),
        }
    }
    Err(Failure::Usage("nobody answered".to_owned()))
}

/// The terminal does not show what is typed for as long as this lives.
struct Hidden(Termios);

impl Hidden {
    fn new() -> Result<Self, Failure> {
        let wrong = |error: rustix::io::Errno| Failure::Usage(format!("the terminal: {error}"));
        let before = tcgetattr(io::stdin()).map_err(wrong)?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden).map_err(wrong)?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}
