//! Starting backwards from a given gradient instead of from ones.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients as Tape;
use burn::backend::autodiff::ops::{Backward, Ops as Step, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use burn_wgpu::CubeBackend;

/// An operation that is nothing forwards, and backwards replaces the gradient.
#[backend_extension(Flex, Cube, Autodiff)]
pub trait Steer: Backend {
    /// `x`, whose gradient is `gradient` whatever follows.
    fn steer(x: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl Steer for Flex {
    fn steer(x: FloatTensor<Self>, _: FloatTensor<Self>) -> FloatTensor<Self> {
        x
    }
}

impl Steer for CubeBackend {
    fn steer(x: FloatTensor<Self>, _: FloatTensor<Self>) -> FloatTensor<Self> {
        x
    }
}

impl<B: Steer, C: CheckpointStrategy> Steer for Autodiff<B, C> {
    fn steer(x: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        let ((x, node), (gradient, _)) = (x.into_parts(), gradient.into_parts());
        match SteerStep.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(gradient, x),
            OpsKind::UnTracked(step) => step.finish(x),
        }
    }
}

#[derive(Debug)]
struct SteerStep;

impl<B: Backend> Backward<B, 1> for SteerStep {
    type State = FloatTensor<B>;

    fn backward(self, step: Step<Self::State, 1>, tape: &mut Tape, _: &mut Checkpointer) {
        let _ = tape.consume::<B>(&step.node);
        if let [Some(parent)] = step.parents {
            tape.register::<B>(parent.id, step.state);
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Tensor;

    use crate::device;

    #[test]
    fn the_way_back_begins_with_the_gradient_that_is_given() {
        let x = Tensor::<1>::from_data([1.0_f32, 2.0, 3.0], &device::cpu().autodiff()).require_grad();
        let output = x.clone() * x.clone();
        let gradients = crate::ops::backward(output, Tensor::from_data([1.0_f32, 10.0, -1.0], &device::cpu()));
        // The slope of a square is twice the root.
        assert_eq!(x.grad(&gradients).unwrap().into_data().try_into_vec::<f32>().unwrap(), [2.0, 40.0, -6.0]);
    }
}
