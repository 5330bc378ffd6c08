//! The linear transforms of tiles, kernels and results: `F(m, r)` of Lavin and Gray gives `m` positions of a kernel with `r` taps from
//! `m + r - 1` pixels. Their entries follow from as many points of the line, of which one is infinitely far (Toom and Cook): `0, ±1, ±2` for
//! tiles of six, `0, ±1, 2` for tiles of five.
//!
//! A tile is transformed in both directions, for as many channels side by side as a vector holds.

use pulp::Simd;

/// A linear transform of a square tile, of several channels side by side. Written out, since the values must stay in registers.
pub trait Transform {
    /// Takes the value at each `[row, column]` of a tile, and gives those of the transformed one.
    fn tile<S: Simd>(simd: S, load: impl Fn([usize; 2]) -> S::f32s, store: impl FnMut([usize; 2], S::f32s));
}

/// An array of what an expression gives for each of the first few numbers, written out: a loop would keep its values in memory.
macro_rules! written_out {
    (2, $index:ident => $value:expr) => { written_out!(@ [0 1], $index, $value) };
    (3, $index:ident => $value:expr) => { written_out!(@ [0 1 2], $index, $value) };
    (4, $index:ident => $value:expr) => { written_out!(@ [0 1 2 3], $index, $value) };
    (5, $index:ident => $value:expr) => { written_out!(@ [0 1 2 3 4], $index, $value) };
    (6, $index:ident => $value:expr) => { written_out!(@ [0 1 2 3 4 5], $index, $value) };
    (@ [$($number:literal)*], $index:ident, $value:expr) => { [$({ const $index: usize = $number; $value }),*] };
}

/// A transform by what it makes of one row.
macro_rules! transform {
    ($(#[$doc:meta])* $name:ident, $from:tt => $to:tt, |$simd:ident, $row:pat_param| $result:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl $name {
            #[inline(always)]
            fn apply<S: Simd>($simd: S, $row: [S::f32s; $from]) -> [S::f32s; $to] {
                $result
            }
        }

        impl Transform for $name {
            #[inline(always)]
            fn tile<S: Simd>(simd: S, load: impl Fn([usize; 2]) -> S::f32s, mut store: impl FnMut([usize; 2], S::f32s)) {
                let rows = written_out!($from, ROW => Self::apply(simd, written_out!($from, COLUMN => load([ROW, COLUMN]))));
                written_out!($to, COLUMN => {
                    let column = Self::apply(simd, written_out!($from, ROW => rows[ROW][COLUMN]));
                    written_out!($to, ROW => store([ROW, COLUMN], column[ROW]))
                });
            }
        }
    };
}

/// A sum of multiples of vectors.
macro_rules! sum {
    ($simd:expr, $first:expr $(, $factor:literal * $value:expr)*) => {{
        let sum = $first;
        $(let sum = $simd.mul_add_e_f32s($simd.splat_f32s($factor), $value, sum);)*
        sum
    }};
}

/// A multiple of a vector.
macro_rules! multiple {
    ($simd:expr, $factor:literal * $value:expr) => {
        $simd.mul_f32s($simd.splat_f32s($factor), $value)
    };
}

transform! {
    /// `B^T` for tiles of six.
    Input6, 6 => 6, |simd, [a, b, c, d, e, f]| {
        let (near, far) = (sum!(simd, d, -4.0 * b), sum!(simd, e, -4.0 * c));
        let (odd, even) = (simd.sub_f32s(d, b), simd.sub_f32s(e, c));
        [
            sum!(simd, e, 4.0 * a, -5.0 * c),
            simd.add_f32s(far, near),
            simd.sub_f32s(far, near),
            sum!(simd, even, 2.0 * odd),
            sum!(simd, even, -2.0 * odd),
            sum!(simd, f, 4.0 * b, -5.0 * d),
        ]
    }
}

transform! {
    /// `B^T` for tiles of five.
    Input5, 5 => 5, |simd, [a, b, c, d, e]| {
        let difference = simd.sub_f32s(d, b);
        [
            sum!(simd, difference, 2.0 * a, -2.0 * c),
            sum!(simd, simd.sub_f32s(d, c), -2.0 * b),
            sum!(simd, d, 2.0 * b, -3.0 * c),
            difference,
            sum!(simd, simd.sub_f32s(e, c), -2.0 * difference),
        ]
    }
}

transform! {
    /// `G` of `F(4, 3)`.
    Kernel4x3, 3 => 6, |simd, [a, b, c]| {
        let near = sum!(simd, multiple!(simd, -0.166_666_67 * a), -0.166_666_67 * c);
        let far = sum!(simd, multiple!(simd, 0.041_666_668 * a), 0.166_666_67 * c);
        [
            multiple!(simd, 0.25 * a),
            sum!(simd, near, -0.166_666_67 * b),
            sum!(simd, near, 0.166_666_67 * b),
            sum!(simd, far, 0.083_333_336 * b),
            sum!(simd, far, -0.083_333_336 * b),
            c,
        ]
    }
}

transform! {
    /// `G` of `F(5, 2)`.
    Kernel5x2, 2 => 6, |simd, [a, b]| {
        let (near, far) = (multiple!(simd, -0.166_666_67 * a), multiple!(simd, 0.041_666_668 * a));
        [
            multiple!(simd, 0.25 * a),
            sum!(simd, near, -0.166_666_67 * b),
            sum!(simd, near, 0.166_666_67 * b),
            sum!(simd, far, 0.083_333_336 * b),
            sum!(simd, far, -0.083_333_336 * b),
            b,
        ]
    }
}

transform! {
    /// `G` of `F(4, 2)`.
    Kernel4x2, 2 => 5, |simd, [a, b]| {
        let sixth = multiple!(simd, 0.166_666_67 * a);
        [
            multiple!(simd, 0.5 * a),
            multiple!(simd, -0.5 * simd.add_f32s(a, b)),
            multiple!(simd, -0.166_666_67 * simd.sub_f32s(a, b)),
            sum!(simd, sixth, 0.333_333_34 * b),
            b,
        ]
    }
}

transform! {
    /// `G^T` of `F(4, 3)`.
    KernelBack4x3, 6 => 3, |simd, [a, b, c, d, e, f]| {
        let (near, far) = (simd.add_f32s(b, c), simd.add_f32s(d, e));
        let (near_difference, far_difference) = (simd.sub_f32s(c, b), simd.sub_f32s(d, e));
        [
            sum!(simd, multiple!(simd, 0.25 * a), -0.166_666_67 * near, 0.041_666_668 * far),
            sum!(simd, multiple!(simd, 0.166_666_67 * near_difference), 0.083_333_336 * far_difference),
            sum!(simd, f, -0.166_666_67 * near, 0.166_666_67 * far),
        ]
    }
}

transform! {
    /// `G^T` of `F(5, 2)`.
    KernelBack5x2, 6 => 2, |simd, [a, b, c, d, e, f]| {
        let (near, far) = (simd.add_f32s(b, c), simd.add_f32s(d, e));
        let (near_difference, far_difference) = (simd.sub_f32s(c, b), simd.sub_f32s(d, e));
        [
            sum!(simd, multiple!(simd, 0.25 * a), -0.166_666_67 * near, 0.041_666_668 * far),
            sum!(simd, f, 0.166_666_67 * near_difference, 0.083_333_336 * far_difference),
        ]
    }
}

transform! {
    /// `G^T` of `F(4, 2)`.
    KernelBack4x2, 5 => 2, |simd, [a, b, c, d, e]| {
        let half = multiple!(simd, -0.5 * b);
        [
            sum!(simd, half, 0.5 * a, -0.166_666_67 * c, 0.166_666_67 * d),
            sum!(simd, simd.add_f32s(half, e), 0.166_666_67 * c, 0.333_333_34 * d),
        ]
    }
}

transform! {
    /// `A^T` of `F(4, 3)`.
    Result4x3, 6 => 4, |simd, [a, b, c, d, e, f]| {
        let (near, near_difference) = (simd.add_f32s(b, c), simd.sub_f32s(b, c));
        let (far, far_difference) = (simd.add_f32s(d, e), simd.sub_f32s(d, e));
        [
            simd.add_f32s(a, simd.add_f32s(near, far)),
            sum!(simd, near_difference, 2.0 * far_difference),
            sum!(simd, near, 4.0 * far),
            sum!(simd, simd.add_f32s(near_difference, f), 8.0 * far_difference),
        ]
    }
}

transform! {
    /// `A^T` of `F(5, 2)`.
    Result5x2, 6 => 5, |simd, [a, b, c, d, e, f]| {
        let (near, near_difference) = (simd.add_f32s(b, c), simd.sub_f32s(b, c));
        let (far, far_difference) = (simd.add_f32s(d, e), simd.sub_f32s(d, e));
        [
            simd.add_f32s(a, simd.add_f32s(near, far)),
            sum!(simd, near_difference, 2.0 * far_difference),
            sum!(simd, near, 4.0 * far),
            sum!(simd, near_difference, 8.0 * far_difference),
            sum!(simd, simd.add_f32s(near, f), 16.0 * far),
        ]
    }
}

transform! {
    /// `A^T` of `F(4, 2)`.
    Result4x2, 5 => 4, |simd, [a, b, c, d, e]| {
        let (near, difference) = (simd.add_f32s(b, c), simd.sub_f32s(b, c));
        [
            simd.add_f32s(simd.add_f32s(a, d), near),
            sum!(simd, difference, 2.0 * d),
            sum!(simd, near, 4.0 * d),
            sum!(simd, simd.add_f32s(difference, e), 8.0 * d),
        ]
    }
}

transform! {
    /// `A` of `F(4, 3)`.
    Gradient4x3, 4 => 6, |simd, [a, b, c, d]| {
        let (even, odd) = (simd.add_f32s(a, c), simd.add_f32s(b, d));
        let (even_far, odd_far) = (sum!(simd, a, 4.0 * c), sum!(simd, b, 4.0 * d));
        [
            a,
            simd.add_f32s(even, odd),
            simd.sub_f32s(even, odd),
            sum!(simd, even_far, 2.0 * odd_far),
            sum!(simd, even_far, -2.0 * odd_far),
            d,
        ]
    }
}

transform! {
    /// `A` of `F(5, 2)`.
    Gradient5x2, 5 => 6, |simd, [a, b, c, d, e]| {
        let (even, odd) = (simd.add_f32s(simd.add_f32s(a, c), e), simd.add_f32s(b, d));
        let (even_far, odd_far) = (sum!(simd, a, 4.0 * c, 16.0 * e), sum!(simd, b, 4.0 * d));
        [
            a,
            simd.add_f32s(even, odd),
            simd.sub_f32s(even, odd),
            sum!(simd, even_far, 2.0 * odd_far),
            sum!(simd, even_far, -2.0 * odd_far),
            e,
        ]
    }
}

transform! {
    /// `A` of `F(4, 2)`.
    Gradient4x2, 4 => 5, |simd, [a, b, c, d]| {
        let (even, odd) = (simd.add_f32s(a, c), simd.add_f32s(b, d));
        [
            a,
            simd.add_f32s(even, odd),
            simd.sub_f32s(even, odd),
            sum!(simd, a, 2.0 * b, 4.0 * c, 8.0 * d),
            d,
        ]
    }
}
