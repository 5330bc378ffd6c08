//! From layers to Keras's.

use super::Writer;
use crate::code::write::WriteError;
use crate::code::write::entry::{Entry, Transform};
use crate::code::write::parts::{Border, Mixing, is_same, mixing, windows};
use crate::code::write::python::{Call, flag, number, pair};
use crate::spec::{BlockNorm, Init, Layer, LayerId, Padding, Resample, Shape, Size, UpsampleMode};

const ONE: Size = Size::square(1);

impl Writer {
    /// What a layer becomes, but for those that only change the shape.
    pub(super) fn modules(&mut self, id: LayerId, layer: &Layer, output: Shape) -> Result<(), WriteError> {
        match layer {
            Layer::Dense { units, .. } => {
                self.flatten();
                let call = weights(Call::new("layers.Dense").arg(units), layer, "kernel_initializer", 1);
                self.weighted(id, layer, call, Transform::Dense);
            }
            Layer::Conv2d { .. } => self.convolution(id, layer)?,
            Layer::DepthwiseConv2d { .. } => self.depthwise(id, layer, output)?,
            Layer::SeparableConv2d { .. } => self.separable(id, layer)?,
            Layer::ConvTranspose2d { .. } => self.transposed(id, layer)?,
            Layer::Residual { .. } => self.residual(id, layer),
            Layer::SelfAttention { .. } => self.attention(id, layer),
            Layer::MaxPool { .. } | Layer::AvgPool { .. } => self.pool(layer)?,
            layer if layer.family() == crate::spec::Family::Normalisation => self.normalisation(id, layer),
            layer if layer.family() == crate::spec::Family::Shape => self.resized(layer),
            layer => self.activation(id, layer),
        }
        Ok(())
    }

    fn weighted(&mut self, id: LayerId, layer: &Layer, call: Call, transform: Transform) {
        self.start(layer);
        let source = call.end();
        let spectral = mixing(layer).is_some_and(|mixing| mixing.spectral_norm);
        if spectral {
            self.used.insert("spectral_norm");
        }
        self.entries.push(Entry::holding(if spectral { format!("spectral_norm({source})") } else { source }, id, transform));
    }

    /// What draws the weights may be a function that is written out.
    fn start(&mut self, layer: &Layer) {
        if mixing(layer).is_some_and(|mixing| mixing.init == Init::PyTorch) {
            self.used.insert("start");
        }
    }

    /// Adds rows and columns in a layer of their own where Keras's `same` is not what is meant; says whether it is.
    fn border(&mut self, layer: &Layer) -> Result<bool, WriteError> {
        let border = Border::of(&windows(layer, self.at.shape)?);
        if border == Border::default() {
            return Ok(false);
        }
        if is_same(layer, self.at.shape)? {
            return Ok(true);
        }
        self.plain(format!("layers.ZeroPadding2D({})", pairs(border)));
        Ok(false)
    }

    fn convolution(&mut self, id: LayerId, layer: &Layer) -> Result<(), WriteError> {
        self.unflatten();
        let Layer::Conv2d { filters, kernel, stride, dilation, groups, .. } = *layer else { return Ok(()) };
        possible(stride, dilation)?;
        let same = self.border(layer)?;
        let call = Call::new("layers.Conv2D").arg(filters).arg(pair(kernel)).size("strides", stride);
        let call = call.unless(&false, "padding", &same, "\"same\"").size("dilation_rate", dilation).unless(&1, "groups", &groups, groups);
        self.weighted(id, layer, weights(call, layer, "kernel_initializer", 1), Transform::Conv);
        Ok(())
    }

    fn depthwise(&mut self, id: LayerId, layer: &Layer, output: Shape) -> Result<(), WriteError> {
        self.unflatten();
        let Layer::DepthwiseConv2d { multiplier, kernel, stride, dilation, .. } = *layer else { return Ok(()) };
        possible(stride, dilation)?;
        let channels = self.at.shape.channels;
        let same = self.border(layer)?;
        let alike = stride.height == stride.width;
        let call = match alike {
            true => Call::new("layers.DepthwiseConv2D").arg(pair(kernel)),
            // Keras's own has one stride for both directions.
            false => Call::new("layers.Conv2D").arg(output.channels).arg(pair(kernel)),
        };
        let call = call.size("strides", stride).unless(&false, "padding", &same, "\"same\"").size("dilation_rate", dilation);
        let (call, initializer) = match alike {
            true => (call.unless(&1, "depth_multiplier", &multiplier, multiplier), "depthwise_initializer"),
            false => (call.named("groups", channels), "kernel_initializer"),
        };
        let call = weights(call, layer, initializer, if alike { channels } else { 1 });
        self.weighted(id, layer, call, if alike { Transform::Depthwise(channels) } else { Transform::Conv });
        Ok(())
    }

    fn separable(&mut self, id: LayerId, layer: &Layer) -> Result<(), WriteError> {
        self.unflatten();
        let Layer::SeparableConv2d { filters, multiplier, kernel, stride, dilation, spectral_norm, .. } = *layer else { return Ok(()) };
        let input = self.at.shape;
        if let (true, Some(parts)) = (spectral_norm || stride.height != stride.width, layer.separable_parts()) {
            let between = crate::code::write::parts::output(&parts.depthwise, input)?;
            self.part(id, &parts.depthwise, between, "depthwise.")?;
            self.at.shape = between;
            return self.part(id, &parts.pointwise, Shape { channels: filters, ..between }, "pointwise.");
        }
        possible(stride, dilation)?;
        let same = self.border(layer)?;
        let call = Call::new("layers.SeparableConv2D").arg(filters).arg(pair(kernel)).size("strides", stride);
        let call = call.unless(&false, "padding", &same, "\"same\"").size("dilation_rate", dilation);
        let call = weights(call.unless(&1, "depth_multiplier", &multiplier, multiplier), layer, "depthwise_initializer", input.channels);
        let call = initializer(call, layer, "pointwise_initializer", 1);
        self.weighted(id, layer, call, Transform::Separable(input.channels));
        Ok(())
    }

    /// A part of a layer as a layer of its own.
    fn part(&mut self, id: LayerId, layer: &Layer, output: Shape, part: &'static str) -> Result<(), WriteError> {
        self.modules(id, layer, output)?;
        if let Some(holder) = self.entries.last_mut().and_then(|entry| entry.holder.as_mut()) {
            holder.part = part;
        }
        Ok(())
    }

    fn transposed(&mut self, id: LayerId, layer: &Layer) -> Result<(), WriteError> {
        self.unflatten();
        let Layer::ConvTranspose2d { filters, kernel, stride, padding, output_padding, .. } = *layer else { return Ok(()) };
        let same = padding != Padding::Valid && is_same(layer, self.at.shape)?;
        let zero = Size::square(0);
        let extra = if same || padding == Padding::Valid { zero } else { output_padding };
        let call = Call::new("layers.Conv2DTranspose").arg(filters).arg(pair(kernel)).size("strides", stride);
        let call = call.unless(&false, "padding", &same, "\"same\"").unless(&zero, "output_padding", &extra, tuple(extra));
        self.weighted(id, layer, weights(call, layer, "kernel_initializer", 1), Transform::ConvTranspose);
        if same || padding == Padding::Valid {
            return Ok(());
        }
        let windows = windows(layer, self.at.shape)?;
        let cut = |input: usize, kernel: usize, stride: usize, added: usize, window: crate::spec::Window| {
            let full = (input - 1) * stride + kernel;
            // Without output padding Keras adds what a stride larger than the kernel leaves out.
            let made = if extra == zero { full.max(input * stride) } else { full + added };
            (window.before, made - window.before - window.output)
        };
        let shape = self.at.shape;
        let (top, bottom) = cut(shape.height, kernel.height, stride.height, extra.height, windows.rows);
        let (left, right) = cut(shape.width, kernel.width, stride.width, extra.width, windows.columns);
        let border = Border { top, bottom, left, right };
        if border != Border::default() {
            self.plain(format!("layers.Cropping2D({})", pairs(border)));
        }
        Ok(())
    }

    fn class(&mut self, id: LayerId, layer: &Layer, file: &'static str, call: Call) {
        self.used.insert(file);
        self.start(layer);
        let Some(Mixing { init, spectral_norm, .. }) = mixing(layer) else { return };
        let call = call.unless(&Init::Glorot, "start", &init, start_function(init));
        if spectral_norm {
            self.used.insert("spectral_norm");
        }
        let call = call.unless(&false, "wrap", &spectral_norm, "spectral_norm");
        self.entries.push(Entry::holding(call.end(), id, Transform::Parts));
    }

    fn residual(&mut self, id: LayerId, layer: &Layer) {
        self.unflatten();
        let Layer::Residual { filters, kernel, resample, norm, bias, .. } = *layer else { return };
        let resampled = if resample == Resample::Up { "\"up\"" } else { "\"down\"" };
        let norm = norm == BlockNorm::Batch;
        let call = Call::new("ResidualBlock").arg(self.at.shape.channels).arg(filters);
        let call = call.unless(&Size::square(3), "kernel", &kernel, pair(kernel)).unless(&Resample::None, "resample", &resample, resampled);
        let call = call.unless(&false, "norm", &norm, flag(norm)).unless(&true, "bias", &bias, flag(bias));
        self.class(id, layer, "residual", call);
    }

    fn attention(&mut self, id: LayerId, layer: &Layer) {
        self.unflatten();
        let Layer::SelfAttention { reduction, bias, .. } = *layer else { return };
        let call = Call::new("SelfAttention").arg(self.at.shape.channels).unless(&8, "reduction", &reduction, reduction);
        self.class(id, layer, "attention", call.unless(&false, "bias", &bias, flag(bias)));
    }

    fn pool(&mut self, layer: &Layer) -> Result<(), WriteError> {
        self.unflatten();
        let (Layer::MaxPool { size, stride, padding } | Layer::AvgPool { size, stride, padding }) = *layer else { return Ok(()) };
        let border = Border::of(&windows(layer, self.at.shape)?);
        let is_max = matches!(layer, Layer::MaxPool { .. });
        // Keras's means leave the border out, those of explicit padding count it as zeros.
        let same = border != Border::default() && (padding == Padding::Same || (is_max && is_same(layer, self.at.shape)?));
        if border != Border::default() && !same {
            if is_max {
                self.used.insert("lowest_border");
                self.plain(format!("LowestBorder({})", pairs(border)));
            } else {
                self.plain(format!("layers.ZeroPadding2D({})", pairs(border)));
            }
        }
        let call = Call::new(if is_max { "layers.MaxPooling2D" } else { "layers.AveragePooling2D" }).arg(pair(size));
        self.plain(call.unless(&size, "strides", &stride, pair(stride)).unless(&false, "padding", &same, "\"same\"").end());
        Ok(())
    }

    fn resized(&mut self, layer: &Layer) {
        self.unflatten();
        match *layer {
            Layer::Upsample { factor, mode } => {
                let call = Call::new("layers.UpSampling2D").arg(pair(factor));
                self.plain(call.unless(&UpsampleMode::Nearest, "interpolation", &mode, "\"bilinear\"").end());
            }
            Layer::PixelShuffle { factor } => {
                self.used.insert("pixel_shuffle");
                self.plain(format!("PixelShuffle({factor})"));
            }
            Layer::ZeroPadding2d { top, bottom, left, right } => {
                self.plain(format!("layers.ZeroPadding2D({})", pairs(Border { top, bottom, left, right })));
            }
            Layer::Cropping2d { top, bottom, left, right } => {
                self.plain(format!("layers.Cropping2D({})", pairs(Border { top, bottom, left, right })));
            }
            Layer::GlobalMaxPool => self.pooled("layers.GlobalMaxPooling2D()"),
            _ => self.pooled("layers.GlobalAveragePooling2D()"),
        }
    }

    fn pooled(&mut self, source: &str) {
        self.plain(source);
        self.at.flat = true;
    }

    fn normalisation(&mut self, id: LayerId, layer: &Layer) {
        let (channels, flat) = (self.at.shape.channels, self.at.flat);
        let eps = |call: Call, epsilon: f32| call.unless(&1e-3, "epsilon", &epsilon, number(epsilon));
        let (call, transform) = match *layer {
            Layer::BatchNorm { momentum, epsilon } => {
                // Keras says how much stays of the running statistics.
                let stays = ((1.0 - f64::from(momentum)) * 1e6).round() / 1e6;
                let call = Call::new("layers.BatchNormalization").unless(&0.99, "momentum", &stays, number(stays as f32));
                (eps(call, epsilon), Transform::Same)
            }
            Layer::LayerNorm { epsilon } => {
                let call = Call::new("layers.LayerNormalization");
                (eps(call.unless(&true, "axis", &flat, "[1, 2, 3]"), epsilon), Transform::Each(self.at.shape))
            }
            Layer::InstanceNorm { epsilon, affine } => {
                let call = eps(Call::new("layers.GroupNormalization").arg(channels), epsilon);
                let call = call.unless(&true, "center", &affine, "False").unless(&true, "scale", &affine, "False");
                (call, Transform::Same)
            }
            Layer::GroupNorm { groups, epsilon } => (eps(Call::new("layers.GroupNormalization").arg(groups), epsilon), Transform::Same),
            _ => return self.disturbance(layer),
        };
        if layer.has_weights() {
            self.entries.push(Entry::holding(call.end(), id, transform));
        } else {
            self.plain(call.end());
        }
    }

    fn disturbance(&mut self, layer: &Layer) {
        let flat = self.at.flat;
        let source = match *layer {
            Layer::Dropout { rate } => format!("layers.Dropout({})", number(rate)),
            // A vector's channels have one value each.
            Layer::SpatialDropout { rate } => format!("layers.{}({})", if flat { "Dropout" } else { "SpatialDropout2D" }, number(rate)),
            Layer::GaussianNoise { deviation } => format!("layers.GaussianNoise({})", number(deviation)),
            Layer::PixelNorm { epsilon } => {
                self.used.insert("pixel_norm");
                Call::new("PixelNorm").unless(&1e-8, "epsilon", &epsilon, number(epsilon)).end()
            }
            Layer::MinibatchStdDev { group } => {
                self.used.insert("minibatch");
                Call::new("MinibatchStdDev").unless(&4, "group", &group, group).end()
            }
            _ => return,
        };
        self.plain(source);
    }

    fn activation(&mut self, id: LayerId, layer: &Layer) {
        let word = |name: &str| format!("layers.Activation(\"{name}\")");
        let source = match *layer {
            Layer::LeakyRelu { slope } => format!("layers.LeakyReLU(negative_slope={})", number(slope)),
            Layer::PRelu { slope, per_channel } => {
                let picture = !self.at.flat;
                let shared = match (picture, per_channel) {
                    (true, true) => Some("[1, 2]"),
                    (true, false) => Some("[1, 2, 3]"),
                    (false, true) => None,
                    (false, false) => Some("[1]"),
                };
                let call = Call::new("layers.PReLU").named("alpha_initializer", format!("keras.initializers.Constant({})", number(slope)));
                let call = if let Some(axes) = shared { call.named("shared_axes", axes) } else { call };
                return self.entries.push(Entry::holding(call.end(), id, Transform::Slopes { picture }));
            }
            Layer::Elu { alpha } => Call::new("layers.ELU").unless(&1.0, "alpha", &alpha, number(alpha)).end(),
            Layer::Gelu => word("gelu"),
            Layer::Silu => word("silu"),
            Layer::Mish => word("mish"),
            Layer::Tanh => word("tanh"),
            Layer::Sigmoid => word("sigmoid"),
            Layer::Softplus => word("softplus"),
            Layer::Softmax => word("softmax"),
            _ => "layers.ReLU()".to_owned(),
        };
        self.plain(source);
    }
}

/// Bias and start of a layer's weights; `channels` are how many times Keras counts the inputs of a weight where we count one.
fn weights(call: Call, layer: &Layer, name: &str, channels: usize) -> Call {
    let bias = mixing(layer).is_none_or(|mixing| mixing.bias);
    initializer(call.unless(&true, "use_bias", &bias, flag(bias)), layer, name, channels)
}

fn initializer(call: Call, layer: &Layer, name: &str, channels: usize) -> Call {
    let Some(Mixing { init, .. }) = mixing(layer) else { return call };
    match init {
        Init::Glorot => call,
        Init::PyTorch if channels > 1 => call.named(name, format!("torch_uniform({channels})")),
        Init::PyTorch => call.named(name, "torch_uniform()"),
        Init::Dcgan => call.named(name, "keras.initializers.RandomNormal(0.0, 0.02)"),
        Init::He => call.named(name, "\"he_normal\""),
        Init::Orthogonal => call.named(name, "\"orthogonal\""),
        Init::Zeros => call.named(name, "\"zeros\""),
    }
}

/// What makes an initialiser for each of a class's layers: one that is shared would give all of them the same numbers.
fn start_function(init: Init) -> &'static str {
    match init {
        Init::PyTorch => "torch_uniform",
        Init::Glorot => "keras.initializers.GlorotUniform",
        Init::Dcgan => "lambda: keras.initializers.RandomNormal(0.0, 0.02)",
        Init::He => "keras.initializers.HeNormal",
        Init::Orthogonal => "keras.initializers.Orthogonal",
        Init::Zeros => "keras.initializers.Zeros",
    }
}

/// # Errors
/// Keras takes no steps between the taps of a filter that steps itself.
fn possible(stride: Size, dilation: Size) -> Result<(), WriteError> {
    if stride != ONE && dilation != ONE {
        return Err(WriteError(
            "Keras has no convolution with both a stride and a dilation: set one of them to 1, or take PyTorch".to_owned(),
        ));
    }
    Ok(())
}

/// `((top, bottom), (left, right))`, or one number.
fn pairs(Border { top, bottom, left, right }: Border) -> String {
    if top == bottom && left == right {
        return pair(Size { height: top, width: left });
    }
    format!("(({top}, {bottom}), ({left}, {right}))")
}

fn tuple(size: Size) -> String {
    format!("({}, {})", size.height, size.width)
}
