use crate::ids::IdMap;

/// Adds one entry to the list of `key`.
pub(super) fn add<E>(lists: &mut IdMap<Vec<E>>, key: u32, entry: E) {
    lists.entry(key).or_default().push(entry);
}

/// Takes one entry off the list of `key`; an empty list goes with it.
pub(super) fn remove<E: PartialEq>(lists: &mut IdMap<Vec<E>>, key: u32, entry: E) {
    let Some(list) = lists.get_mut(&key) else { return };
    if let Some(at) = list.iter().position(|one| *one == entry) {
        list.swap_remove(at);
    }
    if list.is_empty() {
        lists.remove(&key);
    }
}

/// What is in one of two ascending lists only: gone from `old`, or new in `new`.
pub(super) fn difference(old: &[u32], new: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let gone = old.iter().copied().filter(|one| new.binary_search(one).is_err()).collect();
    let come = new.iter().copied().filter(|one| old.binary_search(one).is_err()).collect();
    (gone, come)
}
