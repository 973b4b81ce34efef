//! `/projects/{project}/participants/{participant}`: who takes part in a project, with everything they have in it.

use domain::{AccessManage, Granted, Project};

use crate::at::ParticipantAt;
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::problem::{Code, Fault};

/// `DELETE /projects/{project}/participants/{participant}`
pub enum RemoveParticipant {}

impl Endpoint for RemoveParticipant {
    const META: Meta = Meta {
        id: "participant_remove",
        method: Method::Delete,
        path: "/projects/{project}/participants/{participant}",
        summary: "Takes every grant of somebody away, on the project and on its repositories.",
        since: "0.1",
        audit: &["grant.delete"],
        faults: &[Code::Absent, Code::Builtin, Code::Stale, Code::NotYetInForce],
        cli: Some("participant remove"),
    };
    type At = ParticipantAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let who = &ask.at.who;
        Ok(Done::told(who.found(cx.directory.remove_participant(&may, who.as_str()).await)?))
    }
}
