//! A small drawing for each kind of layer, in the style of the icons.
//!
//! Activations are their own curves. Normalisations are grids of samples (rows) by channels (columns) with those values filled that
//! share a mean, after the figure in Wu and He (2018).

use std::f32::consts::PI;

use eframe::egui::{Atom, Color32, Painter, Rect, vec2};

use super::icons::{Pen, SIZE};
use crate::spec::{Layer, Resample};

/// Paints the drawing of a layer's kind into `rect`, whose shorter side it fills.
pub fn paint(layer: &Layer, painter: &Painter, rect: Rect, colour: Color32) {
    draw(&Pen::new(painter, rect, colour), layer);
}

/// The drawing as a part of a button.
pub fn atom<'a>(layer: &Layer, colour: Color32) -> Atom<'a> {
    let layer = layer.clone();
    Atom::paint(vec2(SIZE, SIZE), move |ui, args| paint(&layer, ui.painter(), args.rect, colour))
}

fn draw(pen: &Pen<'_>, layer: &Layer) {
    match layer {
        Layer::Dense { .. } => dense(pen),
        Layer::Conv2d { .. } => {
            pen.frame(2.0, 2.0, 14.0, 14.0);
            pen.block(4.0, 4.0, 8.5, 8.5);
        }
        Layer::ConvTranspose2d { .. } => stamp(pen),
        Layer::DepthwiseConv2d { .. } => sheets(pen, 3),
        Layer::SeparableConv2d { .. } => {
            sheets(pen, 2);
            pen.dot(13.0, 13.0, 1.6);
        }
        Layer::Residual { resample, .. } => residual(pen, *resample),
        Layer::SelfAttention { .. } => attention(pen),
        _ => draw_shape(pen, layer),
    }
}

fn draw_shape(pen: &Pen<'_>, layer: &Layer) {
    match layer {
        Layer::Upsample { .. } => {
            square(pen, 2.0, 9.0, 7.0, 14.0);
            pen.line(&[(9.0, 7.0), (13.5, 2.5)]);
            pen.line(&[(9.5, 2.5), (13.5, 2.5), (13.5, 6.5)]);
        }
        Layer::PixelShuffle { .. } => {
            for (x, y) in [(2.0, 2.0), (8.5, 8.5)] {
                pen.block(x, y, x + 5.5, y + 5.5);
            }
            square(pen, 9.2, 2.7, 13.3, 6.8);
            square(pen, 2.7, 9.2, 6.8, 13.3);
        }
        Layer::ZeroPadding2d { .. } => {
            pen.frame(2.0, 2.0, 14.0, 14.0);
            pen.block(5.0, 5.0, 11.0, 11.0);
        }
        Layer::Cropping2d { .. } => {
            pen.line(&[(4.5, 1.5), (4.5, 11.5), (14.5, 11.5)]);
            pen.line(&[(1.5, 4.5), (11.5, 4.5), (11.5, 14.5)]);
        }
        Layer::MaxPool { .. } => quarters(pen, 4.0),
        Layer::AvgPool { .. } => quarters(pen, 1.6),
        Layer::GlobalAvgPool | Layer::GlobalMaxPool => {
            pen.frame(2.0, 2.0, 14.0, 14.0);
            if matches!(layer, Layer::GlobalMaxPool) { pen.dot(8.0, 8.0, 2.6) } else { pen.ring(8.0, 8.0, 2.4) }
        }
        Layer::Reshape { .. } => {
            square(pen, 2.0, 10.0, 10.0, 14.0);
            square(pen, 10.0, 2.0, 14.0, 7.5);
            pen.line(&[(4.0, 7.5), (4.0, 4.0), (7.5, 4.0)]);
        }
        Layer::Flatten => {
            square(pen, 2.0, 5.0, 8.0, 11.0);
            pen.line(&[(9.5, 8.0), (11.5, 8.0)]);
            [3.0, 6.4, 9.8, 13.0].into_iter().for_each(|y| pen.dot(13.5, y, 1.1));
        }
        Layer::Gap { .. } => {
            pen.arc(8.0, 5.5, 3.2, -PI, 0.5 * PI);
            pen.line(&[(8.0, 8.7), (8.0, 10.5)]);
            pen.dot(8.0, 13.0, 1.1);
        }
        _ => draw_norm(pen, layer),
    }
}

fn draw_norm(pen: &Pen<'_>, layer: &Layer) {
    match layer {
        Layer::BatchNorm { .. } => grid(pen, |_, column| column == 0),
        Layer::LayerNorm { .. } => grid(pen, |row, _| row == 0),
        Layer::InstanceNorm { .. } => grid(pen, |row, column| row == 0 && column == 0),
        Layer::GroupNorm { .. } => grid(pen, |row, column| row == 0 && column < 2),
        Layer::PixelNorm { .. } => {
            pen.ring(8.0, 8.0, 5.5);
            pen.line(&[(8.0, 8.0), (12.0, 4.0)]);
            pen.dot(12.0, 4.0, 1.5);
        }
        Layer::Dropout { .. } => dots(pen, |row, column| (row + 2 * column) % 3 != 1),
        Layer::SpatialDropout { .. } => {
            for (index, x) in [2.0, 6.5, 11.0].into_iter().enumerate() {
                if index == 1 { square(pen, x + 0.5, 2.5, x + 2.5, 13.5) } else { pen.block(x, 2.0, x + 3.0, 14.0) }
            }
        }
        Layer::GaussianNoise { .. } => {
            pen.line(&[(1.5, 8.5), (3.5, 5.0), (5.0, 10.5), (7.0, 2.5), (9.0, 13.0), (10.5, 6.0), (12.5, 9.5), (14.5, 7.5)]);
        }
        Layer::MinibatchStdDev { .. } => {
            pen.line(&[(8.0, 2.0), (8.0, 14.0)]);
            pen.line(&[(5.5, 2.0), (10.5, 2.0)]);
            pen.line(&[(5.5, 14.0), (10.5, 14.0)]);
            [(3.0, 6.0), (8.0, 8.0), (13.0, 10.5)].into_iter().for_each(|(x, y)| pen.dot(x, y, 1.6));
        }
        _ => draw_activation(pen, layer),
    }
}

/// A rectangle with corners, for small ones.
fn square(pen: &Pen<'_>, left: f32, top: f32, right: f32, bottom: f32) {
    pen.line(&[(left, top), (right, top), (right, bottom), (left, bottom), (left, top), (right, top)]);
}

/// The curve over -3 to 3.
fn draw_activation(pen: &Pen<'_>, layer: &Layer) {
    let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
    let softplus = |x: f32| x.exp().ln_1p();
    let leaky = |x: f32| if x > 0.0 { x } else { 0.25 * x };
    match layer {
        Layer::Relu => rising(pen, |x| x.max(0.0)),
        Layer::LeakyRelu { .. } => rising(pen, leaky),
        Layer::PRelu { .. } => {
            rising(pen, leaky);
            pen.dot(5.0, 11.9, 1.6);
        }
        Layer::Elu { .. } => rising(pen, |x| if x > 0.0 { x } else { x.exp() - 1.0 }),
        // The usual approximation by tanh: nobody sees the difference at this size.
        Layer::Gelu => rising(pen, |x| 0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x.powi(3))).tanh())),
        Layer::Silu => rising(pen, |x| x * sigmoid(x)),
        Layer::Mish => rising(pen, |x| x * softplus(x).tanh()),
        Layer::Softplus => rising(pen, softplus),
        Layer::Tanh => {
            pen.line(&[(2.0, 8.0), (14.0, 8.0)]);
            curve(pen, |x| 8.0 - 5.0 * x.tanh());
        }
        Layer::Sigmoid => {
            pen.line(&[(2.0, 13.5), (14.0, 13.5)]);
            curve(pen, |x| 13.0 - 10.0 * sigmoid(1.6 * x));
        }
        Layer::Softmax => {
            for (x, top) in [(2.5, 10.5), (6.5, 3.0), (10.5, 8.0)] {
                pen.block(x, top, x + 3.0, 14.0);
            }
        }
        _ => {}
    }
}

fn curve(pen: &Pen<'_>, y: impl Fn(f32) -> f32) {
    let point = |step: u8| {
        let x = f32::from(step) / 24.0;
        (2.0 + 12.0 * x, y(6.0 * x - 3.0))
    };
    pen.line(&(0..=24).map(point).collect::<Vec<_>>());
}

/// A curve that stays near zero to the left and rises to three.
fn rising(pen: &Pen<'_>, y: impl Fn(f32) -> f32) {
    curve(pen, |x| 11.0 - 3.0 * y(x));
}

fn dense(pen: &Pen<'_>) {
    for from in [3.0, 8.0, 13.0] {
        for to in [5.0, 11.0] {
            pen.thin(&[(3.0, from), (13.0, to)]);
        }
        pen.dot(3.0, from, 1.6);
    }
    [5.0, 11.0].into_iter().for_each(|to| pen.dot(13.0, to, 1.6));
}

/// A value, and the larger patch that it becomes.
fn stamp(pen: &Pen<'_>) {
    square(pen, 5.5, 5.5, 14.0, 14.0);
    pen.block(2.0, 2.0, 5.0, 5.0);
    pen.thin(&[(5.0, 2.0), (14.0, 5.5)]);
    pen.thin(&[(2.0, 5.0), (5.5, 14.0)]);
}

/// Channels one behind the other.
fn sheets(pen: &Pen<'_>, count: u8) {
    for index in 0..count {
        let by = f32::from(index) * 3.0;
        square(pen, 2.0 + by, 2.0 + by, 8.0 + by, 8.0 + by);
    }
}

/// The way through, and the one past it.
fn residual(pen: &Pen<'_>, resample: Resample) {
    pen.line(&[(1.5, 11.0), (14.5, 11.0)]);
    pen.block(5.5, 8.5, 10.5, 13.5);
    pen.arc(8.0, 11.0, 6.0, -PI, 0.0);
    match resample {
        Resample::None => {}
        Resample::Up => pen.line(&[(6.0, 3.8), (8.0, 1.5), (10.0, 3.8)]),
        Resample::Down => pen.line(&[(6.0, 1.5), (8.0, 3.8), (10.0, 1.5)]),
    }
}

fn attention(pen: &Pen<'_>) {
    for (x, y) in [(3.0, 3.0), (13.0, 3.0), (3.0, 13.0), (13.0, 13.0)] {
        pen.thin(&[(8.0, 8.0), (x, y)]);
        pen.dot(x, y, 1.4);
    }
    pen.dot(8.0, 8.0, 2.4);
}

/// Four values, the first of them with a dot of this size.
fn quarters(pen: &Pen<'_>, radius: f32) {
    pen.frame(2.0, 2.0, 14.0, 14.0);
    pen.thin(&[(8.0, 2.0), (8.0, 14.0)]);
    pen.thin(&[(2.0, 8.0), (14.0, 8.0)]);
    if radius > 2.0 {
        pen.block(3.0, 3.0, 7.0, 7.0);
    } else {
        pen.dot(8.0, 8.0, radius + 1.0);
    }
}

/// Samples by channels, with the values filled that are normalised together.
fn grid(pen: &Pen<'_>, together: impl Fn(usize, usize) -> bool) {
    for (row, column) in (0..3).flat_map(|row| (0..3).map(move |column| (row, column))) {
        let (x, y) = (2.0 + 4.3 * column as f32, 2.0 + 4.3 * row as f32);
        if together(row, column) {
            pen.block(x - 0.3, y - 0.3, x + 3.6, y + 3.6);
        } else {
            pen.dot(x + 1.6, y + 1.6, 0.8);
        }
    }
}

fn dots(pen: &Pen<'_>, stays: impl Fn(usize, usize) -> bool) {
    for (row, column) in (0..3).flat_map(|row| (0..3).map(move |column| (row, column))) {
        let (x, y) = (3.0 + 5.0 * column as f32, 3.0 + 5.0 * row as f32);
        if stays(row, column) { pen.dot(x, y, 1.7) } else { pen.ring(x, y, 1.3) }
    }
}
