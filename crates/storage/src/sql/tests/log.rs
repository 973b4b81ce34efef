use super::*;

/// Aliases of a page each.
fn fill(tx: &mut dyn Tx, number: u32) -> Result<(), Error> {
    (0..500).try_for_each(|n| add(tx, &format!("{number}-{n}-{}", "x".repeat(3500))))
}

#[test]
fn the_log_is_copied_beside_the_writer_and_stays_bounded() {
    runtime().block_on(async {
        let place = Place::disk();
        let database = open(&place).await.expect("opens");
        let file = |name: &str| {
            let path = place.directory().expect("a directory").join(name);
            std::fs::metadata(path).expect("a file").len()
        };
        let (rows, log) = ("wharfinger.db", "wharfinger.db-wal");
        let small = file(rows);
        for number in 0..3 {
            database.write(load(), move |tx| fill(tx, number)).await.expect("writes");
        }
        // More than it takes until it is copied, less than it takes until the writer does so itself.
        while file(rows) == small {
            tokio::task::yield_now().await;
        }
        for number in 3..40 {
            database.write(load(), move |tx| fill(tx, number)).await.expect("writes");
        }
        // Less than was written, and more than the bound: while the disk is slow for the copier, the writer goes on for a while.
        assert!(file(log) < 80 << 20, "{}", file(log));
    });
}
