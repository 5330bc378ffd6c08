//! Sources that are broken, lie about their size or were never pictures: each gives one clear sentence, and none a large allocation.
//!
//! The allocator of this test remembers the largest piece of memory anyone asked for.

#![expect(clippy::unwrap_used, reason = "a failed test is a panic")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ganvas::data::{DataError, Dataset, load, probe, spec_for_path};
use ganvas::spec::{Colour, DataSpec, Fit, ImageSpec, Source};
use image::{ImageFormat, Rgb, RgbImage};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

struct Remembering;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Remembering = Remembering;

#[expect(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: everything is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Remembering {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: see above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: see above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

static MIB: [u8; 1 << 20] = [0; 1 << 20];

/// A broken source in a folder of its own.
struct Broken {
    folder: TempDir,
}

impl Broken {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// An archive of these files; those whose names begin with `zeros` are 100 MiB larger than given.
    fn zip(&self, files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
            if name.starts_with("zeros") {
                (0..100).for_each(|_| writer.write_all(&MIB).unwrap());
            }
        }
        writer.finish().unwrap().into_inner()
    }
}

fn load_path(path: &Path) -> Result<Dataset, DataError> {
    let image = ImageSpec { width: 8, height: 8, colour: Colour::Grey, fit: Fit::Crop };
    let spec = DataSpec { source: Source::Path(path.to_owned()), image, holdout: 0.0, memory_limit_mib: 16 };
    load(&spec, 1, &mut |_| (), &AtomicBool::new(false))
}

/// Loading this path fails with one sentence that has all these words, ends with the path, and cost little memory.
fn fails(path: &Path, words: &[&str]) {
    let sentence = load_path(path).map(|dataset| dataset.len()).expect_err("it should not load").to_string();
    check_sentence(&sentence, path, words);
    // A quick look finds the same, or does not look so far; what it says is a sentence as well.
    if let Err(error) = probe(path) {
        check_sentence(&error.to_string(), path, &[]);
    }
}

fn check_sentence(sentence: &str, path: &Path, words: &[&str]) {
    eprintln!("{sentence}");
    for word in words {
        assert!(sentence.contains(word), "no \"{word}\" in: {sentence}");
    }
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    assert!(sentence.contains(&path.display().to_string()), "{sentence}");
    check_memory();
}

/// A file may have 64 MiB, and a growing buffer doubles.
fn check_memory() {
    let largest = LARGEST.load(Ordering::Relaxed) >> 20;
    assert!(largest <= 130, "{largest} MiB were asked for at once");
}

fn idx(dimensions: &[u32], data: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, dimensions.len() as u8];
    file.extend(dimensions.iter().flat_map(|dimension| dimension.to_be_bytes()));
    file.extend(data);
    file
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// Noise, so that packing does not shrink it.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}

fn picture(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_fn(64, 48, |x, y| Rgb([(x * 4) as u8, (y * 5) as u8, 90])).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A PNG that claims this size and holds next to nothing.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        [&(data.len() as u32).to_be_bytes()[..], kind, data, &crc.sum().to_be_bytes()].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(&[0; 1000]).unwrap();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &zlib.finish().unwrap()), chunk(b"IEND", b"")].concat()
}

/// Every place where `needle` stands in `bytes`.
fn places(bytes: &[u8], needle: &[u8]) -> Vec<usize> {
    (0..bytes.len()).filter(|&place| bytes[place..].starts_with(needle)).collect()
}

#[test]
fn paths_that_lead_nowhere() {
    let broken = Broken::new();
    fails(&broken.folder.path().join("missing"), &["no such file"]);
    fails(broken.folder.path(), &["no picture", "folder"]);
    fails(&broken.file("empty.png", []), &["empty"]);
    fails(&broken.file("letter.txt", "Dear Sir or Madam"), &["no picture", "choose another"]);
    fails(&broken.file("x-images-idx3-ubyte", "not idx at all"), &["does not begin", "fetch it again"]);
}

#[test]
fn idx_that_is_cut_or_lies() {
    let broken = Broken::new();
    let good = idx(&[100, 28, 28], &noise(78_400));
    fails(&broken.file("a", &good[..2]), &["no picture"]);
    fails(&broken.file("b", &good[..10]), &["ends within its header"]);
    fails(&broken.file("c", &good[..16 + 50 * 784 + 3]), &["promises 100 pictures", "ends after 50"]);
    fails(&broken.file("d", idx(&[1 << 31, 28, 28], &noise(1000))), &["promises 2,147,483,648", "ends after 1"]);
    fails(&broken.file("e", idx(&[u32::MAX, 16_384, 16_384], &[])), &["ends after 0"]);
    fails(&broken.file("f", idx(&[0, 28, 28], &[])), &["no pictures"]);
    fails(&broken.file("g", idx(&[5, 0, 28], &[])), &["28 × 0"]);
    fails(&broken.file("h", idx(&[1, 1 << 30, 1 << 30], &[])), &["1073741824 × 1073741824"]);
    fails(&broken.file("i", idx(&[5, 2, 2, 2], &[0; 40])), &["2 channels"]);
    fails(&broken.file("j", idx(&[5], &[0; 5])), &["labels", "images"]);
    fails(&broken.file("k", [&[0, 0, 0x0d, 3], &good[4..]].concat()), &["larger numbers than bytes"]);
    fails(&broken.file("l-idx3-ubyte", [&[0, 0, 0x77, 3], &good[4..]].concat()), &["does not begin"]);
    fails(&broken.file("m", idx(&[2, 2, 2, 2, 2], &[0; 32])), &["5 dimensions"]);
}

#[test]
fn packed_idx_that_is_cut_or_lies() {
    let broken = Broken::new();
    let good = packed(&idx(&[100, 28, 28], &noise(78_400)));
    fails(&broken.file("half.gz", &good[..good.len() / 2]), &["promises 100 pictures", "ends after 4", "incomplete"]);
    fails(&broken.file("start.gz", &good[..12]), &["ends within its header"]);
    let mut bent = good.clone();
    bent[40_000] ^= 0xff;
    bent[40_001] ^= 0xff;
    fails(&broken.file("bent.gz", bent), &["the file is damaged"]);
    fails(&broken.file("lie.gz", packed(&idx(&[1 << 31, 28, 28], &[0; 500]))), &["promises 2,147,483,648"]);
    fails(&broken.file("text.gz", packed(b"a letter, packed")), &["does not begin"]);
}

#[test]
fn labels_that_do_not_fit_are_left_and_named() {
    let broken = Broken::new();
    for (labels, reason) in [
        (idx(&[3], &[0, 1, 2]), "3 labels for 2 pictures"),
        (idx(&[2], &[0]), "promises 2 labels but ends after 1"),
        (idx(&[u32::MAX], &[0]), "4,294,967,295 labels"),
        (b"nothing".to_vec(), "does not begin"),
    ] {
        let images = broken.file("t10k-images-idx3-ubyte", idx(&[2, 8, 8], &[50; 128]));
        broken.file("t10k-labels-idx1-ubyte", labels);
        let dataset = load_path(&images).unwrap();
        assert_eq!((dataset.len(), dataset.label(0), dataset.class_names().len()), (2, None, 0));
        assert_eq!(dataset.report().skipped[0].name, "t10k-labels-idx1-ubyte");
        assert!(dataset.report().skipped[0].reason.contains(reason), "{}", dataset.report().skipped[0].reason);
    }
}

#[test]
fn bad_pictures_among_good_ones_are_skipped_and_named() {
    let broken = Broken::new();
    let (png, jpeg) = (picture(ImageFormat::Png), picture(ImageFormat::Jpeg));
    broken.file("1 good.png", &png);
    broken.file("2 text.png", "this is a text");
    broken.file("3 half.png", &png[..png.len() / 2]);
    broken.file("4 half.jpg", &jpeg[..jpeg.len() / 2]);
    broken.file("5 huge.png", png_header(20_000, 20_000));
    broken.file("6 bomb.png", png_header(16_000, 16_000));
    broken.file("7 empty.png", []);
    broken.file("8 scan.tiff", b"II*\0 and so on");
    broken.file("9 gut ü.jpg", &jpeg);
    let dataset = load_path(broken.folder.path()).unwrap();
    assert_eq!(dataset.len(), 2);
    let skipped = &dataset.report().skipped;
    for (skip, (name, reason)) in skipped.iter().zip([
        ("2 text.png", "no picture"),
        ("3 half.png", "damaged"),
        ("4 half.jpg", "damaged"),
        ("5 huge.png", "larger than 16384"),
        ("6 bomb.png", "too large"),
        ("7 empty.png", "no picture"),
        ("8 scan.tiff", "no picture"),
    ]) {
        assert_eq!(skip.name, name);
        assert!(skip.reason.contains(reason) && skip.reason.lines().count() == 1, "{name}: {}", skip.reason);
    }
    assert_eq!((skipped.len(), dataset.report().skipped_count), (7, 7));
    check_memory();
    // The two good ones are the same picture and stand where they belong.
    let [first, second] = [0, 1].map(|index| dataset.gather(&[index]));
    assert!(first.iter().zip(&second).all(|(a, b)| (a - b).abs() < 0.05));
}

#[test]
fn many_bad_pictures_are_counted_and_some_named() {
    let broken = Broken::new();
    (0..150).for_each(|index| drop(broken.file(&format!("{index:03}.png"), "no")));
    fails(broken.folder.path(), &["none of the 150 pictures", "000.png"]);
    broken.file("good.png", picture(ImageFormat::Png));
    let dataset = load_path(broken.folder.path()).unwrap();
    assert_eq!((dataset.len(), dataset.report().skipped.len(), dataset.report().skipped_count), (1, 100, 150));
}

#[test]
fn a_single_bad_picture() {
    let broken = Broken::new();
    let png = picture(ImageFormat::Png);
    fails(&broken.file("half.png", &png[..60]), &["damaged"]);
    fails(&broken.file("huge.png", png_header(20_000, 20_000)), &["larger than"]);
    fails(&broken.file("bomb.png", png_header(16_000, 16_000)), &["too large"]);
    assert!(spec_for_path(&broken.folder.path().join("huge.png")).is_err());
}

#[test]
fn archives_that_are_broken() {
    let broken = Broken::new();
    let png = picture(ImageFormat::Png);
    let good = broken.zip(&[("a.png", &png), ("b.png", &png)]);
    fails(&broken.file("half.zip", &good[..good.len() / 2]), &[".zip is damaged or incomplete", "again"]);
    fails(&broken.file("none.zip", broken.zip(&[])), &["no picture"]);
    fails(&broken.file("text.zip", broken.zip(&[("a.txt", b"a")])), &["no picture"]);
    fails(&broken.file("idx.zip", broken.zip(&[("raw/train-images-idx3-ubyte", b"a")])), &["unpack it"]);
    // The central directory's count of entries, set to 65,535.
    let mut many = good.clone();
    let end = places(&many, b"PK\x05\x06")[0];
    many[end + 8..end + 12].fill(0xff);
    fails(&broken.file("many.zip", many), &["again"]);
}

#[test]
fn archives_that_lie_about_sizes() {
    let broken = Broken::new();
    let png = picture(ImageFormat::Png);
    let files = [("good.png", &*png), ("huge.png", &png), ("locked.png", &png), ("zeros.png", &[]), ("zeros2.png", &[])];
    let mut archive = broken.zip(&files);
    for (name, patch) in [("huge.png", "size"), ("locked.png", "flag"), ("zeros2.png", "small")] {
        // A name stands behind its local header (30 bytes) and its central one (46 bytes).
        for (place, header) in places(&archive, name.as_bytes()).into_iter().zip([30, 46]) {
            let (flags, size) = if header == 30 { (place - 24, place - 8) } else { (place - 38, place - 22) };
            match patch {
                "size" => archive[size..size + 4].copy_from_slice(&0xffff_fff0_u32.to_le_bytes()),
                "small" => archive[size..size + 4].copy_from_slice(&1000_u32.to_le_bytes()),
                _ => archive[flags] |= 1,
            }
        }
    }
    let dataset = load_path(&broken.file("lies.zip", archive)).unwrap();
    assert_eq!(dataset.len(), 1);
    let reasons: Vec<_> = dataset.report().skipped.iter().map(|skip| (skip.name.as_str(), skip.reason.as_str())).collect();
    eprintln!("{reasons:?}");
    assert!(matches!(reasons[0], ("huge.png", reason) if reason.contains("4095 MiB")));
    assert!(matches!(reasons[1], ("locked.png", "it is encrypted")));
    assert!(matches!(reasons[2], ("zeros.png", reason) if reason.contains("100 MiB")));
    assert!(matches!(reasons[3], ("zeros2.png", reason) if reason.contains("cannot be unpacked")));
    check_memory();
}

#[test]
fn a_byte_changed_anywhere_is_an_error_or_a_data_set() {
    let broken = Broken::new();
    let png = picture(ImageFormat::Png);
    let idx = idx(&[20, 4, 4], &noise(320));
    for (name, good) in [("zip", broken.zip(&[("cat/a.png", &png), ("dog/b.png", &png)])), ("gz", packed(&idx)), ("idx", idx)] {
        let ends = (0..good.len()).step_by(1.max(good.len() / 200));
        for place in ends {
            for change in [0x01, 0x80, 0xff] {
                let mut bytes = good.clone();
                bytes[place] ^= change;
                let path = broken.file(name, bytes);
                if let Err(error) = load_path(&path) {
                    assert_eq!(error.to_string().lines().count(), 1, "byte {place}: {error}");
                }
                let _ = probe(&path);
            }
        }
    }
    check_memory();
}
