//! The way out of messages: the words and the link by which people leave.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use super::catalogue::Slug;
use super::change::Change;
use super::message::{Parts, line_of};
use super::visible::visible;

/// Reports parts from which the way out is gone: people read one of the parts, not all of them.
pub(super) fn compare(
    address: &str,
    title: &str,
    before: &BTreeMap<&str, Parts<'_>>,
    after: &BTreeMap<&str, Parts<'_>>,
    changes: &mut Vec<Change>,
) {
    for (channel, parts) in before {
        let Some(parts_now) = after.get(channel) else { continue };
        for (word, template) in parts {
            let Some(was) = WayOut::of(word, &template.source) else { continue };
            let change = Change::new(Slug::UnsubscribeRemoved, format!("{address}.{channel}.{word}"), title)
                .value(format!("{channel} {word}"))
                .before(was.shown);
            let now = parts_now.get(word).map(|new| WayOut::of(word, &new.source));
            changes.extend(match now {
                // A part that went altogether takes the way out with it, if no other part has one.
                None if parts_now.iter().any(|(word, it)| WayOut::of(word, &it.source).is_some()) => None,
                None | Some(None) => {
                    let mut change = change.line(Some(was.line));
                    // It is shown where it stood.
                    change.gone = true;
                    Some(change)
                }
                Some(Some(now)) => was.lost(&now).map(|lost| change.after(now.shown).line(Some(now.line)).detail(lost)),
            });
        }
    }
}

/// Who has something that stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Nobody,
    Some,
    All,
}

/// The way out of a text, in the languages that our users write.
#[derive(Debug)]
struct WayOut<'t> {
    /// Its line, from 1.
    line: usize,
    /// What stands in that line.
    shown: &'t str,
    /// Who has it.
    reach: Reach,
    /// Whether a link, an address or data stands by the words.
    leads: bool,
}

impl WayOut<'_> {
    fn of<'t>(part: &str, text: &'t str) -> Option<WayOut<'t>> {
        let read = visible(part, text);
        let (marks, stops) = stops(marks(&read));
        let reach = |words: &[Range<usize>]| Blocks { text: &read, words, marks: &marks }.whole();
        let words = words()?.find_iter(&read).map(|found| found.range());
        let words: Vec<_> = words.take_while(|word| stops.certain.is_none_or(|place| word.start < place)).collect();
        let first = words.first()?;
        // Behind a way that stops stands what only those have who did not take it.
        let before = stops.possible.map_or(words.len(), |place| words.partition_point(|word| word.start < place));
        let reach = match reach(words.get(..before)?) {
            Reach::All => Reach::All,
            _ if before < words.len() => reach(&words).min(Reach::Some),
            reach => reach,
        };
        let line = line_of(text, first.start);
        let shown = text.lines().nth(line - 1).unwrap_or_default().trim();
        let leads = words.iter().any(|word| leads(&read, word));
        (reach > Reach::Nobody).then_some(WayOut { line, shown, reach, leads })
    }

    /// What of it another one lacks.
    fn lost(&self, now: &WayOut<'_>) -> Option<&'static str> {
        if self.reach > now.reach {
            return Some("only some have it now: it stands where the template decides who reads it");
        }
        (self.leads && !now.leads).then_some("the words are there, but no link and no address by them")
    }
}

fn words() -> Option<&'static Regex> {
    static WORDS: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = r"(?i)unsubscribe|opt[\s-]out|reply\s+stop|відпис|відмовитись|abmelden|abbestellen|désabonner|désinscri|darse\s+de\s+baja|wypisz";
    WORDS.get_or_init(|| Regex::new(pattern).ok()).as_ref()
}

/// How far from the words a link is by them, in bytes.
const NEAR: usize = 120;

/// Whether something that leads anywhere stands by words.
fn leads(text: &str, word: &Range<usize>) -> bool {
    static LEADS: OnceLock<Option<Regex>> = OnceLock::new();
    // A link, a way to write, data such as `$contact.leave_url`, or a word that is sent back.
    let pattern =
        LEADS.get_or_init(|| Regex::new(r"(?i)href|https?:|www\.|mailto:|\w@\w|\$[!{]*[a-z]|(?:^|[^#{])stop").ok());
    let start = (0..=word.start.saturating_sub(NEAR)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let end = (word.end.saturating_add(NEAR)..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let near = text.get(start..end).unwrap_or(text);
    pattern.as_ref().is_none_or(|pattern| pattern.is_match(near))
}

/// What begins, parts or ends a block of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// `#if` or `#elseif`, with its condition where that is written out.
    If(Option<bool>),
    ElseIf(Option<bool>),
    Else,
    Foreach,
    /// A block that is written where it is called, if it is anywhere.
    Named(bool),
    End,
    /// `#stop`: nothing behind it is written.
    Stop,
}

/// All marks of a text with their places.
fn marks(text: &str) -> Vec<(Range<usize>, Mark)> {
    static MARKS: OnceLock<Option<Regex>> = OnceLock::new();
    // What is escaped, or not read as a template, is passed over.
    let pattern = r"(?s)\\+#|#\[\[.*?\]\]#|#\{?(?<word>if|elseif|else|foreach|macro|define|end|stop)\b\}?|#@\w+";
    let pattern = MARKS.get_or_init(|| Regex::new(pattern).ok());
    let found = pattern.iter().flat_map(|pattern| pattern.captures_iter(text));
    let mark = |captures: regex::Captures<'_>| {
        let whole = captures.get(0)?;
        let condition = || {
            let inner = text.get(whole.end()..)?.trim_start().strip_prefix('(')?.split_once(')')?.0.trim();
            inner.parse::<bool>().ok()
        };
        let mark = match captures.name("word").map(|word| word.as_str()) {
            Some("if") => Mark::If(condition()),
            Some("elseif") => Mark::ElseIf(condition()),
            Some("else") => Mark::Else,
            Some("foreach") => Mark::Foreach,
            Some("end") => Mark::End,
            Some("stop") => Mark::Stop,
            Some(kind) => Mark::Named(is_called(text, kind, text.get(whole.end()..)?)),
            None if whole.as_str().starts_with("#@") => Mark::Named(true),
            None => return None,
        };
        Some((whole.range(), mark))
    };
    found.filter_map(mark).collect()
}

/// Where a template stops before its end.
#[derive(Default)]
struct Stops {
    certain: Option<usize>,
    possible: Option<usize>,
}

/// The marks of the blocks, and where the template stops.
fn stops(marks: Vec<(Range<usize>, Mark)>) -> (Vec<(Range<usize>, Mark)>, Stops) {
    let (mut blocks, mut stops, mut depth) = (Vec::with_capacity(marks.len()), Stops::default(), 0_usize);
    for (place, mark) in marks {
        match mark {
            Mark::Stop if depth == 0 => {
                stops.certain = Some(place.start);
                break;
            }
            Mark::Stop => {
                stops.possible.get_or_insert(place.start);
                continue;
            }
            Mark::If(_) | Mark::Foreach | Mark::Named(_) => depth += 1,
            Mark::End => depth = depth.saturating_sub(1),
            Mark::ElseIf(_) | Mark::Else => {}
        }
        blocks.push((place, mark));
    }
    (blocks, stops)
}

/// Whether a macro, or what a `#define` gives a name to, is asked for anywhere.
fn is_called(text: &str, kind: &str, behind: &str) -> bool {
    let name = behind.trim_start().strip_prefix('(').unwrap_or(behind).trim_start().trim_start_matches('$');
    let name = name.split(|it: char| !(it.is_alphanumeric() || matches!(it, '_' | '-'))).next().unwrap_or_default();
    let signs: &[&str] = if kind == "macro" { &["#", "#{", "#@", "#@{"] } else { &["$", "$!", "${", "$!{"] };
    let declared = text.len() - behind.len();
    let stands_at = |at: usize, sign: &str| {
        let end = text.get(at + sign.len() + name.len()..).and_then(|rest| rest.chars().next());
        let whole = end.is_none_or(|it| !(it.is_alphanumeric() || matches!(it, '_' | '-')));
        // The name in its own declaration is no call.
        whole && !(declared..declared + behind.find(name).unwrap_or(0) + name.len()).contains(&at)
    };
    name.is_empty()
        || signs.iter().any(|sign| text.match_indices(&format!("{sign}{name}")).any(|(at, _)| stands_at(at, sign)))
}

struct Blocks<'t> {
    text: &'t str,
    words: &'t [Range<usize>],
    marks: &'t [(Range<usize>, Mark)],
}

impl Blocks<'_> {
    /// Who has the words of the text.
    fn whole(&self) -> Reach {
        let (mut reach, mut from, mut next) = (Reach::Nobody, 0, 0);
        loop {
            reach = reach.max(self.block(from, &mut next));
            // What ends a block that was never begun.
            let Some((range, _)) = self.marks.get(next) else { return reach };
            (from, next) = (range.end, next + 1);
        }
    }

    /// Who has the words of a block, from its beginning to the mark that parts or ends it.
    fn block(&self, mut from: usize, next: &mut usize) -> Reach {
        let mut reach = Reach::Nobody;
        loop {
            let (to, mark) = match self.marks.get(*next) {
                Some((range, mark)) => (range.start, Some((range.end, *mark))),
                None => (self.text.len(), None),
            };
            if self.words.iter().any(|word| (from..to).contains(&word.start)) {
                reach = Reach::All;
            }
            let Some((behind, mark)) = mark else { return reach };
            if matches!(mark, Mark::ElseIf(_) | Mark::Else | Mark::End) {
                return reach;
            }
            *next += 1;
            reach = reach.max(self.opened(mark, behind, next));
            from = self.marks.get(next.saturating_sub(1)).map_or(self.text.len(), |(range, _)| range.end);
        }
    }

    /// The same for what a mark has opened, with its other ways; `next` is behind its end then.
    fn opened(&self, mark: Mark, from: usize, next: &mut usize) -> Reach {
        // A loop may have nothing to go through.
        let mut condition = match mark {
            Mark::If(condition) => condition,
            Mark::Foreach => None,
            Mark::Named(is_called) => Some(is_called),
            _ => Some(true),
        };
        let (mut from, mut ways, mut decided) = (from, Vec::new(), false);
        loop {
            let reach = self.block(from, next);
            if !decided && condition != Some(false) {
                ways.push(reach);
            }
            decided |= condition == Some(true);
            let parted = self.marks.get(*next);
            *next += 1;
            match parted {
                Some((range, Mark::ElseIf(other))) => (from, condition) = (range.end, *other),
                Some((range, Mark::Else)) => (from, condition) = (range.end, Some(true)),
                _ => break,
            }
        }
        let least = ways.iter().min().copied().unwrap_or(Reach::Nobody);
        let most = ways.iter().max().copied().unwrap_or(Reach::Nobody);
        match () {
            () if decided && least == Reach::All => Reach::All,
            () if most > Reach::Nobody => Reach::Some,
            () => Reach::Nobody,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reach, WayOut};

    #[test]
    fn who_has_the_way_out() {
        let cases = [
            ("Unsubscribe: $url", Some((Reach::All, true))),
            ("No way", None),
            ("#if(false) unsubscribe #end", None),
            ("#if( true ) unsubscribe #else none #end", Some((Reach::All, false))),
            ("#if(false) none #{else} unsubscribe #end", Some((Reach::All, false))),
            ("#if($a) unsubscribe #end", Some((Reach::Some, true))),
            ("#if($a) unsubscribe #else opt out #end", Some((Reach::All, true))),
            ("#if($a) unsubscribe #elseif($b) none #else opt out #end", Some((Reach::Some, true))),
            (
                "#if($a) unsubscribe #elseif($b) opt-out #else #if($c) abmelden #else wypisz #end #end",
                Some((Reach::All, true)),
            ),
            ("#foreach($a in $b) unsubscribe #end", Some((Reach::Some, true))),
            ("#foreach($a in $b) x #end Reply STOP", Some((Reach::All, true))),
            ("#macro(foot) unsubscribe #end #foot()", Some((Reach::All, false))),
            ("#macro( foot $a ) unsubscribe #end #{foot}('x')", Some((Reach::All, true))),
            ("#macro(foot) unsubscribe #end #footer()", None),
            ("#macro(foot) unsubscribe #end", None),
            ("#define($foot) unsubscribe #end $!{foot}", Some((Reach::All, true))),
            ("#define($foot) unsubscribe #end $feet", None),
            ("#stop unsubscribe", None),
            ("unsubscribe #stop", Some((Reach::All, false))),
            ("#if($a) #stop #end unsubscribe", Some((Reach::Some, true))),
            ("unsubscribe #if($a) #stop #end unsubscribe", Some((Reach::All, true))),
            ("#@box() unsubscribe #end", Some((Reach::All, false))),
            ("#[[#if]]# unsubscribe", Some((Reach::All, false))),
            ("\\#if($a) unsubscribe", Some((Reach::All, true))),
            ("#* unsubscribe *#", None),
            ("#if($a) #if($b) x #end #end ВІДПИСАТИСЬ", Some((Reach::All, true))),
            ("#end unsubscribe", Some((Reach::All, false))),
            ("#if($a unsubscribe", Some((Reach::Some, true))),
        ];
        for (text, expected) in cases {
            let found = WayOut::of("html", text).map(|it| (it.reach, it.leads));
            assert_eq!(found, expected, "{text}");
        }
    }
}
