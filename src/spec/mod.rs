//! What to train: plain data, and pure functions of it. No device, no files, no window.
//!
//! A [`Project`] is all a person edits, and an [`Edit`] is the only way to change one. Shapes, costs, faults and
//! findings are computed from it.

mod augmentation;
mod catalogue;
mod changes;
mod check;
mod cost;
mod describe;
mod edit;
mod editor;
mod fields;
mod group;
mod infer;
mod kind;
mod layer;
mod lint;
mod parameters;
mod parts;
mod presets;
mod project;
mod ranges;
mod rates;
mod regularisation;
mod restart;
mod schedule;
mod shape;
mod stack;
mod tensors;
mod text;
mod wrap;

pub use augmentation::{Augmentation, MAX_PACKING, MAX_RAMP};
pub use catalogue::{Entry, Link, Parameter, catalogue};
pub use changes::Change;
pub use check::{Cause, Fault, Place};
pub use cost::Cost;
pub use edit::{Edit, EditError};
pub use editor::Editor;
pub use fields::{Field, MAX_EDGE, MAX_PADDING, MAX_UNITS, MAX_WINDOW, Slot};
pub use group::{Group, GroupEdit, Spot};
pub use infer::{ShapeError, Windows};
pub use kind::Family;
pub use layer::{BlockNorm, Init, Layer, Resample, UpsampleMode};
pub use lint::{Finding, Fix, Limits, Mended, Severity, fix_all, fix_all_within, lint, lint_within};
pub use parts::{Attention, Block, Separable};
pub use presets::{PRESETS, Preset, PresetKind, TUTORIAL, builtin_data};
pub use project::{
    Builtin, Colour, DataSpec, FORMAT, Fit, ImageSpec, Latent, Loss, Optimiser, OptimiserSpec, Project, Source, Stop, TrainSpec, VERSION,
};
pub use ranges::{MAX_BOUND, MAX_EVERY, MAX_NOISE, MAX_PENALTY};
pub use regularisation::{Regularisation, USUAL_CLIP, USUAL_GRADIENT_PENALTY};
pub use restart::Fate;
pub use schedule::{Decay, GradientClip, InstanceNoise, LabelSmoothing, Schedule};
pub use shape::{MAX_VALUES, Padding, Shape, Size, Window};
pub use stack::{LayerId, LayerShape, Role, Stack, StackLayer};
pub use tensors::TensorShape;
pub use text::{TextError, layers_from_text, layers_to_text};
pub use wrap::{NoBlock, Wrapped};
