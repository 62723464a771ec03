//! How long something takes, as a histogram.

use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;

/// How long something takes. Copies count together.
#[derive(Clone, Debug)]
pub struct Timing(Histogram);

impl Timing {
    /// For commits: from 50 microseconds to 5 seconds.
    pub fn commits() -> Timing {
        Timing(Histogram::new([
            50e-6, 100e-6, 200e-6, 400e-6, 800e-6, 1.6e-3, 3.2e-3, 6.4e-3, 12.8e-3, 25e-3, 50e-3, 0.1, 0.25, 1.0, 5.0,
        ]))
    }

    /// For calls: from a millisecond to a minute.
    pub fn calls() -> Timing {
        Timing(Histogram::new([
            1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
        ]))
    }

    /// Notes one.
    pub fn observe(&self, took: Duration) {
        self.0.observe(took.as_secs_f64());
    }

    pub(super) fn histogram(&self) -> Histogram {
        self.0.clone()
    }
}
