//! Where the costs of a network sit: each layer's share, and which layer has the most.

use crate::gui::icons::Icon;
use crate::gui::widgets::format;
use crate::spec::{Cost, Role};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Metric {
    /// Numbers that training changes.
    Weights,
    /// Multiply-adds of a forward pass.
    Work,
    /// What a forward pass leaves behind.
    Memory,
}

impl Metric {
    pub const ALL: [Self; 3] = [Self::Weights, Self::Work, Self::Memory];

    pub const fn icon(self) -> Icon {
        match self {
            Self::Weights => Icon::Weights,
            Self::Work => Icon::Bolt,
            Self::Memory => Icon::Chip,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Weights => "weights",
            Self::Work => "multiply-adds",
            Self::Memory => "memory",
        }
    }

    fn of(self, cost: Cost) -> u64 {
        match self {
            Self::Weights => cost.parameters,
            Self::Work => cost.multiply_adds,
            Self::Memory => cost.activations,
        }
    }

    /// As it is said, at this batch size.
    fn text(self, cost: Cost, batch_size: usize) -> String {
        match self {
            Self::Weights | Self::Work => format::short_count(self.of(cost)),
            Self::Memory => format::bytes(cost.activation_bytes(batch_size)),
        }
    }
}

/// The costs of a network's layers.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    role: Role,
    costs: Vec<Cost>,
    batch_size: usize,
    /// For each metric which layer has the most, where that says something.
    largest: [Option<usize>; 3],
}

impl Ledger {
    pub fn new(role: Role, costs: Vec<Cost>, batch_size: usize) -> Self {
        let largest = Metric::ALL.map(|metric| largest(costs.iter().map(|cost| metric.of(*cost))));
        Self { role, costs, batch_size, largest }
    }

    /// What one layer costs.
    pub fn cost(&self, index: usize) -> Cost {
        self.costs.get(index).copied().unwrap_or_default()
    }

    /// How many samples, or packs of them, go through at once.
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// What all of them cost.
    pub fn total(&self) -> Cost {
        self.costs.iter().copied().sum()
    }

    /// Of what this layer has the most.
    pub fn marks(&self, index: usize) -> impl Iterator<Item = Metric> + use<> {
        let largest = self.largest;
        Metric::ALL.into_iter().zip(largest).filter(move |(_, most)| *most == Some(index)).map(|(metric, _)| metric)
    }

    /// The layer's share of the network's weights, 0 to 1; none where there is nothing to compare.
    pub fn share(&self, index: usize) -> Option<f32> {
        self.largest[0]?;
        let (own, all) = (self.cost(index).parameters, self.total().parameters);
        (own > 0).then(|| (own as f64 / all.max(1) as f64) as f32)
    }

    /// `Most weights: 76 % of the generator's 0.8 M`
    pub fn mark_text(&self, index: usize, metric: Metric) -> String {
        let share = percent(metric.of(self.cost(index)), metric.of(self.total()));
        format!("Most {}: {share} of the {}'s {}", metric.name(), self.role.name(), metric.text(self.total(), self.batch_size))
    }

    /// What a layer costs, line by line, each with its share.
    pub fn lines(&self, index: usize) -> Vec<String> {
        let (own, all) = (self.cost(index), self.total());
        let line = |metric: Metric| {
            let amount = match metric {
                Metric::Weights => format!("{} weights", format::grouped(own.parameters)),
                Metric::Work => format!("{} multiply-adds for one sample", format::grouped(own.multiply_adds)),
                Metric::Memory => format!("{} kept for the step back at batch size {}", metric.text(own, self.batch_size), self.batch_size),
            };
            format!("{amount} ({})", percent(metric.of(own), metric.of(all)))
        };
        Metric::ALL.into_iter().filter(|metric| metric.of(own) > 0).map(line).collect()
    }
}

/// Which is the largest: the first of equals. None where fewer than two have any, or where all have the same.
fn largest(amounts: impl Iterator<Item = u64> + Clone) -> Option<usize> {
    let counted = amounts.clone().filter(|amount| *amount > 0);
    let (least, most) = (counted.clone().min()?, counted.clone().max()?);
    if counted.count() < 2 || least == most {
        return None;
    }
    amounts.enumerate().find(|(_, amount)| *amount == most).map(|(index, _)| index)
}

/// `62 %`, `0.4 %`, `under 0.1 %`
fn percent(part: u64, all: u64) -> String {
    let percent = 100.0 * part as f64 / all.max(1) as f64;
    match percent {
        0.0 => "0 %".to_owned(),
        ..0.1 => "under 0.1 %".to_owned(),
        ..9.95 => format!("{percent:.1} %"),
        _ => format!("{percent:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Layer, Preset, Shape, Stack};

    fn ledger(preset: &str, role: Role) -> Ledger {
        let project = Preset::from_name(preset).unwrap().project();
        Ledger::new(role, project.stack(role).costs(), project.train.batch_size)
    }

    fn marked(ledger: &Ledger, metric: Metric) -> Option<usize> {
        (0..ledger.costs.len()).find(|index| ledger.marks(*index).any(|mark| mark == metric))
    }

    #[test]
    fn the_largest_of_each_kind_is_marked() {
        let ledger = ledger("dcgan28", Role::Generator);
        // Weights: 633,472 of the Dense, 131,136 and 32,800 of the transposed convolutions. Multiply-adds: 6.4 M of each of the latter.
        assert_eq!(marked(&ledger, Metric::Weights), Some(0));
        assert_eq!(marked(&ledger, Metric::Work), Some(3), "the first of equals");
        // 32 × 28 × 28 values, first made by the second transposed convolution.
        assert_eq!(marked(&ledger, Metric::Memory), Some(6));
        assert_eq!(ledger.mark_text(0, Metric::Weights), "Most weights: 79 % of the generator's 0.8 M");
        assert!((ledger.share(0).unwrap() - 0.794).abs() < 1e-3);
        assert_eq!(ledger.share(1), None, "a ReLU has no weights");
    }

    #[test]
    fn nothing_is_marked_where_it_says_nothing() {
        let of = |layers: Vec<Layer>| {
            let stack = Stack::new(Shape::vector(8), layers);
            Ledger::new(Role::Generator, stack.costs(), 1)
        };
        let one = of(vec![Layer::dense(16), Layer::Relu]);
        assert_eq!(marked(&one, Metric::Weights), None, "one layer with weights has them all");
        assert_eq!(one.share(0), None);
        let equal = of(vec![Layer::dense(8), Layer::Tanh, Layer::dense(8)]);
        for metric in Metric::ALL {
            assert_eq!(marked(&equal, metric), None, "{metric:?}");
        }
        assert_eq!(marked(&of(Vec::new()), Metric::Memory), None);
    }

    #[test]
    fn costs_are_said_with_their_shares() {
        let ledger = ledger("dcgan28", Role::Generator);
        assert_eq!(
            ledger.lines(0),
            [
                "633,472 weights (79 %)",
                "627,200 multiply-adds for one sample (4.6 %)",
                "1.5 MiB kept for the step back at batch size 64 (4.7 %)"
            ]
        );
        assert_eq!(ledger.lines(1), ["1.5 MiB kept for the step back at batch size 64 (4.7 %)"]);
        assert_eq!([percent(1, 3), percent(1, 5_000), percent(1, 200), percent(0, 0)], ["33 %", "under 0.1 %", "0.5 %", "0 %"]);
    }
}
