//! Layers made one residual block, and a block made the layers it consists of.
//!
//! A block is no sum of any layers whatever: it is norm - ReLU - convolution, twice, beside a shortcut (see [`super::parts`]). Wrapping
//! therefore finds the one block that turns the same shape into the same shape, and takes from the layers what a block can have of them.

use super::edit::Edit;
use super::group::{Group, GroupEdit, Spot, insert_all, named};
use super::layer::{BlockNorm, Layer, Resample};
use super::shape::{Shape, Size};
use super::stack::{LayerShape, Role, StackLayer};

/// Why layers cannot become a residual block, or a block cannot become layers: in one sentence for people, without a full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoBlock(String);

type Result<T> = std::result::Result<T, NoBlock>;

fn refuse<T>(why: impl Into<String>) -> Result<T> {
    Err(NoBlock(why.into()))
}

/// Layers as a residual block.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrapped {
    /// Puts the block where the layers are.
    pub change: GroupEdit,
    /// The block, a [`Layer::Residual`].
    pub block: Layer,
    /// The names of the kinds that a block has nothing of, in order, each once.
    pub left_out: Vec<&'static str>,
}

/// Adjacent layers of one stack, all of them on.
struct Run<'a> {
    role: Role,
    /// The place of the first one.
    start: usize,
    layers: Vec<&'a StackLayer>,
    input: Shape,
    output: Shape,
}

impl Group<'_> {
    /// Replaces these layers, which have to follow each other, by one residual block that makes the same shape of the same input.
    ///
    /// # Errors
    /// There is no such block, and why.
    pub fn wrap(&self) -> Result<Wrapped> {
        let run = self.run()?;
        let block = block_for(&run)?;
        let mut left_out: Vec<&'static str> = Vec::new();
        for layer in run.layers.iter().filter(|layer| !is_kept(&layer.layer)) {
            if !left_out.contains(&layer.layer.name()) {
                left_out.push(layer.layer.name());
            }
        }
        let label = format!("wrap {} in a residual block", named(run.layers.iter().copied()));
        let (inserts, spots) = insert_all(self.project.stack(run.role), run.role, run.start, vec![(block.clone(), true)]);
        let edits = inserts.into_iter().chain(self.spots.iter().map(|&(role, id)| Edit::Remove { role, id })).collect();
        Ok(Wrapped { change: GroupEdit::new(label, edits, spots), block, left_out })
    }

    /// Replaces each of these residual blocks by the layers of its main path, one after the other. The shortcut past them is lost.
    ///
    /// # Errors
    /// One of them is no residual block, or what goes into it is not known.
    pub fn unwrap_blocks(&self) -> Result<GroupEdit> {
        let (mut edits, mut spots) = (Vec::new(), Vec::new());
        let mut after = self.project.clone();
        for &(role, id) in &self.spots {
            let path = self.main_path((role, id))?;
            let place = after.stack(role).position(id).unwrap_or_default();
            let (inserts, parts) = insert_all(after.stack(role), role, place, path);
            for edit in inserts.into_iter().chain([Edit::Remove { role, id }]) {
                edits.push(edit.clone());
                edit.apply(&mut after).map_err(|error| NoBlock(error.to_string()))?;
            }
            spots.extend(parts);
        }
        let label = match self.len() {
            0 => return refuse("select residual blocks"),
            1 => format!("unwrap a residual block into {} layers", spots.len()),
            count => format!("unwrap {count} residual blocks into {} layers", spots.len()),
        };
        Ok(GroupEdit::new(label, edits, spots))
    }

    /// The layers of a block's main path, switched on or off as the block is.
    fn main_path(&self, (role, id): Spot) -> Result<Vec<(Layer, bool)>> {
        let stack = self.project.stack(role);
        let found = stack.layers.iter().zip(stack.shapes()).find(|(layer, _)| layer.id == id);
        let Some((layer, shape)) = found else { return refuse("select residual blocks") };
        let name = layer.layer.name();
        match shape {
            LayerShape::Known { input, .. } => match layer.layer.block(input) {
                Some(block) => Ok(block.main().into_iter().map(|part| (part.clone(), layer.on)).collect()),
                None => refuse(format!("{name} is no residual block")),
            },
            LayerShape::Fault { .. } => refuse(format!("{name} does not fit its input yet")),
            LayerShape::Unknown => refuse(format!("what goes into {name} is not known yet")),
        }
    }

    fn run(&self) -> Result<Run<'_>> {
        let Some(&(role, _)) = self.spots.first() else { return refuse("select layers") };
        if self.spots.iter().any(|spot| spot.0 != role) {
            return refuse("select layers of one network");
        }
        let (places, layers) = (self.places(role), self.layers());
        let Some(&start) = places.first() else { return refuse("select layers") };
        if places.iter().zip(start..).any(|(&place, expected)| place != expected) {
            return refuse("select layers that follow each other");
        }
        if let Some(off) = layers.iter().find(|layer| !layer.on) {
            return refuse(format!("{} is switched off: switch it on or leave it out", off.layer.name()));
        }
        let shapes = self.project.stack(role).shapes();
        let (mut input, mut output) = (None, None);
        for (layer, shape) in layers.iter().zip(&shapes[start..]) {
            match shape {
                LayerShape::Known { input: before, output: after } => (input, output) = (input.or(Some(*before)), Some(*after)),
                LayerShape::Fault { .. } => return refuse(format!("{} does not fit its input yet", layer.layer.name())),
                LayerShape::Unknown => return refuse(format!("what goes into {} is not known yet", layer.layer.name())),
            }
        }
        match (input, output) {
            (Some(input), Some(output)) => Ok(Run { role, start, layers, input, output }),
            _ => refuse("select layers"),
        }
    }
}

/// The block that makes of the run's input what the run makes of it.
fn block_for(run: &Run<'_>) -> Result<Layer> {
    let layers = || run.layers.iter().map(|layer| &layer.layer);
    if layers().any(|layer| matches!(layer, Layer::Residual { .. })) {
        return refuse("there is a residual block among these layers already");
    }
    let resample = resample_of(run.input, run.output)?;
    let mut convolutions: Vec<Layer> = layers().filter(|layer| is_convolution(layer)).cloned().collect();
    let mut weights: Vec<_> = convolutions.iter_mut().filter_map(Layer::weights_mut).collect();
    // Spectral norm and initial weights that suit each other come from one and the same layer.
    weights.sort_by_key(|weights| !*weights.spectral_norm);
    let (Some(kernel), Some(lead)) = (kernel_of(layers()), weights.first()) else {
        return refuse("a residual block is made of convolutions, and there is none among these layers");
    };
    let (init, spectral_norm) = (*lead.init, *lead.spectral_norm);
    let bias = weights.iter().any(|weights| *weights.bias);
    let norm = if layers().any(|layer| matches!(layer, Layer::BatchNorm { .. })) { BlockNorm::Batch } else { BlockNorm::None };
    let block = Layer::Residual { filters: run.output.channels, kernel, resample, norm, bias, init, spectral_norm };
    match block.output_shape(run.input) {
        Ok(output) if output == run.output => Ok(block),
        Ok(output) => refuse(format!("a residual block would make {output} of {}, and these layers make {}", run.input, run.output)),
        Err(error) => refuse(error.to_string()),
    }
}

/// What a block has to do to the size of a picture.
fn resample_of(input: Shape, output: Shape) -> Result<Resample> {
    let is = |height: usize, width: usize| (output.height, output.width) == (height, width);
    let Shape { height, width, .. } = input;
    if is(height, width) {
        Ok(Resample::None)
    } else if is(2 * height, 2 * width) {
        Ok(Resample::Up)
    } else if is(height / 2, width / 2) {
        Ok(Resample::Down)
    } else {
        let (from, to) = (size_text(input), size_text(output));
        refuse(format!("a residual block halves, keeps or doubles a picture; these layers turn {from} into {to}"))
    }
}

/// `7 × 7`, or `100 values` of what is no picture.
fn size_text(shape: Shape) -> String {
    if shape.is_vector() { format!("{} values", shape.channels) } else { Size { height: shape.height, width: shape.width }.to_string() }
}

fn is_convolution(layer: &Layer) -> bool {
    matches!(layer, Layer::Conv2d { .. } | Layer::ConvTranspose2d { .. } | Layer::DepthwiseConv2d { .. } | Layer::SeparableConv2d { .. })
}

/// The largest kernel of the convolutions that keep the size, or else of those that do not. The latter are often even so that they are a
/// multiple of the stride; a block resizes beside its convolutions and takes the next smaller odd kernel, whose middle is a pixel.
fn kernel_of<'a>(layers: impl Iterator<Item = &'a Layer>) -> Option<Size> {
    let (mut keeping, mut resizing) = (Vec::new(), Vec::new());
    for layer in layers {
        match *layer {
            Layer::Conv2d { kernel, stride, .. }
            | Layer::DepthwiseConv2d { kernel, stride, .. }
            | Layer::SeparableConv2d { kernel, stride, .. }
            | Layer::ConvTranspose2d { kernel, stride, .. } => {
                if stride == Size::square(1) { &mut keeping } else { &mut resizing }.push(kernel);
            }
            _ => {}
        }
    }
    let odd = |side: usize| if side.is_multiple_of(2) { (side - 1).max(3) } else { side };
    let largest = |kernels: Vec<Size>| kernels.into_iter().max_by_key(|kernel| kernel.area());
    largest(keeping).or_else(|| largest(resizing).map(|kernel| Size { height: odd(kernel.height), width: odd(kernel.width) }))
}

/// Does a block have something of this layer: a convolution, a ReLU, batch normalisation, or the way it resizes?
fn is_kept(layer: &Layer) -> bool {
    is_convolution(layer)
        || matches!(
            layer,
            Layer::BatchNorm { .. }
                | Layer::Relu
                | Layer::Upsample { .. }
                | Layer::PixelShuffle { .. }
                | Layer::MaxPool { .. }
                | Layer::AvgPool { .. }
                | Layer::ZeroPadding2d { .. }
                | Layer::Cropping2d { .. }
        )
}

#[cfg(test)]
mod tests {
    use rand::RngExt as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::random::{Purpose, stream};
    use crate::spec::{Init, LayerId, PRESETS, Preset, Project, Stack, TUTORIAL, catalogue, layers_to_text};

    const G: Role = Role::Generator;

    fn run_of(project: &Project, role: Role, start: usize, end: usize) -> Group<'_> {
        Group::new(project, project.stack(role).layers[start..end].iter().map(|layer| (role, layer.id)))
    }

    /// A project whose generator turns `input` into something by `layers`.
    fn project(input: Shape, layers: impl IntoIterator<Item = Layer>) -> Project {
        let mut project = Preset::from_name("mlp").unwrap().project();
        project.generator = Stack::new(input, layers);
        project
    }

    fn wrapped(project: &Project) -> Wrapped {
        run_of(project, G, 0, project.generator.layers.len()).wrap().unwrap()
    }

    fn why_not(project: &Project, spots: &[(Role, usize)]) -> String {
        let spots = spots.iter().map(|&(role, index)| (role, project.stack(role).layers[index].id));
        Group::new(project, spots).wrap().unwrap_err().to_string()
    }

    /// Applies `edit`, checks that it can be taken back exactly, and returns what it makes.
    fn applied(before: &Project, edit: Edit) -> Project {
        let mut after = before.clone();
        let inverse = edit.apply(&mut after).unwrap();
        let mut back = after.clone();
        inverse.apply(&mut back).unwrap();
        assert_eq!(&back, before);
        after
    }

    #[test]
    fn a_block_takes_from_the_layers_what_it_can_have_of_them() {
        let conv = |filters| Layer::conv(filters, 5, 1, 2).without_bias().with_init(Init::Orthogonal);
        let up = Layer::conv_transpose(32, 4, 2, 1).without_bias().with_init(Init::Dcgan).with_spectral_norm();
        let layers = [up, Layer::batch_norm(), Layer::leaky_relu(), conv(24), Layer::Dropout { rate: 0.1 }, Layer::leaky_relu()];
        let before = project(Shape::new(64, 7, 7), layers);
        let Wrapped { change, block, left_out } = wrapped(&before);
        let expected = "Residual: filters 24; kernel 5 × 5; resample up; norm batch; bias off; init N(0, 0.02); spectral norm on\n";
        assert_eq!(layers_to_text([&StackLayer { id: LayerId(1), on: true, layer: block }]), expected);
        assert_eq!(left_out, ["LeakyReLU", "Dropout"]);
        assert_eq!(change.edit.describe(&before), "wrap 6 layers in a residual block");
        let after = applied(&before, change.edit);
        assert_eq!((after.generator.layers.len(), change.spots), (1, vec![(G, LayerId(7))]));
        assert_eq!(after.generator.output_shape(), before.generator.output_shape());
    }

    #[test]
    fn even_kernels_that_resize_become_odd_and_others_stay() {
        let kernel = |layers: &[Layer]| kernel_of(layers.iter()).unwrap();
        assert_eq!(kernel(&[Layer::conv(8, 4, 2, 1)]), Size::square(3));
        assert_eq!(kernel(&[Layer::conv(8, 2, 2, 0)]), Size::square(3));
        assert_eq!(kernel(&[Layer::conv(8, 5, 2, 2)]), Size::square(5));
        assert_eq!(kernel(&[Layer::conv(8, 6, 2, 2), Layer::conv(8, 1, 1, 0)]), Size::square(1));
        assert_eq!(kernel(&[Layer::conv(8, 4, 1, 2)]), Size::square(4));
    }

    #[test]
    fn where_there_is_no_such_block_it_is_said_why() {
        let dcgan = Preset::from_name("dcgan28").unwrap().project();
        let (g, d) = (Role::Generator, Role::Discriminator);
        assert_eq!(why_not(&dcgan, &[]), "select layers");
        assert_eq!(why_not(&dcgan, &[(g, 3), (d, 0)]), "select layers of one network");
        assert_eq!(why_not(&dcgan, &[(g, 3), (g, 5)]), "select layers that follow each other");
        let enlarging: Vec<_> = (3..9).map(|index| (g, index)).collect();
        let expected = "a residual block halves, keeps or doubles a picture; these layers turn 7 × 7 into 28 × 28";
        assert_eq!(why_not(&dcgan, &enlarging), expected);
        let from_latent: Vec<_> = (0..4).map(|index| (g, index)).collect();
        assert!(why_not(&dcgan, &from_latent).ends_with("these layers turn 100 values into 14 × 14"));
        assert_eq!(why_not(&dcgan, &[(g, 4)]), "a residual block is made of convolutions, and there is none among these layers");
        let mut off = dcgan.clone();
        off.generator.layers[4].on = false;
        assert_eq!(why_not(&off, &[(g, 3), (g, 4)]), "BatchNorm is switched off: switch it on or leave it out");
        let broken = project(Shape::vector(4), [Layer::dense(8), Layer::conv(8, 3, 1, 0), Layer::Relu]);
        assert_eq!(why_not(&broken, &[(g, 0), (g, 1)]), "Conv2d does not fit its input yet");
        assert_eq!(why_not(&broken, &[(g, 2)]), "what goes into ReLU is not known yet");
        let block = project(Shape::new(4, 8, 8), [Layer::residual(8, Resample::Up)]);
        assert_eq!(why_not(&block, &[(g, 0)]), "there is a residual block among these layers already");
        assert_eq!(run_of(&dcgan, g, 0, 1).unwrap_blocks().unwrap_err().to_string(), "Dense is no residual block");
        assert_eq!(Group::new(&dcgan, []).unwrap_blocks().unwrap_err().to_string(), "select residual blocks");
    }

    /// Wraps every run of a stack that can be wrapped, and looks that nothing else changes. Returns how many there were.
    fn wrap_every_run(before: &Project, role: Role) -> usize {
        let stack = before.stack(role);
        let shapes = stack.shapes();
        let mut count = 0;
        for (start, end) in (0..stack.layers.len()).flat_map(|start| (start + 1..=stack.layers.len()).map(move |end| (start, end))) {
            let Ok(Wrapped { change, block, .. }) = run_of(before, role, start, end).wrap() else { continue };
            let after = applied(before, change.edit);
            let wrapped = after.stack(role);
            let LayerShape::Known { input, .. } = shapes[start] else { panic!("a run that was wrapped has an input") };
            let output = shapes[end - 1].output().unwrap();
            assert_eq!(block.output_shape(input).as_ref(), Ok(&output));
            let expected: Vec<_> = shapes[..start].iter().cloned().chain([LayerShape::Known { input, output }]).collect();
            assert_eq!(wrapped.shapes(), [&expected[..], &shapes[end..]].concat());
            assert_eq!(wrapped.layers.len(), stack.layers.len() - (end - start) + 1);
            assert_eq!((role, wrapped.layers[start].id), change.spots[0]);
            count += 1;
        }
        count
    }

    #[test]
    fn every_run_of_every_preset_that_can_be_wrapped_keeps_all_shapes() {
        let mut count = 0;
        for preset in PRESETS.into_iter().chain([TUTORIAL]) {
            for role in Role::BOTH {
                count += wrap_every_run(&preset.project(), role);
            }
        }
        assert!(count > 100, "{count} runs of the presets are blocks");
    }

    fn drawn_layer(rng: &mut ChaCha8Rng) -> Layer {
        let filters = rng.random_range(1..9);
        let mut layer = match rng.random_range(0..10) {
            0 => Layer::conv(filters, 3, 1, 1),
            1 => Layer::conv(filters, 4, 2, 1),
            2 => Layer::conv(filters, rng.random_range(1..6), rng.random_range(1..3), rng.random_range(0..3)),
            3 => Layer::conv_transpose(filters, 4, 2, 1),
            4 => Layer::separable(filters, 3, rng.random_range(1..3)),
            5 => Layer::residual(filters, Resample::ALL[rng.random_range(0..3)]),
            6 => Layer::batch_norm(),
            7 => Layer::Relu,
            _ => {
                let entries = catalogue();
                entries[rng.random_range(0..entries.len())].layer.clone()
            }
        };
        if let Some(weights) = layer.weights_mut() {
            *weights.bias = rng.random();
            *weights.init = Init::ALL[rng.random_range(0..Init::ALL.len())];
            *weights.spectral_norm = rng.random() && *weights.init != Init::Zeros;
        }
        layer
    }

    #[test]
    fn drawn_runs_keep_all_shapes() {
        let mut count = 0;
        for seed in 0..150 {
            let rng = &mut stream(seed, Purpose::Synthetic, 3);
            let input = Shape::new(rng.random_range(1..9), rng.random_range(1..20), rng.random_range(1..20));
            let layers: Vec<Layer> = (0..7).map(|_| drawn_layer(rng)).collect();
            let mut drawn = project(input, layers);
            drawn.generator.layers[rng.random_range(0..7)].on = rng.random_range(0..4) > 0;
            count += wrap_every_run(&drawn, G);
        }
        assert!(count > 300, "only {count} of the drawn runs were blocks");
    }

    #[test]
    fn unwrapping_keeps_all_shapes_and_wrapping_again_makes_the_same_block() {
        let mut count = 0;
        for seed in 0..300 {
            let rng = &mut stream(seed, Purpose::Synthetic, 4);
            let block = Layer::Residual {
                filters: rng.random_range(1..9),
                kernel: Size { height: rng.random_range(1..6), width: rng.random_range(1..6) },
                resample: Resample::ALL[rng.random_range(0..3)],
                norm: BlockNorm::ALL[rng.random_range(0..2)],
                bias: rng.random(),
                init: Init::ALL[rng.random_range(0..5)],
                spectral_norm: rng.random(),
            };
            let input = Shape::new(rng.random_range(1..9), rng.random_range(2..20), rng.random_range(2..20));
            let before = project(input, [Layer::Relu, block.clone(), Layer::Tanh]);
            let change = run_of(&before, G, 1, 2).unwrap_blocks().unwrap();
            let after = applied(&before, change.edit);
            assert_eq!(after.generator.output_shape(), before.generator.output_shape(), "{block:?}");
            assert_eq!(after.generator.layers.len(), change.spots.len() + 2);
            let again = Group::new(&after, change.spots).wrap().unwrap();
            assert_eq!((&again.block, again.left_out.len()), (&block, 0));
            assert_eq!(applied(&after, again.change.edit).generator.layers[1].layer, block);
            count += 1;
        }
        assert_eq!(count, 300);
    }

    #[test]
    fn a_block_becomes_its_main_path_switched_as_it_was() {
        let blocks = [Layer::residual(8, Resample::Up), Layer::residual(4, Resample::Down)];
        let mut before = project(Shape::new(4, 8, 8), blocks);
        before.generator.layers[1].on = false;
        let change = run_of(&before, G, 0, 2).unwrap_blocks().unwrap();
        assert_eq!(change.edit.describe(&before), "unwrap 2 residual blocks into 12 layers");
        let after = applied(&before, change.edit);
        let names: Vec<_> = after.generator.layers.iter().map(|layer| (layer.layer.name(), layer.on)).collect();
        let first = ["BatchNorm", "ReLU", "Upsample", "Conv2d", "BatchNorm", "ReLU", "Conv2d"].map(|name| (name, true));
        let second = ["ReLU", "Conv2d", "ReLU", "Conv2d", "AvgPool"].map(|name| (name, false));
        assert_eq!(names, [&first[..], &second[..]].concat());
        let one = run_of(&before, G, 0, 1).unwrap_blocks().unwrap();
        assert_eq!(one.edit.describe(&before), "unwrap a residual block into 7 layers");
    }
}
