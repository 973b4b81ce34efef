//! The least that any server has to do for durable content, without a protocol, rights or rows: receive it, hash it, write it,
//! make file and directory durable, say so. What a gateway can be measured by where the disk hardly waits.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use super::{Text, pin, text};

/// Bytes read, hashed and written at a time: as many as the gateway gathers.
const PIECE_BYTES: usize = 256 * 1024;

/// What a client of the floor sends before its bytes: how many they are.
type Length = [u8; 8];

/// Serves on a core, one thread for each connection, until the process ends.
pub(crate) fn start(core: usize, folder: PathBuf) -> Text<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(text)?;
    let address = listener.local_addr().map_err(text)?;
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().flatten().enumerate() {
            let folder = folder.clone();
            // A client that hears nothing ends the run.
            std::thread::spawn(move || pin(core).and_then(|()| serve(stream, &folder, number)));
        }
    });
    Ok(address)
}

/// Sends bytes and waits until they are durable; the first byte says whether all four hashes of Maven are wanted.
pub(crate) fn send(mut stream: &TcpStream, bytes: &[u8], all_hashes: bool) -> Text<()> {
    let length: Length = (bytes.len() as u64).to_be_bytes();
    stream.write_all(&[u8::from(all_hashes)]).map_err(text)?;
    stream.write_all(&length).map_err(text)?;
    stream.write_all(bytes).map_err(text)?;
    stream.read_exact(&mut [0]).map_err(text)
}

fn serve(mut stream: TcpStream, folder: &Path, connection: usize) -> Text<()> {
    let mut piece = vec![0; PIECE_BYTES];
    for number in 0_u32.. {
        let mut all_hashes = [0];
        if stream.read(&mut all_hashes).map_err(text)? == 0 {
            return Ok(());
        }
        let mut length = Length::default();
        stream.read_exact(&mut length).map_err(text)?;
        let mut left = u64::from_be_bytes(length);
        let mut file = File::create(folder.join(format!("{connection}-{number}"))).map_err(text)?;
        let mut sha256 = Sha256::new();
        let mut others = (all_hashes != [0]).then(|| (Md5::new(), Sha1::new(), Sha512::new()));
        while left > 0 {
            let wanted = usize::try_from(left).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
            let part = piece.get_mut(..wanted).unwrap_or_default();
            stream.read_exact(part).map_err(text)?;
            sha256.update(&*part);
            if let Some((md5, sha1, sha512)) = &mut others {
                md5.update(&*part);
                sha1.update(&*part);
                sha512.update(&*part);
            }
            file.write_all(part).map_err(text)?;
            left -= wanted as u64;
        }
        std::hint::black_box((
            sha256.finalize(),
            others.map(|(a, b, c)| (a.finalize(), b.finalize(), c.finalize())),
        ));
        file.sync_data().map_err(text)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(text)?;
        stream.write_all(&[1]).map_err(text)?;
    }
    Ok(())
}
