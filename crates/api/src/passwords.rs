//! Passwords, one's own and those that administrators set; and how what they gave out is ended.

use auth::{Presented, Secret, check_new_password};
use domain::{DirectoryManage, Granted, Organisation, Own};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::PasswordRules;

use crate::at::{PersonAt, PrincipalAt};
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::problem::{Code, Fault};
use crate::sessions::unlimited;
use crate::words::{Text200, yes};

/// `PUT /me/password`
pub enum ChangePassword {}

/// `PUT /me/title`
pub enum SetTitle {}

/// `PUT /people/{person}/password`
pub enum SetPassword {}

/// `DELETE /principals/{principal}/sessions`
pub enum EndSessions {}

/// A new password of one's own. No `Debug`: it holds secrets.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChanged {
    /// The one that is good now.
    #[schemars(length(min = 1, max = 1024))]
    pub current: String,
    /// The one that is to be: not short, and not among those that are guessed first.
    #[schemars(length(min = 1, max = 1024))]
    pub new: String,
}

/// A new password of somebody. No `Debug`: it holds a secret.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordWanted {
    /// Not short, and not among those that are guessed first.
    #[schemars(length(min = 1, max = 1024))]
    pub password: String,
    /// Whether it is good for nothing but setting another one, which only who it is for then knows.
    #[serde(default = "yes")]
    pub must_change: bool,
}

/// What people call somebody.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TitleWanted {
    /// What people call them.
    pub title: Text200,
}

const FAULTS: &[Code] = &[Code::Absent, Code::WeakPassword, Code::Stale, Code::NotYetInForce];

impl Endpoint for ChangePassword {
    const META: Meta = Meta {
        id: "me_password",
        method: Method::Put,
        path: "/me/password",
        summary: "Changes one's password, asked with the present one. What it gave out ends, tokens stay.",
        since: "0.1",
        audit: &["principal.password"],
        faults: FAULTS,
        cli: Some("me password"),
    };
    const BEFORE_PASSWORD: bool = true;
    type At = ();
    type Query = Nothing;
    type Body = PasswordChanged;
    type Answer = Change;
    type May = Own;

    async fn call(cx: &Cx, may: Own, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let is_to_change = cx.presented == Presented::PasswordToChange;
        if !is_to_change && !matches!(cx.presented, Presented::Password | Presented::Session) {
            let detail = "a token changes no password: ask with your user name and your present password";
            return Err(Fault::Told(Code::Denied, detail.into()));
        }
        let current = Secret::new(ask.body.current.clone());
        let address = cx.gate.origin().address;
        cx.authenticator.confirm(cx.gate.caller(), current, address).await?;
        if is_to_change && ask.body.new == ask.body.current {
            let detail = "somebody else knows this one: set another";
            return Err(Fault::Told(Code::WeakPassword, detail.into()));
        }
        let rules = cx.directory.own_password_rules(&may).await?;
        let hash = hashed(cx, &rules, &ask.body.new).await?;
        Ok(Done::told(cx.directory.set_own_password(&may, hash).await?))
    }
}

impl Endpoint for SetTitle {
    const META: Meta = Meta {
        id: "me_title",
        method: Method::Put,
        path: "/me/title",
        summary: "Sets what people call oneself.",
        since: "0.1",
        audit: &["principal.update"],
        faults: &[Code::Absent, Code::Rule, Code::WiderThanToken, Code::Stale, Code::NotYetInForce],
        cli: Some("me title"),
    };
    type At = ();
    type Query = Nothing;
    type Body = TitleWanted;
    type Answer = Change;
    type May = Own;

    async fn call(cx: &Cx, may: Own, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        unlimited(&may)?;
        Ok(Done::told(cx.directory.set_own_title(&may, ask.body.title.as_str()).await?))
    }
}

impl Endpoint for SetPassword {
    const META: Meta = Meta {
        id: "person_password",
        method: Method::Put,
        path: "/people/{person}/password",
        summary: "Sets somebody's password, which they have to change unless it is said otherwise. What the one before \
                  gave out ends, tokens stay.",
        since: "0.1",
        audit: &["principal.password"],
        faults: &[Code::Absent, Code::WeakPassword, Code::NotFresh, Code::Stale, Code::NotYetInForce],
        cli: Some("person set-password"),
    };
    type At = PersonAt;
    type Query = Nothing;
    type Body = PasswordWanted;
    type Answer = Change;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        cx.fresh_if(true)?;
        let (kind, name) = (ask.at.kind, &*ask.at.name);
        let rules = cx.directory.password_rules(&may, kind, name).await?;
        let hash = hashed(cx, &rules, &ask.body.password).await?;
        Ok(Done::told(cx.directory.set_password(&may, (kind, name), (hash, ask.body.must_change)).await?))
    }
}

impl Endpoint for EndSessions {
    const META: Meta = Meta {
        id: "principal_sessions_end",
        method: Method::Delete,
        path: "/principals/{principal}/sessions",
        summary: "Ends somebody's sessions in browsers and the bearers that their password was given, from the next request on; the password stays.",
        since: "0.1",
        audit: &["session.end"],
        faults: &[Code::Absent, Code::Stale, Code::NotYetInForce],
        cli: Some("person logout"),
    };
    type At = PrincipalAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let done = cx.directory.end_sessions(&may, ask.at.as_str()).await;
        Ok(Done::told(ask.at.found(done)?))
    }
}

/// The hash of a new password that is what it must be.
pub(crate) async fn hashed(cx: &Cx, rules: &PasswordRules, password: &str) -> Result<String, Fault> {
    let names: Vec<&str> = rules.names.iter().map(AsRef::as_ref).collect();
    let secret = Secret::new(password.to_owned());
    check_new_password(&secret, rules.chars_min, &names)
        .map_err(|weak| Fault::Told(Code::WeakPassword, weak.to_string().into()))?;
    Ok(cx.authenticator.hash(cx.gate.client(), secret).await?)
}
