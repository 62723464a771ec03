//! Laws that hold for every template and all data.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use proptest::prelude::*;
use velocity::{Context, Escape, Limits, RenderOptions, Settings, Template, Value};

/// What templates are made of.
const TOKENS: &[&str] = &[
    "$",
    "$!",
    "${",
    "}",
    "(",
    ")",
    "[",
    "]",
    ".",
    "..",
    "|",
    "'",
    "\"",
    "\\",
    "#",
    "##",
    "#*",
    "*#",
    "#[[",
    "]]#",
    "#if(",
    "#if($n)",
    "#else",
    "#{else}",
    "#elseif($s)",
    "#end",
    "#set($x = ",
    "#set($x = $n + 1)",
    "#foreach($i in $l)",
    "$i",
    "$foreach.count",
    "#macro(m $a)",
    "#m($s)",
    "#@m($n)",
    "$bodyContent",
    "#define($d)",
    "$d",
    "#evaluate($s)",
    "#break",
    "#stop",
    "$s",
    "$n",
    "$l",
    "$m",
    "$m.k",
    "$l[0]",
    "$s.length()",
    "$s.substring(1, 2)",
    "$x",
    "[1..3]",
    "{'k': 1}",
    "1",
    "2.5",
    " ",
    "\n",
    "\r\n",
    "\r",
    "  ",
    "text",
    "ї",
    "🎉",
    "true",
    "&&",
    "==",
    "-",
    "*",
    ",",
    "$math.add($n, 1)",
    "$esc.html($s)",
    "$display.list($l)",
    "$date.format('yyyy', 0)",
    "$number.format('#.0', $n)",
];

fn templates() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(prop::sample::select(TOKENS), 0..14).prop_map(|tokens| tokens.concat()),
        1 => any::<String>(),
        1 => "[$#{}()\\[\\]|!.a-z\\\\'\" \n]{0,40}",
    ]
}

fn settings() -> impl Strategy<Value = Settings> {
    let gobbling = prop::sample::select(&["none", "bc", "lines", "structured"][..]);
    (gobbling, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(gobbling, strict, old, hyphens)| {
        let mut settings = if old { Settings::velocity_1_7() } else { Settings::default() };
        settings.set("parser.space_gobbling", gobbling).expect("a setting");
        settings.strict = strict;
        settings.hyphen_in_identifiers = hyphens;
        settings
    })
}

const LIMITS: Limits =
    Limits { steps: 5_000, loop_turns: 50, range_elements: 50, depth: 40, output_bytes: 4096, string_bytes: 2048 };

fn options() -> RenderOptions {
    RenderOptions { limits: LIMITS, ..RenderOptions::default() }
}

fn context() -> Context {
    [
        ("s", Value::from("Ґава <b> 🎉")),
        ("n", Value::from(5)),
        ("l", Value::list(["a", "b"])),
        ("m", Value::map([("k", "v")])),
    ]
    .into_iter()
    .collect()
}

/// What an expression prints.
fn printed(source: &str, data: &[(&str, Value)]) -> String {
    let context: Context = data.iter().map(|(name, value)| (*name, value.clone())).collect();
    let mut out = String::new();
    Template::parse("test.vm", source).expect("a template").render(&context, &mut out).expect("a text");
    out
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_template_or_a_mistake_with_a_place(source in templates(), settings in settings()) {
        match Template::parse_with("test.vm", &source, &settings) {
            Ok(template) => {
                let bindings = template.bindings();
                for reference in template.references() {
                    prop_assert!(source.get(reference.span.range()).is_some());
                    prop_assert!(reference.binding.is_none_or(|id| (id.0 as usize) < bindings.len()));
                }
            }
            Err(error) => {
                prop_assert!(source.get(error.span().range()).is_some(), "{error}: {:?}", error.span());
                prop_assert!(error.line() >= 1 && error.column() >= 1);
                prop_assert!(!error.message().is_empty());
            }
        }
    }

    #[test]
    fn renders_end_within_their_limits_and_are_alike(source in templates(), settings in settings()) {
        if let Ok(template) = Template::parse_with("test.vm", &source, &settings) {
            let render = || {
                let mut out = String::new();
                let result = template.render_with(&context(), &options(), &mut out).map_err(|error| error.to_string());
                (result, out)
            };
            let first = render();
            prop_assert!(first.1.len() <= LIMITS.output_bytes + source.len() + LIMITS.string_bytes);
            prop_assert_eq!(first, render());
        }
    }

    #[test]
    fn text_without_signs_stays(source in "[^$#\\\\]{0,60}", settings in settings()) {
        let mut out = String::new();
        let template = Template::parse_with("test.vm", &source, &settings).expect("a template");
        template.render(&context(), &mut out).expect("a text");
        prop_assert_eq!(out, source);
    }

    #[test]
    fn data_is_never_read_as_a_template(text in any::<String>()) {
        prop_assert_eq!(printed("$x", &[("x", Value::from(text.as_str()))]), text.clone());
        prop_assert_eq!(printed("#set($y = \"$x\")$y", &[("x", Value::from(text.as_str()))]), text.clone());
        prop_assert_eq!(printed("#macro(m $a)$a#end#m($x)", &[("x", Value::from(text.as_str()))]), text);
    }

    #[test]
    fn escaped_data_opens_no_tag(text in any::<String>(), source in templates()) {
        // What `#evaluate` reads is a template, whose own text is never escaped.
        let mut settings = Settings::default();
        settings.evaluate_allowed = false;
        let Ok(template) = Template::parse_with("test.vm", &source, &settings) else { return Ok(()) };
        let context: Context = [("s", Value::from(format!("<script>{text}")))].into_iter().collect();
        let options = RenderOptions { escape: Escape::Html, ..options() };
        let mut out = String::new();
        let _ = template.render_with(&context, &options, &mut out);
        prop_assert!(!out.contains("<script>"), "{out}");
    }

    #[test]
    fn whole_numbers_widen(left in any::<i64>(), right in any::<i64>()) {
        let (wide_left, wide_right) = (i128::from(left), i128::from(right));
        let data = [("a", Value::from(left)), ("b", Value::from(right))];
        prop_assert_eq!(printed("#set($x = $a + $b)$x", &data), (wide_left + wide_right).to_string());
        prop_assert_eq!(printed("#set($x = $a - $b)$x", &data), (wide_left - wide_right).to_string());
        prop_assert_eq!(printed("#set($x = $a * $b)$x", &data), (wide_left * wide_right).to_string());
        let order = if left < right { "<" } else if left > right { ">" } else { "=" };
        prop_assert_eq!(printed("#if($a < $b)<#elseif($a > $b)>#elseif($a == $b)=#end", &data), order);
    }

    #[test]
    fn doubles_print_what_reads_as_the_same(double in any::<f64>().prop_filter("a number", |value| value.is_finite())) {
        let text = printed("$x", &[("x", Value::Double(double))]);
        prop_assert_eq!(text.parse::<f64>().expect("a number"), double);
    }

    #[test]
    fn texts_are_measured_in_utf_16(text in any::<String>(), from in 0usize..20, to in 0usize..20) {
        let units: Vec<u16> = text.encode_utf16().collect();
        let data = [("s", Value::from(text.as_str())), ("from", Value::from(from as i32)), ("to", Value::from(to as i32))];
        prop_assert_eq!(printed("$s.length()", &data), units.len().to_string());
        if from <= to && to <= units.len() {
            // Half a character has no text of its own.
            if let Ok(part) = String::from_utf16(&units[from..to]) {
                prop_assert_eq!(printed("$s.substring($from, $to)", &data), part);
            }
        }
    }
}
