//! `wharfinger connect PROGRAM`: a limited token in the files that a client reads, and back.

use api::counts::CountsAsked;
use api::me::ShowMe;
use api::repositories::ShowRepository;
use api::tokens::{CreateToken, Token, TokenLimit, TokenWanted};
use api::{Ask, NodeRef, Nothing, Rights, Text128};
use clap::Args;
use domain::{Clock as _, Format, Permission, RepositoryPath};

use super::client::Client;
use super::failure::Failure;
use super::flags::At;
use super::login::revoke;
use super::output;
use super::session::{self, helper};
use crate::clock::SystemClock;
use crate::config::{Environment, ServerUrl};

mod clients;
mod draft;
mod file;
mod ledger;
mod xml;

use clients::{Access, Program, Target};
use draft::{Draft, MASK};
use file::{Found, fingerprint};
use ledger::{Connection, Ledger, Written};

#[derive(Debug, Args)]
pub(super) struct Connect {
    /// Whose files
    #[arg(value_enum)]
    program: Program,
    /// Let it reach this project and no other
    #[arg(long, value_name = "KEY", conflicts_with = "repository")]
    project: Option<String>,
    /// Let it reach this repository and no other
    #[arg(long, value_name = "PROJECT/REPOSITORY")]
    repository: Option<String>,
    /// Let it publish and overwrite, too
    #[arg(long)]
    push: bool,
    /// What its entry is called, where the program calls entries by a name
    #[arg(long, value_name = "NAME")]
    id: Option<String>,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Take the entry out again, and revoke its token
    #[arg(long, conflicts_with_all = ["push", "dry_run"])]
    undo: bool,
    #[command(flatten)]
    at: At,
}

/// What is to be done, for whom.
struct Wish {
    program: Program,
    /// What the repository must speak, if there is one.
    format: Option<Format>,
    node: String,
    id: String,
    key: String,
    server: ServerUrl,
    url: Option<String>,
}

pub(super) async fn connect(flags: Connect, environment: &Environment) -> Result<(), Failure> {
    let client = session::client(&flags.at, environment)?;
    let wish = wish(&flags, client.server())?;
    let nowhere = || Failure::Usage("neither XDG_CONFIG_HOME nor HOME says where to keep it".to_owned());
    let folder = session::folder(environment).ok_or_else(nowhere)?;
    let mut ledger = Ledger::open(&folder)?;
    if flags.undo {
        return undo(&wish, &client, &mut ledger, environment).await;
    }
    let access = Access { secret: MASK.to_owned(), ..access(&wish, &client).await? };
    let before = ledger.connection(&wish.key);
    let targets = wish.program.targets(&access, environment)?;
    let helper = wish.program.helper(&targets, &access)?;
    for target in targets.iter().filter(|_| helper.is_none()) {
        tell(target, &access, before.is_some())?;
    }
    if let Some(helper) = &helper {
        output::say(&format!("docker-credential-{helper} keeps the login for {}", access.id));
    }
    if flags.dry_run {
        output::complain("nothing was written");
        return Ok(());
    }
    let made = make(&client, &wish, flags.push).await?;
    let access = Access { secret: made.secret.clone().unwrap_or_default(), ..access };
    let written = match &helper {
        Some(helper) => {
            let kept = helper::store(helper, &access.id, &access.user, &access.secret);
            kept.map(|()| Connection {
                token: made.id.clone(),
                helper: Some(helper.clone()),
                files: Vec::new(),
            })
        }
        None => write(&targets, &access, before.as_ref()).map(|files| Connection {
            token: made.id.clone(),
            helper: None,
            files,
        }),
    };
    match written.and_then(|connection| ledger.keep(&wish.key, &connection)) {
        Ok(()) => {}
        Err(failure) => {
            revoke(&client, Some(&made.id)).await?;
            return Err(failure);
        }
    }
    if let Some(before) = before {
        revoke(&client, Some(&before.token)).await?;
    }
    output::say(&format!(
        "{} is connected to {}; next:\n{}",
        wish.program.word(),
        wish.server,
        wish.program.next(&access)
    ));
    Ok(())
}

fn wish(flags: &Connect, server: &ServerUrl) -> Result<Wish, Failure> {
    let (program, server) = (flags.program, server.clone());
    let (format, url) = match &flags.repository {
        Some(path) => {
            let wrong = |_| Failure::Usage(format!("{path}: a repository is PROJECT/REPOSITORY"));
            let path = RepositoryPath::parse(path).map_err(wrong)?;
            frontend::address_for(program.word(), server.as_str(), &path.to_string()).unzip()
        }
        None if program.needs_repository() => {
            return Err(Failure::Usage(format!(
                "{} reads one feed: name it with --repository",
                program.word()
            )));
        }
        None => (None, None),
    };
    let node = flags.repository.clone().or_else(|| flags.project.clone()).unwrap_or_else(|| "/".to_owned());
    let id = match &flags.id {
        Some(id) if program.is_id(id) => id.clone(),
        Some(id) => return Err(Failure::Usage(format!("--id {id}: {} has no such names", program.word()))),
        None => program.id(&server, &node),
    };
    // Where the program knows entries by an address, that is what one replaces.
    let entry = if program == Program::Paket { url.clone().unwrap_or_default() } else { id.clone() };
    let key = format!("{} {} {entry}", program.word(), server.as_str());
    Ok(Wish { program, format, node, id, key, server, url })
}

/// What the client is to know, but for the secret.
async fn access(wish: &Wish, client: &Client) -> Result<Access, Failure> {
    if let Some(format) = wish.format {
        let path = RepositoryPath::parse(&wish.node).map_err(|_| Failure::Usage(wish.node.clone()))?;
        let shown =
            client.call(&Ask::<ShowRepository>::new(path, CountsAsked { counts: false }, Nothing {})).await?;
        if shown.answer.format != format.as_str() {
            let (node, spoken) = (&wish.node, &shown.answer.format);
            let why = format!("{node} speaks {spoken}, which {} does not", wish.program.word());
            return Err(Failure::Usage(why));
        }
    }
    let me = client.call(&Ask::<ShowMe>::new((), Nothing {}, Nothing {})).await?.answer;
    let user = me.reference.as_deref().and_then(|reference| reference.split_once(':'));
    let Some((_, user)) = user else {
        return Err(Failure::Usage(
            "an application makes no tokens for itself: connect as a person".to_owned(),
        ));
    };
    let (id, server, url) = (wish.id.clone(), wish.server.clone(), wish.url.clone());
    Ok(Access { id, server, url, user: user.to_owned(), secret: String::new() })
}

/// Shows what would be written; refuses to take the place of an entry that is not ours.
fn tell(target: &Target, access: &Access, known: bool) -> Result<(), Failure> {
    let found = Found::read(&target.path)?;
    let text = found.text.as_deref().unwrap_or_default();
    let wrong = |why: String| file::wrong(&target.path, &why);
    if !known && target.editor.has(text, access).map_err(wrong)? {
        let id = &access.id;
        let why =
            format!("has an entry `{id}` already, which is not ours: take it out, or choose another --id");
        return Err(Failure::Conflict(format!("{}: {why}", target.path.display())));
    }
    let mut draft = Draft::of(text);
    target.editor.put(&mut draft, access).map_err(wrong)?;
    output::say(&format!("--- {}", target.path.display()));
    draft.shown.iter().for_each(|line| output::say(line));
    let warnings = target.editor.warnings(text, access).into_iter().chain(found.warning());
    warnings.for_each(|warning| output::complain(&format!("warning: {warning}")));
    Ok(())
}

fn write(targets: &[Target], access: &Access, before: Option<&Connection>) -> Result<Vec<Written>, Failure> {
    let moment = domain::time::show(SystemClock.now()).replace(':', "-");
    let mut all = Vec::new();
    for Target { path, editor, .. } in targets {
        let found = Found::read(path)?;
        let mut draft = Draft::of(found.text.as_deref().unwrap_or_default());
        let is = found.text.as_deref().map(fingerprint);
        editor.put(&mut draft, access).map_err(|why| file::wrong(path, &why))?;
        let known = before.and_then(|before| before.files.iter().find(|file| &file.path == path));
        let backup = match known {
            Some(known) => known.backup.clone(),
            None => found.back_up(&moment)?,
        };
        // Of a file that somebody else changed since, what was before us is no longer what is to be restored.
        let ours = known.is_none_or(|known| known.fingerprint.is_some() && known.fingerprint == is);
        found.replace(&draft.text)?;
        let fingerprint = ours.then(|| fingerprint(&draft.text));
        all.push(Written { path: path.clone(), backup, fingerprint });
    }
    Ok(all)
}

async fn undo(
    wish: &Wish,
    client: &Client,
    ledger: &mut Ledger,
    environment: &Environment,
) -> Result<(), Failure> {
    let none = || Failure::Absent(format!("{} is not connected there by this command", wish.program.word()));
    let connection = ledger.connection(&wish.key).ok_or_else(none)?;
    let access = Access {
        id: wish.id.clone(),
        server: wish.server.clone(),
        url: wish.url.clone(),
        user: String::new(),
        secret: String::new(),
    };
    if let Some(helper) = &connection.helper {
        helper::erase(helper, &access.id)?;
    }
    let targets = wish.program.targets(&access, environment)?;
    for written in &connection.files {
        restore(written, targets.iter().find(|target| target.path == written.path), &access)?;
    }
    revoke(client, Some(&connection.token)).await?;
    ledger.forget(&wish.key)?;
    output::say(&format!(
        "{} is no longer connected to {}; its token is revoked",
        wish.program.word(),
        wish.server
    ));
    Ok(())
}

/// The file as it was before, if it is still as we left it; else without our entry.
fn restore(written: &Written, target: Option<&Target>, access: &Access) -> Result<(), Failure> {
    let found = Found::read(&written.path)?;
    let Some(text) = &found.text else { return Ok(()) };
    let untouched = written.fingerprint.as_ref() == Some(&fingerprint(text));
    match (&written.backup, target) {
        (Some(backup), _) if untouched => match Found::read(backup)?.text {
            Some(before) => found.replace(&before)?,
            None => return Err(file::wrong(backup, "is gone, and with it what was there before")),
        },
        (None, _) if untouched => found.remove()?,
        (_, Some(target)) if target.own => found.remove()?,
        (_, Some(target)) => {
            let mut draft = Draft::of(text);
            target.editor.take(&mut draft, access).map_err(|why| file::wrong(&written.path, &why))?;
            found.replace(&draft.text)?;
        }
        (_, None) => return Err(file::wrong(&written.path, "is not where this program's files are now")),
    }
    written.backup.as_deref().map_or(Ok(()), file::remove)
}

/// A token that reads, or publishes too, and no more. It is called after the program and the node.
async fn make(client: &Client, wish: &Wish, push: bool) -> Result<Token, Failure> {
    let mut held = vec![Permission::Read];
    if push {
        held.extend([Permission::Publish, Permission::Overwrite]);
    }
    let wrong = |why: String| Failure::Usage(why);
    let on = NodeRef::try_from(wish.node.clone()).map_err(|why| wrong(format!("{}: {why}", wish.node)))?;
    let permissions = Rights(held.into_iter().collect());
    let now = SystemClock.now();
    let named = |end: &str| {
        let name = Text128::try_from(format!("{} {}{end}", wish.program.word(), wish.node));
        let limits = Some(vec![TokenLimit { on: on.clone(), permissions }]);
        name.map(|name| TokenWanted { name, limits, not_before: None, expires: None, cidrs: Vec::new() })
            .map_err(|why| wrong(why.to_string()))
    };
    let call = async |body| client.call(&Ask::<CreateToken>::new((), Nothing {}, body)).await;
    match call(named("")?).await {
        // Of the same name there is one on another machine, or the one that this one replaces.
        Err(Failure::Conflict(_)) => {
            Ok(call(named(&format!(" {}", domain::time::show_millis(now)))?).await?.answer)
        }
        made => Ok(made?.answer),
    }
}

#[cfg(test)]
mod tests;
