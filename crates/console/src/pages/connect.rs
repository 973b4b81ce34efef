//! `/p/{project}/{repository}/-/connect`: a token made in place, and the lines that a client takes as they stand.

use api::packages::ListPackages;
use api::repositories::ShowRepository;
use api::tokens::{CreateToken, ShowToken, Token};
use api::version_list::ListVersions;
use api::{Code, Fault, Moment};
use domain::{Block, ClientLines, Connecting, KnownFormat, Permission, Step, Timestamp};
use serde_json::{Value, json};

use crate::caller::{Terms, UNCOUNTED};
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::{Crumb, Frame};
use crate::pages::Page;
use crate::parts::filters;
use crate::visit::Visit;

/// How long a token made here is good, in days, unless something else is chosen.
const DAYS: &str = "90";

/// `/p/{project}/{repository}/-/connect`
pub(super) enum Connect {}

#[derive(askama::Template)]
#[template(path = "connect.html")]
struct ConnectPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    path: &'a str,
    clients: Vec<ClientLines>,
    chosen: usize,
    may_push: bool,
    name: String,
    may: &'a str,
    days: &'a str,
    once: String,
    made: Option<&'a Token>,
    asked: Option<Token>,
    wrong: Wrong,
}

impl Page for Connect {
    const PATH: &'static str = "/p/{project}/{repository}/-/connect";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::page(visit, None, None, Wrong::default()).await;
        }
        let form = visit.form()?;
        let repository = visit.read::<ShowRepository>(&[visit.name(0), visit.name(1)], UNCOUNTED).await?;
        let terms = Terms { once: form.given("once"), ..Terms::default() };
        match visit.change::<CreateToken>(&[], &wanted(visit, &form, &repository.about.path), terms).await {
            Ok(made) => Self::page(visit, Some(&form), Some(&made.answer), Wrong::default()).await,
            Err(fault) if fault.code() == Code::AlreadyMade => {
                let wrong = Wrong::told(visit.t.tokens.already);
                Self::page(visit, Some(&form), None, wrong).await
            }
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::page(visit, Some(&form), None, wrong).await
            }
        }
    }
}

impl Connect {
    async fn page(
        visit: &Visit<'_>,
        form: Option<&Form<'_>>,
        made: Option<&Token>,
        wrong: Wrong,
    ) -> Result<Answer, Fault> {
        let repository = visit.read::<ShowRepository>(&[visit.name(0), visit.name(1)], UNCOUNTED).await?;
        let absent = |_| Fault::Told(Code::Absent, "it does not exist".into());
        let known = visit.asked.cx.formats.find(&repository.format).map_err(absent)?;
        let path = repository.about.path.as_str();
        let example = example(visit, path, &known).await?;
        let held = repository.about.my_permissions.as_ref().map(|held| held.0).unwrap_or_default();
        let may_push = held.contains(Permission::Publish);
        let user = visit.user_name();
        let connecting = Connecting {
            origin: visit.asked.origin,
            repository: path,
            user: user.unwrap_or_default(),
            secret: made.and_then(|token| token.secret.as_deref()),
            example: example.as_ref().map(|(package, version)| (package.as_str(), version.as_str())),
        };
        let clients = clients(&known, &connecting, (may_push, user.is_some()));
        let wanted = form.map_or_else(|| visit.given("client"), |form| form.given("client"));
        let chosen = clients.iter().position(|client| Some(client.program) == wanted).unwrap_or(0);
        let asked = match visit.given("token").filter(|_| visit.me.is_some()) {
            Some(id) => visit.caller.find::<ShowToken>(&[id], &[]).await?,
            None => None,
        };
        let text = |name, or| form.map_or(or, |form| form.text(name));
        let proposed = format!("{} {path}", user.unwrap_or_default());
        let status = if wrong.any() { 400 } else { 200 };
        let page = ConnectPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, path),
            path,
            clients,
            chosen,
            may_push,
            name: form.map_or(proposed, |form| form.text("name").to_owned()),
            may: text("may", "here"),
            days: text("days", DAYS),
            once: auth::generate(auth::TokenKind::Session).text.expose().clone(),
            made,
            asked,
            wrong,
        };
        Ok(Answer::page(status, rendered(&page)))
    }
}

fn crumbs(visit: &Visit<'_>, path: &str) -> Vec<Crumb> {
    let (project, repository) = path.split_once('/').unwrap_or((path, ""));
    vec![
        Crumb { text: project.to_owned(), href: Some(format!("/p/{project}")) },
        Crumb { text: repository.to_owned(), href: Some(format!("/p/{path}")) },
        Crumb { text: visit.t.common.connect.to_owned(), href: None },
    ]
}

/// What each client is told, but for what who looks may not do, and for logging in where nobody does.
fn clients(
    known: &KnownFormat,
    connecting: &Connecting<'_>,
    (may_push, logged_in): (bool, bool),
) -> Vec<ClientLines> {
    let told = (known.clients)(connecting).into_iter().map(|client| {
        let wanted = |block: &Block| match block.step {
            Step::LogIn => logged_in,
            Step::Push => may_push,
            Step::Pull => true,
        };
        ClientLines { blocks: client.blocks.into_iter().filter(wanted).collect(), ..client }
    });
    told.filter(|client| !client.blocks.is_empty()).collect()
}

/// A package that is there, and a version of it, if their names can be pasted as they are.
async fn example(
    visit: &Visit<'_>,
    path: &str,
    known: &KnownFormat,
) -> Result<Option<(String, String)>, Fault> {
    let (project, repository) = path.split_once('/').unwrap_or((path, ""));
    let first = [("limit", "1".into())];
    let packages = visit.read::<ListPackages>(&[project, repository], &first).await?;
    let Some(package) = packages.items.into_iter().next() else { return Ok(None) };
    let version = match package.latest {
        Some(latest) if known.browsing.newest_last => Some(latest),
        _ => {
            let names = [project, repository, package.name.as_str()];
            let versions = visit.read::<ListVersions>(&names, &first).await?;
            versions.items.into_iter().next().map(|version| version.version)
        }
    };
    let plain =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+/:".contains(&byte));
    Ok(version
        .filter(|version| plain(version) && plain(&package.name))
        .map(|version| (package.name, version)))
}

/// The token that a form means.
fn wanted(visit: &Visit<'_>, form: &Form<'_>, path: &str) -> Value {
    let days: Option<i64> = form.given("days").and_then(|days| days.parse().ok());
    let ends = |days: i64| visit.now().millis().saturating_add(days.saturating_mul(domain::time::DAY_MILLIS));
    let here = |rights: &[&str]| json!([{ "on": path, "permissions": rights }]);
    let limits = match form.text("may") {
        "pull" => here(&["read"]),
        "all" => Value::Null,
        _ => here(&["read", "publish", "overwrite"]),
    };
    json!({
        "name": form.text("name").trim(),
        "expires": days.map(|days| Moment(Timestamp::from_millis(ends(days)))),
        "limits": limits,
    })
}

impl ConnectPage<'_> {
    fn step(&self, block: &Block) -> &'static str {
        let t = &self.f.t.connect;
        match block.step {
            Step::LogIn => t.log_in,
            Step::Push => t.push,
            Step::Pull => t.pull,
        }
    }

    fn is_chosen(&self, client: &usize) -> bool {
        *client == self.chosen
    }

    /// Where the guide says more of a program.
    fn more(&self, client: &ClientLines) -> Option<String> {
        crate::guide::about(client.program)
    }

    /// What the block is copied by.
    fn id(&self, client: &usize, block: &usize) -> String {
        format!("b-{client}-{block}")
    }

    fn label(&self, block: &Block) -> String {
        format!("{}: {}", self.step(block), block.file.unwrap_or(self.f.t.connect.shell))
    }
}
