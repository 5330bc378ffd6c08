//! Many picture files, wherever they lie: decoded in parallel, the unusable ones named.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::probe::Kind;
use super::{MAX_FILES, at, evenly, fit, picture};
use crate::data::dataset::{DataError, Dataset, LoadReport, Values};
use crate::data::load::{capacity, zeroed};
use crate::data::monitor::Monitor;
use crate::data::words::{counted, grouped};
use crate::spec::{DataSpec, ImageSpec};

/// A picture file may have this many bytes, packed or not.
pub(super) const MAX_FILE_BYTES: u64 = 64 << 20;
/// Pictures that take more memory than this are decoded one at a time.
const LARGE_BYTES: u64 = 64 << 20;

/// Picture files and their classes.
pub(super) struct Album {
    pub(super) kind: Kind,
    /// The name of each file, within its folder or archive.
    pub(super) names: Vec<String>,
    pub(super) classes: Vec<String>,
    /// The class of each file, where there are classes.
    pub(super) labels: Option<Vec<u16>>,
    pub(super) shelf: Box<dyn Shelf>,
    /// Were there more files than are looked at?
    pub(super) is_cut: bool,
}

/// Where picture files lie.
pub(super) trait Shelf: Sync {
    /// The bytes of the file with this index, or why it cannot be read. At most [`MAX_FILE_BYTES`].
    fn read(&self, index: usize) -> Result<Vec<u8>, String>;
}

/// Why a file of `len` bytes is refused.
pub(super) fn too_large(len: u64) -> String {
    format!("it has {} MiB, more than the {} a picture file may have", len >> 20, MAX_FILE_BYTES >> 20)
}

impl Album {
    /// Decodes the pictures, or so many of them, evenly spread over the sorted names, as the memory limit allows.
    pub(super) fn load(self, path: &Path, spec: &DataSpec, seed: u64, monitor: &mut Monitor) -> Result<Dataset, DataError> {
        let shape = spec.shape();
        let chosen = evenly(self.names.len(), capacity(spec)?);
        let mut bytes = zeroed(chosen.len() * shape.values())?;
        let large = Mutex::new(());
        monitor.expect(chosen.len())?;
        let results = monitor.fill(&mut bytes, shape.values(), |place, out| self.decode(chosen[place], spec.image, &large, out))?;
        let mut report = LoadReport { left_out: self.names.len() - chosen.len(), ..LoadReport::default() };
        let used = self.keep_usable(&chosen, results, &mut bytes, shape.values(), &mut report);
        if used.is_empty() {
            let reason = report.skipped.first().map_or("there is none", |first| first.reason.as_str());
            return Err(self.nothing_usable(path, reason));
        }
        let labels = self.labels.as_ref().map(|labels| used.iter().map(|&index| labels[index]).collect());
        report.description = self.description(used.len(), spec.image);
        Dataset::new(shape, Values::Pictures(bytes), labels, self.classes, report, spec.holdout, seed)
    }

    /// Reads, decodes and fits one picture.
    fn decode(&self, index: usize, image: ImageSpec, large: &Mutex<()>, out: &mut [u8]) -> Result<(), String> {
        let bytes = self.shelf.read(index)?;
        let header = picture::header(&bytes)?;
        let _turn = (header.decoded_bytes > LARGE_BYTES).then(|| large.lock().unwrap_or_else(PoisonError::into_inner));
        fit::fit(picture::decode(bytes)?, image, out);
        Ok(())
    }

    /// Moves usable pictures together at the front of `bytes` and names the others; gives back the indices of the usable ones.
    fn keep_usable(
        &self,
        chosen: &[usize],
        results: Vec<Result<(), String>>,
        bytes: &mut Vec<u8>,
        size: usize,
        report: &mut LoadReport,
    ) -> Vec<usize> {
        let mut used = Vec::with_capacity(chosen.len());
        for (place, (&index, result)) in chosen.iter().zip(results).enumerate() {
            match result {
                Ok(()) => {
                    bytes.copy_within(place * size..(place + 1) * size, used.len() * size);
                    used.push(index);
                }
                Err(reason) => report.skip(self.names[index].clone(), reason),
            }
        }
        bytes.truncate(used.len() * size);
        used
    }

    /// The error for an album without a single picture that can be used.
    pub(super) fn nothing_usable(&self, path: &Path, reason: &str) -> DataError {
        let sentence = match self.names.as_slice() {
            [_] if self.kind == Kind::Picture => format!("the picture cannot be used: {reason}"),
            [name] => format!("the only picture, {name}, cannot be used: {reason}"),
            [name, ..] => format!("none of the {} pictures can be used; of the first, {name}: {reason}", grouped(self.names.len())),
            [] => "there are no pictures".to_owned(),
        };
        at(path, format!("{sentence}; choose another"))
    }

    fn description(&self, count: usize, image: ImageSpec) -> String {
        let pictures = counted(count, "picture", "pictures");
        let classes = if self.classes.is_empty() { String::new() } else { format!(" in {} classes", grouped(self.classes.len())) };
        let cut = if self.is_cut { format!(" (only the first {} files were looked at)", grouped(MAX_FILES)) } else { String::new() };
        format!("{}, {pictures}{classes}{cut}, made {} × {}", self.kind.name(), image.width, image.height)
    }
}
