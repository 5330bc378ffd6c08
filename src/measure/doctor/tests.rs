use std::sync::Arc;
use std::thread;

use super::trials::{Trial, failing, healthy, told};
use super::*;
use crate::spec::{Decay, Optimiser, Schedule};

/// All trials, on as many threads as there are processors.
fn all<T: Send, R: Send>(trials: Vec<T>, judge: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let queue = std::sync::Mutex::new(trials.into_iter());
    let found = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let Some(trial) = queue.lock().unwrap().next() else { return };
                    let verdict = judge(trial);
                    found.lock().unwrap().push(verdict);
                }
            });
        }
    });
    found.into_inner().unwrap()
}

fn said(trial: Trial) -> Vec<(u64, Option<Diagnosis>)> {
    let project = trial.project.clone();
    told(&project, &trial.run(), None)
}

#[test]
fn of_runs_that_fail_the_cause_is_named() {
    let wrong = all(failing(), |(name, wanted, trial)| {
        let last = said(trial).pop().and_then(|(_, diagnosis)| diagnosis);
        let rule = last.as_ref().map(|diagnosis| diagnosis.rule);
        (!rule.is_some_and(|rule| wanted.contains(&rule))).then(|| format!("{name}: {rule:?} instead of {wanted:?}"))
    });
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is wrong according to the doctor, by step, of each run of which it says anything.
fn alarms(trials: Vec<(String, Trial)>) -> Vec<(String, Vec<(u64, &'static str)>)> {
    let alarms = all(trials, |(name, trial)| {
        let alarms = said(trial).into_iter().filter_map(|(step, said)| Some((step, said?)));
        let alarms = alarms.filter(|(_, said)| said.gravity.is_alarm()).map(|(step, said)| (step, said.rule)).collect::<Vec<_>>();
        (!alarms.is_empty()).then_some((name, alarms))
    });
    alarms.into_iter().flatten().collect()
}

#[test]
fn of_runs_that_do_well_nothing_bad_is_said() {
    let alarms = alarms(healthy().into_iter().map(|(name, trial)| (name.to_owned(), trial)).collect());
    assert!(alarms.is_empty(), "{alarms:#?}");
}

/// `PRESETS`, `SEEDS` and `STEPS` say which, unless they are the usual ones.
#[test]
#[ignore = "takes many minutes"]
fn of_longer_runs_of_presets_nothing_bad_is_said() {
    let number = |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let names = std::env::var("PRESETS").unwrap_or_else(|_| "points,grey28,ring8,grid25,digits".to_owned());
    let runs = names.split(',').flat_map(|name| (1..=number("SEEDS", 4)).map(move |seed| (name, seed)));
    let trial = |(name, seed)| {
        let trial = Trial::of(name, number("STEPS", 2000)).project(|project| project.seed = seed);
        (format!("{name}, seed {seed}"), trial)
    };
    let alarms = alarms(runs.map(trial).collect());
    assert!(alarms.is_empty(), "{alarms:#?}");
}

#[test]
fn where_rates_have_fallen_to_nothing_it_is_said_with_what_to_do() {
    let mut project = crate::spec::Preset::from_name("ring8").unwrap().project();
    project.train.schedule = Schedule { decay: Decay::Cosine, steps: 1_200, ..Schedule::default() };
    let settings = Arc::new(project.train.clone());
    let after = |steps: &[u64]| -> Option<Diagnosis> {
        first(&project, &steps.iter().map(|step| Arc::new(Vitals::blank(*step, &settings))).collect(), None)
    };
    assert!(after(&[1_150, 1_200]).is_none_or(|said| said.rule != "schedule-over"), "as a run should end");
    let said = after(&[1_200, 1_250]).unwrap();
    assert_eq!((said.rule, said.gravity), ("schedule-over", Gravity::Note));
    assert!(said.sentence.contains("by step 1,200"), "{}", said.sentence);
    for remedy in &said.remedies {
        let mut after = project.clone();
        remedy.edit.clone().apply(&mut after).unwrap();
        assert!(after.train.schedule.factor(1_250) > 0.4, "{}", remedy.name);
    }
    assert_eq!(said.remedies.len(), 2);
}

#[test]
fn progress_is_told_by_what_was_measured_where_there_is_enough_of_it() {
    let (project, series) = super::relapse::tests::series([0.9; 20]);
    let improving = |quality: &[(u64, f64)]| {
        diagnose(&project, &series, Some(quality)).into_iter().find(|diagnosis| diagnosis.rule == "improving").map(|found| found.evidence)
    };
    let measured: Vec<(u64, f64)> = (1..=20).map(|time| (50 * time, 40.0 / time as f64)).collect();
    let evidence = improving(&measured).unwrap();
    assert_eq!(evidence.name, "distance between samples and data, as measured");
    assert_eq!(evidence.points, measured.iter().map(|&(step, value)| (step, value as f32)).collect::<Vec<_>>());
    assert_eq!(improving(&measured[..5]), None, "too little, and the samples themselves say nothing");
}

#[test]
fn a_run_is_at_rest_where_measured_quality_is_and_no_sooner() {
    let (project, series) = super::relapse::tests::series([0.9; 100]);
    let says = |quality: Option<&[(u64, f64)]>| diagnose(&project, &series, quality).iter().any(|said| said.rule == "converged");
    let measured = |course: fn(f64) -> f64| (1..=100).map(|time| (50 * time, course(f64::from(time as u32)))).collect::<Vec<_>>();
    assert!(says(Some(&measured(|_| 20.0))));
    // By a tenth from quarter to quarter: as pictures do that get better slowly.
    let slowly = measured(|time| 40.0 * (-time / 240.0).exp());
    assert!(!says(Some(&slowly)));
    assert_eq!(first(&project, &series, Some(&slowly)).map(|said| said.rule), Some("improving"));
    assert!(!says(None), "what samples show of the difference says too little");
    // It was measured until halfway alone.
    let (early, slowly) = (&measured(|_| 20.0)[..50], &slowly[..50]);
    assert!(!says(Some(early)) && first(&project, &series, Some(slowly)).is_none_or(|said| said.rule != "improving"));
}

#[test]
fn of_a_run_that_does_well_it_is_said_what_it_is_doing() {
    let adam = Optimiser::Adam { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 };
    let trial = Trial::of("ring8", 3000).optimisers(adam, 3e-3);
    let (project, series) = (trial.project.clone(), trial.run());
    // As if their energy distance were the measure of quality.
    let quality: Vec<_> = series.iter().map(|vitals| (vitals.step, f64::from(vitals.samples.difference.max(0.0)))).collect();
    let told = told(&project, &series, Some(&quality));
    let mut rules: Vec<&str> = told.iter().filter_map(|(_, said)| said.as_ref()).map(|said| said.rule).collect();
    assert_eq!((rules.first(), rules.last()), (Some(&"searching"), Some(&"converged")), "{rules:?}");
    rules.sort_unstable();
    rules.dedup();
    assert_eq!(rules, ["balanced", "converged", "improving", "searching"]);
}
