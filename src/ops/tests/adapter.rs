//! The operations on a graphics adapter against those on the CPU. Skipped where there is none, unless `GANVAS_REQUIRE_ADAPTER` is set.

use burn::tensor::Device;
use burn::tensor::ops::ConvTransposeOptions;

use super::cases::{Case, Numbers, gradients_on, ours, output};
use super::{assert_near, quarters, stream, widened};
use crate::device::{self, Kind};
use crate::ops::Bend;
use crate::ops::linear::Linear;

/// The first adapter, opened; a software one will do.
fn adapter() -> Option<Device> {
    let found = device::list().iter().find(|device| device.kind != Kind::Cpu);
    if found.is_none() {
        assert!(std::env::var_os("GANVAS_REQUIRE_ADAPTER").is_none(), "there is no graphics adapter, and GANVAS_REQUIRE_ADAPTER is set");
        println!("skipped: there is no graphics adapter");
    }
    found.map(|info| device::open(info).unwrap().device)
}

/// As layers ask for it; and in groups, with rows added and a kernel that leaves gaps. Only two: a driver may take half a minute for each.
fn cases() -> [Case; 2] {
    let options = |stride, padding, extra, dilation, groups| {
        Linear::ConvTranspose2d(ConvTransposeOptions::new([stride; 2], [padding; 2], [extra; 2], [dilation; 2], groups))
    };
    [(options(2, 1, 0, 1, 1), [3, 4, 5, 4], [4, 6, 4, 4]), (options(3, 2, 1, 2, 2), [2, 4, 4, 3], [4, 3, 3, 2])]
        .map(|(map, x, weight)| Case { map, x, weight, has_bias: true, are_views: false })
}

#[test]
fn gradients_of_a_transposed_convolution_agree_with_the_cpu() {
    let Some(adapter) = adapter() else { return };
    for (index, case) in cases().into_iter().enumerate() {
        let forward = |case: &Case, operands: [_; 2], bias: Option<_>| ours(case, operands, bias, Some(Bend::Tanh));
        let mut rng = stream(50_000 + index);
        let mut numbers = Numbers::draw(&case, 0.25, |count| quarters(&mut rng, count));
        numbers.cotangent = quarters(&mut rng, output(&case, &numbers, &forward).0.len());
        let run = |device: &Device| gradients_on(device, &case, &numbers, [true; 3], &forward);
        let (wanted, got) = (run(&device::cpu()), run(&adapter));
        // Graphics drivers may compute a hyperbolic tangent less exactly; sums of its slopes are of some tens of terms below one.
        assert_near(&got.y, &widened(&wanted.y), |_| 1e-5, &format!("{case:?}: output"));
        for (got, wanted) in got.gradients.into_iter().zip(wanted.gradients) {
            assert_near(&got.unwrap(), &widened(&wanted.unwrap()), |_| 1e-4, &format!("{case:?}: gradient"));
        }
    }
}
