//! Many at the same time: one of many is the first, and what is read is what somebody sent.

use futures_util::future::join_all;

use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(
    in crate::files::team;
    of_many_who_put_one_name_one_makes_it,
    of_many_who_want_it_new_one_wins,
    what_is_replaced_while_it_is_read_is_whole,
    what_is_deleted_while_it_is_put_is_there_or_not,
);

const CROWD: u32 = 50;

/// Of the same length, so that all are read to their end.
fn body(number: u32) -> String {
    format!("bytes of client {number:02}")
}

async fn of_many_who_put_one_name_one_makes_it(hub: Server) {
    let outcomes = join_all((0..CROWD).map(|number| {
        let actor = hub.actor("pat");
        async move { actor.files("team/files").put("a/b.txt", body(number)).await.status.as_u16() }
    }));
    let statuses = outcomes.await;
    let won: Vec<u32> = (0..CROWD).filter(|number| statuses[*number as usize] == 201).collect();
    let [won] = won[..] else { panic!("{statuses:?}") };
    // Who may not overwrite is told so.
    assert_eq!(statuses.iter().filter(|status| **status == 403).count(), CROWD as usize - 1, "{statuses:?}");
    let rita = hub.actor("rita");
    assert_eq!(rita.files("team/files").get("a/b.txt").await.is(200).body, body(won));
    // Who may overwrites, one after the other.
    let outcomes = join_all((0..CROWD).map(|number| {
        let actor = hub.actor("alice");
        async move { actor.files("team/files").put("c.txt", body(number)).await.status.as_u16() }
    }));
    let statuses = outcomes.await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), CROWD as usize - 1, "{statuses:?}");
    // The same bytes need no right to.
    let outcomes = join_all((0..CROWD).map(|_| {
        let actor = hub.actor("pat");
        async move { actor.files("team/files").put("d.txt", body(0)).await.status.as_u16() }
    }));
    let statuses = outcomes.await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), CROWD as usize - 1, "{statuses:?}");
}

/// A lock file, for instance.
async fn of_many_who_want_it_new_one_wins(hub: Server) {
    for same in [false, true] {
        let path = if same { "same" } else { "other" };
        let outcomes = join_all((0..CROWD).map(|number| {
            let actor = hub.actor("alice");
            let body = body(if same { 0 } else { number });
            async move {
                let answer = actor.files("team/files").put_with(path, ("if-none-match", "*"), body).await;
                answer.status.as_u16()
            }
        }));
        let statuses = outcomes.await;
        let won: Vec<u32> = (0..CROWD).filter(|number| statuses[*number as usize] == 201).collect();
        let [won] = won[..] else { panic!("{statuses:?}") };
        assert_eq!(
            statuses.iter().filter(|status| **status == 412).count(),
            CROWD as usize - 1,
            "{statuses:?}"
        );
        let found = hub.actor("rita").files("team/files").get(path).await.is(200);
        assert_eq!(found.body, body(if same { 0 } else { won }));
    }
}

async fn what_is_replaced_while_it_is_read_is_whole(hub: Server) {
    let text = |letter: char| letter.to_string().repeat(200_000);
    let (writer, reader) = (hub.actor("alice"), hub.actor("rita"));
    writer.files("team/files").put("a", text('a')).await.is(201);
    let write = async {
        for letter in ('b'..='f').chain('a'..='f') {
            writer.files("team/files").put("a", text(letter)).await.is(200);
        }
    };
    let read = async {
        for _ in 0..24 {
            let answer = reader.files("team/files").get("a").await.is(200);
            assert_eq!(answer.body.len(), 200_000);
            assert!(answer.body.windows(2).all(|two| two[0] == two[1]), "two versions in one answer");
            let digits = crate::support::maven::hash("sha256", &answer.body);
            assert_eq!(answer.must_have("etag"), format!("\"{digits}\""));
        }
    };
    tokio::join!(write, read);
}

async fn what_is_deleted_while_it_is_put_is_there_or_not(hub: Server) {
    let (putting, deleting) = (hub.actor("alice"), hub.actor("alice"));
    for round in 0..8 {
        let path = format!("a/{round}");
        let files = putting.files("team/files");
        files.put(&path, "bytes").await.is(201);
        let delete = Ask::delete(files.at(&path));
        let (put, deleted) = tokio::join!(files.put(&path, "other"), deleting.send(delete));
        assert!(matches!(put.status.as_u16(), 200 | 201), "{put}");
        assert_eq!(deleted.status, 204, "{deleted}");
        // It was replaced and then deleted, or deleted and then made.
        let there = files.get(&path).await.status.as_u16();
        assert_eq!(there, if put.status == 201 { 200 } else { 404 }, "round {round}");
        assert_eq!(files.list("").await.contains(&"a/".to_owned()), there == 200, "round {round}");
        if there == 200 {
            files.delete(&path).await.is(204);
        }
    }
}
