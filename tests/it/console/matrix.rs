//! Every page and every form × every kind of caller: one committed table (`matrix.txt`), made by running and compared; `UPDATE_EXPECT=1` writes it
//! anew. Who is nobody is led to the log-in wherever something is not public, whoever may not is shown the one page that says so, and a
//! form without what only our pages hold does nothing for anybody.

use std::fmt::Write as _;

use expect_test::expect_file;

use crate::support::browser::hidden;
use crate::support::{Ask, Browser, Organisation, Server};

/// Whoever looks, by the names of their logins; the first is nobody.
const CALLERS: [&str; 5] = ["", "bob", "rita", "lead", "root"];

fn organisation() -> Organisation {
    super::with_a_lead().password("rita", "the lanterns of rita").may("member:rita", "read", "team/files")
}

/// What stands in an address for a name in braces. A page with a name that is not here is not forgotten: it fails.
fn filled(pattern: &str) -> String {
    let mut path = String::new();
    for part in pattern.split('/').skip(1) {
        path.push('/');
        path.push_str(match part {
            "{project}" => "team",
            "{repository}" => "files",
            "{person}" => "member:sue",
            "{team}" => "org-admins",
            "{application}" => "robot",
            "{issuer}" => "forge",
            "{publisher}" => "release",
            "{provider}" => "corp",
            "{*below}" => "dir/tool.txt",
            "{who}" => "member:alice",
            "{role}" => "automation",
            "{*node}" => "team/files",
            "{package}" => "%2F",
            "{part}" => "projects",
            "{document}" => "Problem",
            "{problem}" => "denied",
            "{*page}" => "recipes/automation",
            part if part.starts_with('{') => named(part),
            part => part,
        });
    }
    path
}

fn named(part: &str) -> &'static str {
    panic!("{part}: say what it is in this organisation")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_answers_every_caller_as_written() {
    let hub = Server::with(organisation()).await;
    hub.admin().send(Ask::put("/files/p/team/files/dir/tool.txt").body("tool")).await.is(201);
    super::administration::forge(&hub).await;
    let mut table = format!("{:<52} {:<6}", "page", "by");
    for caller in CALLERS {
        let _ = write!(table, " {:<8}", if caller.is_empty() { "nobody" } else { caller });
    }
    table.push('\n');
    let mut browsers = Vec::new();
    for caller in CALLERS {
        browsers.push(if caller.is_empty() {
            Browser::of_nobody(&hub)
        } else {
            Browser::of(&hub, caller).await
        });
    }
    for (pattern, sends) in frontend::pages() {
        let path = filled(pattern);
        let mut shown = Vec::new();
        for browser in &mut browsers {
            shown.push(browser.open(&path).await.status.as_u16());
        }
        assert!(matches!(shown[0], 200 | 303), "{pattern}: {shown:?}");
        row(&mut table, pattern, "look", &shown);
        // Those that end what these browsers are known by have stories of their own.
        if sends && !matches!(pattern, "/-/logout" | "/-/look") {
            let mut sent = Vec::new();
            for browser in &mut browsers {
                sent.push(
                    browser
                        .send(&path, &[("form", "0123456789abcdef0123456789abcdef")])
                        .await
                        .status
                        .as_u16(),
                );
            }
            assert!(sent.iter().all(|status| matches!(status, 303 | 400 | 401 | 403)), "{pattern}: {sent:?}");
            row(&mut table, pattern, "forged", &sent);
        }
    }
    // They are who they were.
    for (caller, browser) in CALLERS.iter().zip(&mut browsers).skip(1) {
        let page = browser.page("/").await;
        assert!(page.contains(&format!("<span>{caller}</span>")), "{caller}");
        assert!(hidden(&page).iter().any(|(name, _)| name == "form"));
    }
    expect_file!["matrix.txt"].assert_eq(&table);
}

fn row(table: &mut String, page: &str, by: &str, statuses: &[u16]) {
    let _ = write!(table, "{page:<52} {by:<6}");
    for status in statuses {
        let _ = write!(table, " {status:<8}");
    }
    while table.ends_with(' ') {
        table.pop();
    }
    table.push('\n');
}
