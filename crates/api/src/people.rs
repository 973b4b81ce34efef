//! `/people`: members, collaborators and guests.

use domain::{
    CallerGate, Denied, DirectoryManage, DirectoryView, Granted, Organisation, Own, PrincipalKind, Right,
    TokenLimits,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::{PersonFilter, PersonRow};

use crate::at::{Names, PersonAt};
use crate::change::{Change, Confirmed};
use crate::endpoint::{Ask, Cx, Done, Endpoint, GuardedNode, May, Meta, Method, Need, Nothing};
use crate::page::{Page, Paged as _, paged};
use crate::patch::Editable;
use crate::problem::{Code, Fault};
use crate::words::{LoginText, Moment, Text128, Text200};

/// `GET /people`
pub enum ListPeople {}

/// `GET /people/{person}`
pub enum ShowPerson {}

/// `PUT /people/{person}`
pub enum PutPerson {}

/// `DELETE /people/{person}`
pub enum DeletePerson {}

/// What a person is to be.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonWanted {
    /// What people call them; `null` for the user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text200>,
    /// Addresses, each of which is a log-in name too; the first is the one for mail. `null` for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    pub emails: Option<Vec<LoginText>>,
    /// Known, and refused from the next request on; `null` for no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<bool>,
    /// What answers say besides; whatever it is, it is not read.
    #[serde(default, skip_serializing)]
    pub about: Option<Value>,
}

/// A person as they are.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// What people call them.
    pub title: String,
    /// Addresses, each of which is a log-in name too.
    pub emails: Vec<String>,
    /// Known, and refused.
    pub suspended: bool,
    /// What cannot be set.
    pub about: About,
}

/// What cannot be set about a person.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PersonAbout")]
pub struct About {
    /// Never used again.
    pub id: String,
    /// `member:alice`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// When they were made.
    pub created_at: Moment,
    /// Whether they can log in with a password.
    pub has_password: bool,
    /// Whether it is good for nothing but setting another one, because an administrator set it.
    pub must_change_password: bool,
    /// When any token, session or password of theirs was last used, to the minute and some minutes late; `null` for never.
    pub last_seen: Option<Moment>,
    /// Tokens that are not revoked.
    pub tokens: u64,
    /// The teams they are in directly.
    pub teams: Vec<String>,
}

/// Kinds of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum PersonKind {
    /// One of the organisation.
    Member,
    /// From outside, added to projects, with rights of their own there.
    Collaborator,
    /// From outside, added to projects, with no rights on packages.
    Guest,
}

paged! {
    /// Which people.
    PeopleAsked {
        /// Those of this kind.
        kind: PersonKind,
        /// Those who are suspended, or those who are not.
        suspended: bool,
        /// Those with these words in name, title or address.
        query: Text128,
        /// Those who were not seen for so many days; who never was counts from when they were made.
        unused_days: u32,
    }
}

/// The proof to look at somebody: of seeing the directory, or of being a person, who may look at themselves.
pub enum SeeOrOneself {
    /// Whoever it is.
    See(Granted<DirectoryView, Organisation>),
    /// Oneself, and what is answered about anybody else.
    Oneself(Own, Denied),
}

impl<A: Names<Organisation>> May<A> for SeeOrOneself {
    const NEED: Need =
        Need::OrOneself(&Need::Right(<DirectoryView as Right>::KIND, <Organisation as GuardedNode>::ON));

    fn ask(gate: &CallerGate, at: &A) -> Result<Self, Denied> {
        match gate.check(at.name()) {
            Ok(may) => Ok(Self::See(may)),
            Err(refused) => match gate.own() {
                Ok(own) if *own.limits() == TokenLimits::Full => Ok(Self::Oneself(own, refused)),
                Ok(_) | Err(_) => Err(refused),
            },
        }
    }
}

/// What a change to a person may answer.
const FAULTS: &[Code] = &[Code::Absent, Code::Rule, Code::LastAdmin, Code::Stale, Code::NotYetInForce];

impl From<PersonKind> for PrincipalKind {
    fn from(kind: PersonKind) -> Self {
        match kind {
            PersonKind::Member => Self::Member,
            PersonKind::Collaborator => Self::Collaborator,
            PersonKind::Guest => Self::Guest,
        }
    }
}

impl Endpoint for ListPeople {
    const META: Meta = Meta {
        id: "person_list",
        method: Method::Get,
        path: "/people",
        summary: "Lists members, collaborators and guests, by kind and name, and who was not seen for long.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("person list"),
    };
    type At = ();
    type Query = PeopleAsked;
    type Body = Nothing;
    type Answer = Page<Person>;
    type May = Granted<DirectoryView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Person>>, Fault> {
        let paging = ask.query.paging().of(&ask.query);
        let after = paging.after(|text| PersonAt::new(text).map(|person| (person.kind, person.name)))?;
        let filter = PersonFilter {
            kind: ask.query.kind.map(Into::into),
            suspended: ask.query.suspended,
            query: ask.query.query.as_ref().map(|words| words.as_str().into()),
            unused_days: ask.query.unused_days,
        };
        let rows = cx.directory.people(&may, filter, after, paging.limit()).await?;
        Ok(Done::read(paging.page(&rows, reference, shown)))
    }
}

impl Endpoint for ShowPerson {
    const META: Meta = Meta {
        id: "person_show",
        method: Method::Get,
        path: "/people/{person}",
        summary: "Shows a person; oneself to whom it is.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("person show"),
    };
    const CONDITIONAL: bool = true;
    type At = PersonAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Person;
    type May = SeeOrOneself;

    async fn call(cx: &Cx, may: SeeOrOneself, ask: &Ask<Self>) -> Result<Done<Person>, Fault> {
        let row = match may {
            SeeOrOneself::See(may) => cx.directory.person(&may, ask.at.kind, &ask.at.name).await?,
            SeeOrOneself::Oneself(own, refused) => {
                let row = cx.directory.own_person(&own).await?;
                let is_oneself =
                    row.kind == ask.at.kind && row.name.to_lowercase() == ask.at.name.to_lowercase();
                Some(row).filter(|_| is_oneself).ok_or(refused)?
            }
        };
        Ok(Done::shown(shown(&row)))
    }
}

impl Endpoint for PutPerson {
    const META: Meta = Meta {
        id: "person_put",
        method: Method::Put,
        path: "/people/{person}",
        summary: "Makes a person, or sets what one is. A new one has no way to log in until a token is made for them.",
        since: "0.1",
        audit: &[
            "member.create",
            "collaborator.create",
            "guest.create",
            "principal.update",
            "principal.email",
            "principal.suspend",
            "principal.resume",
        ],
        faults: FAULTS,
        cli: Some("person create"),
    };
    const CONDITIONAL: bool = true;
    type At = PersonAt;
    type Query = Nothing;
    type Body = PersonWanted;
    type Answer = Person;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Person>, Fault> {
        Self::set(cx, &may, ask).await
    }
}

impl Editable for PutPerson {
    const PATCH: (&'static str, Option<&'static str>) = ("person_patch", Some("person set"));
    type Edit = Granted<DirectoryManage, Organisation>;

    async fn shown(cx: &Cx, may: &Self::Edit, at: &PersonAt) -> Result<Person, Fault> {
        Ok(shown(&cx.directory.person(may, at.kind, &at.name).await?))
    }

    async fn set(cx: &Cx, may: &Self::Edit, ask: &Ask<Self>) -> Result<Done<Person>, Fault> {
        let PersonWanted { title, emails, suspended, about: _ } = &ask.body;
        let wanted = storage::PersonWanted {
            title: title.as_ref().map(|title| title.as_str().into()),
            emails: emails.iter().flatten().map(|email| email.as_str().into()).collect(),
            suspended: suspended.unwrap_or(false),
        };
        let person = (ask.at.kind, &*ask.at.name);
        let (row, made, force) = cx.directory.put_person(may, person, wanted, ask.only_if.of(shown)).await?;
        Ok(Done::put(shown(&row), made.then(|| ask.at.path()), force))
    }
}

impl Endpoint for DeletePerson {
    const META: Meta = Meta {
        id: "person_delete",
        method: Method::Delete,
        path: "/people/{person}",
        summary: "Deletes a person with their tokens, grants and memberships.",
        since: "0.1",
        audit: &["member.delete", "collaborator.delete", "guest.delete"],
        faults: &[Code::Absent, Code::Confirm, Code::LastAdmin, Code::Stale, Code::NotYetInForce],
        cli: Some("person delete"),
    };
    const CONDITIONAL: bool = true;
    type At = PersonAt;
    type Query = Confirmed;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        Confirmed::insist(ask.query.confirm.as_deref(), &ask.at.text())?;
        let (person, only_if) = ((ask.at.kind, &*ask.at.name), ask.only_if.of(shown));
        Ok(Done::told(cx.directory.remove_person(&may, person, only_if).await?))
    }
}

fn reference(row: &PersonRow) -> String {
    format!("{}:{}", row.kind.as_str(), row.name)
}

fn shown(row: &PersonRow) -> Person {
    Person {
        title: row.title.to_string(),
        emails: row.emails.iter().map(ToString::to_string).collect(),
        suspended: row.suspended,
        about: About {
            id: row.id.to_string(),
            reference: reference(row),
            created_at: Moment(row.created_at),
            has_password: row.has_password,
            must_change_password: row.must_change,
            last_seen: row.last_seen.map(Moment),
            tokens: row.tokens,
            teams: row.teams.clone(),
        },
    }
}
