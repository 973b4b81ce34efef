//! Paket's `paket.config`: a login for the address of a source, in the form that `paket config add-credentials` writes on everything
//! but Windows (fsprojects/Paket, `Common/Encryption.fs`): AES with its key beside it, which hides the secret from nobody but the eye.

use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::super::draft::Draft;
use super::super::xml::{self, Document, Element, escaped};
use super::{Access, Editor};

const KEY_BYTES: usize = 32;
const LOGINS: [&str; 2] = ["configuration", "credentials"];

pub(super) struct Config;

impl Editor for Config {
    fn has(&self, text: &str, access: &Access) -> Result<bool, String> {
        Ok(!text.trim().is_empty() && login(&Document::read(text)?, access).is_some())
    }

    fn put(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        if draft.text.trim().is_empty() {
            let end = draft.text.len();
            draft.change(
                0..end,
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n</configuration>\n",
                false,
            );
        }
        let (password, salt) = hidden(&access.secret).ok_or("the secret cannot be written")?;
        let line = format!(
            "<credential source=\"{}\" username=\"{}\" password=\"{password}\" authType=\"basic\" salt=\"{salt}\" />",
            escaped(access.url.as_deref().unwrap_or_default()),
            escaped(&access.user)
        );
        let document = Document::read(&draft.text)?;
        if let Some(element) = login(&document, access) {
            xml::replace(draft, element, &[(0, line)]);
        } else if let Some((_, logins)) = document.at(&LOGINS) {
            xml::append(draft, logins, &[(0, line)]);
        } else {
            let (_, root) = document.at(&["configuration"]).ok_or("has no <configuration>")?;
            let lines = [(0, "<credentials>".to_owned()), (1, line), (0, "</credentials>".to_owned())];
            xml::append(draft, root, &lines);
        }
        Ok(())
    }

    fn take(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        let document = Document::read(&draft.text)?;
        if let Some(element) = login(&document, access) {
            xml::remove(draft, element);
        }
        Ok(())
    }
}

fn login<'d>(document: &'d Document, access: &Access) -> Option<&'d Element> {
    let (logins, _) = document.at(&LOGINS)?;
    let mut all = document.children(Some(logins)).map(|(_, element)| element);
    all.find(|element| element.name == "credential" && element.attribute("source") == access.url.as_deref())
}

/// The secret as Paket reads it, and what it is read with.
fn hidden(secret: &str) -> Option<(String, String)> {
    if secret == super::super::draft::MASK {
        return Some((secret.to_owned(), secret.to_owned()));
    }
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).ok()?;
    let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, &key).ok()?).ok()?;
    let mut bytes = secret.as_bytes().to_vec();
    let DecryptionContext::Iv128(iv) = cipher.encrypt(&mut bytes).ok()? else { return None };
    let [key, iv] = [&key[..], iv.as_ref()].map(|part| BASE64_STANDARD.encode(part));
    Some((BASE64_STANDARD.encode(bytes), format!("{key}SALT_SEPARATOR{iv}")))
}
