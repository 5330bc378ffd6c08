//! Every kind of layer against numbers computed with PyTorch and Keras.

use burn::tensor::{Device, Tensor, TensorData};
use serde::Deserialize;

use super::{Named, Network, Pass, TensorValues};
use crate::device;
use crate::reference::{Values, Weights, assert_close, own_layout, table};
use crate::spec::{Layer, Role, Shape, Stack};

/// Sums of some tens of 32-bit products.
const TOLERANCE: f32 = 2e-5;

#[derive(Deserialize)]
struct Gradients {
    input: Values,
    #[serde(flatten)]
    weights: Weights,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    layer: serde_json::Value,
    input: Values,
    #[serde(default)]
    weights: Weights,
    output: Values,
    cotangent: Values,
    gradients: Gradients,
}

fn tensor(values: &Values, device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values.values.clone(), values.dims::<4>()), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec::<f32>().unwrap()
}

/// The network of one layer with the weights of a table; what the table leaves out, such as running statistics, stays as it begins.
fn network(layer: &serde_json::Value, input: &Values, weights: &Weights, device: &Device) -> Network {
    let kind = layer["kind"].as_str().unwrap();
    let layer: Layer = serde_json::from_value(layer.clone()).unwrap();
    let [_, channels, height, width] = input.dims::<4>();
    let stack = Stack::new(Shape::new(channels, height, width), [layer]);
    let network = Network::new(&stack, Role::Generator, 1, device).unwrap();
    let mut named = network.read().unwrap().0;
    for (name, values) in weights {
        let own = own_layout(kind, name, values);
        let before = named.insert(format!("1.{name}"), TensorValues { shape: own.shape, values: own.values });
        assert!(before.is_some(), "{kind} has no {name}");
    }
    let (network, taken) = network.write(&named);
    assert_eq!(taken.len(), named.len(), "weights of {kind}");
    network
}

/// The gradient to a weight: what plain descent with a rate of one takes off it.
fn weight_gradients(network: Network, loss: &Tensor<1>) -> (Named, Named) {
    use crate::spec::{Optimiser, OptimiserSpec};
    let before = network.read().unwrap().0;
    let descent = OptimiserSpec { learning_rate: 1.0, rule: Optimiser::Sgd { momentum: 0.0 } };
    let after = crate::train::OptimiserState::default().step(&descent, 0.0, network, &mut loss.backward());
    (before, after.read().unwrap().0)
}

fn check(entry: &Entry) {
    let device = device::cpu().autodiff();
    let kind = entry.layer["kind"].as_str().unwrap();
    let network = network(&entry.layer, &entry.input, &entry.weights, &device);
    let input = tensor(&entry.input, &device).require_grad();
    let output = network.forward(input.clone(), &Pass::training(1, 0));
    assert_eq!(output.dims().to_vec(), entry.output.shape, "{}: shape", entry.name);
    assert_close(&format!("{}: output", entry.name), &values(output.clone()), &entry.output.values, TOLERANCE);

    let loss = (output * tensor(&entry.cotangent, &device)).sum();
    let gradients = loss.clone().backward();
    let of_input = input.grad(&gradients).map(values).unwrap_or_default();
    assert_close(&format!("{}: gradient of the input", entry.name), &of_input, &entry.gradients.input.values, TOLERANCE);

    // A second time, because a backward pass uses its history up.
    let again = (network.forward(tensor(&entry.input, &device), &Pass::training(1, 0)) * tensor(&entry.cotangent, &device)).sum();
    if entry.weights.is_empty() {
        return;
    }
    let (before, after) = weight_gradients(network, &again);
    for (name, wanted) in &entry.gradients.weights {
        let wanted = own_layout(kind, name, wanted);
        let key = format!("1.{name}");
        let got: Vec<f32> = before[&key].values.iter().zip(&after[&key].values).map(|(before, after)| before - after).collect();
        assert_close(&format!("{}: gradient of {name}", entry.name), &got, &wanted.values, TOLERANCE);
    }
}

#[test]
fn layers_compute_what_pytorch_and_keras_compute() {
    let entries: Vec<Entry> = table(include_str!("../../tests/reference/layers.json"));
    assert!(entries.len() >= 110, "the table has shrunk to {}", entries.len());
    entries.iter().for_each(check);
}

#[derive(Deserialize)]
struct StatefulStep {
    input: Values,
    output: Values,
    cotangent: Values,
    input_gradient: Values,
    /// Weights and running statistics afterwards.
    state: Weights,
}

#[derive(Deserialize)]
struct StatefulEntry {
    name: String,
    layer: serde_json::Value,
    /// How far plain descent goes.
    rate: f32,
    initial: Weights,
    steps: Vec<StatefulStep>,
    /// The first batch once more.
    evaluated: Values,
}

fn check_stateful(entry: &StatefulEntry) {
    use crate::spec::{Optimiser, OptimiserSpec};
    let device = device::cpu().autodiff();
    let (name, kind) = (&entry.name, entry.layer["kind"].as_str().unwrap());
    let mut network = network(&entry.layer, &entry.steps[0].input, &entry.initial, &device);
    assert_eq!(network.read().unwrap().0.len(), entry.initial.len(), "{name}: numbers by name");
    let descent = OptimiserSpec { learning_rate: entry.rate, rule: Optimiser::Sgd { momentum: 0.0 } };
    for step in &entry.steps {
        let pass = Pass::training(1, 0);
        let input = tensor(&step.input, &device).require_grad();
        let output = network.forward(input.clone(), &pass);
        assert_close(&format!("{name}: output"), &values(output.clone()), &step.output.values, TOLERANCE);
        let mut gradients = (output * tensor(&step.cotangent, &device)).sum().backward();
        let of_input = input.grad(&gradients).map(values).unwrap_or_default();
        assert_close(&format!("{name}: gradient of the input"), &of_input, &step.input_gradient.values, TOLERANCE);
        network = crate::train::OptimiserState::default().step(&descent, 0.0, network, &mut gradients).absorb(&pass);
        let named = network.read().unwrap().0;
        for (key, wanted) in &step.state {
            let wanted = own_layout(kind, key, wanted);
            assert_close(&format!("{name}: {key} afterwards"), &named[&format!("1.{key}")].values, &wanted.values, TOLERANCE);
        }
    }
    let output = network.forward(tensor(&entry.steps[0].input, &device), &Pass::inference());
    assert_close(&format!("{name}: evaluated"), &values(output), &entry.evaluated.values, TOLERANCE);
}

#[test]
fn layers_with_parts_and_spectral_norm_train_as_in_pytorch() {
    let entries: Vec<StatefulEntry> = table(include_str!("../../tests/reference/stateful.json"));
    assert!(entries.len() >= 15, "the table has shrunk to {}", entries.len());
    entries.iter().for_each(check_stateful);
}

#[derive(Deserialize)]
struct NormStep {
    input: Values,
    output: Values,
    running_mean: Values,
    running_var: Values,
}

#[derive(Deserialize)]
struct NormEntry {
    name: String,
    layer: serde_json::Value,
    weights: Weights,
    steps: Vec<NormStep>,
    /// The first batch once more.
    evaluated: Values,
}

#[test]
fn batch_norm_keeps_running_statistics_as_pytorch_does() {
    let device = device::cpu().autodiff();
    for entry in table::<NormEntry>(include_str!("../../tests/reference/batch_norm.json")) {
        let mut network = network(&entry.layer, &entry.steps[0].input, &entry.weights, &device);
        for step in &entry.steps {
            let pass = Pass::training(1, 0);
            let output = network.forward(tensor(&step.input, &device), &pass);
            assert_close(&format!("{}: output", entry.name), &values(output), &step.output.values, TOLERANCE);
            network = network.absorb(&pass);
            let named = network.read().unwrap().0;
            assert_close("running mean", &named["1.running_mean"].values, &step.running_mean.values, TOLERANCE);
            assert_close("running variance", &named["1.running_var"].values, &step.running_var.values, TOLERANCE);
        }
        let output = network.forward(tensor(&entry.steps[0].input, &device), &Pass::inference());
        assert_close(&format!("{}: evaluated", entry.name), &values(output), &entry.evaluated.values, TOLERANCE);
    }
}

#[test]
fn a_pass_sees_what_earlier_passes_of_its_step_left_and_the_network_only_what_it_absorbs() {
    let device = device::cpu().autodiff();
    let stack = Stack::new(Shape::vector(1), [Layer::BatchNorm { momentum: 0.5, epsilon: 1e-5 }]);
    let network = Network::new(&stack, Role::Generator, 1, &device).unwrap();
    let batch = |low: f32, high: f32| Tensor::<4>::from_data(TensorData::new(vec![low, high], [2, 1, 1, 1]), &device);
    let pass = Pass::training(1, 0);
    network.forward(batch(0.0, 4.0), &pass);
    network.forward(batch(6.0, 8.0), &pass);
    let mean = |network: &Network| network.read().unwrap().0["1.running_mean"].values[0];
    assert_eq!(mean(&network), 0.0);
    // 0 -> (0 + 2) / 2 = 1 -> (1 + 7) / 2 = 4.
    assert_eq!(mean(&network.absorb(&pass)), 4.0);
}

#[test]
fn dropout_keeps_the_mean_while_training_and_does_nothing_otherwise() {
    let device = device::cpu().autodiff();
    let stack = Stack::new(Shape::vector(10_000), [Layer::Dropout { rate: 0.25 }]);
    let network = Network::new(&stack, Role::Discriminator, 1, &device).unwrap();
    let ones = || Tensor::<4>::ones([1, 10_000, 1, 1], &device);
    assert_eq!(values(network.forward(ones(), &Pass::inference())), vec![1.0; 10_000]);
    let dropped = values(network.forward(ones(), &Pass::training(1, 5)));
    let zeros = dropped.iter().filter(|&&value| value == 0.0).count();
    // Five standard deviations of a binomial count around a quarter.
    assert!((2_283..=2_717).contains(&zeros), "{zeros} zeros");
    assert!(dropped.iter().all(|&value| value == 0.0 || (value - 4.0 / 3.0).abs() < 1e-6));
    assert_eq!(dropped, values(network.forward(ones(), &Pass::training(1, 5))), "the same pass drops the same values");
    assert_ne!(dropped, values(network.forward(ones(), &Pass::training(1, 6))));
}
