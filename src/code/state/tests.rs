//! Files that PyTorch saved, and files that nobody would.

use std::time::{Duration, Instant};

use rand::RngExt as _;

use super::*;
use crate::code::write::weights::wanted;
use crate::random::{Purpose, stream};
use crate::spec::{Layer, Preset, Project, Role, Shape, Stack};

/// `torch.save(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)).state_dict(), path)` by PyTorch 2, with the weights
/// `arange(6).reshape(2, 3).T`, which does not lie row by row, and `[7, 8, 9]` as the bias.
const SAVED: &[u8] = include_bytes!("../../../tests/reference/state_dict.pt");

fn project(layers: impl IntoIterator<Item = Layer>) -> Project {
    let mut project = Preset::from_name("mlp").unwrap().project();
    project.generator = Stack::new(Shape::vector(2), layers);
    project
}

fn small() -> Project {
    project([Layer::dense(3), Layer::batch_norm(), Layer::dense(2)])
}

#[test]
fn what_pytorch_saves_is_read_with_strides() {
    let saved = read(SAVED).unwrap();
    let names: Vec<&str> = saved.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"]);
    assert_eq!(saved[0].1, TensorValues { shape: vec![3, 2], values: vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0] });
    assert_eq!(saved[1].1.values, [7.0, 8.0, 9.0]);
}

#[test]
fn other_names_are_matched_by_order_and_shape() {
    let fitted = fit(&small(), Role::Generator, &["generator"], &read(SAVED).unwrap()).unwrap();
    assert_eq!(fitted.taken, 6);
    // Here a dense layer's weights are `[inputs, units]`.
    assert_eq!(fitted.numbers["1.weight"], TensorValues { shape: vec![2, 3], values: vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0] });
    assert_eq!(fitted.misfits, ["generator, layer 3 (Dense): the file has no more tensors"]);
}

#[test]
fn what_does_not_fit_is_said_layer_by_layer() {
    let other = project([Layer::dense(4), Layer::batch_norm(), Layer::dense(2)]);
    let error = fit(&other, Role::Generator, &["generator"], &read(SAVED).unwrap()).unwrap_err().to_string();
    let wanted = "nothing in the file fits the generator: generator, layer 1 (Dense): its bias is 4, but that of the file's 0 is 3";
    assert_eq!(error, wanted);
    let normed = project([Layer::dense(3).with_spectral_norm(), Layer::batch_norm(), Layer::dense(2)]);
    let fitted = fit(&normed, Role::Generator, &["generator"], &read(SAVED).unwrap()).unwrap();
    assert_eq!(fitted.misfits[0], "generator, layer 1 (Dense): it wants a weight_orig, which the file's 0 does not have");
    assert_eq!(fitted.taken, 4);
}

#[test]
fn what_is_exported_is_found_again_by_its_names() {
    let project = small();
    let wanted = wanted(&project, Role::Generator).unwrap();
    let saved: Vec<Saved> = wanted
        .iter()
        .enumerate()
        .map(|(index, tensor)| {
            let values = (0..tensor.shape.iter().product::<usize>()).map(|value| (index * 100 + value) as f32).collect();
            (format!("average.{}", tensor.name), TensorValues { shape: tensor.shape.clone(), values })
        })
        .rev()
        .collect();
    let fitted = fit(&project, Role::Generator, &["average", "generator"], &saved).unwrap();
    assert_eq!((fitted.taken, fitted.misfits.len()), (wanted.len(), 0));
    assert_eq!(fitted.numbers["3.weight"].shape, [3, 2]);
}

#[test]
fn files_that_nobody_saved_end_soon_and_in_words() {
    let rng = &mut stream(3, Purpose::Synthetic, 0);
    let mut read_well = 0;
    for _ in 0..1500 {
        let mut bytes = SAVED.to_vec();
        for _ in 0..rng.random_range(1..6) {
            let at = rng.random_range(0..bytes.len());
            bytes[at] = rng.random();
        }
        bytes.truncate(rng.random_range(bytes.len() / 2..=bytes.len()));
        let begun = Instant::now();
        match read(&bytes) {
            Ok(_) => read_well += 1,
            Err(why) => assert!(why.contains(' '), "{why}"),
        }
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
    assert!(read_well < 1500);
}

#[test]
fn pickles_that_nobody_wrote_end_soon_and_in_words() {
    let rng = &mut stream(4, Purpose::Synthetic, 0);
    let codes = b".(qrhjXKMJGN)tc}]usaebRQ0\x80\x81\x85\x86\x87\x88\x89\x8a\x8c\x93\x94\x95";
    for _ in 0..20_000 {
        let count = rng.random_range(0..200);
        let bytes: Vec<u8> = (0..count)
            .map(|_| if rng.random_range(0..3) == 0 { rng.random_range(0..6) } else { codes[rng.random_range(0..codes.len())] })
            .collect();
        let _ = pickle::load(&bytes);
    }
    // Nested as deep as it is long, and a dictionary within itself.
    let deep = [b"\x80\x02)".as_slice(), &[0x85].repeat(1_000_000), b"."].concat();
    assert!(pickle::load(&deep).is_ok());
    let own = [b"\x80\x02}q\x00(".as_slice(), &b"K\x01h\x00".repeat(50), b"u."].concat();
    assert!(pickle::load(&own).is_ok());
}
