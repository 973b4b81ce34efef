use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

/// An archive in memory.
impl Staged for Bytes {
    fn size_bytes(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, range: Range<u64>) -> Result<Bytes, storage::UploadError> {
        assert!(range.end - range.start <= 8 << 20, "storage hands out no more at once");
        let [start, end] = [range.start, range.end].map(|at| usize::try_from(at).unwrap());
        Ok(self.slice(start..end))
    }
}

/// What another program packs.
fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (index, (name, content)) in files.iter().enumerate() {
        let method = if index % 2 == 0 { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn open(bytes: impl Into<Bytes>) -> Result<Archive, Fault> {
    Archive::open(&bytes.into()).map_err(fault)
}

fn fault(stopped: Stopped) -> Fault {
    match stopped {
        Stopped::Fault(fault) => fault,
        Stopped::Upload(error) => panic!("{error}"),
    }
}

const FILES: &[(&str, &[u8])] =
    &[("a.nuspec", b"<package/>"), ("lib/net8.0/a.dll", &[7; 5000]), ("readme.md", b"# A"), ("tools/", b"")];

/// The archive with `change` made to it.
fn changed(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = zipped(FILES);
    change(&mut bytes);
    bytes
}

fn position(bytes: &[u8], of: &[u8]) -> usize {
    bytes.windows(of.len()).position(|window| window == of).unwrap()
}

#[test]
fn what_others_pack_is_read_back() {
    let bytes = Bytes::from(zipped(FILES));
    let archive = Archive::open(&bytes).unwrap();
    assert_eq!(archive.entries().len(), FILES.len());
    for (name, content) in FILES {
        let entry = archive.find(name).unwrap();
        assert_eq!(&*entry.content(&bytes, 1 << 20).unwrap().0, *content, "{name}");
    }
    assert!(archive.find("A.nuspec").is_none());
}

#[test]
fn a_long_file_is_refused_before_it_is_read() {
    let bytes = Bytes::from(zipped(&[("a", &[1; 100])]));
    let archive = Archive::open(&bytes).unwrap();
    let entry = archive.find("a").unwrap();
    assert!(entry.content(&bytes, 100).is_ok());
    let refused = entry.content(&bytes, 99).map_err(fault);
    assert_eq!(refused, Err(Fault::FileTooLarge { name: Quoted::new("a"), bytes_max: 99 }));
}

#[test]
fn what_is_no_archive_says_so() {
    for bytes in [&b""[..], b"PK", b"hello", &[0; 100]] {
        assert_eq!(open(bytes.to_vec()).unwrap_err(), Fault::NotZip);
    }
    let whole = zipped(FILES);
    for length in 0..whole.len() {
        assert!(open(whole[..length].to_vec()).is_err(), "{length}");
    }
    let trailing = changed(|bytes| bytes.push(0));
    assert_eq!(open(trailing).unwrap_err(), Fault::NotZip);
    let before = [b"x".to_vec(), zipped(FILES)].concat();
    assert!(matches!(open(before).unwrap_err(), Fault::Damaged(_)));
}

#[test]
fn a_comment_may_follow_but_not_pose_as_the_end() {
    let commented = changed(|bytes| {
        let end = bytes.len();
        bytes[end - 2] = 5;
        bytes.extend_from_slice(b"hello");
    });
    assert!(open(commented).is_ok());
    let two_ends = changed(|bytes| {
        let end = bytes[bytes.len() - 22..].to_vec();
        let at = bytes.len() - 2;
        bytes[at] = 22;
        bytes.extend(end);
    });
    assert!(matches!(open(two_ends).unwrap_err(), Fault::Damaged(_)));
}

#[test]
fn both_headers_must_say_the_same() {
    let whole = zipped(FILES);
    let directory = position(&whole, b"PK\x01\x02");
    // Flags, method, checksum, sizes and name of the first local header.
    for at in [6, 8, 14, 18, 22, 30] {
        let bytes = changed(|bytes| bytes[at] ^= 1);
        assert_eq!(open(bytes).unwrap_err(), Fault::HeadersDiffer(Quoted::new("a.nuspec")), "{at}");
    }
    // And of the first record of the directory.
    for at in [16, 24, 46] {
        let bytes = changed(|bytes| bytes[directory + at] ^= 1);
        assert!(matches!(open(bytes).unwrap_err(), Fault::HeadersDiffer(_)), "{at}");
    }
}

#[test]
fn false_sizes_and_contents_are_found() {
    let whole = zipped(FILES);
    let directory = position(&whole, b"PK\x01\x02");
    for (local, central) in [(22, 24), (14, 16)] {
        let bytes = changed(|bytes| {
            bytes[local] ^= 1;
            bytes[directory + central] ^= 1;
        });
        let bytes = Bytes::from(bytes);
        let archive = Archive::open(&bytes).unwrap();
        let read = archive.find("a.nuspec").unwrap().content(&bytes, 1 << 20).map_err(fault);
        assert_eq!(read, Err(Fault::Content(Quoted::new("a.nuspec"))));
    }
    // The stored file, of which a byte is another.
    let at = position(&whole, &[7; 5000]);
    let bytes = Bytes::from(changed(|bytes| bytes[at] = 8));
    let archive = Archive::open(&bytes).unwrap();
    let read = archive.find("lib/net8.0/a.dll").unwrap().content(&bytes, 1 << 20).map_err(fault);
    assert_eq!(read, Err(Fault::Content(Quoted::new("lib/net8.0/a.dll"))));
}

#[test]
fn files_neither_overlap_nor_hide() {
    let whole = zipped(FILES);
    let directory = position(&whole, b"PK\x01\x02");
    // The first two records point at the same bytes.
    let second = directory + 1 + position(&whole[directory + 1..], b"PK\x01\x02");
    let overlapping = changed(|bytes| bytes.copy_within(directory + 42..directory + 46, second + 42));
    assert!(matches!(open(overlapping).unwrap_err(), Fault::Damaged(_)));
    // A file that the directory does not list.
    let hidden = changed(|bytes| {
        let extra = bytes[..position(bytes, b"lib/") - 30].to_vec();
        let directory = position(bytes, b"PK\x01\x02");
        bytes.splice(directory..directory, extra.iter().copied());
        let at = bytes.len() - 6;
        let offset = u32::try_from(directory + extra.len()).unwrap();
        bytes[at..at + 4].copy_from_slice(&offset.to_le_bytes());
    });
    assert!(matches!(open(hidden).unwrap_err(), Fault::Damaged(_)));
}

#[test]
fn paths_stay_inside_and_mean_one_thing() {
    let bad = [
        "../a",
        "a/../../b",
        "/a",
        "a//b",
        "./a",
        "a/.",
        "..",
        "a\\b",
        "..\\a",
        "C:/a",
        "a/%2e%2e/b",
        "%2Fa",
        "a%5Cb",
        "%zz/..%2fa",
        "a%00",
        "a\u{1}",
        "a ",
        "a./b",
        "a?b",
        "a%ff",
    ];
    for name in bad {
        assert_eq!(open(zipped(&[(name, b"x")])).unwrap_err(), Fault::Path(Quoted::new(name)), "{name}");
    }
    let same = [("lib/a.dll", "LIB/A.dll"), ("a b", "a%20b"), ("a/", "A/"), ("a", "A/"), ("ä", "Ä")];
    for (first, second) in same {
        let twice = open(zipped(&[(first, b"x"), (second, b"y")])).unwrap_err();
        assert_eq!(twice, Fault::Duplicate(Quoted::new(second)), "{second}");
    }
    assert!(
        open(zipped(&[("a%b", b"x"), ("a+b%20c", b"y"), ("[Content_Types].xml", b""), ("_rels/.rels", b"")]))
            .is_ok()
    );
}

#[test]
fn bombs_and_strange_methods_are_refused() {
    let zeros = vec![0; 70 << 20];
    assert_eq!(open(zipped(&[("a", &zeros)])).unwrap_err(), Fault::Bomb);
    let encrypted = changed(|bytes| {
        let directory = position(bytes, b"PK\x01\x02");
        bytes[6] |= 1;
        bytes[directory + 8] |= 1;
    });
    assert_eq!(open(encrypted).unwrap_err(), Fault::Encrypted(Quoted::new("a.nuspec")));
    let strange = changed(|bytes| {
        let directory = position(bytes, b"PK\x01\x02");
        bytes[8] = 99;
        bytes[directory + 10] = 99;
    });
    assert_eq!(open(strange).unwrap_err(), Fault::Method(Quoted::new("a.nuspec")));
}

#[test]
fn counts_beyond_the_bounds_are_refused_by_the_end_record_alone() {
    let with = |at: usize, value: &[u8]| {
        changed(|bytes| {
            let end = bytes.len() - 22 + at;
            bytes[end..end + value.len()].copy_from_slice(value);
        })
    };
    assert_eq!(open(with(8, &[0xff; 4])).unwrap_err(), Fault::Zip64);
    assert_eq!(open(with(12, &[0xff; 4])).unwrap_err(), Fault::Zip64);
    assert_eq!(open(with(16, &[0xff; 4])).unwrap_err(), Fault::Zip64);
    let long = (17_u32 << 20).to_le_bytes();
    assert!(matches!(open(with(12, &long)).unwrap_err(), Fault::DirectoryTooLarge { .. }));
    assert!(matches!(open(with(4, &[1])).unwrap_err(), Fault::Damaged(_)));
    assert!(matches!(open(with(10, &[3])).unwrap_err(), Fault::Damaged(_)));
}

/// The file `a.nuspec` as programs pack it that write to a pipe: what they know of it is in the header, everything is behind it.
fn streamed(stated: (u32, u32, u32), extra: &[u8], wide: bool) -> Result<Bytes, Fault> {
    const CONTENT: &[u8] = b"<package/>";
    let mut crc = Crc::new();
    crc.update(CONTENT);
    let (crc, length) = (crc.sum(), u32::try_from(CONTENT.len()).unwrap());
    let short = |value: usize| u16::try_from(value).unwrap().to_le_bytes();
    let about = |(crc, compressed, expanded): (u32, u32, u32), extra: &[u8]| {
        let numbers = [crc, compressed, expanded].map(u32::to_le_bytes).concat();
        [&[45, 0, 8, 0, 0, 0, 0, 0, 0x21, 0x4a], &numbers[..], &short(8), &short(extra.len())].concat()
    };
    let size = if wide { u64::from(length).to_le_bytes().to_vec() } else { length.to_le_bytes().to_vec() };
    let behind = [b"PK\x07\x08", &crc.to_le_bytes()[..], &size, &size].concat();
    let file = [b"PK\x03\x04", &about(stated, extra)[..], b"a.nuspec", extra, CONTENT, &behind].concat();
    let listed = about((crc, length, length), b"");
    let directory = [b"PK\x01\x02\x14\x03", &listed[..], &[0; 14], b"a.nuspec"].concat();
    let at = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let end = [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &at(&directory), &at(&file), b"\0\0"].concat();
    let bytes = Bytes::from([file, directory, end].concat());
    let archive = Archive::open(&bytes).map_err(fault)?;
    Ok(archive.find("a.nuspec").unwrap().content(&bytes, 1 << 20).map_err(fault)?.0)
}

/// What bsdtar, `zip -` into a pipe, Python and .NET write: each number before a file is there or 0, by itself
/// (adamhathcock/sharpcompress#88 is Info-ZIP with the expanded size alone).
#[test]
fn what_was_not_known_before_the_file_stands_behind_it() {
    let mut crc = Crc::new();
    crc.update(b"<package/>");
    let known = (crc.sum(), 10, 10);
    for mask in 0..8 {
        let part = |bit: u32, value: u32| if mask & bit == 0 { 0 } else { value };
        let stated = (part(1, known.0), part(2, known.1), part(4, known.2));
        assert_eq!(streamed(stated, b"", false).unwrap(), "<package/>", "{stated:?}");
    }
    for stated in [(1, 0, 0), (0, 9, 0), (0, 0, 11), (known.0, 10, 11)] {
        let differ = Fault::HeadersDiffer(Quoted::new("a.nuspec"));
        assert_eq!(streamed(stated, b"", false), Err(differ), "{stated:?}");
    }
    // Of 64 bits because the program did not know better: 0, or what the directory says.
    let wide = |expanded: u64, compressed: u64| {
        [&b"UT\x01\0x\x01\0\x10\0"[..], &expanded.to_le_bytes(), &compressed.to_le_bytes()].concat()
    };
    let sizes_there = (0, u32::MAX, u32::MAX);
    for extra in [wide(0, 0), wide(10, 0), wide(10, 10)] {
        assert_eq!(streamed(sizes_there, &extra, true).unwrap(), "<package/>");
        assert!(streamed(sizes_there, &extra, false).is_err(), "the sizes behind it are as wide");
    }
    for extra in [wide(11, 0), wide(0, 1 << 32), wide(10, 10)[..20].to_vec(), Vec::new()] {
        assert!(matches!(streamed(sizes_there, &extra, true), Err(Fault::HeadersDiffer(_))), "{extra:?}");
    }
}

#[test]
fn records_of_zip64_at_the_end_are_named() {
    let wide = changed(|bytes| {
        let end = bytes.len() - 22;
        bytes.splice(end..end, [&b"PK\x06\x06"[..], &[0; 52], b"PK\x06\x07", &[0; 16]].concat());
    });
    assert_eq!(open(wide).unwrap_err(), Fault::Zip64);
}

proptest! {
    #[test]
    fn no_damage_makes_it_panic_or_read_other_bytes(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let bytes = changed(|bytes| {
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
        });
        let bytes = Bytes::from(bytes);
        if let Ok(archive) = Archive::open(&bytes) {
            for (name, content) in FILES {
                if let Some(Ok(read)) = archive.find(name).map(|entry| entry.content(&bytes, 1 << 20)) {
                    prop_assert_eq!(&*read.0, *content);
                }
            }
        }
    }
}
