//! Is a project ready to train? Every reason why not, in words and with its place.

use super::augmentation::{MAX_PACKING, MAX_RAMP};
use super::layer::Layer;
use super::project::{Project, TrainSpec};
use super::ranges::{MAX_EVERY, is_share};
use super::shape::{MAX_VALUES, Shape};
use super::stack::{LayerId, LayerShape, Role, Stack};

/// The most weights a network may have (2^28, 1 GiB as f32, and four times that while it is trained).
const MAX_PARAMETERS: u64 = 1 << 28;
/// The most memory that the values inside both networks may take for one batch. Beyond it the batch is a typing error.
const MAX_ACTIVATION_BYTES: u64 = 1 << 36;

/// One reason why a project cannot be trained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it is.
    pub place: Place,
    /// What kind of fault it is.
    pub cause: Cause,
    /// What is wrong and what would do, in one sentence.
    pub message: String,
}

/// The kinds of faults, each with repairs of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A layer does not fit what it gets, or its own parameters are out of range.
    Layer,
    /// A network's input has no values, too many, or is no latent vector.
    Input,
    /// The generator makes another shape than the data has.
    Generated,
    /// The discriminator reads another shape than the data has.
    Read,
    /// The discriminator ends in more than one value.
    Verdict,
    /// There is nothing to train.
    NoWeights,
    /// There are more weights than any machine holds.
    TooManyWeights,
    /// A batch needs more memory than any machine has.
    Memory,
    /// A number of the settings is out of range.
    Setting,
}

/// Where a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At one layer.
    Layer(Role, LayerId),
    /// Before the first layer.
    Input(Role),
    /// Between the generator and the data.
    GeneratorToData,
    /// Between the data and the discriminator.
    DataToDiscriminator,
    /// After the discriminator, which has to end in one logit.
    Logit,
    /// In the training settings.
    Training,
    /// In the data settings.
    Data,
}

impl Place {
    /// Where that is in `project`, in words: `generator, layer 3: Reshape`.
    pub fn describe(self, project: &Project) -> String {
        match self {
            Self::Layer(role, id) => {
                let stack = project.stack(role);
                let number = stack.position(id).map_or(0, |index| index + 1);
                let name = stack.find(id).map_or("none", |layer| layer.layer.name());
                format!("{}, layer {number}: {name}", role.name())
            }
            Self::Input(role) => role.name().to_owned(),
            Self::GeneratorToData => "generator, its output".to_owned(),
            Self::DataToDiscriminator => "discriminator, its input".to_owned(),
            Self::Logit => "discriminator, its output".to_owned(),
            Self::Training => "training".to_owned(),
            Self::Data => "data".to_owned(),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place {
            Place::Layer(role, _) | Place::Input(role) => write!(f, "{}: {}", role.name(), self.message),
            _ => write!(f, "{}", self.message),
        }
    }
}

impl Project {
    /// Everything that keeps this project from being trained, in reading order; empty when it is ready.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let data = self.data.shape();
        let generated = stack_faults(&self.generator, Role::Generator, &mut faults);
        if let Some(generated) = generated.filter(|&shape| shape != data) {
            // A layer that says by itself what comes out of it tells what comes later, also where it does not fit what it gets.
            let makes = if self.generator.output_shape().is_ok() { "makes" } else { "would make" };
            let message = format!("the generator {makes} {generated}, but the data is {data}");
            faults.push(Fault { place: Place::GeneratorToData, cause: Cause::Generated, message });
        }
        if !self.generator.input.is_vector() {
            let message = format!("a latent vector has the shape n × 1 × 1, not {}", self.generator.input);
            faults.push(Fault { place: Place::Input(Role::Generator), cause: Cause::Input, message });
        }
        let (read, seen, packing) = (self.discriminator.input, self.pack_shape(), self.train.packing);
        if read != seen {
            let message = match packing {
                1 => format!("the discriminator reads {read}, but the data is {data}"),
                _ => format!("the discriminator reads {read}, but {packing} samples of the data at once are {seen}"),
            };
            faults.push(Fault { place: Place::DataToDiscriminator, cause: Cause::Read, message });
        }
        let judged = stack_faults(&self.discriminator, Role::Discriminator, &mut faults);
        if let Some(judged) = judged.filter(|&shape| shape != Shape::vector(1)) {
            let shares = self.discriminator.active().next_back().filter(|entry| entry.layer == Layer::Softmax);
            let message = match shares {
                Some(_) if judged == Shape::vector(2) => {
                    "the discriminator has to end in one value, but ends in two, one for real and one for generated: make it Dense 1 without Softmax".to_owned()
                }
                _ => format!("the discriminator has to end in one value, but ends in {judged}: add Flatten and Dense 1"),
            };
            faults.push(Fault { place: Place::Logit, cause: Cause::Verdict, message });
        }
        weight_faults(self, &mut faults);
        memory_fault(self, &mut faults);
        self.training_faults(&mut faults);
        faults
    }

    fn training_faults(&self, faults: &mut Vec<Fault>) {
        let mut training = |message: String| faults.push(Fault { place: Place::Training, cause: Cause::Setting, message });
        let train = &self.train;
        if !(1..=65_536).contains(&train.batch_size) {
            training(format!("the batch size is {}, but has to be between 1 and 65,536", train.batch_size));
        }
        if !(1..=100).contains(&train.d_steps_per_g_step) {
            training(format!("{} discriminator steps for each generator step: choose 1 to 100", train.d_steps_per_g_step));
        }
        if !(0.0..1.0).contains(&train.ema_decay) {
            training(format!("the averaging decay is {}, but has to be at least 0 and below 1", train.ema_decay));
        }
        for role in Role::BOTH {
            let rate = train.optimiser(role).learning_rate;
            if !(rate.is_finite() && rate >= 0.0) {
                training(format!("the {}'s learning rate is {rate}, but has to be a number that is not negative", role.name()));
            }
        }
        for role in Role::BOTH {
            let mut rule = train.optimiser(role).rule;
            for (name, share) in rule.shares().into_iter().filter(|(_, share)| !is_share(**share)) {
                training(format!("the {}'s {name} is {share}, but has to be at least 0 and below 1", role.name()));
            }
        }
        for setting in train.clone().numbers() {
            setting.fault().map(&mut training);
        }
        if !(1..=MAX_EVERY).contains(&train.regularisation.every) {
            training(format!("penalties at every {} steps: choose 1 to {MAX_EVERY}", train.regularisation.every));
        }
        what_is_seen(train, self.data.is_points()).into_iter().for_each(training);
        if !self.data.is_points() {
            let image = self.data.image;
            if !(1..=1024).contains(&image.width) || !(1..=1024).contains(&image.height) {
                let message = format!("pictures of {} × {}: choose 1 to 1,024 for each side", image.width, image.height);
                faults.push(Fault { place: Place::Data, cause: Cause::Setting, message });
            }
        }
        if !(0.0..=0.5).contains(&self.data.holdout) {
            let message = format!("a share of {} is held out: choose 0 to 0.5", self.data.holdout);
            faults.push(Fault { place: Place::Data, cause: Cause::Setting, message });
        }
    }
}

/// What is wrong with how samples are put before the discriminator.
fn what_is_seen(train: &TrainSpec, is_points: bool) -> Vec<String> {
    let TrainSpec { augmentation, packing, batch_size, .. } = train;
    let mut found = Vec::new();
    if !(1..=MAX_PACKING).contains(packing) {
        found.push(format!("{packing} samples in a pack: choose 1 to {MAX_PACKING}"));
    } else if batch_size % packing != 0 {
        found.push(format!("the batch size is {batch_size}, but has to be a multiple of {packing}, the samples in a pack"));
    }
    if augmentation.is_on() && is_points {
        found.push(format!("augmentation ({}) changes pictures, but the data are points: switch it off", augmentation.text()));
    }
    if !(1..=MAX_RAMP).contains(&augmentation.ramp) {
        found.push(format!("the ramp of augmentation is {} thousand samples: choose 1 to {MAX_RAMP}", augmentation.ramp));
    }
    found
}

/// Reports a stack's faults, with every line that was not read, and returns its output, as far as it is known.
fn stack_faults(stack: &Stack, role: Role, faults: &mut Vec<Fault>) -> Option<Shape> {
    let mut input = |message: String| faults.push(Fault { place: Place::Input(role), cause: Cause::Input, message });
    if stack.input.values() == 0 {
        input(format!("the input {} has no values", stack.input));
        return None;
    }
    if stack.input.values() > MAX_VALUES {
        input(format!("the input {} has more than the {MAX_VALUES} values allowed", stack.input));
        return None;
    }
    let shapes = stack.shapes();
    for (layer, shape) in stack.layers.iter().zip(&shapes) {
        let (place, cause) = (Place::Layer(role, layer.id), Cause::Layer);
        match (shape, &layer.layer) {
            (LayerShape::Fault { error, .. }, _) => faults.push(Fault { place, cause, message: error.0.clone() }),
            // Whatever comes to it, nothing goes through.
            (LayerShape::Unknown, gap @ Layer::Gap { .. }) if layer.on => {
                faults.extend(gap.output_shape(stack.input).err().map(|error| Fault { place, cause, message: error.0 }));
            }
            _ => {}
        }
    }
    shapes.last().map_or(Some(stack.input), LayerShape::output)
}

fn weight_faults(project: &Project, faults: &mut Vec<Fault>) {
    for role in Role::BOTH {
        if !project.stack(role).active().any(|layer| layer.layer.has_weights()) {
            let message = "no layer has weights, so there is nothing to train: add a Dense or a convolution".to_owned();
            faults.push(Fault { place: Place::Input(role), cause: Cause::NoWeights, message });
        }
        let parameters = project.stack(role).cost().parameters;
        if parameters > MAX_PARAMETERS {
            let message = format!("the layers have {parameters} weights, more than the {MAX_PARAMETERS} allowed: make them smaller");
            faults.push(Fault { place: Place::Input(role), cause: Cause::TooManyWeights, message });
        }
    }
}

fn memory_fault(project: &Project, faults: &mut Vec<Fault>) {
    let batch = project.train.batch_size;
    let bytes = Role::BOTH.map(|role| project.stack(role).cost().activation_bytes(project.judged_at_once(role))).into_iter();
    let bytes = bytes.fold(0, u64::saturating_add);
    if bytes > MAX_ACTIVATION_BYTES {
        let gib = bytes >> 30;
        let message = format!("a batch of {batch} needs about {gib} GiB for the values inside the networks: make the batch smaller");
        faults.push(Fault { place: Place::Training, cause: Cause::Memory, message });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{DataSpec, Edit, Optimiser, PRESETS, Padding, Preset, Size, builtin_data};

    fn preset(name: &str) -> Project {
        Preset::from_name(name).unwrap().project()
    }

    fn same(mut layer: Layer) -> Layer {
        if let Layer::Conv2d { padding, .. } | Layer::ConvTranspose2d { padding, .. } = &mut layer {
            *padding = Padding::Same;
        }
        layer
    }

    /// The network that a well-known beginner's text prints, which cannot be trained.
    fn broken_tutorial(units: usize) -> Project {
        let generator = [
            Layer::dense(units),
            Layer::Relu,
            Layer::Reshape { shape: Shape::new(128, 4, 4) },
            same(Layer::conv_transpose(64, 4, 2, 0)),
            Layer::Relu,
            same(Layer::conv_transpose(32, 4, 2, 0)),
            Layer::Relu,
            same(Layer::conv(1, 4, 1, 0)),
        ];
        Project { generator: Stack::new(Shape::vector(100), generator), ..preset("seed28") }
    }

    fn texts(project: &Project) -> Vec<String> {
        project.faults().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn presets_have_no_faults() {
        for preset in PRESETS {
            assert_eq!(preset.project().faults(), [], "{}", preset.name);
        }
    }

    #[test]
    fn the_broken_tutorial_is_explained() {
        let project = broken_tutorial(128);
        let id = project.generator.layers[2].id;
        let fault = |place, cause, message: &str| Fault { place, cause, message: message.to_owned() };
        assert_eq!(
            project.faults(),
            [
                fault(Place::Layer(Role::Generator, id), Cause::Layer, "Reshape wants 2048 values (128 × 4 × 4), but gets 128 (128)"),
                fault(Place::GeneratorToData, Cause::Generated, "the generator would make 1 × 16 × 16, but the data is 1 × 28 × 28"),
            ],
            "what a Reshape makes is known although it does not fit, so that both faults are seen at once"
        );
    }

    #[test]
    fn the_half_mended_tutorial_makes_pictures_of_the_wrong_size() {
        assert_eq!(texts(&broken_tutorial(2048)), ["the generator makes 1 × 16 × 16, but the data is 1 × 28 × 28"]);
    }

    #[test]
    fn other_data_makes_both_networks_faulty() {
        let mut project = preset("dcgan28");
        Edit::SetData(builtin_data(crate::spec::Builtin::Shapes)).apply(&mut project).unwrap();
        assert_eq!(
            texts(&project),
            [
                "the generator makes 1 × 28 × 28, but the data is 3 × 32 × 32",
                "the discriminator reads 1 × 28 × 28, but the data is 3 × 32 × 32"
            ]
        );
    }

    #[test]
    fn a_discriminator_ends_in_one_value() {
        let mut project = preset("mlp");
        let id = project.discriminator.layers.last().unwrap().id;
        Edit::Remove { role: Role::Discriminator, id }.apply(&mut project).unwrap();
        assert_eq!(texts(&project), ["the discriminator has to end in one value, but ends in 128: add Flatten and Dense 1"]);
    }

    #[test]
    fn places_have_names() {
        let project = preset("mlp");
        let id = project.generator.layers[2].id;
        assert_eq!(Place::Layer(Role::Generator, id).describe(&project), "generator, layer 3: Dense");
        assert_eq!(Place::Logit.describe(&project), "discriminator, its output");
    }

    #[test]
    fn layers_that_are_off_do_nothing() {
        let mut project = preset("mlp");
        let id = project.generator.layers[1].id;
        Edit::Switch { role: Role::Generator, id, on: false }.apply(&mut project).unwrap();
        assert_eq!(project.faults(), []);
        for id in project.generator.layers.iter().map(|layer| layer.id).collect::<Vec<_>>() {
            Edit::Switch { role: Role::Generator, id, on: false }.apply(&mut project).unwrap();
        }
        assert_eq!(
            texts(&project),
            [
                "the generator makes 16, but the data is 2",
                "generator: no layer has weights, so there is nothing to train: add a Dense or a convolution"
            ]
        );
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let faults_of = |change: fn(&mut TrainSpec)| {
            let mut project = preset("mlp");
            change(&mut project.train);
            texts(&project)
        };
        assert_eq!(faults_of(|train| train.batch_size = 0), ["the batch size is 0, but has to be between 1 and 65,536"]);
        assert_eq!(faults_of(|train| train.ema_decay = 1.0), ["the averaging decay is 1, but has to be at least 0 and below 1"]);
        assert_eq!(faults_of(|train| train.ema_decay = f32::NAN).len(), 1);
        assert_eq!(
            faults_of(|train| train.generator.learning_rate = f32::NAN),
            ["the generator's learning rate is NaN, but has to be a number that is not negative"]
        );
        assert_eq!(faults_of(|train| train.d_steps_per_g_step = 0).len(), 1);
        assert_eq!(faults_of(|train| train.regularisation.r1 = -1.0), ["the weight of R1 is -1, but has to be between 0 and 1000000"]);
        assert_eq!(faults_of(|train| train.regularisation.every = 0), ["penalties at every 0 steps: choose 1 to 1000"]);
        assert_eq!(faults_of(|train| train.noise.deviation = f32::NAN).len(), 1);
        assert_eq!(faults_of(|train| train.smoothing.real = 0.6).len(), 1);
        let (adam, lion) =
            (Optimiser::Adam { beta1: 1.0, beta2: 0.999, epsilon: 1e-8 }, Optimiser::Lion { beta1: 0.9, beta2: -0.1, decay: 0.0 });
        let texts = |rule| {
            let mut project = preset("mlp");
            project.train.generator.rule = rule;
            texts(&project)
        };
        assert_eq!(texts(adam), ["the generator's beta1 is 1, but has to be at least 0 and below 1"]);
        assert_eq!(texts(lion), ["the generator's beta2 is -0.1, but has to be at least 0 and below 1"]);
        assert_eq!(texts(Optimiser::RmsProp { alpha: f32::NAN, epsilon: 1e-8 }).len(), 1);
        assert_eq!(texts(Optimiser::Sgd { momentum: 1.5 }).len(), 1);
    }

    #[test]
    fn what_the_discriminator_sees_has_to_make_sense() {
        let faults_of = |name: &str, change: fn(&mut TrainSpec)| {
            let mut project = preset(name);
            change(&mut project.train);
            texts(&project)
        };
        assert_eq!(faults_of("mlp", |train| train.packing = 2), ["the discriminator reads 2, but 2 samples of the data at once are 4"]);
        let nine = faults_of("mlp", |train| (train.packing, train.batch_size) = (9, 9));
        assert_eq!(nine[1..], ["9 samples in a pack: choose 1 to 8"]);
        let odd = faults_of("mlp", |train| (train.packing, train.batch_size) = (4, 50));
        assert_eq!(odd[1..], ["the batch size is 50, but has to be a multiple of 4, the samples in a pack"]);
        assert_eq!(
            faults_of("ring8", |train| train.augmentation.colour = true),
            ["augmentation (colour) changes pictures, but the data are points: switch it off"]
        );
        assert!(faults_of("digits", |train| train.augmentation.colour = true).is_empty());
        assert_eq!(faults_of("digits", |train| train.augmentation.probability = 1.5).len(), 1);
        assert_eq!(
            faults_of("digits", |train| train.augmentation.ramp = 0),
            ["the ramp of augmentation is 0 thousand samples: choose 1 to 1000000"]
        );
    }

    #[test]
    fn sizes_that_no_machine_holds_are_faults() {
        let mut project = preset("mlp");
        project.generator.input = Shape::vector(usize::MAX);
        assert_eq!(texts(&project)[0], format!("generator: the input {} has more than the 268435456 values allowed", usize::MAX));

        let mut project = preset("mlp");
        project.generator = Stack::new(Shape::vector(16), [Layer::dense(1 << 20), Layer::dense(1 << 20), Layer::dense(2)]);
        assert!(texts(&project)[0].contains("weights, more than the 268435456 allowed"), "{:?}", texts(&project));

        let mut project = preset("dcgan64");
        project.train.batch_size = 65_536;
        assert!(texts(&project)[0].contains("GiB"), "{:?}", texts(&project));
    }

    #[test]
    fn parameters_of_a_layer_are_checked_before_its_shape() {
        let mut project = preset("dcgan28");
        let id = project.discriminator.layers[0].id;
        let mut layer = project.discriminator.layers[0].layer.clone();
        if let Layer::Conv2d { stride, .. } = &mut layer {
            *stride = Size::square(0);
        }
        Edit::Replace { role: Role::Discriminator, id, layer }.apply(&mut project).unwrap();
        assert_eq!(texts(&project), ["discriminator: Conv2d: stride is 0 × 0, but has to be between 1 and 64"]);
    }

    #[test]
    fn every_line_that_was_not_read_is_a_fault_until_it_is_switched_off_or_removed() {
        let mut project = preset("ring8");
        for (index, line) in [(1, 12), (4, 15)] {
            let gap = Layer::Gap { source: "layers.Foo(3)".to_owned(), line, reason: "no layer is called Foo".to_owned() };
            Edit::insert(&project, Role::Generator, index, gap).apply(&mut project).unwrap();
        }
        let text = |line| {
            format!(
                "generator: line {line}: `layers.Foo(3)` could not be read: no layer is called Foo. Remove it or put a layer in its place"
            )
        };
        assert_eq!(texts(&project), [text(12), text(15)]);
        let id = project.generator.layers[1].id;
        Edit::Switch { role: Role::Generator, id, on: false }.apply(&mut project).unwrap();
        assert_eq!(texts(&project), [text(15)]);
        let id = project.generator.layers[4].id;
        Edit::Replace { role: Role::Generator, id, layer: Layer::Relu }.apply(&mut project).unwrap();
        assert_eq!(project.faults(), []);
    }

    #[test]
    fn pictures_without_pixels_are_faults() {
        let mut project = preset("dcgan28");
        let data = project.data.clone();
        let image = crate::spec::ImageSpec { width: 0, ..data.image };
        Edit::SetData(DataSpec { image, holdout: 0.7, ..data }).apply(&mut project).unwrap();
        let texts = texts(&project);
        assert!(texts.contains(&"pictures of 0 × 28: choose 1 to 1,024 for each side".to_owned()), "{texts:?}");
        assert!(texts.contains(&"a share of 0.7 is held out: choose 0 to 0.5".to_owned()), "{texts:?}");
    }
}
