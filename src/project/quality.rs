//! What was measured of a run, in its file: the series and what the best is as text, the best generator's weights beside it.

use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::upgrade::upgraded;
use crate::measure::{Assessment, Best, Quality, Series};
use crate::nn::Named;
use crate::spec::Project;

/// What `quality.json` holds.
#[derive(Debug, Serialize, Deserialize)]
pub struct QualityState {
    series: Series,
    best: Option<BestState>,
}

#[derive(Debug, Serialize, Deserialize)]
struct BestState {
    assessment: Assessment,
    #[serde(deserialize_with = "of_any_version")]
    project: Project,
}

fn of_any_version<'de, D: Deserializer<'de>>(project: D) -> Result<Project, D::Error> {
    serde_json::from_value(upgraded(Deserialize::deserialize(project)?)).map_err(D::Error::custom)
}

impl QualityState {
    /// What is written of it beside the weights.
    pub fn of(quality: &Quality) -> Self {
        let Quality { series, best } = quality;
        let best = best
            .as_deref()
            .map(|Best { assessment, project, weights: _ }| BestState { assessment: assessment.clone(), project: project.clone() });
        Self { series: series.clone(), best }
    }

    /// Puts it together; without weights there is no best.
    pub fn with_weights(self, weights: Option<Named>) -> Quality {
        let best = self.best.zip(weights).map(|(BestState { assessment, project }, weights)| Best { assessment, project, weights });
        Quality { series: self.series, best: best.map(Arc::new) }
    }
}
