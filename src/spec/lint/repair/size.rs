//! The search for a generator of convolutions that makes pictures of a wanted size.
//!
//! Three things decide how large they become: the small picture that the convolutions begin with, how often it is enlarged, and what
//! the last convolution crops. All combinations within reason are tried by shape inference, and those that change least are kept.

use super::generator::fresh;
use super::layer::dense_before;
use crate::spec::lint::view::Chain;
use crate::spec::{Layer, LayerId, MAX_UNITS, Padding, Role, Shape, Size, Stack, UpsampleMode};

/// A stack that makes the wanted shape.
#[derive(Clone, Debug)]
pub struct Sized {
    pub name: String,
    pub stack: Stack,
    /// How much it changes.
    pub cost: f64,
}

/// The largest picture to begin with.
const MAX_BEGIN: usize = 64;
/// So many enlargements are added or taken away at most.
const MAX_STEPS: i32 = 4;
/// So many rows or columns are cropped at most.
const MAX_CROP: usize = 8;
/// Channels of a first small picture that has to be made up.
const CHANNELS: usize = 128;
/// What an enlargement more or less costs, compared to a beginning that is e times as large: a little less than one twice as large.
const STEP_COST: f64 = 0.65;
/// What cropping costs at all, and for each row.
const CROP_COST: (f64, f64) = (0.4, 0.05);

/// The small picture that the convolutions begin with, and where it comes from.
#[derive(Clone, Debug)]
enum Begin {
    /// A Reshape, and the Dense layer that its values come from, unless their number is fixed.
    Reshape { id: LayerId, now: Shape, dense: Option<LayerId>, values: Option<usize> },
    /// A first transposed convolution that stamps its kernel once.
    Stamp { id: LayerId, now: Size },
    /// A Dense layer without a Reshape after it, which belongs before the layer at `index`.
    Unshaped { dense: LayerId, units: usize, index: usize },
    /// Nothing yet.
    Nothing,
}

/// The stacks nearest to `stack` that make `wanted`, the nearest first.
pub fn search(stack: &Stack, wanted: Shape) -> Vec<Sized> {
    let chain = Chain::new(Role::Generator, stack);
    if !chain.mixers().any(|link| !link.layer.wants_vector()) || chain.mixers().last().is_some_and(|last| last.layer.wants_vector()) {
        return Vec::new();
    }
    let begin = begin_of(&chain);
    let mut found: Vec<Sized> = Vec::new();
    let mut steps: Vec<i32> = (-MAX_STEPS..=MAX_STEPS).collect();
    steps.sort_by_key(|steps| steps.abs());
    for steps in steps {
        let floor = STEP_COST * f64::from(steps.abs());
        if found.iter().filter(|found| found.cost < floor).count() >= 2 {
            break;
        }
        let Some(stepped) = with_steps(stack, steps) else { continue };
        for crops in [false, true] {
            found.extend(fitting(&stepped, &begin, wanted, crops).map(|fit| fit.named(stack, &begin, steps, floor)));
        }
    }
    found.retain(|found| found.stack.output_shape() == Ok(wanted));
    found.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    found.truncate(2);
    found
}

fn begin_of(chain: &Chain<'_>) -> Begin {
    let first_spatial = chain.links.iter().position(|link| link.layer.mixes() && !link.layer.wants_vector()).unwrap_or(0);
    let head = chain.links.get(..first_spatial).unwrap_or(&[]);
    let reshape = head.iter().enumerate().rev().find_map(|(at, link)| match link.layer {
        Layer::Reshape { shape } => Some((at, link, *shape)),
        _ => None,
    });
    if let Some((at, link, now)) = reshape {
        let dense = dense_before(chain, at).map(|dense| dense.id);
        return Begin::Reshape { id: link.id, now, dense, values: link.input.map(Shape::values).filter(|_| dense.is_none()) };
    }
    if let Some((at, dense)) = head.iter().enumerate().rfind(|(_, link)| link.layer.wants_vector()) {
        // After what belongs to the Dense layer: its normalisation and its activation.
        let after = head.iter().skip(at + 1).find(|link| link.layer.enlargement().is_some());
        let index = after.or(chain.links.get(first_spatial)).map_or(0, |link| link.index);
        return Begin::Unshaped { dense: dense.id, units: dense.layer.width().unwrap_or(1), index };
    }
    match chain.links.get(first_spatial) {
        Some(link) if head.iter().all(|link| link.layer.enlargement().is_none()) && link.input.is_some_and(Shape::is_vector) => {
            match link.layer {
                Layer::ConvTranspose2d { kernel, .. } => Begin::Stamp { id: link.id, now: *kernel },
                _ => Begin::Nothing,
            }
        }
        _ => Begin::Nothing,
    }
}

impl Begin {
    /// The stack beginning with a picture of this size; nothing where that cannot be.
    fn sized(&self, stack: &Stack, size: Size) -> Option<Stack> {
        let mut stack = stack.clone();
        match *self {
            Self::Reshape { id, now, dense, values } => {
                let channels = match values {
                    Some(values) if values.is_multiple_of(size.area()) => values / size.area(),
                    Some(_) => return None,
                    None => now.channels,
                };
                let shape = Shape::new(channels.max(1), size.height, size.width);
                replace(&mut stack, id, Layer::Reshape { shape })?;
                if let Some(dense) = dense {
                    set_width(&mut stack, dense, shape.values())?;
                }
            }
            Self::Stamp { id, .. } => {
                let layer = &mut stack.layers.iter_mut().find(|layer| layer.id == id)?.layer;
                let Layer::ConvTranspose2d { kernel, stride, padding, output_padding, .. } = layer else { return None };
                (*kernel, *stride, *padding, *output_padding) = (size, Size::square(1), Padding::Valid, Size::square(0));
            }
            Self::Unshaped { dense, units, index } => {
                let shape = Shape::new((units / size.area()).max(1), size.height, size.width);
                set_width(&mut stack, dense, shape.values())?;
                let index = index.min(stack.layers.len());
                let reshape = fresh(&stack, Layer::Reshape { shape });
                stack.layers.insert(index, reshape);
            }
            Self::Nothing => {
                let shape = Shape::new(CHANNELS, size.height, size.width);
                let layers = [Layer::dense(shape.values()), Layer::Relu, Layer::Reshape { shape }];
                for (index, layer) in layers.into_iter().enumerate() {
                    let layer = fresh(&stack, layer);
                    stack.layers.insert(index, layer);
                }
            }
        }
        Some(stack)
    }

    /// How far the new size is from the one there was.
    fn distance(&self, size: Size) -> f64 {
        let far = |a: usize, b: usize| (a as f64 / b.max(1) as f64).ln().abs();
        match *self {
            Self::Reshape { now, .. } => 0.5 * (far(size.height, now.height) + far(size.width, now.width)),
            Self::Stamp { now, .. } => 0.5 * (far(size.height, now.height) + far(size.width, now.width)),
            // DCGAN begins with 4 × 4, the networks for 28 × 28 with 7 × 7.
            Self::Unshaped { .. } | Self::Nothing => 0.5 + 0.25 * (far(size.height, 6) + far(size.width, 6)),
        }
    }

    fn now(&self) -> Option<Size> {
        match *self {
            Self::Reshape { now, .. } => Some(Size { height: now.height, width: now.width }),
            Self::Stamp { now, .. } => Some(now),
            Self::Unshaped { .. } | Self::Nothing => None,
        }
    }
}

fn replace(stack: &mut Stack, id: LayerId, layer: Layer) -> Option<()> {
    stack.layers.iter_mut().find(|found| found.id == id)?.layer = layer;
    Some(())
}

fn set_width(stack: &mut Stack, id: LayerId, width: usize) -> Option<()> {
    if width > MAX_UNITS {
        return None;
    }
    let layer = &mut stack.layers.iter_mut().find(|layer| layer.id == id)?.layer;
    *layer = layer.clone().with_width(width);
    Some(())
}

/// The stack with so many enlargements more, or fewer.
fn with_steps(stack: &Stack, steps: i32) -> Option<Stack> {
    let mut new = stack.clone();
    if steps >= 0 {
        for _ in 0..steps {
            enlarge(&mut new)?;
        }
    } else {
        for _ in steps..0 {
            keep_size(&mut new)?;
        }
    }
    Some(new)
}

/// One enlargement more, right before the last layer that mixes values: together they are a resize-convolution, which leaves no
/// checkerboards (Odena, Dumoulin and Olah, 2016).
fn enlarge(stack: &mut Stack) -> Option<()> {
    let chain = Chain::new(Role::Generator, stack);
    let index = chain.links.get(chain.last_mixer()?)?.index;
    let double = fresh(stack, Layer::Upsample { factor: Size::square(2), mode: UpsampleMode::Nearest });
    stack.layers.insert(index, double);
    Some(())
}

/// The last layer that enlarges keeps the size instead.
fn keep_size(stack: &mut Stack) -> Option<()> {
    let chain = Chain::new(Role::Generator, stack);
    let index = chain.links.iter().rfind(|link| link.layer.enlargement().is_some_and(|by| by.area() > 1))?.index;
    match &mut stack.layers.get_mut(index)?.layer {
        Layer::ConvTranspose2d { kernel, stride, padding, output_padding, .. } => {
            (*kernel, *stride) = (Size::square(3), Size::square(1));
            (*padding, *output_padding) = (Padding::Explicit(Size::square(1)), Size::square(0));
        }
        _ => drop(stack.layers.remove(index)),
    }
    Some(())
}

/// A combination that fits.
struct Fit {
    stack: Stack,
    begin: Size,
    crop: Size,
    adds_layer: bool,
}

/// The beginning, and where `crops` the crop, by which `stack` makes the wanted shape; rows and columns do not depend on each other.
fn fitting(stack: &Stack, begin: &Begin, wanted: Shape, crops: bool) -> Option<Fit> {
    let (ended, end) = with_end(stack, wanted.channels, crops)?;
    let now = begin.now().unwrap_or(Size::square(0));
    let mut best = [(f64::INFINITY, 0, 0); 2];
    for side in (1..=MAX_BEGIN).chain([now.height, now.width]).filter(|side| *side > 0) {
        let Some(made) = begin.sized(&ended, Size::square(side)).and_then(|stack| stack.output_shape().ok()) else { continue };
        let axes = [(made.height, wanted.height, now.height), (made.width, wanted.width, now.width)];
        for (best, (made, wanted, _)) in best.iter_mut().zip(axes) {
            let Some(crop) = made.checked_sub(wanted).filter(|crop| *crop == 0 || crops && *crop <= MAX_CROP) else { continue };
            let cost = begin.distance(Size::square(side)) + crop_cost(crop);
            if cost < best.0 {
                *best = (cost, side, crop);
            }
        }
    }
    let [(rows_cost, height, rows), (columns_cost, width, columns)] = best;
    if !rows_cost.is_finite() || !columns_cost.is_finite() || (crops && rows + columns == 0) {
        return None;
    }
    let (begin_size, crop) = (Size { height, width }, Size { height: rows, width: columns });
    let mut cropped = ended;
    if crops {
        crop_by(&mut cropped, end?, crop)?;
    }
    let adds_layer = cropped.layers.len() > stack.layers.len();
    Some(Fit { stack: begin.sized(&cropped, begin_size)?, begin: begin_size, crop, adds_layer })
}

fn crop_cost(crop: usize) -> f64 {
    if crop == 0 { 0.0 } else { CROP_COST.0 + CROP_COST.1 * crop as f64 }
}

/// The stack ending in so many channels; with a convolution that keeps the size as its last layer, by its id, where one is to crop.
fn with_end(stack: &Stack, channels: usize, crops: bool) -> Option<(Stack, Option<LayerId>)> {
    let mut new = stack.clone();
    let chain = Chain::new(Role::Generator, stack);
    let last = chain.links.get(chain.last_mixer()?)?;
    let is_unbounded = !(chain.range().0.is_finite() && chain.range().1.is_finite());
    // A layer with many channels and an activation was not meant to be the last one.
    let is_hidden =
        is_unbounded && chain.final_activations().next().is_some() && last.layer.width().is_none_or(|width| width > 4 * channels);
    let can_crop = matches!(last.layer, Layer::Conv2d { stride, dilation, .. } if stride.area() == 1 && dilation.area() == 1);
    if is_hidden || last.layer.width().is_none() || (crops && !can_crop) {
        let index = if is_hidden { stack.layers.len() } else { last.index + 1 };
        if !is_hidden && last.layer.width().is_some() {
            set_width(&mut new, last.id, last.layer.width()?.max(channels))?;
        }
        let added = fresh(&new, Layer::conv(channels, 3, 1, 1));
        let id = added.id;
        new.layers.insert(index, added);
        return Some((new, Some(id)));
    }
    set_width(&mut new, last.id, channels)?;
    if crops {
        let layer = &mut new.layers.get_mut(last.index)?.layer;
        let Layer::Conv2d { padding, .. } = layer else { return None };
        *padding = Padding::Same;
    }
    Some((new, Some(last.id)))
}

/// A convolution that crops by its kernel and by how much less it pads.
fn crop_by(stack: &mut Stack, id: LayerId, crop: Size) -> Option<()> {
    let layer = &mut stack.layers.iter_mut().find(|layer| layer.id == id)?.layer;
    let Layer::Conv2d { kernel, padding, .. } = layer else { return None };
    let axis = |crop: usize| {
        let least = if crop.is_multiple_of(2) { 3 } else { 4 };
        let kernel = least.max(crop + 1);
        (kernel, (kernel - 1 - crop) / 2)
    };
    let (rows, columns) = (axis(crop.height), axis(crop.width));
    *kernel = Size { height: rows.0, width: columns.0 };
    *padding = Padding::Explicit(Size { height: rows.1, width: columns.1 });
    Some(())
}

impl Fit {
    /// What it does in words, and what it costs.
    fn named(self, old: &Stack, begin: &Begin, steps: i32, floor: f64) -> Sized {
        let Self { stack, begin: size, crop, adds_layer } = self;
        let mut words = Vec::new();
        if begin.now() != Some(size) {
            words.push(begin_words(&stack, begin, size));
        }
        match steps {
            0 => {}
            1 => words.push("enlarge once more".to_owned()),
            -1 => words.push("enlarge once less".to_owned()),
            2.. => words.push(format!("enlarge {steps} times more")),
            _ => words.push(format!("enlarge {} times less", -steps)),
        }
        if crop.area() > 0 || crop.height + crop.width > 0 {
            words.push(format!(
                "crop {} by the last convolution",
                if crop.height == crop.width { crop.height.to_string() } else { crop.to_string() }
            ));
        }
        let channels = |stack: &Stack| Chain::new(Role::Generator, stack).mixers().last().and_then(|link| link.layer.width());
        if channels(old) != channels(&stack) || words.is_empty() {
            let count = channels(&stack).unwrap_or(1);
            words.push(format!("end in {count} {}", if count == 1 { "channel" } else { "channels" }));
        }
        let cost = floor + begin.distance(size) + crop_cost(crop.height.max(crop.width)) + if adds_layer { 0.5 } else { 0.0 };
        Sized { name: capital(&words.join(", ")), stack, cost }
    }
}

fn begin_words(stack: &Stack, begin: &Begin, size: Size) -> String {
    let shape = stack.layers.iter().find_map(|layer| match (&layer.layer, begin) {
        (Layer::Reshape { shape }, Begin::Reshape { id, .. }) if *id == layer.id => Some(*shape),
        (Layer::Reshape { shape }, Begin::Unshaped { .. } | Begin::Nothing) => Some(*shape),
        _ => None,
    });
    match (shape, begin) {
        (Some(shape), Begin::Reshape { dense: None, .. }) => format!("begin with {shape}"),
        (Some(shape), _) => format!("begin with {shape} (Dense {})", shape.values()),
        (None, _) => format!("begin with {size}"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
