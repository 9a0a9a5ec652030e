//! What the program works with that several settings say together, or in other units.

use std::{path::PathBuf, time::Duration};

use activities::{BreakerSettings, measure::SeatPrices};

use super::Settings;
use crate::dev::services;

impl Settings {
    /// How long a rejected token is left before its second probe.
    pub fn confirm_after(&self) -> Duration {
        Duration::from_secs(self.confirm_after_seconds)
    }

    /// When many teams that fail alike are held together.
    pub fn breaker(&self) -> BreakerSettings {
        BreakerSettings {
            teams: self.breaker_teams,
            window: Duration::from_secs(self.breaker_window_seconds),
            probe_every: Duration::from_secs(self.breaker_probe_seconds),
        }
    }

    /// What a seat costs in a month.
    pub fn seat_prices(&self) -> SeatPrices {
        SeatPrices {
            business: self.price_business,
            enterprise: self.price_enterprise,
        }
    }

    /// Folder of the private services.
    pub fn dev_dir(&self) -> PathBuf {
        self.dev_dir
            .clone()
            .unwrap_or_else(|| services::default_folder(services::current_uid()))
    }
}
