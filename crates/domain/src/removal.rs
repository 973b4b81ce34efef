use crate::digest::Digest;
use crate::refname::EntryKey;

/// One thing to take away.
#[derive(Debug, Clone)]
pub enum Removal {
    /// This name alone.
    Entry(EntryKey),
    /// This name and the tags of its package that have the same content. Refused where a tag names something that has it as a member.
    EntryAndPointers {
        /// The name.
        key: EntryKey,
        /// A member goes all the same, where the repository's rule allows sparse indexes.
        force: bool,
    },
    /// This name from lists; it is still found.
    Unlist(EntryKey),
    /// Back into lists.
    Relist(EntryKey),
    /// Every name that is a part of this target; `Absent` if none is. Of many, the first go before everything else.
    Parts(Box<str>),
    /// This name, if it is there and nothing is a part of `of` any more: put behind what may orphan it.
    Orphan {
        /// The name.
        key: EntryKey,
        /// What it stands for.
        of: Box<str>,
    },
    /// The blob's link to this repository; refused while a name has it as content, or as a blob of its content.
    Link(Digest),
}
