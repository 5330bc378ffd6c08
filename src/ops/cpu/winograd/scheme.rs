//! Which tiles a picture is cut into.

use super::transforms::{
    Gradient4x2, Gradient4x3, Gradient5x2, Input5, Input6, Kernel4x2, Kernel4x3, Kernel5x2, KernelBack4x2, KernelBack4x3, KernelBack5x2,
    Result4x2, Result4x3, Result5x2, Transform,
};

/// Tiles of a size, and their transforms.
pub trait Scheme {
    /// Positions that a tile gives, across and down.
    const STEP: usize;
    /// Taps of the kernel, across and down.
    const TAPS: usize;
    /// Pixels of a tile, across and down.
    const TILE: usize = Self::STEP + Self::TAPS - 1;
    /// Of pixels.
    type Input: Transform;
    /// Of a kernel.
    type Kernel: Transform;
    /// Of the gradient of a transformed kernel, back to that of the kernel.
    type KernelBack: Transform;
    /// Of results, back to positions.
    type Result: Transform;
    /// Of the gradient of positions.
    type Gradient: Transform;
}

macro_rules! scheme {
    ($(#[$doc:meta])* $name:ident, $step:literal, $taps:literal, $input:ty, $kernel:ty, $back:ty, $result:ty, $gradient:ty) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl Scheme for $name {
            const STEP: usize = $step;
            const TAPS: usize = $taps;
            type Input = $input;
            type Kernel = $kernel;
            type KernelBack = $back;
            type Result = $result;
            type Gradient = $gradient;
        }
    };
}

scheme!(
    /// `F(4x4, 3x3)`: 36 multiplications for 144.
    F4x3, 4, 3, Input6, Kernel4x3, KernelBack4x3, Result4x3, Gradient4x3
);
scheme!(
    /// `F(5x5, 2x2)`: 36 multiplications for 100.
    F5x2, 5, 2, Input6, Kernel5x2, KernelBack5x2, Result5x2, Gradient5x2
);
scheme!(
    /// `F(4x4, 2x2)`: 25 multiplications for 64.
    F4x2, 4, 2, Input5, Kernel4x2, KernelBack4x2, Result4x2, Gradient4x2
);
