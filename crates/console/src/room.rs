//! How much of what others wrote stands in one page: it may be anything of any length, and a page stays a page.

/// What is left of it, in bytes of HTML.
pub(crate) struct Room {
    bytes: usize,
    /// Whether something was left out.
    pub(crate) full: bool,
}

impl Room {
    pub(crate) const fn new(bytes: usize) -> Self {
        Self { bytes, full: false }
    }

    /// A text, cut where it takes more than so many bytes, or than there are.
    pub(crate) fn text(&mut self, text: &str, bytes_max: usize) -> String {
        let most = bytes_max.min(self.bytes);
        let mut taken = 0;
        for (at, character) in text.char_indices() {
            let bytes = html_bytes(character);
            if taken + bytes > most {
                self.full = true;
                self.bytes -= taken;
                return format!("{}…", text.get(..at).unwrap_or_default());
            }
            taken += bytes;
        }
        self.bytes -= taken;
        text.to_owned()
    }

    /// Cuts a text where it stands.
    pub(crate) fn cut(&mut self, text: &mut String, bytes_max: usize) {
        *text = self.text(text, bytes_max);
    }

    /// Keeps of a list what there is room for, at most so many rows: each takes so many bytes, and its texts what `row` says.
    pub(crate) fn keep<T>(
        &mut self,
        rows: &mut Vec<T>,
        (rows_max, bytes): (usize, usize),
        mut row: impl FnMut(&mut Self, &mut T),
    ) {
        let mut kept = 0;
        for one in rows.iter_mut() {
            if kept == rows_max || !self.take(bytes) {
                break;
            }
            row(self, one);
            kept += 1;
        }
        self.full |= kept < rows.len();
        rows.truncate(kept);
    }

    /// Takes what something needs beside its texts; false, and it is left out, if there is no more of it.
    pub(crate) const fn take(&mut self, bytes: usize) -> bool {
        if self.bytes < bytes {
            self.full = true;
            return false;
        }
        self.bytes -= bytes;
        true
    }

    /// Does something with a part of it only.
    pub(crate) fn within(&mut self, bytes_max: usize, something: impl FnOnce(&mut Self)) {
        let mut part = Self::new(self.bytes.min(bytes_max));
        self.bytes -= part.bytes;
        something(&mut part);
        self.bytes += part.bytes;
        self.full |= part.full;
    }

    pub(crate) const fn left(&self) -> usize {
        self.bytes
    }
}

/// What a character takes where it is escaped.
const fn html_bytes(character: char) -> usize {
    match character {
        '<' | '>' | '&' | '"' | '\'' => 6,
        other => other.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::Room;

    #[test]
    fn texts_and_rows_end_with_the_room() {
        let mut room = Room::new(100);
        assert_eq!(room.text("short", 50), "short");
        assert_eq!(room.text("'''''''", 19), "'''…");
        assert_eq!(room.left(), 77);
        assert!(room.full);
        let mut rows = vec!["ä".repeat(30), "b".repeat(30), "c".to_owned()];
        room.keep(&mut rows, (9, 5), |room, row| room.cut(row, 60));
        assert_eq!(rows, ["ä".repeat(30), format!("{}…", "b".repeat(7))]);
        assert_eq!(room.text("d", 9), "…");
        let mut room = Room::new(100);
        room.within(10, |part| assert_eq!(part.text("0123456789a", 50), "0123456789…"));
        assert_eq!((room.left(), room.full), (90, true));
        let mut rows = vec![1, 2, 3];
        room.keep(&mut rows, (2, 1), |_, _| {});
        assert_eq!(rows, [1, 2]);
    }
}
