//! The hours of a message: at which of them it goes out now and did not before.

use crate::ir::{Expression, Literal, Window};

const MINUTES: usize = 24 * 60;

/// The hours that a window has and another one had not, in words; nothing if there are none, or if they are computed.
pub(super) fn opened(old: &Window, new: &Window) -> Option<String> {
    let (old, new) = (open(old)?, open(new)?);
    let newly: Vec<bool> = old.iter().zip(&new).map(|(was, is)| *is && !*was).collect();
    if newly.iter().all(|newly| *newly) {
        return Some("all day".to_owned());
    }
    // It begins where the minute before is none, also over midnight.
    let begins = |minute: usize| {
        let before = (minute + MINUTES - 1) % MINUTES;
        newly.get(minute) == Some(&true) && newly.get(before) == Some(&false)
    };
    let ranges: Vec<String> = (0..MINUTES)
        .filter(|minute| begins(*minute))
        .map(|first| {
            let length = (0..MINUTES).take_while(|next| newly.get((first + next) % MINUTES) == Some(&true)).count();
            format!("{} to {}", clock(first), clock((first + length) % MINUTES))
        })
        .collect();
    (!ranges.is_empty()).then(|| ranges.join(", "))
}

fn clock(minute: usize) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Which minutes of the day a window holds: its start, not its end, also over midnight.
fn open(window: &Window) -> Option<Vec<bool>> {
    let (from, to) = (minute(&window.from)?, minute(&window.to)?);
    let inside = |minute: usize| if from < to { (from..to).contains(&minute) } else { minute >= from || minute < to };
    Some((0..MINUTES).map(inside).collect())
}

fn minute(time: &Expression) -> Option<usize> {
    let Expression::Literal(Literal::Time(time)) = time else { return None };
    let minutes = i32::from(time.hour()) * 60 + i32::from(time.minute());
    usize::try_from(minutes).ok()
}
