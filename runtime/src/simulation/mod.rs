//! The simulation: the engine, the machine and the store as they are, on a clock of its own, with a network and a disk that do
//! what a seed says. Daemons are cut off in the middle and started again on what was committed; callers send again what was
//! not answered; the clock is set, the project changes. All that must hold then is in [`check`].
//!
//! A seed that fails is printed, and `WF_SIM_SEED` runs it again, event for event; `WF_SIM_SEEDS` says how many are tried.

mod check;
mod network;
mod plant;
mod random;
mod scheduler;
mod story;
mod world;

pub use scheduler::Scheduler;

use plant::Plant;
use world::simulate;

/// So many seeds are tried where nobody says how many.
const SEEDS: u64 = 20;

/// So many seeds are tried at most to find a defect.
const SEEDS_FOR_A_DEFECT: u64 = 200;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

#[test]
fn whatever_happens_all_is_kept_and_done() {
    let seeds = match number("WF_SIM_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("WF_SIM_SEEDS").unwrap_or(SEEDS),
    };
    let (mut failed, mut crashes) = (vec![], 0);
    for seed in seeds.clone() {
        let outcome = simulate(seed, None);
        crashes += outcome.crashes;
        if !outcome.wrong.is_empty() {
            failed.push(format!("WF_SIM_SEED={seed}: {}", outcome.wrong.join("\n    ")));
        }
    }
    assert!(failed.is_empty(), "{} of {seeds:?} fail:\n{}", failed.len(), failed.join("\n"));
    assert!(seeds.count() < 10 || crashes > 0, "no daemon was ever cut off");
}

#[test]
fn a_seed_replays() {
    for seed in 0..5 {
        assert_eq!(simulate(seed, None).trace, simulate(seed, None).trace, "seed {seed}");
    }
}

/// What a simulation is worth is what it finds.
#[test]
fn each_planted_defect_is_found() {
    let missed: Vec<Plant> = Plant::ALL
        .into_iter()
        .filter(|plant| (0..SEEDS_FOR_A_DEFECT).all(|seed| simulate(seed, Some(*plant)).wrong.is_empty()))
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}
