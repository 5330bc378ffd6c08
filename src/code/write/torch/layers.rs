//! From layers to PyTorch's modules.

use super::Writer;
use crate::code::write::WriteError;
use crate::code::write::entry::{Entry, Transform};
use crate::code::write::parts::{Border, Mixing, mixing, windows};
use crate::code::write::python::{Call, flag, number, pair};
use crate::spec::{BlockNorm, Init, Layer, LayerId, Padding, Resample, Shape, Size, UpsampleMode, Windows};

impl Writer {
    /// What a layer becomes.
    pub(super) fn modules(&mut self, id: LayerId, layer: &Layer, output: Shape) -> Result<(), WriteError> {
        match layer {
            Layer::Dense { .. } => self.dense(id, layer, output),
            Layer::Conv2d { .. } | Layer::DepthwiseConv2d { .. } => self.convolution(id, layer, output)?,
            Layer::ConvTranspose2d { .. } => self.transposed(id, layer, output)?,
            Layer::SeparableConv2d { .. } => self.separable(id, layer)?,
            Layer::Residual { .. } => self.residual(id, layer),
            Layer::SelfAttention { .. } => self.attention(id, layer),
            Layer::MaxPool { .. } | Layer::AvgPool { .. } => self.pool(layer)?,
            Layer::Reshape { .. } | Layer::Flatten => self.reshape(output),
            layer if layer.family() == crate::spec::Family::Normalisation => self.normalisation(id, layer),
            layer if layer.family() == crate::spec::Family::Shape => self.resized(layer),
            layer => self.activation(id, layer),
        }
        Ok(())
    }

    /// A module that holds weights, behind what sets them up.
    fn weighted(&mut self, id: LayerId, layer: &Layer, call: Call, transform: Transform) {
        let mut source = call.end();
        if let Some(Mixing { init, spectral_norm, .. }) = mixing(layer) {
            if let Some((name, file)) = start(init) {
                self.used.insert(file);
                source = format!("{name}({source})");
            }
            if spectral_norm {
                self.used.insert("spectral_norm");
                source = format!("spectral_norm({source})");
            }
        }
        self.entries.push(Entry::holding(source, id, transform));
    }

    /// The argument that sets up the weights within a class.
    fn wrap(&mut self, call: Call, layer: &Layer) -> Call {
        let Some(Mixing { init, spectral_norm, .. }) = mixing(layer) else { return call };
        if let Some((_, file)) = start(init) {
            self.used.insert(file);
        }
        if spectral_norm {
            self.used.insert("spectral_norm");
        }
        match (start(init), spectral_norm) {
            (None, false) => call,
            (None, true) => call.named("wrap", "spectral_norm"),
            (Some((name, _)), false) => call.named("wrap", name),
            (Some((name, _)), true) => call.named("wrap", format!("lambda layer: spectral_norm({name}(layer))")),
        }
    }

    fn dense(&mut self, id: LayerId, layer: &Layer, output: Shape) {
        self.flatten();
        let bias = mixing(layer).is_none_or(|mixing| mixing.bias);
        let call = Call::new("nn.Linear").arg(self.at.shape.channels).arg(output.channels).unless(&true, "bias", &bias, flag(bias));
        self.weighted(id, layer, call, Transform::Dense);
    }

    /// Rows and columns are added by a module of their own where a convolution cannot do it: the number that it can.
    fn border(&mut self, windows: &Windows, stride: Size, padding: Padding) -> String {
        if padding == Padding::Same && stride == Size::square(1) {
            return "\"same\"".to_owned();
        }
        let border = Border::of(windows);
        match border.symmetric() {
            Some(size) => pair(size),
            None => {
                self.plain(format!("nn.ZeroPad2d({})", border.tuple()));
                "0".to_owned()
            }
        }
    }

    fn convolution(&mut self, id: LayerId, layer: &Layer, output: Shape) -> Result<(), WriteError> {
        self.unflatten();
        let channels = self.at.shape.channels;
        let (kernel, stride, padding, dilation, groups, bias) = match *layer {
            Layer::Conv2d { kernel, stride, padding, dilation, groups, bias, .. } => (kernel, stride, padding, dilation, groups, bias),
            Layer::DepthwiseConv2d { kernel, stride, padding, dilation, bias, .. } => (kernel, stride, padding, dilation, channels, bias),
            _ => return Ok(()),
        };
        let windows = windows(layer, self.at.shape)?;
        let border = self.border(&windows, stride, padding);
        let call = Call::new("nn.Conv2d").arg(channels).arg(output.channels).arg(pair(kernel)).size("stride", stride);
        let call = call.unless(&"0", "padding", &border.as_str(), &border).size("dilation", dilation);
        let call = call.unless(&1, "groups", &groups, groups).unless(&true, "bias", &bias, flag(bias));
        self.weighted(id, layer, call, Transform::Conv);
        Ok(())
    }

    fn transposed(&mut self, id: LayerId, layer: &Layer, output: Shape) -> Result<(), WriteError> {
        self.unflatten();
        let Layer::ConvTranspose2d { kernel, stride, bias, .. } = *layer else { return Ok(()) };
        let windows = windows(layer, self.at.shape)?;
        let both = [windows.rows, windows.columns];
        // PyTorch cuts as much off the end as off the front; what is left over is cut off behind it, what is missing is added.
        let surplus = both.map(|window| window.after - window.before as isize);
        let [rows, columns] = surplus.map(|rows| rows.min(0).unsigned_abs());
        let [height, width] = both.map(|window| window.before);
        let zero = Size::square(0);
        let (cut, extra) = (Size { height, width }, Size { height: rows, width: columns });
        let call = Call::new("nn.ConvTranspose2d").arg(self.at.shape.channels).arg(output.channels).arg(pair(kernel));
        let call = call.size("stride", stride).unless(&zero, "padding", &cut, pair(cut));
        let call = call.unless(&zero, "output_padding", &extra, pair(extra)).unless(&true, "bias", &bias, flag(bias));
        self.weighted(id, layer, call, Transform::ConvTranspose);
        let [below, right] = surplus.map(|rows| rows.max(0));
        if below > 0 || right > 0 {
            self.plain(format!("nn.ZeroPad2d((0, {}, 0, {}))", -right, -below));
        }
        Ok(())
    }

    fn separable(&mut self, id: LayerId, layer: &Layer) -> Result<(), WriteError> {
        self.unflatten();
        let Layer::SeparableConv2d { filters, multiplier, kernel, stride, padding, dilation, bias, .. } = *layer else { return Ok(()) };
        let windows = windows(layer, self.at.shape)?;
        let border = self.border(&windows, stride, padding);
        let call = Call::new("SeparableConv2d").arg(self.at.shape.channels).arg(filters).arg(pair(kernel)).size("stride", stride);
        let call = call.unless(&"0", "padding", &border.as_str(), &border).size("dilation", dilation);
        let call = call.unless(&1, "multiplier", &multiplier, multiplier).unless(&true, "bias", &bias, flag(bias));
        let call = self.wrap(call, layer);
        self.class(id, "separable", call);
        Ok(())
    }

    /// A class that is written out, and holds weights.
    fn class(&mut self, id: LayerId, file: &'static str, call: Call) {
        self.used.insert(file);
        self.entries.push(Entry::holding(call.end(), id, Transform::Parts));
    }

    fn residual(&mut self, id: LayerId, layer: &Layer) {
        self.unflatten();
        let Layer::Residual { filters, kernel, resample, norm, bias, .. } = *layer else { return };
        let resampled = match resample {
            Resample::None => "None",
            Resample::Up => "\"up\"",
            Resample::Down => "\"down\"",
        };
        let norm = norm == BlockNorm::Batch;
        let call = Call::new("ResidualBlock").arg(self.at.shape.channels).arg(filters);
        let call = call.unless(&Size::square(3), "kernel", &kernel, pair(kernel));
        let call = call.unless(&Resample::None, "resample", &resample, resampled);
        let call = call.unless(&false, "norm", &norm, flag(norm)).unless(&true, "bias", &bias, flag(bias));
        let call = self.wrap(call, layer);
        self.class(id, "residual", call);
    }

    fn attention(&mut self, id: LayerId, layer: &Layer) {
        self.unflatten();
        let Layer::SelfAttention { reduction, bias, .. } = *layer else { return };
        let call = Call::new("SelfAttention").arg(self.at.shape.channels).unless(&8, "reduction", &reduction, reduction);
        let call = call.unless(&false, "bias", &bias, flag(bias));
        let call = self.wrap(call, layer);
        self.class(id, "attention", call);
    }

    fn pool(&mut self, layer: &Layer) -> Result<(), WriteError> {
        self.unflatten();
        let (Layer::MaxPool { size, stride, padding } | Layer::AvgPool { size, stride, padding }) = *layer else { return Ok(()) };
        let border = Border::of(&windows(layer, self.at.shape)?);
        let is_max = matches!(layer, Layer::MaxPool { .. });
        let none = Size::square(0);
        let padded = match (border.symmetric(), padding) {
            (Some(size), _) if is_max || size == none || padding != Padding::Same => size,
            _ if is_max => {
                self.plain(format!("nn.ConstantPad2d({}, float(\"-inf\"))", border.tuple()));
                none
            }
            _ => {
                self.used.insert("avg_pool");
                self.plain(Call::new("AvgPoolSame").arg(pair(size)).arg(pair(stride)).arg(border.tuple()).end());
                return Ok(());
            }
        };
        let call = Call::new(if is_max { "nn.MaxPool2d" } else { "nn.AvgPool2d" }).arg(pair(size));
        self.plain(call.unless(&size, "stride", &stride, pair(stride)).unless(&none, "padding", &padded, pair(padded)).end());
        Ok(())
    }

    fn reshape(&mut self, output: Shape) {
        self.flatten();
        if !output.is_vector() {
            self.at.shape = output;
            self.unflatten();
        }
    }

    fn resized(&mut self, layer: &Layer) {
        self.unflatten();
        match *layer {
            Layer::Upsample { factor, mode } => {
                let text = match mode {
                    UpsampleMode::Nearest => "\"nearest\"",
                    UpsampleMode::Bilinear => "\"bilinear\"",
                };
                let call = Call::new("nn.Upsample").named("scale_factor", pair(factor));
                self.plain(call.unless(&UpsampleMode::Nearest, "mode", &mode, text).end());
            }
            Layer::PixelShuffle { factor } => self.plain(format!("nn.PixelShuffle({factor})")),
            Layer::ZeroPadding2d { top, bottom, left, right } => {
                self.plain(format!("nn.ZeroPad2d({})", Border { top, bottom, left, right }.tuple()));
            }
            // Negative padding cuts off.
            Layer::Cropping2d { top, bottom, left, right } => {
                let cut = |edge: usize| if edge == 0 { "0".to_owned() } else { format!("-{edge}") };
                self.plain(format!("nn.ZeroPad2d(({}, {}, {}, {}))", cut(left), cut(right), cut(top), cut(bottom)));
            }
            Layer::GlobalMaxPool => self.plain("nn.AdaptiveMaxPool2d(1)"),
            _ => self.plain("nn.AdaptiveAvgPool2d(1)"),
        }
    }

    fn normalisation(&mut self, id: LayerId, layer: &Layer) {
        let (Shape { channels, height, width }, flat) = (self.at.shape, self.at.flat);
        let with = |name, first: String| Call::new(name).arg(first);
        let eps = |call: Call, epsilon: f32| call.unless(&1e-5, "eps", &epsilon, number(epsilon));
        let (call, transform) = match *layer {
            Layer::BatchNorm { momentum, epsilon } => {
                let call = eps(with(if flat { "nn.BatchNorm1d" } else { "nn.BatchNorm2d" }, channels.to_string()), epsilon);
                (call.unless(&0.1, "momentum", &momentum, number(momentum)), Transform::Same)
            }
            Layer::LayerNorm { epsilon } => {
                let shape = if flat { channels.to_string() } else { format!("[{channels}, {height}, {width}]") };
                (eps(with("nn.LayerNorm", shape), epsilon), Transform::Each(self.at.shape))
            }
            Layer::InstanceNorm { epsilon, affine } => {
                let call = eps(with("nn.InstanceNorm2d", channels.to_string()), epsilon);
                (call.unless(&false, "affine", &affine, flag(affine)), Transform::Same)
            }
            Layer::GroupNorm { groups, epsilon } => (eps(with("nn.GroupNorm", groups.to_string()).arg(channels), epsilon), Transform::Same),
            _ => return self.disturbance(layer),
        };
        if layer.has_weights() {
            self.entries.push(Entry::holding(call.end(), id, transform));
        } else {
            self.plain(call.end());
        }
    }

    /// Norms and noise without weights.
    fn disturbance(&mut self, layer: &Layer) {
        let flat = self.at.flat;
        let source = match *layer {
            Layer::Dropout { rate } => format!("nn.Dropout({})", number(rate)),
            // A vector's channels have one value each.
            Layer::SpatialDropout { rate } => format!("nn.{}({})", if flat { "Dropout" } else { "Dropout2d" }, number(rate)),
            Layer::GaussianNoise { deviation } => {
                self.used.insert("noise");
                format!("GaussianNoise({})", number(deviation))
            }
            Layer::PixelNorm { epsilon } => {
                self.used.insert("pixel_norm");
                Call::new("PixelNorm").unless(&1e-8, "eps", &epsilon, number(epsilon)).end()
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
        let source = match *layer {
            Layer::LeakyRelu { slope } => format!("nn.LeakyReLU({})", number(slope)),
            Layer::PRelu { slope, per_channel } => {
                let slopes = if per_channel { self.at.shape.channels } else { 1 };
                let call = Call::new("nn.PReLU").unless(&1, "num_parameters", &slopes, slopes);
                let call = call.unless(&0.25, "init", &slope, number(slope));
                return self.entries.push(Entry::holding(call.end(), id, Transform::Slopes { picture: !self.at.flat }));
            }
            Layer::Elu { alpha } => Call::new("nn.ELU").unless(&1.0, "alpha", &alpha, number(alpha)).end(),
            Layer::Gelu => "nn.GELU()".to_owned(),
            Layer::Silu => "nn.SiLU()".to_owned(),
            Layer::Mish => "nn.Mish()".to_owned(),
            Layer::Tanh => "nn.Tanh()".to_owned(),
            Layer::Sigmoid => "nn.Sigmoid()".to_owned(),
            Layer::Softplus => "nn.Softplus()".to_owned(),
            Layer::Softmax => "nn.Softmax(dim=1)".to_owned(),
            _ => "nn.ReLU()".to_owned(),
        };
        self.plain(source);
    }
}

/// The function that draws weights, and its source; none where PyTorch does so by itself.
fn start(init: Init) -> Option<(&'static str, &'static str)> {
    match init {
        Init::PyTorch => None,
        Init::Glorot => Some(("glorot", "start_glorot")),
        Init::Dcgan => Some(("normal", "start_normal")),
        Init::He => Some(("he", "start_he")),
        Init::Orthogonal => Some(("orthogonal", "start_orthogonal")),
        Init::Zeros => Some(("zeros", "start_zeros")),
    }
}
