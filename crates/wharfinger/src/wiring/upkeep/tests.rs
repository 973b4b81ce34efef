use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::Timestamp;
use storage::Error;

use super::*;

/// A clock that is set by hand, beside the one of the runtime, which goes on by itself.
#[derive(Default)]
struct WallClock(AtomicI64);

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// What happened, in order, with the second it happened in.
#[derive(Clone)]
struct Diary {
    began: Instant,
    lines: Arc<Mutex<Vec<(u64, &'static str)>>>,
}

impl Diary {
    fn new() -> Self {
        Self { began: Instant::now(), lines: Arc::default() }
    }

    fn note(&self, what: &'static str) {
        self.lines.lock().expect("no panic holds it").push((self.began.elapsed().as_secs(), what));
    }

    fn taken(&self) -> Vec<(u64, &'static str)> {
        std::mem::take(&mut *self.lines.lock().expect("no panic holds it"))
    }
}

/// Does what it is told, one after the other, and is idle for a minute then.
struct Told {
    diary: Diary,
    steps: Vec<Result<Step, &'static str>>,
}

impl Worker<()> for Told {
    const NAME: &'static str = "told";
    const BY_AGE: bool = true;

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        self.diary.note("step");
        let step = self.steps.pop().unwrap_or(Ok(Step::idle(Duration::from_secs(60))));
        step.map_err(BoxError::from)
    }

    async fn stop(&mut self) {
        self.diary.note("stop");
    }
}

/// Never ends.
struct Hanging(Diary);

impl Worker<()> for Hanging {
    const NAME: &'static str = "hanging";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        self.0.note("step");
        std::future::pending().await
    }
}

/// Lets a worker have its turn, or says that another node has it.
struct Shared {
    diary: Diary,
    elsewhere: bool,
}

impl Scope for Shared {
    type Lease = ();

    async fn turn(&mut self, _: &'static str) -> Result<Turn, Error> {
        if self.elsewhere { Ok(Turn::Elsewhere(Duration::from_secs(20))) } else { Node.turn("told").await }
    }

    fn lease(&self) -> Option<&()> {
        Some(&())
    }

    async fn end(&mut self, _: Duration, well: bool) {
        self.diary.note(if well { "ended well" } else { "ended badly" });
    }

    async fn release(&mut self, _: &'static str) {
        self.diary.note("released");
    }
}

struct House {
    tracker: TaskTracker,
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    wall: Arc<WallClock>,
    stop: CancellationToken,
    diary: Diary,
}

impl House {
    fn new() -> Self {
        let wall = Arc::<WallClock>::default();
        wall.0.store(1_800_000_000_000, Ordering::SeqCst);
        Self {
            tracker: TaskTracker::new(),
            metrics: Metrics::new(),
            clock: Arc::<WallClock>::clone(&wall),
            wall,
            stop: CancellationToken::new(),
            diary: Diary::new(),
        }
    }

    fn start<S: Scope, W: Worker<S::Lease>>(&self, scope: S, worker: W) {
        let (tracker, metrics, clock, stop) = (&self.tracker, &self.metrics, &self.clock, &self.stop);
        Runner { tracker, metrics, clock, stop }.start(scope, worker);
    }

    fn told(&self, mut steps: Vec<Result<Step, &'static str>>) -> Told {
        steps.reverse();
        Told { diary: self.diary.clone(), steps }
    }

    /// Lets seconds pass on both clocks.
    async fn secs(&self, secs: u64) {
        for _ in 0..secs {
            self.wall.0.fetch_add(1000, Ordering::SeqCst);
            sleep(Duration::from_secs(1)).await;
        }
    }

    fn shown(&self, metric: &str, worker: &str) -> String {
        let line = format!("wharfinger_worker_{metric}{{name=\"{worker}\"}} ");
        let text = self.metrics.exposition();
        let found = text.lines().find_map(|text| text.strip_prefix(&line));
        found.unwrap_or_else(|| panic!("no {line} in\n{text}")).to_owned()
    }
}

#[tokio::test(start_paused = true)]
async fn it_goes_on_until_nothing_is_left_and_comes_back() {
    let house = House::new();
    let shared = Shared { diary: house.diary.clone(), elsewhere: false };
    house.start(shared, house.told(vec![Ok(Step::busy(5, 0)), Ok(Step::busy(2, 1))]));
    house.secs(1).await;
    assert_eq!(house.diary.taken(), [(0, "step"), (0, "step"), (0, "step"), (0, "ended well")]);
    assert_eq!([house.shown("steps_total", "told"), house.shown("items_total", "told")], ["3", "7"]);
    assert_eq!([house.shown("errors_total", "told"), house.shown("state", "told")], ["1", "0"]);
    house.secs(60).await;
    assert_eq!(house.diary.taken(), [(60, "step"), (60, "ended well")]);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_fails_is_tried_again_later_and_later() {
    let house = House::new();
    house.start(Node, house.told(vec![Err("no"); 30]));
    house.secs(600).await;
    let steps: Vec<u64> = house.diary.taken().into_iter().map(|(second, _)| second).collect();
    let rests: Vec<u64> = steps.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(steps.len() > 12 && rests[0] <= 2, "{rests:?}");
    assert!(rests.iter().all(|rest| *rest <= 60) && rests.last() > Some(&40), "{rests:?}");
    assert_eq!(house.shown("state", "told"), "2");
    assert_eq!(house.shown("errors_total", "told"), steps.len().to_string());
}

#[tokio::test(start_paused = true)]
async fn a_step_that_hangs_is_cut() {
    let house = House::new();
    house.start(Node, Hanging(house.diary.clone()));
    house.secs(STEP_SECS_MAX + 2).await;
    let noted = house.diary.taken();
    assert!(noted.len() == 2 && noted[1].0 >= STEP_SECS_MAX, "{noted:?}");
    assert_eq!(house.shown("errors_total", "hanging"), "1");
}

#[tokio::test(start_paused = true)]
async fn another_node_has_its_turn() {
    let house = House::new();
    let shared = Shared { diary: house.diary.clone(), elsewhere: true };
    house.start(shared, house.told(Vec::new()));
    house.secs(50).await;
    assert_eq!(house.diary.taken(), []);
    assert_eq!([house.shown("steps_total", "told"), house.shown("state", "told")], ["0", "4"]);
}

#[tokio::test(start_paused = true)]
async fn stopping_waits_for_no_step_and_lets_the_worker_end() {
    let house = House::new();
    let shared = Shared { diary: house.diary.clone(), elsewhere: false };
    house.start(shared, house.told(Vec::new()));
    house.start(Node, Hanging(house.diary.clone()));
    house.secs(1).await;
    house.diary.taken();
    house.stop.cancel();
    house.tracker.close();
    house.tracker.wait().await;
    assert_eq!(house.diary.began.elapsed().as_secs(), 1, "at once");
    assert_eq!(house.diary.taken(), [(1, "released"), (1, "stop")]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_thrown_away_by_its_age_once_the_clock_was_set() {
    let house = House::new();
    house.start(Node, house.told(Vec::new()));
    house.secs(1).await;
    house.diary.taken();
    house.wall.0.fetch_add(3 * 3_600_000, Ordering::SeqCst);
    house.secs(61).await;
    assert_eq!(house.shown("state", "told"), "3");
    house.secs(3_000).await;
    assert_eq!(house.diary.taken(), [], "not for an hour");
    house.secs(700).await;
    assert!(!house.diary.taken().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_record_from_the_future_or_of_long_ago_holds_it_once() {
    let now = Timestamp::from_millis(1_800_000_000_000);
    for at in [now.plus_secs(60), now.plus_secs(-49 * 3600)] {
        let mut guard = ClockGuard::default();
        assert_eq!(guard.held(false, now, Some(at)), None, "it does not go by age");
        assert!(guard.held(true, now, Some(at)).is_some());
        tokio::time::advance(Duration::from_secs(3600)).await;
        let later = now.plus_secs(3600);
        assert_eq!(guard.held(true, later, Some(at)), None, "the record is our own by then");
    }
    assert_eq!(ClockGuard::default().held(true, now, Some(now.plus_secs(-60))), None);
    assert_eq!(ClockGuard::default().held(true, now, None), None, "nobody has ever done it");
}
