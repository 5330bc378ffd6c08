//! Sources as a person has them: MNIST, folders, archives.

#![expect(clippy::unwrap_used, reason = "a failed test is a panic")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ganvas::data::{Batches, DataError, Dataset, Kind, LoadProgress, Values, load, probe, spec_for_path};
use ganvas::spec::{Builtin, Colour, DataSpec, Fit, ImageSpec, Source, builtin_data};
use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use rayon::prelude::*;

fn load_spec(spec: &DataSpec) -> Result<Dataset, DataError> {
    load(spec, 1, &mut |_| (), &AtomicBool::new(false))
}

/// A path as pictures of `width` x `height`, nothing held out.
fn spec(path: &Path, width: usize, height: usize, colour: Colour) -> DataSpec {
    let image = ImageSpec { width, height, colour, fit: Fit::Crop };
    DataSpec { source: Source::Path(path.to_owned()), image, holdout: 0.0, memory_limit_mib: 64 }
}

fn bytes(dataset: &Dataset) -> &[u8] {
    match dataset.values() {
        Values::Pictures(bytes) => bytes,
        Values::Points(_) => panic!("these are points"),
    }
}

/// A file beside the project that is there for tests and not part of it.
fn shared(name: &str) -> Option<PathBuf> {
    // Cargo runs tests in the package's folder. Where that was at build time says nothing: builds are shared between checkouts.
    let path = Path::new("../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: there is no {}", path.display());
    None
}

/// An IDX file of bytes.
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

fn save(path: &Path, shade: u8, format: ImageFormat) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    RgbImage::from_pixel(20, 20, Rgb([shade, 0, 255 - shade])).save_with_format(path, format).unwrap();
}

#[test]
fn mnist_is_read_as_it_is() {
    let Some(folder) = shared("mnist") else { return };
    for path in [folder.clone(), folder.join("t10k-images-idx3-ubyte.gz")] {
        let mut spec = spec_for_path(&path).unwrap();
        assert_eq!(spec.image, ImageSpec { width: 28, height: 28, colour: Colour::Grey, fit: Fit::Crop });
        spec.holdout = 0.0;
        let dataset = load_spec(&spec).unwrap();
        assert_eq!(dataset.len(), 10_000);
        let labels: Vec<_> = (0..5).map(|index| dataset.label(index).unwrap()).collect();
        assert_eq!(labels, [7, 2, 1, 0, 4]);
        assert_eq!(dataset.class_names(), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
        // Sums of the bytes of single pictures and of all, made by another program.
        let sum = |index: usize| bytes(&dataset)[index * 784..(index + 1) * 784].iter().map(|&byte| u64::from(byte)).sum::<u64>();
        assert_eq!([sum(0), sum(1), sum(2), sum(9999)], [18_454, 28_850, 9_871, 41_833]);
        assert_eq!((0..10_000).map(sum).sum::<u64>(), 264_923_200);
        let mut of_class = [0; 10];
        (0..10_000).for_each(|index| of_class[usize::from(dataset.label(index).unwrap())] += 1);
        assert_eq!(of_class, [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    }
}

#[test]
fn cifar_is_read_from_its_archive() {
    let Some(path) = shared("cifar10-5k.zip") else { return };
    let found = probe(&path).unwrap();
    assert_eq!((found.kind, found.count, found.width, found.height), (Kind::Zip, 5000, 32, 32));
    assert_eq!((found.is_grey, found.classes), (false, 10));
    let dataset = load_spec(&spec_for_path(&path).unwrap()).unwrap();
    assert_eq!((dataset.len(), dataset.shape().to_string().as_str()), (5000, "3 × 32 × 32"));
    assert_eq!(dataset.train().len(), 4500);
    assert_eq!(dataset.class_names()[..3], ["airplane", "automobile", "bird"]);
    assert_eq!(dataset.report().skipped_count, 0);
    // The published mean of CIFAR-10's training pictures is 0.4914, 0.4822, 0.4465.
    for (channel, published) in [0.4914, 0.4822, 0.4465].into_iter().enumerate() {
        let values = bytes(&dataset).chunks_exact(1024).skip(channel).step_by(3).flatten();
        let mean = values.map(|&byte| f64::from(byte)).sum::<f64>() / (5000.0 * 1024.0 * 255.0);
        assert!((mean - published).abs() < 0.02, "channel {channel}: {mean}");
    }
}

#[test]
fn digits_made_in_code_resemble_mnist() {
    let Some(path) = shared("mnist") else { return };
    let real = load_spec(&spec(&path, 28, 28, Colour::Grey)).unwrap();
    let made = load_spec(&builtin_data(Builtin::Digits)).unwrap();
    let moments = |dataset: &Dataset| {
        let count = bytes(dataset).len() as f64;
        let mean = bytes(dataset).iter().map(|&byte| f64::from(byte)).sum::<f64>() / count;
        let variance = bytes(dataset).iter().map(|&byte| (f64::from(byte) - mean).powi(2)).sum::<f64>() / count;
        [mean / 255.0, variance.sqrt() / 255.0]
    };
    for (made, real) in moments(&made).into_iter().zip(moments(&real)) {
        assert!((made - real).abs() < 0.01, "{made}, not {real}");
    }
    // Whoever has only seen digits made in code and takes the most similar one as the answer reads most of MNIST.
    let distance = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(&a, &b)| u32::from(a.abs_diff(b)).pow(2)).sum::<u32>();
    let asked: Vec<usize> = (0..10_000).step_by(25).collect();
    let right = asked.par_iter().filter(|&&index| {
        let picture = &bytes(&real)[index * 784..(index + 1) * 784];
        let nearest = bytes(&made).chunks_exact(784).enumerate().min_by_key(|(_, other)| distance(picture, other)).unwrap().0;
        made.label(nearest as u32) == real.label(index as u32)
    });
    let share = right.count() as f64 / asked.len() as f64;
    eprintln!("{share} of MNIST are read by their nearest digit made in code");
    assert!(share > 0.8, "{share}");
}

#[test]
fn idx_comes_in_both_spellings_packed_and_in_colour() {
    let folder = tempfile::tempdir().unwrap();
    let colour: Vec<u8> = (0..2 * 2 * 3 * 3).collect();
    for (name, pack) in [("some-images-idx4-ubyte", false), ("some-images.idx4-ubyte.gz", true), ("of no name", true)] {
        let path = folder.path().join(name);
        let file = idx(&[2, 2, 3, 3], &colour);
        fs::write(&path, if pack { packed(&file) } else { file }).unwrap();
        let found = probe(&path).unwrap();
        assert_eq!((found.kind, found.count, found.width, found.height, found.is_grey), (Kind::Idx, 2, 3, 2, false));
        let dataset = load_spec(&spec(&path, 3, 2, Colour::Rgb)).unwrap();
        // Stored pixel by pixel, kept channel by channel.
        assert_eq!(bytes(&dataset)[..18], [0, 3, 6, 9, 12, 15, 1, 4, 7, 10, 13, 16, 2, 5, 8, 11, 14, 17]);
        assert_eq!(dataset.label(0), None);
    }
}

#[test]
fn all_idx_files_of_a_folder_are_used_and_training_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw");
    fs::create_dir(&raw).unwrap();
    fs::write(raw.join("t10k-images-idx3-ubyte"), idx(&[1, 2, 2], &[9; 4])).unwrap();
    fs::write(raw.join("t10k-labels-idx1-ubyte"), idx(&[1], &[3])).unwrap();
    let train = idx(&[2, 2, 2], &[1, 1, 1, 1, 2, 2, 2, 2]);
    fs::write(raw.join("train-images.idx3-ubyte.gz"), packed(&train)).unwrap();
    fs::write(raw.join("train-images-idx3-ubyte"), train).unwrap();
    fs::write(raw.join("train-labels.idx1-ubyte"), idx(&[2], &[0, 1])).unwrap();
    fs::write(raw.join("zoo-images-idx3-ubyte"), idx(&[1, 1, 1], &[7])).unwrap();
    let dataset = load_spec(&spec(folder.path(), 2, 2, Colour::Grey)).unwrap();
    assert_eq!(bytes(&dataset), [[1; 4], [2; 4], [9; 4]].concat());
    assert_eq!([0, 1, 2].map(|index| dataset.label(index)), [Some(0), Some(1), Some(3)]);
    assert_eq!(dataset.class_names().len(), 4);
    assert_eq!(dataset.report().skipped[0].name, "zoo-images-idx3-ubyte");
    assert!(dataset.report().description.contains("3 pictures of 2 × 2"), "{}", dataset.report().description);
}

#[test]
fn idx_is_resized_where_the_project_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flat-images-idx3-ubyte");
    fs::write(&path, idx(&[3, 4, 4], &[[10; 16], [20; 16], [30; 16]].concat())).unwrap();
    let dataset = load_spec(&spec(&path, 8, 6, Colour::Rgb)).unwrap();
    assert_eq!(bytes(&dataset), [[10; 144], [20; 144], [30; 144]].concat());
}

#[test]
fn folders_are_classes_and_pictures_are_told_by_content() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    save(&at("Äpfel/1.png"), 200, ImageFormat::Png);
    save(&at("Äpfel/really a jpeg.png"), 200, ImageFormat::Jpeg);
    save(&at("梨/tief/unten.gif"), 10, ImageFormat::Gif);
    save(&at("梨/🍐.webp"), 10, ImageFormat::WebP);
    save(&at("梨/no ending"), 10, ImageFormat::Bmp);
    save(&at(".hidden/1.png"), 99, ImageFormat::Png);
    save(&at("梨/.1.png"), 99, ImageFormat::Png);
    fs::write(at("Äpfel/notes.txt"), "no picture").unwrap();
    let found = probe(folder.path()).unwrap();
    assert_eq!((found.kind, found.count, found.classes), (Kind::Folder, 5, 2));
    assert_eq!((found.width, found.height, found.is_grey), (20, 20, false));
    assert_eq!(found.suggested_image_spec().width, 28);
    let dataset = load_spec(&spec(folder.path(), 8, 8, Colour::Rgb)).unwrap();
    assert_eq!((dataset.len(), dataset.report().skipped_count), (5, 0));
    assert_eq!(dataset.class_names(), ["Äpfel", "梨"]);
    assert_eq!([0, 1, 2, 3, 4].map(|index| dataset.label(index).unwrap()), [0, 0, 1, 1, 1]);
    // Red is 200 in apples and 10 in pears; JPEG and GIF may be a little off.
    for (index, picture) in bytes(&dataset).chunks_exact(192).enumerate() {
        let red = if index < 2 { 200_u8 } else { 10 };
        assert!(picture[..64].iter().all(|value| value.abs_diff(red) <= 3), "picture {index}: {:?}", &picture[..8]);
    }
}

#[test]
fn an_archive_is_read_like_the_folder_in_it() {
    let folder = tempfile::tempdir().unwrap();
    save(&folder.path().join("a.png"), 7, ImageFormat::Png);
    let picture = fs::read(folder.path().join("a.png")).unwrap();
    let path = folder.path().join("an archive.bin");
    let mut writer = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for name in ["pets/Kätzchen/1.png", "pets/dog/1.png", "pets/dog/2.png", "__MACOSX/pets/dog/._1.png", "pets/.DS_Store", "../../out.txt"]
    {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(&picture).unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(probe(&path).unwrap().kind, Kind::Zip);
    let dataset = load_spec(&spec(&path, 8, 8, Colour::Rgb)).unwrap();
    assert_eq!((dataset.len(), dataset.report().skipped_count), (3, 0));
    assert_eq!(dataset.class_names(), ["Kätzchen", "dog"]);
}

#[test]
fn a_single_picture_is_a_data_set_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("only.png");
    GrayImage::from_fn(300, 200, |x, _| Luma([(x % 256) as u8])).save(&path).unwrap();
    let spec = spec_for_path(&path).unwrap();
    assert_eq!(spec.image, ImageSpec { width: 64, height: 64, colour: Colour::Grey, fit: Fit::Crop });
    let dataset = load_spec(&spec).unwrap();
    assert_eq!((dataset.len(), dataset.train().len()), (1, 1));
    assert_eq!(probe(&path).unwrap().description(), "picture, 1 picture of 300 × 200, grey");
}

#[test]
fn the_memory_limit_leaves_out_evenly_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let count = 3000_u32;
    let path = folder.path().join("many-images-idx3-ubyte");
    let data: Vec<u8> = (0..count).flat_map(|index| [(index / 12) as u8; 16]).collect();
    fs::write(&path, idx(&[count, 4, 4], &data)).unwrap();
    fs::write(folder.path().join("many-labels-idx1-ubyte"), idx(&[count], &vec![5; count as usize])).unwrap();
    // 1 MiB holds 1024 pictures of 32 x 32.
    let mut spec = spec(&path, 32, 32, Colour::Grey);
    spec.memory_limit_mib = 1;
    let dataset = load_spec(&spec).unwrap();
    assert_eq!((dataset.len(), dataset.report().left_out), (1024, 1976));
    assert!(bytes(&dataset).len() <= 1 << 20);
    let shades: Vec<u8> = bytes(&dataset).chunks_exact(1024).map(|picture| picture[0]).collect();
    assert!(shades.is_sorted());
    assert_eq!((shades[0], shades[512], shades[1023]), (0, 125, 249));
    spec.memory_limit_mib = 0;
    let error = load_spec(&spec).unwrap_err().to_string();
    assert!(error.contains("memory limit"), "{error}");
    let mut builtin = builtin_data(Builtin::Shapes);
    builtin.memory_limit_mib = 3;
    let dataset = load_spec(&builtin).unwrap();
    assert_eq!((dataset.len(), dataset.report().left_out), (1024, 8976));
}

#[test]
fn built_in_sources_are_functions_of_seed_and_index() {
    for builtin in Builtin::ALL {
        let mut spec = builtin_data(builtin);
        let load_with = |spec: &DataSpec, seed| load(spec, seed, &mut |_| (), &AtomicBool::new(false)).unwrap();
        let dataset = load_with(&spec, 7);
        assert_eq!(dataset, load_with(&spec, 7), "{}", builtin.name());
        assert_ne!(dataset.values(), load_with(&spec, 8).values(), "{}", builtin.name());
        assert_eq!(dataset.shape(), spec.shape());
        let last = (0..dataset.len() as u32).map(|index| dataset.label(index).unwrap()).max().unwrap();
        assert_eq!(usize::from(last) + 1, dataset.class_names().len(), "{}", builtin.name());
        if !builtin.is_points() {
            // Fewer samples are the same samples.
            spec.memory_limit_mib = 1;
            let fewer = load_with(&spec, 7);
            assert_eq!(bytes(&fewer), &bytes(&dataset)[..bytes(&fewer).len()], "{}", builtin.name());
        }
    }
}

#[test]
fn batches_never_show_what_is_held_out() {
    let mut spec = builtin_data(Builtin::Moons);
    spec.holdout = 0.25;
    let dataset = load_spec(&spec).unwrap();
    assert_eq!((dataset.train().len(), dataset.holdout().len()), (15_000, 5_000));
    let mut seen = vec![0; dataset.len()];
    let mut batches = Batches::new(&dataset, 1);
    for step in 0..300 {
        batches.indices(step * 100, 100).into_iter().for_each(|index| seen[index as usize] += 1);
    }
    assert!(dataset.train().iter().all(|&index| seen[index as usize] == 2));
    assert!(dataset.holdout().iter().all(|&index| seen[index as usize] == 0));
}

#[test]
fn progress_ends_at_all_and_a_cancelled_load_says_so() {
    let spec = builtin_data(Builtin::Digits);
    let mut said = Vec::new();
    load(&spec, 1, &mut |progress| said.push(progress), &AtomicBool::new(false)).unwrap();
    assert_eq!(said.first(), Some(&LoadProgress { done: 0, total: 10_000 }));
    assert_eq!(said.last(), Some(&LoadProgress { done: 10_000, total: 10_000 }));
    assert!(said.is_sorted_by_key(|progress| progress.done));
    let error = load(&spec, 1, &mut |_| (), &AtomicBool::new(true)).unwrap_err();
    assert!(error.is_cancelled() && error.to_string().contains("cancelled"));
    let cancel = AtomicBool::new(false);
    let mut stop_at_once = |_| cancel.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(load(&spec, 1, &mut stop_at_once, &cancel).unwrap_err().is_cancelled());
}
