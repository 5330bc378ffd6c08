//! Shape inference: what a layer makes of a shape, or in words why it cannot.

use super::layer::{Init, Layer, Resample};
use super::parts::shape_through;
use super::shape::{MAX_VALUES, Padding, Shape, Size, Window, convolution_window, effective_kernel, transposed_window};

/// Why a layer does not fit its input, in one sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ShapeError(pub String);

type Result<T> = std::result::Result<T, ShapeError>;

fn fail<T>(message: impl Into<String>) -> Result<T> {
    Err(ShapeError(message.into()))
}

/// The geometry of a layer that slides a window: rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Down the rows.
    pub rows: Window,
    /// Along the columns.
    pub columns: Window,
}

impl Layer {
    /// The shape this layer makes of `input`.
    ///
    /// # Errors
    /// A sentence that says what the layer wants and what it gets. Parameters out of range are errors, too, so that nothing behind
    /// this check meets a zero kernel or a stride of nothing.
    pub fn output_shape(&self, input: Shape) -> Result<Shape> {
        self.check_parameters()?;
        let output = self.unchecked_output_shape(input)?;
        if output.values() > MAX_VALUES {
            return fail(format!("{} would make {output} values for each sample, more than the {MAX_VALUES} allowed", self.name()));
        }
        Ok(output)
    }

    /// The output of a layer that makes the same shape of every input: what will come out of it once it fits.
    pub fn promised_shape(&self) -> Option<Shape> {
        let shape = match *self {
            Self::Dense { units, .. } => Shape::vector(units),
            Self::Reshape { shape } => shape,
            _ => return None,
        };
        self.check_parameters().is_ok().then_some(shape)
    }

    fn unchecked_output_shape(&self, input: Shape) -> Result<Shape> {
        match *self {
            Self::Dense { units, .. } => {
                if !input.is_vector() {
                    return fail(format!("Dense wants a vector, but gets {input}: put a Flatten before it"));
                }
                Ok(Shape::vector(units))
            }
            Self::Conv2d { filters, groups, .. } => {
                if !input.channels.is_multiple_of(groups) || !filters.is_multiple_of(groups) {
                    return fail(format!(
                        "Conv2d splits channels into {groups} groups, but {} input channels and {filters} filters do not both divide by {groups}",
                        input.channels
                    ));
                }
                self.windowed(input, filters)
            }
            Self::ConvTranspose2d { filters, .. } => self.windowed(input, filters),
            Self::DepthwiseConv2d { multiplier, .. } => self.windowed(input, input.channels.saturating_mul(multiplier)),
            Self::SeparableConv2d { filters, multiplier, .. } => {
                let between = self.windowed(input, input.channels.saturating_mul(multiplier))?;
                if between.values() > MAX_VALUES {
                    return fail(format!("SeparableConv2d makes {between} values on its way, more than the {MAX_VALUES} allowed"));
                }
                Ok(Shape { channels: filters, ..between })
            }
            Self::MaxPool { .. } | Self::AvgPool { .. } => self.windowed(input, input.channels),
            Self::Residual { resample, .. } => {
                if resample == Resample::Down && (input.height < 2 || input.width < 2) {
                    return fail(format!("Residual halves the picture, but {input} cannot be halved: set resample to none"));
                }
                let main = self.block(input).map(|block| shape_through(&block.main(), input));
                main.unwrap_or(Ok(input))
            }
            Self::SelfAttention { reduction, .. } => attended(input, reduction),
            Self::Upsample { factor, .. } => {
                Ok(Shape::new(input.channels, input.height.saturating_mul(factor.height), input.width.saturating_mul(factor.width)))
            }
            Self::PixelShuffle { factor } => shuffled(input, factor),
            Self::ZeroPadding2d { top, bottom, left, right } => {
                let (height, width) = (input.height.saturating_add(top + bottom), input.width.saturating_add(left + right));
                Ok(Shape { height, width, ..input })
            }
            Self::Cropping2d { top, bottom, left, right } => {
                let left_over = |size: usize, cut: usize| size.checked_sub(cut).filter(|&size| size > 0);
                match (left_over(input.height, top + bottom), left_over(input.width, left + right)) {
                    (Some(height), Some(width)) => Ok(Shape { height, width, ..input }),
                    _ => fail(format!(
                        "Cropping2d cuts {} rows and {} columns off, which leaves nothing of {input}",
                        top + bottom,
                        left + right
                    )),
                }
            }
            Self::GlobalAvgPool | Self::GlobalMaxPool => Ok(Shape::vector(input.channels)),
            Self::Reshape { shape } => {
                if shape.values() != input.values() {
                    return fail(format!("Reshape wants {} values ({shape}), but gets {} ({input})", shape.values(), input.values()));
                }
                Ok(shape)
            }
            Self::Flatten => Ok(Shape::vector(input.values())),
            Self::InstanceNorm { .. } if input.is_vector() => {
                fail(format!("InstanceNorm normalises each channel over its places, but each of {input} has only one: take LayerNorm"))
            }
            Self::GroupNorm { groups, .. } => grouped(input, groups),
            Self::MinibatchStdDev { .. } => Ok(Shape { channels: input.channels.saturating_add(1), ..input }),
            Self::Softmax if input.channels == 1 => {
                fail("Softmax shares one among the channels, but there is only one channel: its value would always be 1")
            }
            Self::Gap { ref source, line, ref reason } => {
                let reason = reason.trim_end_matches('.');
                fail(format!("line {line}: `{source}` could not be read: {reason}. Remove it or put a layer in its place"))
            }
            Self::BatchNorm { .. }
            | Self::LayerNorm { .. }
            | Self::InstanceNorm { .. }
            | Self::PixelNorm { .. }
            | Self::Dropout { .. }
            | Self::SpatialDropout { .. }
            | Self::GaussianNoise { .. }
            | Self::Relu
            | Self::LeakyRelu { .. }
            | Self::PRelu { .. }
            | Self::Elu { .. }
            | Self::Gelu
            | Self::Silu
            | Self::Mish
            | Self::Tanh
            | Self::Sigmoid
            | Self::Softplus
            | Self::Softmax => Ok(input),
        }
    }

    fn windowed(&self, input: Shape, channels: usize) -> Result<Shape> {
        let windows = self.windows(input)?;
        Ok(Shape::new(channels, windows.rows.output, windows.columns.output))
    }

    /// The geometry of a layer that slides a window over `input`.
    ///
    /// # Errors
    /// A sentence, where the window does not fit or the layer has none.
    pub fn windows(&self, input: Shape) -> Result<Windows> {
        let name = self.name();
        match *self {
            Self::Conv2d { kernel, stride, padding, dilation, .. }
            | Self::DepthwiseConv2d { kernel, stride, padding, dilation, .. }
            | Self::SeparableConv2d { kernel, stride, padding, dilation, .. } => {
                let span = Size {
                    height: effective_kernel(kernel.height, dilation.height),
                    width: effective_kernel(kernel.width, dilation.width),
                };
                sliding(name, input, span, stride, padding)
            }
            Self::MaxPool { size, stride, padding } | Self::AvgPool { size, stride, padding } => {
                if let Padding::Explicit(pad) = padding
                    && (pad.height > size.height / 2 || pad.width > size.width / 2)
                {
                    return fail(format!("{name} may pad by at most half its window ({size}), not by {pad}"));
                }
                sliding(name, input, size, stride, padding)
            }
            Self::ConvTranspose2d { kernel, stride, padding, output_padding, .. } => {
                let (rows, columns) = padding.transposed(output_padding);
                let direction = |rows, span, step, padding| {
                    transposed_window(rows, span, step, padding)
                        .map_err(|full| ShapeError(format!("{name} cuts off all of its {full} rows or columns: use less padding")))
                };
                Ok(Windows {
                    rows: direction(input.height, kernel.height, stride.height, rows)?,
                    columns: direction(input.width, kernel.width, stride.width, columns)?,
                })
            }
            _ => fail(format!("{name} has no window")),
        }
    }

    fn check_parameters(&self) -> Result<()> {
        let mut layer = self.clone();
        for field in layer.fields() {
            if let Some(why) = field.fault() {
                return fail(format!("{}: {why}", self.name()));
            }
        }
        if let Some(weights) = layer.weights_mut()
            && *weights.spectral_norm
            && *weights.init == Init::Zeros
        {
            return fail(format!("{}: spectral norm cannot divide weights that are all zero: choose another init", self.name()));
        }
        if let Self::ConvTranspose2d { stride, output_padding, .. } = self
            && (output_padding.height >= stride.height || output_padding.width >= stride.width)
            && *output_padding != Size::square(0)
        {
            return fail("ConvTranspose2d: output padding has to be smaller than the stride");
        }
        Ok(())
    }
}

fn attended(input: Shape, reduction: usize) -> Result<Shape> {
    if input.channels < reduction {
        return fail(format!("SelfAttention divides the channels by {reduction}, but {input} has only {}", input.channels));
    }
    let places = input.height.saturating_mul(input.width);
    if places.saturating_mul(places) > MAX_VALUES {
        return fail(format!("SelfAttention compares each of {places} places with all others, more than the {MAX_VALUES} pairs allowed"));
    }
    Ok(input)
}

fn shuffled(input: Shape, factor: usize) -> Result<Shape> {
    let area = factor * factor;
    if !input.channels.is_multiple_of(area) {
        let channels = input.channels;
        return fail(format!("PixelShuffle makes one channel of each {area}, but {channels} channels do not divide by {area}"));
    }
    Ok(Shape::new(input.channels / area, input.height.saturating_mul(factor), input.width.saturating_mul(factor)))
}

fn grouped(input: Shape, groups: usize) -> Result<Shape> {
    if !input.channels.is_multiple_of(groups) {
        return fail(format!("GroupNorm splits channels into {groups} groups, but {} channels do not divide by {groups}", input.channels));
    }
    if input.values() == groups {
        return fail(format!(
            "GroupNorm has {groups} groups for the {groups} values of {input}: each would be alone, so take fewer groups"
        ));
    }
    Ok(input)
}

fn sliding(name: &str, input: Shape, span: Size, stride: Size, padding: Padding) -> Result<Windows> {
    let (rows, columns) = padding.explicit();
    let direction = |available: usize, span: usize, step: usize, padding, word: &str| {
        convolution_window(available, span, step, padding)
            .map_err(|found| ShapeError(format!("{name} looks at {span} {word} at once, but its input has only {found}")))
    };
    Ok(Windows {
        rows: direction(input.height, span.height, stride.height, rows, "rows")?,
        columns: direction(input.width, span.width, stride.width, columns, "columns")?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::Value;

    use super::*;

    /// A table of `tests/reference/shapes.json`: output sizes in one direction, for every combination of the axes.
    #[derive(Deserialize)]
    struct Grid {
        axes: BTreeMap<String, Vec<Value>>,
        outputs: Vec<usize>,
    }

    /// One combination, in one direction. What an axis does not name has the value that does nothing.
    #[derive(Clone, Copy, Debug)]
    struct Case {
        input: usize,
        kernel: usize,
        stride: usize,
        border: Border,
        dilation: usize,
        output_padding: usize,
        /// The library's answer; 0 where it refuses.
        output: usize,
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Border {
        Same,
        Valid,
        Rows(usize),
    }

    /// The order in which `make.py` nests the axes.
    const AXES: [&str; 7] = ["padding first", "input", "kernel", "stride", "padding", "dilation", "output_padding"];

    impl Grid {
        fn cases(&self) -> Vec<Case> {
            let words_first = self.axes.get("padding").is_some_and(|values| values.iter().all(Value::is_string));
            let order: Vec<&str> = AXES
                .into_iter()
                .filter_map(|name| match name {
                    "padding first" => words_first.then_some("padding"),
                    "padding" if words_first => None,
                    _ => self.axes.contains_key(name).then_some(name),
                })
                .collect();
            assert_eq!(self.outputs.len(), self.axes.values().map(Vec::len).product::<usize>());
            self.outputs.iter().enumerate().map(|(index, &output)| self.case(&order, index, output)).collect()
        }

        fn case(&self, order: &[&str], mut index: usize, output: usize) -> Case {
            let mut case = Case { input: 0, kernel: 1, stride: 1, border: Border::Rows(0), dilation: 1, output_padding: 0, output };
            for &name in order.iter().rev() {
                let values = &self.axes[name];
                let value = &values[index % values.len()];
                index /= values.len();
                let number = value.as_u64().unwrap_or_default() as usize;
                match name {
                    "input" => case.input = number,
                    "kernel" => case.kernel = number,
                    "stride" => case.stride = number,
                    "dilation" => case.dilation = number,
                    "output_padding" => case.output_padding = number,
                    _ => {
                        case.border =
                            value.as_str().map_or(Border::Rows(number), |word| if word == "same" { Border::Same } else { Border::Valid });
                    }
                }
            }
            case
        }
    }

    fn grid(name: &str) -> Vec<Case> {
        let grids: BTreeMap<String, Value> = serde_json::from_str(include_str!("../../tests/reference/shapes.json")).unwrap();
        let grid: Grid = serde_json::from_value(grids[name].clone()).unwrap();
        grid.cases()
    }

    /// Checks every combination for the rows together with another one for the columns: the two directions must not mix.
    fn agrees(name: &str, layer: impl Fn(Case, Case) -> Layer) {
        let cases = grid(name);
        for (index, &rows) in cases.iter().enumerate() {
            let fits = |columns: &&Case| match (rows.border, columns.border) {
                (Border::Rows(_), Border::Rows(_)) => true,
                (a, b) => a == b,
            };
            let far = (index * 31 + 17) % cases.len();
            let columns = *cases[far..].iter().chain(&cases).find(fits).unwrap();
            let found = layer(rows, columns).output_shape(Shape::new(3, rows.input, columns.input));
            let wanted = (rows.output > 0 && columns.output > 0).then(|| Shape::new(3, rows.output, columns.output));
            assert_eq!(found.ok(), wanted, "{name}: {rows:?}, {columns:?}");
        }
    }

    fn size(rows: usize, columns: usize) -> Size {
        Size { height: rows, width: columns }
    }

    fn padding(rows: Case, columns: Case) -> Padding {
        match (rows.border, columns.border) {
            (Border::Rows(a), Border::Rows(b)) => Padding::Explicit(size(a, b)),
            (Border::Same, _) => Padding::Same,
            _ => Padding::Valid,
        }
    }

    fn convolution(rows: Case, columns: Case) -> Layer {
        Layer::Conv2d {
            filters: 3,
            kernel: size(rows.kernel, columns.kernel),
            stride: size(rows.stride, columns.stride),
            padding: padding(rows, columns),
            dilation: size(rows.dilation, columns.dilation),
            groups: 1,
            bias: true,
            init: Init::PyTorch,
            spectral_norm: false,
        }
    }

    fn transposed(rows: Case, columns: Case) -> Layer {
        Layer::ConvTranspose2d {
            filters: 3,
            kernel: size(rows.kernel, columns.kernel),
            stride: size(rows.stride, columns.stride),
            padding: padding(rows, columns),
            output_padding: size(rows.output_padding, columns.output_padding),
            bias: true,
            init: Init::PyTorch,
            spectral_norm: false,
        }
    }

    fn max_pool(rows: Case, columns: Case) -> Layer {
        let (window, stride) = (size(rows.kernel, columns.kernel), size(rows.stride, columns.stride));
        Layer::MaxPool { size: window, stride, padding: padding(rows, columns) }
    }

    fn avg_pool(rows: Case, columns: Case) -> Layer {
        let (window, stride) = (size(rows.kernel, columns.kernel), size(rows.stride, columns.stride));
        Layer::AvgPool { size: window, stride, padding: padding(rows, columns) }
    }

    #[test]
    fn convolutions_have_the_sizes_of_pytorch_and_keras() {
        agrees("torch_convolution", convolution);
        agrees("keras_convolution", convolution);
        agrees("keras_dilated", convolution);
    }

    #[test]
    fn transposed_convolutions_have_the_sizes_of_pytorch_and_keras() {
        agrees("torch_transposed", transposed);
        agrees("keras_transposed", transposed);
    }

    #[test]
    fn pools_have_the_sizes_of_pytorch_and_keras() {
        agrees("torch_pool", max_pool);
        agrees("torch_pool", avg_pool);
        agrees("keras_pool", max_pool);
        agrees("keras_pool", avg_pool);
    }

    #[test]
    fn layers_have_the_shapes_that_pytorch_and_keras_compute() {
        #[derive(Deserialize)]
        struct Tensor {
            shape: [usize; 4],
        }
        #[derive(Deserialize)]
        struct Computed {
            name: String,
            layer: Layer,
            input: Tensor,
            output: Tensor,
        }
        let cases: Vec<Computed> = serde_json::from_str(include_str!("../../tests/reference/layers.json")).unwrap();
        for Computed { name, layer, input, output } in cases {
            let [_, channels, height, width] = input.shape;
            let found = layer.output_shape(Shape::new(channels, height, width)).unwrap();
            assert_eq!(found.batched(input.shape[0]), output.shape, "{name}");
        }
    }

    #[test]
    fn faults_say_what_is_wanted_and_what_is_there() {
        let text = |layer: Layer, input| layer.output_shape(input).unwrap_err().to_string();
        let picture = Shape::new(3, 8, 8);
        assert_eq!(text(Layer::dense(1), picture), "Dense wants a vector, but gets 3 × 8 × 8: put a Flatten before it");
        assert_eq!(
            text(Layer::Reshape { shape: Shape::new(128, 4, 4) }, Shape::new(2, 8, 8)),
            "Reshape wants 2048 values (128 × 4 × 4), but gets 128 (2 × 8 × 8)"
        );
        assert_eq!(text(Layer::conv(8, 9, 1, 0), picture), "Conv2d looks at 9 rows at once, but its input has only 8");
        assert_eq!(
            text(Layer::conv_transpose(8, 2, 1, 9), picture),
            "ConvTranspose2d cuts off all of its 9 rows or columns: use less padding"
        );
        assert!(text(Layer::conv(8, 3, 0, 1), picture).starts_with("Conv2d: stride is 0 × 0, but has to be between 1 and 64"));
        assert!(text(Layer::dense(usize::MAX), Shape::vector(1)).starts_with("Dense: units is"));
    }

    #[test]
    fn what_cannot_be_computed_is_said_of_the_new_kinds_too() {
        let text = |layer: Layer, input| layer.output_shape(input).unwrap_err().to_string();
        let picture = Shape::new(6, 4, 5);
        assert_eq!(
            text(Layer::PixelShuffle { factor: 2 }, picture),
            "PixelShuffle makes one channel of each 4, but 6 channels do not divide by 4"
        );
        assert_eq!(
            text(Layer::Cropping2d { top: 2, bottom: 2, left: 0, right: 0 }, picture),
            "Cropping2d cuts 4 rows and 0 columns off, which leaves nothing of 6 × 4 × 5"
        );
        assert_eq!(
            text(Layer::GroupNorm { groups: 4, epsilon: 1e-5 }, picture),
            "GroupNorm splits channels into 4 groups, but 6 channels do not divide by 4"
        );
        assert!(text(Layer::GroupNorm { groups: 6, epsilon: 1e-5 }, Shape::vector(6)).ends_with("so take fewer groups"));
        assert!(text(Layer::InstanceNorm { epsilon: 1e-5, affine: true }, Shape::vector(6)).ends_with("take LayerNorm"));
        assert_eq!(text(Layer::self_attention(), picture), "SelfAttention divides the channels by 8, but 6 × 4 × 5 has only 6");
        assert!(text(Layer::self_attention(), Shape::new(8, 256, 256)).contains("65536 places"));
        assert_eq!(
            text(Layer::residual(8, Resample::Down), Shape::new(6, 1, 4)),
            "Residual halves the picture, but 6 × 1 × 4 cannot be halved: set resample to none"
        );
        assert!(text(Layer::Softmax, Shape::new(1, 4, 4)).contains("only one channel"));
        assert_eq!(
            text(Layer::dense(4).with_init(Init::Zeros).with_spectral_norm(), Shape::vector(4)),
            "Dense: spectral norm cannot divide weights that are all zero: choose another init"
        );
    }

    #[test]
    fn a_line_that_was_not_read_lets_nothing_through() {
        let gap = Layer::Gap { source: "layers.Foo(3)".to_owned(), line: 12, reason: "no layer is called Foo".to_owned() };
        assert_eq!(
            gap.output_shape(Shape::vector(4)).unwrap_err().to_string(),
            "line 12: `layers.Foo(3)` could not be read: no layer is called Foo. Remove it or put a layer in its place"
        );
    }

    #[test]
    fn shapes_beyond_all_reason_are_faults_and_do_not_overflow() {
        let huge = Shape::new(1 << 20, 1 << 4, 1 << 4);
        assert!(Layer::Relu.output_shape(huge).is_ok(), "2^28 values are allowed");
        let double = Layer::Upsample { factor: Size { height: 1, width: 2 }, mode: crate::spec::UpsampleMode::Nearest };
        assert!(double.output_shape(huge).is_err());
        for layer in crate::spec::catalogue() {
            // Whatever the answer, there is one.
            let _ = layer.layer.output_shape(Shape::new(usize::MAX, usize::MAX, usize::MAX));
        }
    }
}
