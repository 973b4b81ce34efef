//! Hashes: those that are said of content, and those that it has.

use std::fmt::Write as _;

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA512};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::{Algorithm, Digest};
use http::HeaderMap;
use http::header::ETAG;

/// What hashes are made with. MD5 proves nothing and is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sha1,
    Sha256,
    Sha512,
}

/// The strongest first.
pub(super) const KINDS: [Kind; 3] = [Kind::Sha512, Kind::Sha256, Kind::Sha1];

/// Hashes of one content, those that are known, in small hexadecimal letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sums([Option<String>; 3]);

impl Kind {
    /// How files that hold one end, and headers that tell one.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    const fn hex_chars(self) -> usize {
        match self {
            Self::Sha1 => 40,
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }
}

impl Sums {
    pub(super) fn of(&self, kind: Kind) -> Option<&str> {
        self.0.get(kind as usize).and_then(Option::as_deref)
    }

    /// Takes a hash, if it is one of this kind.
    pub(super) fn put(&mut self, kind: Kind, hex: &str) {
        let good = hex.len() == kind.hex_chars() && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
        if let Some(slot) = self.0.get_mut(kind as usize).filter(|_| good) {
            *slot = Some(hex.to_ascii_lowercase());
        }
    }

    /// The same in base64, as NuGet writes them.
    pub(super) fn put_base64(&mut self, kind: Kind, text: &str) {
        if let Ok(bytes) = BASE64_STANDARD.decode(text.trim()) {
            self.put(kind, &hex(&bytes));
        }
    }

    pub(super) fn of_digest(digest: &Digest) -> Self {
        let mut sums = Self::default();
        match digest.algorithm() {
            Algorithm::Sha256 => sums.put(Kind::Sha256, &digest.hex()),
            Algorithm::Sha512 => sums.put(Kind::Sha512, &digest.hex()),
            _ => {}
        }
        sums
    }

    /// What the head of an answer says of its content: `X-Checksum-*` as Artifactory, Nexus and this gateway send them, and entity tags
    /// that are digests.
    pub(super) fn of_head(headers: &HeaderMap) -> Self {
        let mut sums = Self::default();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        for kind in KINDS {
            if let Some(hex) = text(&format!("x-checksum-{}", kind.word())) {
                sums.put(kind, hex.trim());
            }
        }
        let tag = text(ETAG.as_str()).unwrap_or_default().trim_matches('"');
        if let Some(hex) = tag.strip_prefix("sha256:") {
            sums.put(Kind::Sha256, hex);
        }
        if let Some(hex) = tag.strip_prefix("{SHA1{").and_then(|rest| rest.strip_suffix("}}")) {
            sums.put(Kind::Sha1, hex);
        }
        sums
    }

    /// With what the other one knows besides.
    pub(super) fn and(mut self, other: &Self) -> Self {
        for kind in KINDS {
            if let (None, Some(hex)) = (self.of(kind), other.of(kind)) {
                self.put(kind, hex);
            }
        }
        self
    }

    /// Whether both are of the same content, by the strongest hash that both know; `None` if they know none in common.
    pub(super) fn same_as(&self, other: &Self) -> Option<bool> {
        KINDS.into_iter().find_map(|kind| Some(self.of(kind)? == other.of(kind)?))
    }

    /// What these, of the content itself, have otherwise than `said`, in words for people.
    pub(super) fn contradiction(&self, said: &Self) -> Option<String> {
        let mut pairs = KINDS.into_iter().filter_map(|kind| Some((kind, self.of(kind)?, said.of(kind)?)));
        pairs.find(|(_, own, said)| own != said).map(|(kind, own, said)| {
            format!("its {} is {own}, and {said} was promised", kind.word().to_ascii_uppercase())
        })
    }
}

/// Makes all hashes of what goes through.
pub(super) struct Hashing([(Kind, Context); 3]);

impl Hashing {
    pub(super) fn new() -> Self {
        Self([
            (Kind::Sha512, Context::new(&SHA512)),
            (Kind::Sha256, Context::new(&SHA256)),
            (Kind::Sha1, Context::new(&SHA1_FOR_LEGACY_USE_ONLY)),
        ])
    }

    pub(super) fn update(&mut self, piece: &[u8]) {
        self.0.iter_mut().for_each(|(_, context)| context.update(piece));
    }

    pub(super) fn finish(self) -> Sums {
        let mut sums = Sums::default();
        for (kind, context) in self.0 {
            sums.put(kind, &hex(context.finish().as_ref()));
        }
        sums
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The hash in a file that holds one: alone, with a file name before or behind it, as gpg or OpenSSL write it.
pub(super) fn read_hash(kind: Kind, text: &str) -> Option<String> {
    let plain =
        |word: &&str| word.len() == kind.hex_chars() && word.bytes().all(|digit| digit.is_ascii_hexdigit());
    let words = text.split(|letter: char| letter.is_whitespace() || matches!(letter, '=' | '\u{feff}' | '*'));
    words.into_iter().find(|word| plain(word)).map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests;
