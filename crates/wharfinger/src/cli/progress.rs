//! What is shown on a terminal while something takes its time.

use std::io::{IsTerminal as _, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::sleep;

/// After so long something takes its time.
const LONG: Duration = Duration::from_secs(1);
/// Between two pictures.
const MOVES_EVERY: Duration = Duration::from_millis(100);

/// How far something is, on a terminal; nothing elsewhere.
pub(super) fn bar() -> ProgressBar {
    let target =
        if stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} ({elapsed})");
    let bar = ProgressBar::with_draw_target(Some(0), target);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Waits for something; once that takes its time, a line on the terminal says what for, and is gone when it ends.
pub(super) async fn waiting<T>(what: &'static str, done: impl Future<Output = T>) -> T {
    if !stderr().is_terminal() {
        return done.await;
    }
    tokio::pin!(done);
    tokio::select! {
        done = &mut done => return done,
        () = sleep(LONG) => {}
    }
    let line = ProgressBar::new_spinner().with_message(what);
    line.enable_steady_tick(MOVES_EVERY);
    let done = done.await;
    line.finish_and_clear();
    done
}
