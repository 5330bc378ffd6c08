//! Notes for who reads a GAN for the first time: what each network does, and what its loss says.

use eframe::egui::{Align, Frame, Label, Layout, Margin, RichText, Stroke, Ui};

use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::button::IconButton;
use crate::spec::Role;

const GENERATOR: [&str; 2] = [
    "The generator invents. It is handed random numbers and shapes them, layer by layer, into a picture. It never sees a real one: all it \
     learns is what would have fooled the discriminator better.",
    "Its loss is high while the discriminator sees through its pictures, and falls when they pass for real.",
];

const DISCRIMINATOR: [&str; 2] = [
    "The discriminator judges. It looks at one picture, real or invented, and answers with a single number: how real does this look?",
    "Its loss counts its mistakes on both kinds: near 0 it tells them all apart, near 1.39 (twice ln 2) it can only guess. Neither loss is \
     meant to reach 0: while both networks learn from each other, both stay in between.",
];

/// The note beside a network.
pub(super) fn note_ui(ctx: &ViewContext<'_>, ui: &mut Ui, role: Role) {
    let tokens = theme::tokens(ui);
    let paragraphs = match role {
        Role::Generator => GENERATOR,
        Role::Discriminator => DISCRIMINATOR,
    };
    let frame = Frame::new().inner_margin(Margin { left: 12, right: 4, top: 4, bottom: 4 });
    let response = frame
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 1.5 * SPACE;
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                if IconButton::new(Icon::Close, "Close the notes").show(ui).clicked() {
                    ctx.command(Command::CloseGuide);
                }
                ui.vertical(|ui| {
                    for text in paragraphs {
                        ui.add(Label::new(RichText::new(text).size(SMALL).color(tokens.text)).wrap());
                    }
                });
            });
        })
        .response;
    // In the network's colour, so that it is seen whose note it is.
    let x = response.rect.left() + SPACE;
    ui.painter().vline(x, response.rect.y_range().shrink(SPACE), Stroke::new(2.0, tokens.role(role)));
}
