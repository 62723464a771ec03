//! The ways through a template, and which of them a rendering comes by.
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::sync::{Arc, Mutex};

use velocity::{Context, Library, RenderOptions, Template, Trace, Value, WayKind};

/// The ways of a template, each as its source and kind, with whether a rendering over `$n` and `$list` came by.
fn check(source: &str, n: i64, list: &[i64], expected: &[(&str, WayKind, bool)]) {
    let template = Template::parse("t", source).unwrap();
    let mut context = Context::new();
    context.insert("n", Value::from(n));
    context.insert("list", Value::from(list.iter().copied().map(Value::from).collect::<Vec<_>>()));
    let seen: Arc<Mutex<Vec<(usize, bool)>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let mut library = Library::new();
    library.insert("other", "#if($n == 1)x#end");
    let options = RenderOptions {
        trace: Some(Trace::new(move |place, held| noted.lock().unwrap().push((place, held)))),
        library: Arc::new(library),
        ..RenderOptions::default()
    };
    let (mut traced, mut plain) = (String::new(), String::new());
    template.render_with(&context, &options, &mut traced).unwrap();
    template.render_with(&context, &RenderOptions { trace: None, ..options }, &mut plain).unwrap();
    assert_eq!(traced, plain, "who is told changes nothing");
    let seen = seen.lock().unwrap();
    let ways = template.ways();
    let found: Vec<(&str, WayKind, bool)> = ways
        .iter()
        .map(|way| {
            (source.get(way.span.range()).unwrap(), way.kind, seen.iter().any(|(place, held)| way.is(*place, *held)))
        })
        .collect();
    assert_eq!(found, expected, "{source}");
    // That a condition does not hold is a way only where no other condition follows.
    let known = |place, held| ways.iter().any(|way| way.is(place, held) || !held && way.is(place, true));
    assert!(seen.iter().all(|(place, held)| known(*place, *held)), "{source}: {seen:?}");
}

#[test]
fn every_condition_and_loop_has_its_ways() {
    use WayKind::{Else, ElseIf, Empty, If, Loop};
    check("plain $n", 1, &[], &[]);
    check("#if($n == 1)a#end", 1, &[], &[("$n == 1", If, true), ("$n == 1", Else, false)]);
    check("#if($n == 1)a#end", 2, &[], &[("$n == 1", If, false), ("$n == 1", Else, true)]);
    let whole = "#if($n == 1)a#elseif($n == 2)b#else c#if($n == 4)d#end#end";
    let ways = |first, second, inner, other| {
        [
            ("$n == 1", If, first),
            ("$n == 2", ElseIf, second),
            ("$n == 2", Else, inner || other),
            ("$n == 4", If, inner),
            ("$n == 4", Else, other),
        ]
    };
    check(whole, 1, &[], &ways(true, false, false, false));
    check(whole, 2, &[], &ways(false, true, false, false));
    check(whole, 3, &[], &ways(false, false, false, true));
    check(whole, 4, &[], &ways(false, false, true, false));
    let walk = "#foreach($i in $list)#if($i > 1)x#end#else none#end";
    check(
        walk,
        0,
        &[1, 2],
        &[("$list", Loop, true), ("$list", Empty, false), ("$i > 1", If, true), ("$i > 1", Else, true)],
    );
    check(
        walk,
        0,
        &[],
        &[("$list", Loop, false), ("$list", Empty, true), ("$i > 1", If, false), ("$i > 1", Else, false)],
    );
    check(
        "#macro(m $x)#if($x == 1)a#end#end#define($d)#if($n == 7)b#end#end#m($n)$d#parse('other')",
        1,
        &[],
        &[("$x == 1", If, true), ("$x == 1", Else, false), ("$n == 7", If, false), ("$n == 7", Else, true)],
    );
}
