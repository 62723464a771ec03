//! Reading a pattern.

use super::{CODE, DecimalFormat, MARK, MONEY, MOST};
use crate::error::Result;
use crate::methods::failure;
use crate::tools::locale::Locale;

impl DecimalFormat {
    pub(super) fn pattern(pattern: &str, locale: &Locale) -> Result<DecimalFormat> {
        let mut format = DecimalFormat {
            locale: locale.clone(),
            prefix: String::new(),
            suffix: String::new(),
            negative: None,
            least_whole: 0,
            most_whole: usize::MAX,
            least_fraction: 0,
            most_fraction: MOST,
            group: 0,
            multiplier: 1,
            exponent: None,
            always_point: false,
            whole_only: false,
        };
        if pattern.is_empty() {
            format.group = 3;
            return Ok(format);
        }
        let characters: Vec<char> = pattern.chars().collect();
        let end = format.positive(&characters)?;
        if let Some(rest) = characters.get(end + 1..).filter(|rest| !rest.is_empty()) {
            let (prefix, after) = affix(rest, &mut 1)?;
            let digits = rest.iter().skip(after).take_while(|character| is_digit_sign(**character)).count();
            let behind = rest.get(after + digits..).unwrap_or_default();
            let (suffix, end) = affix(behind, &mut 1)?;
            if behind.get(end) == Some(&';') {
                return Err(failure("a malformed number pattern"));
            }
            if (prefix.as_str(), suffix.as_str()) != (format.prefix.as_str(), format.suffix.as_str()) {
                format.negative = Some((prefix, suffix));
            }
        }
        Ok(format)
    }

    /// Reads the pattern of positive numbers; returns where it ends.
    fn positive(&mut self, pattern: &[char]) -> Result<usize> {
        let malformed = || failure("a malformed number pattern");
        let mut multiplier = 1;
        let (prefix, mut at) = affix(pattern, &mut multiplier)?;
        if pattern.get(at) == Some(&';') {
            return Err(malformed());
        }
        let (mut left, mut zeros, mut right) = (0usize, 0usize, 0usize);
        let mut point: Option<usize> = None;
        let mut grouping: Option<usize> = None;
        let mut suffix = String::new();
        loop {
            while let Some(character) = pattern.get(at) {
                match character {
                    '#' => {
                        if zeros > 0 {
                            right += 1;
                        } else {
                            left += 1;
                        }
                        if let (Some(count), None) = (grouping.as_mut(), point) {
                            *count += 1;
                        }
                    }
                    '0' => {
                        if right > 0 {
                            return Err(malformed());
                        }
                        zeros += 1;
                        if let (Some(count), None) = (grouping.as_mut(), point) {
                            *count += 1;
                        }
                    }
                    ',' => grouping = Some(0),
                    '.' => {
                        if point.is_some() {
                            return Err(malformed());
                        }
                        point = Some(left + zeros + right);
                    }
                    'E' => {
                        at += 1;
                        let digits = pattern.iter().skip(at).take_while(|digit| **digit == '0').count();
                        if left + zeros < 1 || digits < 1 {
                            return Err(malformed());
                        }
                        at += digits;
                        self.exponent = Some(digits);
                        break;
                    }
                    _ => break,
                }
                at += 1;
            }
            let (text, after) = affix(pattern.get(at..).unwrap_or_default(), &mut multiplier)?;
            suffix.push_str(&text);
            at += after;
            // Digits after the suffix go on where the number stopped.
            if pattern.get(at).is_none_or(|character| *character == ';') {
                break;
            }
        }
        if zeros == 0
            && left > 0
            && let Some(point) = point
        {
            let whole = point.max(1);
            right = left.saturating_sub(whole);
            left = whole - 1;
            zeros = 1;
        }
        let total = left + zeros + right;
        let bad_point = match point {
            None => right > 0,
            Some(point) => point < left || point > left + zeros,
        };
        if bad_point || grouping == Some(0) || total > MOST {
            return Err(malformed());
        }
        let whole = point.unwrap_or(total);
        self.prefix = prefix;
        self.suffix = suffix;
        self.multiplier = multiplier;
        self.least_whole = whole - left;
        self.most_whole = if self.exponent.is_some() { whole } else { usize::MAX };
        self.most_fraction = point.map_or(0, |point| total - point);
        self.least_fraction = point.map_or(0, |point| left + zeros - point);
        self.group = grouping.unwrap_or(0);
        self.always_point = point == Some(0) || point == Some(total);
        Ok(at)
    }
}

/// Text around the digits, up to a digit sign or the `;`; returns it and where it ends.
pub(super) fn affix(pattern: &[char], multiplier: &mut i32) -> Result<(String, usize)> {
    let mut text = String::new();
    let mut quoted = false;
    let mut at = 0;
    while let Some(character) = pattern.get(at) {
        let doubled = pattern.get(at + 1) == Some(character);
        match character {
            '\'' if doubled => {
                text.push('\'');
                at += 1;
            }
            '\'' => quoted = !quoted,
            _ if quoted => text.push(*character),
            ';' => break,
            sign if is_digit_sign(*sign) => break,
            '¤' => {
                text.push(MARK);
                text.push(if doubled { CODE } else { MONEY });
                at += usize::from(doubled);
            }
            '%' | '‰' => {
                if *multiplier != 1 {
                    return Err(failure("too many percent signs in a number pattern"));
                }
                *multiplier = if *character == '%' { 100 } else { 1000 };
                text.push(MARK);
                text.push(*character);
            }
            '-' => {
                text.push(MARK);
                text.push('-');
            }
            other => text.push(*other),
        }
        at += 1;
    }
    if quoted {
        return Err(failure("a quote in a number pattern is not closed"));
    }
    Ok((text, at))
}

fn is_digit_sign(character: char) -> bool {
    matches!(character, '#' | '0' | ',' | '.')
}
