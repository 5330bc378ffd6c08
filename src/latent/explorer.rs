//! A thread that turns latent vectors into pictures. Only the newest request counts.

use std::sync::Arc;

use super::generator::GeneratorHandle;
use crate::spec::Shape;

/// What to draw.
#[derive(Clone, Debug)]
pub struct Request {
    /// With which generator.
    pub generator: GeneratorHandle,
    /// Latent vectors, `[n, latent size]` flat.
    pub latents: Vec<f32>,
    /// Comes back with the answer, so that the asker knows which question it answers.
    pub ticket: u64,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Of the request.
    pub ticket: u64,
    /// The shape of one sample.
    pub shape: Shape,
    /// `[n, channels, height, width]` flat, pictures in -1..1; or why there are none.
    pub values: Result<Vec<f32>, String>,
}

/// The thread. It ends when this handle is dropped.
#[derive(Debug)]
pub struct Explorer {}

impl Explorer {
    /// Starts the thread. It calls `wake` after each answer.
    pub fn spawn(wake: impl Fn() + Send + Sync + 'static) -> Self {
        let _ = wake;
        todo!()
    }

    /// Asks for a picture, in place of a request that is still waiting.
    pub fn request(&self, request: Request) {
        let _ = request;
        todo!()
    }

    /// The newest answer.
    pub fn newest(&self) -> Option<Arc<Picture>> {
        todo!()
    }
}
