//! What many measured times come to.

use super::driver::Millis;

/// Times of the same thing, measured many times, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times {
    millis: Vec<Millis>,
}

impl Times {
    /// One more.
    pub(super) fn add(&mut self, millis: Millis) {
        self.millis.push(millis);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.millis.len()
    }

    /// The least time that is at least as long as this share of all; 0 where there is none.
    pub fn quantile(&self, share: f64) -> Millis {
        let mut sorted = self.millis.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
    }

    /// Half are no longer.
    pub fn median(&self) -> Millis {
        self.quantile(0.5)
    }

    /// All but one in twenty are no longer.
    pub fn p95(&self) -> Millis {
        self.quantile(0.95)
    }

    /// The longest.
    pub fn worst(&self) -> Millis {
        self.quantile(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_measured_times() {
        let mut times = Times::default();
        assert_eq!(times.worst(), 0.0);
        (1..=100).rev().for_each(|millis| times.add(f64::from(millis)));
        assert_eq!((times.median(), times.p95(), times.worst(), times.count()), (50.0, 95.0, 100.0, 100));
    }
}
