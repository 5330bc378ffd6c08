//! What a run shows while it goes on: its newest samples, and the generator that made them. Big, so never queued: the newest wins.

use std::sync::{Arc, Mutex, PoisonError};

use crate::latent::GeneratorHandle;
use crate::spec::Shape;

/// A picture of a run at one step.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Generator steps done.
    pub step: u64,
    /// Are the samples made by the averaged generator?
    pub averaged: bool,
    /// Samples from the run's fixed latents, the same at every refresh.
    pub samples: Samples,
    /// The generator to explore: averaged where the run averages. On the CPU, independent of the run.
    pub generator: GeneratorHandle,
}

/// Samples as they are shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    /// Pictures.
    Pictures(Pictures),
    /// 2-D points over the discriminator's verdict.
    Points {
        /// Generated points.
        generated: Vec<[f32; 2]>,
        /// What the discriminator thinks of the plane.
        verdict: HeatMap,
    },
}

/// Pictures as bytes, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// The shape of one: 1 or 3 channels.
    pub shape: Shape,
    /// `count x height x width x channels`.
    pub bytes: Vec<u8>,
}

impl Pictures {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.bytes.len() / self.shape.values().max(1)
    }

    /// From network outputs, `[n, channels, height, width]` in -1..1; values outside are clamped, and what is no number is mid-grey.
    pub fn from_values(shape: Shape, values: &[f32]) -> Self {
        let (channels, area) = (shape.channels, shape.height * shape.width);
        let mut bytes = Vec::with_capacity(values.len());
        for picture in values.chunks_exact(shape.values().max(1)) {
            for pixel in 0..area {
                bytes.extend((0..channels).map(|channel| to_byte(picture[channel * area + pixel])));
            }
        }
        Self { shape, bytes }
    }

    /// The bytes of one picture, `height x width x channels`.
    pub fn picture(&self, index: usize) -> &[u8] {
        let size = self.shape.values();
        &self.bytes[index * size..(index + 1) * size]
    }
}

impl Pictures {
    /// The numbers of one picture, `[channels, height, width]` flat in -1..1.
    pub fn values(&self, index: usize) -> Vec<f32> {
        let (bytes, channels) = (self.picture(index), self.shape.channels.max(1));
        (0..channels).flat_map(|channel| bytes.iter().skip(channel).step_by(channels).map(|&byte| f32::from(byte) / 127.5 - 1.0)).collect()
    }
}

fn to_byte(value: f32) -> u8 {
    if value.is_nan() { 128 } else { ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8 }
}

/// The discriminator's verdict over a square of the plane.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// The smallest coordinate in both directions.
    pub low: f32,
    /// The largest coordinate in both directions.
    pub high: f32,
    /// Values in each direction.
    pub side: usize,
    /// From 0 (surely generated) to 1 (surely real), row by row from the smallest y, `side x side`.
    pub values: Vec<f32>,
}

/// A place for the newest value of something: writers replace it, readers take or look at it, nobody waits for long.
#[derive(Debug)]
pub struct Slot<T>(Arc<Mutex<Option<Arc<T>>>>);

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Slot<T> {
    /// Replaces the value.
    pub fn put(&self, value: T) {
        self.share(Arc::new(value));
    }

    /// Replaces the value by one that others have, too.
    pub fn share(&self, value: Arc<T>) {
        *self.lock() = Some(value);
    }

    /// The newest value, which stays.
    pub fn newest(&self) -> Option<Arc<T>> {
        self.lock().clone()
    }

    /// The newest value, which is then gone.
    pub fn take(&self) -> Option<Arc<T>> {
        self.lock().take()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<T>>> {
        // A panic elsewhere cannot leave a half-written value here: it is replaced in one move.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
