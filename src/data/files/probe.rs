//! A quick look at a path, so that the window can propose what to make of it.

use std::collections::BTreeMap;
use std::path::Path;

use super::album::Album;
use super::idx::IdxFile;
use super::{Opened, evenly, open, picture};
use crate::data::dataset::DataError;
use crate::data::words::counted;
use crate::spec::{Colour, DataSpec, Fit, ImageSpec, Source};

/// So many pictures are looked at.
const SAMPLES: usize = 24;
/// Pictures stored as colour are decoded to see whether they have any, if they take no more than this.
const SMALL_BYTES: u64 = 4 << 20;
/// The channels of a grey pixel differ by no more than this, which is what JPEG adds.
const GREY_TOLERANCE: u8 = 8;

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// MNIST's format.
    Idx,
    /// A folder of pictures.
    Folder,
    /// A `.zip` of pictures.
    Zip,
    /// One picture.
    Picture,
}

impl Kind {
    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idx => "IDX",
            Self::Folder => "folder",
            Self::Zip => "zip",
            Self::Picture => "picture",
        }
    }
}

/// What a quick look at a path found. The pictures were not decoded, so some of them may turn out to be unusable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What the path is.
    pub kind: Kind,
    /// How many pictures it seems to hold.
    pub count: usize,
    /// Columns of most of the pictures looked at.
    pub width: usize,
    /// Rows of most of the pictures looked at.
    pub height: usize,
    /// Are all pictures looked at grey?
    pub is_grey: bool,
    /// How many classes it has; 0 where it has none, or where only loading can tell.
    pub classes: usize,
}

/// Looks at a path: what it is, how many pictures it seems to hold and of what size. Takes about as long as listing its files.
///
/// # Errors
/// The path cannot be read, or holds no picture that can, in words.
pub fn probe(path: &Path) -> Result<Probe, DataError> {
    match open(path, &|| Ok(()))? {
        Opened::Idx(files) => Ok(probe_idx(&files)),
        Opened::Album(album) => probe_album(path, &album),
    }
}

/// A path with the picture size and colour that suit what it holds, a tenth held out, and 2 GiB of memory at most.
///
/// # Errors
/// As [`probe`].
pub fn spec_for_path(path: &Path) -> Result<DataSpec, DataError> {
    let image = probe(path)?.suggested_image_spec();
    Ok(DataSpec { source: Source::Path(path.to_owned()), image, holdout: 0.1, memory_limit_mib: 2048 })
}

impl Probe {
    /// What to make of the pictures: IDX stays as it is; others become 28 or 32 pixels wide and high if they are no larger, else 64.
    pub fn suggested_image_spec(&self) -> ImageSpec {
        let colour = if self.is_grey { Colour::Grey } else { Colour::Rgb };
        let largest = self.width.max(self.height);
        let (width, height) = match (self.kind, largest) {
            (Kind::Idx, 0..=64) => (self.width, self.height),
            (_, 0..=28) => (28, 28),
            (_, 29..=32) => (32, 32),
            _ => (64, 64),
        };
        ImageSpec { width, height, colour, fit: Fit::Crop }
    }

    /// In a few words: `folder, 4,998 pictures of about 178 × 218, colour, 10 classes`.
    pub fn description(&self) -> String {
        let about = if self.kind == Kind::Idx || self.count == 1 { "" } else { "about " };
        let colour = if self.is_grey { "grey" } else { "colour" };
        let classes = if self.classes > 0 { format!(", {}", counted(self.classes, "class", "classes")) } else { String::new() };
        let pictures = counted(self.count, "picture", "pictures");
        format!("{}, {pictures} of {about}{} × {}, {colour}{classes}", self.kind.name(), self.width, self.height)
    }
}

fn probe_idx(files: &[IdxFile]) -> Probe {
    let shape = files.first().map_or((0, 0, 1), |file| (file.height, file.width, file.channels));
    let alike = files.iter().filter(|file| (file.height, file.width, file.channels) == shape);
    let count = alike.map(|file| file.count).sum();
    Probe { kind: Kind::Idx, count, width: shape.1, height: shape.0, is_grey: shape.2 == 1, classes: 0 }
}

fn probe_album(path: &Path, album: &Album) -> Result<Probe, DataError> {
    let mut sizes: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    let (mut is_grey, mut first_reason) = (true, None);
    for index in evenly(album.names.len(), SAMPLES) {
        let looked_at = album.shelf.read(index).and_then(|bytes| Ok((picture::header(&bytes)?, bytes)));
        match looked_at {
            Ok((header, bytes)) => {
                *sizes.entry((header.width, header.height)).or_default() += 1;
                is_grey = is_grey && (header.is_grey || (header.decoded_bytes <= SMALL_BYTES && is_grey_inside(bytes)));
            }
            Err(reason) => first_reason = first_reason.or(Some(reason)),
        }
    }
    // Of sizes that are equally frequent, the largest.
    let Some((width, height)) = sizes.into_iter().max_by_key(|&(size, count)| (count, size)).map(|(size, _)| size) else {
        return Err(album.nothing_usable(path, &first_reason.unwrap_or_default()));
    };
    let (width, height) = (width as usize, height as usize);
    Ok(Probe { kind: album.kind, count: album.names.len(), width, height, is_grey, classes: album.classes.len() })
}

/// Is a picture grey although it is stored as colour?
fn is_grey_inside(bytes: Vec<u8>) -> bool {
    let Ok(picture) = picture::decode(bytes) else { return false };
    picture.to_rgb8().pixels().all(|pixel| {
        let [r, g, b] = pixel.0;
        r.max(g).max(b) - r.min(g).min(b) <= GREY_TOLERANCE
    })
}
