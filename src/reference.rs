//! Reads the tables of `tests/reference`, for tests.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A tensor in a table.
#[derive(Clone, Debug, Deserialize)]
pub struct Values {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

pub type Weights = BTreeMap<String, Values>;

pub fn table<T: DeserializeOwned>(json: &str) -> Vec<T> {
    serde_json::from_str(json).unwrap()
}

/// Are two lists of numbers the same within rounding? `what` names them.
#[track_caller]
pub fn assert_close(what: &str, got: &[f32], wanted: &[f32], tolerance: f32) {
    assert_eq!(got.len(), wanted.len(), "{what}: number of values");
    for (index, (got, wanted)) in got.iter().zip(wanted).enumerate() {
        let bound = tolerance * wanted.abs().max(1.0);
        assert!((got - wanted).abs() <= bound, "{what}[{index}]: got {got}, wanted {wanted}");
    }
}

impl Values {
    pub fn dims<const D: usize>(&self) -> [usize; D] {
        self.shape.clone().try_into().unwrap()
    }
}

/// A weight in the layout this program keeps it in: `Dense` the other way round, `LayerNorm` flat.
pub fn own_layout(kind: &str, name: &str, from: &Values) -> Values {
    match (kind, name, from.shape.as_slice()) {
        ("dense", "weight" | "weight_orig", &[units, inputs]) => {
            let values = (0..inputs * units).map(|index| from.values[index % units * inputs + index / units]).collect();
            Values { shape: vec![inputs, units], values }
        }
        ("layer_norm", _, shape) => Values { shape: vec![shape.iter().product()], values: from.values.clone() },
        _ => from.clone(),
    }
}
