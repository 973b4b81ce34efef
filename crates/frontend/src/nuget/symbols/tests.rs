use std::io::{Cursor, Write as _};

use bytes::Bytes;
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// A portable PDB with this GUID as it lies there, whose id is behind `before` other bytes.
pub(in crate::nuget) fn portable(guid: [u8; 16], before: usize) -> Vec<u8> {
    let version = b"PDB v1.0\0\0\0\0";
    let streams: [(&[u8], usize); 2] = [(b"#~\0\0", before), (b"#Pdb\0\0\0\0", 24)];
    let names: usize = streams.iter().map(|(name, _)| 8 + name.len()).sum();
    let mut at = 16 + version.len() + 4 + names;
    let number = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let mut pdb = [&b"BSJB\x01\0\x01\0\0\0\0\0"[..], &number(version.len()), version, &[0, 0, 2, 0]].concat();
    for (name, length) in streams {
        pdb.extend([&number(at)[..], &number(length), name].concat());
        at += length;
    }
    pdb.extend(vec![7; before]);
    pdb.extend(guid);
    pdb.extend([9; 8]);
    pdb
}

const GUID: [u8; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xab];

fn key(pdb: &[u8], pieces: usize) -> Option<String> {
    let mut id = PdbId::default();
    for piece in pdb.chunks(pieces) {
        id.see(piece);
    }
    id.key()
}

#[test]
fn the_key_is_the_guid_wherever_it_lies() {
    for before in [0, 4, 900, 1100, 70_000] {
        let pdb = portable(GUID, before);
        for pieces in [1, 7, 1000, 1 << 20] {
            let key = key(&pdb, pieces);
            assert_eq!(key.as_deref(), Some("0403020106050807090a0b0c0d0e0fabffffffff"), "{before} {pieces}");
        }
        assert_eq!(key(&pdb[..pdb.len() - 8], 100), None, "cut short");
    }
    for other in [&b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0"[..], b"", b"BSJB", b"MZ"] {
        assert_eq!(key(other, 8), None);
    }
}

fn nuspec(kind: &str) -> String {
    format!(
        "<package><metadata><id>A</id><version>1.0</version><packageTypes><packageType name='{kind}'/></packageTypes>\
         </metadata></package>"
    )
}

fn examined(kind: &str, files: &[(&str, &[u8])]) -> Result<Found, Fault> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let nuspec = nuspec(kind);
    for (name, content) in [&[("A.nuspec", nuspec.as_bytes())], files].concat() {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    let bytes = Bytes::from(writer.finish().unwrap().into_inner());
    examine(&bytes, 1 << 20).map_err(|stopped| match stopped {
        Stopped::Fault(fault) => fault,
        Stopped::Upload(error) => panic!("{error}"),
    })
}

#[test]
fn a_symbols_package_holds_symbols_alone() {
    let around: [(&str, &[u8]); 3] = [
        ("_rels/.rels", b""),
        ("[Content_Types].xml", b""),
        ("package/services/metadata/core-properties/n.psmdcp", b""),
    ];
    let pdb = ("lib/net8.0/A.pdb", &b"x"[..]);
    let found =
        examined("symbolspackage", &[&around[..], &[pdb, ("lib/net9.0/b.PDB", b"y")]].concat()).unwrap();
    assert_eq!((found.nuspec.id.display(), found.pdbs.len()), ("A", 2));
    let fault = |kind: &str, files: &[(&str, &[u8])]| examined(kind, files).map(|found| found.pdbs.len());
    assert_eq!(fault("SymbolsPackage", &around), Err(Fault::WithoutSymbols));
    assert_eq!(fault("Dependency", &[pdb]), Err(Fault::NotSymbols));
    let dll = "lib/net8.0/A.dll";
    assert_eq!(fault("SymbolsPackage", &[pdb, (dll, b"MZ")]), Err(Fault::NoSymbols(Quoted::new(dll))));
    let names: Vec<String> = (0..257).map(|number| format!("{number}.pdb")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &b""[..])).collect();
    assert_eq!(fault("SymbolsPackage", &many[..256]), Ok(256));
    assert_eq!(fault("SymbolsPackage", &many), Err(Fault::TooManySymbols { most: 256 }));
    let large = vec![0; (1 << 20) + 1];
    assert_eq!(fault("SymbolsPackage", &[("a.pdb", &large)]), Err(Fault::Bomb));
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        changes in proptest::collection::vec((0..80_usize, any::<u8>()), 0..4),
        pieces in 1..50_usize,
    ) {
        let _ = key(&bytes, pieces);
        let mut pdb = portable(GUID, 10);
        for (at, value) in changes {
            if let Some(byte) = pdb.get_mut(at) {
                *byte = value;
            }
        }
        let _ = key(&pdb, pieces);
    }
}
