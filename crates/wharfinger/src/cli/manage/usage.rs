//! What was fetched and made, and what there is.

use api::usage::{ShowMyUsage, ShowUsage, TotalsAsked, Usage, UsageAsked, UsageStep};
use api::{Ask, Day, Endpoint, Nothing, Outgoing};
use domain::{Organisation, Project, Repository};
use http::Method;
use http::header::ACCEPT;

use super::super::calls::understood;
use super::super::client::Client;
use super::super::failure::Failure;
use super::super::usage::{StepWord, UsageFlags};
use super::super::{Remote, output};
use super::shown::{programs_read, rows, show_list};
use super::{On, connect, on_of};
use crate::config::Environment;

pub(in crate::cli) async fn usage(flags: UsageFlags, environment: &Environment) -> Result<(), Failure> {
    let asked = UsageAsked {
        from: day("--from", flags.from)?,
        to: day("--to", flags.to)?,
        step: match flags.step {
            StepWord::Day => UsageStep::Day,
            StepWord::Week => UsageStep::Week,
            StepWord::Month => UsageStep::Month,
        },
        totals: TotalsAsked::Now,
    };
    let (client, remote) = (connect(&flags.remote, environment)?, &flags.remote);
    if flags.mine {
        return usage_of::<ShowMyUsage>((), asked, flags.csv, &client, remote).await;
    }
    match on_of(&flags.on)? {
        On::Organisation => usage_of::<ShowUsage<Organisation>>((), asked, flags.csv, &client, remote).await,
        On::Project(key) => usage_of::<ShowUsage<Project>>(key, asked, flags.csv, &client, remote).await,
        On::Repository(path) => {
            usage_of::<ShowUsage<Repository>>(path, asked, flags.csv, &client, remote).await
        }
    }
}

async fn usage_of<E>(
    at: E::At,
    asked: UsageAsked,
    csv: bool,
    client: &Client,
    remote: &Remote,
) -> Result<(), Failure>
where
    E: Endpoint<Query = UsageAsked, Body = Nothing, Answer = Usage>,
{
    let ask = Ask::<E>::new(at, asked, Nothing {});
    if csv {
        return lines(&ask, client).await;
    }
    let mut document = client.call(&ask).await?.document;
    if programs_read(remote.form, &document) {
        return Ok(());
    }
    let items = document.get_mut("items").and_then(|items| items.as_array_mut().map(std::mem::take));
    show_list(remote, items.unwrap_or_default(), &["at", "downloads", "downloaded_bytes", "published"]);
    let of = |field: &str| document.get(field).cloned().map(rows).unwrap_or_default();
    output::say("");
    output::show_table(&["in all", "value"], &[of("sum"), of("totals")].concat());
    Ok(())
}

/// As the server writes them for spreadsheets.
async fn lines<E: Endpoint>(ask: &Ask<E>, client: &Client) -> Result<(), Failure> {
    let target = Outgoing::of(ask).target;
    let headers = [(ACCEPT.as_str(), "text/csv".to_owned())];
    let answer = client.send_with(Method::GET, &target, None, &headers).await?;
    understood(&answer).map_err(|refused| refused.failure)?;
    output::say(String::from_utf8_lossy(&answer.body).trim_end());
    Ok(())
}

fn day(flag: &str, text: Option<String>) -> Result<Option<Day>, Failure> {
    let wrong = || Failure::Usage(format!("{flag}: write a day such as 2030-01-31"));
    text.map(|text| domain::time::parse_day(&text).map(Day).ok_or_else(wrong)).transpose()
}
