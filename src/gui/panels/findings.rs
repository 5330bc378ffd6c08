//! What the linter found, where it found it: one sentence on its own ground, the reason, and a button for each repair.

use eframe::egui::{Align, Button, Frame, Label, Layout, Margin, RichText, Ui, vec2};

use super::status::capitalised;
use crate::gui::command::{Command, Notice};
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::format;
use crate::spec::{Finding, Fix, Place, Severity, fix_all_within};

/// How much of a finding is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// What is wrong; the reason under the pointer.
    Short,
    /// The reason as well.
    Full,
}

/// Draws the findings at `place` that are at least as bad as `least`. Returns whether there are any.
pub(super) fn at_ui(ctx: &ViewContext<'_>, ui: &mut Ui, place: Place, least: Severity, detail: Detail) -> bool {
    let mut any = false;
    for finding in ctx.findings_at(place).filter(|finding| finding.severity <= least) {
        if any {
            ui.add_space(SPACE);
        }
        any = true;
        finding_ui(ctx, ui, finding, detail);
    }
    any
}

fn finding_ui(ctx: &ViewContext<'_>, ui: &mut Ui, finding: &Finding, detail: Detail) {
    let tokens = theme::tokens(ui);
    let colour = tokens.severity(finding.severity);
    let frame = Frame::new().fill(tokens.finding(finding.severity)).corner_radius(theme::CORNER).inner_margin(Margin::symmetric(8, 4));
    frame.show(ui, |ui| {
        ui.take_available_width();
        ui.spacing_mut().item_spacing = vec2(SPACE, SPACE);
        let text = capitalised(&finding.what);
        let label = Label::new(RichText::new(format::unbroken(&text)).size(SMALL).color(colour)).wrap();
        let label = ui.add(label).accessible_name(text);
        if detail == Detail::Full {
            ui.add(Label::new(RichText::new(finding.why).size(SMALL).color(tokens.text)).wrap());
        } else {
            label.on_hover_text(finding.why);
        }
        if !finding.fixes.is_empty() {
            ui.horizontal_wrapped(|ui| {
                for fix in &finding.fixes {
                    fix_ui(ctx, ui, fix);
                }
            });
        }
    });
}

fn fix_ui(ctx: &ViewContext<'_>, ui: &mut Ui, fix: &Fix) {
    theme::on_card(ui);
    let button = Button::new(RichText::new(format::unbroken(&fix.name)).size(SMALL)).wrap();
    let help = if fix.is_safe { "Mends it. It can be undone." } else { "Mends it, and changes something you chose. It can be undone." };
    if ui.add(button).accessible_name(&fix.name).on_hover_text(help).clicked() {
        ctx.edit(fix.edit.clone());
    }
}

/// How many findings there are, and a button that mends all that can be mended; nothing where there are none.
pub(super) fn summary_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let Some(first) = ctx.findings.first() else { return };
    let tokens = theme::tokens(ui);
    let severity = first.severity;
    let frame = Frame::new().fill(tokens.finding(severity)).corner_radius(theme::CORNER).inner_margin(Margin::symmetric(8, 4));
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            let icon = if severity == Severity::Advice { Icon::Advice } else { Icon::Warning };
            let (rect, _) = ui.allocate_exact_size(vec2(14.0, 14.0), eframe::egui::Sense::hover());
            icon.paint(ui.painter(), rect, tokens.severity(severity));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ctx.findings.iter().any(|finding| finding.fixes.iter().any(|fix| fix.is_safe)) {
                    fix_all_ui(ctx, ui);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let label = Label::new(RichText::new(counts(ctx.findings)).size(SMALL)).truncate();
                    let help = "Errors keep a project from training, warnings make it learn badly, advice could make it better. Each stands \
                                where it belongs.";
                    ui.add(label).on_hover_text(help);
                });
            });
        });
    });
    ui.add_space(SPACE);
}

fn fix_all_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let help = "Mends everything that can be mended without changing what you chose. It can be undone as one step.";
    if !ui.add(Button::new(RichText::new("Fix all").size(SMALL))).on_hover_text(help).clicked() {
        return;
    }
    let (edit, done) = fix_all_within(ctx.project(), ctx.limits);
    let fixes: Vec<&str> = done.iter().map(|done| done.fix.as_str()).collect();
    ctx.edit(edit);
    ctx.command(Command::Notify(Notice::note(format!("Mended: {}. Undo brings it back.", fixes.join("; ")))));
}

/// `3 errors, 2 warnings, 1 advice`
fn counts(findings: &[Finding]) -> String {
    let count = |severity: Severity| {
        let count = findings.iter().filter(|finding| finding.severity == severity).count();
        (count > 0).then(|| severity.count(count))
    };
    Severity::ALL.into_iter().filter_map(count).collect::<Vec<_>>().join(", ")
}
