//! A window's state without an engine, for tests.

use std::sync::Arc;

use super::app::OpenFile;
use super::command::{Command, Commands};
use super::context::ViewContext;
use super::fork::{Fork, Letter};
use super::preview::Preview;
use super::run::{Before, Run};
use crate::data::{Dataset, LoadReport, Skipped, Values};
use crate::device::{self, DeviceChoice};
use crate::latent::GeneratorHandle;
use crate::measure::doctor::{Diagnosis, Evidence, Gravity, Remedy};
use crate::measure::{Assessment, Best, Coverage, Floor, Measures, ModeReport, Pair, PictureReport, Quality, Report, Search, Tested};
use crate::nn::{Named, Network};
use crate::random::{self, Purpose};
use crate::spec::{Edit, Editor, Fault, Finding, LabelSmoothing, LayerId, Limits, Loss, Preset, Project, Role, Shape, lint};
use crate::train::{
    Assessed, Assessing, Frame, HeatMap, History, LayerLesson, Lesson, Pictures, Samples, Scores, Snapshot, StepRecord, Still, Story,
    pictures_in_frame,
};

/// Everything a panel may look at.
pub struct World {
    pub editor: Editor,
    pub faults: Vec<Fault>,
    pub findings: Vec<Finding>,
    pub diagnoses: Vec<Diagnosis>,
    pub doctor_open: bool,
    pub run: Run,
    pub fork: Option<Fork>,
    pub preview: Preview,
    pub device: DeviceChoice,
    pub commands: Commands,
}

impl World {
    /// A fresh project.
    pub fn new(preset: &str) -> Self {
        Self::of(Preset::from_name(preset).unwrap().project())
    }

    /// A window with this project.
    pub fn of(project: Project) -> Self {
        Self {
            faults: project.faults(),
            findings: lint(&project),
            editor: Editor::new(project),
            diagnoses: Vec::new(),
            doctor_open: false,
            run: Run::default(),
            fork: None,
            preview: Preview::default(),
            device: DeviceChoice::Auto,
            commands: Commands::default(),
        }
    }

    /// A project whose run has got somewhere.
    pub fn running(preset: &str, steps: u64) -> Self {
        let mut world = Self::new(preset);
        let shape = world.editor.project().data.shape();
        let points = shape == Shape::vector(2);
        world.run.phase = super::run::Phase::Running;
        world.run.history = history(steps);
        world.run.progress.step = steps;
        world.run.dataset = Some(Arc::new(if points { ring() } else { drawings(shape, 3_000) }));
        let samples = if points { ring_samples() } else { Samples::Pictures(pictures(shape, 100, 7)) };
        world.run.snapshot = Some(Arc::new(Snapshot { step: steps, averaged: true, samples, generator: world.generator() }));
        world
    }

    /// A run that was measured: pictures at a falling distance, or points at more and more modes, the best at the last but one time.
    pub fn measured(preset: &str, steps: u64, times: u64) -> Self {
        let mut world = Self::running(preset, steps);
        let mut quality = Quality::default();
        for time in 1..=times {
            let t = if time == times { 0.7 } else { (time as f64 - 1.0) / times as f64 };
            let report = if world.editor.project().data.is_points() { ring_report(t) } else { picture_report(t) };
            let step = steps * time / times;
            let assessment = Assessment { step, elapsed_secs: step as f64 * 0.11, report };
            let project = world.editor.project().clone();
            let best = |assessment: &Assessment| Best { assessment: assessment.clone(), project, weights: Named::new() };
            quality.add(assessment, best);
        }
        let shape = world.editor.project().data.shape();
        let pair = |index: u32| {
            let picture = pictures(shape, 8, 7).values(index as usize);
            Pair { generated: picture, training: 17 * index, distance: 0.2 + 0.01 * index as f32 }
        };
        let closest = if shape == Shape::vector(2) { Vec::new() } else { (0..8).map(pair).collect() };
        let stage = Assessing::Measuring(steps);
        world.run.assessed = Some(Arc::new(Assessed { quality, stage, closest: closest.into(), ..Assessed::default() }));
        world
    }

    /// A run with so many frames, evenly spread from its beginning to now.
    pub fn filmed(preset: &str, steps: u64, frames: u64) -> Self {
        let mut world = Self::running(preset, steps);
        let shape = world.editor.project().data.shape();
        let reel = Arc::make_mut(&mut world.run.reel);
        for index in 0..frames {
            let share = index as f32 / (frames - 1) as f32;
            let samples = if shape == Shape::vector(2) {
                Still::Points(ring_points(512, 0.5 - 0.37 * share, 0.92 * share, 2))
            } else {
                Still::Pictures(pictures(shape, pictures_in_frame(shape), 7 + frames - 1 - index))
            };
            let step = steps * index / (frames - 1);
            reel.push(Frame { step, elapsed_secs: step as f64 * 0.11, samples });
        }
        world
    }

    /// Two runs: one that was copied at a third of its way, and the copy, in hand, whose discriminator learns at half the rate.
    pub fn forked(preset: &str, steps: u64) -> Self {
        let (a, mut b) = (Self::measured(preset, steps, 20), Self::measured(preset, steps, 16));
        let mut train = b.editor.project().train.clone();
        train.discriminator.learning_rate *= 0.5;
        b.editor.apply(Edit::SetTrain(train)).unwrap();
        let lower =
            |record: StepRecord| if 3 * record.step > steps { StepRecord { d_loss: 0.8 * record.d_loss, ..record } } else { record };
        b.run.history = b.run.history.iter().map(lower).collect();
        let shape = b.editor.project().data.shape();
        if shape != Shape::vector(2) {
            let samples = Samples::Pictures(pictures(shape, 100, 8));
            b.run.snapshot = Some(Arc::new(Snapshot { step: steps, averaged: true, samples, generator: b.generator() }));
        }
        let mut run = a.run;
        run.phase = super::run::Phase::Paused;
        b.fork = Some(Fork {
            letter: Letter::A,
            at: Some(steps / 3),
            file: OpenFile::new(a.editor.project().clone()),
            editor: a.editor,
            run,
            worker: None,
            before: Before::default(),
            sent_train: None,
            own: None,
        });
        b
    }

    /// A discriminator that became too strong, as the doctor says it.
    pub fn too_strong(&self) -> Diagnosis {
        let mut train = self.editor.project().train.clone();
        train.discriminator.learning_rate = 5e-4;
        let evidence = Evidence {
            name: "D's loss, as a share of a guesser's",
            points: (1..40).map(|index| (50 * index, 1.0 / index as f32)).collect(),
            threshold: Some(0.15),
            logarithmic: true,
            since: 400,
        };
        Diagnosis {
            rule: "discriminator-too-strong",
            gravity: Gravity::Warning,
            place: None,
            sentence: "The discriminator is too strong".to_owned(),
            why: "Where it is certain it teaches nothing.",
            remedies: vec![Remedy { name: "D learning rate 5e-4".to_owned(), edit: Edit::SetTrain(train), needs_restart: false }],
            evidence,
        }
    }

    /// The project's generator before it learned anything.
    pub fn generator(&self) -> GeneratorHandle {
        let network = Network::new(&self.editor.project().generator, Role::Generator, 1, &device::cpu()).unwrap();
        GeneratorHandle::from_network(network)
    }

    /// To draw with.
    pub fn context(&self) -> ViewContext<'_> {
        ViewContext {
            editor: &self.editor,
            faults: &self.faults,
            findings: &self.findings,
            diagnoses: &self.diagnoses,
            doctor_open: self.doctor_open,
            limits: Limits::default(),
            guides: false,
            run: &self.run,
            fork: self.fork.as_ref(),
            device: &self.device,
            devices: &[],
            path: None,
            unsaved: false,
            preview: &self.preview,
            commands: &self.commands,
        }
    }

    /// Carries out the edits that were asked for, and returns all commands.
    pub fn settle(&mut self) -> Vec<Command> {
        let commands = self.commands.take();
        for command in &commands {
            match command {
                Command::Edit(edit) => self.editor.apply(edit.clone()).unwrap(),
                Command::EditMerged(edit, key) => self.editor.apply_merged(edit.clone(), Some(*key)).unwrap(),
                Command::SealEdits => self.editor.seal(),
                Command::Show(show) => self.run.show = *show,
                _ => {}
            }
        }
        self.faults = self.editor.project().faults();
        self.findings = lint(self.editor.project());
        commands
    }
}

/// What is measured of points, from nothing (0) to real ones (1).
fn ring_report(t: f64) -> Report {
    let modes =
        |t: f64| ModeReport { modes: 8, captured: (8.0 * t.sqrt()).round() as usize, high_quality: 0.98 * t, reverse_kl: 0.4 * (1.0 - t) };
    let modes = Measures { generated: modes(t), floor: modes(1.0) };
    Report::Points { samples: 1_000, floor: Floor::HeldOut, modes: Some(modes), coverage: Some(shares(t)) }
}

/// The same of pictures.
fn picture_report(t: f64) -> Report {
    let above = |floor: f64| Measures { generated: floor * 60.0_f64.powf(1.0 - t), floor };
    let share = |class: usize| Measures {
        generated: (0.1 + 0.05 * (class as f64).sin() - if class == 4 { 0.2 } else { 0.0 }).max(0.0),
        floor: 0.1,
    };
    Report::Pictures(Box::new(PictureReport {
        samples: 1_000,
        reference: 4_000,
        floor: Floor::HeldOut,
        frechet: Some(above(0.12)),
        kernel: Some(above(0.003)),
        coverage: Some(shares(t)),
        sliced: vec![(28, above(12.0)), (14, above(20.0))],
        nearest: Measures { generated: 0.45 - 0.1 * t as f32, floor: 0.33 },
        classes: (0..10).map(|class| (class.to_string(), share(class))).collect(),
        search: Some(Search { among: 4_096, of: 9_000 }),
        accuracy: 0.981,
        tested: Some(Tested { pictures: 1_000, guessed: 0.11 }),
        stand_in: None,
    }))
}

fn shares(t: f64) -> Measures<Coverage> {
    let of = |t: f64| Coverage { precision: 0.9 * t, recall: 0.85 * t * t, density: 0.95 * t, coverage: 0.9 * t * t };
    Measures { generated: of(t), floor: of(1.0) }
}

/// Losses and verdicts as a run has them that goes well: noisy, settling.
pub fn history(steps: u64) -> History {
    let noise = random::normals(&mut random::stream(5, Purpose::Synthetic, 0), 4 * steps as usize);
    let records = (1..=steps).map(|step| {
        let n = &noise[4 * (step as usize - 1)..];
        let t = (-(step as f32) / (0.2 * steps as f32 + 1.0)).exp();
        StepRecord {
            step,
            elapsed_secs: step as f64 * 0.11,
            d_loss: 1.28 - 0.9 * t + 0.08 * n[0] + 0.1 * (step as f32 / 90.0).sin(),
            g_loss: 0.82 + 1.6 * t + 0.15 * n[1] - 0.12 * (step as f32 / 90.0).sin(),
            d_real: (0.55 + 0.35 * t + 0.04 * n[2]).clamp(0.0, 1.0),
            d_fake: (0.43 - 0.33 * t + 0.04 * n[3]).clamp(0.0, 1.0),
            penalty: 0.0,
        }
    });
    records.collect()
}

/// Pictures that can be told apart: a ring and a bar, placed and coloured by their number.
pub fn pictures(shape: Shape, count: usize, seed: u64) -> Pictures {
    let numbers = random::normals(&mut random::stream(seed, Purpose::Synthetic, 1), 4 * count);
    let side = shape.width as f32;
    let mut bytes = Vec::new();
    for n in numbers.chunks_exact(4) {
        let (cx, cy, radius) = (0.5 + 0.08 * n[0], 0.5 + 0.08 * n[1], 0.24 + 0.05 * n[2]);
        for row in 0..shape.height {
            for column in 0..shape.width {
                let (x, y) = ((column as f32 + 0.5) / side - cx, (row as f32 + 0.5) / shape.height as f32 - cy);
                let ring = ((x.hypot(y) - radius).abs() * side / 2.0).min(1.0);
                let bar = ((x * n[3].cos() + y * n[3].sin()).abs() * side / 1.5).min(1.0) + f32::from(x.hypot(y) > radius + 0.1);
                let light = 1.0 - ring.min(bar.min(1.0));
                for channel in 0..shape.channels {
                    let tint = if shape.channels == 1 { 1.0 } else { 0.6 + 0.4 * (n[3] + 2.1 * channel as f32).sin() };
                    bytes.push((255.0 * light * tint) as u8);
                }
            }
        }
    }
    Pictures { shape, bytes }
}

/// Pictures as a data set with ten classes and a report.
pub fn drawings(shape: Shape, count: usize) -> Dataset {
    let pictures = pictures(shape, count, 3);
    let area = shape.height * shape.width;
    let planar = (0..count).flat_map(|index| {
        let picture = pictures.picture(index).to_vec();
        (0..shape.channels)
            .flat_map(move |channel| (0..area).map(move |pixel| (channel, pixel)))
            .map(move |(c, p)| picture[p * shape.channels + c])
    });
    let labels = (0..count).map(|index| (index * index % 10) as u16).collect();
    let skipped = vec![Skipped { name: "cat/broken.png".to_owned(), reason: "it ends in the middle of a row".to_owned() }];
    let report = LoadReport {
        description: format!("{count} pictures of {} × {}", shape.width, shape.height),
        skipped_count: skipped.len(),
        skipped,
        left_out: 0,
    };
    let names = (0..10).map(|digit| digit.to_string()).collect();
    Dataset::new(shape, Values::Pictures(planar.collect()), Some(labels), names, report, 0.1, 1).unwrap()
}

fn ring_points(count: usize, spread: f32, radius: f32, seed: u64) -> Vec<[f32; 2]> {
    let noise = random::normals(&mut random::stream(seed, Purpose::Synthetic, 2), 2 * count);
    let place = |(index, n): (usize, &[f32])| {
        let angle = (index % 8) as f32 * std::f32::consts::TAU / 8.0;
        [radius * angle.cos() + spread * n[0], radius * angle.sin() + spread * n[1]]
    };
    noise.chunks_exact(2).enumerate().map(place).collect()
}

fn ring() -> Dataset {
    let points = ring_points(20_000, 0.04, 1.0, 1);
    Dataset::new(Shape::vector(2), Values::Points(points), None, Vec::new(), LoadReport::default(), 0.1, 1).unwrap()
}

fn ring_samples() -> Samples {
    let side = 64;
    let (low, high) = (-2.0, 2.0);
    let values = (0..side * side).map(|index| {
        let at = |place: usize| low + (high - low) * (place as f32 + 0.5) / side as f32;
        let (x, y) = (at(index % side), at(index / side));
        1.0 / (1.0 + (8.0 * ((x.hypot(y) - 1.0).abs() - 0.25) + y).exp())
    });
    let verdict = HeatMap { low, high, side, values: values.collect() };
    Samples::Points { generated: ring_points(1_024, 0.13, 0.92, 2), verdict }
}

/// A step on so many points: all real ones are said to be real with 0.731, all generated ones with 0.269.
pub fn story(count: usize) -> Story {
    let flat = |points: Vec<[f32; 2]>| points.into_iter().flatten().collect::<Vec<f32>>();
    let made = ring_points(count, 0.2, 0.6, 3);
    let moved = made.iter().map(|[x, y]| [1.1 * x, 1.1 * y]).collect();
    let pushes = made.iter().enumerate().map(|(index, [x, y])| [x * index as f32 * 1e-4, y * index as f32 * 1e-4]).collect();
    let Samples::Points { verdict, .. } = ring_samples() else { unreachable!() };
    let before = HeatMap { values: verdict.values.iter().map(|value| 0.5 * value + 0.25).collect(), ..verdict.clone() };
    Story {
        real: flat(ring_points(count, 0.04, 1.0, 4)),
        made: flat(made),
        moved: flat(moved),
        pushes: flat(pushes),
        fields: Some([before, verdict]),
        ..told(Shape::vector(2), count, count)
    }
}

/// A step on pictures, of which sixteen are told of.
pub fn picture_story(shape: Shape) -> Story {
    let values = |seed: u64| {
        let pictures = pictures(shape, 16, seed);
        (0..16).flat_map(|index| pictures.values(index)).collect::<Vec<f32>>()
    };
    Story { real: values(3), made: values(7), moved: values(8), pushes: vec![0.0; 16 * shape.values()], ..told(shape, 64, 16) }
}

fn told(shape: Shape, batch: usize, shown: usize) -> Story {
    let all = |score: f32| vec![score; batch];
    let lesson = |loss: f32| Lesson {
        loss,
        after: 0.95 * loss,
        parts: Some([loss / 2.0; 2]),
        penalty: 0.0,
        layers: [(1, 0.3), (3, 0.4)].map(|(id, gradient)| LayerLesson { id: LayerId(id), gradient, moved: 0.01, weights: 4.0 }).to_vec(),
    };
    Story {
        step: 41,
        loss: Loss::NonSaturating,
        smoothing: LabelSmoothing::default(),
        shape,
        batch,
        packing: 1,
        d_steps: 1,
        latents: random::normals(&mut random::stream(9, Purpose::Synthetic, 4), 4 * shown),
        latent_size: 4,
        real: Vec::new(),
        made: Vec::new(),
        moved: Vec::new(),
        pushes: Vec::new(),
        scores: Scores { real: [all(1.0), all(1.1)], fake: [all(-1.0), all(-1.1)], made: [all(-1.1), all(-0.9)] },
        discriminator: lesson(0.626_523),
        generator: lesson(1.387),
        fields: None,
    }
}
