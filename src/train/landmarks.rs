//! The values of the losses that mean something, as [`super::losses`] computes them.

use std::f32::consts::LN_2;

use crate::spec::{LabelSmoothing, Loss, Role};

/// What the discriminator's loss is where it can only guess, and where it is certain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Equilibrium {
    /// Real and generated samples are the same to it, and it does the best that is possible then.
    pub guessing: f32,
    /// It tells all of them apart, as surely as its targets ask for: the least there is.
    pub certain: f32,
}

/// A value of a loss that means something.
#[derive(Clone, Debug, PartialEq)]
pub struct Landmark {
    /// Whose loss.
    pub role: Role,
    /// The value.
    pub value: f32,
    /// In a few characters: `2 log 2`.
    pub name: String,
    /// What it means when the loss is there.
    pub meaning: String,
}

/// The targets of cross-entropy and least squares: for real and for generated samples.
fn targets(LabelSmoothing { real, fake }: LabelSmoothing) -> [f32; 2] {
    [1.0 - real, fake]
}

/// The entropy of a coin, in nats.
fn entropy(share: f32) -> f32 {
    let part = |share: f32| if share > 0.0 { -share * share.ln() } else { 0.0 };
    part(share) + part(1.0 - share)
}

impl Equilibrium {
    /// That of a loss; none where it has no lower bound, as Wasserstein's.
    pub fn of(loss: Loss, smoothing: LabelSmoothing) -> Option<Self> {
        let [real, fake] = targets(smoothing);
        let middle = (real + fake) / 2.0;
        let (guessing, certain) = match loss {
            Loss::Minimax | Loss::NonSaturating => (2.0 * entropy(middle), entropy(real) + entropy(fake)),
            Loss::LeastSquares => ((real - fake).powi(2) / 4.0, 0.0),
            Loss::Hinge => (2.0, 0.0),
            Loss::Wasserstein => return None,
            Loss::RelativisticPaired => (LN_2, 0.0),
            Loss::RelativisticAverage => (2.0 * LN_2, 0.0),
        };
        Some(Self { guessing, certain })
    }
}

/// What the generator's loss is where the discriminator can only guess; none where that depends on the discriminator.
fn generator_at_rest(loss: Loss, smoothing: LabelSmoothing) -> Option<f32> {
    let [real, fake] = targets(smoothing);
    // What a discriminator says that can only guess.
    let middle = (real + fake) / 2.0;
    match loss {
        Loss::Minimax => Some((1.0 - middle).ln()),
        Loss::NonSaturating => Some(-middle.ln()),
        Loss::LeastSquares => Some((middle - 1.0).powi(2) / 2.0),
        // Any score between -1 and 1 is as good.
        Loss::Hinge | Loss::Wasserstein => None,
        Loss::RelativisticPaired => Some(LN_2),
        Loss::RelativisticAverage => Some(2.0 * LN_2),
    }
}

/// All values of the two losses that mean something.
pub fn landmarks(loss: Loss, smoothing: LabelSmoothing) -> Vec<Landmark> {
    let mark = |role: Role, value: f32, meaning: String| Landmark { role, value, name: name(value), meaning };
    let mut found = Vec::new();
    if let Some(value) = generator_at_rest(loss, smoothing) {
        let meaning = "G loss where the discriminator can only guess. Above: the discriminator is ahead. Below: the generator is.";
        let meaning = if loss == Loss::Minimax { meaning.replace("Above", "Nearer to 0") } else { meaning.to_owned() };
        found.push(mark(Role::Generator, value, meaning));
    }
    match Equilibrium::of(loss, smoothing) {
        Some(Equilibrium { guessing, certain }) => {
            let meaning = "D loss where it can only guess: samples and data are the same to it.";
            found.push(mark(Role::Discriminator, guessing, meaning.to_owned()));
            let meaning = "D loss where it is certain of every sample: the least there is. Near it the generator learns little.";
            found.push(mark(Role::Discriminator, certain, meaning.to_owned()));
        }
        None => {
            let meaning = "D loss where the critic scores samples and data alike. How far it is below 0 is how far they are apart.";
            found.push(mark(Role::Discriminator, 0.0, meaning.to_owned()));
        }
    }
    found
}

/// As it is written: a multiple of log 2 where it is one.
fn name(value: f32) -> String {
    let named = [(0.0, "0"), (LN_2, "log 2"), (-LN_2, "−log 2"), (2.0 * LN_2, "2 log 2")];
    let found = named.into_iter().find(|(known, _)| (known - value).abs() < 1e-6);
    found.map_or_else(
        || format!("{value:.3}").replace('-', "−").trim_end_matches('0').trim_end_matches('.').to_owned(),
        |(_, name)| name.to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Tensor, TensorData};

    use super::*;
    use crate::device;
    use crate::train::losses;

    fn scores(values: Vec<f32>) -> Tensor<1> {
        let count = values.len();
        Tensor::from_data(TensorData::new(values, [count]), &device::cpu())
    }

    fn number(tensor: Tensor<1>) -> f32 {
        tensor.into_data().try_into_vec::<f32>().unwrap()[0]
    }

    /// The least of the discriminator's loss over scores that do, or do not, tell the two kinds apart, by trying a grid of them.
    fn least(loss: Loss, smoothing: LabelSmoothing, tell_apart: bool) -> (f32, f32) {
        let grid = || (-300..=300).map(|index| index as f32 / 20.0);
        let of = |real: f32, fake: f32| number(losses::discriminator(loss, smoothing, scores(vec![real; 4]), scores(vec![fake; 4])));
        let best = |values: &mut dyn Iterator<Item = (f32, f32)>| {
            values.map(|(real, fake)| (of(real, fake), fake)).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
        };
        if tell_apart {
            // One score does not depend on the other in the losses with targets; in the others only their distance counts.
            best(&mut grid().flat_map(|real| [(real, -real), (real, real - 1.0), (real, -15.0), (15.0, real)]))
        } else {
            best(&mut grid().map(|score| (score, score)))
        }
    }

    #[test]
    fn landmarks_are_where_the_losses_are_least() {
        for smoothing in [LabelSmoothing::default(), LabelSmoothing { real: 0.1, fake: 0.0 }, LabelSmoothing { real: 0.2, fake: 0.1 }] {
            for loss in Loss::ALL.into_iter().filter(|loss| *loss != Loss::Wasserstein) {
                let Equilibrium { guessing, certain } =
                    Equilibrium::of(loss, if loss.has_targets() { smoothing } else { LabelSmoothing::default() }).unwrap();
                let (found, at) = least(loss, smoothing, false);
                assert!((found - guessing).abs() < 2e-3, "{loss:?} {smoothing:?}: guessing {found}, not {guessing}");
                if let Some(rest) = generator_at_rest(loss, smoothing) {
                    let found = number(losses::generator(loss, scores(vec![at; 4]), Some(scores(vec![at; 4]))));
                    assert!((found - rest).abs() < 2e-2, "{loss:?} {smoothing:?}: G {found}, not {rest}");
                }
                if smoothing == LabelSmoothing::default() || loss == Loss::Hinge {
                    let (found, _) = least(loss, smoothing, true);
                    assert!((found - certain).abs() < 2e-3, "{loss:?} {smoothing:?}: certain {found}, not {certain}");
                }
            }
        }
    }

    #[test]
    fn smoothed_targets_have_a_least_loss_of_their_own() {
        let smoothing = LabelSmoothing { real: 0.1, fake: 0.0 };
        let Equilibrium { certain, .. } = Equilibrium::of(Loss::NonSaturating, smoothing).unwrap();
        // The best score of a real sample is the logit of its target, 0.9.
        let best = number(losses::discriminator(Loss::NonSaturating, smoothing, scores(vec![9.0_f32.ln()]), scores(vec![-30.0])));
        assert!((certain - best).abs() < 1e-5 && (certain - 0.325_083).abs() < 1e-5, "{certain} {best}");
    }

    #[test]
    fn names_are_short() {
        let names = |loss, real| landmarks(loss, LabelSmoothing { real, fake: 0.0 }).into_iter().map(|mark| mark.name).collect::<Vec<_>>();
        assert_eq!(names(Loss::NonSaturating, 0.0), ["log 2", "2 log 2", "0"]);
        assert_eq!(names(Loss::Minimax, 0.0), ["−log 2", "2 log 2", "0"]);
        assert_eq!(names(Loss::NonSaturating, 0.1), ["0.799", "1.376", "0.325"]);
        assert_eq!(names(Loss::LeastSquares, 0.0), ["0.125", "0.25", "0"]);
        assert_eq!(names(Loss::Hinge, 0.0), ["2", "0"]);
        assert_eq!(names(Loss::Wasserstein, 0.0), ["0"]);
        assert_eq!(names(Loss::RelativisticAverage, 0.0), ["2 log 2", "2 log 2", "0"]);
    }
}
