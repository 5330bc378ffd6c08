//! MNIST's IDX format: a header of big-endian numbers, then bytes. Plain or within `.gz`.
//!
//! `00 00 08 03`, count, rows, columns, then the pictures one after the other. Rank 4 adds channels, which come last; labels are of
//! rank 1. A header is believed only as far as the file's length allows.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::{at, names, unreadable};
use crate::data::dataset::DataError;
use crate::data::words::grouped;

/// A picture may be this wide and this high.
const MAX_SIDE: u32 = 16_384;
/// The type of unsigned bytes, the only one that pictures and labels come in.
const BYTES: u8 = 8;
/// One byte packed by deflate holds at most about this many.
const MOST_UNPACKED: u64 = 1032;

/// A file of pictures whose header was checked.
#[derive(Clone, Debug)]
pub(super) struct IdxFile {
    pub(super) path: PathBuf,
    pub(super) count: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    /// 1 or 3; colour is stored pixel by pixel.
    pub(super) channels: usize,
}

/// Is this one of the usual names of a file of pictures, such as `t10k-images-idx3-ubyte.gz`?
pub(super) fn is_named_like_images(name: &str) -> bool {
    let key = key(name);
    key.contains("-idx3") || key.contains("-idx4")
}

/// Does the name of a file say that it is IDX?
pub(super) fn is_named_like_idx(name: &str) -> bool {
    key(name).contains("-idx")
}

/// The files of pictures among `all`, training first. Of a file that is there packed and unpacked, or in both spellings, one is taken.
pub(super) fn image_files(all: &[String]) -> impl Iterator<Item = &String> {
    let images = all.iter().filter(|name| is_named_like_images(name) && !names::may_be_picture(name));
    let mut images: Vec<_> = images.map(|name| (!key(name).contains("train"), key(name), name.len(), name)).collect();
    // Among equal keys the shortest name comes first, which is the unpacked one.
    images.sort_unstable();
    images.dedup_by(|a, b| a.1 == b.1);
    images.into_iter().map(|(.., name)| name)
}

/// The name of a file without its folders, in one spelling, whether it is packed or not.
fn key(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name).to_lowercase().replace(".idx", "-idx");
    file.strip_suffix(".gz").map(str::to_owned).unwrap_or(file)
}

impl IdxFile {
    /// Reads and checks the header of a file of pictures.
    ///
    /// # Errors
    /// It is no such file, its header makes no sense, or the file cannot hold what the header promises.
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        let mut reader = reader(path).map_err(|error| unreadable(path, &error))?;
        let dimensions = dimensions(&mut reader, path)?;
        let [count, height, width, channels] = match *dimensions.as_slice() {
            [_] => return Err(at(path, "the file holds labels; choose the file of pictures, whose name says images")),
            [count, height, width] => [count, height, width, 1],
            [count, height, width, channels @ (1 | 3)] => [count, height, width, channels],
            [.., channels] => return Err(at(path, format!("the file's pictures have {channels} channels, and only 1 or 3 can be read"))),
            [] => return Err(at(path, DAMAGED)),
        };
        if count == 0 {
            return Err(at(path, "the file holds no pictures; choose another"));
        }
        if ![height, width].iter().all(|side| (1..=MAX_SIDE).contains(side)) {
            return Err(at(path, format!("the file claims pictures of {width} × {height}, so it seems damaged; fetch it again")));
        }
        let [count, height, width, channels] = [count, height, width, channels].map(|number| number as usize);
        let file = Self { path: path.to_owned(), count, height, width, channels };
        file.check_len(4 + 4 * dimensions.len() as u64)?;
        Ok(file)
    }

    /// The bytes of one picture.
    pub(super) fn picture_bytes(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// A reader that stands before the first picture.
    pub(super) fn pictures(&self) -> Result<Box<dyn Read>, DataError> {
        let mut reader = reader(&self.path).map_err(|error| unreadable(&self.path, &error))?;
        dimensions(&mut reader, &self.path)?;
        Ok(reader)
    }

    /// The error for a file that ends after so many pictures.
    pub(super) fn cut(&self, pictures: usize) -> DataError {
        let (promised, held) = (grouped(self.count), grouped(pictures));
        let size = format!("{} × {}", self.width, self.height);
        at(&self.path, format!("the file promises {promised} pictures of {size} but ends after {held}; it is incomplete: fetch it again"))
    }

    /// Can the file hold what its header promises? Whether a packed one does shows only when it is unpacked.
    fn check_len(&self, header_bytes: u64) -> Result<(), DataError> {
        let len = fs::metadata(&self.path).map_err(|error| unreadable(&self.path, &error))?.len();
        let is_packed = is_packed(&self.path).map_err(|error| unreadable(&self.path, &error))?;
        let most = if is_packed { len.saturating_mul(MOST_UNPACKED) } else { len };
        let holds = most.saturating_sub(header_bytes) / self.picture_bytes() as u64;
        if holds < self.count as u64 { Err(self.cut(holds as usize)) } else { Ok(()) }
    }

    /// The labels in the file beside this one, or why they cannot be used; `None` where there is no such file.
    pub(super) fn labels(&self) -> Option<(PathBuf, Result<Vec<u8>, String>)> {
        let path = labels_beside(&self.path)?;
        let labels = read_labels(&path, self.count);
        Some((path, labels))
    }
}

const DAMAGED: &str = "the file does not begin as an IDX file does; it may be damaged: fetch it again";

/// Begins like `t10k-labels-idx1-ubyte` where the pictures are `t10k-images-idx3-ubyte`; packed or not, in either spelling.
fn labels_beside(images: &Path) -> Option<PathBuf> {
    let name = images.file_name()?.to_str()?;
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let name = name.replace("images", "labels").replace("idx3", "idx1").replace("idx4", "idx1");
    let spellings = [name.clone(), name.replace(".idx1", "-idx1"), name.replace("-idx1", ".idx1")];
    let candidates = spellings.iter().flat_map(|name| [name.clone(), format!("{name}.gz")]);
    candidates.map(|name| images.with_file_name(name)).find(|path| path != images && path.is_file())
}

fn read_labels(path: &Path, pictures: usize) -> Result<Vec<u8>, String> {
    let words = |error: io::Error| format!("the labels cannot be read ({error})");
    let mut reader = reader(path).map_err(words)?;
    let count = match dimensions(&mut reader, path).map_err(|error| error.0)?.as_slice() {
        &[count] => count as usize,
        _ => return Err("the file holds no labels".to_owned()),
    };
    if count != pictures {
        return Err(format!("it has {} labels for {} pictures", grouped(count), grouped(pictures)));
    }
    let mut labels = Vec::new();
    reader.take(count as u64).read_to_end(&mut labels).map_err(words)?;
    if labels.len() < count {
        return Err(format!("it promises {} labels but ends after {}", grouped(count), grouped(labels.len())));
    }
    Ok(labels)
}

fn is_packed(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(2).read_to_end(&mut start)?;
    Ok(start == [0x1f, 0x8b])
}

/// The content of a file, unpacked if it is packed.
fn reader(path: &Path) -> io::Result<Box<dyn Read>> {
    let file = BufReader::with_capacity(1 << 16, File::open(path)?);
    Ok(if is_packed(path)? { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

/// The dimensions in a header; the reader stands behind it afterwards.
fn dimensions(reader: &mut dyn Read, path: &Path) -> Result<Vec<u32>, DataError> {
    let mut read = || {
        let mut bytes = [0; 4];
        reader
            .read_exact(&mut bytes)
            .map(|()| bytes)
            .map_err(|_| at(path, "the file ends within its header; it is incomplete: fetch it again"))
    };
    match read()? {
        [0, 0, BYTES, rank @ 1..=4] => (0..rank).map(|_| read().map(u32::from_be_bytes)).collect(),
        [0, 0, BYTES, rank] => Err(at(path, format!("the file has {rank} dimensions; pictures have 3 or 4"))),
        [0, 0, 9 | 0xb | 0xc | 0xd | 0xe, _] => Err(at(path, "the file holds larger numbers than bytes, and only bytes can be read")),
        _ => Err(at(path, DAMAGED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_comes_first_and_each_file_once() {
        let names: Vec<String> = [
            "a/t10k-images-idx3-ubyte.gz",
            "a/t10k-labels-idx1-ubyte.gz",
            "a/train-images.idx3-ubyte",
            "b/train-images-idx3-ubyte.gz",
            "a/train-images-idx3-ubyte",
            "readme.txt",
            "photo-idx3.png",
        ]
        .map(str::to_owned)
        .into();
        let images: Vec<_> = image_files(&names).collect();
        assert_eq!(images.len(), 2);
        assert!(images[0].contains("train") && !images[0].ends_with(".gz"));
        assert_eq!(images[1], "a/t10k-images-idx3-ubyte.gz");
    }
}
