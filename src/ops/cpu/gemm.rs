//! Products of matrices that lie in slices, with the `gemm` crate on the calling thread. Who calls divides the work among threads.

use std::ops::Range;

use gemm::Parallelism;

/// A matrix in a slice.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// Rows one after the other, `pitch` values from one to the next.
    pub fn new(values: &'a [f32], rows: usize, columns: usize, pitch: usize) -> Self {
        Self { values, rows, columns, row_stride: pitch, column_stride: 1 }
    }

    /// Columns for rows.
    pub fn transposed(self) -> Self {
        let Self { values, rows, columns, row_stride, column_stride } = self;
        Self { values, rows: columns, columns: rows, row_stride: column_stride, column_stride: row_stride }
    }

    /// Some of its rows.
    pub fn some_rows(self, rows: Range<usize>) -> Self {
        Self { values: &self.values[rows.start * self.row_stride..], rows: rows.len(), ..self }
    }

    fn fits(&self) -> bool {
        self.rows == 0
            || self.columns == 0
            || (self.rows - 1) * self.row_stride + (self.columns - 1) * self.column_stride < self.values.len()
    }
}

/// What a product does with what is in its place already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// Replaces it.
    Over,
    /// Is added to it.
    Onto,
}

/// `left * right` into `out`, whose rows are `pitch` values apart.
///
/// # Panics
/// The matrices do not fit each other or their slices.
pub fn multiply(left: Matrix, right: Matrix, out: &mut [f32], pitch: usize, put: Put) {
    let (rows, columns, depth) = (left.rows, right.columns, left.columns);
    let result = Matrix::new(out, rows, columns, pitch);
    assert!(left.fits() && right.fits() && result.fits(), "a matrix is larger than its memory");
    assert!(depth == right.rows && columns <= pitch, "matrices of {rows}x{depth} and {}x{columns}, {pitch} apart", right.rows);
    #[expect(
        unsafe_code,
        reason = "`gemm` takes pointers; that every element lies within its slice, and that rows of the result do not overlap, is asserted above"
    )]
    unsafe {
        gemm::gemm(
            rows,
            columns,
            depth,
            out.as_mut_ptr(),
            1,
            pitch as isize,
            put == Put::Onto,
            left.values.as_ptr(),
            left.column_stride as isize,
            left.row_stride as isize,
            right.values.as_ptr(),
            right.column_stride as isize,
            right.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
