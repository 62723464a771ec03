//! The time zones that programs name.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The rules that are part of the program: the same on every machine, whatever its system has.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The time zone of an IANA name. `Etc/Unknown`, which some systems write where they know none, is none.
pub fn time_zone(name: &str) -> Option<TimeZone> {
    ZONES.get(name).ok().filter(|zone| !zone.is_unknown())
}

/// The names of all zones.
pub(crate) fn names() -> Vec<String> {
    ZONES.available().map(|zone| zone.as_str().to_owned()).collect()
}
