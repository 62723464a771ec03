//! Java's `DecimalFormat`: numbers by patterns such as `#,##0.00`.

mod pattern;

use num_bigint::BigInt;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};

use super::locale::Locale;
use crate::error::Result;
use crate::number::Number;
use crate::value::{Decimal, Rounding, double_text, power_of_ten};

/// A pattern, read.
pub(super) struct DecimalFormat {
    locale: Locale,
    prefix: String,
    suffix: String,
    /// The negative number's own prefix and suffix.
    negative: Option<(String, String)>,
    least_whole: usize,
    most_whole: usize,
    least_fraction: usize,
    most_fraction: usize,
    group: usize,
    multiplier: i32,
    exponent: Option<usize>,
    always_point: bool,
    /// Whether reading stops at the point.
    whole_only: bool,
}

/// More digits than this no pattern asks for.
const MOST: usize = 340;

/// An affix with its signs marked: a marked character stands for what the locale writes.
const MARK: char = '\u{1}';

/// Marked, the currency's sign and its letters.
const MONEY: char = '¤';
const CODE: char = '\u{2}';

impl DecimalFormat {
    /// The format of a style (`number`, `currency`, …) or of a pattern.
    pub(super) fn new(format: &str, locale: &Locale) -> Result<DecimalFormat> {
        let data = locale.data();
        match format.to_ascii_lowercase().as_str() {
            "default" | "number" => DecimalFormat::pattern("#,##0.###", locale),
            "currency" => DecimalFormat::pattern(data.currency, locale),
            "percent" => DecimalFormat::pattern(data.percent, locale),
            "integer" => {
                let format = DecimalFormat::pattern("#,##0", locale)?;
                Ok(DecimalFormat { whole_only: true, ..format })
            }
            _ => DecimalFormat::pattern(format, locale),
        }
    }

    /// A number as text.
    pub(super) fn format(&self, number: &Number) -> String {
        let double = match number {
            Number::Float(value) => Some(f64::from(*value)),
            Number::Double(value) => Some(*value),
            _ => None,
        };
        let (exact, negative) = match double {
            Some(value) if value.is_nan() => return "NaN".to_owned(),
            Some(value) => {
                let negative = value.is_sign_negative();
                match self.digits_of(value * f64::from(self.multiplier)) {
                    Some(exact) => (exact, negative),
                    None => return self.dress("∞", negative),
                }
            }
            None => {
                let exact = number.to_decimal().unwrap_or_else(|| Decimal::from(0));
                let exact = exact.multiply(&Decimal::from(i64::from(self.multiplier)));
                let negative = exact.unscaled().is_negative();
                (exact, negative)
            }
        };
        let exact = Decimal::new(exact.unscaled().abs(), exact.scale());
        let digits = match self.exponent {
            Some(least) => self.scientific(&exact, least),
            None => self.plain(&exact),
        };
        self.dress(&digits, negative)
    }

    /// A double's digits as it prints, where all of them have a place; else its exact value, for rounding.
    fn digits_of(&self, value: f64) -> Option<Decimal> {
        let exact = Decimal::exact(value)?;
        let printed = Decimal::parse(&double_text(value))?;
        let fits = match self.exponent {
            None => usize::try_from(printed.scale()).map_or(true, |scale| scale <= self.most_fraction),
            Some(_) => {
                let digits = printed.unscaled().magnitude().to_string();
                digits.trim_end_matches('0').len() <= self.most_whole.saturating_add(self.most_fraction)
            }
        };
        // Of a number such as 5.0E-4 the reference sees two digits, and does not take its half for a tie.
        if !fits && value.abs() < 1e-3 && printed.unscaled().magnitude().to_string().trim_end_matches('0') == "5" {
            return Some(printed.multiply(&Decimal::new(BigInt::from(9), 1)));
        }
        Some(if fits { printed } else { exact })
    }

    /// The signs of the point and between groups: amounts of money may have their own.
    fn separators(&self) -> (char, char) {
        let data = self.locale.data();
        let money = [&self.prefix, &self.suffix].into_iter().any(|affix| affix.contains([MONEY, CODE]));
        if money { data.money } else { (data.decimal, data.grouping) }
    }

    fn dress(&self, digits: &str, negative: bool) -> String {
        let (prefix, suffix) = match (&self.negative, negative) {
            (Some((prefix, suffix)), true) => (self.shown(prefix), self.shown(suffix)),
            (None, true) => (format!("-{}", self.shown(&self.prefix)), self.shown(&self.suffix)),
            _ => (self.shown(&self.prefix), self.shown(&self.suffix)),
        };
        format!("{prefix}{digits}{suffix}")
    }

    fn shown(&self, affix: &str) -> String {
        let mut text = String::new();
        let mut rest = affix.chars();
        while let Some(character) = rest.next() {
            if character != MARK {
                text.push(character);
                continue;
            }
            match rest.next() {
                Some(MONEY) => text.push_str(self.locale.currency()),
                Some(CODE) => text.push_str(self.locale.currency_code()),
                Some(sign) => text.push(sign),
                None => {}
            }
        }
        text
    }

    fn plain(&self, exact: &Decimal) -> String {
        let scale = i32::try_from(self.most_fraction).unwrap_or(i32::MAX);
        let rounded = if exact.scale() > scale { exact.with_scale(scale, Rounding::HalfEven) } else { exact.clone() };
        let text = rounded.plain();
        let (whole, fraction) = text.split_once('.').unwrap_or((text.as_str(), ""));
        let whole = whole.trim_start_matches('0');
        let mut fraction = fraction.trim_end_matches('0').to_owned();
        while fraction.len() < self.least_fraction {
            fraction.push('0');
        }
        let mut digits = format!("{whole:0>width$}", width = self.least_whole);
        if digits.is_empty() && fraction.is_empty() {
            digits.push('0');
        }
        let mut shown = String::with_capacity(digits.len() * 2);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && self.group > 0 && (digits.len() - at).is_multiple_of(self.group) {
                shown.push(self.separators().1);
            }
            shown.push(digit);
        }
        if !fraction.is_empty() || self.always_point {
            shown.push(self.separators().0);
        }
        shown.push_str(&fraction);
        shown
    }

    fn scientific(&self, exact: &Decimal, least: usize) -> String {
        let significant = self.most_whole.saturating_add(self.most_fraction);
        let mut digits = exact.unscaled().to_string();
        // The number is 0.ddd · 10^place.
        let mut place = i32::try_from(digits.len()).unwrap_or(0) - exact.scale();
        if exact.is_zero() {
            digits.clear();
            place = 0;
        } else if digits.len() > significant && significant > 0 {
            let drop = u32::try_from(digits.len() - significant).unwrap_or(0);
            let cut = Decimal::new(exact.unscaled().clone(), i32::try_from(drop).unwrap_or(0));
            let kept = cut.with_scale(0, Rounding::HalfEven).unscaled().clone();
            if kept >= power_of_ten(u32::try_from(significant).unwrap_or(0)) {
                place += 1;
            }
            digits = kept.to_string();
            digits.truncate(significant);
        }
        let digits = digits.trim_end_matches('0');
        let repeat = i32::try_from(self.most_whole).unwrap_or(i32::MAX);
        let mut least_whole = i32::try_from(self.least_whole).unwrap_or(0);
        let mut exponent = place;
        if repeat > 1 && self.most_whole > self.least_whole {
            exponent =
                if exponent >= 1 { (exponent - 1) / repeat * repeat } else { (exponent - repeat) / repeat * repeat };
            least_whole = 1;
        } else {
            exponent -= least_whole;
        }
        let whole = if digits.is_empty() { least_whole } else { place - exponent };
        let needed = self.least_whole + self.least_fraction;
        let whole = usize::try_from(whole.max(0)).unwrap_or(0);
        let total = digits.len().max(needed).max(whole);
        let mut shown = String::new();
        let mut rest = digits.chars();
        for at in 0..total {
            if at == whole {
                shown.push(self.separators().0);
            }
            shown.push(rest.next().unwrap_or('0'));
        }
        if self.always_point && total == whole {
            shown.push(self.separators().0);
        }
        let exponent = if digits.is_empty() { 0 } else { exponent };
        shown.push_str(self.locale.data().exponent);
        if exponent < 0 {
            shown.push('-');
        }
        shown.push_str(&format!("{:0>least$}", exponent.unsigned_abs()));
        shown
    }

    /// The number a text begins with; what follows its suffix is ignored.
    pub(super) fn parse(&self, text: &str) -> Option<Number> {
        let positive = (self.shown(&self.prefix), self.shown(&self.suffix));
        let negative = match &self.negative {
            Some((prefix, suffix)) => (self.shown(prefix), self.shown(suffix)),
            None => (format!("-{}", positive.0), positive.1.clone()),
        };
        let mut could_be_positive = text.starts_with(&positive.0);
        let mut could_be_negative = text.starts_with(&negative.0);
        if could_be_positive && could_be_negative {
            could_be_positive = positive.0.len() >= negative.0.len();
            could_be_negative = negative.0.len() >= positive.0.len();
        }
        let start = if could_be_positive {
            positive.0.len()
        } else if could_be_negative {
            negative.0.len()
        } else {
            return None;
        };
        let (digits, end) = self.digits(text.get(start..)?)?;
        let rest = text.get(start + end..)?;
        let is_positive = could_be_positive && rest.starts_with(&positive.1);
        let is_negative = could_be_negative && rest.starts_with(&negative.1);
        let negative = match (is_positive, is_negative) {
            (true, false) => false,
            (false, true) => true,
            _ => return None,
        };
        if digits == "∞" {
            return Some(Number::Double(if negative { f64::NEG_INFINITY } else { f64::INFINITY }));
        }
        let decimal = Decimal::parse(&digits)?;
        if self.multiplier == 1
            && let Some(whole) = whole(&decimal)
            && !(negative && whole == 0)
        {
            return Some(Number::Long(if negative { -whole } else { whole }));
        }
        let double = digits.parse::<f64>().ok()? / f64::from(self.multiplier);
        let double = if negative { -double } else { double };
        if self.multiplier != 1 && double == (double as i64) as f64 && !(double == 0.0 && negative) {
            return Some(Number::Long(double as i64));
        }
        Some(Number::Double(double))
    }

    /// Digits, a point, an exponent; and where they end.
    fn digits(&self, text: &str) -> Option<(String, usize)> {
        if text.starts_with('∞') {
            return Some(("∞".to_owned(), '∞'.len_utf8()));
        }
        let data = self.locale.data();
        let (decimal, grouping) = self.separators();
        let mut digits = String::new();
        let (mut seen_digit, mut seen_point) = (false, false);
        let mut end = 0;
        let mut rest = text.char_indices().peekable();
        while let Some((at, character)) = rest.next() {
            if character.is_ascii_digit() {
                seen_digit = true;
                digits.push(character);
            } else if character == decimal && !seen_point && !self.whole_only {
                seen_point = true;
                digits.push('.');
            } else if character == grouping && !seen_point && self.group > 0 {
                if !rest.peek().is_some_and(|(_, next)| next.is_ascii_digit() || *next == grouping) {
                    break;
                }
                continue;
            } else if seen_digit && text.get(at..)?.starts_with(data.exponent) {
                let tail = text.get(at + data.exponent.len()..)?;
                let (sign, tail) = tail.strip_prefix('-').map_or(("", tail), |tail| ("-", tail));
                let count = tail.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(tail.len());
                if count > 0 {
                    digits.push_str(&format!("e{sign}{}", tail.get(..count)?));
                    end = at + data.exponent.len() + sign.len() + count;
                }
                break;
            } else {
                break;
            }
            end = at + character.len_utf8();
        }
        seen_digit.then_some((digits, end))
    }
}

/// A decimal without a fraction that fits a `long`.
fn whole(decimal: &Decimal) -> Option<i64> {
    let whole = decimal.to_bigint();
    let same = Decimal::from(whole.clone()).subtract(decimal).unscaled().is_zero();
    if same { whole.to_i64() } else { None }
}
