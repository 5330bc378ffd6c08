//! How much room each layer takes: a card, or one line of a table. It is remembered between starts, as the widths of the panels are.

use eframe::egui::{Context, Id};

use super::flow;
use super::solid::Bounds;
use crate::gui::theme::SPACE;

/// How much room each layer takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Density {
    /// A card of one line, or of two where the layer has weights.
    #[default]
    Roomy,
    /// One low line each.
    Compact,
}

fn place() -> Id {
    Id::unique("layers are compact")
}

impl Density {
    /// As it was chosen last.
    pub fn of(ctx: &Context) -> Self {
        let compact = ctx.data_mut(|data| data.get_persisted::<bool>(place())).unwrap_or_default();
        if compact { Self::Compact } else { Self::Roomy }
    }

    /// Points of the column that the tensors are drawn in.
    pub const fn column(self) -> f32 {
        match self {
            Self::Roomy => 11.0 * SPACE,
            Self::Compact => 9.0 * SPACE,
        }
    }

    /// The middle of that column: solids reach further to the right, where their depth is.
    pub const fn axis(self) -> f32 {
        match self {
            Self::Roomy => 5.0 * SPACE,
            Self::Compact => 4.0 * SPACE,
        }
    }

    /// Points of a card of one line, and of one of two.
    pub const fn heights(self) -> (f32, f32) {
        match self {
            Self::Roomy => (7.0 * SPACE, 11.0 * SPACE),
            Self::Compact => (5.0 * SPACE, 5.0 * SPACE),
        }
    }

    /// Points between two cards.
    pub const fn gap(self) -> f32 {
        match self {
            Self::Roomy => SPACE,
            Self::Compact => 0.0,
        }
    }

    /// Points of the lines between the cards.
    pub const fn line(self) -> f32 {
        match self {
            Self::Roomy => 6.0 * SPACE,
            Self::Compact => 5.0 * SPACE,
        }
    }

    /// How large tensors are drawn.
    pub const fn bounds(self) -> Bounds {
        flow::bounds(self)
    }
}

/// Shows layers as lines instead of cards, or as cards again.
pub fn toggle_compact(ctx: &Context) {
    let compact = Density::of(ctx) == Density::Compact;
    ctx.data_mut(|data| data.insert_persisted(place(), !compact));
    ctx.request_repaint();
}
