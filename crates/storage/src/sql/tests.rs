use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{Algorithm, Client, Digest, Timestamp};
use futures_util::future::join_all;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::{Content, Database, Load, Tx, blobs, maybe, one, parts, rows};
use crate::error::{Error, Fault};
use crate::testing::Place;

mod log;
mod plans;
mod searches;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// Every engine the tests can reach.
fn databases() -> Vec<Place> {
    [Some(Place::memory()), Some(Place::disk()), Place::postgres()].into_iter().flatten().collect()
}

/// Its way of the content.
async fn open(place: &Place) -> Result<Content, Error> {
    Ok(Database::open(place.config().database, &Arc::default()).await?.content)
}

fn load() -> Load {
    Load::upkeep(1)
}

fn add(tx: &mut dyn Tx, alias: &str) -> Result<(), Error> {
    tx.execute("INSERT INTO organisation_alias (alias, organisation) VALUES ($1, 1)", &[alias.into()])
        .map(drop)
}

async fn aliases(database: &Content) -> Vec<String> {
    let read = |tx: &mut dyn Tx| {
        rows(tx, "SELECT alias FROM organisation_alias ORDER BY alias", &[], |row| {
            Ok(row.text(0)?.to_owned())
        })
    };
    database.read(read).await.expect("reads")
}

#[test]
fn a_failed_job_leaves_nothing_and_harms_nobody() {
    for place in databases() {
        runtime().block_on(async {
            let database = open(&place).await.expect("opens");
            database.write(load(), |tx| add(tx, "taken")).await.expect("writes");
            let jobs = (0..40u32).map(|n| {
                database.write(load(), move |tx| {
                    add(tx, &format!("alias-{n:02}"))?;
                    match n % 4 {
                        1 => Err(Error::Exists),
                        2 => add(tx, "taken"),
                        3 if n == 7 => panic!("a job that panics"),
                        _ => Ok(()),
                    }
                })
            });
            let done = join_all(jobs).await;
            let kept: Vec<String> =
                (0..40u32).filter(|n| done[*n as usize].is_ok()).map(|n| format!("alias-{n:02}")).collect();
            let (taken, stored) =
                aliases(&database).await.into_iter().partition::<Vec<_>, _>(|alias| alias == "taken");
            assert_eq!((taken.len(), stored), (1, kept.clone()));
            assert!(matches!(done[1], Err(Error::Exists)));
            assert!(
                matches!(done[2], Err(Error::Fault(Fault::Unavailable { .. }))),
                "the name was taken: {:?}",
                done[2]
            );
            assert!(
                matches!(done[7], Err(Error::Fault(Fault::Unavailable { .. }))),
                "it panicked: {:?}",
                done[7]
            );
            assert_eq!(kept.len(), 19);
        });
    }
}

/// SQLite ends the whole transaction then, and with it what others of the group had done.
#[test]
fn a_full_database_is_told_as_such_and_keeps_what_it_said_it_kept() {
    let pages = |sql| move |tx: &mut dyn Tx| tx.each(sql, &[], &mut |_| Ok(()));
    for place in [Place::memory(), Place::disk()] {
        runtime().block_on(async {
            let database = open(&place).await.expect("opens");
            let name = |n: u32| format!("{n:03}{}", "x".repeat(3000));
            // No room but what the present pages have.
            database.write(load(), pages("PRAGMA max_page_count = 1")).await.expect("is set");
            let jobs = (0..60).map(|n| {
                database.write(load(), move |tx| {
                    add(tx, &name(n))?;
                    if n % 7 == 3 { Err(Error::Exists) } else { Ok(()) }
                })
            });
            let done = join_all(jobs).await;
            let known = |outcome: &Result<(), Error>| {
                matches!(outcome, Ok(()) | Err(Error::Fault(Fault::NoSpace { .. }) | Error::Exists))
            };
            assert!(done.iter().all(known), "{done:?}");
            assert!(done.iter().any(|outcome| matches!(outcome, Err(Error::Fault(Fault::NoSpace { .. })))));
            database.write(load(), pages("PRAGMA max_page_count = 1000000")).await.expect("is set");
            database.write(load(), move |tx| add(tx, &name(999))).await.expect("there is room again");
            let kept = (0..60).filter(|n| done[*n as usize].is_ok()).chain([999]).map(name);
            assert_eq!(aliases(&database).await, kept.collect::<Vec<_>>());
        });
    }
}

#[test]
fn what_was_written_is_read_at_once() {
    for place in databases() {
        runtime().block_on(async {
            let database = open(&place).await.expect("opens");
            for n in 0..50u32 {
                let alias = Arc::new(format!("alias-{n}"));
                let wanted = Arc::clone(&alias);
                database.write(load(), move |tx| add(tx, &alias)).await.expect("writes");
                let point = move |tx: &mut dyn Tx| {
                    let sql = "SELECT alias FROM organisation_alias WHERE alias = $1";
                    maybe(tx, sql, &[wanted.as_str().into()], |_| Ok(()))
                };
                assert!(database.point(point).await.expect("reads").is_some(), "alias-{n}");
            }
        });
    }
}

#[test]
fn a_read_sees_one_moment() {
    for place in databases() {
        runtime().block_on(async {
            let database = open(&place).await.expect("opens");
            let count =
                |tx: &mut dyn Tx| one(tx, "SELECT count(*) FROM organisation_alias", &[], |row| row.count(0));
            let (begun, begins) = std::sync::mpsc::sync_channel(0);
            let (written, writes) = std::sync::mpsc::sync_channel::<()>(0);
            let reading = database.read(move |tx| {
                let before = count(tx)?;
                begun.send(()).expect("the test waits");
                // Writing while somebody reads may have to wait for the end of the reading, but never shows in it.
                let _ = writes.recv_timeout(Duration::from_millis(300));
                Ok((before, count(tx)?))
            });
            let writing = async {
                tokio::task::spawn_blocking(move || begins.recv()).await.expect("runs").expect("begins");
                database.write(load(), |tx| add(tx, "late")).await.expect("writes");
                let _ = tokio::task::spawn_blocking(move || written.send(())).await;
            };
            let (read, ()) = futures_util::join!(reading, writing);
            assert_eq!(read.expect("reads"), (0, 0));
            assert_eq!(aliases(&database).await, ["late"]);
        });
    }
}

#[test]
fn a_newer_or_altered_schema_is_refused() {
    for place in databases().into_iter().filter(Place::survives) {
        runtime().block_on(async {
            let database = open(&place).await.expect("opens");
            assert!(open(&place).await.is_ok(), "opening again is nothing new");
            let newer = "INSERT INTO migration (number, name, sha256) SELECT 9999, 'later', sha256 FROM migration WHERE number = 1";
            database.write(load(), move |tx| tx.execute(newer, &[]).map(drop)).await.expect("writes");
            let refused = open(&place).await.err();
            assert!(matches!(&refused, Some(Error::Schema(why)) if why.contains("newer")), "{refused:?}");
            let altered = "UPDATE migration SET number = 2 WHERE number = 9999";
            let gone = "DELETE FROM migration WHERE number = 2";
            database
                .write(load(), move |tx| {
                    tx.execute(gone, &[])?;
                    tx.execute(altered, &[]).map(drop)
                })
                .await
                .expect("writes");
            let refused = open(&place).await.err();
            assert!(matches!(&refused, Some(Error::Schema(why)) if why.contains("another text")), "{refused:?}");
        });
    }
}

#[test]
fn ids_are_never_used_twice() {
    for place in databases() {
        runtime().block_on(async {
            let database = open(&place).await.expect("opens");
            let make = || {
                database.write(load(), |tx| {
                    one(tx, "INSERT INTO subject (kind) VALUES ('team') RETURNING id", &[], |row| row.id(0))
                })
            };
            let first = make().await.expect("makes");
            assert_eq!(first, domain::SubjectId::FIRST_FREE);
            let remove = move |tx: &mut dyn Tx| {
                tx.execute("DELETE FROM subject WHERE id = $1", &[first.into()]).map(drop)
            };
            database.write(load(), remove).await.expect("removes");
            assert_eq!(make().await.expect("makes"), first + 1);
        });
    }
}

#[test]
fn two_who_store_the_same_bytes_keep_all_their_digests() {
    let Some(place) = Place::postgres() else { return };
    runtime().block_on(async {
        let database = open(&place).await.expect("opens");
        let bytes = bytes::Bytes::from_static(b"the same");
        let digests = [Algorithm::Sha256, Algorithm::Md5, Algorithm::Sha512]
            .map(|algorithm| crate::digest_of(algorithm, &bytes).expect("a digest"));
        let store = move |tx: &mut dyn Tx, object_key: &str, digests: &[Digest]| {
            let blob = blobs::NewBlob { object_key, size_bytes: 8, digests };
            blobs::insert_blob(tx, &blob, Timestamp::from_millis(1))
        };
        let (stored, stores) = std::sync::mpsc::sync_channel(1);
        let first = database.write(load(), move |tx| {
            let done = store(tx, "blobs/first", &digests[..1])?;
            stored.send(()).expect("the other waits");
            let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))";
            for _ in 0..100_000 {
                if one(tx, waiting, &[], |row| row.count(0))? > 0 {
                    return Ok(done);
                }
            }
            Err(Error::corrupt("the other never came to wait"))
        });
        let second = database.write(load(), move |tx| {
            stores.recv().expect("the first stores");
            store(tx, "blobs/second", &digests)
        });
        let (first, second) = futures_util::join!(first, second);
        let (first, second) = (first.expect("stores"), second.expect("stores"));
        assert_eq!((first.fresh, second.fresh, second.id), (true, false, first.id));
        let kept = database.point(move |tx| parts::digests(tx, second.id)).await.expect("reads");
        assert_eq!(kept.len(), 3, "{kept:?}");
    });
}

/// What ran, in order.
type Ran = Arc<Mutex<Vec<&'static str>>>;

/// A job that notes its name.
fn noting(ran: &Ran, name: &'static str) -> impl Fn(&mut dyn Tx) -> Result<(), Error> + Send + use<> {
    let ran = Arc::clone(ran);
    move |_| {
        ran.lock().expect("the test goes on").push(name);
        Ok(())
    }
}

/// A job that says when it began, and ends when told to.
fn holding(
    begun: oneshot::Sender<()>,
    end: std::sync::mpsc::Receiver<()>,
) -> impl Fn(&mut dyn Tx) -> Result<(), Error> {
    let begun = Mutex::new(Some(begun));
    move |_| {
        let begun = begun.lock().expect("the test goes on").take();
        begun.expect("it runs once").send(()).expect("the test waits");
        end.recv().expect("the test ends it");
        Ok(())
    }
}

/// Every reader of the content taken, as many waiting, and not one blocking thread of the runtime to be had.
#[test]
fn administration_reads_beside_any_traffic() {
    for place in databases() {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime =
            builder.worker_threads(1).max_blocking_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let Database { administration, content } =
                Database::open(place.config().database, &Arc::default()).await.expect("opens");
            let (end, ends) = std::sync::mpsc::sync_channel::<()>(0);
            let ends = Arc::new(Mutex::new(ends));
            let reads: Vec<_> = (0..64)
                .map(|_| {
                    let (content, ends) = (content.clone(), Arc::clone(&ends));
                    // Until nobody is there to send any more.
                    let held =
                        move |_: &mut dyn Tx| Ok(ends.lock().expect("the test goes on").recv().is_err());
                    tokio::spawn(async move { content.read(held).await })
                })
                .collect();
            let version = |tx: &mut dyn Tx| super::records::point(tx);
            administration.read(version).await.expect("lists");
            administration.follow(version).await.expect("follows");
            administration.point(version).await.expect("looks up");
            administration.write(|tx| add(tx, "beside")).await.expect("writes");
            drop(end);
            for read in reads {
                assert!(read.await.expect("ends").expect("reads"));
            }
        });
    }
}

/// The writer is at work, and hundreds wait for it.
#[test]
fn administration_writes_before_the_content_that_waits() {
    for place in databases() {
        runtime().block_on(async {
            let Database { administration, content } =
                Database::open(place.config().database, &Arc::default()).await.expect("opens");
            let (ran, (begun, begins), (end, ends)) =
                (Ran::default(), oneshot::channel(), std::sync::mpsc::sync_channel(1));
            let blocker = content.write(load(), holding(begun, ends));
            let rest = async {
                begins.await.expect("begins");
                let waiting = (0..300).map(|_| content.write(load(), noting(&ran, "content")));
                let release = async { end.send(()).expect("it waits") };
                let administration = administration.write(noting(&ran, "administration"));
                let (content, administration, ()) =
                    futures_util::join!(join_all(waiting), administration, release);
                assert!(content.iter().all(Result::is_ok));
                administration.expect("writes");
            };
            let (blocked, ()) = futures_util::join!(blocker, rest);
            blocked.expect("writes");
            let ran = ran.lock().expect("the test goes on");
            assert_eq!(ran.len(), 301);
            if content.is_alone() {
                assert_eq!(ran.first(), Some(&"administration"));
            }
        });
    }
}

/// Sixteen large batches of one client, one of another, and a small push.
#[test]
fn a_small_write_waits_for_one_large_one_and_clients_take_turns() {
    runtime().block_on(async {
        let database = open(&Place::memory()).await.expect("opens");
        let client = |last: u8| Client::at(Some(std::net::Ipv4Addr::new(192, 0, 2, last).into()));
        let large = |last| Load::of(client(last), 4096);
        let (ran, (begun, begins), (end, ends)) =
            (Ran::default(), oneshot::channel(), std::sync::mpsc::sync_channel(1));
        let blocker = database.write(large(1), holding(begun, ends));
        let rest = async {
            begins.await.expect("begins");
            let crowd = join_all((0..16).map(|_| database.write(large(1), noting(&ran, "crowd"))));
            let other = database.write(large(2), noting(&ran, "other"));
            let small = database.write(Load::of(client(3), 4), noting(&ran, "small"));
            let release = async { end.send(()).expect("it waits") };
            futures_util::join!(crowd, other, small, release)
        };
        let (blocked, (crowd, other, small, ())) = futures_util::join!(blocker, rest);
        assert!(crowd.iter().chain([&blocked, &other, &small]).all(Result::is_ok));
        let ran = ran.lock().expect("the test goes on");
        assert_eq!(ran.first(), Some(&"small"));
        let other = ran.iter().position(|name| *name == "other").expect("it ran");
        assert!(other <= 2, "{ran:?}");
    });
}

#[test]
fn who_waits_with_too_many_writes_is_told_so() {
    runtime().block_on(async {
        let database = open(&Place::memory()).await.expect("opens");
        let (begun, begins) = oneshot::channel();
        let (end, ends) = std::sync::mpsc::sync_channel(1);
        let blocker = database.write(Load::upkeep(4096), holding(begun, ends));
        let rest = async {
            begins.await.expect("begins");
            let crowd = join_all((0..2100).map(|_| database.write(Load::upkeep(4096), |_| Ok(()))));
            futures_util::join!(crowd, async { end.send(()).expect("it waits") }).0
        };
        let (blocked, crowd) = futures_util::join!(blocker, rest);
        blocked.expect("writes");
        let refused = crowd.iter().filter(|done| matches!(done, Err(Error::Fault(Fault::Crowded)))).count();
        assert_eq!(refused, 2100 - 2048);
        assert_eq!(crowd.iter().filter(|done| done.is_ok()).count(), 2048);
    });
}

#[test]
fn a_rehearsal_tells_and_leaves_nothing() {
    for place in databases() {
        runtime().block_on(async {
            let Database { administration, content } =
                Database::open(place.config().database, &Arc::default()).await.expect("opens");
            let told = administration.rehearse(|tx| add(tx, "rehearsed").map(|()| 7)).await.expect("tells");
            assert_eq!(told, 7);
            let refused = administration.rehearse(|_| Err::<(), _>(Error::Exists)).await;
            assert!(matches!(refused, Err(Error::Exists)), "{refused:?}");
            assert_eq!(aliases(&content).await, Vec::<String>::new());
        });
    }
}
