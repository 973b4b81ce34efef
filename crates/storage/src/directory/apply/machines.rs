//! Who vouches for machines, and by which rules those get tokens.

use domain::{Permission, ProjectId, ProjectKey};

use crate::directory::issuers::{self as making, IssuerWanted};
use crate::directory::merge::{Merge, Stands};
use crate::directory::names;
use crate::directory::object::Object;
use crate::directory::plan::{IssuerSpec, PublisherSpec};
use crate::directory::rule::{self, Place, PublisherWanted};
use crate::error::Error;
use crate::model::{IssuerRow, PublisherRow};
use crate::sql::{issuers, publishers};

/// What a field without a value is called.
const NONE: &str = "none";
/// What the application is called that is made with a rule.
const OWN: &str = "its own";

pub(super) fn issuer(merge: &mut Merge<'_, '_>, spec: &IssuerSpec) -> Result<(), Error> {
    let object = Object::issuer(&spec.name);
    if !merge.allowed(&object, "/", &[Permission::OrganisationManage])? {
        return Ok(());
    }
    let present = issuers::named(merge.change.tx, &spec.name)?;
    match merge.stands(&object, present.is_some())? {
        Stands::Gone => return Ok(()),
        Stands::New => making::put(merge.change, &spec.name, &spec.wanted)?,
        Stands::There => {}
    }
    let present = issuers::named(merge.change.tx, &spec.name)?.ok_or(Error::Absent)?;
    let wanted = settled_issuer(merge, &object, &present, &spec.wanted)?;
    making::put(merge.change, &spec.name, &wanted)
}

fn settled_issuer(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    present: &IssuerRow,
    asked: &IssuerWanted,
) -> Result<IssuerWanted, Error> {
    let mut wanted = IssuerWanted {
        url: present.url.clone(),
        kind: present.kind.clone(),
        audiences: present.audiences().into_iter().map(Into::into).collect(),
        private: present.private,
        jwks: present.jwks.clone(),
    };
    if merge.settle(object, "url", &asked.url, &present.url)? {
        wanted.url.clone_from(&asked.url);
    }
    if merge.settle(object, "kind", &asked.kind, &present.kind)? {
        wanted.kind.clone_from(&asked.kind);
    }
    if merge.settle(object, "audiences", &asked.audiences.join(" "), &wanted.audiences.join(" "))? {
        wanted.audiences.clone_from(&asked.audiences);
    }
    if merge.settle(object, "private", flag(asked.private), flag(present.private))? {
        wanted.private = asked.private;
    }
    let keys = |jwks: &Option<Box<str>>| jwks.as_deref().unwrap_or(NONE).to_owned();
    if merge.settle(object, "jwks", &keys(&asked.jwks), &keys(&present.jwks))? {
        wanted.jwks.clone_from(&asked.jwks);
    }
    Ok(wanted)
}

/// The rules of a project that have an application of their own, or those that name one: that takes part in the project once the grants
/// of the plan are made.
pub(super) fn publisher(
    merge: &mut Merge<'_, '_>,
    (project, key): (ProjectId, &ProjectKey),
    spec: &PublisherSpec,
) -> Result<(), Error> {
    let object = Object::publisher(&format!("{key}/{}", spec.name));
    if !merge.allowed(&object, key.as_str(), &[Permission::AccessManage])? {
        return Ok(());
    }
    let place = Place { project, key: key.clone(), name: spec.name.clone() };
    let row = present(merge, &place)?;
    match merge.stands(&object, row.is_some())? {
        Stands::Gone => return Ok(()),
        Stands::New => put(merge, &object, &place, spec, spec.wanted.clone())?,
        Stands::There => {}
    }
    let Some(row) = present(merge, &place)? else { return Ok(()) };
    match settled_publisher(merge, &object, &row, spec)? {
        Some(wanted) => put(merge, &object, &place, spec, wanted),
        None => Ok(()),
    }
}

fn present(merge: &mut Merge<'_, '_>, place: &Place) -> Result<Option<PublisherRow>, Error> {
    let record = publishers::named(merge.change.tx, place.project, &place.name)?;
    record.map(|record| rule::row_of(merge.change.tx, record)).transpose()
}

fn put(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    place: &Place,
    spec: &PublisherSpec,
    wanted: PublisherWanted,
) -> Result<(), Error> {
    let issuer = issuers::named(merge.change.tx, &wanted.issuer)?;
    let issuer = issuer.ok_or_else(|| names::unknown(&wanted.issuer))?;
    let wanted = (spec.of_kind)(&issuer.kind, wanted)
        .map_err(|why| Error::refused(format!("{}: {why}", object.name)))?;
    let giver = merge.giver(place.key.as_str(), None)?;
    let done = place.put_what_is_there(merge.change, giver.as_ref(), &wanted);
    merge.given(object, done).map(drop)
}

/// The rule as it is to be, if that is another than it is.
fn settled_publisher(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    row: &PublisherRow,
    spec: &PublisherSpec,
) -> Result<Option<PublisherWanted>, Error> {
    let asked = &spec.wanted;
    let mut wanted = PublisherWanted {
        issuer: row.issuer.clone(),
        application: (!row.own_application).then(|| row.application.clone()),
        claims: row.claims.clone(),
        on: row.on.clone(),
        permissions: row.permissions,
        minutes: row.minutes,
        direct: row.direct.map(|_| spec.stands.clone()),
        ..asked.clone()
    };
    let mut set = false;
    let mut settle = |field, asked: &str, present: &str| -> Result<bool, Error> {
        let is_set = merge.settle(object, field, asked, present)?;
        set |= is_set;
        Ok(is_set)
    };
    if settle("issuer", &asked.issuer, &row.issuer)? {
        wanted.issuer.clone_from(&asked.issuer);
    }
    let named = |name: &Option<Box<str>>| name.as_deref().unwrap_or(OWN).to_owned();
    if settle("application", &named(&asked.application), &named(&wanted.application))? {
        wanted.application.clone_from(&asked.application);
    }
    if settle("claims", &asked.claims, &row.claims)? {
        wanted.claims.clone_from(&asked.claims);
    }
    let mut on = asked.on.clone();
    on.sort_unstable();
    on.dedup();
    if settle("on", &on.join(" "), &row.on.join(" "))? {
        wanted.on = on;
    }
    if settle("permissions", &names::words(asked.permissions), &names::words(row.permissions))? {
        wanted.permissions = asked.permissions;
    }
    if settle("minutes", &asked.minutes.to_string(), &row.minutes.to_string())? {
        wanted.minutes = asked.minutes;
    }
    if settle("direct", flag(asked.direct.is_some()), flag(row.direct.is_some()))? {
        wanted.direct.clone_from(&asked.direct);
    }
    Ok(set.then_some(wanted))
}

pub(super) const fn flag(set: bool) -> &'static str {
    if set { "true" } else { "false" }
}
