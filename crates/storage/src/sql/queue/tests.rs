use super::*;

fn job(name: u32, rows: u64, attended: bool) -> Queued<u32> {
    Queued { job: name, rows, attended }
}

#[test]
fn administration_goes_first_and_content_is_next() {
    let queue = Queue::new();
    (0..3).for_each(|n| queue.push(Lane::Content, job(n, 1, true)));
    (10..12).for_each(|n| queue.push(Lane::Administration, job(n, 1, true)));
    assert_eq!(queue.next_group(), Some(vec![10, 11]));
    queue.push(Lane::Administration, job(12, 1, true));
    assert_eq!(
        queue.next_group(),
        Some(vec![0, 1, 2]),
        "who administers without end does not keep content out"
    );
    assert_eq!(queue.next_group(), Some(vec![12]));
}

#[test]
fn a_group_is_bounded_in_rows_and_jobs() {
    let queue = Queue::new();
    let most = u32::try_from(GROUP_ROWS_MAX / SMALL_ROWS_MAX).expect("some");
    (0..=most).for_each(|n| queue.push(Lane::Content, job(n, SMALL_ROWS_MAX, true)));
    assert_eq!(queue.next_group(), Some((0..most).collect()));
    assert_eq!(queue.next_group(), Some(vec![most]));
    (0..300).for_each(|n| queue.push(Lane::Content, job(n, 1, true)));
    assert_eq!(queue.next_group().map(|group| group.len()), Some(GROUP_JOBS_MAX));
}

#[test]
fn a_large_job_is_alone_and_lets_others_pass_once() {
    let queue = Queue::new();
    let large = SMALL_ROWS_MAX + 1;
    queue.push(Lane::Content, job(0, 1, true));
    queue.push(Lane::Content, job(1, large, true));
    queue.push(Lane::Content, job(2, 1, true));
    assert_eq!(queue.next_group(), Some(vec![0]), "nobody waits for a large one behind");
    assert_eq!(queue.next_group(), Some(vec![2]));
    queue.push(Lane::Content, job(3, 1, true));
    assert_eq!(queue.next_group(), Some(vec![1]), "who writes without end does not keep a large one out");
    queue.push(Lane::Content, job(4, large, true));
    queue.push(Lane::Content, job(5, 1, false));
    assert_eq!(queue.next_group(), Some(vec![3]));
    assert_eq!(queue.next_group(), Some(vec![4]));
    queue.push(Lane::Content, job(6, 1, true));
    assert_eq!(queue.next_group(), Some(vec![5, 6]));
}

#[test]
fn what_nobody_waits_for_waits_for_company() {
    let queue = Queue::new();
    queue.push(Lane::Content, job(0, 1, false));
    queue.push(Lane::Administration, job(10, 1, true));
    assert_eq!(queue.next_group(), Some(vec![10]));
    queue.push(Lane::Content, job(1, 1, true));
    queue.push(Lane::Content, job(2, 1, false));
    assert_eq!(queue.next_group(), Some(vec![0, 1, 2]));
    queue.push(Lane::Content, job(3, 1, false));
    queue.close();
    assert_eq!(queue.next_group(), Some(vec![3]), "the end is company enough");
    assert_eq!(queue.next_group(), None);
}

#[test]
fn nobody_waits_for_a_writer_that_is_no_more() {
    let queue = Queue::new();
    let (job_of, told) = std::sync::mpsc::sync_channel::<()>(2);
    let push = |lane| queue.push(lane, Queued { job: job_of.clone(), rows: 1, attended: true });
    push(Lane::Administration);
    drop(queue.serving());
    push(Lane::Content);
    drop(job_of);
    assert!(told.recv().is_err(), "all are dropped, whoever holds the other end knows it");
}
