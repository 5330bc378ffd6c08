//! Work divided among threads, and the buffers that each thread keeps for it.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

use rayon::prelude::*;

/// Multiplications that are sooner done than handed to another thread.
const NOT_WORTH_SHARING: usize = 1 << 18;

/// How many of `count` pieces, of `work` multiplications each, one thread takes.
pub fn share(count: usize, work: usize) -> usize {
    if count * work <= NOT_WORTH_SHARING {
        return count.max(1);
    }
    count.div_ceil(rayon::current_num_threads()).max(1)
}

/// Values of a slice that one thread takes, where each is soon done.
pub fn part(values: usize) -> usize {
    /// Values that are sooner done than handed to another thread.
    const NOT_WORTH_SHARING: usize = 1 << 15;
    if values <= NOT_WORTH_SHARING {
        return values.max(1);
    }
    values.div_ceil(rayon::current_num_threads())
}

/// Runs `run` for each piece of work: where there is one, on the calling thread.
pub fn each<T: Send>(pieces: impl Iterator<Item = T>, run: impl Fn(T) + Sync + Send) {
    map(pieces, run);
}

/// What `run` returns for each piece of work, in their order: where there is one, computed on the calling thread.
pub fn map<T: Send, R: Send>(pieces: impl Iterator<Item = T>, run: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    let pieces: Vec<T> = pieces.collect();
    if pieces.len() <= 1 {
        return pieces.into_iter().map(run).collect();
    }
    pieces.into_par_iter().map(run).collect()
}

/// A work buffer of this thread's, given back when it is dropped, so that the next piece of work finds it warm.
#[derive(Debug, Default)]
pub struct Scratch {
    values: Vec<f32>,
    len: usize,
}

thread_local! {
    static KEPT: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// Buffers that a thread keeps.
const KEPT_BUFFERS: usize = 8;

impl Scratch {
    /// So many values, whatever they are.
    pub fn take(len: usize) -> Self {
        let mut values = KEPT.with_borrow_mut(|kept| {
            let fitting = (0..kept.len()).filter(|&index| kept[index].len() >= len).min_by_key(|&index| kept[index].len());
            fitting.or(kept.len().checked_sub(1)).map(|index| kept.swap_remove(index)).unwrap_or_default()
        });
        if values.len() < len {
            // Nothing of the old buffer is wanted, so it is not copied into the new one.
            values = vec![0.0; len];
        }
        Self { values, len }
    }

    /// So many zeros.
    pub fn zeroed(len: usize) -> Self {
        let mut scratch = Self::take(len);
        scratch.fill(0.0);
        scratch
    }
}

impl Deref for Scratch {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values[..self.len]
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[..self.len]
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.values.is_empty() {
            return;
        }
        let values = std::mem::take(&mut self.values);
        // At the end of a thread its buffers are gone before what else it drops.
        let _ = KEPT.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            if kept.len() < KEPT_BUFFERS {
                kept.push(values);
            }
        });
    }
}
