//! `/people/{person}/invitations` and `/invitations/redeem`: how somebody gets a password of their own without mail. Whoever makes
//! the code hands it on; whoever has it sets a password, once, and is not logged in by it.

use auth::{AuthError, Secret, TokenKind};
use domain::{DirectoryManage, Granted, Organisation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{DirectoryError, InvitationRow, NewInvitation};

use crate::at::{InvitationAt, PersonAt};
use crate::change::Change;
use crate::endpoint::{Anybody, Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::Page;
use crate::passwords::hashed;
use crate::problem::{Code, Fault};
use crate::words::Moment;

/// How long a code is good where nothing else is said, in seconds: three days.
const SECS: u32 = 259_200;

/// `POST /people/{person}/invitations`
pub enum Invite {}

/// `GET /people/{person}/invitations`
pub enum ListInvitations {}

/// `DELETE /people/{person}/invitations/{invitation}`
pub enum WithdrawInvitation {}

/// `POST /invitations/redeem`
pub enum Redeem {}

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Purpose {
    /// A first password.
    Invite,
    /// Another one, where the old is forgotten.
    Reset,
}

/// A code to make.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationWanted {
    /// What it is for; for lists and the audit.
    pub purpose: Purpose,
    /// How long it is good; `null` for three days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 900, max = 604_800))]
    pub expires_secs: Option<u32>,
}

/// A code, as far as it is shown. No `Debug`: one may hold it.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Invitation {
    /// The 8 characters behind `whfi_`.
    pub id: String,
    /// What it is for.
    #[schemars(extend("x-open-enum" = true))]
    pub purpose: String,
    /// Refused from this moment on.
    pub expires_at: Moment,
    /// Who made it; `null` if they are gone.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Moment,
    /// The whole code, in the answer that made it and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// A password for a code. No `Debug`: it holds secrets.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeemWanted {
    /// The code.
    #[schemars(length(max = 256))]
    pub code: String,
    /// The password that is to be: not short, and not among those that are guessed first.
    #[schemars(length(min = 1, max = 1024))]
    pub password: String,
}

/// Whose password it is now.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Redeemed {
    /// `member:alice`.
    #[serde(rename = "ref")]
    pub reference: String,
}

impl Endpoint for Invite {
    const META: Meta = Meta {
        id: "invitation_create",
        method: Method::Post,
        path: "/people/{person}/invitations",
        summary: "Makes a code by which somebody sets a password of their own, once, and tells it, once. The one before ends.",
        since: "0.1",
        audit: &["invitation.create"],
        faults: &[
            Code::Absent,
            Code::NameTaken,
            Code::NotFresh,
            Code::Rule,
            Code::Stale,
            Code::NotYetInForce,
        ],
        cli: Some("person invite"),
    };
    type At = PersonAt;
    type Query = Nothing;
    type Body = InvitationWanted;
    type Answer = Invitation;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Invitation>, Fault> {
        cx.fresh_if(true)?;
        let secret = auth::generate(TokenKind::Invitation);
        let new = NewInvitation {
            id: secret.id,
            sha256: secret.sha256,
            purpose: ask.body.purpose.into(),
            secs: ask.body.expires_secs.unwrap_or(SECS),
        };
        let (row, force) = cx.directory.invite(&may, (ask.at.kind, &ask.at.name), new).await?;
        let at = format!("{}/invitations", ask.at.path());
        // Of one that was only tried there is nothing to tell.
        let code = (!force.rehearsed).then(|| secret.text.expose().to_owned());
        Ok(Done::made(Invitation { code, ..shown(&row) }, force, at))
    }
}

impl Endpoint for ListInvitations {
    const META: Meta = Meta {
        id: "invitation_list",
        method: Method::Get,
        path: "/people/{person}/invitations",
        summary: "Lists somebody's codes that were not redeemed, never the codes themselves.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("person invitations"),
    };
    type At = PersonAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Page<Invitation>;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Invitation>>, Fault> {
        // One at most: a new one ends the old.
        let rows = cx.directory.invitations(&may, (ask.at.kind, &ask.at.name)).await?;
        Ok(Done::read(Page { items: rows.iter().map(shown).collect(), next: None }))
    }
}

impl Endpoint for WithdrawInvitation {
    const META: Meta = Meta {
        id: "invitation_withdraw",
        method: Method::Delete,
        path: "/people/{person}/invitations/{invitation}",
        summary: "Withdraws a code.",
        since: "0.1",
        audit: &["invitation.withdraw"],
        faults: &[Code::Absent, Code::Stale, Code::NotYetInForce],
        cli: Some("person uninvite"),
    };
    type At = InvitationAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let person = (ask.at.person.kind, &*ask.at.person.name);
        Ok(Done::told(cx.directory.withdraw_invitation(&may, person, ask.at.id()?).await?))
    }
}

impl Endpoint for Redeem {
    const META: Meta = Meta {
        id: "invitation_redeem",
        method: Method::Post,
        path: "/invitations/redeem",
        summary: "Sets the password that a code is for. Nobody is logged in by it.",
        since: "0.1",
        audit: &["invitation.redeem"],
        faults: &[Code::Expired, Code::WeakPassword, Code::Stale, Code::NotYetInForce],
        cli: Some("redeem"),
    };
    type At = ();
    type Query = Nothing;
    type Body = RedeemWanted;
    type Answer = Redeemed;
    type May = Anybody;

    async fn call(cx: &Cx, _may: Anybody, ask: &Ask<Self>) -> Result<Done<Redeemed>, Fault> {
        let code = Secret::new(ask.body.code.clone());
        let Some((TokenKind::Invitation, id, sha256)) = auth::describe(code.expose()) else {
            return Err(over(cx, None));
        };
        let invited = match cx.directory.invited(id, sha256).await {
            Err(DirectoryError::Absent) => return Err(over(cx, Some(id))),
            found => found?,
        };
        let hash = hashed(cx, &invited.rules, &ask.body.password).await?;
        match cx.directory.redeem(invited, hash, cx.gate.origin()).await {
            // Somebody else was faster, or it was withdrawn meanwhile.
            Err(DirectoryError::Absent) => Err(over(cx, Some(id))),
            redeemed => {
                let (reference, force) = redeemed?;
                Ok(Done::changed(Redeemed { reference }, force))
            }
        }
    }
}

/// The same for a code that never was, was used, was withdrawn or is over; counted as a log-in that failed.
fn over(cx: &Cx, id: Option<domain::TokenId>) -> Fault {
    match cx.authenticator.code_failed(cx.gate.origin().address, id) {
        AuthError::Throttled { retry_after_secs } => Fault::Throttled { retry_after_secs },
        _ => Fault::Told(Code::Expired, "the code is not good, or no longer: ask for another".into()),
    }
}

fn shown(row: &InvitationRow) -> Invitation {
    Invitation {
        id: auth::id_text(row.id),
        purpose: row.purpose.as_str().to_owned(),
        expires_at: Moment(row.expires),
        created_by: row.created_by.clone(),
        created_at: Moment(row.created_at),
        code: None,
    }
}

impl From<Purpose> for storage::Purpose {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Invite => Self::Invite,
            Purpose::Reset => Self::Reset,
        }
    }
}
