//! Changes of the discriminator's layers, as they are typed.

use clap::Args;

use super::objective::switch;
use crate::spec::{Edit, Layer, Project, Role};

/// What is typed of them. What is not stays as the project has it.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Discriminator")]
pub(crate) struct LayerArguments {
    /// Divide the weights of all its layers by their largest singular value (spectral norm)
    #[arg(long, value_name = "on|off", value_parser = switch)]
    pub spectral_norm: Option<bool>,
    /// Show it how much the samples of a batch differ, before its last layer (minibatch standard deviation)
    #[arg(long, value_name = "on|off", value_parser = switch)]
    pub minibatch_stddev: Option<bool>,
}

impl LayerArguments {
    /// What makes them of the project's.
    pub(crate) fn edits(&self, project: &Project) -> Vec<Edit> {
        let spectral_norm = self.spectral_norm.map(|on| Edit::spectral_norm(project, Role::Discriminator, on));
        let stddev = self.minibatch_stddev.map(|on| minibatch_stddev(project, on));
        spectral_norm.into_iter().chain(stddev).flatten().collect()
    }
}

fn minibatch_stddev(project: &Project, on: bool) -> Vec<Edit> {
    let role = Role::Discriminator;
    if on {
        return Edit::insert_before_last(project, role, Layer::MinibatchStdDev { group: 4 }).into_iter().collect();
    }
    let layers = project.discriminator.layers.iter().filter(|layer| matches!(layer.layer, Layer::MinibatchStdDev { .. }));
    layers.map(|layer| Edit::Remove { role, id: layer.id }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Preset;

    fn names(project: &Project) -> Vec<&'static str> {
        project.discriminator.layers.iter().map(|layer| layer.layer.name()).collect()
    }

    fn changed(project: &Project, arguments: &LayerArguments) -> Project {
        let mut after = project.clone();
        Edit::All { label: String::new(), edits: arguments.edits(project) }.apply(&mut after).unwrap();
        assert_eq!(after.faults(), []);
        after
    }

    #[test]
    fn both_are_switched_on_and_off_again() {
        for name in ["dcgan28", "colour32"] {
            let before = Preset::from_name(name).unwrap().project();
            let both = |on| LayerArguments { spectral_norm: Some(on), minibatch_stddev: Some(on) };
            let after = changed(&before, &both(true));
            let last = names(&after).len() - 2;
            assert_eq!(names(&after)[last..], ["MinibatchStdDev", "Dense"]);
            let normed = |project: &Project| {
                let layers = project.discriminator.layers.iter().map(|layer| serde_json::to_string(&layer.layer).unwrap());
                layers.filter(|layer| layer.contains("\"spectral_norm\":true")).count()
            };
            let weighted = names(&before).into_iter().filter(|name| ["Conv2d", "Dense"].contains(name)).count();
            assert_eq!((normed(&before), normed(&after)), (0, weighted));
            assert_eq!(changed(&after, &both(true)), after, "twice is once");
            assert_eq!(changed(&after, &both(false)), before);
            assert_eq!(changed(&before, &LayerArguments::default()), before);
        }
    }
}
