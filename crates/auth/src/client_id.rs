use domain::Login;

/// What a new application logs in with: a random identifier in the form of a UUID, version 4. It is no secret. `None` if there is no
/// randomness.
#[must_use]
pub fn new_client_id() -> Option<Login> {
    let mut bytes = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    let number = u128::from_be_bytes(bytes);
    let fixed = number & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let digits = format!("{fixed:032x}");
    let groups =
        [digits.get(..8)?, digits.get(8..12)?, digits.get(12..16)?, digits.get(16..20)?, digits.get(20..)?];
    Login::parse(&groups.join("-")).ok()
}
