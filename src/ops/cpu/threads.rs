//! Work divided among threads.

use rayon::prelude::*;

/// Multiplications that are sooner done than handed to another thread.
const PRODUCTS_NOT_WORTH_SHARING: usize = 1 << 20;

/// Values that are sooner passed over than handed to another thread.
const NOT_WORTH_SHARING: usize = 1 << 15;

/// How many of `count` pieces, of `work` multiplications each, one thread takes.
pub fn share(count: usize, work: usize) -> usize {
    if count * work <= PRODUCTS_NOT_WORTH_SHARING {
        return count.max(1);
    }
    count.div_ceil(rayon::current_num_threads()).max(1)
}

/// How many of `count` pieces, of `work` multiplications each, are done at once where nothing is summed over them: a few times as many shares
/// as threads, so that one that is held up holds up the others little.
pub fn small_share(count: usize, work: usize) -> usize {
    const SHARES_OF_A_THREAD: usize = 4;
    let share = share(count, work);
    if share >= count { share } else { share.div_ceil(SHARES_OF_A_THREAD) }
}

/// Values of a slice that one thread takes, where each is soon done.
pub fn part(values: usize) -> usize {
    if values <= NOT_WORTH_SHARING {
        return values.max(1);
    }
    values.div_ceil(rayon::current_num_threads())
}

/// Runs `run` for each piece of work: where there is one, on the calling thread.
pub fn each<T: Send>(pieces: impl Iterator<Item = T>, run: impl Fn(T) + Sync + Send) {
    map(pieces, run);
}

/// Runs `run` for each of many small pieces of `work` values in all.
pub fn each_of_many<T: Send>(work: usize, pieces: impl Iterator<Item = T>, run: impl Fn(T) + Sync + Send) {
    if work <= NOT_WORTH_SHARING {
        return pieces.for_each(run);
    }
    pieces.collect::<Vec<T>>().into_par_iter().for_each(run);
}

/// What `run` returns for each piece of work, in their order: where there is one, computed on the calling thread.
pub fn map<T: Send, R: Send>(pieces: impl Iterator<Item = T>, run: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    let pieces: Vec<T> = pieces.collect();
    if pieces.len() <= 1 {
        return pieces.into_iter().map(run).collect();
    }
    pieces.into_par_iter().map(run).collect()
}
