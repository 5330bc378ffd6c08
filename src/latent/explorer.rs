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
        // A pool of one thread, and all work on it: on the pool that training uses a picture would wait until training has a thread to
        // spare. For a single picture one thread is as fast as many.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "explorer".to_owned()).build();
        match pool {
            Ok(pool) => pool.spawn(work),
            Err(error) => log::error!("the explorer's thread cannot be started: {error}"),
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::device;
    use crate::nn::Network;
    use crate::spec::{Preset, Role};

    fn request(preset: &str, ticket: u64) -> Request {
        let stack = Preset::from_name(preset).unwrap().project().generator;
        let network = Network::new(&stack, Role::Generator, 1, &device::cpu()).unwrap();
        let generator = GeneratorHandle::from_network(network);
        let latents = (0..generator.latent_size()).map(|index| (index as f32 + ticket as f32).sin()).collect();
        Request { generator, latents, ticket }
    }

    /// Waits for the answer to a request.
    fn answer_to(explorer: &Explorer, ticket: u64) -> Option<Arc<Picture>> {
        let end = Instant::now() + Duration::from_secs(30);
        while Instant::now() < end {
            if let Some(picture) = explorer.newest().filter(|picture| picture.ticket == ticket) {
                return Some(picture);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        None
    }

    #[test]
    fn of_the_requests_that_wait_only_the_newest_is_answered() {
        let desk = Desk::default();
        for ticket in 1..=3 {
            desk.lock().request = Some(request("mlp", ticket));
        }
        assert_eq!(desk.next().unwrap().ticket, 3);
        desk.lock().closed = true;
        assert!(desk.next().is_none(), "those before are forgotten");
    }

    #[test]
    fn the_last_of_many_requests_is_answered_with_its_own_picture() {
        let explorer = Explorer::spawn(|| {});
        for ticket in 1..=200 {
            explorer.request(request("mlp", ticket));
        }
        let last = request("mlp", 200);
        assert_eq!(answer_to(&explorer, 200).unwrap().values, Ok(last.generator.generate(&last.latents).unwrap()));
    }

    #[test]
    fn a_picture_comes_while_training_has_every_thread_of_the_pool() {
        let (release, held) = std::sync::mpsc::channel::<()>();
        let held = Mutex::new(held);
        let waiting = std::sync::Barrier::new(rayon::current_num_threads() + 1);
        std::thread::scope(|scope| {
            // Every thread of the pool waits, until the picture is there.
            let (waiting, held) = (&waiting, &held);
            let wait = move || {
                waiting.wait();
                held.lock().unwrap().recv()
            };
            scope.spawn(move || rayon::broadcast(|_| wait()));
            waiting.wait();
            let explorer = Explorer::spawn(|| {});
            explorer.request(request("dcgan28", 1));
            let picture = answer_to(&explorer, 1);
            drop(release);
            assert_eq!(picture.unwrap().shape, Shape::new(1, 28, 28));
        });
    }
}
