//! Quoted texts: `'…'` as it is, `"…"` as a template of its own.

use super::{Offsets, Parsed, Parser};
use crate::ast::{Expr, ExprKind};
use smol_str::SmolStr;

impl Parser<'_, '_> {
    /// A text in quotes.
    pub(super) fn text_literal(&mut self) -> Parsed<Expr> {
        let number = self.advance()?;
        let span = self.token_span(number);
        let image = self.image(number);
        let (_, start, _) = self.token(number);
        let double = image.starts_with('"');
        let inner = image.get(1..image.len().saturating_sub(1)).unwrap_or_default();
        let replaces = double && self.shared.settings.interpolate && image.contains(['$', '#']);
        let quote = if double { '"' } else { '\'' };
        let encoded = inner.contains(quote) || (double && inner.contains("\\u"));
        let (text, table) = if !encoded {
            (None, None)
        } else {
            let Some((text, table)) = unescape(inner, quote) else {
                return Err(self.mistake(span, "`\\u` needs four hexadecimal digits"));
            };
            (Some(text), Some(table))
        };
        let content = text.as_deref().unwrap_or(inner);
        if !replaces {
            let kind = ExprKind::String(SmolStr::new(content), image.into());
            return Ok(Expr { span, kind });
        }
        let offsets = match table {
            None => Offsets::Shift(self.offsets.of(start + 1)),
            Some(table) => {
                Offsets::Table(table.into_iter().map(|offset| self.offsets.of(start + 1 + offset)).collect())
            }
        };
        // A text inside a text was unescaped already: its bytes may not stand side by side in the source.
        let offsets = match (&self.offsets, offsets) {
            (Offsets::Table(_), Offsets::Shift(_)) => {
                Offsets::Table((0..=content.len()).map(|offset| self.offsets.of(start + 1 + offset)).collect())
            }
            (_, offsets) => offsets,
        };
        let block = self.nested(|parser| Parser::new(content, offsets, parser.shared).run())?;
        Ok(Expr { span, kind: ExprKind::Interpolated(block, image.into()) })
    }
}

/// Resolves doubled quotes and, in double quotes, `\uXXXX`. The table says where each byte of the result comes from.
fn unescape(inner: &str, quote: char) -> Option<(String, Vec<usize>)> {
    let mut decoded = Vec::with_capacity(inner.len());
    let mut rest = inner.char_indices();
    while let Some((at, character)) = rest.next() {
        let after = inner.get(at..).unwrap_or_default();
        if quote == '"' && after.starts_with("\\u") {
            let digits = after.get(2..6)?;
            if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return None;
            }
            decoded.push((at, u16::from_str_radix(digits, 16).ok()?));
            for _ in 0..5 {
                rest.next();
            }
            continue;
        }
        let mut units = [0; 2];
        decoded.extend(character.encode_utf16(&mut units).iter().map(|unit| (at, *unit)));
    }
    // Quotes are paired after the escapes are resolved.
    let mut text = String::with_capacity(inner.len());
    let mut table = Vec::with_capacity(inner.len() + 1);
    let mut units = decoded.into_iter().peekable();
    let quote_unit = quote as u32;
    while let Some((at, unit)) = units.next() {
        let low = units.peek().map(|(_, low)| *low);
        let character = match char::decode_utf16([unit, low.unwrap_or(0)]).next() {
            Some(Ok(character)) => character,
            _ => '\u{fffd}',
        };
        if character.len_utf16() == 2 {
            units.next();
        }
        if u32::from(unit) == quote_unit && low.map(u32::from) == Some(quote_unit) {
            units.next();
        }
        table.extend(std::iter::repeat_n(at, character.len_utf8()));
        text.push(character);
    }
    table.push(inner.len());
    Some((text, table))
}
