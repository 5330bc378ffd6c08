//! The frames of a run in its file: arrays by name, so that any tool that reads safetensors can show them.
//!
//! | array | type | shape |
//! |---|---|---|
//! | `steps` | u64 | `[frames]` |
//! | `seconds` | f64 | `[frames]` |
//! | `pictures` | u8 | `[frames, pictures, height, width, channels]` |
//! | `points` | f32 | `[frames, points, 2]`, in place of `pictures` |

use std::io;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::spec::Shape;
use crate::train::{Frame, Pictures, Reel, Still};

const STEPS: &str = "steps";
const SECONDS: &str = "seconds";
const PICTURES: &str = "pictures";
const POINTS: &str = "points";

/// The arrays as bytes; the reel has a frame at least.
pub fn to_bytes(reel: &Reel) -> io::Result<Vec<u8>> {
    let frames = reel.len();
    let steps: Vec<u8> = reel.iter().flat_map(|frame| frame.step.to_le_bytes()).collect();
    let seconds: Vec<u8> = reel.iter().flat_map(|frame| frame.elapsed_secs.to_le_bytes()).collect();
    let samples: Vec<u8> = reel.iter().flat_map(|frame| sample_bytes(&frame.samples)).collect();
    let (name, dtype, mut shape) = match reel.last().map(|frame| &frame.samples) {
        Some(Still::Pictures(pictures)) => {
            let Shape { channels, height, width } = pictures.shape;
            (PICTURES, Dtype::U8, vec![pictures.count(), height, width, channels])
        }
        Some(Still::Points(points)) => (POINTS, Dtype::F32, vec![points.len(), 2]),
        None => return Err(io::Error::other("there are no frames")),
    };
    shape.insert(0, frames);
    let view = |dtype, shape, bytes| TensorView::new(dtype, shape, bytes).map_err(|error| io::Error::other(error.to_string()));
    let views = [
        (STEPS, view(Dtype::U64, vec![frames], steps.as_slice())?),
        (SECONDS, view(Dtype::F64, vec![frames], seconds.as_slice())?),
        (name, view(dtype, shape, samples.as_slice())?),
    ];
    safetensors::serialize(views, None).map_err(|error| io::Error::other(error.to_string()))
}

fn sample_bytes(samples: &Still) -> Vec<u8> {
    match samples {
        Still::Pictures(pictures) => pictures.bytes.clone(),
        Still::Points(points) => points.iter().flatten().flat_map(|value| value.to_le_bytes()).collect(),
    }
}

/// The frames, or what is wrong with them.
pub fn from_bytes(bytes: &[u8]) -> Result<Reel, String> {
    let arrays = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let array = |name: &str, dtype| {
        let view = arrays.tensor(name).map_err(|error| error.to_string())?;
        if view.dtype() == dtype { Ok(view) } else { Err(format!("{name} is of another type")) }
    };
    let steps = array(STEPS, Dtype::U64)?.data().as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect::<Vec<_>>();
    let seconds = array(SECONDS, Dtype::F64)?.data().as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect::<Vec<_>>();
    let stills = match array(PICTURES, Dtype::U8) {
        Ok(view) => pictures(&view)?,
        Err(_) => points(&array(POINTS, Dtype::F32)?)?,
    };
    if steps.len() != stills.len() || seconds.len() != stills.len() {
        return Err("its arrays are of different lengths".to_owned());
    }
    let frames = steps.into_iter().zip(seconds).zip(stills);
    let frames = frames.map(|((step, elapsed_secs), samples)| Frame { step, elapsed_secs, samples }).collect();
    Reel::from_frames(frames).ok_or_else(|| "its frames are out of order, or too many".to_owned())
}

/// What `TensorView` says of its shape agrees with its length in bytes.
fn pictures(view: &TensorView<'_>) -> Result<Vec<Still>, String> {
    let &[_, count, height, width, channels] = view.shape() else { return Err("its pictures have another number of axes".to_owned()) };
    if view.data().is_empty() || !matches!(channels, 1 | 3) {
        return Err("its pictures are of no shape that can be shown".to_owned());
    }
    let shape = Shape::new(channels, height, width);
    let frames = view.data().chunks_exact(count * shape.values());
    Ok(frames.map(|bytes| Still::Pictures(Pictures { shape, bytes: bytes.to_vec() })).collect())
}

fn points(view: &TensorView<'_>) -> Result<Vec<Still>, String> {
    let &[_, count, 2] = view.shape() else { return Err("its points have another number of axes".to_owned()) };
    if view.data().is_empty() {
        return Err("it has no points".to_owned());
    }
    let point = |bytes: &[[u8; 4]; 2]| bytes.map(f32::from_le_bytes);
    let frames = view.data().chunks_exact(8 * count);
    Ok(frames.map(|bytes| Still::Points(bytes.as_chunks::<4>().0.as_chunks::<2>().0.iter().map(point).collect())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reel(still: impl Fn(u8) -> Still) -> Reel {
        let mut reel = Reel::default();
        for step in 0..5_u8 {
            reel.push(Frame { step: u64::from(step) * 1_000, elapsed_secs: f64::from(step) / 3.0, samples: still(step) });
        }
        reel
    }

    fn pictures(step: u8) -> Still {
        Still::Pictures(Pictures { shape: Shape::new(3, 2, 5), bytes: (0..4 * 30).map(|byte| byte + step).collect() })
    }

    fn points(step: u8) -> Still {
        Still::Points((0..7).map(|index| [f32::from(step) / 7.0, index as f32 - 0.1]).collect())
    }

    #[test]
    fn frames_come_back_as_they_were() {
        for reel in [reel(pictures), reel(points)] {
            assert_eq!(from_bytes(&to_bytes(&reel).unwrap()).unwrap(), reel);
        }
    }

    #[test]
    fn what_is_damaged_is_refused_in_words() {
        let bytes = to_bytes(&reel(pictures)).unwrap();
        assert!(from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(from_bytes(b"").is_err());
        let swapped = {
            let place = bytes.windows(8).position(|bytes| bytes == 4_000_u64.to_le_bytes()).unwrap();
            let mut bytes = bytes.clone();
            bytes[place..place + 8].copy_from_slice(&1_u64.to_le_bytes());
            bytes
        };
        assert_eq!(from_bytes(&swapped).unwrap_err(), "its frames are out of order, or too many");
    }
}
