//! `/projects/{project}/publishers`: which machines get short-lived tokens, without a secret that somebody keeps.

use auth::{ShownFor, TokenKind};
use domain::{AccessManage, Granted, Project, RepositoryName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::PublisherRow;

use crate::at::PublisherAt;
use crate::change::Change;
use crate::claims::{IssuerKind, WantedClaims};
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::proving::{self, Found};
use crate::words::{KeyText, Moment, NodeRef, Rights, Text128};

/// `GET /projects/{project}/publishers`
pub enum ListPublishers {}

/// `GET /projects/{project}/publishers/{publisher}`
pub enum ShowPublisher {}

/// `PUT /projects/{project}/publishers/{publisher}`
pub enum PutPublisher {}

/// `DELETE /projects/{project}/publishers/{publisher}`
pub enum DeletePublisher {}

/// `POST /projects/{project}/publishers/{publisher}/try`
pub enum TryPublisher {}

/// What a publisher is to be.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublisherWanted {
    /// Who vouches for the machine: the name of an issuer.
    pub issuer: KeyText,
    /// The application that owns the tokens, which takes part in the project; `null` for one of its own, `ci-PROJECT-PUBLISHER`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Text128>,
    /// What the issuer's token must say, all of it. GitHub: `repository` and `workflow` (the name of its file), if wanted
    /// `environment`, `ref`, `event_name`. GitLab: `project_path`, if wanted `ref`, `ref_protected`, `environment`,
    /// `ci_config_ref_uri`. Kubernetes: `sub`. Others: `sub` and whatever there is. `ref` may end in one `*`.
    pub claims: WantedClaims,
    /// Where its tokens are good: the project, or up to 32 repositories of it; `null` for the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 32))]
    pub on: Option<Vec<NodeRef>>,
    /// What for: some of `read`, `publish`, `overwrite`, `delete-package`. The application must have it too.
    pub permissions: Rights,
    /// For how many minutes.
    #[serde(default = "minutes")]
    #[schemars(range(min = 1, max = 60))]
    pub minutes: u32,
    /// Whether the issuer's token may also be shown as it is, in place of one of ours, for as long as it is good itself: of issuers of
    /// the kind `kubernetes` alone.
    #[serde(default)]
    pub direct: bool,
    /// What answers say besides; whatever it is, it is not read.
    #[serde(default, skip_serializing)]
    pub about: Option<Value>,
}

/// A publisher as it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Publisher {
    /// The name of the issuer.
    pub issuer: String,
    /// The application that owns the tokens.
    pub application: String,
    /// What the issuer's token must say.
    pub claims: WantedClaims,
    /// Where its tokens are good; nowhere, once the last of its repositories is gone.
    pub on: Vec<String>,
    /// What for.
    pub permissions: Rights,
    /// For how many minutes.
    pub minutes: u32,
    /// Whether the issuer's token may also be shown as it is.
    pub direct: bool,
    /// What cannot be set.
    pub about: About,
}

/// What cannot be set about a publisher.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PublisherAbout")]
pub struct About {
    /// Never used again.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Moment,
    /// Which claims tokens of the issuer have.
    #[schemars(extend("x-open-enum" = true))]
    pub kind: String,
    /// Whether the application was made with it and goes with it.
    pub own_application: bool,
    /// The ids that the first success named, which must be the same ever after; `null` before that, and where none are.
    pub pinned: Option<WantedClaims>,
    /// Without a success before then it takes no token any more; put it again. `null` once ids are pinned, and where none are.
    pub pin_until: Option<Moment>,
    /// When it last made a token.
    pub last_used_at: Option<Moment>,
    /// The token of ours that stands for those of the issuer where they are shown as they are: by it log, audit and explanations name
    /// such a use. `null` where they are not.
    pub direct_token: Option<String>,
}

/// A token to try. No `Debug`: it holds one.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TryWanted {
    /// The issuer's token.
    #[schemars(length(min = 1, max = 8192))]
    pub token: String,
}

/// Whether a publisher would take a token.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Tried {
    /// Whether it would.
    pub takes: bool,
    /// What stands in the way; nothing if it would.
    pub reasons: Vec<TriedReason>,
}

/// One thing that stands in the way.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct TriedReason {
    /// In words.
    pub detail: String,
    /// The claim that does not fit, if it is one.
    pub claim: Option<String>,
    /// What the publisher wants of it.
    pub wanted: Option<String>,
    /// What it is instead.
    pub found: Option<String>,
}

const fn minutes() -> u32 {
    MINUTES
}

/// For how many minutes tokens are good where nothing is said.
pub(crate) const MINUTES: u32 = 15;

/// What a change to a publisher may answer.
const FAULTS: &[Code] = &[
    Code::Absent,
    Code::UnknownName,
    Code::BeyondOwn,
    Code::InUse,
    Code::Rule,
    Code::Stale,
    Code::NotYetInForce,
];

impl Endpoint for ListPublishers {
    const META: Meta = Meta {
        id: "publisher_list",
        method: Method::Get,
        path: "/projects/{project}/publishers",
        summary: "Lists which machines get short-lived tokens in this project, by name.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("publisher list"),
    };
    type At = domain::ProjectKey;
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<Publisher>;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Publisher>>, Fault> {
        let name = |text: &str| RepositoryName::parse(text).ok().map(|name| name.as_str().into());
        let rows = cx.directory.publishers(&may, ask.query.after(name)?, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, |row| row.name.to_string(), shown)))
    }
}

impl Endpoint for ShowPublisher {
    const META: Meta = Meta {
        id: "publisher_show",
        method: Method::Get,
        path: "/projects/{project}/publishers/{publisher}",
        summary: "Shows a publisher and what it pinned.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("publisher show"),
    };
    const CONDITIONAL: bool = true;
    type At = PublisherAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Publisher;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Publisher>, Fault> {
        Ok(Done::shown(shown(&cx.directory.publisher(&may, &ask.at.publisher).await?)))
    }
}

impl Endpoint for PutPublisher {
    const META: Meta = Meta {
        id: "publisher_put",
        method: Method::Put,
        path: "/projects/{project}/publishers/{publisher}",
        summary: "Lets a machine have short-lived tokens, or sets what for. What it has by then ends, unless only the minutes are others.",
        since: "0.1",
        audit: &["publisher.put"],
        faults: FAULTS,
        cli: Some("publisher put"),
    };
    const CONDITIONAL: bool = true;
    type At = PublisherAt;
    type Query = Nothing;
    type Body = PublisherWanted;
    type Answer = Publisher;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Publisher>, Fault> {
        let issuer = ask.body.issuer.as_str();
        let kind = cx.directory.issuer_kind(&may, issuer).await?;
        let wanted = asked(&ask.body, ask.at.project.as_str()).and_then(|(wanted, _)| of_kind(&kind, wanted));
        let wanted = wanted.map_err(|why| Fault::Told(Code::Rule, why.into()))?;
        let only_if = ask.only_if.of(shown);
        let (row, made, force) = cx.directory.put_publisher(&may, &ask.at.publisher, wanted, only_if).await?;
        Ok(Done::put(shown(&row), made.then(|| ask.at.path()), force))
    }
}

impl Endpoint for DeletePublisher {
    const META: Meta = Meta {
        id: "publisher_delete",
        method: Method::Delete,
        path: "/projects/{project}/publishers/{publisher}",
        summary: "Takes a publisher away, with the tokens it made and with its own application.",
        since: "0.1",
        audit: &["publisher.delete"],
        faults: FAULTS,
        cli: Some("publisher delete"),
    };
    const CONDITIONAL: bool = true;
    type At = PublisherAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let only_if = ask.only_if.of(shown);
        Ok(Done::told(cx.directory.remove_publisher(&may, &ask.at.publisher, only_if).await?))
    }
}

impl Endpoint for TryPublisher {
    const META: Meta = Meta {
        id: "publisher_try",
        method: Method::Post,
        path: "/projects/{project}/publishers/{publisher}/try",
        summary: "Tells whether a publisher would take a token, and what stands in the way. Nothing is made, and the token stays good.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("publisher try"),
    };
    type At = PublisherAt;
    type Query = Nothing;
    type Body = TryWanted;
    type Answer = Tried;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Tried>, Fault> {
        let row = cx.directory.publisher(&may, &ask.at.publisher).await?;
        let reasons: Vec<TriedReason> =
            match proving::proved(&cx.directory, &cx.identities, &ask.body.token).await? {
                Err(why) => vec![in_words(format!("the token cannot be believed: {why}"))],
                Ok(found) => in_the_way(cx, &row, &found),
            };
        Ok(Done::read(Tried { takes: reasons.is_empty(), reasons }))
    }
}

fn in_the_way(cx: &Cx, row: &PublisherRow, found: &Found) -> Vec<TriedReason> {
    let mut reasons = Vec::new();
    let shown_for = if row.direct.is_some() { ShownFor::Direct } else { ShownFor::Exchange };
    if let Err(fault) = found.check(&cx.identities, shown_for) {
        reasons.push(in_words(fault.to_string()));
    }
    if let Err(refused) = proving::takes(&cx.identities, row, found) {
        let (claim, wanted, found) = refused.unfit.map_or((None, None, None), |unfit| {
            (Some(unfit.claim.into_owned()), Some(unfit.wanted), unfit.found)
        });
        reasons.push(TriedReason { detail: refused.why.into_owned(), claim, wanted, found });
    }
    reasons
}

fn in_words(detail: String) -> TriedReason {
    TriedReason { detail, claim: None, wanted: None, found: None }
}

/// What a publisher of a project is to be, but for what follows from the kind of its issuer; and what would stand for the issuer's
/// tokens where they are shown as they are: nobody has its text.
pub(crate) fn asked(
    body: &PublisherWanted,
    project: &str,
) -> Result<(storage::PublisherWanted, storage::DirectWanted), String> {
    let secret = auth::generate(TokenKind::ShortLived);
    let subject = body.claims.0.get("sub").map(|sub| sub.as_str().into()).unwrap_or_default();
    let stands = storage::DirectWanted { token: (secret.id, secret.sha256), subject };
    let on = match &body.on {
        Some(on) => on.iter().map(|node| node.as_str().into()).collect(),
        None => vec![project.into()],
    };
    let wanted = storage::PublisherWanted {
        issuer: body.issuer.as_str().into(),
        kind: "".into(),
        application: body.application.as_ref().map(|name| name.as_str().into()),
        client_id: auth::new_client_id().ok_or("no random bits are to be had")?,
        claims: body.claims.text().into(),
        lookup: "".into(),
        pins: false,
        on,
        permissions: body.permissions.0,
        minutes: body.minutes,
        direct: body.direct.then(|| stands.clone()),
    };
    Ok((wanted, stands))
}

/// What follows from the kind of its issuer; else why a publisher for such an issuer cannot be so.
pub(crate) fn of_kind(
    kind: &str,
    wanted: storage::PublisherWanted,
) -> Result<storage::PublisherWanted, String> {
    let (of, claims) = (IssuerKind::parse(kind), WantedClaims::parse(&wanted.claims));
    claims.check(of)?;
    if wanted.direct.is_some() && of != IssuerKind::Kubernetes {
        let why = "only tokens of service accounts of Kubernetes are taken as they are; others are exchanged";
        return Err(why.to_owned());
    }
    let (lookup, pins) = (claims.lookup(of).into(), of.pins());
    Ok(storage::PublisherWanted { kind: kind.into(), lookup, pins, ..wanted })
}

fn shown(row: &PublisherRow) -> Publisher {
    Publisher {
        issuer: row.issuer.to_string(),
        application: row.application.to_string(),
        claims: WantedClaims::parse(&row.claims),
        on: row.on.iter().map(ToString::to_string).collect(),
        permissions: Rights(row.permissions),
        minutes: row.minutes,
        direct: row.direct.is_some(),
        about: About {
            id: row.id.to_string(),
            name: row.name.to_string(),
            created_at: Moment(row.created_at),
            kind: row.kind.to_string(),
            own_application: row.own_application,
            pinned: row.pins.as_deref().map(WantedClaims::parse),
            pin_until: row.pin_until.map(Moment),
            last_used_at: row.last_used_at.map(Moment),
            direct_token: row.direct.map(auth::id_text),
        },
    }
}
