//! Asks the explorer's thread for samples, and keeps what it answered last.

use std::sync::Arc;
use std::time::Duration;

use eframe::egui::Ui;

use crate::gui::views::Shown;
use crate::latent::{self, Explorer, Request};
use crate::spec::Shape;
use crate::train::Pictures;

/// The thread that draws, what it was asked last, and what it answered last.
#[derive(Debug, Default)]
pub(super) struct Studio {
    explorer: Option<Explorer>,
    ticket: u64,
    /// The snapshot and the vector that were asked for.
    asked: Option<(u64, u64)>,
    /// The first ticket of that vector.
    since: u64,
    /// The ticket of the answer below.
    pub(super) answered: u64,
    pub(super) answer: Option<Result<Sample, String>>,
}

/// One sample.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sample {
    Picture(Pictures),
    Point([f32; 2]),
}

impl Sample {
    pub(super) fn new(shape: Shape, values: &[f32]) -> Result<Self, String> {
        match values {
            &[x, y] if shape == Shape::vector(2) => Ok(Self::Point([x, y])),
            _ if values.len() == shape.values() => Ok(Self::Picture(Pictures::from_values(shape, values))),
            _ => Err("the generator made no whole sample".to_owned()),
        }
    }
}

impl Studio {
    /// Asks for this vector, unless it was asked for already.
    pub(super) fn ask(&mut self, shown: Shown<'_>, vector: &[f32], version: u64, ui: &Ui) {
        if self.asked == Some((shown.revision, version)) {
            return;
        }
        self.ticket += 1;
        if self.asked.is_none_or(|(_, before)| before != version) {
            self.since = self.ticket;
        }
        self.asked = Some((shown.revision, version));
        let explorer = self.explorer.get_or_insert_with(|| {
            let ctx = ui.ctx().clone();
            // Without any delay egui would draw two frames.
            Explorer::spawn(move || ctx.request_repaint_after(Duration::from_micros(1)))
        });
        explorer.request(Request { generator: shown.snapshot.generator.clone(), latents: vector.to_vec(), ticket: self.ticket });
    }

    /// Was this vector drawn, by whichever snapshot's generator?
    pub(super) fn has_drawn(&self, version: u64) -> bool {
        self.asked.is_some_and(|(_, asked)| asked == version) && self.answered >= self.since
    }

    pub(super) fn listen(&mut self) {
        let newest = self.explorer.as_ref().and_then(Explorer::newest);
        if let Some(picture) = newest.filter(|picture| picture.ticket > self.answered) {
            self.take(&picture);
        }
    }

    pub(super) fn take(&mut self, picture: &Arc<latent::Picture>) {
        self.answered = picture.ticket;
        let values = picture.values.as_ref().map_err(Clone::clone);
        self.answer = Some(values.and_then(|values| Sample::new(picture.shape, values)));
    }

    pub(super) fn picture(&self) -> Option<&Pictures> {
        match &self.answer {
            Some(Ok(Sample::Picture(picture))) => Some(picture),
            _ => None,
        }
    }
}
