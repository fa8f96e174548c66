//! How many rows a batch has, and how long the rest after it is: as little as others allow.
//!
//! A batch that takes too long is followed by one with fewer rows. The rest is a share of what the batch took: little while
//! nothing speaks of others who wait, and twice as much each time when rows were locked or took much longer than those before.

use std::time::Duration;

use super::settings::Retention;

/// Fewest rows in a batch.
const ROWS_MIN: u32 = 50;
/// The rest while all is calm, in thousandths of what the batch took.
const CALM: u32 = 30;
/// The longest, likewise.
const LONGEST: u32 = 500;
/// So many times as long as usual a row takes where somebody else is in the way.
const SLOW: f64 = 3.0;
/// What a batch counts for in what is usual.
const WEIGHT: f64 = 0.125;

/// How it goes.
pub(super) struct Pace {
    rows: u32,
    share: u32,
    /// How long a row takes, seconds; none before the first.
    usual: Option<f64>,
}

impl Pace {
    pub(super) fn new(settings: &Retention) -> Self {
        Self {
            rows: settings.batch_rows.max(ROWS_MIN),
            share: CALM,
            usual: None,
        }
    }

    /// Rows of the next batch.
    pub(super) fn rows(&self) -> u32 {
        self.rows
    }

    /// Takes note of a batch, and says how long to rest. `gone`: rows of it that went; `locked`: whether some were locked by others.
    pub(super) fn after(&mut self, gone: u64, took: Duration, locked: bool, settings: &Retention) -> Duration {
        self.rows = self.next_rows(took, settings);
        self.share = match locked || self.is_slow(gone, took) {
            true => (self.share * 2).min(LONGEST),
            false => (self.share / 2).max(CALM),
        };
        let rest = took * self.share / 1_000;
        rest.min(Duration::from_millis(settings.pause_ms.into()))
    }

    /// Half as many rows when the last ones took too long, more when they took little.
    fn next_rows(&self, took: Duration, settings: &Retention) -> u32 {
        let may = Duration::from_millis(settings.batch_ms.into());
        if took > may {
            (self.rows / 2).max(ROWS_MIN)
        } else if took * 2 < may {
            (self.rows + self.rows / 2).min(settings.batch_rows.max(ROWS_MIN))
        } else {
            self.rows
        }
    }

    /// Whether the rows took much longer than usual.
    #[expect(clippy::cast_precision_loss, reason = "rows of one batch")]
    fn is_slow(&mut self, gone: u64, took: Duration) -> bool {
        let each = took.as_secs_f64() / gone.max(1) as f64;
        let usual = self.usual.unwrap_or(each);
        self.usual = Some(usual + (each - usual) * WEIGHT);
        each > usual * SLOW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rests after batches of 1,000 rows: how long each took, milliseconds, and whether rows were locked.
    fn rests(batches: &[(u64, bool)]) -> Vec<u128> {
        let settings = Retention::default();
        let mut pace = Pace::new(&settings);
        let mut rest = |(ms, locked): &(u64, bool)| {
            let rest = pace.after(1_000, Duration::from_millis(*ms), *locked, &settings);
            rest.as_millis()
        };
        batches.iter().map(&mut rest).collect()
    }

    #[test]
    fn the_rest_is_a_small_share_while_nobody_is_in_the_way() {
        assert_eq!(rests(&[(100, false), (100, false), (200, false)]), [3, 3, 6]);
    }

    #[test]
    fn locks_and_slow_rows_make_it_longer_and_calm_shorter_again() {
        let locked = (100, true);
        assert_eq!(rests(&[locked; 6]), [6, 12, 24, 48, 50, 50]);
        let told = rests(&[(100, false), (400, false), (100, false), (100, false)]);
        assert_eq!(told, [3, 24, 3, 3], "one batch was slow");
    }

    #[test]
    fn what_is_slow_for_long_is_usual() {
        let mut batches = vec![(50, false)];
        batches.extend([(200, false); 12]);
        assert_eq!(rests(&batches).last(), Some(&6));
    }

    #[test]
    fn no_rest_is_longer_than_the_settings_say() {
        assert_eq!(rests(&[(2_000, true); 5]).last(), Some(&200));
    }
}
