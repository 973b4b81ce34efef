//! Frames of HTTP/2 (RFC 9113), written by hand: for what no library sends.

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
/// Largest window there is.
const WINDOW_BYTES_MAX: u32 = (1 << 31) - 1;
/// What the window of a connection is at first; no setting changes it.
const CONNECTION_WINDOW_BYTES: u32 = 65_535;
const INITIAL_WINDOW_SIZE: u16 = 4;

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a small frame").to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// `GET` of a path of `http://localhost`, by HPACK's static table and literals that enter no table.
pub(crate) fn head(path: &str) -> Vec<u8> {
    let mut block = vec![0x82, 0x86, 0x04];
    block.extend(length(path.len()));
    block.extend(path.as_bytes());
    block.extend([0x01, 9]);
    block.extend(b"localhost");
    block
}

/// Preface and settings of a client that grants all the window there is.
pub(crate) fn greeting_with_open_windows() -> Vec<u8> {
    let mut settings = INITIAL_WINDOW_SIZE.to_be_bytes().to_vec();
    settings.extend(WINDOW_BYTES_MAX.to_be_bytes());
    let more = (WINDOW_BYTES_MAX - CONNECTION_WINDOW_BYTES).to_be_bytes();
    [PREFACE, &frame(SETTINGS, 0, 0, &settings), &frame(WINDOW_UPDATE, 0, 0, &more)].concat()
}

/// A length as HPACK writes it with a prefix of seven bits, without Huffman coding.
fn length(bytes: usize) -> Vec<u8> {
    let Some(mut rest) = bytes.checked_sub(127) else {
        return vec![u8::try_from(bytes).expect("below 127")];
    };
    let mut written = vec![127];
    while rest >= 128 {
        written.push(u8::try_from(rest % 128 + 128).expect("one byte"));
        rest /= 128;
    }
    written.push(u8::try_from(rest).expect("below 128"));
    written
}
