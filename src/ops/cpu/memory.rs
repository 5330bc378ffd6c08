//! Memory that is used again.
//!
//! A training step asks for the same buffers as the step before. Asked of the system, each would be new pages, to be cleared and mapped and
//! given back: a fifth of the time of a step. So a buffer that is dropped waits here for who asks for its length next. Tensors hold such
//! buffers, too; theirs come back when the last clone is gone.

use std::collections::HashMap;
use std::mem::{MaybeUninit, size_of_val};
use std::ops::{Deref, DerefMut};
use std::sync::{LazyLock, Mutex, PoisonError};

use burn_std::{AccessError, AccessPolicy, AllocationController, AllocationProperty, Bytes};

/// Buffers that nobody uses, by length.
static IDLE: LazyLock<Mutex<Idle>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Idle {
    buffers: HashMap<usize, Vec<Vec<f32>>>,
    values: usize,
}

/// Values that may wait; more than that, and buffers go back to the system. 512 MB: what a step of the largest preset leaves.
const MOST_IDLE: usize = 128 << 20;

/// Some values for a while.
#[derive(Debug, Default)]
pub struct Buffer(Vec<f32>);

impl Buffer {
    /// So many values, whatever they are.
    pub fn take(len: usize) -> Self {
        Self(with_idle(|idle| idle.take(len)).unwrap_or_else(|| vec![0.0; len]))
    }

    /// So many zeros.
    pub fn zeroed(len: usize) -> Self {
        match with_idle(|idle| idle.take(len)) {
            Some(mut values) => {
                values.fill(0.0);
                Self(values)
            }
            None => Self(vec![0.0; len]),
        }
    }

    /// As the memory of a tensor.
    pub fn into_bytes(self) -> Bytes {
        let len = size_of_val::<[f32]>(&self);
        #[expect(unsafe_code, reason = "all of the buffer's bytes are initialised: it is a slice of numbers")]
        unsafe {
            Bytes::from_controller(Box::new(self), len)
        }
    }
}

/// Gives the memory that nobody uses back to the system.
pub fn release() {
    with_idle(|idle| *idle = Idle::default());
}

fn with_idle<R>(work: impl FnOnce(&mut Idle) -> R) -> R {
    // The buffers stay sound whatever a thread that panicked was doing.
    work(&mut IDLE.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Idle {
    fn take(&mut self, len: usize) -> Option<Vec<f32>> {
        let values = self.buffers.get_mut(&len)?.pop()?;
        self.values -= len;
        Some(values)
    }

    fn put(&mut self, values: Vec<f32>) {
        if self.values + values.len() <= MOST_IDLE {
            self.values += values.len();
            self.buffers.entry(values.len()).or_default().push(values);
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.0);
        if !values.is_empty() {
            with_idle(|idle| idle.put(values));
        }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}

impl AllocationController for Buffer {
    fn alloc_align(&self) -> usize {
        align_of::<f32>()
    }

    fn property(&self) -> AllocationProperty {
        AllocationProperty::Other
    }

    #[expect(unsafe_code, reason = "the trait asks the caller to write initialised bytes only; any of them are numbers")]
    unsafe fn memory_mut(&mut self, _: AccessPolicy) -> Result<&mut [MaybeUninit<u8>], AccessError> {
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut self.0);
        // SAFETY: `MaybeUninit<u8>` has the layout of `u8`.
        Ok(unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len()) })
    }

    fn memory(&self, _: AccessPolicy) -> Result<&[MaybeUninit<u8>], AccessError> {
        let bytes: &[u8] = bytemuck::cast_slice(&self.0);
        #[expect(unsafe_code, reason = "`MaybeUninit<u8>` has the layout of `u8`")]
        Ok(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_back_from_tensors_and_is_used_again() {
        // A length that no other test uses.
        const LEN: usize = 12_347;
        let mut buffer = Buffer::take(LEN);
        buffer.fill(7.0);
        let place = buffer.as_ptr();
        let mut bytes = buffer.into_bytes();
        assert_eq!(bytemuck::cast_slice::<u8, f32>(&bytes), [7.0; LEN]);
        bytemuck::cast_slice_mut::<u8, f32>(&mut bytes)[0] = 1.0;
        let copy = bytes.clone();
        drop(bytes);
        let again = Buffer::zeroed(LEN);
        assert_eq!((again.as_ptr(), &*again), (place, &[0.0; LEN][..]));
        assert_eq!(bytemuck::cast_slice::<u8, f32>(&copy)[..2], [1.0, 7.0]);
    }
}
