use std::collections::HashSet;

use super::csv::COLUMNS;
use super::*;

/// Numbers that look like noise, and the same at every call.
fn noise(index: u64) -> f32 {
    let mixed = (index.wrapping_add(1)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 29)) % 1_000_003) as f32 / 500_000.0 - 1.0
}

fn record(step: u64) -> StepRecord {
    StepRecord {
        step,
        elapsed_secs: step as f64 * 0.1 + 0.2,
        d_loss: noise(4 * step),
        g_loss: noise(4 * step + 1),
        d_real: noise(4 * step + 2),
        d_fake: noise(4 * step + 3),
        penalty: 0.0,
    }
}

fn records(count: u64) -> Vec<StepRecord> {
    (1..=count).map(record).collect()
}

fn history(records: &[StepRecord]) -> History {
    records.iter().copied().collect()
}

/// Bytes of several histories together, what they share counted once.
fn bytes(histories: &[&History]) -> usize {
    let mut seen = HashSet::new();
    let parts = |history: &&History| {
        let trees: usize = history.trees.iter().map(|tree| tree.bytes(&mut seen)).sum();
        trees + history.trees.capacity() * size_of::<Tree>() + history.tail.capacity() * size_of::<StepRecord>() + size_of::<History>()
    };
    histories.iter().map(parts).sum()
}

#[test]
fn records_come_back_as_they_were() {
    // Around the sizes at which leaves fill and trees join; with a gap where single steps were taken.
    for count in [0, 1, 255, 256, 257, 511, 512, 513, 768, 5_000] {
        let mut all = records(count);
        all.iter_mut().skip(300).for_each(|record| record.step += 7);
        let history = history(&all);
        assert_eq!(history.len(), all.len());
        assert_eq!(history.is_empty(), count == 0);
        assert_eq!(history.iter().collect::<Vec<_>>(), all);
        assert_eq!((history.first(), history.last()), (all.first().copied(), all.last().copied()));
        assert!((0..all.len()).all(|index| history.get(index) == Some(all[index])));
        assert_eq!(history.get(all.len()), None);
        for step in [0, 1, 2, 255, 256, 300, 304, 600, count, count + 20] {
            let before = |place: &Place| place.step < step;
            assert_eq!(history.partition_point(before), all.partition_point(|record| before(&record.place())), "{count}: {step}");
        }
    }
}

#[test]
fn a_clone_keeps_what_it_held_while_the_original_goes_on() {
    let all = records(3_000);
    let mut growing = History::default();
    let mut kept = Vec::new();
    for (index, record) in all.iter().enumerate() {
        if index % 131 == 0 {
            kept.push((index, growing.clone()));
        }
        growing.push(*record);
    }
    for (len, clone) in kept {
        assert_eq!(clone, history(&all[..len]));
    }
}

/// The stretch of a few records, by looking at all of them.
fn naive(records: &[StepRecord], metric: Metric) -> Option<(Sample, Sample, f64)> {
    let samples = records.iter().map(|record| Sample { step: record.step, secs: record.elapsed_secs, value: metric.of(record) });
    let finite: Vec<Sample> = samples.filter(|sample| sample.value.is_finite()).collect();
    let (mut low, mut high) = (*finite.first()?, *finite.first()?);
    for sample in &finite {
        low = if sample.value < low.value { *sample } else { low };
        high = if sample.value > high.value { *sample } else { high };
    }
    Some((low, high, finite.iter().map(|sample| f64::from(sample.value)).sum::<f64>() / finite.len() as f64))
}

#[test]
fn every_stretch_of_every_width_is_what_a_pass_over_its_records_finds() {
    let mut all = records(70_001);
    // Some that are no numbers, alone and in a row.
    all[40].g_loss = f32::NAN;
    all[1_000..1_600].iter_mut().for_each(|record| record.d_loss = f32::INFINITY);
    let history = history(&all);
    for width in (0..18).map(|power| 1_usize << power) {
        for range in [0..all.len(), 33_333..34_000, 900..1_700, 69_900..90_000, 5..6] {
            let mut start = range.start - range.start % width;
            history.stretches(range.clone(), width, |stretch| {
                let records = &all[start..(start + width).min(all.len())];
                assert_eq!((stretch.first, stretch.last), (records[0].place(), records[records.len() - 1].place()), "{width} at {start}");
                for metric in Metric::ALL {
                    let found = stretch.extent(metric).map(|extent| (extent.low, extent.high));
                    let expected = naive(records, metric);
                    assert_eq!(found, expected.map(|(low, high, _)| (low, high)), "{width} at {start}: {metric:?}");
                    if let (Some(extent), Some((.., mean))) = (stretch.extent(metric), expected) {
                        assert!((f64::from(extent.mean) - mean).abs() < 1e-5, "{width} at {start}: {} {mean}", extent.mean);
                    }
                }
                start += width;
            });
            assert!(start >= range.end.min(all.len()), "{width}: {range:?} is covered up to {start}");
        }
    }
}

#[test]
fn a_million_steps_take_less_than_28_megabytes_however_often_they_are_held() {
    let mut history = History::default();
    let mut checkpoints = Vec::new();
    for step in 1..=1_000_000 {
        history.push(record(step));
        if step % 100_000 == 77_777 {
            checkpoints.push(history.clone());
        }
    }
    let alone = bytes(&[&history]);
    assert!(alone < 28_000_000, "{alone}");
    let holders: Vec<&History> = checkpoints.iter().chain([&history]).collect();
    let together = bytes(&holders);
    // Each clone has a tail of its own, and a few pointers.
    assert!(together < alone + 11 * 20_000, "{together}");
}

#[test]
fn the_work_for_a_chart_does_not_grow_with_the_run() {
    let history = history(&records(600_000));
    for (range, width) in [(0..600_000, 1_024), (100_000..110_000, 16), (599_000..600_000, 1)] {
        let mut visited = 0;
        history.stretches(range, width, |_| visited += 1);
        assert!(visited <= 1_000, "{visited}");
    }
}

#[test]
fn the_first_value_that_is_no_number_is_remembered() {
    let mut all = records(900);
    all[600].d_real = f32::NAN;
    all[700].d_real = f32::NAN;
    let history = history(&all);
    assert_eq!(history.broken(Metric::Real), Some(all[600].place()));
    assert_eq!(history.broken(Metric::Fake), None);
}

fn csv(history: &History) -> String {
    let mut text = Vec::new();
    history.write_csv(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn failing_line(text: &[u8]) -> usize {
    match History::read_csv(&mut &text[..]) {
        Err(CsvError::Line(line)) => line,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_table_comes_back_bit_for_bit() {
    let odd = StepRecord {
        step: 7,
        elapsed_secs: 0.1 + 0.2,
        d_loss: 1.0 / 3.0,
        g_loss: -1e-30,
        d_real: 0.5,
        d_fake: f32::MIN_POSITIVE,
        penalty: 0.1,
    };
    let huge = StepRecord {
        step: u64::MAX,
        elapsed_secs: f64::MAX,
        d_loss: f32::MAX,
        g_loss: f32::MIN,
        d_real: f32::INFINITY,
        d_fake: -0.0,
        penalty: 3e-9,
    };
    let mut all = records(1_000);
    all.extend([odd, huge]);
    let history = history(&all);
    let back = History::read_csv(&mut csv(&history).as_bytes()).unwrap();
    assert_eq!(back, history);
    assert!(back.last().unwrap().d_fake.is_sign_negative());
    assert_eq!(csv(&back), csv(&history));
    assert_eq!(csv(&History::default()), format!("{COLUMNS}\n"));
}

#[test]
fn a_table_of_before_there_were_penalties_is_read() {
    let old = "step,seconds,d_loss,g_loss,d_real,d_fake\n1,0.5,1.25,0.75,0.5,0.25\n";
    let record = StepRecord { step: 1, elapsed_secs: 0.5, d_loss: 1.25, g_loss: 0.75, d_real: 0.5, d_fake: 0.25, penalty: 0.0 };
    assert_eq!(History::read_csv(&mut old.as_bytes()).unwrap(), history(&[record]));
    assert_eq!(failing_line(format!("{old}2,0,0,0,0,0,0\n").as_bytes()), 3);
}

#[test]
fn penalties_come_back_and_take_memory_where_there_are_any() {
    let mut all = records(600);
    let plain = history(&all);
    all.iter_mut().skip(300).for_each(|record| record.penalty = noise(record.step));
    let punished = history(&all);
    assert_eq!(punished.iter().collect::<Vec<_>>(), all);
    // One leaf of two holds some.
    assert_eq!(bytes(&[&punished]) - bytes(&[&plain]), 4 * 256 + 32);
}

#[test]
fn a_damaged_line_is_named() {
    assert_eq!(failing_line(format!("{COLUMNS}\n1,0,0,0,0,0,0\n2,0,zero,0,0,0,0\n").as_bytes()), 3);
    assert_eq!(failing_line(b"hello"), 1);
    assert_eq!(failing_line(b""), 1);
    assert_eq!(failing_line(format!("{COLUMNS}\n1,0,0,0,0,0,0,0\n").as_bytes()), 2);
    let mut binary = format!("{COLUMNS}\n1,0,0,0,0,0,0\n").into_bytes();
    binary.extend([0xFF; 20]);
    assert_eq!(failing_line(&binary), 3);
    // A line without an end is not read to its end.
    binary.truncate(COLUMNS.len() + 1);
    binary.extend(vec![b'1'; 1 << 20]);
    assert_eq!(failing_line(&binary), 2);
}

#[test]
fn the_beginning_of_a_run_is_as_it_was_then_and_shares_its_parts() {
    let mut all = records(5_000);
    all.iter_mut().skip(300).for_each(|record| record.step += 7);
    all[4_000].g_loss = f32::NAN;
    let whole = history(&all);
    for count in [0, 1, 255, 256, 257, 1_000, 3_840, 4_000, 4_001, 5_000] {
        let step = if count == 0 { 0 } else { all[count - 1].step };
        let until = whole.until(step);
        let wanted = history(&all[..count]);
        assert_eq!(until.len(), count);
        assert!(until.iter().zip(&all).all(|(a, b)| (a.step, a.d_loss) == (b.step, b.d_loss)));
        for metric in Metric::ALL {
            assert_eq!(until.broken(metric), wanted.broken(metric), "{count}: {metric:?}");
        }
        assert_eq!(until.trees.len(), wanted.trees.len(), "{count}: it goes on as one that never was longer");
        assert!(bytes(&[&whole, &until]) - bytes(&[&whole]) < 300 * size_of::<StepRecord>() + 1_000, "{count}");
    }
    assert_eq!(whole.until(u64::MAX).len(), 5_000);
}
