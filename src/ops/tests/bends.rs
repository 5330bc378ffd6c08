//! The nonlinearities by themselves.

use super::{BENDS, assert_near, exact_bend, tensor, values};
use crate::device;
use crate::ops;

#[test]
fn bends_and_their_slopes_are_exact_at_the_kink_and_far_out() {
    let device = device::cpu().autodiff();
    // Also more values than one thread takes.
    for count in [9, 70_001] {
        let numbers: Vec<f32> = (0..count).map(|index| [0.0, -0.0, 1e-6, -1e-6, 0.7, -0.7, 6.0, -6.0, 60.0][index % 9]).collect();
        for bend in BENDS.into_iter().flatten() {
            let x = tensor(&numbers, [count], &device).require_grad();
            let y = ops::bend(x.clone(), bend);
            let back = (y.clone() * 3.0).sum().backward();
            let truth: Vec<[f64; 2]> = numbers.iter().map(|&x| exact_bend(f64::from(x), Some(bend))).collect();
            let [wanted, slopes] = [0, 1].map(|which| truth.iter().map(|pair| pair[which]).collect::<Vec<f64>>());
            assert_near(&values(y), &wanted, |index| 5e-7 * wanted[index].abs().min(1.0), &format!("{bend:?}"));
            let slopes: Vec<f64> = slopes.iter().map(|slope| 3.0 * slope).collect();
            assert_near(&values(x.grad(&back).unwrap()), &slopes, |_| 3e-6, &format!("slope of {bend:?}"));
        }
    }
}
