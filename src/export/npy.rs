//! Arrays in NumPy's file format, version 1.0.

use std::path::Path;

use super::{ExportError, atomic};
use crate::train::Pictures;

/// Bytes as an array of `uint8`, row-major.
pub fn npy_u8(shape: &[usize], values: &[u8]) -> Vec<u8> {
    let mut file = header("|u1", shape);
    file.extend_from_slice(values);
    file
}

/// Numbers as an array of little-endian `float32`, row-major.
pub fn npy_f32(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let mut file = header("<f4", shape);
    file.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    file
}

/// The magic number, the version, and a Python dictionary padded so that the data begins at a multiple of 64.
fn header(kind: &str, shape: &[usize]) -> Vec<u8> {
    const BEFORE: usize = 10;
    let dimensions: Vec<String> = shape.iter().map(usize::to_string).collect();
    let tuple = if let [only] = dimensions.as_slice() { format!("({only},)") } else { format!("({})", dimensions.join(", ")) };
    let mut text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {tuple}, }}");
    let padding = (BEFORE + text.len() + 1).next_multiple_of(64) - (BEFORE + text.len() + 1);
    text.extend(std::iter::repeat_n(' ', padding));
    text.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((text.len() as u16).to_le_bytes());
    file.extend(text.into_bytes());
    file
}

/// Writes pictures as `uint8`, `[count, height, width, channels]`.
///
/// # Errors
/// The file cannot be written; what was there stays.
pub fn write_pictures_npy(pictures: &Pictures, path: &Path) -> Result<(), ExportError> {
    let shape = pictures.shape;
    atomic::write(path, &npy_u8(&[pictures.count(), shape.height, shape.width, shape.channels], &pictures.bytes))
}

/// Writes points as `float32`, `[count, 2]`.
///
/// # Errors
/// The file cannot be written; what was there stays.
pub fn write_points_npy(points: &[[f32; 2]], path: &Path) -> Result<(), ExportError> {
    atomic::write(path, &npy_f32(&[points.len(), 2], points.as_flattened()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Shape;

    /// What `numpy.save` (2.4) writes for `numpy.arange(6, dtype='uint8').reshape(1, 2, 3, 1)`.
    const NUMPY_U8: &[u8] = b"\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3, 1), }                                                    \n\x00\x01\x02\x03\x04\x05";
    /// What it writes for `numpy.array([1.5, -2], dtype='float32')`.
    const NUMPY_F32: &[u8] = b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }                                                            \n\x00\x00\xc0?\x00\x00\x00\xc0";

    #[test]
    fn files_are_those_of_numpy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pictures.npy");
        write_pictures_npy(&Pictures { shape: Shape::new(1, 2, 3), bytes: (0..6).collect() }, &path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), NUMPY_U8);
        assert_eq!(npy_f32(&[2], &[1.5, -2.0]), NUMPY_F32);
    }

    #[test]
    fn points_have_two_columns_and_data_begins_at_a_multiple_of_64() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.npy");
        write_points_npy(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], &path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!((bytes.len() - 6 * 4) % 64, 0);
        assert!(String::from_utf8_lossy(&bytes).contains("'shape': (3, 2), }"));
        assert_eq!(bytes[bytes.len() - 4..], 6.0_f32.to_le_bytes());
    }
}
