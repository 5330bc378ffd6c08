//! Long work that lets others go first.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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

/// Work that takes a share of one thread's time and sleeps for the rest.
#[derive(Debug)]
pub struct Share<S, C> {
    /// The share now, above 0; 1 does not sleep.
    share: S,
    cancelled: C,
    /// When the part began that is being worked on.
    since: Mutex<Instant>,
}

/// No sleep is longer without a look at whether to go on.
const NAP: Duration = Duration::from_millis(20);

impl<S: Fn() -> f64 + Sync, C: Fn() -> bool + Sync> Share<S, C> {
    /// Work that begins now.
    pub fn new(share: S, cancelled: C) -> Self {
        Self { share, cancelled, since: Mutex::new(Instant::now()) }
    }
}

impl<S: Fn() -> f64 + Sync, C: Fn() -> bool + Sync> Pace for Share<S, C> {
    fn go_on(&self) -> bool {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let (worked, rest) = (since.elapsed().as_secs_f64(), Instant::now());
        // Asked again after each nap: where the share becomes larger, there is less to wait for.
        while !(self.cancelled)() {
            let left = worked / (self.share)().clamp(1e-3, 1.0) - worked - rest.elapsed().as_secs_f64();
            if left <= 0.0 {
                *since = Instant::now();
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
        for _ in 0..5 {
            let part = Instant::now();
            while part.elapsed() < Duration::from_millis(10) {}
            assert!(pace.go_on());
        }
        // 50 ms of work in 200 ms.
        assert!(began.elapsed() >= Duration::from_millis(199), "{:?}", began.elapsed());
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
