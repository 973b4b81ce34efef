use domain::{
    Clock as _, CredentialChange, DirectoryManage, DirectoryView, Limit, NodeId, PasswordUse, Permission,
    Permissions, PrincipalKind, RepositoryName, Timestamp, TokenId, TokenLimits, TokenState, TokenUse,
    Visibility,
};

use super::{stories, two_projects};
use crate::testing::{Bench, OCI, Place, system};
use crate::{
    ApplicationSpec, DirectoryError as Error, FirstAdministrator, FirstRepository, GrantSpec, GrantedSpec,
    NewToken, PersonFilter, PersonSpec, Plan, TeamSpec, TokenFilter, TokenSpec, TokenUsed,
};

stories! {
    the_first_administrator_is_made_once
    one_of_two_setups_wins
    a_token_is_made_listed_disabled_revoked
    a_token_is_never_wider_than_its_maker
    limits_find_nothing_out
    a_token_does_not_outlive_its_maker
    tokens_are_their_owners
    an_application_makes_no_token_for_itself
    a_new_secret_replaces_the_old
    a_password_change_voids_the_one_before
    use_is_noted
    who_was_seen_is_known_by_whatever_they_used
    a_password_that_has_to_be_changed_is_known_as_such
}

pub(super) fn token(id: u64, name: &str) -> NewToken {
    let [last, ..] = id.to_le_bytes();
    NewToken::full(TokenId::new(id), [last; 32], name)
}

pub(super) fn spec(id: u64, name: &str) -> TokenSpec {
    let NewToken { id, sha256, name, limits, not_before, expires, networks } = token(id, name);
    TokenSpec { name, id, sha256, limits, not_before, expires, networks, disabled: false }
}

pub(super) fn alice(tokens: Vec<TokenSpec>, password_hash: Option<&str>) -> Plan {
    let person = |username: &str, password_hash: Option<&str>, tokens| PersonSpec {
        title: None,
        kind: PrincipalKind::Member,
        username: username.into(),
        email: None,
        password_hash: password_hash.map(Into::into),
        suspended: None,
        tokens,
    };
    let persons = vec![person("alice", password_hash, tokens), person("bob", None, Vec::new())];
    let what = GrantedSpec::Permissions(Permissions::of(&[Permission::Read]));
    let on =
        |on: &str| GrantSpec { to: "member:alice".into(), on: on.into(), what: what.clone(), expires: None };
    Plan { persons, grants: vec![on("alpha"), on("beta")], ..two_projects() }
}

fn read_on(node: &str) -> Option<Vec<(Box<str>, Permissions)>> {
    Some(vec![(node.into(), Permissions::of(&[Permission::Read]))])
}

fn first(username: &str, id: u64) -> FirstAdministrator {
    FirstAdministrator {
        username: username.into(),
        password_hash: None,
        token: token(id, "first"),
        project: domain::ProjectKey::parse(username).expect("a key"),
        repositories: vec![FirstRepository {
            name: RepositoryName::parse("images").expect("a name"),
            format: OCI,
            visibility: Visibility::Public,
        }],
    }
}

/// Somebody's id: whatever the database assigned.
pub(super) async fn id_of(bench: &Bench, login: &str) -> u32 {
    let credentials = bench.credentials().await;
    let found =
        credentials.principals.iter().find(|one| one.logins.iter().any(|known| known.as_str() == login));
    found.expect("somebody of this name").id.get()
}

async fn the_first_administrator_is_made_once(place: Place) {
    let bench = Bench::open(place).await;
    let directory = &bench.opened.directory;
    let id = directory.first_administrator(&system(), first("root", 1)).await.expect("there is none yet");
    assert!(directory.has_administrator(&system()).await.expect("asks"));
    let again = directory.first_administrator(&system(), first("other", 2)).await;
    assert!(matches!(again, Err(Error::Refused(_))), "{again:?}");
    let credentials = bench.credentials().await;
    let [known] = credentials.tokens.as_slice() else { panic!("{:?}", credentials.tokens) };
    assert_eq!((known.owner, known.id, &known.limits), (id, TokenId::new(1), &TokenLimits::Full));
    let facts = bench.facts().await;
    assert_eq!(facts.repositories.len(), 1);
    let admins = facts.teams.iter().find(|team| team.id == domain::TeamId::ORG_ADMINS).expect("is there");
    assert_eq!(admins.members, [id.into()]);
}

async fn one_of_two_setups_wins(place: Place) {
    let bench = Bench::open(place).await;
    let directory = &bench.opened.directory;
    let (system_one, system_two) = (system(), system());
    let (one, two) = futures_util::join!(
        directory.first_administrator(&system_one, first("root", 1)),
        directory.first_administrator(&system_two, first("other", 2))
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

async fn a_token_is_made_listed_disabled_revoked(place: Place) {
    let bench = Bench::with(place, alice(Vec::new(), None)).await;
    let directory = &bench.opened.directory;
    let own = bench.own(id_of(&bench, "alice").await, TokenLimits::Full);
    let mut new = token(7, "laptop");
    new.limits = read_on("alpha/images");
    let (row, force) = directory.create_token(&own, new.clone()).await.expect("is new");
    assert_eq!(
        (row.id, &row.limits, row.state),
        (TokenId::new(7), &read_on("alpha/images"), TokenState::Active)
    );
    assert_eq!(bench.forced.versions().last(), Some(&force.version));
    assert!(matches!(directory.create_token(&own, new).await, Err(Error::Exists)));
    assert!(
        matches!(directory.create_token(&own, token(7, "other")).await, Err(Error::Exists)),
        "the id is taken"
    );
    directory.create_token(&own, token(8, "second")).await.expect("is new");
    let page = directory.tokens(&own, TokenFilter::default(), None, Limit::capped(1)).await.expect("lists");
    assert_eq!(page.iter().map(|row| &*row.name).collect::<Vec<_>>(), ["laptop"]);
    let page = directory
        .tokens(&own, TokenFilter::default(), Some(page[0].id), Limit::capped(5))
        .await
        .expect("lists");
    assert_eq!(page.iter().map(|row| &*row.name).collect::<Vec<_>>(), ["second"]);
    let since = bench.point().await;
    directory.set_token_state(&own, TokenId::new(7), TokenState::Disabled).await.expect("down");
    let up = directory.set_token_state(&own, TokenId::new(7), TokenState::Active).await;
    assert!(matches!(up, Err(Error::Refused(_))), "{up:?}");
    directory.set_token_state(&own, TokenId::new(7), TokenState::Revoked).await.expect("down");
    let same = directory.set_token_state(&own, TokenId::new(7), TokenState::Revoked).await.expect("is so");
    assert!(!same.changed);
    let changes = bench.credentials_since(since).await;
    let told: Vec<_> = changes
        .iter()
        .map(|change| match change {
            CredentialChange::Token(id, Some(fact)) => (*id, fact.state),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [(TokenId::new(7), TokenState::Revoked)]);
    assert_eq!(
        directory.tokens(&own, TokenFilter::default(), None, Limit::MAX).await.expect("lists").len(),
        1
    );
    for bad in ["", " ", "a\nb"] {
        assert!(matches!(directory.create_token(&own, token(9, bad)).await, Err(Error::Refused(_))));
    }
    let mut late = token(9, "late");
    late.expires = Some(Timestamp::from_millis(1));
    assert!(matches!(directory.create_token(&own, late).await, Err(Error::Refused(_))));
    let mut unknown = token(9, "unknown");
    unknown.limits = read_on("alpha/none");
    assert!(matches!(directory.create_token(&own, unknown).await, Err(Error::Refused(_))));
}

async fn a_token_is_never_wider_than_its_maker(place: Place) {
    let bench = Bench::with(place, alice(Vec::new(), None)).await;
    let directory = &bench.opened.directory;
    let facts = bench.facts().await;
    let alpha = NodeId::from(facts.projects[0].id);
    let read = Permissions::of(&[Permission::Read]);
    let own = bench.own(id_of(&bench, "alice").await, TokenLimits::Only([(alpha, read)].into()));
    let mut wider = Vec::new();
    for limits in [None, read_on("/"), read_on("beta"), Some(vec![("alpha".into(), Permissions::ALL)])] {
        wider.push(NewToken { limits, ..token(3, "wide") });
    }
    for new in wider {
        let refused = directory.create_token(&own, new.clone()).await;
        assert!(matches!(refused, Err(Error::WiderThanToken(_))), "{:?}: {refused:?}", new.limits);
    }
    for (id, node) in [(4, "alpha"), (5, "alpha/images")] {
        let new = NewToken { limits: read_on(node), ..token(id, node) };
        directory.create_token(&own, new).await.expect("is as narrow");
    }
    let only_itself = directory.tokens(&own, TokenFilter::default(), None, Limit::MAX).await.expect("lists");
    assert_eq!(only_itself, [], "a limited token sees no other");
    let other = directory.set_token_state(&own, TokenId::new(4), TokenState::Revoked).await;
    assert!(matches!(other, Err(Error::Absent)), "a limited token ends no other: {other:?}");
}

async fn limits_find_nothing_out(place: Place) {
    let bench = Bench::with(place, alice(Vec::new(), None)).await;
    let directory = &bench.opened.directory;
    let bob = bench.own(bench.facts().await.principals[1].id.get(), TokenLimits::Full);
    let answer = async |node: &str| {
        let new = NewToken { limits: read_on(node), ..token(3, "probe") };
        directory.create_token(&bob, new).await.err().map(|error| error.to_string())
    };
    bench.holds(Vec::new());
    let absent = answer("gamma").await;
    assert!(absent.is_some());
    assert_eq!(answer("alpha").await, absent, "bob holds nothing in alpha");
    assert_eq!(answer("alpha/images").await, absent);
    let nowhere = directory.create_token(&bob, NewToken { limits: read_on("/"), ..token(5, "lurks") }).await;
    assert!(matches!(nowhere, Err(Error::BeyondOwn(_))), "bob reads nothing anywhere: {nowhere:?}");
    bench.holds(vec![(Permissions::of(&[Permission::Read]), None)]);
    assert_eq!(answer("gamma").await, absent, "what is not there nobody holds");
    let new = NewToken { limits: read_on("alpha/images"), ..token(4, "public") };
    directory.create_token(&bob, new).await.expect("what one may read is no secret");
    assert_eq!(answer("/").await, None, "the organisation is no secret, and there is something to read");
}

async fn a_token_does_not_outlive_its_maker(place: Place) {
    let mut mortal = spec(1, "mortal");
    mortal.expires = Some(Timestamp::from_millis(1_900_000_000_000));
    let bench = Bench::with(place, alice(vec![mortal], None)).await;
    let own = bench.own_through(id_of(&bench, "alice").await, TokenId::new(1));
    for expires in [None, Some(Timestamp::from_millis(1_900_000_000_001))] {
        let refused =
            bench.opened.directory.create_token(&own, NewToken { expires, ..token(2, "later") }).await;
        assert!(matches!(refused, Err(Error::WiderThanToken(_))), "{refused:?}");
    }
    let expires = Some(Timestamp::from_millis(1_900_000_000_000));
    let new = NewToken { expires, ..token(2, "as long") };
    bench.opened.directory.create_token(&own, new).await.expect("as long as its maker");
    bench
        .opened
        .directory
        .set_token_state(&own, TokenId::new(1), TokenState::Revoked)
        .await
        .expect("ends itself");
    let late = bench.opened.directory.create_token(&own, token(3, "late")).await;
    assert!(matches!(late, Err(Error::Stale)), "its maker was revoked in between: {late:?}");
}

async fn tokens_are_their_owners(place: Place) {
    let bench = Bench::with(place, alice(Vec::new(), None)).await;
    let directory = &bench.opened.directory;
    let id = id_of(&bench, "alice").await;
    directory.create_token(&bench.own(id, TokenLimits::Full), token(1, "hers")).await.expect("is new");
    let stranger = bench.own(bench.facts().await.principals[1].id.get(), TokenLimits::Full);
    let refused = directory.set_token_state(&stranger, TokenId::new(1), TokenState::Revoked).await;
    assert!(matches!(refused, Err(Error::Absent)), "{refused:?}");
    assert_eq!(
        directory.tokens(&stranger, TokenFilter::default(), None, Limit::MAX).await.expect("lists"),
        []
    );
    let (manage, view) =
        (bench.on_organisation(bench.actor()), bench.on_organisation::<DirectoryView>(bench.actor()));
    assert_eq!(
        directory
            .tokens_of(&view, "member:alice", TokenFilter::default(), (None, Limit::MAX))
            .await
            .expect("lists")
            .len(),
        1
    );
    let lower = async |owner: &str, id: u64| {
        directory.set_token_state_of(&manage, owner, TokenId::new(id), TokenState::Revoked).await
    };
    let bobs = lower("member:bob", 1).await;
    assert!(matches!(bobs, Err(Error::Absent)), "it is alice's: {bobs:?}");
    lower("member:alice", 1).await.expect("down");
    let none = lower("member:alice", 99).await;
    assert!(matches!(none, Err(Error::Absent)), "{none:?}");
}

/// Whoever got hold of one of its tokens would make others that outlive the first.
async fn an_application_makes_no_token_for_itself(place: Place) {
    let mut plan = super::access::people();
    plan.teams[0].members.push("application:build".into());
    let bench = Bench::with(place, plan).await;
    let directory = &bench.opened.directory;
    let facts = bench.facts().await;
    let build = facts.principals.iter().find(|fact| fact.kind == PrincipalKind::Application).expect("build");
    let manage = bench.on_organisation(build.id.get());
    // By whatever name, and however narrow.
    for (owner, limits) in [("application:build", None), ("application:6f1d", read_on("alpha/images"))] {
        let sibling = NewToken { limits, ..token(1, "sibling") };
        let refused = directory.create_token_for(&manage, owner, sibling).await;
        assert!(matches!(refused, Err(Error::OwnToken)), "{owner}: {refused:?}");
    }
    let others = directory.create_token_for(&manage, "member:alice", token(1, "hers")).await;
    others.expect("an administrator makes tokens for others");
    let root = bench.on_organisation(id_of(&bench, "root").await);
    directory.create_token_for(&root, "application:build", token(2, "its own")).await.expect("a person does");
}

async fn a_new_secret_replaces_the_old(place: Place) {
    let bench = Bench::with(place, alice(vec![spec(1, "laptop"), spec(2, "host")], None)).await;
    let directory = &bench.opened.directory;
    let states = async || {
        let tokens = bench.credentials().await.tokens;
        tokens.iter().map(|token| (token.id.get(), token.state)).collect::<Vec<_>>()
    };
    assert_eq!(states().await, [(1, TokenState::Active), (2, TokenState::Active)]);
    directory.apply(&system(), alice(vec![spec(3, "laptop"), spec(2, "host")], None)).await.expect("applies");
    assert_eq!(states().await, [(2, TokenState::Active), (3, TokenState::Active)]);
    let back = directory.apply(&system(), alice(vec![spec(1, "laptop")], None)).await.expect("applies");
    assert_eq!((back.changed, back.warnings.len()), (0, 1), "a revoked secret does not come back: {back:?}");
    assert_eq!(states().await, [(2, TokenState::Active), (3, TokenState::Active)]);
    let taken = directory.apply(&system(), alice(vec![spec(3, "host")], None)).await;
    assert!(matches!(taken, Err(Error::Refused(_))), "one secret, two tokens: {taken:?}");
    let mut lost = spec(2, "host");
    lost.disabled = true;
    lost.limits = read_on("alpha");
    directory.apply(&system(), alice(vec![lost.clone()], None)).await.expect("applies");
    let same = directory.apply(&system(), alice(vec![lost], None)).await.expect("applies");
    assert_eq!(same.changed, 0);
    assert_eq!(states().await, [(2, TokenState::Disabled), (3, TokenState::Active)]);
    let up = directory.apply(&system(), alice(vec![spec(2, "host")], None)).await.expect("applies");
    assert_eq!((up.changed, up.warnings.len()), (0, 1), "a disabled token stays so: {up:?}");
    assert_eq!(states().await, [(2, TokenState::Disabled), (3, TokenState::Active)]);
    directory
        .set_suspended(&bench.on_organisation(bench.actor()), "member:bob", true)
        .await
        .expect("suspends");
    let restart = directory.apply(&system(), alice(Vec::new(), None)).await.expect("applies");
    assert_eq!(restart.changed, 0, "a restart lets nobody in again");
}

async fn a_password_change_voids_the_one_before(place: Place) {
    let bench = Bench::with(place, alice(Vec::new(), Some("$one"))).await;
    let of_alice = async || bench.credentials().await.principals[0].clone();
    let before = of_alice().await;
    assert_eq!(before.password_hash.as_deref(), Some("$one"));
    assert_ne!(
        before.generation, 0,
        "drawn: of two who had this id, one before a restore, each has their own"
    );
    for (hash, changed) in [(Some("$one"), 0), (None, 0), (Some("$two"), 1)] {
        let applied =
            bench.opened.directory.apply(&system(), alice(Vec::new(), hash)).await.expect("applies");
        assert_eq!(applied.changed, changed, "{hash:?}");
    }
    let after = of_alice().await;
    assert_eq!(after.password_hash.as_deref(), Some("$two"));
    assert_ne!(after.generation, before.generation);
    let application = ApplicationSpec {
        title: None,
        name: "robot".into(),
        client_id: Some(domain::Login::parse("alice").expect("a login")),
        client_id_if_new: None,
        requested: None,
        authorised: Vec::new(),
        suspended: None,
        tokens: Vec::new(),
    };
    let teams = vec![TeamSpec { title: None, name: "bots".into(), members: Vec::new() }];
    let plan = Plan { applications: vec![application], teams, ..Plan::default() };
    let taken = bench.opened.directory.apply(&system(), plan).await;
    assert!(matches!(taken, Err(Error::Refused(_))), "a log-in name has one owner: {taken:?}");
}

async fn use_is_noted(place: Place) {
    let bench = Bench::with(place, alice(vec![spec(1, "laptop")], None)).await;
    let directory = &bench.opened.directory;
    let version = bench.facts().await.version;
    for (minute, agent) in [(29_000_000, "docker/29.0"), (28_000_000, "curl/8.5")] {
        let used = |id| TokenUse {
            token: TokenId::new(id),
            minute,
            address: "192.0.2.7".parse().ok(),
            agent: Some(agent.into()),
        };
        directory.touch_tokens(&system(), &[used(1), used(99)]).await.expect("notes");
    }
    let own = bench.own(id_of(&bench, "alice").await, TokenLimits::Full);
    let listed = directory.tokens(&own, TokenFilter::default(), None, Limit::MAX).await.expect("lists");
    let at = Timestamp::from_millis(29_000_000 * 60_000);
    let used = TokenUsed { at, address: Some("192.0.2.7".into()), agent: Some("docker/29.0".into()) };
    assert_eq!(listed[0].last_used, Some(used), "never backwards");
    assert_eq!(bench.facts().await.version, version, "use is no change of access");
}

async fn who_was_seen_is_known_by_whatever_they_used(place: Place) {
    const DAY: i64 = 86_400;
    let bench = Bench::with(place, alice(vec![spec(1, "laptop")], Some("$argon2id$x"))).await;
    let directory = &bench.opened.directory;
    let see = || bench.on_organisation::<DirectoryView>(bench.actor());
    let seen = async |name: &str| {
        directory.person(&see(), PrincipalKind::Member, name).await.expect("a person").last_seen
    };
    let unused = async |days: u32| {
        let filter = PersonFilter { unused_days: Some(days), ..PersonFilter::default() };
        let rows = directory.people(&see(), filter, None, Limit::MAX).await.expect("lists");
        rows.iter().map(|row| row.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!((seen("alice").await, seen("bob").await), (None, None));
    let minute = |days: i64| {
        let at = bench.clock.now().plus_secs(days * DAY);
        u32::try_from(at.millis() / 60_000).expect("a minute")
    };
    let at = |minute: u32| Some(Timestamp::from_millis(i64::from(minute) * 60_000));
    let id = id_of(&bench, "alice").await;
    let principal = domain::PrincipalId::new(id);
    let by_token = TokenUse { token: TokenId::new(1), minute: minute(10), address: None, agent: None };
    directory.touch_tokens(&system(), std::slice::from_ref(&by_token)).await.expect("notes");
    assert_eq!(seen("alice").await, at(by_token.minute));
    let by_password = PasswordUse { principal, minute: minute(12) };
    let earlier = PasswordUse { principal, minute: minute(11) };
    directory.touch_passwords(&system(), &[by_password, earlier]).await.expect("notes");
    assert_eq!(seen("alice").await, at(by_password.minute), "never backwards");
    bench.clock.advance_secs(20 * DAY);
    // Who never was counts from when they were made.
    assert_eq!(
        (unused(5).await, unused(9).await, unused(21).await),
        (names(&["alice", "bob"]), names(&["bob"]), names(&[]))
    );
    // What was revoked was used all the same.
    let own = bench.own_through(id, TokenId::new(1));
    directory.set_token_state(&own, TokenId::new(1), TokenState::Revoked).await.expect("revokes");
    assert_eq!(seen("alice").await, at(by_password.minute));
}

fn names(of: &[&str]) -> Vec<String> {
    of.iter().map(|name| (*name).to_owned()).collect()
}

async fn a_password_that_has_to_be_changed_is_known_as_such(place: Place) {
    let bench = Bench::with(place, alice(Vec::new(), None)).await;
    let directory = &bench.opened.directory;
    let manage = || bench.on_organisation::<DirectoryManage>(bench.actor());
    let must = async || {
        let facts = bench.credentials().await;
        let fact = facts.principals.iter().find(|one| one.logins.iter().any(|login| login.as_str() == "bob"));
        let person = directory.person(&manage(), PrincipalKind::Member, "bob").await.expect("a person");
        let must_change = fact.expect("bob").must_change;
        assert_eq!(person.must_change, must_change, "log-in and directory agree");
        must_change
    };
    let set = async |hash: &str, must_change: bool| {
        let who = (PrincipalKind::Member, "bob");
        directory.set_password(&manage(), who, (hash.to_owned(), must_change)).await.expect("sets");
    };
    assert!(!must().await);
    set("$argon2id$a", true).await;
    assert!(must().await);
    set("$argon2id$b", false).await;
    assert!(!must().await);
}
