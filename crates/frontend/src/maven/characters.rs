//! Which characters names of the layout may have: those that Maven itself takes in versions, without the ones that deceive.

/// Whether a version or a classifier may have it. What Maven refuses there means something to a file system, to a range of versions
/// or to an expression. The percent sign is refused in every path here, because a path that has one may be decoded twice.
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

/// Letters, digits, `_`, `.` and `-`: what ids and prefixes are made of.
pub(crate) const fn is_of_id(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-')
}

/// Letters, digits, `.`, `_`, `-`, `+` and `~`: what extensions are made of.
pub(crate) const fn is_plain(character: char) -> bool {
    is_of_id(character) || matches!(character, '+' | '~')
}

/// The first character that keeps a path out of the layout, if it is one: of the ids, then of the version and the name of the
/// file, then of its extension.
pub(crate) fn first_refused(path: &str) -> Option<char> {
    let segments: Vec<&str> = path.split('/').collect();
    let (ids, rest) = segments.split_at_checked(segments.len().saturating_sub(2))?;
    let of = |segments: &[&str], good: fn(char) -> bool| {
        segments.iter().flat_map(|segment| segment.chars()).find(|character| !good(*character))
    };
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    of(ids, is_of_id)
        .or_else(|| of(rest, is_taken))
        .or_else(|| of(&[extension], is_plain))
        .filter(|at| *at != '/')
}

#[cfg(test)]
mod tests;
