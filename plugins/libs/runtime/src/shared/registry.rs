// SPDX-License-Identifier: MIT OR Apache-2.0
//! Things that several have, for as long as somebody has them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};

/// What was made and is still in use, by what it was made from.
///
/// Who wants a thing that is being made waits for it at its own place, whose lock is held
/// meanwhile; nobody else waits.
#[derive(Debug)]
pub(super) struct Registry<K, V> {
    places: Mutex<HashMap<K, Place<V>>>,
}

type Place<V> = Arc<Mutex<Weak<V>>>;

impl<K, V> Default for Registry<K, V> {
    fn default() -> Self {
        let places = Mutex::default();
        Self { places }
    }
}

impl<K: Eq + Hash, V> Registry<K, V> {
    /// The thing of this key if there is one that still `serves`, else a new one. A failure to
    /// make it is not remembered: of those who wait the next tries again.
    pub fn get<E>(
        &self,
        key: K,
        serves: impl FnOnce(&V) -> bool,
        make: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        let mut places = lock(&self.places);
        // A place that the map alone holds is locked by nobody.
        places.retain(|_, place| Arc::strong_count(place) > 1 || is_taken(place));
        let place = Arc::clone(places.entry(key).or_default());
        drop(places);
        let mut place = lock(&place);
        if let Some(there) = place.upgrade()
            && serves(&there)
        {
            return Ok(there);
        }
        let made = Arc::new(make()?);
        *place = Arc::downgrade(&made);
        Ok(made)
    }

    /// Whether the thing of this key is being made.
    pub fn is_being_made(&self, key: &K) -> bool {
        let place = lock(&self.places).get(key).map(Arc::clone);
        place.is_some_and(|place| matches!(place.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// The thing of this key, if there is one.
    pub fn find(&self, key: &K) -> Option<Arc<V>> {
        let place = Arc::clone(lock(&self.places).get(key)?);
        lock(&place).upgrade()
    }
}

fn is_taken<V>(place: &Place<V>) -> bool {
    lock(place).strong_count() > 0
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    type Words = Registry<u32, String>;

    fn word(words: &Words, key: u32) -> Arc<String> {
        let made = words.get(key, |_| true, || Ok::<_, ()>(format!("{key}")));
        made.unwrap()
    }

    #[test]
    fn the_last_to_go_frees_it() {
        let words = Words::default();
        let (a, b) = (word(&words, 1), word(&words, 1));
        assert!(Arc::ptr_eq(&a, &b));
        drop(a);
        assert!(words.find(&1).is_some());
        let freed = Arc::downgrade(&b);
        drop(b);
        assert!(freed.upgrade().is_none() && words.find(&1).is_none());
        word(&words, 2);
        assert_eq!(lock(&words.places).len(), 1, "nor does its place stay");
    }

    #[test]
    fn what_starts_at_once_is_made_once() {
        let (words, made, together) = (Words::default(), AtomicUsize::new(0), Barrier::new(8));
        let make = || {
            made.fetch_add(1, Ordering::Relaxed);
            Ok::<_, ()>(String::new())
        };
        std::thread::scope(|scope| {
            let users = [(); 8].map(|()| {
                scope.spawn(|| {
                    together.wait();
                    words.get(1, |_| true, make).unwrap()
                })
            });
            let users = users.map(|user| user.join().unwrap());
            assert!(users.iter().all(|user| Arc::ptr_eq(user, &users[0])));
        });
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn others_are_not_held_up_while_one_is_made() {
        let words = Words::default();
        let other = words.get(1, |_| true, || Ok::<_, ()>(word(&words, 2).to_string()));
        assert_eq!(*other.unwrap(), "2");
    }

    #[test]
    fn what_is_being_made_is_told_from_what_is_there() {
        let words = Words::default();
        let made = words.get(
            1,
            |_| true,
            || {
                let (own, other) = (words.is_being_made(&1), words.is_being_made(&2));
                Ok::<_, ()>(format!("{own} {other}"))
            },
        );
        assert_eq!(*made.unwrap(), "true false");
        assert!(!words.is_being_made(&1));
    }

    #[test]
    fn a_failure_is_not_remembered() {
        let words = Words::default();
        assert_eq!(words.get(1, |_| true, || Err("no")), Err("no"));
        assert_eq!(*word(&words, 1), "1");
    }

    #[test]
    fn what_no_longer_serves_is_made_anew() {
        let words = Words::default();
        let old = word(&words, 1);
        let new = words.get(1, |_| false, || Ok::<_, ()>("new".into()));
        assert_eq!((&**old, &**new.unwrap()), ("1", "new"));
    }
}
