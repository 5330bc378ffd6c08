//! The program itself, as it is called from a terminal: with good and with bad input.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use ganvas::project::ProjectFile;
use ganvas::spec::{Preset, Project};
use serde_json::Value;
use tempfile::TempDir;

/// A folder to work in, which is gone afterwards.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program in this folder, without a display and on the CPU unless the words say otherwise.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ganvas"));
        command.args(words).current_dir(self.0.path()).stdin(Stdio::null());
        // Graphics drivers complain where there is none.
        command.env("XDG_RUNTIME_DIR", self.0.path());
        for variable in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "RUST_BACKTRACE"] {
            command.env_remove(variable);
        }
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Runs what has to go well and gives what it printed.
    fn succeed(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Trains what is small and quick on the CPU and gives the line of JSON.
    fn train(&self, words: &[&str]) -> Value {
        let printed = self.succeed(&[&["train", "--device", "cpu", "--json"], words].concat());
        assert_eq!(printed.lines().count(), 1, "{printed}");
        serde_json::from_str(&printed).unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The header and the data of an NPY file.
fn npy(path: &Path) -> (String, Vec<u8>) {
    let bytes = fs::read(path).unwrap();
    assert_eq!(bytes[..8], *b"\x93NUMPY\x01\x00");
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    (String::from_utf8(bytes[10..10 + length].to_vec()).unwrap(), bytes[10 + length..].to_vec())
}

#[test]
fn weights_that_are_exported_come_back_and_give_the_same_samples() {
    let desk = Desk::new();
    desk.train(&["--preset", "ring8", "--steps", "20", "--out", "ring"]);
    let printed = desk.succeed(&["export", "ring/project.ganvas", "--code", "pytorch", "--out", "code"]);
    assert_eq!(printed.lines().count(), 2, "{printed}");
    assert!(fs::read_to_string(desk.path("code/gan.py")).unwrap().contains("nn.Linear(16, 128)"));
    let printed = desk.succeed(&["export", "ring/project.ganvas", "--code", "burn", "--out", "rust"]);
    assert!(printed.contains("Cargo.toml") && printed.contains("weights.safetensors"), "{printed}");
    assert!(fs::read_to_string(desk.path("rust/src/networks.rs")).unwrap().contains("LinearConfig::new(16, 128)"));

    let fresh = ProjectFile::from(Preset::from_name("ring8").unwrap().project());
    fresh.save(&desk.path("fresh.ganvas")).unwrap();
    let words = ["import-weights", "fresh.ganvas", "code/weights.safetensors", "-o", "back.ganvas"];
    assert_eq!(desk.succeed(&words), "generator: 6 tensors taken over\ndiscriminator: 6 tensors taken over\n");
    for (file, samples) in [("ring/project.ganvas", "a.npy"), ("back.ganvas", "b.npy")] {
        desk.succeed(&["sample", file, "--count", "8", "--out", samples]);
    }
    assert_eq!(npy(&desk.path("a.npy")), npy(&desk.path("b.npy")));

    let again = desk.run(&words);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("--force replaces it"), "{}", stderr(&again));
}

#[test]
fn weights_of_other_networks_are_refused_in_words() {
    let desk = Desk::new();
    let digits = ProjectFile::from(Preset::from_name("digits").unwrap().project());
    digits.save(&desk.path("digits.ganvas")).unwrap();
    fs::write(desk.path("broken.pt"), b"PK\x03\x04 and nothing else").unwrap();
    let refused = |weights: &str| stderr(&desk.run(&["import-weights", "digits.ganvas", weights, "-o", "out.ganvas"]));
    assert!(refused("broken.pt").contains("the file is damaged"), "{}", refused("broken.pt"));
    assert!(refused("none.pt").contains("there is no such file"), "{}", refused("none.pt"));
    desk.train(&["--preset", "ring8", "--steps", "2", "--out", "ring"]);
    desk.succeed(&["export", "ring/project.ganvas", "--code", "pytorch", "--out", "code"]);
    let said = refused("code/weights.safetensors");
    assert!(said.contains("nothing in the file fits the generator") && said.contains("layer 1 (Dense)"), "{said}");
    assert!(!desk.path("out.ganvas").exists());
}

#[test]
fn a_ring_is_trained_and_training_goes_on() {
    let desk = Desk::new();
    let first = desk.train(&["--preset", "ring8", "--steps", "30"]);
    let keys: Vec<&String> = first.as_object().unwrap().keys().collect();
    for key in ["steps", "seconds", "images_per_s", "d_loss", "g_loss", "device"] {
        assert!(keys.iter().any(|name| *name == key), "{first}");
    }
    assert_eq!((&first["steps"], &first["device"], &first["failed"]), (&Value::from(30), &Value::from("CPU"), &Value::Null));
    assert!(first["images_per_s"].as_f64().unwrap() > 0.0 && first["d_loss"].as_f64().unwrap().is_finite(), "{first}");

    let history = || fs::read_to_string(desk.path("ganvas-out/history.csv")).unwrap();
    let before = history();
    assert_eq!(before.lines().count(), 31);
    assert_eq!(image::open(desk.path("ganvas-out/samples.png")).unwrap().width(), 640, "points are plotted");

    let second = desk.train(&["ganvas-out/project.ganvas", "--steps", "20"]);
    assert_eq!(second["steps"], Value::from(50));
    assert!(history().starts_with(&before), "what was trained before is still in the history");
    assert_eq!(history().lines().count(), 51);
    let checkpoint = ProjectFile::load(&desk.path("ganvas-out/project.ganvas")).unwrap().checkpoint.unwrap();
    assert_eq!(checkpoint.g_steps, 50);
}

/// A project whose generator makes pictures of a wrong size, without anything that bounds them.
fn faulty() -> Project {
    let mut project = Preset::from_name("dcgan28").unwrap().project();
    project.generator = ganvas::spec::Stack::new(
        project.generator.input,
        project
            .generator
            .layers
            .iter()
            .map(|layer| layer.layer.clone())
            .filter(|layer| layer.name() != "Tanh" && layer.name() != "Reshape"),
    );
    project
}

#[test]
fn a_faulty_project_is_explained_mended_and_then_trained() {
    let desk = Desk::new();
    let path = desk.path("faulty.ganvas");
    ProjectFile::from(faulty()).save(&path).unwrap();
    let output = desk.run(&["lint", "faulty.ganvas"]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "ganvas: 1 error keeps this project from training: faulty.ganvas\n");
    for line in
        ["Generator", "  error   its output: the generator makes 1 × 4 × 4, but the data is 1 × 28 × 28", "          fix 1: End in Tanh"]
    {
        assert!(text.lines().any(|found| found.starts_with(line)), "{line} is missing in {text}");
    }
    assert_eq!(desk.run(&["train", "faulty.ganvas", "--steps", "1", "--device", "cpu"]).status.code(), Some(1));

    let output = desk.run(&["lint", "faulty.ganvas", "--fix"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("mended generator, its output: the generator makes 1 × 4 × 4"), "{}", stderr(&output));
    assert_eq!(ProjectFile::load(&desk.path("faulty.ganvas.bak")).unwrap().project, faulty(), "what was there is kept");
    let mended = fs::read(&path).unwrap();
    let output = desk.run(&["lint", "faulty.ganvas", "--fix", "--json"]);
    assert_eq!(stderr(&output), "nothing to mend\n");
    assert_eq!(fs::read(&path).unwrap(), mended, "mending twice does nothing more");
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&result["errors"], &result["warnings"], &result["fixed"]), (&Value::from(0), &Value::from(0), &Value::Array(Vec::new())));
    desk.train(&["faulty.ganvas", "--steps", "1", "--batch", "4"]);
}

#[test]
fn presets_are_looked_at_by_name_and_not_changed() {
    let desk = Desk::new();
    assert!(desk.succeed(&["lint", "ring8"]).starts_with("ring8: nothing found"));
    assert!(desk.succeed(&["lint", "dcgan28"]).starts_with("dcgan28: 2 advice"));
    assert_eq!(desk.run(&["lint", "dcgan28", "--fix"]).status.code(), Some(2));
    assert_eq!(desk.run(&["lint", "nowhere.ganvas"]).status.code(), Some(1));
}

#[test]
fn the_same_seed_trains_the_same() {
    let desk = Desk::new();
    let losses = |seed: &str, out: &str| {
        let line = desk.train(&["--preset", "mlp", "--steps", "5", "--seed", seed, "--out", out]);
        assert_eq!(line["seed"].to_string(), seed, "the result says what repeats it");
        (line["d_loss"].clone(), line["g_loss"].clone())
    };
    let first = losses("7", "a");
    assert_eq!(first, losses("7", "b"));
    assert_ne!(first, losses("8", "c"));
    let output = desk.run(&["train", "--device", "cpu", "--preset", "mlp", "--steps", "1", "--seed", "7", "--out", "d"]);
    assert!(stderr(&output).contains("training on CPU with seed 7"), "{}", stderr(&output));
}

#[test]
fn pictures_are_sampled_to_every_form() {
    let desk = Desk::new();
    desk.train(&["--preset", "digits", "--batch", "8", "--steps", "2", "--out", "run"]);
    let grid = image::open(desk.path("run/samples.png")).unwrap();
    assert_eq!((grid.width(), grid.height()), (242, 242), "8 x 8 pictures of 28 x 28 with margins of 2");

    let sample = |more: &[&str]| desk.succeed(&[&["sample", "run/project.ganvas", "--count", "5"], more].concat());
    sample(&["--out", "grid.png"]);
    assert_eq!(image::open(desk.path("grid.png")).unwrap().width(), 2 + 3 * 30);
    sample(&["--out", "folder"]);
    let mut names: Vec<String> =
        fs::read_dir(desk.path("folder")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["0000.png", "0001.png", "0002.png", "0003.png", "0004.png"]);
    sample(&["--out", "array.npy"]);
    let (header, data) = npy(&desk.path("array.npy"));
    assert!(header.contains("'|u1'") && header.contains("(5, 28, 28, 1)"), "{header}");
    assert_eq!(data[..28 * 28], image::open(desk.path("folder/0000.png")).unwrap().to_luma8().into_raw());

    sample(&["--out", "again.npy"]);
    assert_eq!(npy(&desk.path("again.npy")).1, data, "the same seed gives the same samples");
    sample(&["--seed", "99", "--out", "other.npy"]);
    assert_ne!(npy(&desk.path("other.npy")).1, data);
}

#[test]
fn a_run_is_written_as_a_moving_picture() {
    use image::AnimationDecoder as _;
    let desk = Desk::new();
    desk.train(&["--preset", "ring8", "--steps", "40", "--out", "ring"]);
    desk.train(&["ring/project.ganvas", "--steps", "40", "--out", "ring"]);
    let frames = ProjectFile::load(&desk.path("ring/project.ganvas")).unwrap().checkpoint.unwrap().reel.len();
    assert!(frames >= 3, "the beginning and both ends");
    desk.succeed(&["timelapse", "ring/project.ganvas", "--fps", "10", "--size", "200", "--out", "run.gif"]);
    let file = BufReader::new(fs::File::open(desk.path("run.gif")).unwrap());
    let read = image::codecs::gif::GifDecoder::new(file).unwrap().into_frames().collect_frames().unwrap();
    assert_eq!(read.len(), frames);
    assert!(read.iter().all(|frame| frame.buffer().height() <= 200));

    let fresh = ProjectFile::from(Preset::from_name("ring8").unwrap().project());
    fresh.save(&desk.path("fresh.ganvas")).unwrap();
    let refused = |words: &[&str]| {
        let output = desk.run(words);
        (output.status.code(), stderr(&output))
    };
    let (code, said) = refused(&["timelapse", "fresh.ganvas", "--out", "run.gif"]);
    assert!(code == Some(1) && said.contains("has not been trained yet"), "{said}");
    let (code, said) = refused(&["timelapse", "ring/project.ganvas", "--out", "run.mp4"]);
    assert!(code == Some(2) && said.contains("is written as .gif: run.mp4"), "{said}");
    let mut old = ProjectFile::load(&desk.path("ring/project.ganvas")).unwrap();
    std::sync::Arc::make_mut(old.checkpoint.as_mut().unwrap()).reel = ganvas::train::Reel::default();
    old.save(&desk.path("old.ganvas")).unwrap();
    let (code, said) = refused(&["timelapse", "old.ganvas", "--out", "run.gif"]);
    assert!(code == Some(1) && said.contains("no frames of its run"), "{said}");
}

#[test]
fn a_fork_is_compared_with_the_run_it_was_copied_from() {
    let desk = Desk::new();
    desk.train(&["--preset", "ring8", "--steps", "30", "--out", "root"]);
    desk.train(&["root/project.ganvas", "--steps", "20", "--out", "a"]);
    desk.train(&["root/project.ganvas", "--steps", "25", "--d-lr", "1e-5", "--out", "b"]);
    let said = desk.succeed(&["compare", "a/project.ganvas", "b/project.ganvas", "--out", "both.png"]);
    // The step after the copy is computed with the same weights, and thus has the same losses: the weights differ after it.
    assert!(said.contains("the same up to step 3"), "{said}");
    assert!(said.contains("\nB: D learning rate ") && said.contains(" → 1e-5"), "{said}");
    assert_eq!(said.matches("\nB: ").count(), 1, "where they were told to end is no difference: {said}");
    let picture = image::open(desk.path("both.png")).unwrap();
    assert!(picture.width() > 2 * picture.height() - 20, "two plots side by side");
    let said = desk.succeed(&["compare", "a/project.ganvas", "a/project.ganvas"]);
    assert!(said.contains("number for number") && said.contains("are the same\n"), "{said}");
    let output = desk.run(&["compare", "a/project.ganvas", "b/project.ganvas", "--out", "both.jpg"]);
    assert!(output.status.code() == Some(2) && stderr(&output).contains("written as .png: both.jpg"));

    // A fork draws the latent vectors of the run it was copied from; a run from another seed has its own.
    desk.train(&["--preset", "ring8", "--seed", "5", "--steps", "10", "--out", "c"]);
    let said_of = |other: &str| {
        let output = desk.run(&["compare", "a/project.ganvas", other, "--at", "5", "--out", "then.png"]);
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output)
    };
    assert!(!said_of("b/project.ganvas").contains("latent"), "{}", said_of("b/project.ganvas"));
    let said = said_of("c/project.ganvas");
    assert!(said.contains("note: the runs differ in seed: samples of A and B are not from the same latent vectors"), "{said}");
}

#[test]
fn points_are_sampled_as_numbers_and_as_a_plot() {
    let desk = Desk::new();
    desk.train(&["--data", "moons", "--steps", "5"]);
    desk.succeed(&["sample", "ganvas-out/project.ganvas", "--count", "7", "--out", "points.npy"]);
    let (header, data) = npy(&desk.path("points.npy"));
    assert!(header.contains("'<f4'") && header.contains("(7, 2)"), "{header}");
    assert_eq!(data.len(), 7 * 2 * 4);
    desk.succeed(&["sample", "ganvas-out/project.ganvas", "--out", "points.png"]);
    assert_eq!(image::open(desk.path("points.png")).unwrap().height(), 640);
    let refused = desk.run(&["sample", "ganvas-out/project.ganvas", "--out", "folder"]);
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
}

#[test]
fn a_run_is_measured_beside_training_and_its_best_is_kept() {
    let desk = Desk::new();
    let mut result = desk.train(&["--preset", "ring8", "--seconds", "4", "--measure", "1", "--out", "ring"]);
    let mut ends = vec![result["steps"].as_f64().unwrap()];
    let (table, rows) = loop {
        let table = fs::read_to_string(desk.path("ring/quality.csv")).unwrap();
        // All but the name of the real samples are numbers.
        let read = |line: &str| line.split(',').filter(|cell| *cell != "held out").map(|cell| cell.parse().unwrap()).collect();
        let rows: Vec<Vec<f64>> = table.lines().skip(1).map(read).collect();
        // Beside training, and not only where it ended: a busy machine may take longer to come to that.
        if rows.iter().any(|row| !ends.contains(&row[0])) {
            break (table, rows);
        }
        assert!(ends.len() < 8, "{table}");
        result = desk.train(&["ring/project.ganvas", "--seconds", "4", "--measure", "1", "--out", "ring"]);
        ends.push(result["steps"].as_f64().unwrap());
    };
    assert!(table.starts_with("step,seconds,samples,floor,modes,modes_of_real,high_quality,high_quality_of_real,"), "{table}");
    assert_eq!(result["measured"], rows.len());
    assert!(rows.len() >= 2, "{table}");
    let last = &rows[rows.len() - 1];
    assert_eq!(last[0], result["steps"].as_f64().unwrap(), "the last state is measured, too");
    assert!(rows.iter().all(|row| row[2] == last[2] && row[4] == last[4] && row[6] == last[6]), "floors stay: {table}");
    // Modes first, then the share near one.
    let best = rows.iter().rev().max_by(|a, b| (a[3], a[5]).partial_cmp(&(b[3], b[5])).unwrap()).unwrap();
    assert_eq!(result["best_step"].as_f64().unwrap(), best[0]);

    desk.succeed(&["sample", "ring/project.ganvas", "--best", "--count", "50", "--out", "best.npy"]);
    assert!(npy(&desk.path("best.npy")).0.contains("(50, 2)"));
    assert!(desk.succeed(&["measure", "ring/project.ganvas", "--best"]).contains("modes found"));
    let compared = desk.succeed(&["compare", "ring/project.ganvas", "ring/project.ganvas", "--best"]);
    let row = |name: &str| compared.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    assert_eq!(row("steps").split_whitespace().next().unwrap().replace(',', "").parse::<f64>().unwrap(), best[0]);
    assert!((row("seconds of training").split_whitespace().next().unwrap().parse::<f64>().unwrap() - best[1]).abs() < 0.06, "{compared}");
    assert!(row("  the same of real samples, held out").starts_with("8 of 8"), "{compared}");
    assert!(compared.contains("these numbers can be compared with each other"), "{compared}");
    let goes_on = desk.train(&["ring/project.ganvas", "--steps", "5", "--out", "on"]);
    assert_eq!((&goes_on["measured"], &goes_on["best_step"]), (&result["measured"], &result["best_step"]), "resume keeps it");

    desk.train(&["--preset", "ring8", "--steps", "5", "--out", "never"]);
    assert!(!desk.path("never/quality.csv").exists());
    let refused = desk.run(&["sample", "never/project.ganvas", "--best", "--out", "best.png"]);
    assert!(!refused.status.success() && stderr(&refused).contains("no best is known"), "{}", stderr(&refused));
}

#[test]
fn passes_and_seconds_end_a_run_as_well() {
    let desk = Desk::new();
    // 90 % of 20,000 points, in batches of 6,000.
    let line = desk.train(&["--preset", "ring8", "--batch", "6000", "--epochs", "2"]);
    assert_eq!(line["steps"], Value::from(6));
    let line = desk.train(&["ganvas-out/project.ganvas", "--epochs", "1"]);
    assert_eq!(line["steps"], Value::from(9));
    let line = desk.train(&["--preset", "mlp", "--batch", "16", "--seconds", "0.3"]);
    let seconds = line["seconds"].as_f64().unwrap();
    assert!((0.2..10.0).contains(&seconds) && line["steps"].as_u64().unwrap() > 0, "{line}");
}

#[test]
fn losses_that_are_no_numbers_end_a_run_and_the_last_good_weights_are_kept() {
    let desk = Desk::new();
    let output = desk.run(&["train", "--preset", "mlp", "--lr", "1e30", "--steps", "500", "--device", "cpu", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("diverged"), "{}", stderr(&output));
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    let failed = line["failed"].as_str().unwrap();
    assert!(failed.contains("diverged") && stderr(&output).ends_with(&format!("ganvas: {failed}\n")), "{line}");
    assert_eq!((&line["diagnosis"]["rule"], &line["device"]), (&"diverged".into(), &"CPU".into()), "{line}");
    let checkpoint = ProjectFile::load(&desk.path("ganvas-out/project.ganvas")).unwrap().checkpoint.unwrap();
    assert!(checkpoint.is_finite());
    desk.succeed(&["sample", "ganvas-out/project.ganvas", "--count", "3", "--out", "points.npy"]);
}

#[test]
fn devices_are_listed_and_one_is_marked() {
    let printed = Desk::new().succeed(&["devices"]);
    assert!(printed.lines().any(|line| line.starts_with("CPU ") && line.contains("processor")), "{printed}");
    assert_eq!(printed.lines().filter(|line| line.ends_with("(auto)")).count(), 1, "{printed}");
}

#[test]
fn speed_is_measured() {
    let printed = Desk::new().succeed(&["bench", "mlp", "--batch", "8", "--steps", "2", "--device", "cpu"]);
    let line: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&line["network"], &line["batch"], &line["device"]), (&"mlp".into(), &8.into(), &"CPU".into()));
    for key in ["ms_per_step", "images_per_s", "generate_1_ms", "generate_64_ms", "threads"] {
        assert!(line[key].as_f64().unwrap() > 0.0, "{key} in {line}");
    }
}

#[cfg(feature = "gui")]
#[test]
fn the_window_is_measured() {
    let desk = Desk::new();
    let printed = desk.succeed(&["bench", "mlp", "--device", "cpu", "--frames", "--seconds", "1", "--size", "1000x700"]);
    let line: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&line["network"], &line["size"], &line["device"]), (&"mlp".into(), &"1000x700".into(), &"CPU".into()));
    assert_eq!(line["plots_steps"], Value::from(1_000_000));
    for what in ["frame", "plots"] {
        let [median, p95, worst] = ["median", "p95", "worst"].map(|of| line[format!("{what}_{of}_ms")].as_f64().unwrap());
        assert!(0.0 < median && median <= p95 && p95 <= worst, "{what} in {line}");
    }
    for key in ["slider_to_picture_p95_ms", "slider_to_picture_training_p95_ms", "train_to_samples_ms"] {
        assert!(line[key].as_f64().unwrap() > 0.0, "{key} in {line}");
    }
    assert!(line["frames"].as_u64().unwrap() >= 20, "{line}");
    assert_eq!(line["first_frame_ms"].is_number(), cfg!(target_os = "linux"), "{line}");
}

#[cfg(feature = "gui")]
#[test]
fn memory_is_measured_where_the_system_says_it() {
    let printed = Desk::new().succeed(&["bench", "mlp", "--device", "cpu", "--memory", "--seconds", "1"]);
    let line: Value = serde_json::from_str(&printed).unwrap();
    if cfg!(target_os = "linux") {
        let [held, peak, with_history] = ["held_mb", "peak_mb", "with_history_mb"].map(|key| line[key].as_f64().unwrap());
        assert!(5.0 < held && held <= peak && peak < 400.0, "{line}");
        // A million steps.
        assert!(with_history - held < 32.0, "{line}");
    } else {
        assert!(line["memory"].as_str().unwrap().contains("does not say"), "{line}");
    }
}

#[test]
fn help_is_there_for_every_command() {
    let desk = Desk::new();
    for command in
        [&["--help"][..], &["train", "--help"], &["sample", "--help"], &["bench", "--help"], &["devices", "--help"], &["import", "--help"]]
    {
        assert!(desk.succeed(command).contains("Usage: ganvas"), "{command:?}");
    }
    assert!(desk.succeed(&["--version"]).starts_with(concat!("ganvas ", env!("CARGO_PKG_VERSION"))));
}

/// Writes an untrained project, changed by `change`.
fn write_project(path: &Path, change: impl FnOnce(&mut Project)) {
    let mut project = Preset::from_name("mlp").unwrap().project();
    change(&mut project);
    ProjectFile::from(project).save(path).unwrap();
}

#[test]
fn bad_input_ends_in_a_sentence() {
    let desk = Desk::new();
    fs::write(desk.path("text.ganvas"), "this is no project").unwrap();
    fs::write(desk.path("empty.ganvas"), "").unwrap();
    fs::write(desk.path("text.csv"), "1,2,3\n").unwrap();
    fs::create_dir(desk.path("nothing")).unwrap();
    write_project(&desk.path("whole.ganvas"), |_| {});
    let whole = fs::read(desk.path("whole.ganvas")).unwrap();
    fs::write(desk.path("cut.ganvas"), &whole[..whole.len() / 2]).unwrap();
    write_project(&desk.path("broken.ganvas"), |project| project.train.batch_size = 0);

    // The words, how the program ends, and what it says.
    let cases: &[(&str, i32, &str)] = &[
        ("train cut.ganvas", 1, "damaged or was cut short"),
        ("train text.ganvas", 1, "not a Ganvas project"),
        ("train empty.ganvas", 1, "not a Ganvas project"),
        ("train nothing", 1, "folder, not a project"),
        ("train missing.ganvas", 1, "no such file"),
        ("train broken.ganvas", 1, "the batch size is 0, but has to be between 1 and 65,536"),
        ("train --preset nothing", 2, "possible values"),
        ("train --preset mlp --data digits", 1, "this project cannot be trained: the generator makes 2"),
        ("train --preset mlp --batch 0", 2, "0 is not in 1..=65536"),
        ("train --preset mlp --batch 100000000", 2, "100000000 is not in 1..=65536"),
        ("train --preset mlp --steps 0", 2, "0 is not in 1.."),
        ("train --preset mlp --steps 5 --epochs 5", 2, "cannot be used with"),
        ("train --preset mlp --lr x", 2, "a learning rate is a number"),
        ("train --preset mlp --loss x", 2, "choose one of non-saturating"),
        ("train --data missing-folder", 1, "there is no data here"),
        ("train --data nothing", 1, "there is no picture"),
        ("train --data text.csv", 1, "the file is no picture"),
        ("train --preset mlp --device voodoo", 1, "no device is called voodoo"),
        ("train --preset mlp --steps 1 --out text.csv/inside", 1, "cannot be"),
        ("sample missing.ganvas --out x.png", 1, "no such file"),
        ("sample whole.ganvas --out x.png", 1, "has not been trained yet"),
        ("sample whole.ganvas --out x.jpg", 2, "not as .jpg"),
        ("sample whole.ganvas --count 0 --out x.png", 2, "0 is not in 1..=1000000"),
        ("sample whole.ganvas", 2, "--out"),
        ("doctor missing.ganvas", 1, "no such file"),
        ("doctor cut.ganvas", 1, "damaged or was cut short"),
        ("doctor whole.ganvas", 1, "has not been trained yet"),
        ("doctor whole.ganvas --json", 1, "has not been trained yet"),
        ("doctor", 2, "FILE.ganvas"),
        ("bench nothing", 2, "possible values"),
        ("bench mlp --steps 0", 2, "0 is not in 1..=1000000"),
        ("bench mlp --frames --memory", 2, "cannot be used with"),
        ("missing.ganvas", 1, "no such file or folder"),
        ("devices --nonsense", 2, "unexpected argument"),
    ];
    for (words, code, text) in cases {
        let words: Vec<&str> = words.split(' ').collect();
        let output = desk.run(&words);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(*code), "{words:?}: {said}");
        assert!(said.contains(text), "{words:?}: {said}");
        assert!(!said.contains("panicked") && !said.contains("fault in the program"), "{words:?}: {said}");
        let ours: Vec<&str> = said.lines().filter(|line| line.starts_with("ganvas: ") || line.starts_with("error: ")).collect();
        assert!(!ours.is_empty(), "{words:?}: {said}");
        assert!(output.stdout.is_empty(), "{words:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let mut child = Desk::new().command(&["train", "--help"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    assert!(!said.contains("panicked") && !said.contains("fault"), "{said}");
}

#[cfg(feature = "gui")]
#[test]
fn the_window_is_drawn_without_a_display() {
    let desk = Desk::new();
    write_project(&desk.path("points.ganvas"), |project| "points".clone_into(&mut project.name));
    let output = desk.run(&["screenshot", "points.ganvas", "--size", "1000x620", "--theme", "light", "--out", "window.png"]);
    if stderr(&output).contains("no graphics driver") {
        assert!(std::env::var_os("GANVAS_REQUIRE_ADAPTER").is_none(), "there is no graphics adapter, and GANVAS_REQUIRE_ADAPTER is set");
        println!("skipped: there is no graphics adapter");
        return;
    }
    assert!(output.status.success(), "{}", stderr(&output));
    let window = image::open(desk.path("window.png")).unwrap().to_rgb8();
    assert_eq!(window.dimensions(), (1000, 620));
    let bright = window.pixels().filter(|pixel| pixel.0.iter().all(|&channel| channel > 200)).count();
    assert!(bright > 1000 * 620 / 2, "the light theme is bright: {bright} pixels");
    assert!(bright < 1000 * 620 * 99 / 100, "something is drawn");

    let refused = desk.run(&["screenshot", "--size", "1x1", "--out", "window.png"]);
    assert_eq!(refused.status.code(), Some(2));
    let missing = desk.run(&["screenshot", "missing.ganvas", "--out", "window.png"]);
    assert_eq!(missing.status.code(), Some(1));
}

/// A script of the tests, by its absolute path: the program runs elsewhere.
fn script(name: &str) -> String {
    std::path::absolute(Path::new("tests/scripts").join(name)).unwrap().to_str().unwrap().to_owned()
}

#[test]
fn source_is_imported_and_trained() {
    let desk = Desk::new();
    let printed = desk.succeed(&["import", &script("keras_points.py"), "-o", "points.ganvas"]);
    let rows: Vec<Vec<&str>> = printed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(printed.starts_with("keras_points, written for Keras\n"), "{printed}");
    assert!(rows.contains(&vec!["Dense", "15", "15", "line", "14"]), "{printed}");
    assert!(rows.contains(&vec!["Sigmoid", "1", "line", "8"]), "{printed}");
    let place = |row: &str| printed.lines().find(|line| line.trim_start().starts_with(row)).unwrap().find("line ").unwrap();
    assert_eq!(place("Dense  15"), place("ReLU"), "columns stand beneath each other: {printed}");
    let file = ProjectFile::load(&desk.path("points.ganvas")).unwrap();
    assert_eq!((file.project.name.as_str(), file.project.generator.input), ("keras_points", ganvas::spec::Shape::vector(5)));
    desk.train(&["points.ganvas", "--steps", "3"]);

    let refused = desk.run(&["import", &script("keras_points.py"), "-o", "points.ganvas"]);
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0));
    assert_eq!(stderr(&refused), "ganvas: there is such a file already; --force replaces it: points.ganvas\n");
    desk.succeed(&["import", &script("torch_flat.py"), "-o", "points.ganvas", "--force"]);
    assert_eq!(ProjectFile::load(&desk.path("points.ganvas")).unwrap().project.name, "torch_flat");
    assert!(desk.path("points.ganvas.bak").exists());
}

#[test]
fn what_is_imported_is_said_as_json() {
    let printed = Desk::new().succeed(&["import", &script("torch_conditional.py"), "--json"]);
    assert_eq!(printed.lines().count(), 1, "{printed}");
    let line: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&line["framework"], &line["generator"]["input"]), (&"PyTorch".into(), &serde_json::json!([100, 1, 1])));
    assert_eq!((line["gaps"].as_array().unwrap().len(), line["remarks"].as_array().unwrap().len()), (0, 3), "{line}");
    assert_eq!((&line["generator"]["layers"][0]["layer"]["kind"], &line["generator"]["layers"][0]["line"]), (&"dense".into(), &16.into()));
    assert!(line["faults"].as_array().unwrap().is_empty(), "{line}");
}

#[test]
fn what_cannot_be_imported_is_said_in_a_sentence() {
    let desk = Desk::new();
    fs::write(desk.path("hello.py"), "print('hello')").unwrap();
    fs::write(desk.path("picture.py"), [0x89, b'P', b'N', b'G', 0, 255]).unwrap();
    fs::write(desk.path("words.md"), "only words").unwrap();
    fs::write(desk.path("no.ipynb"), "{").unwrap();
    fs::File::create(desk.path("huge.txt")).unwrap().set_len(1 << 30).unwrap();
    for (name, says) in [
        ("hello.py", "no network of Keras or PyTorch is in it"),
        ("picture.py", "this is not a text file"),
        ("words.md", "there is no Python code in it"),
        ("no.ipynb", "this is no Jupyter notebook"),
        ("huge.txt", "the text is too large to be the source of a network"),
        ("missing.py", "there is no such file"),
    ] {
        let output = desk.run(&["import", name, "-o", "x.ganvas"]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert_eq!(stderr(&output), format!("ganvas: {says}: {name}\n"));
        assert!(output.stdout.is_empty() && !desk.path("x.ganvas").exists(), "{name}");
    }
    assert_eq!(desk.run(&["import", "hello.py", "--force"]).status.code(), Some(2));
}

/// Real data, where it is beside the repository.
#[test]
fn mnist_is_trained_on_where_it_is_there() {
    // Cargo runs tests in the package's folder. Where that was at build time says nothing: builds are shared between checkouts.
    let mnist = std::path::absolute("../shared/data/mnist").unwrap();
    if !mnist.exists() {
        eprintln!("skipped: there is no {}", mnist.display());
        return;
    }
    let desk = Desk::new();
    let line = desk.train(&["--preset", "dcgan28", "--data", mnist.to_str().unwrap(), "--batch", "4", "--steps", "2"]);
    assert_eq!(line["steps"], Value::from(2));
    let file = ProjectFile::load(&desk.path("ganvas-out/project.ganvas")).unwrap();
    assert_eq!(file.project.data.shape(), ganvas::spec::Shape::new(1, 28, 28));
}

/// A program that trains until it is told to end. It is ended, whatever happens to the test.
#[cfg(unix)]
struct Endless(Child);

#[cfg(unix)]
impl Endless {
    fn start(mut command: Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Reads what it says until a line holds `text`.
    fn hear(&mut self, text: &str) -> (String, BufReader<std::process::ChildStderr>) {
        let mut reader = BufReader::new(self.0.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains(text) {
            assert!(reader.read_line(&mut said).unwrap() > 0, "it ended before it said {text}: {said}");
        }
        (said, reader)
    }

    fn interrupt(&self) {
        let sent = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

#[cfg(unix)]
impl Drop for Endless {
    fn drop(&mut self) {
        // It has ended already where all went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_and_ends() {
    let desk = Desk::new();
    let mut run = Endless::start(desk.command(&["train", "--preset", "mlp", "--device", "cpu", "--json"]));
    let (_, mut rest) = run.hear("step 1");
    run.interrupt();
    let mut said = String::new();
    rest.read_to_string(&mut said).unwrap();
    assert!(run.0.wait().unwrap().success(), "{said}");
    let mut printed = String::new();
    run.0.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    let line: Value = serde_json::from_str(&printed).unwrap();
    let checkpoint = ProjectFile::load(&desk.path("ganvas-out/project.ganvas")).unwrap().checkpoint.unwrap();
    assert_eq!(line["steps"], Value::from(checkpoint.g_steps));
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_display_the_digits_are_trained_in_the_terminal() {
    without_a_window(|_| {});
}

#[cfg(target_os = "linux")]
#[test]
fn a_display_that_cannot_be_reached_is_none() {
    without_a_window(|command| {
        command.env("DISPLAY", ":9999");
    });
}

#[cfg(target_os = "linux")]
fn without_a_window(change: impl FnOnce(&mut Command)) {
    let desk = Desk::new();
    let mut command = desk.command(&["--device", "cpu"]);
    change(&mut command);
    let mut run = Endless::start(command);
    let (said, mut rest) = run.hear("step ");
    let first = said.lines().next().unwrap();
    assert!(first.ends_with("so the built-in digits will be trained in this terminal for 120 seconds, into ganvas-out/"), "{said}");
    run.interrupt();
    let mut said = String::new();
    rest.read_to_string(&mut said).unwrap();
    assert!(run.0.wait().unwrap().success(), "{said}");
    for name in ["project.ganvas", "samples.png", "history.csv"] {
        assert!(desk.path("ganvas-out").join(name).exists(), "{name}");
    }
}

#[test]
fn a_run_goes_on_from_an_earlier_state_of_its_file() {
    let desk = Desk::new();
    // Long enough for several states to be kept: one each half second at first.
    desk.train(&["--preset", "ring8", "--seconds", "3", "--out", "run"]);
    let file = ProjectFile::load(&desk.path("run/project.ganvas")).unwrap();
    let states: Vec<u64> = file.earlier.iter().map(|state| state.g_steps).collect();
    assert!(states.len() >= 2 && states[0] == 0, "{states:?}");
    let from = states[1] + 1;
    let typed = |from: &str, out: &str| {
        let words = ["run/project.ganvas", "--from", from, "--steps", "5", "--lr", "1e-5", "--out", out];
        desk.run(&[&["train", "--device", "cpu"], &words[..]].concat())
    };
    let done = typed(&from.to_string(), "fork");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let fork = ProjectFile::load(&desk.path("fork/project.ganvas")).unwrap();
    assert_eq!(fork.checkpoint.unwrap().g_steps, states[1] + 5);
    let kept: Vec<u64> = fork.earlier.iter().map(|state| state.g_steps).collect();
    assert_eq!(kept, states[..2], "what came before, and none of what was left");
    let refused = typed("best", "fork");
    let text = String::from_utf8_lossy(&refused.stderr);
    assert!(refused.status.code() == Some(1) && text.contains("was not measured while it trained"), "{text}");
    let refused = typed("soon", "fork");
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn moments_of_a_run_are_counted_and_written_as_pictures() {
    let desk = Desk::new();
    for (preset, out) in [("ring8", "ring"), ("digits", "digits")] {
        desk.train(&["--preset", preset, "--batch", "8", "--steps", "40", "--out", out]);
        let file = format!("{out}/project.ganvas");
        let reel = ProjectFile::load(&desk.path(&file)).unwrap().checkpoint.unwrap().reel.clone();
        let (count, last) = (reel.len(), reel.last().unwrap().step);
        assert!(count >= 2 && last == 40, "{count} moments, the last of step {last}");
        let says = format!("{count} moments, from step 0 to step 40");
        assert_eq!(desk.succeed(&["timelapse", &file]), format!("{says}\n"));

        let write = |at: &str, out: &str| {
            let output = desk.run(&["timelapse", &file, "--at", at, "--size", "300", "--out", out]);
            assert!(output.status.success(), "{}", stderr(&output));
            (stderr(&output), image::open(desk.path(out)).unwrap().to_rgb8())
        };
        let (said, first) = write("0", "first.png");
        assert_eq!(said, format!("the moment of step 0 written to first.png; the run has {says}\n"));
        let (_, newest) = write("99999", "newest.png");
        let (said, both) = write("0,40", "both.png");
        assert_eq!(said, format!("the moments of steps 0 and 40 written to both.png; the run has {says}\n"));
        // Both are in it as they are alone, and they are not the same.
        assert_ne!(first, newest);
        assert_eq!((both.height(), both.width()), (first.height(), first.width() + newest.width() + 8));
        let half = |x: u32, width: u32| image::imageops::crop_imm(&both, x, 0, width, both.height()).to_image();
        assert_eq!(half(0, first.width()), first);
        assert_eq!(half(both.width() - newest.width(), newest.width()), newest);
        let output = desk.run(&["compare", &file, &file, "--at", "1", "--out", "compared.png"]);
        assert!(output.status.success() && stderr(&output).contains(" of A and step "), "{}", stderr(&output));
    }

    let refused = |words: &[&str]| {
        let output = desk.run(&[&["timelapse", "ring/project.ganvas"], words].concat());
        (output.status.code(), stderr(&output))
    };
    for (words, says) in [
        (&["--at", "5", "--out", "run.gif"][..], "moments of a run are written as .png: run.gif"),
        (&["--out", "run.png"], "--at says which moment is to be written as .png: run.png"),
        (&["--at", "1,2,3", "--out", "run.png"], "one step or two, such as 500 or 500,2000"),
        (&["--at", "5"], "--out"),
        (&["--at", "5", "--fps", "5", "--out", "run.png"], "cannot be used with"),
    ] {
        let (code, said) = refused(words);
        assert!(code == Some(2) && said.contains(says), "{words:?}: {said}");
    }
    let mut old = ProjectFile::load(&desk.path("ring/project.ganvas")).unwrap();
    std::sync::Arc::make_mut(old.checkpoint.as_mut().unwrap()).reel = ganvas::train::Reel::default();
    old.save(&desk.path("old.ganvas")).unwrap();
    for words in [&["timelapse", "old.ganvas"][..], &["timelapse", "old.ganvas", "--at", "5", "--out", "x.png"]] {
        let output = desk.run(words);
        assert!(output.status.code() == Some(1) && stderr(&output).contains("no frames of its run"), "{}", stderr(&output));
    }
    assert!(!desk.path("x.png").exists());
}

#[test]
fn the_doctor_says_of_a_file_what_its_signs_tell() {
    let desk = Desk::new();
    desk.train(&["--preset", "ring8", "--steps", "400", "--out", "run"]);
    let told: Value = serde_json::from_str(&desk.succeed(&["doctor", "run/project.ganvas", "--json"])).unwrap();
    // After steps 1, 10 and 25, and then every fifty.
    assert_eq!((&told["steps"], &told["signs"], &told["signs_step"]), (&400.into(), &11.into(), &400.into()), "{told}");
    assert_eq!(told["waiting"], false, "{told}");
    let text = desk.succeed(&["doctor", "run/project.ganvas"]);
    assert!(text.starts_with("ring8, by its vital signs up to step 400\n"), "{text}");
    let rules: Vec<&str> = told["diagnoses"].as_array().unwrap().iter().map(|said| said["rule"].as_str().unwrap()).collect();
    let places: Vec<usize> = rules.iter().map(|rule| text.find(&format!("[{rule}]")).unwrap()).collect();
    assert!(places.is_sorted(), "{rules:?} in {text}");

    let mut old = ProjectFile::load(&desk.path("run/project.ganvas")).unwrap();
    std::sync::Arc::make_mut(old.checkpoint.as_mut().unwrap()).signs = ganvas::train::Signs::default();
    old.save(&desk.path("old.ganvas")).unwrap();
    let output = desk.run(&["doctor", "old.ganvas"]);
    assert!(output.status.code() == Some(1) && stderr(&output).contains("no vital signs of its run"), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
}

/// The losses and verdicts of one step in a table of a run's history: D's loss, G's loss, what D says of real and of generated samples.
fn numbers_of_step(table: &Path, step: u64) -> [f32; 4] {
    let table = fs::read_to_string(table).unwrap();
    let columns: Vec<&str> = table.lines().next().unwrap().split(',').collect();
    let row: Vec<&str> =
        table.lines().skip(1).map(|line| line.split(',').collect()).find(|row: &Vec<&str>| row[0] == step.to_string()).unwrap();
    ["d_loss", "g_loss", "d_real", "d_fake"].map(|name| row[columns.iter().position(|column| *column == name).unwrap()].parse().unwrap())
}

#[test]
fn a_step_is_told_with_the_numbers_that_training_has_for_it() {
    let desk = Desk::new();
    for (preset, flags) in [("ring8", &[][..]), ("mlp", &["--loss", "non-saturating"]), ("digits", &["--batch", "8"])] {
        let fresh = desk.succeed(&["step", "--preset", preset, "--seed", "3", "--json"]);
        let first = serde_json::from_str::<Value>(&fresh).unwrap();
        assert_eq!(first["step"], 1);
        assert_eq!(fresh, desk.succeed(&["step", "--preset", preset, "--seed", "3", "--json"]), "the same step is told every time");

        desk.train(&[&["--preset", preset, "--seed", "3", "--steps", "7", "--out", "run"], flags].concat());
        let before = fs::read(desk.path("run/project.ganvas")).unwrap();
        let output = desk.run(&["step", "run/project.ganvas", "--json"]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stderr(&output).contains("stays as it is: run/project.ganvas"), "{}", stderr(&output));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = desk.succeed(&["step", "run/project.ganvas"]);
        assert_eq!(fs::read(desk.path("run/project.ganvas")).unwrap(), before, "the file stays as it is");

        // What training itself has for that step: it is taken without being told.
        desk.train(&["run/project.ganvas", "--steps", "1", "--out", "on"]);
        let [d_loss, g_loss, d_real, d_fake] = numbers_of_step(&desk.path("on/history.csv"), 8);
        let number = |value: &Value| value.as_f64().unwrap() as f32;
        assert_eq!(told["step"], 8);
        assert_eq!((number(&told["discriminator"]["loss"]), number(&told["generator"]["loss"])), (d_loss, g_loss), "{preset}");
        for (told, wanted) in [(&told["verdict_on_real"][0], d_real), (&told["verdict_on_generated"][0], d_fake)] {
            assert!((number(told) - wanted).abs() < 1e-4, "{preset}: {told} and not {wanted}");
        }

        for heading in ["Latents", "G makes", "D on real", "D on fake", "Losses of D", "Gradients of D", "Updates of D", "Updates of G"] {
            assert!(text.lines().any(|line| line == heading), "{heading} is missing in {text}");
        }
        assert!(text.contains(", step 8\n") && text.contains(&format!("G's loss is {g_loss:.3}")), "{g_loss}: {text}");
        let layers = told["discriminator"]["layers"].as_array().unwrap();
        assert!(!layers.is_empty());
        for layer in layers {
            let name = layer["layer"].as_str().unwrap();
            let count = text.matches(&format!("\n  {name} ")).count();
            assert!(count >= 2 && count.is_multiple_of(2), "{name} stands under gradients and under updates: {text}");
        }
        // The parts of a gradient are as long as the whole.
        let squares: f64 = layers.iter().map(|layer| layer["gradient"].as_f64().unwrap().powi(2)).sum();
        let whole = told["discriminator"]["gradient"].as_f64().unwrap();
        assert!(whole > 0.0 && (squares.sqrt() - whole).abs() < 1e-5 * whole, "{squares} and {whole}");
    }
    let refused = desk.run(&["step", "nowhere.ganvas"]);
    assert!(refused.status.code() == Some(1) && stderr(&refused).contains("no such file"), "{}", stderr(&refused));
    assert_eq!(desk.run(&["step", "run/project.ganvas", "--preset", "ring8"]).status.code(), Some(2));
}
