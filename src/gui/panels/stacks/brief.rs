//! The one parameter that a line has room for.

use super::card::Card;
use crate::spec::{Layer, Size};

/// The essential parameter in as few characters as it can be said; empty where the shape says it.
pub(super) fn parameter(card: &Card<'_>) -> String {
    of(&card.layer.layer).unwrap_or_else(|| card.summary())
}

/// Kernels and strides as in the tables of papers: `k4 s2`. None where the summary is short enough.
fn of(layer: &Layer) -> Option<String> {
    let window = |kernel: Size, stride: Size| {
        let stride = if stride == Size::square(1) { String::new() } else { format!(" s{}", side(stride)) };
        Some(format!("k{}{stride}", side(kernel)))
    };
    match layer {
        Layer::Conv2d { kernel, stride, .. }
        | Layer::ConvTranspose2d { kernel, stride, .. }
        | Layer::SeparableConv2d { kernel, stride, .. }
        | Layer::DepthwiseConv2d { kernel, stride, .. } => window(*kernel, *stride),
        Layer::MaxPool { size, stride, .. } | Layer::AvgPool { size, stride, .. } => window(*size, *stride),
        Layer::Upsample { factor, mode } => Some(format!("×{} {}", side(*factor), mode.name())),
        Layer::Reshape { .. } | Layer::BatchNorm { .. } | Layer::LayerNorm { .. } | Layer::InstanceNorm { .. } => Some(String::new()),
        _ => None,
    }
}

fn side(size: Size) -> String {
    if size.height == size.width { size.height.to_string() } else { format!("{}×{}", size.height, size.width) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Shape, UpsampleMode};

    #[test]
    fn windows_are_written_as_in_tables() {
        let text = |layer: Layer| of(&layer);
        assert_eq!(text(Layer::conv_transpose(64, 4, 2, 1)).as_deref(), Some("k4 s2"));
        assert_eq!(text(Layer::conv(64, 3, 1, 1)).as_deref(), Some("k3"));
        let size = Size { height: 1, width: 7 };
        let layer = Layer::MaxPool { size, stride: size, padding: Default::default() };
        assert_eq!(text(layer).as_deref(), Some("k1×7 s1×7"));
        assert_eq!(text(Layer::Upsample { factor: Size::square(2), mode: UpsampleMode::Nearest }).as_deref(), Some("×2 nearest"));
        assert_eq!(text(Layer::Reshape { shape: Shape::new(128, 7, 7) }).as_deref(), Some(""), "the shape says it");
        assert_eq!(text(Layer::leaky_relu()), None);
    }
}
