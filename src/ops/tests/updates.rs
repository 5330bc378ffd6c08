//! Optimisers and averages against their textbooks, in 64 bits.

use burn::tensor::Tensor;

use super::{assert_near, stream, tensor, values, widened};
use crate::device;
use crate::ops::{self, Rule};
use crate::random::normals;

/// One value's weight and memories in 64 bits.
#[derive(Clone, Copy, Debug, Default)]
struct Truth {
    weight: f64,
    first: f64,
    second: f64,
}

/// What a textbook says, in its own terms, and our rule for a step.
#[derive(Clone, Copy, Debug)]
enum Textbook {
    /// Kingma and Ba, algorithm 1.
    Adam {
        rate: f64,
        beta1: f64,
        beta2: f64,
        epsilon: f64,
    },
    RmsProp {
        rate: f64,
        alpha: f64,
        epsilon: f64,
    },
    Sgd {
        rate: f64,
        momentum: f64,
    },
    /// Chen et al., algorithm 2.
    Lion {
        rate: f64,
        beta1: f64,
        beta2: f64,
    },
}

const TEXTBOOKS: [Textbook; 6] = [
    Textbook::Adam { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    Textbook::Adam { rate: 0.002, beta1: 0.0, beta2: 0.9, epsilon: 1e-3 },
    Textbook::RmsProp { rate: 0.01, alpha: 0.99, epsilon: 1e-8 },
    Textbook::Sgd { rate: 0.1, momentum: 0.9 },
    Textbook::Sgd { rate: 0.1, momentum: 0.0 },
    Textbook::Lion { rate: 0.01, beta1: 0.9, beta2: 0.99 },
];

impl Textbook {
    /// Step `step`, counted from one.
    fn rule(self, step: i32) -> Rule {
        match self {
            Self::Adam { rate, beta1, beta2, epsilon } => Rule::Adam {
                rate: (rate / (1.0 - beta1.powi(step))) as f32,
                beta1: beta1 as f32,
                beta2: beta2 as f32,
                root: (1.0 - beta2.powi(step)).sqrt() as f32,
                epsilon: epsilon as f32,
            },
            Self::RmsProp { rate, alpha, epsilon } => Rule::RmsProp { rate: rate as f32, alpha: alpha as f32, epsilon: epsilon as f32 },
            Self::Lion { rate, beta1, beta2 } => Rule::Lion { rate: rate as f32, beta1: beta1 as f32, beta2: beta2 as f32 },
            Self::Sgd { rate, momentum } => Rule::Sgd { rate: rate as f32, momentum: momentum as f32 },
        }
    }

    fn step(self, step: i32, truth: &mut Truth, gradient: f64) {
        match self {
            Self::Adam { rate, beta1, beta2, epsilon } => {
                truth.first = beta1 * truth.first + (1.0 - beta1) * gradient;
                truth.second = beta2 * truth.second + (1.0 - beta2) * gradient * gradient;
                let (mean, square) = (truth.first / (1.0 - beta1.powi(step)), truth.second / (1.0 - beta2.powi(step)));
                truth.weight -= rate * mean / (square.sqrt() + epsilon);
            }
            Self::RmsProp { rate, alpha, epsilon } => {
                truth.second = alpha * truth.second + (1.0 - alpha) * gradient * gradient;
                truth.weight -= rate * gradient / (truth.second.sqrt() + epsilon);
            }
            Self::Lion { rate, beta1, beta2 } => {
                let direction = beta1 * truth.first + (1.0 - beta1) * gradient;
                truth.weight -= rate * if direction == 0.0 { 0.0 } else { direction.signum() };
                truth.first = beta2 * truth.first + (1.0 - beta2) * gradient;
            }
            Self::Sgd { rate, momentum } => {
                truth.first = momentum * truth.first + gradient;
                truth.weight -= rate * truth.first;
            }
        }
    }
}

/// The last is more than one thread takes.
const SIZES: [[usize; 2]; 3] = [[1, 1], [37, 21], [250, 200]];

#[test]
fn rules_move_weights_as_their_textbooks_say() {
    for (case, textbook) in TEXTBOOKS.into_iter().enumerate() {
        for dims in SIZES {
            let mut rng = stream(20_000 + case);
            let start = normals(&mut rng, dims[0] * dims[1]);
            let mut truth: Vec<Truth> = start.iter().map(|&weight| Truth { weight: weight.into(), ..Truth::default() }).collect();
            let mut weight: Tensor<2> = tensor(&start, dims, &device::cpu());
            let mut memory = [weight.zeros_like(), weight.zeros_like()];
            for step in 1..=5 {
                let gradient = normals(&mut rng, start.len());
                truth.iter_mut().zip(&gradient).for_each(|(truth, &gradient)| textbook.step(step, truth, gradient.into()));
                (weight, memory) = ops::update(weight, tensor(&gradient, dims, &device::cpu()), memory, textbook.rule(step));
                let what = format!("{textbook:?}, {dims:?}, step {step}");
                let [first, second] = memory.clone();
                check(weight.clone(), &truth, |truth| truth.weight, &what);
                check(first, &truth, |truth| truth.first, &format!("{what}, first memory"));
                check(second, &truth, |truth| truth.second, &format!("{what}, second memory"));
            }
        }
    }
}

/// A few roundings of numbers near one, and of constants such as 0.999, whose difference to one keeps four digits.
fn check(got: Tensor<2>, truth: &[Truth], number: impl Fn(&Truth) -> f64, what: &str) {
    let wanted: Vec<f64> = truth.iter().map(number).collect();
    assert_near(&values(got), &wanted, |index| 2e-6 + 2e-5 * wanted[index].abs().min(1.0), what);
}

#[test]
fn who_holds_the_weight_of_before_keeps_it() {
    let mut rng = stream(20_100);
    let mut draw = || tensor::<2>(&normals(&mut rng, 600), [20, 30], &device::cpu());
    let operands: [Tensor<2>; 4] = [draw(), draw(), draw(), draw().abs()];
    let before = operands.clone().map(values);
    for textbook in TEXTBOOKS {
        // Of tensors that nobody else holds, which are changed where they stand.
        let [weight, gradient, first, second] = operands.clone().map(|tensor| tensor + 0.0);
        let (alone, _) = ops::update(weight, gradient, [first, second], textbook.rule(3));
        // Of ones that are held here, and of the same numbers seen through a view.
        let [weight, gradient, first, second] = operands.clone();
        let (shared, memory) = ops::update(weight, gradient, [first, second], textbook.rule(3));
        assert_ne!(values(shared.clone()), before[0], "{textbook:?} moves the weight");
        assert_eq!(operands.clone().map(values), before, "{textbook:?}: the operands");
        let [weight, gradient, first, second] = operands.clone().map(Tensor::transpose);
        let (turned, turned_memory) = ops::update(weight, gradient, [first, second], textbook.rule(3));
        assert_eq!(operands.clone().map(values), before, "{textbook:?}: the operands behind a view");
        assert_eq!(values(shared.clone()), values(alone), "{textbook:?}: shared and alone");
        assert_eq!(values(turned.transpose()), values(shared), "{textbook:?}: through a view");
        assert_eq!(turned_memory.map(|memory| values(memory.transpose())), memory.map(values), "{textbook:?}: memory through a view");
    }
}

#[test]
fn an_average_keeps_what_it_is_told_to_keep() {
    for [rows, columns] in SIZES {
        let mut rng = stream(20_200);
        let start = normals(&mut rng, rows * columns);
        let mut truth = widened(&start);
        let mut own: Tensor<2> = tensor(&start, [rows, columns], &device::cpu());
        for keep in [0.999_f32, 0.5, 0.0, 1.0, 0.9] {
            let other = normals(&mut rng, rows * columns);
            truth.iter_mut().zip(&other).for_each(|(own, &other)| *own += (1.0 - f64::from(keep)) * (f64::from(other) - *own));
            let (held, other) = (own.clone(), tensor(&other, [rows, columns], &device::cpu()));
            let before = values(held.clone());
            let blended = ops::blend(own, other.clone(), keep);
            assert_eq!(values(held), before, "the average of before");
            own = blended;
            assert_near(&values(own.clone()), &truth, |_| 2e-6, &format!("{rows} x {columns}, {keep}"));
            // Nobody else holds it now: changed where it stands.
            assert_eq!(values(ops::blend(own.clone() + 0.0, other.clone(), keep)), values(ops::blend(own.clone(), other, keep)));
        }
    }
}
