//! The operations with autodiff: forwards as without, and a recorded step back.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients as Tape;
use burn::backend::autodiff::ops::{Backward, Ops as Step, OpsKind};
use burn::backend::ops::ModuleOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend};

use super::backend::{Gradients, Ops};
use super::bend::Bend;
use super::linear::{Linear, Wanted};

impl<B: Gradients, C: CheckpointStrategy> Ops for Autodiff<B, C> {
    fn weighted(x: FloatTensor<Self>, weight: FloatTensor<Self>, map: Linear, bend: Option<Bend>) -> FloatTensor<Self> {
        let ((x, x_node), (weight, weight_node)) = (x.into_parts(), weight.into_parts());
        let y = B::weighted(x.clone(), weight.clone(), map.clone(), bend);
        match LinearStep.prepare::<C>([x_node, weight_node]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(LinearState::new(x, weight, map, bend, &y), y),
            OpsKind::UnTracked(step) => step.finish(y),
        }
    }

    fn weighted_and_biased(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        map: Linear,
        bend: Option<Bend>,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (weight, weight_node), (bias, bias_node)) = (x.into_parts(), weight.into_parts(), bias.into_parts());
        let y = B::weighted_and_biased(x.clone(), weight.clone(), bias, map.clone(), bend);
        match LinearStep.prepare::<C>([x_node, weight_node, bias_node]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(LinearState::new(x, weight, map, bend, &y), y),
            OpsKind::UnTracked(step) => step.finish(y),
        }
    }

    fn bend(x: FloatTensor<Self>, bend: Bend) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        let y = B::bend(x, bend);
        match BendStep.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish((bend, y.clone()), y),
            OpsKind::UnTracked(step) => step.finish(y),
        }
    }

    fn broken_change(change: FloatTensor<Self>, result: FloatTensor<Self>, bend: Bend) -> FloatTensor<Self> {
        let ((change, node), (result, _)) = (change.into_parts(), result.into_parts());
        let y = B::broken_change(change, result.clone(), bend);
        // The slope is the same all around, so that the way back is through the change alone, and as the way there.
        match BendStep.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish((bend, result), y),
            OpsKind::UnTracked(step) => step.finish(y),
        }
    }

    fn normalise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        epsilon: f32,
        bend: Option<Bend>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let ((x, x_node), (weight, weight_node), (bias, bias_node)) = (x.into_parts(), weight.into_parts(), bias.into_parts());
        let (y, mean, variance) = B::normalise(x.clone(), weight.clone(), bias, epsilon, bend);
        let moments = [mean.clone(), variance.clone()];
        let y = match NormaliseStep.prepare::<C>([x_node, weight_node, bias_node]).compute_bound().stateful() {
            OpsKind::Tracked(step) => {
                let bent = bend.map(|bend| (bend, y.clone()));
                step.finish(NormaliseState { x, weight, moments, epsilon, bent }, y)
            }
            OpsKind::UnTracked(step) => step.finish(y),
        };
        (y, FloatTensor::<Self>::new(mean), FloatTensor::<Self>::new(variance))
    }

    /// Nothing trains through given moments; Burn's own operations have the gradient for who asks.
    fn rescale(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        epsilon: f32,
        bend: Option<Bend>,
    ) -> FloatTensor<Self> {
        let y = <Self as ModuleOps<Self>>::batch_norm(x, weight, bias, mean, variance, f64::from(epsilon));
        match bend {
            Some(bend) => Self::bend(y, bend),
            None => y,
        }
    }
}

#[derive(Clone, Debug)]
struct LinearState<B: Backend> {
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    map: Linear,
    bent: Option<(Bend, FloatTensor<B>)>,
}

impl<B: Backend> LinearState<B> {
    fn new(x: FloatTensor<B>, weight: FloatTensor<B>, map: Linear, bend: Option<Bend>, y: &FloatTensor<B>) -> Self {
        Self { x, weight, map, bent: bend.map(|bend| (bend, y.clone())) }
    }
}

#[derive(Debug)]
struct LinearStep;

impl LinearStep {
    fn back<B: Gradients>(state: LinearState<B>, gradient: FloatTensor<B>, parents: [Option<NodeId>; 3], tape: &mut Tape) {
        let [x, weight, bias] = parents;
        let wanted = Wanted { input: x.is_some(), weight: weight.is_some(), bias: bias.is_some() };
        let gradients = B::linear_gradients(state.x, state.weight, state.bent, gradient, &state.map, wanted);
        for (parent, gradient) in [(x, gradients.input), (weight, gradients.weight), (bias, gradients.bias)] {
            if let (Some(parent), Some(gradient)) = (parent, gradient) {
                tape.register::<B>(parent, gradient);
            }
        }
    }
}

impl<B: Gradients> Backward<B, 3> for LinearStep {
    type State = LinearState<B>;

    fn backward(self, step: Step<Self::State, 3>, tape: &mut Tape, _: &mut Checkpointer) {
        let gradient = tape.consume::<B>(&step.node);
        Self::back(step.state, gradient, step.parents.map(|parent| parent.map(|parent| parent.id)), tape);
    }
}

impl<B: Gradients> Backward<B, 2> for LinearStep {
    type State = LinearState<B>;

    fn backward(self, step: Step<Self::State, 2>, tape: &mut Tape, _: &mut Checkpointer) {
        let gradient = tape.consume::<B>(&step.node);
        let [x, weight] = step.parents.map(|parent| parent.map(|parent| parent.id));
        Self::back(step.state, gradient, [x, weight, None], tape);
    }
}

#[derive(Debug)]
struct BendStep;

impl<B: Gradients> Backward<B, 1> for BendStep {
    type State = (Bend, FloatTensor<B>);

    fn backward(self, step: Step<Self::State, 1>, tape: &mut Tape, _: &mut Checkpointer) {
        let gradient = tape.consume::<B>(&step.node);
        let (bend, result) = step.state;
        if let [Some(parent)] = step.parents {
            tape.register::<B>(parent.id, B::unbend(gradient, result, bend));
        }
    }
}

#[derive(Clone, Debug)]
struct NormaliseState<B: Backend> {
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    moments: [FloatTensor<B>; 2],
    epsilon: f32,
    bent: Option<(Bend, FloatTensor<B>)>,
}

#[derive(Debug)]
struct NormaliseStep;

impl<B: Gradients> Backward<B, 3> for NormaliseStep {
    type State = NormaliseState<B>;

    fn backward(self, step: Step<Self::State, 3>, tape: &mut Tape, _: &mut Checkpointer) {
        let gradient = tape.consume::<B>(&step.node);
        let NormaliseState { x, weight, moments, epsilon, bent } = step.state;
        let gradients = B::normalise_gradients(x, weight, moments, epsilon, bent, gradient);
        for (parent, gradient) in step.parents.into_iter().zip(gradients) {
            if let Some(parent) = parent {
                tape.register::<B>(parent.id, gradient);
            }
        }
    }
}
