//! Which characters names may have: those that Maven itself takes in versions, without the ones that deceive.

/// Whether a name in a path may have it. What Maven refuses in a version means something to a file system, to a range of versions or
/// to an expression. The percent sign is refused in every path here, because a path that has one may be decoded twice.
pub(crate) fn is_taken(character: char) -> bool {
    let refused = matches!(
        character,
        '\\' | '/' | ':' | '"' | '<' | '>' | '|' | '?' | '*' | '[' | ']' | '(' | ')' | '{' | '}' | ',' | '%'
    );
    !refused && !is_deceptive(character)
}

/// Whether no path may have it: control characters, those that turn the direction of what stands around them, and what no
/// XML document can hold.
pub(crate) fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
        || matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// Whether a name in a path ends with a dot: some file systems drop it, so that two names would be one.
pub(crate) fn has_dot_at_end(path: &str) -> bool {
    path.ends_with('.') || path.contains("./")
}

#[cfg(test)]
mod tests;
