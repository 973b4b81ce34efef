use super::*;

#[test]
fn an_address_has_so_many_places_and_gets_them_back() {
    let crowd = Arc::new(Crowd::default());
    let (one, two): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
    let first = crowd.enter(one, 2).unwrap();
    let _second = crowd.enter(one, 2).unwrap();
    assert!(crowd.enter(one, 2).is_none());
    assert!(crowd.enter(two, 2).is_some());
    drop(first);
    assert!(crowd.enter(one, 2).is_some());
    assert!(crowd.enter(two, 0).is_none());
}

#[test]
fn nothing_is_kept_of_who_left() {
    let crowd = Arc::new(Crowd::default());
    drop(crowd.enter("192.0.2.1".parse().unwrap(), 1));
    assert!(crowd.open.lock().unwrap().is_empty());
}
