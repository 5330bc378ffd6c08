//! From IDX files to a data set.

use std::io::{self, Read};

use image::{DynamicImage, GrayImage, RgbImage};

use super::idx::IdxFile;
use super::{at, evenly, file_name, fit};
use crate::data::dataset::{DataError, Dataset, LoadReport, Values};
use crate::data::load::{capacity, zeroed};
use crate::data::monitor::Monitor;
use crate::data::words::{counted, grouped};
use crate::spec::{DataSpec, ImageSpec};

/// Pictures are read in blocks of about this many bytes.
const BLOCK_BYTES: usize = 8 << 20;

/// Loads the pictures of all files that have the shape of the first, or so many of them, evenly spread, as the memory limit allows.
pub(super) fn load(files: Vec<IdxFile>, spec: &DataSpec, seed: u64, monitor: &mut Monitor) -> Result<Dataset, DataError> {
    let shape = spec.shape();
    let mut report = LoadReport::default();
    let files = of_one_shape(files, &mut report);
    let labels = labels(&files, &mut report);
    let total = files.iter().map(|file| file.count).sum();
    let chosen = evenly(total, capacity(spec)?);
    let mut bytes = zeroed(chosen.len() * shape.values())?;
    monitor.expect(chosen.len())?;
    let (mut rest, mut chosen_rest, mut first) = (bytes.as_mut_slice(), chosen.as_slice(), 0);
    for file in &files {
        let here = chosen_rest.partition_point(|&index| index < first + file.count);
        let (now, later) = rest.split_at_mut(here * shape.values());
        let wanted: Vec<usize> = chosen_rest[..here].iter().map(|index| index - first).collect();
        read(file, &wanted, spec.image, now, monitor)?;
        (rest, chosen_rest, first) = (later, &chosen_rest[here..], first + file.count);
    }
    report.left_out = total - chosen.len();
    report.description = description(&files, chosen.len());
    let labels: Option<Vec<u16>> = labels.map(|labels| chosen.iter().map(|&index| u16::from(labels[index])).collect());
    let classes = labels.iter().flatten().max().map_or(0, |&last| last + 1);
    let class_names = (0..classes).map(|class| class.to_string()).collect();
    Dataset::new(shape, Values::Pictures(bytes), labels, class_names, report, spec.holdout, seed)
}

/// Leaves out, and names, the files whose pictures are not like those of the first.
fn of_one_shape(mut files: Vec<IdxFile>, report: &mut LoadReport) -> Vec<IdxFile> {
    let shape = |file: &IdxFile| (file.height, file.width, file.channels);
    let first = files.first().map(shape);
    files.retain(|file| {
        let is_alike = Some(shape(file)) == first;
        if !is_alike {
            report
                .skip(file_name(&file.path), format!("its pictures are {} × {}, unlike those of the first file", file.width, file.height));
        }
        is_alike
    });
    files
}

/// The labels of all pictures, if every file has labels that fit; labels that cannot be used are named.
fn labels(files: &[IdxFile], report: &mut LoadReport) -> Option<Vec<u8>> {
    let mut all = Some(Vec::new());
    for file in files {
        match file.labels() {
            Some((_, Ok(labels))) => all.iter_mut().for_each(|all| all.extend_from_slice(&labels)),
            Some((path, Err(reason))) => {
                report.skip(file_name(&path), reason);
                all = None;
            }
            None => all = None,
        }
    }
    all
}

/// Reads a file from its beginning to its end and makes the pictures whose indices are `wanted`, in order.
fn read(file: &IdxFile, wanted: &[usize], image: ImageSpec, mut out: &mut [u8], monitor: &mut Monitor) -> Result<(), DataError> {
    let mut reader = file.pictures()?;
    let size = file.picture_bytes();
    let out_size = image.colour.channels() * image.height * image.width;
    let mut block = vec![0; (BLOCK_BYTES / size).clamp(1, file.count) * size];
    let (mut first, mut wanted) = (0, wanted);
    while first < file.count {
        let now = (file.count - first).min(block.len() / size);
        let got = read_full(&mut reader, &mut block[..now * size]).map_err(|_| damaged(file))?;
        if got < now * size {
            return Err(file.cut(first + got / size));
        }
        let here = wanted.partition_point(|&index| index < first + now);
        let (out_now, out_later) = out.split_at_mut(here * out_size);
        monitor.fill(out_now, out_size, |place, out| {
            let start = (wanted[place] - first) * size;
            make(file, &block[start..start + size], image, out);
        })?;
        (out, wanted, first) = (out_later, &wanted[here..], first + now);
    }
    // The end of a packed file holds a checksum, which is compared when the end is reached.
    io::copy(&mut reader.take(BLOCK_BYTES as u64), &mut io::sink()).map_err(|_| damaged(file))?;
    Ok(())
}

fn damaged(file: &IdxFile) -> DataError {
    at(&file.path, "the file is damaged; fetch it again")
}

/// Fills `buffer` as far as the reader goes; gives back how far that was. The end of a packed file that was cut off is an end.
fn read_full(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match reader.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

/// One stored picture as the project wants it.
fn make(file: &IdxFile, stored: &[u8], image: ImageSpec, out: &mut [u8]) {
    let is_same = (file.width, file.height, file.channels) == (image.width, image.height, image.colour.channels());
    if is_same && file.channels == 1 {
        return out.copy_from_slice(stored);
    }
    let (width, height) = (file.width as u32, file.height as u32);
    let picture = match file.channels {
        1 => GrayImage::from_raw(width, height, stored.to_vec()).map(DynamicImage::ImageLuma8),
        _ => RgbImage::from_raw(width, height, stored.to_vec()).map(DynamicImage::ImageRgb8),
    };
    if let Some(picture) = picture {
        fit::fit(picture, image, out);
    }
}

fn description(files: &[IdxFile], count: usize) -> String {
    let pictures = counted(count, "picture", "pictures");
    let names: Vec<String> = files.iter().map(|file| file_name(&file.path)).collect();
    let Some(first) = files.first() else { return pictures };
    let colour = if first.channels == 1 { "grey" } else { "colour" };
    let order = if files.len() > 1 { format!("from {} files, in this order: ", grouped(files.len())) } else { "from ".to_owned() };
    format!("IDX, {pictures} of {} × {} {colour} {order}{}", first.width, first.height, names.join(", "))
}
