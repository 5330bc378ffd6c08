//! Watches over a load: works in parallel, says how far it is, and stops when asked.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::dataset::{DataError, LoadProgress};

/// How often progress is said.
const INTERVAL: Duration = Duration::from_millis(150);
/// A piece of work between two looks at the clock is made to last about this long.
const PIECE: Duration = Duration::from_millis(50);

/// The progress and the cancel flag of one load.
pub(super) struct Monitor<'a> {
    progress: &'a mut dyn FnMut(LoadProgress),
    cancel: &'a AtomicBool,
    done: usize,
    total: usize,
    last: Option<Instant>,
}

impl<'a> Monitor<'a> {
    /// Nothing is said before [`Self::expect`].
    pub(super) fn new(progress: &'a mut dyn FnMut(LoadProgress), cancel: &'a AtomicBool) -> Self {
        Self { progress, cancel, done: 0, total: 0, last: None }
    }

    /// Was the load cancelled?
    ///
    /// # Errors
    /// If it was.
    pub(super) fn check(&self) -> Result<(), DataError> {
        if self.cancel.load(Ordering::Relaxed) { Err(DataError::cancelled()) } else { Ok(()) }
    }

    /// There will be so many samples.
    ///
    /// # Errors
    /// The load was cancelled.
    pub(super) fn expect(&mut self, total: usize) -> Result<(), DataError> {
        self.total = total;
        self.advance(0)
    }

    /// So many more samples are done. Says so, unless that was done a moment ago; the first and the last time always.
    ///
    /// # Errors
    /// The load was cancelled.
    pub(super) fn advance(&mut self, count: usize) -> Result<(), DataError> {
        self.check()?;
        self.done += count;
        if self.done >= self.total || self.last.is_none_or(|last| last.elapsed() >= INTERVAL) {
            self.last = Some(Instant::now());
            (self.progress)(LoadProgress { done: self.done, total: self.total });
        }
        Ok(())
    }

    /// Calls `make` for each piece of `size` bytes of `out`, in parallel, with the piece's index; gives back what it returned, in order.
    ///
    /// # Errors
    /// The load was cancelled; `make` is then not called for the rest.
    pub(super) fn fill<T: Send>(
        &mut self,
        out: &mut [u8],
        size: usize,
        make: impl Fn(usize, &mut [u8]) -> T + Sync,
    ) -> Result<Vec<T>, DataError> {
        let total = out.len() / size;
        let mut results = Vec::with_capacity(total);
        let mut at_once = 4 * rayon::current_num_threads();
        let mut rest = out;
        while results.len() < total {
            let first = results.len();
            let (now, later) = rest.split_at_mut(at_once.min(total - first) * size);
            rest = later;
            let began = Instant::now();
            let cancel = self.cancel;
            let made = now.par_chunks_exact_mut(size).enumerate().map(|(index, piece)| {
                let cancelled = cancel.load(Ordering::Relaxed);
                if cancelled { None } else { Some(make(first + index, piece)) }
            });
            let made: Option<Vec<_>> = made.collect();
            results.extend(made.ok_or_else(DataError::cancelled)?);
            self.advance(results.len() - first)?;
            at_once = next_piece(at_once, began.elapsed());
        }
        Ok(results)
    }
}

/// Pictures differ a thousandfold in what they cost, so the length of a piece follows the time the last one took.
fn next_piece(at_once: usize, took: Duration) -> usize {
    if took < PIECE {
        at_once * 2
    } else if took > 4 * PIECE {
        (at_once / 2).max(rayon::current_num_threads())
    } else {
        at_once
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_is_made_once_and_in_order() {
        let mut seen = Vec::new();
        let mut progress = |progress| seen.push(progress);
        let cancel = AtomicBool::new(false);
        let mut out = vec![0; 3000];
        let mut monitor = Monitor::new(&mut progress, &cancel);
        monitor.expect(1000).unwrap();
        let results = monitor.fill(&mut out, 3, |index, piece| {
            piece.fill((index % 256) as u8);
            index
        });
        assert_eq!(results.unwrap(), (0..1000).collect::<Vec<_>>());
        assert!(out.chunks_exact(3).enumerate().all(|(index, piece)| piece == [(index % 256) as u8; 3]));
        assert_eq!(seen.first(), Some(&LoadProgress { done: 0, total: 1000 }));
        assert_eq!(seen.last(), Some(&LoadProgress { done: 1000, total: 1000 }));
    }

    #[test]
    fn cancelling_stops_the_rest() {
        let cancel = AtomicBool::new(false);
        let made = std::sync::atomic::AtomicUsize::new(0);
        let mut progress = |_| ();
        let mut out = vec![0; 100_000];
        let result = Monitor::new(&mut progress, &cancel).fill(&mut out, 1, |_, _| {
            if made.fetch_add(1, Ordering::Relaxed) == 10 {
                cancel.store(true, Ordering::Relaxed);
            }
        });
        assert!(result.unwrap_err().is_cancelled());
        assert!(made.into_inner() < 1000);
    }

    #[test]
    fn progress_is_not_said_too_often() {
        let mut times = 0;
        let mut progress = |_| times += 1;
        let cancel = AtomicBool::new(false);
        let mut monitor = Monitor::new(&mut progress, &cancel);
        monitor.expect(1_000_000).unwrap();
        let begun = std::time::Instant::now();
        for _ in 0..1000 {
            monitor.advance(1).unwrap();
        }
        let most = 5 + begun.elapsed().as_millis() / 50;
        assert!(times < most, "{times} times in {:?}", begun.elapsed());
    }
}
