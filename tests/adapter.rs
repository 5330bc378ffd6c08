//! What needs a graphics adapter. Without one these tests say that they skip; where `GANVAS_REQUIRE_ADAPTER` is set they fail instead,
//! so that a machine that is meant to have one cannot pass by having none.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use ganvas::device::{self, DeviceChoice, Kind, OpenDevice};
use ganvas::spec::{Preset, Stop};
use ganvas::train::{Command, Event, Finish, Start, Worker, self_check};

/// The first adapter, opened; a software one will do.
fn adapter() -> Option<OpenDevice> {
    let found = device::list().iter().find(|device| device.kind != Kind::Cpu);
    if found.is_none() {
        assert!(std::env::var_os("GANVAS_REQUIRE_ADAPTER").is_none(), "there is no graphics adapter, and GANVAS_REQUIRE_ADAPTER is set");
        println!("skipped: there is no graphics adapter");
    }
    found.map(|info| device::open(info).unwrap())
}

#[test]
fn a_step_on_a_graphics_adapter_agrees_with_the_cpu() {
    let Some(open) = adapter() else { return };
    println!("checking {}", open.info.name);
    assert_eq!(self_check(&open), Ok(()));
}

#[test]
fn a_run_on_a_graphics_adapter_trains_and_samples() {
    let Some(open) = adapter() else { return };
    let mut project = Preset::from_name("mlp").unwrap().project();
    project.train.stop = Stop::Steps(20);
    let worker = Worker::spawn(|| {});
    let device = DeviceChoice::Named(open.info.name.clone());
    worker.send(Command::Start(Box::new(Start { project, device, checkpoint: None, earlier: Vec::new(), dataset: None, paused: false })));
    let (mut ran_on, mut parts) = (None, Vec::new());
    loop {
        match worker.wait_event(Duration::from_secs(900)).expect("the worker fell silent") {
            Event::Preparing { progress, .. } if progress.total > 0 => parts.push((progress.done, progress.total)),
            Event::Running { device } => ran_on = Some(device),
            Event::Finished(Finish::Complete) => break,
            Event::Failed(reason) => panic!("{reason}"),
            _ => {}
        }
    }
    assert_eq!(ran_on.as_deref(), Some(open.info.name.as_str()), "the run fell back to another device");
    println!("prepared in {} parts", parts.len());
    assert!(parts.iter().enumerate().all(|(index, &(done, total))| done == index && total == parts.len()), "{parts:?}");
    let checkpoint = worker.checkpoint().unwrap();
    assert!(checkpoint.is_finite());
    assert_eq!(checkpoint.history.len(), 20);
    // The generator on the CPU answers from the weights that the adapter trained.
    let snapshot = worker.snapshot().unwrap();
    let ganvas::train::Samples::Points { generated, .. } = &snapshot.samples else { panic!("ring8 has points") };
    let latents = ganvas::latent::draw(checkpoint.project.train.latent, 16, generated.len(), 1, ganvas::random::Purpose::FixedLatents, 0);
    let on_cpu = snapshot.generator.generate(&latents).unwrap();
    let difference = on_cpu.iter().zip(generated.as_flattened()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(difference < 1e-4, "{difference}");
}
