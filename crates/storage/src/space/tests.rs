use super::reserve::BYTES;
use super::*;
use crate::Fault;
use crate::testing::{ManualClock, Place};

fn space(bytes_min: Option<u64>, clock: &Arc<ManualClock>, place: &Place) -> Arc<Space> {
    let folder = place.directory().expect("a folder").clone();
    Space::new(clock.clone(), vec![folder.clone()], bytes_min, Some(folder))
}

#[test]
fn content_is_refused_below_the_floor() {
    let (place, clock) = (Place::disk(), Arc::new(ManualClock::default()));
    let never = space(Some(u64::MAX), &clock, &place);
    assert!(matches!(never.require(0), Err(Error::Fault(Fault::NoSpace { .. }))));
    let room = never.room().expect("a disk");
    assert_eq!(room.free_bytes_min, u64::MAX);
    let always = space(Some(0), &clock, &place);
    always.require(1 << 40).expect("there is no floor");
    let usual = space(None, &clock, &place).room().expect("a disk");
    assert!(usual.free_bytes_min >= FREE_BYTES_MIN, "{usual:?}");
}

#[test]
fn the_reserve_is_there_while_there_is_room() {
    let (place, clock) = (Place::disk(), Arc::new(ManualClock::default()));
    let folder = place.directory().expect("a folder");
    let reserve = Reserve::new(folder);
    assert!(!reserve.release(), "there is none yet");
    reserve.make();
    assert_eq!(fs_len(&folder.join("reserve")), Some(BYTES));
    assert!(Reserve::new(folder).release(), "it outlives its maker");
    assert_eq!(fs_len(&folder.join("reserve")), None);
    // A floor that nothing reaches leaves no room to set aside.
    let space = space(Some(u64::MAX), &clock, &place);
    space.give_way();
    assert_eq!(fs_len(&folder.join("reserve")), None);
}

fn fs_len(path: &std::path::Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|file| file.len())
}
