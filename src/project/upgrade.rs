//! Projects of older versions, as this one writes them.

use serde_json::{Map, Value, json};

use crate::spec::VERSION;

/// The JSON of a project, brought to this version: from now on it may get what older ones do not know.
pub fn upgraded(mut project: Value) -> Value {
    let version = project.get("version").and_then(Value::as_u64).unwrap_or_default();
    if version < 3
        && let Some(train) = project.get_mut("train").and_then(Value::as_object_mut)
    {
        take_clipping_out_of_the_loss(train);
    }
    if let Some(project) = project.as_object_mut() {
        project.insert("version".to_owned(), json!(VERSION));
    }
    project
}

/// Until version 2 the bound on a critic's weights was part of the Wasserstein loss, which had no other.
fn take_clipping_out_of_the_loss(train: &mut Map<String, Value>) {
    let clip = train.get("loss").and_then(|loss| loss.get("wasserstein")?.get("clip").cloned());
    if let Some(clip) = clip {
        train.insert("loss".to_owned(), json!("wasserstein"));
        train.insert("regularisation".to_owned(), json!({ "clip": clip }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Loss, Preset, Project, Regularisation};

    /// What version 1 wrote of a Wasserstein project, with a layer or two.
    const VERSION_1: &str = r#"{
  "format": "ganvas",
  "version": 1,
  "name": "ring8",
  "data": {
    "source": { "builtin": "ring8" },
    "image": { "width": 28, "height": 28, "colour": "grey", "fit": "crop" },
    "holdout": 0.1,
    "memory_limit_mib": 2048
  },
  "generator": { "input": [16, 1, 1], "layers": [{ "id": 1, "kind": "dense", "units": 2, "bias": true, "init": "py_torch" }] },
  "discriminator": {
    "input": [2, 1, 1],
    "layers": [{ "id": 1, "kind": "leaky_relu", "slope": 0.2 }, { "id": 2, "kind": "dense", "units": 1, "bias": true, "init": "py_torch" }]
  },
  "train": {
    "loss": { "wasserstein": { "clip": 0.02 } },
    "generator": { "learning_rate": 0.00005, "rule": { "name": "rms_prop", "alpha": 0.99, "epsilon": 1e-8 } },
    "discriminator": { "learning_rate": 0.001, "rule": { "name": "adam", "beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8 } },
    "d_steps_per_g_step": 5,
    "batch_size": 128,
    "stop": "never",
    "ema_decay": 0.99,
    "latent": "normal"
  },
  "seed": 18446744073709551615
}"#;

    #[test]
    fn a_clipped_critic_of_version_1_is_still_clipped() {
        let project: Project = serde_json::from_value(upgraded(serde_json::from_str(VERSION_1).unwrap())).unwrap();
        assert_eq!((project.version, project.train.loss), (VERSION, Loss::Wasserstein));
        assert_eq!(project.train.regularisation, Regularisation { clip: 0.02, ..Regularisation::default() });
        assert_eq!(project.faults(), []);
        assert_eq!(project.seed, u64::MAX);
        assert!(project.train.ema_ramp, "what it did it still does");
        assert!(project.train.recover, "what is new and helps is on");
        assert_eq!(project.train.schedule.factor(1_000_000), 1.0);
    }

    #[test]
    fn other_losses_and_newer_projects_stay_as_they_are() {
        for version in [2, 3] {
            let mut project = Preset::from_name("digits").unwrap().project();
            project.train = project.train.with_loss(Loss::Wasserstein);
            let mut json = serde_json::to_value(&project).unwrap();
            json["version"] = json!(version);
            assert_eq!(serde_json::from_value::<Project>(upgraded(json)).unwrap(), project);
        }
        assert_eq!(upgraded(json!(5)), json!(5), "what is no project is for others to refuse");
    }
}
