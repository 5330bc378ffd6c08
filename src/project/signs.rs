//! The vital signs of a run, in its file: as text, with the settings that many of them share told once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::measure::doctor::{LayerVitals, SampleVitals, ScoreVitals, Series, Vitals};
use crate::spec::{Role, TrainSpec};

/// What `signs.json` holds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SignsState {
    settings: Vec<TrainSpec>,
    signs: Vec<Sign>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Sign {
    step: u64,
    /// Which of the settings.
    settings: usize,
    g_loss: f32,
    d_loss: f32,
    gradients: [f32; 2],
    layers: Vec<LayerVitals>,
    scores: ScoreVitals,
    samples: SampleVitals,
    broken: Option<Role>,
}

impl SignsState {
    /// What is written. JSON has no infinity: signs with a number that is none are left out.
    pub fn of(series: &Series) -> Self {
        let mut state = Self::default();
        for vitals in series.iter().filter(|vitals| vitals.is_finite()) {
            if state.settings.last() != Some(&*vitals.settings) {
                state.settings.push(TrainSpec::clone(&vitals.settings));
            }
            let Vitals { step, settings: _, g_loss, d_loss, gradients, layers, scores, samples, broken } = &**vitals;
            state.signs.push(Sign {
                step: *step,
                settings: state.settings.len() - 1,
                g_loss: *g_loss,
                d_loss: *d_loss,
                gradients: *gradients,
                layers: layers.clone(),
                scores: *scores,
                samples: *samples,
                broken: *broken,
            });
        }
        state
    }

    /// Is there nothing to write?
    pub fn is_empty(&self) -> bool {
        self.signs.is_empty()
    }

    /// The series, unless signs name settings that are not there.
    pub fn series(self) -> Option<Series> {
        let settings: Vec<Arc<TrainSpec>> = self.settings.into_iter().map(Arc::new).collect();
        let vitals = |sign: Sign| {
            let Sign { step, settings: index, g_loss, d_loss, gradients, layers, scores, samples, broken } = sign;
            let settings = Arc::clone(settings.get(index)?);
            Some(Arc::new(Vitals { step, settings, g_loss, d_loss, gradients, layers, scores, samples, broken }))
        };
        self.signs.into_iter().map(vitals).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{LayerId, Preset};

    fn vitals(step: u64, settings: &Arc<TrainSpec>) -> Arc<Vitals> {
        let layer =
            LayerVitals { role: Role::Generator, id: LayerId(3), gradient: Some(0.1), update: None, dead: Some(0.3), saturated: None };
        let samples =
            SampleVitals { diversity: 1.0 / 3.0, moved: (step > 1).then_some(0.7), extreme: [0.1, 0.2], ..SampleVitals::default() };
        Arc::new(Vitals {
            g_loss: 0.1 + 0.2,
            d_loss: 1e-30,
            gradients: [3e8, f32::MIN_POSITIVE],
            layers: vec![layer],
            scores: ScoreVitals { held_out: Some(-0.1), held_count: 7, ..ScoreVitals::default() },
            samples,
            broken: (step == 50).then_some(Role::Discriminator),
            ..Vitals::blank(step, settings)
        })
    }

    #[test]
    fn signs_come_back_as_they_were_with_the_settings_they_share() {
        let first = Arc::new(Preset::from_name("ring8").unwrap().project().train);
        let second = Arc::new(TrainSpec { batch_size: 3, ..TrainSpec::clone(&first) });
        let series: Series = [vitals(1, &first), vitals(10, &first), vitals(50, &second)].into_iter().collect();
        let json = serde_json::to_string(&SignsState::of(&series)).unwrap();
        assert_eq!(json.matches("batch_size").count(), 2, "settings are told once");
        let read = serde_json::from_str::<SignsState>(&json).unwrap().series().unwrap();
        assert_eq!(read, series);
        let settings: Vec<_> = read.iter().map(|vitals| Arc::as_ptr(&vitals.settings)).collect();
        assert!(settings[0] == settings[1] && settings[1] != settings[2]);
    }

    #[test]
    fn what_is_no_number_is_left_out_and_what_names_nothing_is_refused() {
        let settings = Arc::new(Preset::from_name("ring8").unwrap().project().train);
        let broken = Arc::new(Vitals { gradients: [f32::INFINITY, 0.0], ..Vitals::clone(&vitals(50, &settings)) });
        let series: Series = [vitals(1, &settings), broken].into_iter().collect();
        let json = serde_json::to_string(&SignsState::of(&series)).unwrap();
        let steps = |json: &str| -> Option<Vec<u64>> {
            Some(serde_json::from_str::<SignsState>(json).unwrap().series()?.iter().map(|vitals| vitals.step).collect())
        };
        assert_eq!(steps(&json), Some(vec![1]));
        assert_eq!(steps(&json.replace("\"settings\":0", "\"settings\":4")), None);
    }
}
