//! Settings of training. Nearly all apply to a run from its next step on.

mod augmentation;
mod groups;

use eframe::egui::{ComboBox, Response, Ui};

use super::commit;
use super::findings::{self, Detail};
use crate::gui::context::ViewContext;
use crate::gui::widgets::controls::{self, Segment};
use crate::gui::widgets::number::{self, Pace, Rules};
use crate::gui::widgets::rows;
use crate::spec::{Edit, Latent, Loss, Optimiser, OptimiserSpec, Place, Role, Severity, Stop, TrainSpec};

/// Draws the settings.
pub(super) fn ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    if findings::at_ui(ctx, ui, Place::Training, Severity::Advice, Detail::Short) {
        ui.add_space(crate::gui::theme::SPACE);
    }
    let mut form = Form { ctx, train: ctx.project().train.clone() };
    form.loss_ui(ui);
    form.regularisation_ui(ui);
    form.optimiser_ui(ui, Role::Generator);
    form.optimiser_ui(ui, Role::Discriminator);
    form.schedule_ui(ui);
    form.pace_ui(ui);
    form.noise_ui(ui);
    form.augmentation_ui(ui);
    form.samples_ui(ui);
    seed_ui(ctx, ui);
    if ctx.run.phase.is_live() {
        ui.add_space(crate::gui::theme::SPACE);
        rows::note(ui, "All of this applies from the next step on; latent vectors, packing and the seed from the next start.");
    }
}

/// The settings as they are, and as the controls make them.
struct Form<'a> {
    ctx: &'a ViewContext<'a>,
    train: TrainSpec,
}

impl Form<'_> {
    /// For something that is dragged or typed.
    fn commit(&self, response: &Response, key: &str) {
        commit(self.ctx, response, key, || Edit::settings(self.ctx.project(), self.train.clone()));
    }

    /// For a choice.
    fn choose(&self) {
        self.ctx.edit(Edit::settings(self.ctx.project(), self.train.clone()));
    }

    fn loss_ui(&mut self, ui: &mut Ui) {
        rows::section(ui, "Objective");
        let loss = self.train.loss;
        let picked = rows::row(ui, "loss", "What the two networks minimise. A run can change it on the way.", |ui| {
            choice(ui, "loss", loss.name(), Loss::ALL.map(|other| (other, other.name(), loss_sentence(other))), |other| {
                std::mem::discriminant(other) == std::mem::discriminant(&loss)
            })
        });
        if let Some(other) = picked {
            self.train = self.train.with_loss(other);
            self.choose();
        }
        rows::note(ui, loss_sentence(loss));
    }

    fn optimiser_ui(&mut self, ui: &mut Ui, role: Role) {
        let name = match role {
            Role::Generator => "Generator",
            Role::Discriminator => "Discriminator",
        };
        rows::section(ui, name);
        ui.push_id(name, |ui| {
            self.rule_ui(ui, role);
            let tip = "How far weights move in a step. Larger: faster, until training shakes or collapses; smaller: steadier, but slow.";
            let response = rows::number(ui, "learning rate", tip, &magnitude(0.0, 10.0), &mut self.optimiser(role).learning_rate);
            self.commit(&response, &format!("{name} rate"));
            self.rule_fields_ui(ui, role, name);
        });
    }

    fn optimiser(&mut self, role: Role) -> &mut OptimiserSpec {
        match role {
            Role::Generator => &mut self.train.generator,
            Role::Discriminator => &mut self.train.discriminator,
        }
    }

    fn rule_ui(&mut self, ui: &mut Ui, role: Role) {
        let rule = self.optimiser(role).rule;
        let picked = rows::row(ui, "optimiser", "The rule by which gradients move weights.", |ui| {
            choice(ui, "optimiser", rule.name(), Optimiser::ALL.map(|other| (other, other.name(), rule_sentence(other))), |other| {
                std::mem::discriminant(other) == std::mem::discriminant(&rule)
            })
        });
        if let Some(other) = picked {
            self.optimiser(role).rule = other;
            self.choose();
        }
    }

    fn rule_fields_ui(&mut self, ui: &mut Ui, role: Role, network: &str) {
        const BETA1: &str = "How much of the running mean of gradients survives a step. 0.5 is usual for GANs: larger gives momentum, which makes the two networks swing.";
        const BETA2: &str = "How much of the running mean of squared gradients survives a step. Larger: a steadier scale, slower to adapt.";
        const DECAY: &str = "The share of each weight that goes at a step, times the learning rate. Larger: smaller weights.";
        const EPSILON: &str = "Keeps the division by the gradients' size from exploding. Larger: smaller steps where gradients are small.";
        let fields: Vec<(&str, &str, &mut f32)> = match &mut self.optimiser(role).rule {
            Optimiser::Adam { beta1, beta2, epsilon } => vec![("β1", BETA1, beta1), ("β2", BETA2, beta2), ("ε", EPSILON, epsilon)],
            Optimiser::AdamW { beta1, beta2, epsilon, decay } => {
                vec![("β1", BETA1, beta1), ("β2", BETA2, beta2), ("ε", EPSILON, epsilon), ("decay", DECAY, decay)]
            }
            Optimiser::Lion { beta1, beta2, decay } => vec![
                (
                    "β1",
                    "How much of the running mean of gradients counts beside the new one in the direction of a step. Larger: more momentum.",
                    beta1,
                ),
                ("β2", "How much of the running mean of gradients survives a step. Larger: a longer memory.", beta2),
                ("decay", DECAY, decay),
            ],
            Optimiser::RmsProp { alpha, epsilon } => vec![("α", BETA2, alpha), ("ε", EPSILON, epsilon)],
            Optimiser::Sgd { momentum } => {
                vec![(
                    "momentum",
                    "How much of the last move survives a step; 0 is plain descent. Larger: faster along valleys, and over their end.",
                    momentum,
                )]
            }
        };
        let mut responses = Vec::new();
        for (name, tip, value) in fields {
            let rules = if name == "ε" { magnitude(1e-12, 1.0) } else { share(0.999_999) };
            let response = rows::number(ui, name, tip, &rules, value);
            responses.push((response, format!("{network} {name}")));
        }
        for (response, key) in responses {
            self.commit(&response, &key);
        }
    }

    fn pace_ui(&mut self, ui: &mut Ui) {
        rows::section(ui, "Pace");
        let tip = "Samples in a batch. Larger: steadier gradients and better use of a GPU, but slower steps and more memory.";
        let response = rows::number(ui, "batch size", tip, &Rules::count(1, 65_536).counting("samples"), &mut self.train.batch_size);
        self.commit(&response, "batch");
        let tip = "Discriminator steps for each generator step. Larger: a better informed discriminator, which Wasserstein needs (5); \
                   with other losses it may win outright.";
        let response = rows::number(ui, "D steps per G", tip, &Rules::count(1, 100).counting("steps"), &mut self.train.d_steps_per_g_step);
        self.commit(&response, "d steps");
        self.stop_ui(ui);
        self.recover_ui(ui);
    }

    fn recover_ui(&mut self, ui: &mut Ui) {
        let tip = "Where losses or weights are no numbers any more, or diverse samples become all the same, the run goes back to a good \
                   state by itself and goes on with half the learning rates. Off: what is broken ends there.";
        if rows::row(ui, "when it breaks", tip, |ui| controls::switch(ui, "go back and on", &mut self.train.recover, tip)) {
            self.choose();
        }
    }

    fn stop_ui(&mut self, ui: &mut Ui) {
        let (mut kind, old) = match self.train.stop {
            Stop::Never => (0, None),
            Stop::Steps(steps) => (1, Some(steps)),
            Stop::Epochs(epochs) => (2, Some(epochs)),
        };
        let segments = [
            Segment { value: 0, name: "never", tip: "Training goes on until somebody pauses it." },
            Segment { value: 1, name: "steps", tip: "After so many generator steps, counted from the beginning of the run." },
            Segment {
                value: 2,
                name: "epochs",
                tip: "After so many passes over the training data, counted from the beginning of the run.",
            },
        ];
        if rows::row(ui, "stop after", "When training ends by itself. It can always go on afterwards.", |ui| {
            controls::segmented_filling(ui, "stop after", &mut kind, &segments)
        }) {
            self.train.stop = match kind {
                0 => Stop::Never,
                1 => Stop::Steps(10_000),
                _ => Stop::Epochs(20),
            };
            self.choose();
        } else if let Some(mut number) = old {
            let unit = if kind == 1 { "steps" } else { "epochs" };
            let rules = Rules::count(1, 1_000_000_000).counting(unit).paced(Pace::Magnitude);
            let shown = rows::row(ui, "", "When training ends by itself.", |ui| {
                ui.name_inputs(unit, |ui| number::one(ui, &rules, &mut number, ui.available_width()))
            });
            if let Some(wrong) = &shown.wrong {
                rows::wrong(ui, wrong);
            }
            let response = shown.response;
            self.train.stop = if kind == 1 { Stop::Steps(number) } else { Stop::Epochs(number) };
            self.commit(&response, "stop");
        }
    }

    fn samples_ui(&mut self, ui: &mut Ui) {
        rows::section(ui, "Samples");
        let tip = "How much of the averaged generator survives each step; 0 switches averaging off. Larger: steadier samples that lag \
                   behind. 0.999 looks back about 1,000 steps.";
        let response = rows::number(ui, "averaging decay", tip, &share(0.999_99), &mut self.train.ema_decay);
        self.commit(&response, "ema");
        if self.train.ema_decay > 0.0 {
            let tip = "Forgets the first steps sooner: the decay rises from 0.1 as steps are done. Without it early samples stay in the average for long.";
            if rows::row(ui, "", tip, |ui| controls::switch(ui, "ramp up", &mut self.train.ema_ramp, tip)) {
                self.choose();
            }
        }
        let segments = [
            Segment { value: Latent::Normal, name: "normal", tip: "N(0, 1) in every dimension: most vectors are about equally long." },
            Segment { value: Latent::Uniform, name: "uniform", tip: "Between -1 and 1 in every dimension." },
        ];
        let tip = "Where latent vectors come from. What a run learned belongs to it, so it applies from the next start.";
        if rows::row(ui, "latent vectors", tip, |ui| controls::segmented_filling(ui, "latent vectors", &mut self.train.latent, &segments)) {
            self.choose();
        }
    }
}

fn seed_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let mut seed = ctx.project().seed;
    let tip = "The root of everything random. The same seed on the same device gives the same run. It applies from the next start.";
    let response = rows::number(ui, "seed", tip, &Rules::count(0, (u64::MAX >> 12) as usize).paced(Pace::Even(1.0)), &mut seed);
    commit(ctx, &response, "seed", || Edit::SetSeed(seed));
}

/// A menu of choices, each with a sentence. Returns what was picked, if it is another than before.
fn choice<T: Copy, const N: usize>(
    ui: &mut Ui,
    id: &str,
    current: &str,
    choices: [(T, &str, &str); N],
    is_current: impl Fn(&T) -> bool,
) -> Option<T> {
    let mut picked = None;
    ComboBox::from_id_salt(id).width(ui.available_width()).selected_text(current).truncate().show_ui(ui, |ui| {
        for (value, name, sentence) in choices {
            let same = is_current(&value);
            if ui.selectable_label(same, name).on_hover_text(sentence).clicked() && !same {
                picked = Some(value);
            }
        }
    });
    picked
}

/// A number that spans orders of magnitude.
fn magnitude(low: f64, high: f64) -> Rules {
    Rules::float(low, high).paced(Pace::Magnitude)
}

/// A number between 0 and just below 1.
fn share(high: f64) -> Rules {
    Rules::float(0.0, high).paced(Pace::NearOne)
}

fn loss_sentence(loss: Loss) -> &'static str {
    match loss {
        Loss::NonSaturating => {
            "G raises the probability that D takes its samples for real. The usual choice: its gradient stays strong when G loses."
        }
        Loss::Minimax => "The game as it was first written: G lowers log(1 − D(G(z))). When D wins, G's gradient fades away.",
        Loss::LeastSquares => {
            "D pulls real samples to 1 and generated ones to 0, and also corrects those that are right but far off. Calm, seldom sharp."
        }
        Loss::Hinge => "D stops caring about samples that are clearly right, which keeps it from running away. Common with deep networks.",
        Loss::Wasserstein => {
            "The critic's scores measure how far apart the two distributions are. It needs a bound: clipped weights or a gradient penalty; give it 5 steps for each of G's."
        }
        Loss::RelativisticPaired => {
            "D has to find each real sample more real than a generated one, and G the opposite. With R1 and R2 it does without tricks (R3GAN)."
        }
        Loss::RelativisticAverage => "D has to find each sample more or less real than the others are on average, and G learns from both.",
    }
}

fn rule_sentence(rule: Optimiser) -> &'static str {
    match rule {
        Optimiser::Adam { .. } => "Scales each weight's step by the size of its recent gradients. The usual choice.",
        Optimiser::RmsProp { .. } => "Like Adam without momentum; Wasserstein with clipping was proposed with it.",
        Optimiser::AdamW { .. } => "Adam whose weights shrink a little at every step.",
        Optimiser::Lion { .. } => {
            "Moves every weight by the learning rate, whatever its gradient. Takes rates three to ten times smaller than Adam."
        }
        Optimiser::Sgd { .. } => "Plain gradient descent. Needs larger learning rates, and patience.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::gui::command::Command;
    use crate::gui::fixtures::World;
    use crate::gui::theme;
    use eframe::egui::accesskit::Role as Kind;
    use eframe::egui::{Key, vec2};
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    pub(super) fn harness(preset: &str) -> Harness<'static, World> {
        let mut harness = Harness::builder().with_context_setup(theme::install).with_size([300.0, 1400.0]).build_ui_state(
            |ui, world: &mut World| {
                super::ui(&world.context(), ui);
                world.settle();
            },
            World::new(preset),
        );
        harness.run();
        harness
    }

    fn train(harness: &Harness<'static, World>) -> TrainSpec {
        harness.state().editor.project().train.clone()
    }

    #[test]
    fn a_number_is_typed_as_people_write_it() {
        let mut harness = harness("digits");
        harness.get_all_by_role_and_label(Kind::SpinButton, "learning rate").nth(1).unwrap().focus();
        harness.run();
        harness.key_press(Key::A);
        harness.event(eframe::egui::Event::Text("3e-3".to_owned()));
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        assert_eq!((train(&harness).generator.learning_rate, train(&harness).discriminator.learning_rate), (1e-3, 3e-3));
    }

    #[test]
    fn a_drag_is_one_step_for_undo() {
        let mut harness = harness("digits");
        let before = train(&harness);
        let field = harness.get_by_role_and_label(Kind::SpinButton, "batch size").rect().center();
        harness.drag_at(field);
        for distance in [20.0, 40.0, 80.0] {
            harness.hover_at(field + vec2(distance, 0.0));
            harness.run();
        }
        harness.drop_at(field + vec2(80.0, 0.0));
        harness.run();
        assert!(train(&harness).batch_size > before.batch_size);
        let editor = &mut harness.state_mut().editor;
        assert!(editor.undo());
        assert_eq!(editor.project().train, before);
        assert!(!editor.undo(), "there was one step only");
    }

    #[test]
    fn a_wasserstein_critic_comes_with_its_bound() {
        let mut harness = harness("digits");
        harness.get_by_role_and_label(Kind::ComboBox, "loss").click();
        harness.run();
        harness.get_by_label("Wasserstein").click();
        harness.run();
        assert_eq!(train(&harness).loss, Loss::Wasserstein);
        assert_eq!(train(&harness).regularisation.clip, 0.01);
    }

    /// Types a number into a field of a group, which is unfolded first.
    fn set(harness: &mut Harness<'static, World>, group: &str, field: &str, number: &str) {
        harness.get_by_label(group).click();
        harness.run();
        harness.get_by_role_and_label(Kind::SpinButton, field).focus();
        harness.run();
        harness.key_press(Key::A);
        harness.event(eframe::egui::Event::Text(number.to_owned()));
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
    }

    #[test]
    fn groups_unfold_and_their_numbers_are_the_projects() {
        let mut harness = harness("digits");
        assert_eq!(harness.query_all_by_label("gradient penalty").count(), 0, "a group in which nothing is set is folded");
        set(&mut harness, "Regularisation", "gradient penalty", "10");
        assert_eq!(train(&harness).regularisation.gradient_penalty, 10.0);
        assert!(harness.query_all_by_label("every").count() > 0);
        set(&mut harness, "Smoothing and noise", "instance noise", "0.1");
        assert_eq!(train(&harness).noise.deviation, 0.1);
        set(&mut harness, "Schedule", "clip D gradient", "2");
        assert_eq!(train(&harness).clip_gradient.discriminator, 2.0);
        harness.get_by_label("cosine").click();
        harness.run();
        assert_eq!(train(&harness).schedule.decay, crate::spec::Decay::Cosine);
        assert!(harness.query_all_by_label("lowest at step").count() > 0);
    }

    #[test]
    fn the_end_of_a_run_is_counted_in_steps_or_epochs() {
        let mut harness = harness("digits");
        for (name, stop) in [("steps", Stop::Steps(10_000)), ("epochs", Stop::Epochs(20)), ("never", Stop::Never)] {
            harness.get_all_by_label(name).next().unwrap().click();
            harness.run();
            assert_eq!(train(&harness).stop, stop);
        }
    }

    #[test]
    fn an_optimiser_brings_its_own_settings_for_one_network_only() {
        let mut harness = harness("digits");
        harness.get_all_by_role_and_label(Kind::ComboBox, "optimiser").next().unwrap().click();
        harness.run();
        harness.get_by_label("SGD").click();
        harness.run();
        assert_eq!(train(&harness).generator.rule, Optimiser::Sgd { momentum: 0.0 });
        assert!(matches!(train(&harness).discriminator.rule, Optimiser::Adam { .. }));
    }

    #[test]
    fn looking_changes_nothing() {
        let mut harness = harness("grid25");
        let revision = harness.state().editor.revision();
        harness.run();
        assert_eq!(harness.state().editor.revision(), revision);
        assert!(harness.state().commands.take().iter().all(|command| !matches!(command, Command::Edit(_))));
    }
}
