//! The digits of a double, as Java up to 18 chooses them.
//!
//! They are not always the shortest that name the number: the remainder is developed digit by digit until what is left is
//! less than half the distance to the next double, and that distance is only estimated. Templates print such digits
//! wherever sums of prices are, so they are reproduced, quirks included.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

/// The digits of a finite number above zero, and the power of ten of the first one.
pub(super) fn digits(number: f64) -> (String, i32) {
    digits_within(number, ROOM)
}

/// How many bits numbers may have for arithmetic over 128 of them: ten more are needed on the way.
const ROOM: i32 = 112;

fn digits_within(number: f64, room: i32) -> (String, i32) {
    let bits = number.to_bits();
    let mut mantissa = bits & ((1 << 52) - 1);
    let mut exponent = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let significant = if exponent == 0 {
        let zeros = mantissa.leading_zeros().cast_signed();
        let shift = zeros - 11;
        mantissa <<= shift;
        exponent = 1 - shift;
        64 - zeros
    } else {
        mantissa |= 1 << 52;
        53
    };
    exponent -= 1023;
    let tail = mantissa.trailing_zeros().cast_signed();
    let kept = 53 - tail;
    // Bits to the right of the point.
    let tiny = (kept - exponent - 1).max(0);
    if (-21..=62).contains(&exponent) && tiny == 0 {
        return whole(mantissa, exponent, significant);
    }
    let number = Binary { fraction: mantissa >> tail, kept, tiny, exponent, significant };
    developed(&number, estimate(mantissa, exponent), room)
}

/// A whole number: digits below its precision are rounded away.
fn whole(mantissa: u64, exponent: i32, significant: i32) -> (String, i32) {
    let mut value = if exponent >= 52 { mantissa << (exponent - 52) } else { mantissa >> (52 - exponent) };
    let spare = if exponent > significant { exponent - significant - 1 } else { 0 };
    // How many decimal digits that many bits are worth.
    let drop = if spare > 1 { (f64::from(spare) * std::f64::consts::LOG10_2) as u32 } else { 0 };
    if drop > 0 {
        let unit = 10u64.pow(drop);
        let residue = value % unit;
        value /= unit;
        if residue >= unit / 2 {
            value += 1;
        }
    }
    let text = value.to_string();
    let power = i32::try_from(text.len()).unwrap_or(1) - 1 + drop.cast_signed();
    (text.trim_end_matches('0').to_owned(), power)
}

/// The logarithm as the estimate is defined with it: not the nearest double to the real one.
#[expect(clippy::approx_constant, reason = "the digits depend on this very number")]
const LOG10_2: f64 = 0.301_029_995_663_981;

/// The power of ten of the first digit, or one too many.
fn estimate(mantissa: u64, exponent: i32) -> i32 {
    let unit = f64::from_bits((1023 << 52) | (mantissa & ((1 << 52) - 1)));
    ((unit - 1.5) * 0.289_529_654 + 0.176_091_259 + f64::from(exponent) * LOG10_2).floor() as i32
}

/// How many bits a power of five has.
fn bits_of_five(power: i32) -> i32 {
    const BITS: [i32; 27] =
        [0, 3, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28, 31, 33, 35, 38, 40, 42, 45, 47, 49, 52, 54, 56, 59, 61];
    usize::try_from(power).ok().and_then(|power| BITS.get(power)).copied().unwrap_or(power * 3)
}

/// The bits of a double.
struct Binary {
    /// The mantissa without the zeros at its end.
    fraction: u64,
    /// How many bits that has.
    kept: i32,
    /// How many bits stand to the right of the point.
    tiny: i32,
    exponent: i32,
    /// How many bits of the mantissa count.
    significant: i32,
}

/// Digits by long division: the number is a quotient, its half distance to the next one a margin.
fn developed(number: &Binary, power: i32, room: i32) -> (String, i32) {
    let Binary { fraction, kept, tiny, exponent, significant } = *number;
    let five_up = (-power).max(0);
    let five_down = power.max(0);
    let mut two_up = five_up + tiny + exponent;
    let mut two_down = five_down + tiny;
    let mut two_margin = two_up - significant;
    two_up -= kept - 1;
    let common = two_up.min(two_down);
    two_up -= common;
    two_down -= common;
    two_margin -= common;
    if kept == 1 {
        // Below a power of two the doubles lie twice as close.
        two_margin -= 1;
    }
    if two_margin < 0 {
        two_up -= two_margin;
        two_down -= two_margin;
        two_margin = 0;
    }
    let small = kept + two_up + bits_of_five(five_up) < 64 && two_down + 1 + bits_of_five(five_down + 1) < 64;
    let bits = bits_of_five(five_up) + kept.max(two_margin - two_up) + two_up;
    let (two_up, two_down, two_margin) = (two_up.unsigned_abs(), two_down.unsigned_abs(), two_margin.unsigned_abs());
    if bits.max(bits_of_five(five_down) + two_down.cast_signed()) < room {
        let five = |power: i32| 5u128.pow(power.unsigned_abs());
        let value = (u128::from(fraction) * five(five_up)) << two_up;
        return divided(value, &(five(five_down) << two_down), five(five_up) << two_margin, small, power);
    }
    let five = |power: i32| BigInt::from(5u8).pow(power.unsigned_abs());
    let value = (BigInt::from(fraction) * five(five_up)) << two_up;
    divided(value, &(five(five_down) << two_down), five(five_up) << two_margin, small, power)
}

/// The digits of `value` / `divisor`, as many as tell it from what is `margin` away.
fn divided<N>(mut value: N, divisor: &N, mut margin: N, small: bool, mut power: i32) -> (String, i32)
where
    N: Integer + Clone + From<u8> + ToPrimitive,
{
    let ten = N::from(10);
    let ten_divisors = divisor.clone() * ten.clone();
    let mut digits = String::new();
    let step = |value: &mut N, margin: &mut N| {
        let (digit, rest) = value.div_rem(divisor);
        *value = rest * ten.clone();
        *margin = margin.clone() * ten.clone();
        let low = *value < *margin;
        let sum = value.clone() + margin.clone();
        // The two ways to count differ in how they take a tie.
        let high = if small { sum > ten_divisors } else { sum >= ten_divisors };
        (digit.to_u8().unwrap_or(0), low, high)
    };
    let (first, mut low, mut high) = step(&mut value, &mut margin);
    if first == 0 && !high {
        power -= 1;
    } else {
        digits.push(char::from(b'0' + first));
    }
    if !(-3..8).contains(&power) {
        // Java's notation with an exponent has two digits at least.
        (low, high) = (false, false);
    }
    while !low && !high {
        let digit;
        (digit, low, high) = step(&mut value, &mut margin);
        digits.push(char::from(b'0' + digit));
    }
    let odd = digits.bytes().next_back().is_some_and(|digit| digit % 2 == 1);
    let up = high
        && (!low
            || match (value * N::from(2)).cmp(&ten_divisors) {
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Equal => odd,
                std::cmp::Ordering::Less => false,
            });
    if up {
        power += round_up(&mut digits);
    }
    let trimmed = digits.trim_end_matches('0');
    (if trimmed.is_empty() { "0" } else { trimmed }.to_owned(), power)
}

/// Adds one to the last digit; 1 when that makes one digit more.
fn round_up(digits: &mut String) -> i32 {
    let nines = digits.bytes().rev().take_while(|digit| *digit == b'9').count();
    let keep = digits.len() - nines;
    digits.truncate(keep);
    match digits.pop() {
        Some(last) => {
            digits.push(char::from_digit(last.to_digit(10).unwrap_or(0) + 1, 10).unwrap_or('0'));
            0
        }
        None => {
            digits.push('1');
            1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_arithmetic_gives_the_digits_of_the_long_one() {
        let mut state: u64 = 7;
        for round in 0..20_000 {
            // A multiplier of the usual kind; what it makes need only be many different numbers.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let wide = f64::from_bits(state & !(1 << 63));
            let price = (state >> 40) as f64 / 100.0;
            let number = if round % 2 == 0 { wide } else { price };
            if number.is_finite() && number > 0.0 {
                assert_eq!(digits_within(number, ROOM), digits_within(number, 0), "{number:e}");
            }
        }
    }
}
