//! What a run comes down to: one line of figures.

use std::time::Duration;

use serde::Serialize;

/// The figures of one run, in the order in which they are printed.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// Requests that were answered with success.
    pub(crate) requests: usize,
    /// Connections that ended with an error; each one stops at its first.
    pub(crate) errors: usize,
    /// From the first request to the last answer.
    pub(crate) seconds: f64,
    /// `requests` by `seconds`.
    pub(crate) requests_per_second: f64,
    /// Half of the requests took no longer.
    pub(crate) p50_us: u32,
    /// 99 of 100 requests took no longer.
    pub(crate) p99_us: u32,
    /// No request took longer.
    pub(crate) max_us: u32,
}

impl Summary {
    /// `latencies_us`: one per request that was answered with success, in any order.
    pub(crate) fn new(mut latencies_us: Vec<u32>, errors: usize, time: Duration) -> Self {
        latencies_us.sort_unstable();
        let requests = latencies_us.len();
        let seconds = time.as_secs_f64();
        Self {
            requests,
            errors,
            seconds: rounded(seconds),
            requests_per_second: rounded(if seconds > 0.0 { requests as f64 / seconds } else { 0.0 }),
            p50_us: percentile(&latencies_us, 50),
            p99_us: percentile(&latencies_us, 99),
            max_us: percentile(&latencies_us, 100),
        }
    }
}

/// The nearest-rank percentile of a sorted list; 0 of an empty one.
fn percentile(sorted: &[u32], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let hundred: Vec<u32> = (1..=100).rev().collect();
        let summary = Summary::new(hundred, 0, Duration::from_secs(2));
        assert_eq!((summary.p50_us, summary.p99_us, summary.max_us), (50, 99, 100));
        assert!((summary.requests_per_second - 50.0).abs() < f64::EPSILON);
    }

    #[test]
    fn one_request_and_none_have_percentiles_too() {
        assert_eq!(percentile(&[7], 50), 7);
        assert_eq!(percentile(&[], 99), 0);
    }
}
