//! Long work that lets others go first.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::system;

/// Asked between two parts of long work. It may wait, and says whether to go on.
pub trait Pace: Sync {
    /// Go on?
    fn go_on(&self) -> bool;
}

/// As fast as it goes, until it is set.
impl Pace for AtomicBool {
    fn go_on(&self) -> bool {
        !self.load(Ordering::Relaxed)
    }
}

/// Work that takes a share of one thread's processor time and sleeps for the rest. Where the system does not say how much that was, all time
/// counts that passed.
#[derive(Debug)]
pub struct Share<S, C> {
    /// The share now, above 0; 1 does not sleep.
    share: S,
    cancelled: C,
    /// When the part began that is being worked on, and how much the thread had worked until then.
    since: Mutex<(Instant, Option<Duration>)>,
}

/// No sleep is longer without a look at whether to go on.
const NAP: Duration = Duration::from_millis(20);

impl<S: Fn() -> f64 + Sync, C: Fn() -> bool + Sync> Share<S, C> {
    /// Work that begins now.
    pub fn new(share: S, cancelled: C) -> Self {
        Self { share, cancelled, since: Mutex::new((Instant::now(), None)) }
    }
}

impl<S: Fn() -> f64 + Sync, C: Fn() -> bool + Sync> Pace for Share<S, C> {
    fn go_on(&self) -> bool {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, worked_before) = *since;
        let worked_now = system::thread_time();
        let worked = worked_now.zip(worked_before).map_or_else(|| began.elapsed(), |(now, before)| now.saturating_sub(before));
        // Asked again after each nap: where the share becomes larger, there is less to wait for.
        while !(self.cancelled)() {
            let left = worked.as_secs_f64() / (self.share)().clamp(1e-3, 1.0) - began.elapsed().as_secs_f64();
            if left <= 0.0 {
                *since = (Instant::now(), worked_now);
                return true;
            }
            std::thread::sleep(Duration::from_secs_f64(left).min(NAP));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_time_is_worked() {
        let began = Instant::now();
        let pace = Share::new(|| 0.25, || false);
        let before = system::thread_time();
        for _ in 0..5 {
            let part = Instant::now();
            while part.elapsed() < Duration::from_millis(10) {}
            assert!(pace.go_on());
        }
        let worked = system::thread_time().zip(before).map_or(Duration::from_millis(50), |(now, before)| now - before);
        assert!(began.elapsed().as_secs_f64() >= 3.5 * worked.as_secs_f64(), "{worked:?} of {:?}", began.elapsed());
    }

    #[test]
    fn what_is_cancelled_does_not_sleep_on() {
        let (began, cancelled) = (Instant::now(), AtomicBool::new(false));
        let pace = Share::new(|| 0.001, || cancelled.load(Ordering::Relaxed));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(50));
                cancelled.store(true, Ordering::Relaxed);
            });
            std::thread::sleep(Duration::from_millis(30));
            assert!(!pace.go_on());
        });
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}
