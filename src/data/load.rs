//! The one entry: from a [`DataSpec`] to a [`Dataset`].

use std::sync::atomic::AtomicBool;

use super::dataset::{DataError, Dataset, LoadProgress};
use super::monitor::Monitor;
use super::{files, synthetic};
use crate::spec::{DataSpec, MAX_VALUES, Source};

/// Loads all samples of a source into memory.
///
/// The same spec, seed and files give the same data set. `progress` is called a few times a second, from the calling thread; the work
/// is done on all cores. Setting `cancel` ends the load within a moment, with [`DataError::cancelled`].
///
/// - What a path is follows from its content: a folder with IDX files or pictures in it at any depth, a `.zip` of pictures, an IDX file
///   with its labels beside it, or a picture (PNG, JPEG, BMP, GIF, WebP). Of several IDX files all are used, training first.
/// - The folders on the first level are classes, once folders that wrap everything are taken off, if two or more hold all pictures.
/// - Pictures are turned as their metadata says, shown on white where they are transparent, cropped or letterboxed, and resampled.
/// - What cannot be used is skipped, counted and named in the [`LoadReport`](super::LoadReport). What does not fit into the memory limit
///   is left out evenly, so that every class keeps its share, and counted there.
///
/// # Errors
/// The source cannot be read, has no usable sample, or the project's picture size or memory limit does not allow a single one.
pub fn load(spec: &DataSpec, seed: u64, progress: &mut dyn FnMut(LoadProgress), cancel: &AtomicBool) -> Result<Dataset, DataError> {
    let mut monitor = Monitor::new(progress, cancel);
    match &spec.source {
        Source::Builtin(builtin) => synthetic::load(*builtin, spec, seed, &mut monitor),
        Source::Path(path) => files::load(path, spec, seed, &mut monitor),
    }
}

/// How many pictures the memory limit allows.
///
/// # Errors
/// Not one, or a picture would have no pixels.
pub(super) fn capacity(spec: &DataSpec) -> Result<usize, DataError> {
    let size = spec.shape().values();
    let (width, height) = (spec.image.width, spec.image.height);
    if size == 0 || size > MAX_VALUES {
        return Err(DataError(format!("pictures of {width} × {height} cannot be made: choose another size in the data settings")));
    }
    let limit = spec.memory_limit_mib;
    match limit.saturating_mul(1 << 20) / size {
        0 => Err(DataError(format!(
            "not one picture of {width} × {height} fits into {limit} MiB: raise the memory limit in the data settings"
        ))),
        count => Ok(count),
    }
}

/// `len` bytes of zero.
///
/// # Errors
/// There is not so much memory.
pub(super) fn zeroed(len: usize) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(len).is_err() {
        let mib = len >> 20;
        return Err(DataError(format!("this computer has no {mib} MiB of memory free: lower the memory limit in the data settings")));
    }
    bytes.resize(len, 0);
    Ok(bytes)
}
