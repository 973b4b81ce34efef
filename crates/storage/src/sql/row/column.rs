//! What a single column is read as.

use std::sync::Arc;

use domain::{
    Access, EntryState, Format, GrantId, Login, Mode, Networks, NodeId, Permissions, PolicyVersion,
    PrincipalId, PrincipalKind, ProjectId, ProjectKey, RepositoryId, RepositoryName, RoleId, SessionId,
    SubjectId, TeamId, Timestamp, TokenId, TokenState, UploadId,
};

use crate::audit::{AuditClass, AuditOutcome};
use crate::error::Error;
use crate::model::Makes;
use crate::sql::tx::Columns;

/// A column as one of its own kind; as an `Option` of it, a column that may be null.
pub(crate) trait Column<'r>: Sized {
    fn of(row: &'r dyn Columns, column: usize) -> Result<Option<Self>, Error>;
}

impl<'r> Column<'r> for i64 {
    fn of(row: &'r dyn Columns, column: usize) -> Result<Option<Self>, Error> {
        row.opt_int(column)
    }
}

impl<'r> Column<'r> for &'r str {
    fn of(row: &'r dyn Columns, column: usize) -> Result<Option<Self>, Error> {
        row.opt_text(column)
    }
}

impl<'r> Column<'r> for &'r [u8] {
    fn of(row: &'r dyn Columns, column: usize) -> Result<Option<Self>, Error> {
        row.opt_bytes(column)
    }
}

/// Kinds that are made of a kind of column that is known already.
macro_rules! columns {
    ($($kind:ty: $known:ty => $made:expr;)+) => {$(
        impl<'r> Column<'r> for $kind {
            fn of(row: &'r dyn Columns, column: usize) -> Result<Option<Self>, Error> {
                <$known>::of(row, column)?.map($made).transpose()
            }
        }
    )+};
}

columns! {
    bool: i64 => |flag| Ok(flag != 0);
    u32: i64 => |id| u32::try_from(id).map_err(|_| Error::corrupt("an id is out of range"));
    u64: i64 => |count| u64::try_from(count).map_err(|_| Error::corrupt("a count is negative"));
    Timestamp: i64 => |millis| Ok(Timestamp::from_millis(millis));
    String: &str => |text| Ok(text.to_owned());
    Box<str>: &str => |text| Ok(text.into());
    Arc<str>: &str => |text| Ok(text.into());
    Vec<u8>: &[u8] => |bytes| Ok(bytes.to_vec());
    AuditClass: &str => |class| AuditClass::parse(class).ok_or_else(|| Error::corrupt("an event has an unknown class"));
    AuditOutcome: &str => |outcome| {
        AuditOutcome::parse(outcome).ok_or_else(|| Error::corrupt("an event has an unknown outcome"))
    };
    PrincipalId: u32 => |id| Ok(Self::new(id));
    TeamId: u32 => |id| Ok(Self::new(id));
    SubjectId: u32 => |id| Ok(Self::new(id));
    ProjectId: u32 => |id| Ok(Self::new(id));
    RepositoryId: u32 => |id| Ok(Self::new(id));
    NodeId: u32 => |id| Ok(Self::new(id));
    RoleId: u32 => |id| Ok(Self::new(id));
    GrantId: u32 => |id| Ok(Self::new(id));
    TokenId: u64 => |id| Ok(Self::new(id));
    SessionId: u64 => |id| Ok(Self::new(TokenId::new(id)));
    PolicyVersion: u64 => |version| Ok(Self::new(version));
    Permissions: u32 => permissions;
    PrincipalKind: &str => principal_kind;
    Access: &str => |access| Ok(access_of(access));
    TokenState: i64 => token_state;
    EntryState: &str => entry_state;
    UploadId: &str => |id| Self::parse(id).ok_or_else(|| Error::corrupt("an upload has a malformed id"));
    Login: &str => |login| Ok(Self::parse(login)?);
    ProjectKey: &str => |key| Ok(Self::parse(key)?);
    RepositoryName: &str => |name| Ok(Self::parse(name)?);
    Format: &str => |format| Ok(Self::parse(format)?);
    Networks: &str => |text| Self::parse(text).map_err(|_| Error::corrupt("a token has an unreadable network"));
    Mode: &str => |mode| Ok(Self::parse(mode)?);
    Makes: &str => |makes| Ok(Self::parse(makes));
}

fn permissions(bits: u32) -> Result<Permissions, Error> {
    let bits = u16::try_from(bits).map_err(|_| Error::corrupt("a permission mask is out of range"))?;
    Ok(Permissions::from_bits(bits))
}

fn principal_kind(text: &str) -> Result<PrincipalKind, Error> {
    [
        PrincipalKind::Member,
        PrincipalKind::Collaborator,
        PrincipalKind::Guest,
        PrincipalKind::Application,
        PrincipalKind::Anonymous,
    ]
    .into_iter()
    .find(|kind| kind.as_str() == text)
    .ok_or_else(|| Error::corrupt("a principal has an unknown kind"))
}

/// What is not said to be open is closed.
fn access_of(text: &str) -> Access {
    if text == "internal" { Access::Internal } else { Access::Closed }
}

fn token_state(state: i64) -> Result<TokenState, Error> {
    match state {
        0 => Ok(TokenState::Active),
        1 => Ok(TokenState::Disabled),
        2 => Ok(TokenState::Revoked),
        _ => Err(Error::corrupt("a token has an unknown state")),
    }
}

/// Of what lists and look-ups find, which select by state.
fn entry_state(state: &str) -> Result<EntryState, Error> {
    Ok(if state == EntryState::Live.as_str() { EntryState::Live } else { EntryState::Unlisted })
}
