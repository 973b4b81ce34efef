//! `/organisation/issuers`: who vouches for machines.

use auth::{IssuerSource, KeySet, SourceId};
use domain::{Granted, Organisation, OrganisationManage, RepositoryName};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use storage::IssuerRow;

use crate::at::IssuerAt;
use crate::change::Change;
use crate::claims::IssuerKind;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::words::{IssuerUrl, Moment, Text200};

/// `GET /organisation/issuers`
pub enum ListIssuers {}

/// `GET /organisation/issuers/{issuer}`
pub enum ShowIssuer {}

/// `PUT /organisation/issuers/{issuer}`
pub enum PutIssuer {}

/// `DELETE /organisation/issuers/{issuer}`
pub enum DeleteIssuer {}

/// `POST /organisation/issuers/{issuer}/test`
pub enum TestIssuer {}

/// What an issuer is to be.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssuerWanted {
    /// What its tokens say in `iss`, to the letter. Below it, at `/.well-known/openid-configuration`, it says where its keys are.
    pub url: IssuerUrl,
    /// Which claims its tokens have.
    pub kind: IssuerKind,
    /// Whom its tokens may be for (`aud`) besides the public address of this server.
    #[serde(default)]
    #[schemars(length(max = 4))]
    pub audiences: Vec<Text200>,
    /// Whether its host may have an address that is not public. Then that host and port may, and nothing else.
    #[serde(default)]
    pub private: bool,
    /// Its keys, a JSON Web Key Set: nothing is fetched then. `null` for keys that it publishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<KeySetDocument>,
    /// What answers say besides; whatever it is, it is not read.
    #[serde(default, skip_serializing)]
    pub about: Option<Value>,
}

/// A JSON Web Key Set (RFC 7517).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeySetDocument(pub Map<String, Value>);

/// An issuer as it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Issuer {
    /// What its tokens say in `iss`.
    pub url: String,
    /// Which claims its tokens have.
    #[schemars(extend("x-open-enum" = true))]
    pub kind: String,
    /// Whom its tokens may be for besides the public address of this server.
    pub audiences: Vec<String>,
    /// Whether its host may have an address that is not public.
    pub private: bool,
    /// Its keys, where they are not fetched.
    pub jwks: Option<KeySetDocument>,
    /// What cannot be set.
    pub about: About,
}

/// What cannot be set about an issuer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "IssuerAbout")]
pub struct About {
    /// Never used again.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Moment,
    /// Publishers that name it.
    pub publishers: u64,
}

/// What an issuer said when it was asked.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct IssuerTested {
    /// Keys by which tokens can be verified.
    pub keys: u64,
}

impl JsonSchema for KeySetDocument {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KeySet".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }
}

/// What a change to an issuer may answer.
const FAULTS: &[Code] =
    &[Code::Absent, Code::Rule, Code::InUse, Code::NotFresh, Code::Stale, Code::NotYetInForce];

impl Endpoint for ListIssuers {
    const META: Meta = Meta {
        id: "issuer_list",
        method: Method::Get,
        path: "/organisation/issuers",
        summary: "Lists who vouches for machines, by name.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("issuer list"),
    };
    type At = ();
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<Issuer>;
    type May = Granted<OrganisationManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Issuer>>, Fault> {
        let name = |text: &str| RepositoryName::parse(text).ok().map(|name| name.as_str().into());
        let rows = cx.directory.issuers(&may, ask.query.after(name)?, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, |row| row.name.to_string(), shown)))
    }
}

impl Endpoint for ShowIssuer {
    const META: Meta = Meta {
        id: "issuer_show",
        method: Method::Get,
        path: "/organisation/issuers/{issuer}",
        summary: "Shows who vouches for machines.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("issuer show"),
    };
    const CONDITIONAL: bool = true;
    type At = IssuerAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Issuer;
    type May = Granted<OrganisationManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Issuer>, Fault> {
        Ok(Done::shown(shown(&cx.directory.issuer(&may, &ask.at.issuer).await?)))
    }
}

impl Endpoint for PutIssuer {
    const META: Meta = Meta {
        id: "issuer_put",
        method: Method::Put,
        path: "/organisation/issuers/{issuer}",
        summary: "Believes whom somebody vouches for, or sets how. Address and kind stay while publishers name it.",
        since: "0.1",
        audit: &["issuer.put"],
        faults: FAULTS,
        cli: Some("issuer put"),
    };
    const CONDITIONAL: bool = true;
    type At = IssuerAt;
    type Query = Nothing;
    type Body = IssuerWanted;
    type Answer = Issuer;
    type May = Granted<OrganisationManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Issuer>, Fault> {
        cx.fresh_if(true)?;
        let wanted = wanted(cx, &ask.body)?;
        let only_if = ask.only_if.of(shown);
        let (row, made, force) = cx.directory.put_issuer(&may, &ask.at.issuer, wanted, only_if).await?;
        Ok(Done::put(shown(&row), made.then(|| ask.at.path()), force))
    }
}

impl Endpoint for DeleteIssuer {
    const META: Meta = Meta {
        id: "issuer_delete",
        method: Method::Delete,
        path: "/organisation/issuers/{issuer}",
        summary: "Believes an issuer no more. None goes that publishers name.",
        since: "0.1",
        audit: &["issuer.delete"],
        faults: FAULTS,
        cli: Some("issuer delete"),
    };
    const CONDITIONAL: bool = true;
    type At = IssuerAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<OrganisationManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        cx.fresh_if(true)?;
        let only_if = ask.only_if.of(shown);
        Ok(Done::told(cx.directory.remove_issuer(&may, &ask.at.issuer, only_if).await?))
    }
}

impl Endpoint for TestIssuer {
    const META: Meta = Meta {
        id: "issuer_test",
        method: Method::Post,
        path: "/organisation/issuers/{issuer}/test",
        summary: "Asks an issuer for its keys now. Those count from then on.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::Rule],
        cli: Some("issuer test"),
    };
    type At = IssuerAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = IssuerTested;
    type May = Granted<OrganisationManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<IssuerTested>, Fault> {
        let row = cx.directory.issuer(&may, &ask.at.issuer).await?;
        let keys = cx.identities.keys.fetch(&source(&row)).await;
        let keys = keys.map_err(|why| Fault::Told(Code::Rule, why.to_string().into()))?;
        Ok(Done::read(IssuerTested { keys: keys.count() as u64 }))
    }
}

fn wanted(cx: &Cx, body: &IssuerWanted) -> Result<storage::IssuerWanted, Fault> {
    let checked = checked(&body.url, body.kind, &body.audiences, (body.private, body.jwks.as_ref()));
    let wanted = checked.map_err(|why| Fault::Told(Code::Rule, why.into()))?;
    can_be_asked(cx, &wanted)?;
    Ok(wanted)
}

/// Whether somebody would be asked at the address of an issuer, as far as that alone tells.
pub(crate) fn can_be_asked(cx: &Cx, wanted: &storage::IssuerWanted) -> Result<(), Fault> {
    let (url, private, jwks) = (wanted.url.clone(), wanted.private, wanted.jwks.clone());
    match cx.identities.keys.refusal(&IssuerSource { id: SourceId::Machines(0), url, private, jwks }) {
        Some(why) => {
            Err(Fault::Told(Code::Rule, format!("nobody can be asked at the address: {why}").into()))
        }
        None => Ok(()),
    }
}

/// What an issuer is to be, as far as that can be told without asking anybody; else what is wrong with it.
pub(crate) fn checked(
    url: &IssuerUrl,
    kind: IssuerKind,
    audiences: &[Text200],
    (private, jwks): (bool, Option<&KeySetDocument>),
) -> Result<storage::IssuerWanted, String> {
    let jwks = jwks.map(|keys| Value::Object(keys.0.clone()).to_string());
    if let Some(keys) = &jwks {
        KeySet::parse(keys.as_bytes()).map_err(|why| format!("`jwks` cannot be used: {why}"))?;
    }
    let mut audiences: Vec<Box<str>> = audiences.iter().map(|text| text.as_str().into()).collect();
    audiences.sort_unstable();
    audiences.dedup();
    if audiences.iter().any(|audience| is_of_the_gallery(audience)) {
        let why = "tokens for nuget.org are for nuget.org: let the machine ask for one for this server";
        return Err(why.to_owned());
    }
    let (url, kind, jwks) = (url.as_str().into(), kind.as_str().into(), jwks.map(Into::into));
    Ok(storage::IssuerWanted { url, kind, audiences, private, jwks })
}

/// What is said to the public gallery is never good for anybody else: whoever gets hold of it there could come here.
fn is_of_the_gallery(audience: &str) -> bool {
    let host = audience.split_once("://").map_or(audience, |(_, host)| host);
    let host = host.split(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
    host == "nuget.org" || host.ends_with(".nuget.org")
}

/// Whose keys, and where they are.
pub(crate) fn source(row: &IssuerRow) -> IssuerSource {
    IssuerSource {
        id: SourceId::Machines(row.id),
        url: row.url.clone(),
        private: row.private,
        jwks: row.jwks.clone(),
    }
}

fn shown(row: &IssuerRow) -> Issuer {
    let jwks = row.jwks.as_deref().and_then(|text| serde_json::from_str(text).ok());
    Issuer {
        url: row.url.to_string(),
        kind: row.kind.to_string(),
        audiences: row.audiences().into_iter().map(str::to_owned).collect(),
        private: row.private,
        jwks: jwks.map(KeySetDocument),
        about: About {
            id: row.id.to_string(),
            name: row.name.to_string(),
            created_at: Moment(row.created_at),
            publishers: row.rules,
        },
    }
}
