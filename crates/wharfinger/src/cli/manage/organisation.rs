//! The organisation.

use api::organisation::{PutOrganisation, ShowOrganisation};
use serde_json::{Map, Value};

use super::super::failure::Failure;
use super::super::nouns::{AccessWord, OrganisationCommand, OrganisationFields};
use super::changing::{self, Fields};
use crate::config::Environment;

pub(in crate::cli) async fn organisation(
    command: OrganisationCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        OrganisationCommand::Show { remote } => {
            changing::show::<ShowOrganisation>((), &remote, environment).await
        }
        OrganisationCommand::Set { fields, changing } => {
            let line = "the organisation is as it was asked to be";
            changing::patch::<PutOrganisation>(((), changed(&fields)), &changing, line, environment).await
        }
    }
}

fn changed(fields: &OrganisationFields) -> Fields {
    // Of what may be without a bound, 0 is how to say so.
    let days = fields.token_days_max.map(|days| if days == 0 { Value::Null } else { days.into() });
    let no_aliases = fields.no_aliases.then(|| Value::Array(Vec::new()));
    Fields::default()
        .text("name", fields.name.as_deref())
        .text("title", fields.title.as_deref())
        .value("aliases", no_aliases)
        .list("aliases", &fields.aliases)
        .text("new_projects", fields.new_projects.map(AccessWord::as_str))
        .value("members_make_projects", fields.members_make_projects)
        .value("password_log_in", fields.password_log_in)
        .value("password_on_packages", fields.password_on_packages)
        .value("strict_user_names", fields.strict_user_names)
        .value("password_chars_min", fields.password_chars_min)
        .value("token_days_max", days)
        .value("audit", audit_kept(fields))
        .value("session", session_lasts(fields))
        .value("public_landing", fields.public_landing)
}

/// What of it is given; the rest stays.
fn audit_kept(fields: &OrganisationFields) -> Option<Value> {
    given([
        ("admin_days", fields.audit_admin_days),
        ("transfer_days", fields.audit_transfer_days),
        ("denial_days", fields.audit_denial_days),
    ])
}

fn session_lasts(fields: &OrganisationFields) -> Option<Value> {
    given([("idle_secs", fields.session_idle_secs), ("total_secs", fields.session_total_secs)])
}

fn given<const N: usize>(numbers: [(&str, Option<u32>); N]) -> Option<Value> {
    let given =
        numbers.into_iter().filter_map(|(name, number)| Some((name.to_owned(), Value::from(number?))));
    Some(Value::Object(given.collect())).filter(|some| *some != Value::Object(Map::new()))
}
