//! Every kind of layer, with its usual parameters and with drawn ones, on drawn shapes: what the spec says of it is what it does.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::{Named, Network, Pass};
use crate::device;
use crate::random::{self, Purpose, stream};
use crate::spec::{BlockNorm, Init, Layer, Padding, Resample, Role, Shape, Size, Slot, Stack, UpsampleMode, catalogue};

const BATCH: usize = 4;

/// Another value for a parameter: mostly a small one, sometimes one out of range.
fn draw(slot: &mut Slot<'_>, input: Shape, rng: &mut ChaCha8Rng) {
    fn pick<T: Copy>(rng: &mut ChaCha8Rng, all: &[T]) -> T {
        all[rng.random_range(0..all.len())]
    }
    let number = |rng: &mut ChaCha8Rng, low: usize, high: usize| {
        if rng.random_range(0..20) == 0 { high.saturating_add(1) } else { rng.random_range(low..=high.min(low + 4)) }
    };
    match slot {
        Slot::Count(value, range) => **value = number(rng, *range.start(), *range.end()),
        Slot::Size(size, range) => {
            size.height = number(rng, *range.start(), *range.end());
            size.width = number(rng, *range.start(), *range.end());
        }
        Slot::Float(value, range) => **value = range.start() + (range.end() - range.start()) * rng.random::<f32>(),
        Slot::Flag(value) => **value = rng.random(),
        Slot::Shape(shape) => **shape = Shape::new(input.channels * input.height, 1, rng.random_range(1..=6)),
        Slot::Padding(padding) => {
            let rows = Size { height: rng.random_range(0..=2), width: rng.random_range(0..=2) };
            **padding = pick(rng, &[Padding::Same, Padding::Valid, Padding::Explicit(rows)]);
        }
        Slot::Init(init) => **init = pick(rng, &Init::ALL),
        Slot::UpsampleMode(mode) => **mode = pick(rng, &UpsampleMode::ALL),
        Slot::Resample(resample) => **resample = pick(rng, &Resample::ALL),
        Slot::BlockNorm(norm) => **norm = pick(rng, &BlockNorm::ALL),
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec::<f32>().unwrap()
}

/// Numbers that training changes: all but running statistics.
fn trained(named: &Named) -> u64 {
    let is_trained = |name: &str| !["running_mean", "running_var", "weight_u", "weight_v"].iter().any(|end| name.ends_with(end));
    named.iter().filter(|(name, _)| is_trained(name)).map(|(_, tensor)| tensor.values.len() as u64).sum()
}

/// Returns whether the layer is one that can be built.
fn check(layer: &Layer, input: Shape, device: &Device, rng: &mut ChaCha8Rng) -> bool {
    let stack = Stack::new(input, [layer.clone()]);
    let built = Network::new(&stack, Role::Discriminator, 3, device);
    let output = match layer.output_shape(input) {
        Ok(output) => output,
        Err(error) => {
            assert!(error.0.contains(' ') && error.0.starts_with(layer.name()), "{layer:?} on {input}: {error}");
            assert!(built.is_err(), "{layer:?} on {input} has a fault and was built");
            return false;
        }
    };
    let network = built.unwrap_or_else(|error| panic!("{layer:?} on {input} has no fault but {error}"));
    let cost = layer.cost(input, output);
    let kept: BTreeMap<String, Vec<usize>> = layer.tensors(input).into_iter().map(|(name, shape)| (format!("1.{name}"), shape)).collect();
    let built: BTreeMap<String, Vec<usize>> = network.read().unwrap().0.into_iter().map(|(name, tensor)| (name, tensor.shape)).collect();
    assert_eq!(kept, built, "{layer:?} on {input}: what is kept from step to step");
    assert_eq!(trained(&network.read().unwrap().0), cost.parameters, "{layer:?} on {input}: parameters");
    assert_eq!(layer.has_weights(), cost.parameters > 0, "{layer:?}");
    assert!(cost.activations >= output.values() as u64, "{layer:?} on {input}: activations");

    let x = random::normals(rng, BATCH * input.values());
    let x = || Tensor::<4>::from_data(TensorData::new(x.clone(), input.batched(BATCH)), device);
    for training in [true, false] {
        let pass = || if training { Pass::training(3, 8) } else { Pass::inference() };
        let leaf = x().require_grad();
        let y = network.forward(leaf.clone(), &pass());
        assert_eq!(y.dims(), output.batched(BATCH), "{layer:?} on {input}");
        let first = values(y.clone());
        assert!(first.iter().all(|value| value.is_finite()), "{layer:?} on {input}: {first:?}");
        assert_eq!(first, values(network.forward(x(), &pass())), "{layer:?}: the same pass is the same again");
        let gradient = leaf.grad(&y.sum().backward()).map(values).unwrap_or_default();
        assert_eq!(gradient.len(), BATCH * input.values(), "{layer:?} on {input}: gradient");
        assert!(gradient.iter().all(|value| value.is_finite()), "{layer:?} on {input}: {gradient:?}");
    }
    true
}

fn drawn_shape(rng: &mut ChaCha8Rng) -> Shape {
    let channels = [1, 2, 3, 4, 6, 8, 9, 12][rng.random_range(0..8)];
    if rng.random_range(0..4) == 0 {
        Shape::vector(channels)
    } else {
        Shape::new(channels, rng.random_range(1..=6), rng.random_range(1..=6))
    }
}

#[test]
fn every_kind_as_it_is_offered_does_what_the_spec_says() {
    let device = device::cpu().autodiff();
    let rng = &mut stream(5, Purpose::Synthetic, 0);
    for entry in catalogue() {
        let shapes = [Shape::new(8, 4, 4), Shape::vector(16), Shape::new(128 * 49, 1, 1), Shape::new(16, 6, 5)];
        let fit = shapes.iter().filter(|&&shape| check(&entry.layer, shape, &device, rng)).count();
        assert!(fit > 0, "{} fits none of the shapes", entry.layer.name());
    }
}

#[test]
fn drawn_parameters_give_a_fault_in_words_or_a_layer_of_the_shape_and_size_that_was_said() {
    let device = device::cpu().autodiff();
    let rng = &mut stream(6, Purpose::Synthetic, 0);
    for entry in catalogue() {
        let (mut built, mut refused) = (0, 0);
        for _ in 0..150 {
            let (mut layer, input) = (entry.layer.clone(), drawn_shape(rng));
            for mut field in layer.fields() {
                draw(&mut field.slot, input, rng);
            }
            if check(&layer, input, &device, rng) { built += 1 } else { refused += 1 }
        }
        let name = entry.layer.name();
        assert!(built >= 5, "of {name} {built} were built and {refused} refused: the draws should hold many of both");
    }
}

#[test]
fn a_nonlinearity_applied_by_the_layer_before_is_the_same_as_one_on_its_own() {
    let device = device::cpu();
    let rng = &mut stream(7, Purpose::Synthetic, 0);
    let input = Shape::new(8, 4, 4);
    let following = [Layer::Relu, Layer::leaky_relu(), Layer::Tanh, Layer::Sigmoid];
    let mut fused = 0;
    for (entry, after) in catalogue().into_iter().flat_map(|entry| following.clone().map(|after| (entry.clone(), after))) {
        if entry.layer.output_shape(input).is_err() {
            continue;
        }
        let network = |layers: &[Layer]| {
            let mut stack = Stack::new(input, layers.iter().cloned());
            stack.layers[0].id = crate::spec::LayerId(1);
            Network::new(&stack, Role::Generator, 1, &device).unwrap()
        };
        let both = network(&[entry.layer.clone(), after.clone()]);
        let x = random::normals(rng, BATCH * input.values());
        let x = || Tensor::<4>::from_data(TensorData::new(x.clone(), input.batched(BATCH)), &device);
        let between = network(std::slice::from_ref(&entry.layer)).forward(x(), &Pass::inference());
        let alone = Network::new(&Stack::new(entry.layer.output_shape(input).unwrap(), [after]), Role::Generator, 1, &device).unwrap();
        let apart = values(alone.forward(between, &Pass::inference()));
        let together = values(both.forward(x(), &Pass::inference()));
        crate::reference::assert_close(entry.layer.name(), &together, &apart, 1e-6);
        fused += usize::from(both.pieces() == 1);
    }
    assert!(fused >= 4 * 7, "{fused} pairs were computed at once");
}

#[test]
fn one_pass_turns_the_directions_of_spectral_norm_once_for_each_time_it_is_used() {
    let device = device::cpu().autodiff();
    let layer = Layer::conv(4, 3, 1, 1).with_spectral_norm();
    let network = Network::new(&Stack::new(Shape::new(3, 4, 4), [layer]), Role::Discriminator, 1, &device).unwrap();
    let x = || Tensor::<4>::ones([2, 3, 4, 4], &device);
    let directions = |network: &Network| {
        let named = network.read().unwrap().0;
        [named["1.weight_u"].clone(), named["1.weight_v"].clone()]
    };
    let pass = Pass::training(1, 0);
    network.forward(x(), &pass);
    network.forward(x(), &pass);
    let before = directions(&network);
    let at_once = network.clone().absorb(&pass);
    let mut one_by_one = network.clone();
    for _ in 0..2 {
        let pass = Pass::training(1, 0);
        one_by_one.forward(x(), &pass);
        one_by_one = one_by_one.absorb(&pass);
    }
    assert_ne!(before, directions(&at_once), "the network changes when it absorbs the pass, and not before");
    assert_eq!(directions(&one_by_one), directions(&at_once));
    let asking = Pass::inference();
    network.forward(x(), &asking);
    assert_eq!(before, directions(&network.absorb(&asking)), "a pass that asks turns nothing");
}

#[test]
fn an_averaged_network_keeps_directions_of_length_one() {
    let device = device::cpu();
    let stack = Stack::new(Shape::vector(6), [Layer::dense(5).with_spectral_norm()]);
    let average = Network::new(&stack, Role::Generator, 1, &device).unwrap();
    let mut named = average.read().unwrap().0;
    let turned = &mut named.get_mut("1.weight_u").unwrap().values;
    turned.iter_mut().for_each(|value| *value = -*value);
    let (other, _) = average.clone().write(&named);
    let blended = average.blend(&other, 0.5).read().unwrap().0;
    assert_eq!(blended["1.weight_u"], named["1.weight_u"]);
    assert_eq!(blended["1.weight_orig"], named["1.weight_orig"]);
}

#[test]
fn spectral_norm_leaves_a_largest_singular_value_of_one() {
    let device = device::cpu();
    let stack = Stack::new(Shape::vector(7), [Layer::dense(5).without_bias().with_spectral_norm()]);
    let network = Network::new(&stack, Role::Discriminator, 1, &device).unwrap();
    // The columns of the map, one for each unit vector.
    let mut unit = vec![0.0; 49];
    (0..7).for_each(|index| unit[index * 8] = 1.0);
    let columns = values(network.forward(Tensor::from_data(TensorData::new(unit, [7, 7, 1, 1]), &device), &Pass::inference()));
    let mut v = [1.0_f32; 7];
    let mut length = 0.0;
    for _ in 0..500 {
        let u: Vec<f32> = (0..5).map(|row| (0..7).map(|column| columns[column * 5 + row] * v[column]).sum()).collect();
        v = std::array::from_fn(|column| (0..5).map(|row| columns[column * 5 + row] * u[row]).sum());
        let size = v.iter().map(|value| value * value).sum::<f32>().sqrt();
        v = v.map(|value| value / size);
        length = size.sqrt();
    }
    // Fifteen iterations at the start leave a small part of the second direction.
    assert!((length - 1.0).abs() < 0.01, "{length}");
}

#[test]
fn spectral_norm_is_switched_on_and_off_without_forgetting() {
    let device = device::cpu();
    let kinds = [
        (Layer::dense(5), Shape::vector(7)),
        (Layer::conv(6, 3, 1, 1), Shape::new(6, 5, 5)),
        (Layer::conv_transpose(6, 4, 2, 1), Shape::new(6, 5, 5)),
        (Layer::conv_transpose(4, 4, 2, 1), Shape::new(6, 5, 5)),
    ];
    for (layer, input) in kinds {
        let build = |layer: &Layer, seed| Network::new(&Stack::new(input, [layer.clone()]), Role::Discriminator, seed, &device).unwrap();
        let normed = layer.clone().with_spectral_norm();
        let x: Vec<f32> = (0..2 * input.values()).map(|index| (index as f32 * 0.7).sin()).collect();
        let answer = |network: &Network| {
            let x = Tensor::from_data(TensorData::new(x.clone(), input.batched(2)), &device);
            values(network.forward(x, &Pass::inference()))
        };
        let before = build(&normed, 1);
        let (after, taken) = build(&layer, 2).write(&before.read().unwrap().0);
        assert!(taken.contains("1.weight"), "{layer:?}");
        for (before, after) in answer(&before).into_iter().zip(answer(&after)) {
            assert!((before - after).abs() < 1e-5, "{layer:?} computes as before: {before} and {after}");
        }
        // And on again: the same weights, whose largest singular value is one by now, as well as some power iterations from elsewhere find it.
        let (again, _) = build(&normed, 3).write(&after.read().unwrap().0);
        let (before, again) = (answer(&before), answer(&again));
        let largest = before.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        for (before, again) in before.into_iter().zip(again) {
            assert!((before - again).abs() < 0.1 * largest, "{before} and {again} of {largest}: {layer:?}");
        }
    }
}

#[test]
fn noise_has_the_deviation_asked_for_while_training_and_whole_channels_are_dropped() {
    let device = device::cpu().autodiff();
    let network = |layer: Layer, input| Network::new(&Stack::new(input, [layer]), Role::Discriminator, 1, &device).unwrap();
    let noise = network(Layer::GaussianNoise { deviation: 0.5 }, Shape::vector(20_000));
    let zeros = || Tensor::<4>::zeros([1, 20_000, 1, 1], &device);
    assert!(values(noise.forward(zeros(), &Pass::inference())).iter().all(|&value| value == 0.0));
    let drawn = values(noise.forward(zeros(), &Pass::training(1, 5)));
    let mean = drawn.iter().sum::<f32>() / 20_000.0;
    let deviation = (drawn.iter().map(|value| value * value).sum::<f32>() / 20_000.0).sqrt();
    // Four standard errors: 0.5 / sqrt(n) for the mean, 0.5 / sqrt(2 n) for the deviation.
    assert!(mean.abs() < 0.0142 && (deviation - 0.5).abs() < 0.01, "mean {mean}, deviation {deviation}");
    assert_eq!(drawn, values(noise.forward(zeros(), &Pass::training(1, 5))));
    assert_ne!(drawn, values(noise.forward(zeros(), &Pass::training(1, 6))));

    let dropout = network(Layer::SpatialDropout { rate: 0.25 }, Shape::new(4_000, 2, 2));
    let dropped = values(dropout.forward(Tensor::ones([1, 4_000, 2, 2], &device), &Pass::training(1, 5)));
    let whole = |channel: &[f32]| channel.iter().all(|&value| value == channel[0] && (value == 0.0 || (value - 4.0 / 3.0).abs() < 1e-6));
    assert!(dropped.chunks_exact(4).all(whole));
    let gone = dropped.chunks_exact(4).filter(|channel| channel[0] == 0.0).count();
    // Five standard deviations of a binomial count around a quarter.
    assert!((863..=1_137).contains(&gone), "{gone} channels");
}

/// Output and input gradient of a training pass.
fn both_ways(layer: &Layer, input: Shape, x: &[f32], device: &Device) -> [Vec<f32>; 2] {
    let device = device.clone().autodiff();
    let network = Network::new(&Stack::new(input, [layer.clone()]), Role::Generator, 1, &device).unwrap();
    let leaf = Tensor::<4>::from_data(TensorData::new(x.to_vec(), input.batched(BATCH)), &device).require_grad();
    let y = network.forward(leaf.clone(), &Pass::training(3, 8));
    let squares = y.clone().powi_scalar(2).sum().backward();
    [values(y), leaf.grad(&squares).map(values).unwrap_or_default()]
}

#[test]
#[ignore = "a graphics adapter compiles kernels for every kind, which takes a software adapter minutes"]
fn every_kind_computes_on_a_graphics_adapter_what_it_computes_on_the_cpu() {
    let Some(info) = device::list().iter().find(|device| device.kind != device::Kind::Cpu) else {
        println!("skipped: there is no graphics adapter");
        return;
    };
    let adapter = device::open(info).unwrap().device;
    let rng = &mut stream(9, Purpose::Synthetic, 0);
    for entry in catalogue() {
        let fits = |shape: &Shape| entry.layer.output_shape(*shape).is_ok();
        let Some(input) = [Shape::new(8, 4, 4), Shape::vector(16)].into_iter().find(fits) else { continue };
        let layer = if entry.family == crate::spec::Family::Weighted { entry.layer.with_spectral_norm() } else { entry.layer };
        let x = random::normals(rng, BATCH * input.values());
        let begun = std::time::Instant::now();
        let (got, wanted) = (both_ways(&layer, input, &x, &adapter), both_ways(&layer, input, &x, &device::cpu()));
        println!("{}: {:.1} s", layer.name(), begun.elapsed().as_secs_f32());
        for (what, (got, wanted)) in ["output", "gradient"].into_iter().zip(got.iter().zip(&wanted)) {
            crate::reference::assert_close(&format!("{} {what}", layer.name()), got, wanted, 1e-3);
        }
    }
}
