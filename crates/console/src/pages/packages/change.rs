//! What becomes of a version: pinned, unlisted, deprecated, deleted. Each for who may, and deleting is a page.

use api::details::Details;
use api::packages::{Listing, ShowVersion, Version};
use api::pins::PinVersion;
use api::remarks::{Deprecate, Deprecation, Reason, ShowDeprecation, Undeprecate};
use api::version_details::ShowDetails;
use api::versions::{DeleteVersion as Delete, Deleted, SetVersionState};
use api::{Code, Fault};
use domain::Permission;
use serde_json::{Value, json};

use super::Place;
use super::used_by::Users;
use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::{Crumb, Frame};
use crate::pages::Page;
use crate::parts::filters;
use crate::visit::Visit;

/// `/p/{project}/{repository}/-/version`
pub(crate) enum ChangeVersion {}

/// `/p/{project}/{repository}/-/delete-version`
pub(crate) enum DeleteVersion {}

/// A version that something is to be done about.
struct About {
    place: Place,
    package: String,
    version: Version,
    /// What people call both.
    name: String,
    address: String,
}

#[derive(askama::Template)]
#[template(path = "version_change.html")]
struct ChangePage<'a> {
    f: &'a Frame,
    about: &'a About,
    crumbs: Vec<Crumb>,
    may_pin: bool,
    may_list: bool,
    may_deprecate: bool,
    deprecation: Option<Deprecation>,
    reason: &'a str,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "version_delete.html")]
struct DeletePage<'a> {
    f: &'a Frame,
    about: &'a About,
    crumbs: Vec<Crumb>,
    details: Details,
    /// What asks for it.
    users: Option<Users>,
    unlists: bool,
    wrong: Wrong,
}

impl About {
    /// The version that the query names.
    async fn of(visit: &Visit<'_>) -> Result<Self, Fault> {
        let place = Place::of(visit).await?;
        let absent = || Fault::Told(Code::Absent, "it does not exist".into());
        let package = visit.given("package").ok_or_else(absent)?.to_owned();
        let version = visit.given("version").ok_or_else(absent)?;
        let [project, repository] = place.names();
        let version = visit.read::<ShowVersion>(&[project, repository, &package, version], &[]).await?;
        let name = (place.known.browsing.page)(&package, Some(&version.version));
        let address = place.address(&package, Some(&version.version));
        Ok(Self { place, package, version, name, address })
    }

    fn names(&self) -> [&str; 4] {
        let [project, repository] = self.place.names();
        [project, repository, &self.package, &self.version.version]
    }

    fn crumbs(&self, visit: &Visit<'_>, last: &str) -> Vec<Crumb> {
        let mut crumbs = self.place.crumbs(visit);
        crumbs.push(Crumb { text: super::brief(&self.version.version), href: Some(self.address.clone()) });
        crumbs.push(Crumb { text: last.trim_end_matches('…').to_owned(), href: None });
        crumbs
    }

    fn is_unlisted(&self) -> bool {
        self.version.state == Listing::Unlisted
    }

    const fn is_deprecable(&self) -> bool {
        self.place.known.browsing.ecosystem.is_some()
    }
}

/// Refuses to show a form to who may do nothing with it.
pub(super) fn insist(may: bool) -> Result<(), Fault> {
    if may {
        return Ok(());
    }
    Err(Fault::Told(Code::Denied, "it does not exist, or you may not do this there".into()))
}

impl Page for ChangeVersion {
    const PATH: &'static str = "/p/{project}/{repository}/-/version";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let about = About::of(visit).await?;
        if visit.asked.form.is_none() {
            return form(visit, &about, "", Wrong::default()).await;
        }
        let sent = visit.form()?;
        match change(visit, &about, &sent).await {
            Ok(()) => Ok(Answer::see(format!("{}?done=version", about.address))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                form(visit, &about, sent.text("reason"), wrong).await
            }
        }
    }
}

async fn form(visit: &Visit<'_>, about: &About, reason: &str, wrong: Wrong) -> Result<Answer, Fault> {
    let may_delete = about.place.may(Permission::DeletePackage);
    let may_pin = about.place.may(Permission::RepositorySettings);
    insist(may_delete || may_pin)?;
    let deprecation = if about.is_deprecable() {
        visit.caller.find::<ShowDeprecation>(&about.names(), &[]).await?
    } else {
        None
    };
    let status = if wrong.any() { 400 } else { 200 };
    let page = ChangePage {
        f: &Frame::of(visit),
        crumbs: about.crumbs(visit, visit.t.versions.change),
        may_pin,
        may_list: may_delete && about.place.known.browsing.unlists,
        may_deprecate: may_delete && about.is_deprecable(),
        deprecation,
        reason,
        wrong,
        about,
    };
    Ok(Answer::page(status, rendered(&page)))
}

async fn change(visit: &Visit<'_>, about: &About, sent: &Form<'_>) -> Result<(), Fault> {
    let (names, terms) = (about.names(), Terms::default());
    match sent.text("do") {
        "pin" => {
            let document = json!({ "pinned": true, "reason": sent.text("reason").trim() });
            visit.change::<PinVersion>(&names, &document, terms).await.map(drop)
        }
        "unpin" => visit.change::<PinVersion>(&names, &json!({ "pinned": false }), terms).await.map(drop),
        "unlist" => list(visit, &names, "unlisted").await,
        "relist" => list(visit, &names, "listed").await,
        "undeprecate" => visit.change::<Undeprecate>(&names, &Value::Null, terms).await.map(drop),
        "deprecate" => {
            let reasons: Vec<&str> = sent.all("why").collect();
            let alternate = sent.given("alternate").map(|id| json!({ "id": id }));
            let mut document = serde_json::Map::new();
            if !reasons.is_empty() {
                document.insert("reasons".to_owned(), json!(reasons));
            }
            document.extend(sent.given("message").map(|text| ("message".to_owned(), json!(text))));
            document.extend(alternate.map(|other| ("alternate".to_owned(), other)));
            visit.change::<Deprecate>(&names, &Value::Object(document), terms).await.map(drop)
        }
        _ => Err(Fault::Told(Code::Malformed, "the form says nothing that can be done".into())),
    }
}

async fn list(visit: &Visit<'_>, names: &[&str], state: &str) -> Result<(), Fault> {
    let document = json!({ "state": state });
    visit.change::<SetVersionState>(names, &document, Terms::default()).await.map(drop)
}

impl Page for DeleteVersion {
    const PATH: &'static str = "/p/{project}/{repository}/-/delete-version";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let about = About::of(visit).await?;
        if visit.asked.form.is_none() {
            return confirm(visit, &about, Wrong::default()).await;
        }
        let sent = visit.form()?;
        if sent.text("confirm").trim() != about.version.version {
            return confirm(visit, &about, Wrong::told(visit.t.versions.typed_wrong)).await;
        }
        match visit.change::<Delete>(&about.names(), &Value::Null, Terms::default()).await {
            Ok(told) => Ok(Answer::see(after(&about, told.answer.outcome))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                confirm(visit, &about, wrong).await
            }
        }
    }
}

/// Where one lands: the list that one came from, or the version where it is still found.
fn after(about: &About, outcome: Deleted) -> String {
    match outcome {
        Deleted::Unlisted => format!("{}?done=unlisted", about.address),
        // The package may have gone with its last version.
        Deleted::Removed => format!("/p/{}?done=deleted", about.place.path),
    }
}

async fn confirm(visit: &Visit<'_>, about: &About, wrong: Wrong) -> Result<Answer, Fault> {
    insist(about.place.may(Permission::DeletePackage))?;
    let details = visit.read::<ShowDetails>(&about.names(), &[]).await?;
    let unlists = about.place.unlists();
    let of = (about.package.as_str(), Some(about.version.version.as_str()));
    let users = Users::of(visit, &about.place, of, &mut visit.room()).await?;
    let status = if wrong.any() { 400 } else { 200 };
    let page = DeletePage {
        f: &Frame::of(visit),
        crumbs: about.crumbs(visit, visit.t.versions.delete),
        details,
        users,
        unlists,
        wrong,
        about,
    };
    Ok(Answer::page(status, rendered(&page)))
}

impl ChangePage<'_> {
    /// Reasons with their words, and whether they hold.
    fn reasons(&self) -> [(&'static str, &'static str, bool); 3] {
        let t = &self.f.t.versions;
        let said = |reason| {
            let reasons = self.deprecation.as_ref().and_then(|said| said.reasons.as_ref());
            reasons.is_some_and(|reasons| reasons.contains(&reason))
        };
        [
            ("legacy", t.legacy, said(Reason::Legacy)),
            ("critical-bugs", t.critical_bugs, said(Reason::CriticalBugs)),
            ("other", t.other_reason, said(Reason::Other)),
        ]
    }

    fn message(&self) -> &str {
        self.deprecation.as_ref().and_then(|said| said.message.as_ref()).map_or("", |text| text.as_str())
    }

    fn alternate(&self) -> &str {
        self.deprecation
            .as_ref()
            .and_then(|said| said.alternate.as_ref())
            .map_or("", |other| other.id.as_str())
    }
}

impl DeletePage<'_> {
    /// Whether it is the tag of an image, whose manifest stays.
    fn is_tag(&self) -> bool {
        self.is_image() && !self.about.version.version.contains(':')
    }

    fn is_image(&self) -> bool {
        self.about.place.has_tags()
    }

    fn tags(&self) -> String {
        if self.details.same_as.is_empty() {
            return self.f.t.versions.no_tags.to_owned();
        }
        self.details.same_as.join(", ")
    }

    fn indexes(&self) -> String {
        let shown: Vec<&str> =
            self.details.part_of.iter().take(5).map(|digest| super::short(digest)).collect();
        shown.join(", ")
    }
}
