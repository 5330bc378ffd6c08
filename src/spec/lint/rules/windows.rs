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

/// A convolution that looks at more rows or columns than its picture has. Without padding it does not fit at all, which is an error;
/// with padding it fits, and looks at zeros.
pub fn kernel_beyond_picture(view: &View<'_>, found: &mut Vec<Finding>) {
    for chain in view.chains() {
        for link in &chain.links {
            let (Some(kernel), Some(input), Some(output)) = (link.layer.looks_at(), link.input, link.output) else { continue };
            if (kernel.height <= input.height && kernel.width <= input.width) || link.layer.output_shape(input).is_err() {
                continue;
            }
            let name = link.layer.name();
            let what = format!("{name} looks at {kernel} of a picture of {} × {}", input.height, input.width);
            let why = "What lies beyond the picture is padding, which says nothing; the weights that look at it only cost time and memory.";
            let fits = Size { height: kernel.height.min(input.height), width: kernel.width.min(input.width) };
            let half = Size { height: (fits.height - 1) / 2, width: (fits.width - 1) / 2 };
            let paddings = [Padding::Explicit(half), Padding::Same, Padding::Valid];
            let smaller = paddings.map(|padding| link.layer.clone().with_window(fits, padding));
            let smaller = smaller.into_iter().find(|layer| layer.output_shape(input) == Ok(output));
            let fix = smaller.map(|layer| Fix::new(format!("Kernel {fits}"), vec![chain.replace(link, layer)]));
            let finding = Finding::new("kernel-beyond-picture", Severity::Advice, chain.place(link), what, why);
            found.push(fix.into_iter().fold(finding, Finding::with));
        }
    }
}

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
    fn a_kernel_larger_than_its_picture_looks_at_padding() {
        let rule = "kernel-beyond-picture";
        let head = [Layer::conv(8, 4, 4, 0), Layer::leaky_relu(), Layer::conv(8, 4, 4, 0), Layer::leaky_relu()];
        let on_one = |layer| with("digits", Role::Discriminator, head.clone().into_iter().chain([layer, Layer::Flatten, Layer::dense(1)]));
        let project = on_one(Layer::conv(8, 5, 1, 2));
        assert_eq!(indices(&project, Role::Discriminator, rule), [4]);
        let after = mended(&project, rule, Severity::Advice);
        assert_eq!(after.discriminator.layers[4].layer.summary(), "8, 1 × 1");
        silent(&on_one(Layer::conv(8, 1, 1, 0)), rule);
        silent(&preset("dcgan64"), rule);
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
