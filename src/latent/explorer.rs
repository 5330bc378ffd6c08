//! A thread that turns latent vectors into pictures. Only the newest request counts.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::generator::GeneratorHandle;
use crate::spec::Shape;
use crate::train::Slot;

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
pub struct Explorer {
    desk: Arc<Desk>,
    answers: Slot<Picture>,
}

/// Where the newest request lies until the thread takes it.
#[derive(Debug, Default)]
struct Desk {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    request: Option<Request>,
    closed: bool,
}

impl Explorer {
    /// Starts the thread. It calls `wake` after each answer.
    pub fn spawn(wake: impl Fn() + Send + Sync + 'static) -> Self {
        let desk = Arc::new(Desk::default());
        let answers = Slot::default();
        let (thread_desk, thread_answers) = (Arc::clone(&desk), answers.clone());
        let work = move || {
            while let Some(request) = thread_desk.next() {
                thread_answers.put(answer(&request));
                wake();
            }
        };
        if let Err(error) = std::thread::Builder::new().name("explorer".to_owned()).spawn(work) {
            log::error!("the explorer's thread cannot be started: {error}");
        }
        Self { desk, answers }
    }

    /// Asks for a picture, in place of a request that is still waiting.
    pub fn request(&self, request: Request) {
        self.desk.lock().request = Some(request);
        self.desk.changed.notify_one();
    }

    /// The newest answer.
    pub fn newest(&self) -> Option<Arc<Picture>> {
        self.answers.newest()
    }
}

impl Drop for Explorer {
    fn drop(&mut self) {
        self.desk.lock().closed = true;
        self.desk.changed.notify_one();
    }
}

impl Desk {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a request; none when the handle is gone.
    fn next(&self) -> Option<Request> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(request) = state.request.take() {
                return Some(request);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn answer(request: &Request) -> Picture {
    let values = request.generator.generate(&request.latents).map_err(|error| error.0);
    Picture { ticket: request.ticket, shape: request.generator.shape(), values }
}
