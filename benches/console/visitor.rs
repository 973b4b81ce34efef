//! Somebody in front of a browser: one connection, the cookies, and the links of what is shown.

use std::cell::RefCell;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use benches::gateway::PASSWORD;
use benches::{Answer, Outcome, header, now, send_on};

/// Longest pause after which somebody who asked too often asks again.
const PAUSE: Duration = Duration::from_millis(50);

/// Somebody, logged in.
pub(crate) struct Visitor {
    pub(crate) name: &'static str,
    address: SocketAddr,
    stream: RefCell<TcpStream>,
    cookie: String,
}

impl Visitor {
    /// Logs in through the form.
    pub(crate) fn log_in(address: SocketAddr, name: &'static str) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let door = send_on(&stream, "GET", "/-/login", &[], &[])?;
        let cookie = pair(header(&door.head, "set-cookie").ok_or("no cookie with the form")?);
        let page = String::from_utf8(door.body)?;
        let token = page.split("name=\"form\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let password = PASSWORD.replace(' ', "+");
        let form = format!("form={}&user={name}&password={password}", token.ok_or("no form")?);
        let origin = format!("http://{address}");
        let headers = [
            ("cookie", cookie),
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", origin.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        let answer = send_on(&stream, "POST", "/-/login", &headers, form.as_bytes())?;
        if answer.status != 303 {
            return Err(format!("{name} is not let in: {}", answer.head).into());
        }
        let cookies = answer.head.lines().filter_map(|line| {
            line.strip_prefix("set-cookie: ").or_else(|| line.strip_prefix("Set-Cookie: "))
        });
        let cookie =
            cookies.map(pair).find(|pair| pair.starts_with("wharfinger-local=")).ok_or("no session")?;
        let cookie = cookie.to_owned();
        Ok(Self { name, address, stream: RefCell::new(stream), cookie })
    }

    /// Opens a page, and says how long it took.
    pub(crate) fn open(&self, path: &str) -> Outcome<(Answer, Duration)> {
        let headers =
            [("cookie", self.cookie.as_str()), ("accept-language", "en"), ("sec-fetch-mode", "navigate")];
        loop {
            let started = now();
            let answer = send_on(&self.stream.borrow(), "GET", path, &headers, &[]);
            let took = started.elapsed();
            match answer {
                Ok(answer) if answer.status == 429 => std::thread::sleep(PAUSE),
                Ok(answer) => return Ok((answer, took)),
                // It was idle for too long.
                Err(_) => self.connect_again()?,
            }
        }
    }

    fn connect_again(&self) -> Outcome<()> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        self.stream.replace(stream);
        Ok(())
    }
}

fn pair(cookie: &str) -> &str {
    cookie.split(';').next().unwrap_or_default()
}

/// Addresses of this server that a page leads to.
pub(crate) fn links(page: &[u8]) -> Vec<String> {
    let page = String::from_utf8_lossy(page);
    let found = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let own = found.filter(|href| href.starts_with('/') && !href.starts_with("//"));
    own.map(|href| href.replace("&#38;", "&").replace("&amp;", "&").replace("&#39;", "'")).collect()
}
