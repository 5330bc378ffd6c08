//! How the windows of convolutions lie on each other.

use super::{Finding, Fix, Layer, Severity, View};
use crate::spec::{MAX_WINDOW, Padding, Shape, Size};

/// A transposed convolution whose stamps overlap unevenly.
pub fn checkerboard(view: &View<'_>, found: &mut Vec<Finding>) {
    for chain in view.chains() {
        for link in &chain.links {
            let Layer::ConvTranspose2d { kernel, stride, .. } = link.layer else { continue };
            // What is out of range is an error, and said as such.
            if link.layer.clone().fields().iter().any(|field| field.fault().is_some()) {
                continue;
            }
            let has_gaps = kernel.height < stride.height || kernel.width < stride.width;
            if !has_gaps && kernel.height.is_multiple_of(stride.height) && kernel.width.is_multiple_of(stride.width) {
                continue;
            }
            let what = if has_gaps {
                format!("the stamps of {kernel} do not reach each other at a stride of {stride}, and leave gaps")
            } else {
                format!("the stamps of {kernel} overlap unevenly at a stride of {stride}")
            };
            let (rule, severity, why) = if has_gaps {
                ("stride-beyond-kernel", Severity::Warning, "Values between the stamps are never drawn: they are a grid of the bias alone.")
            } else {
                ("checkerboard", Severity::Advice, CHECKERBOARD_WHY)
            };
            let mut finding = Finding::new(rule, severity, chain.place(link), what, why);
            if let Some(even) = link.input.and_then(|input| evened(link.layer, input)) {
                let Layer::ConvTranspose2d { kernel, .. } = &even else { continue };
                finding = finding.with(Fix::new(format!("Kernel {kernel}"), vec![chain.replace(link, even)]));
            }
            found.push(finding);
        }
    }
}

const CHECKERBOARD_WHY: &str = "Where the stride does not divide the kernel, some places are stamped more often than their neighbours, which \
     shows as a checkerboard in the pictures (Odena, Dumoulin and Olah, 2016).";

/// The same layer with the next kernel that the stride divides, and as much padding as leaves its output as it is.
fn evened(layer: &Layer, input: Shape) -> Option<Layer> {
    let wanted = layer.output_shape(input).ok()?;
    let mut even = layer.clone();
    let Layer::ConvTranspose2d { kernel, stride, .. } = &mut even else { return None };
    *kernel = Size { height: kernel.height.next_multiple_of(stride.height), width: kernel.width.next_multiple_of(stride.width) };
    let (kernel, stride) = (*kernel, *stride);
    if kernel.height > MAX_WINDOW || kernel.width > MAX_WINDOW {
        return None;
    }
    if even.output_shape(input).is_ok_and(|shape| shape == wanted) {
        return Some(even);
    }
    // rows = (input - 1) * stride + kernel - 2 * cut + extra, with extra below the stride.
    let solve = |input: usize, kernel: usize, stride: usize, wanted: usize| {
        let full = (input - 1) * stride + kernel;
        (0..stride).find_map(|extra| {
            let cut = (full + extra).checked_sub(wanted).filter(|surplus| surplus.is_multiple_of(2))? / 2;
            Some((cut, extra))
        })
    };
    let rows = solve(input.height, kernel.height, stride.height, wanted.height)?;
    let columns = solve(input.width, kernel.width, stride.width, wanted.width)?;
    let Layer::ConvTranspose2d { padding, output_padding, .. } = &mut even else { return None };
    *padding = Padding::Explicit(Size { height: rows.0, width: columns.0 });
    *output_padding = Size { height: rows.1, width: columns.1 };
    even.output_shape(input).is_ok_and(|shape| shape == wanted).then_some(even)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{indices, mended, preset, reshape, silent, with};
    use super::*;
    use crate::spec::{Project, Role};

    fn enlarging(kernel: usize, stride: usize, padding: Padding, extra: usize) -> Project {
        let mut layer = Layer::conv_transpose(8, kernel, stride, 0);
        if let Layer::ConvTranspose2d { padding: own, output_padding, .. } = &mut layer {
            *own = padding;
            *output_padding = Size::square(extra);
        }
        let layers = [Layer::dense(8 * 196), reshape(8, 14, 14), Layer::Relu, layer, Layer::Relu, Layer::conv(1, 3, 1, 1), Layer::Tanh];
        with("digits", Role::Generator, layers)
    }

    #[test]
    fn uneven_stamps_are_found_and_evened_without_changing_the_size() {
        let explicit = |rows| Padding::Explicit(Size::square(rows));
        for (kernel, stride, padding, extra) in [(5, 2, Padding::Same, 0), (3, 2, explicit(1), 1), (5, 2, explicit(2), 1)] {
            let project = enlarging(kernel, stride, padding, extra);
            assert_eq!(project.faults(), [], "{kernel} {padding:?}");
            assert_eq!(indices(&project, Role::Generator, "checkerboard"), [3]);
            let after = mended(&project, "checkerboard", Severity::Advice);
            assert_eq!(after.faults(), []);
        }
        silent(&enlarging(4, 2, explicit(1), 0), "checkerboard");
        silent(&enlarging(2, 2, Padding::Same, 0), "checkerboard");
        silent(&preset("dcgan64"), "checkerboard");
    }

    #[test]
    fn stamps_that_leave_gaps_are_worse() {
        let project = enlarging(1, 2, Padding::Same, 0);
        assert_eq!(indices(&project, Role::Generator, "stride-beyond-kernel"), [3]);
        let after = mended(&project, "stride-beyond-kernel", Severity::Warning);
        assert_eq!(after.faults(), []);
        silent(&enlarging(2, 2, Padding::Same, 0), "stride-beyond-kernel");
    }
}
