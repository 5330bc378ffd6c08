//! From layers to Burn's modules and functions: what holds weights, and what changes shapes.

use super::expression::Expression;
use super::start::{Fan, initializer};
use super::{Field, Network, Step};
use crate::code::write::parts::{Border, Mixing, mixing, windows};
use crate::code::write::{Holder, Transform, WriteError};
use crate::spec::{BlockNorm, Family, Init, Layer, LayerId, Padding, Resample, Shape, Size, UpsampleMode, Windows};

const ONE: Size = Size::square(1);

impl Network {
    /// What a layer becomes.
    pub(super) fn modules(&mut self, id: LayerId, layer: &Layer, output: Shape) -> Result<(), WriteError> {
        match layer {
            Layer::Dense { .. } => self.dense(id, layer, output),
            Layer::Conv2d { .. } | Layer::DepthwiseConv2d { .. } => self.convolution(id, "", layer, output)?,
            Layer::ConvTranspose2d { .. } => self.transposed(id, layer, output)?,
            Layer::SeparableConv2d { .. } => self.separable(id, layer, output)?,
            Layer::Residual { .. } => self.residual(id, layer),
            Layer::SelfAttention { .. } => self.attention(id, layer),
            Layer::MaxPool { .. } | Layer::AvgPool { .. } => self.pool(layer)?,
            Layer::Reshape { .. } | Layer::Flatten => self.reshape(output),
            layer if layer.family() == Family::Normalisation => self.normalisation(id, layer),
            layer if layer.family() == Family::Shape => self.resized(layer, output),
            layer => self.activation(id, layer),
        }
        Ok(())
    }

    /// A field that holds the numbers of a layer.
    pub(super) fn holding(&mut self, stem: &'static str, kind: &'static str, made: Expression, holder: Holder) {
        self.steps.push(Step::Field(self.fields.len()));
        self.fields.push(Field { stem, kind, made, holder: Some(holder) });
    }

    /// One of Burn's modules with its configuration.
    pub(super) fn import(&mut self, module: &str, kind: &str) {
        self.imports.add(&format!("burn::nn::{module}{kind}"));
        self.imports.add(&format!("burn::nn::{module}{kind}Config"));
    }

    /// Imports one of the modules that are written out.
    pub(super) fn piece(&mut self, piece: &'static str, name: &str) {
        self.used.insert(piece);
        self.imports.add(&format!("crate::layers::{name}"));
    }

    /// How the weights start, as an argument.
    fn start(&mut self, init: Init, fan: Fan) -> Option<String> {
        let (text, piece) = initializer(init, fan)?;
        self.imports.add("burn::nn::Initializer");
        self.used.insert(piece);
        Some(text)
    }

    /// A dense layer or a convolution, with what sets up its weights and what divides them.
    fn weighted(&mut self, config: Expression, layer: &Layer, weighted: &Weighted, holder: Holder) {
        let Some(Mixing { bias, init, spectral_norm }) = mixing(layer) else { return };
        let start = self.start(init, weighted.fan);
        let mut made = config.unless(&true, &bias, "with_bias", bias);
        if let Some(start) = &start {
            made = made.call("with_initializer", start);
        }
        made = made.call("init", "device");
        // Burn draws biases like weights.
        if bias && start.is_some() && init != Init::Zeros {
            let field = format!("bias: Some(Initializer::Zeros.init([{}], device))", weighted.outputs);
            made = Expression::Update { name: weighted.kind, field, rest: Box::new(made) };
        }
        self.imports.add(&format!("burn::nn::{}{}Config", weighted.module, weighted.kind));
        if !spectral_norm || matches!(made, Expression::Update { .. }) {
            self.imports.add(&format!("burn::nn::{}{}", weighted.module, weighted.kind));
        }
        if !spectral_norm {
            return self.holding(weighted.stem, weighted.kind, made, holder);
        }
        let (piece, kind, new) = weighted.spectral;
        self.used.insert("spectral_norm");
        self.piece(piece, kind);
        self.holding(weighted.stem, kind, made.within(new), holder);
    }

    fn dense(&mut self, id: LayerId, layer: &Layer, output: Shape) {
        self.flatten();
        let (inputs, outputs) = (self.at.shape.channels, output.channels);
        let fan = Fan { into: inputs, out: outputs, is_burns: true };
        let spectral = ("spectral_linear", "SpectralLinear", "SpectralLinear::new");
        let weighted = Weighted { stem: "linear", module: "", kind: "Linear", spectral, outputs, fan };
        let config = Expression::new(format!("LinearConfig::new({inputs}, {outputs})"));
        self.weighted(config, layer, &weighted, Holder::new(id, Transform::Dense));
    }

    fn convolution(&mut self, id: LayerId, part: &'static str, layer: &Layer, output: Shape) -> Result<(), WriteError> {
        self.unflatten();
        let (channels, filters) = (self.at.shape.channels, output.channels);
        let (kernel, stride, padding, dilation, groups) = match *layer {
            Layer::Conv2d { kernel, stride, padding, dilation, groups, .. } => (kernel, stride, padding, dilation, groups),
            Layer::DepthwiseConv2d { kernel, stride, padding, dilation, .. } => (kernel, stride, padding, dilation, channels),
            _ => return Ok(()),
        };
        let border = self.border(&windows(layer, self.at.shape)?, padding, dilation);
        let config = Expression::new(format!("Conv2dConfig::new([{channels}, {filters}], {})", pair(kernel)));
        let config = config.unless(&ONE, &stride, "with_stride", pair(stride)).unless(&ONE, &dilation, "with_dilation", pair(dilation));
        let config = config.unless(&1, &groups, "with_groups", groups);
        let config = border.into_iter().fold(config, |config, border| config.call("with_padding", border));
        let fan = Fan { into: channels / groups * kernel.area(), out: filters * kernel.area(), is_burns: groups == 1 };
        let spectral = ("spectral_conv", "SpectralConv2d", "SpectralConv2d::new");
        let stem = match part {
            "depthwise." => "depthwise",
            "pointwise." => "pointwise",
            _ => "conv",
        };
        let weighted = Weighted { stem, module: "conv::", kind: "Conv2d", spectral, outputs: filters, fan };
        self.weighted(config, layer, &weighted, Holder { part, ..Holder::new(id, Transform::Conv) });
        Ok(())
    }

    /// What a convolution or a pool adds around its input.
    fn border(&mut self, windows: &Windows, padding: Padding, dilation: Size) -> Option<String> {
        let Border { top, left, bottom, right } = Border::of(windows);
        if [top, left, bottom, right] == [0; 4] {
            return None;
        }
        self.imports.add("burn::nn::PaddingConfig2d");
        // Burn's own does not know of steps between the taps.
        let is_same = padding == Padding::Same && dilation == ONE;
        let explicit = format!("PaddingConfig2d::Explicit({top}, {left}, {bottom}, {right})");
        Some(if is_same { "PaddingConfig2d::Same".to_owned() } else { explicit })
    }

    fn transposed(&mut self, id: LayerId, layer: &Layer, output: Shape) -> Result<(), WriteError> {
        self.unflatten();
        let Layer::ConvTranspose2d { kernel, stride, .. } = *layer else { return Ok(()) };
        let (channels, filters) = (self.at.shape.channels, output.channels);
        let windows = windows(layer, self.at.shape)?;
        let both = [windows.rows, windows.columns];
        // Burn cuts as much off the end as off the front; what is left over is cut off behind it, what is missing is added.
        let surplus = both.map(|window| window.after - window.before as isize);
        let [cut, extra] = [both.map(|window| window.before), surplus.map(|rows| rows.min(0).unsigned_abs())].map(Size::from);
        let zero = Size::square(0);
        let config = Expression::new(format!("ConvTranspose2dConfig::new([{channels}, {filters}], {})", pair(kernel)));
        let config = config.unless(&ONE, &stride, "with_stride", pair(stride)).unless(&zero, &cut, "with_padding", pair(cut));
        let config = config.unless(&zero, &extra, "with_padding_out", pair(extra));
        // PyTorch and Keras both count the filters as what goes in here, and so does Burn, but it does not count what comes out.
        let fan = Fan { into: filters * kernel.area(), out: channels * kernel.area(), is_burns: false };
        let spectral = ("spectral_conv_transpose", "SpectralConvTranspose2d", "SpectralConvTranspose2d::new");
        let weighted = Weighted { stem: "conv_transpose", module: "conv::", kind: "ConvTranspose2d", spectral, outputs: filters, fan };
        self.weighted(config, layer, &weighted, Holder::new(id, Transform::ConvTranspose));
        let [below, right] = surplus;
        let cut = [(2, below, 0, output.height), (3, right, 0, output.width)];
        self.narrowed(cut.map(|(axis, surplus, from, kept)| (axis, surplus > 0, from, kept)));
        Ok(())
    }

    /// Keeps so many rows or columns: for each axis whether anything is cut, from where, and how many.
    fn narrowed(&mut self, axes: [(usize, bool, usize, usize); 2]) {
        let calls = axes.into_iter().filter(|(_, is_cut, ..)| *is_cut);
        let calls: String = calls.map(|(axis, _, from, kept)| format!(".narrow({axis}, {from}, {kept})")).collect();
        if !calls.is_empty() {
            self.step(format!("x{calls}"));
        }
    }

    /// Two convolutions.
    fn separable(&mut self, id: LayerId, layer: &Layer, output: Shape) -> Result<(), WriteError> {
        let Some(parts) = layer.separable_parts() else { return Ok(()) };
        let between = crate::code::write::parts::output(&parts.depthwise, self.at.shape)?;
        self.convolution(id, "depthwise.", &parts.depthwise, between)?;
        self.at.shape = between;
        self.convolution(id, "pointwise.", &parts.pointwise, output)
    }

    fn residual(&mut self, id: LayerId, layer: &Layer) {
        self.unflatten();
        let Layer::Residual { filters, kernel, resample, norm, bias, spectral_norm, .. } = *layer else { return };
        let resampled = match resample {
            Resample::None => "Resample::Keep",
            Resample::Up => "Resample::Up",
            Resample::Down => "Resample::Down",
        };
        if resample != Resample::None {
            self.imports.add("crate::layers::Resample");
        }
        let norm = norm == BlockNorm::Batch;
        let kind = if spectral_norm { "SpectralResidualBlock" } else { "ResidualBlock" };
        let config = Expression::new(format!("{kind}Config::new([{}, {filters}])", self.at.shape.channels));
        let config = config.unless(&Size::square(3), &kernel, "with_kernel_size", pair(kernel));
        let config = config.unless(&Resample::None, &resample, "with_resample", resampled);
        let config = config.unless(&false, &norm, "with_norm", norm).unless(&true, &bias, "with_bias", bias);
        let piece = if spectral_norm { "spectral_residual" } else { "residual" };
        self.with_parts(id, layer, config, ("block", kind, piece));
    }

    fn attention(&mut self, id: LayerId, layer: &Layer) {
        self.unflatten();
        let Layer::SelfAttention { reduction, bias, spectral_norm, .. } = *layer else { return };
        let kind = if spectral_norm { "SpectralSelfAttention" } else { "SelfAttention" };
        let config = Expression::new(format!("{kind}Config::new({})", self.at.shape.channels));
        let config = config.unless(&8, &reduction, "with_reduction", reduction).unless(&false, &bias, "with_bias", bias);
        let piece = if spectral_norm { "spectral_attention" } else { "attention" };
        self.with_parts(id, layer, config, ("attention", kind, piece));
    }

    /// A module that is written out, and holds convolutions.
    fn with_parts(
        &mut self,
        id: LayerId,
        layer: &Layer,
        config: Expression,
        (stem, kind, piece): (&'static str, &'static str, &'static str),
    ) {
        let Some(Mixing { init, spectral_norm, .. }) = mixing(layer) else { return };
        if spectral_norm {
            self.used.extend(["spectral_norm", "spectral_conv"]);
        }
        self.used.insert("same_conv");
        self.used.extend((stem == "block").then_some("resample"));
        self.piece(piece, kind);
        self.imports.add(&format!("crate::layers::{kind}Config"));
        let start = self.start(init, Fan { into: 1, out: 1, is_burns: true });
        let config = start.into_iter().fold(config, |config, start| config.call("with_initializer", format!("Some({start})")));
        self.holding(stem, kind, config.call("init", "device"), Holder::new(id, Transform::Parts));
    }

    fn pool(&mut self, layer: &Layer) -> Result<(), WriteError> {
        self.unflatten();
        let (kind, size, stride, padding) = match *layer {
            Layer::MaxPool { size, stride, padding } => ("MaxPool2d", size, stride, padding),
            Layer::AvgPool { size, stride, padding } => ("AvgPool2d", size, stride, padding),
            _ => return Ok(()),
        };
        let border = self.border(&windows(layer, self.at.shape)?, padding, ONE);
        self.import("pool::", kind);
        let config = Expression::new(format!("{kind}Config::new({})", pair(size)));
        let mut config = config.unless(&size, &stride, "with_strides", pair(stride));
        if let Some(border) = border {
            config = config.call("with_padding", border);
            // Keras leaves the border out of the mean, PyTorch counts it as zeros.
            let is_counted = kind == "MaxPool2d" || matches!(padding, Padding::Explicit(_));
            config = config.unless(&true, &is_counted, "with_count_include_pad", is_counted);
        }
        self.field("pool", kind, config.call("init", ""));
        Ok(())
    }

    fn reshape(&mut self, output: Shape) {
        self.flatten();
        if !output.is_vector() {
            self.at.shape = output;
            self.unflatten();
        }
    }

    fn resized(&mut self, layer: &Layer, output: Shape) {
        self.unflatten();
        match *layer {
            Layer::Upsample { factor, mode } => self.upsample(factor, mode),
            Layer::PixelShuffle { factor } => {
                self.import("", "PixelShuffle");
                self.field("shuffle", "PixelShuffle", Expression::new(format!("PixelShuffleConfig::new({factor})")).call("init", ""));
            }
            Layer::ZeroPadding2d { top, bottom, left, right } => {
                self.step(format!("x.pad({}, 0.0)", Border { top, bottom, left, right }.tuple()));
            }
            Layer::Cropping2d { top, bottom, left, right } => {
                self.narrowed([(2, top + bottom > 0, top, output.height), (3, left + right > 0, left, output.width)]);
            }
            Layer::GlobalMaxPool => self.step("x.max_dims(&[2, 3])"),
            _ => self.step("x.mean_dims(&[2, 3])"),
        }
    }

    fn upsample(&mut self, factor: Size, mode: UpsampleMode) {
        self.import("interpolate::", "Interpolate2d");
        let factors = format!("Some([{}.0, {}.0])", factor.height, factor.width);
        let mut config = Expression::new("Interpolate2dConfig::new()").call("with_scale_factor", factors);
        if mode == UpsampleMode::Bilinear {
            self.imports.add("burn::nn::interpolate::InterpolateMode");
            config = config.call("with_mode", "InterpolateMode::Linear");
        }
        self.field("upsample", "Interpolate2d", config.call("with_align_corners", false).call("init", ""));
    }
}

/// A dense layer or a convolution.
struct Weighted {
    stem: &'static str,
    /// Where it is in `burn::nn`.
    module: &'static str,
    kind: &'static str,
    /// What divides its weights: the piece of source, the type, and what makes it.
    spectral: (&'static str, &'static str, &'static str),
    outputs: usize,
    fan: Fan,
}

fn pair(size: Size) -> String {
    format!("[{}, {}]", size.height, size.width)
}
