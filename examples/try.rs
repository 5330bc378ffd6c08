use ganvas::{device::DeviceChoice, spec::*, train::*};
use std::time::*;
fn main() {
    let mut args = std::env::args().skip(1);
    let preset = args.next().unwrap();
    let steps: u64 = args.next().unwrap().parse().unwrap();
    let device: DeviceChoice = args.next().unwrap_or("cpu".into()).parse().unwrap();
    if preset.starts_with("bench:") {
        let p = Preset::from_name(&preset[6..]).unwrap().project();
        println!("{:?}", measure(&p, &device, steps as usize));
        return;
    }
    let mut project = Preset::from_name(&preset).unwrap().project();
    project.train.stop = Stop::Steps(steps);
    if let Ok(lr) = std::env::var("LR") {
        project.train.generator.learning_rate = lr.parse().unwrap();
        project.train.discriminator.learning_rate = lr.parse().unwrap();
    }
    let w = Worker::spawn(|| {});
    let t = Instant::now();
    w.send(Command::Start(Box::new(Start { project: project.clone(), device, checkpoint: None, dataset: None, paused: false })));
    loop {
        match w.wait_event(Duration::from_secs(600)).unwrap() {
            Event::Progress(p) => {
                if p.step % 5 == 0 || p.step < 5 {
                    println!(
                        "{:.1}s step {} epoch {:.2} {:.0} img/s {:?}",
                        t.elapsed().as_secs_f64(),
                        p.step,
                        p.epoch,
                        p.images_per_s,
                        p.records.last()
                    );
                }
            }
            Event::Finished(f) => {
                println!("{f:?}");
                break;
            }
            Event::Failed(f) => {
                println!("FAILED {f}");
                println!("kept {:?}", w.checkpoint().map(|c| c.g_steps));
                break;
            }
            Event::Loaded(_) => println!("loaded {:.2}s", t.elapsed().as_secs_f64()),
            e => println!("{e:?}"),
        }
    }
    if let Some(s) = w.snapshot() {
        if let Samples::Pictures(p) = &s.samples {
            ganvas::export::write_grid(p, std::path::Path::new("/tmp/grid.png")).unwrap();
        }
        if let Samples::Points { generated, .. } = &s.samples {
            println!("{:?}", &generated[..8]);
        }
    }
}
