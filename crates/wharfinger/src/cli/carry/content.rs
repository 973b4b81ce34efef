//! Bytes on their way: read in pieces, hashed as they pass, and the last piece held back until the hashes are right. What is wrong thus
//! never arrives whole, wherever it goes.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use http::{Method, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;
use url::Url;

use super::sums::{Hashing, Sums};
use super::web::{Wanted, Web, named};
use crate::cli::client::streaming::refusal;
use crate::cli::failure::Failure;

/// Bytes read of a file at a time.
const PIECE_BYTES: usize = 64 << 10;
/// Longest wait for the next piece, in seconds.
const PIECE_SECS_MAX: u64 = 60;
const ANYTHING: &str = "*/*";

/// Where content lies.
#[derive(Clone)]
pub(super) enum Content {
    File(PathBuf),
    Web {
        web: Arc<Web>,
        url: Url,
        /// What a bearer has to be for, where the server wants one.
        scope: Arc<str>,
    },
}

/// Content that is being read.
pub(super) struct Opened {
    /// How long it is, if that is known beforehand.
    pub(super) bytes: Option<u64>,
    /// Hashes that whoever gives it says it has.
    pub(super) said: Sums,
    from: From,
    name: String,
}

enum From {
    File(File),
    Answer(Incoming),
}

impl Content {
    pub(super) fn of_web(web: &Arc<Web>, url: Url) -> Self {
        Self::Web { web: Arc::clone(web), url, scope: Arc::from("") }
    }

    /// Where it lies, for people.
    pub(super) fn place(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Web { url, .. } => url.to_string(),
        }
    }

    /// Begins to read it.
    ///
    /// # Errors
    /// It is not there, or must not be read.
    pub(super) async fn open(&self) -> Result<Opened, Failure> {
        match self {
            Self::File(path) => {
                let wrong = |error: std::io::Error| Failure::Other(format!("{}: {error}", path.display()));
                let file = File::open(path).map_err(wrong)?;
                let bytes = file.metadata().map_err(wrong)?.len();
                let from = From::File(file);
                Ok(Opened { bytes: Some(bytes), said: Sums::default(), from, name: self.place() })
            }
            Self::Web { web, url, scope } => {
                Ok(self.opened(web.fetch(Wanted { url, accept: ANYTHING, scope }).await?))
            }
        }
    }

    /// The same; `None` where a server has none, or gives out nothing of the kind.
    ///
    /// # Errors
    /// As [`Self::open`]: nobody answers, or not now.
    pub(super) async fn open_if_offered(&self) -> Result<Option<Opened>, Failure> {
        let Self::Web { web, url, scope } = self else { return self.open().await.map(Some) };
        let answer = web.ask(&Method::GET, Wanted { url, accept: ANYTHING, scope }).await?;
        let status = answer.status();
        let busy = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
        if status == StatusCode::NOT_IMPLEMENTED || status.is_client_error() && !busy {
            return Ok(None);
        }
        if !status.is_success() {
            return Err(named(refusal(answer).await, url));
        }
        Ok(Some(self.opened(answer)))
    }

    fn opened(&self, answer: Response<Incoming>) -> Opened {
        let length = answer.headers().get(CONTENT_LENGTH);
        let bytes = length.and_then(|length| length.to_str().ok()?.parse().ok());
        let said = Sums::of_head(answer.headers());
        Opened { bytes, said, from: From::Answer(answer.into_body()), name: self.place() }
    }

    /// What its server says of it without giving it; nothing of a file.
    pub(super) async fn said(&self) -> Result<Sums, Failure> {
        let Self::Web { web, url, scope } = self else { return Ok(Sums::default()) };
        let answer = web.ask(&Method::HEAD, Wanted { url, accept: ANYTHING, scope }).await?;
        Ok(if answer.status().is_success() { Sums::of_head(answer.headers()) } else { Sums::default() })
    }

    /// Its hashes, read no further than it takes to compare them with those of what is there.
    pub(super) async fn known(&self, promised: &Sums, there: &Sums) -> Result<Sums, Failure> {
        if promised.same_as(there).is_some() {
            return Ok(promised.clone());
        }
        let said = self.said().await?.and(promised);
        if said.same_as(there).is_some() { Ok(said) } else { self.sums().await }
    }

    /// All of it, if it is at most so long.
    pub(super) async fn whole(&self, bytes_max: usize) -> Result<Bytes, Failure> {
        let mut opened = self.open().await?;
        let mut whole = BytesMut::new();
        while let Some(piece) = opened.next().await? {
            if whole.len().saturating_add(piece.len()) > bytes_max {
                return Err(Failure::Other(format!("{} is longer than {bytes_max} bytes", self.place())));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// The hashes that it has, read to its end.
    pub(super) async fn sums(&self) -> Result<Sums, Failure> {
        let mut opened = self.open().await?;
        let mut hashing = Hashing::new();
        while let Some(piece) = opened.next().await? {
            hashing.update(&piece);
        }
        Ok(hashing.finish())
    }
}

impl Opened {
    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        match &mut self.from {
            From::File(file) => {
                let mut piece = vec![0; PIECE_BYTES];
                let read = file.read(&mut piece);
                let read = read.map_err(|error| Failure::Other(format!("{}: {error}", self.name)))?;
                piece.truncate(read);
                Ok((read > 0).then(|| piece.into()))
            }
            From::Answer(body) => loop {
                let frame = timeout(Duration::from_secs(PIECE_SECS_MAX), body.frame()).await;
                let broken = |why: &str| Failure::Unreachable(format!("{}: it broke off{why}", self.name));
                match frame {
                    Err(_) => return Err(broken("")),
                    Ok(None) => return Ok(None),
                    Ok(Some(Err(error))) => return Err(broken(&format!(": {error}"))),
                    Ok(Some(Ok(frame))) => {
                        if let Ok(piece) = frame.into_data()
                            && !piece.is_empty()
                        {
                            return Ok(Some(piece));
                        }
                    }
                }
            },
        }
    }

    /// Hands all pieces on, the last one only if the hashes are those that were `promised` and said. Gives the hashes and the length.
    ///
    /// # Errors
    /// `Conflict` if the hashes are others; and what `to` says.
    pub(super) async fn pour(
        mut self,
        promised: &Sums,
        mut to: impl AsyncFnMut(Bytes) -> Result<(), Failure>,
    ) -> Result<(Sums, u64), Failure> {
        let mut hashing = Hashing::new();
        let (mut held, mut bytes) = (None, 0_u64);
        while let Some(piece) = self.next().await? {
            hashing.update(&piece);
            bytes = bytes.saturating_add(piece.len() as u64);
            if let Some(before) = held.replace(piece) {
                to(before).await?;
            }
        }
        let sums = hashing.finish();
        let wrong = [promised, &self.said].into_iter().find_map(|said| sums.contradiction(said));
        if let Some(wrong) = wrong {
            return Err(Failure::Other(format!("{}: {wrong}", self.name)));
        }
        if let Some(last) = held {
            to(last).await?;
        }
        Ok((sums, bytes))
    }
}
