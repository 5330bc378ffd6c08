//! Sources made in code. Sample `i` is a pure function of `(seed, i)`.

mod canvas;
mod digits;
// Tables of points, many to a line.
#[rustfmt::skip]
mod glyphs;
mod points;
mod shapes;

use canvas::Canvas;
pub use points::modes;

use super::dataset::{DataError, Dataset, LoadReport, Values};
use super::load::{capacity, zeroed};
use super::monitor::Monitor;
use super::words::{counted, grouped};
use crate::spec::{Builtin, DataSpec};

/// How many pictures a built-in source has.
const PICTURES: usize = 10_000;

/// Makes the samples of a built-in source.
pub(super) fn load(builtin: Builtin, spec: &DataSpec, seed: u64, monitor: &mut Monitor) -> Result<Dataset, DataError> {
    if builtin.is_points() { load_points(builtin, spec, seed, monitor) } else { load_pictures(builtin, spec, seed, monitor) }
}

fn load_points(builtin: Builtin, spec: &DataSpec, seed: u64, monitor: &mut Monitor) -> Result<Dataset, DataError> {
    monitor.expect(points::POINTS)?;
    let (points, labels) = points::points(builtin, seed);
    monitor.advance(points.len())?;
    let report = LoadReport { description: format!("{}, {} points", builtin.name(), grouped(points.len())), ..LoadReport::default() };
    Dataset::new(spec.shape(), Values::Points(points), Some(labels), points::class_names(builtin), report, spec.holdout, seed)
}

/// Draws at the size the project asks for, so that digits are as crisp at 64 x 64 as at 28 x 28.
fn load_pictures(builtin: Builtin, spec: &DataSpec, seed: u64, monitor: &mut Monitor) -> Result<Dataset, DataError> {
    let shape = spec.shape();
    let count = capacity(spec)?.min(PICTURES);
    let mut bytes = zeroed(count * shape.values())?;
    monitor.expect(count)?;
    let labels = monitor.fill(&mut bytes, shape.values(), |index, out| {
        let canvas = Canvas::new(spec.image);
        match builtin {
            Builtin::Shapes => shapes::draw(seed, index as u64, canvas, out),
            _ => digits::draw(seed, index as u64, canvas, out),
        }
    })?;
    let class_names = if builtin == Builtin::Shapes { shapes::class_names() } else { digits::class_names() };
    let description = format!("{}, {} of {} × {}", builtin.name(), counted(count, "picture", "pictures"), shape.width, shape.height);
    let report = LoadReport { description, left_out: PICTURES - count, ..LoadReport::default() };
    Dataset::new(shape, Values::Pictures(bytes), Some(labels), class_names, report, spec.holdout, seed)
}
