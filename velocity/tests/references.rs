//! What a template says about the data it needs.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use velocity::{ArgumentKind, BindingKind, BindingValue, Place, Reference, SegmentKind, Template};

/// A reference in one line: its source, where it stands, and what is known of it.
fn line(template: &Template, reference: &Reference) -> String {
    let source = &template.source()[reference.span.range()];
    let mut line = format!("{source} {:?}", reference.place);
    let mut note = |holds: bool, word: &str| {
        if holds {
            line.push(' ');
            line.push_str(word);
        }
    };
    note(reference.quiet, "quiet");
    note(reference.formal, "formal");
    note(reference.fallback, "fallback");
    note(reference.is_tested(), "tested");
    note(!reference.is_tested() && reference.found > 0, "partly tested");
    if let Some(id) = reference.binding {
        line.push_str(&format!(" binding{}", id.0));
    }
    line
}

#[track_caller]
fn check(source: &str, expected: &[&str]) {
    let template = Template::parse("test.vm", source).expect("a template");
    let lines: Vec<String> = template.references().iter().map(|reference| line(&template, reference)).collect();
    assert_eq!(lines, expected, "{source}");
}

#[test]
fn what_a_backslash_makes_a_text_is_told_apart() {
    let template = Template::parse("test.vm", r"$a \$b.c \\$d \${e.get($f)} \$5 #if($g)\$g#end").expect("a template");
    let lines = |references: &[Reference]| -> Vec<String> {
        references.iter().map(|reference| line(&template, reference)).collect()
    };
    assert_eq!(lines(&template.references()), ["$a Text", "$d Text", "$f Argument", "$g Condition"]);
    assert_eq!(lines(&template.escaped_references()), ["$b.c Text", "${e.get($f)} Text formal", "$g Text tested"]);
}

#[test]
fn every_place_is_seen() {
    check(
        "$a ${b.c|'x'} $!d #if($e.f == 1 && $g)#end #set($h = $i + 1) #foreach($j in $k)$j#end #m($l)",
        &[
            "$a Text",
            "${b.c|'x'} Text formal fallback",
            "$!d Text quiet",
            "$e.f Condition",
            "$g Condition",
            "$h SetTarget binding0",
            "$i SetValue",
            "$k ForeachSource",
            "$j Text binding1",
            "$l Argument",
        ],
    );
}

#[test]
fn references_inside_of_others_are_seen() {
    check(
        "$a.get($b[$c].d) \"$no\" #set($x = \"${y.z} and \"\"$q\"\"\") #set($l = [$m, {'k': $n}])",
        &[
            "$a.get($b[$c].d) Text",
            "$b[$c].d Argument",
            "$c Argument",
            "$no Text",
            "$x SetTarget binding0",
            "${y.z} String formal",
            "$q String",
            "$l SetTarget binding1",
            "$m Element",
            "$n Element",
        ],
    );
}

#[test]
fn tests_are_seen_in_their_branches_alone() {
    check(
        "#if($a.b && $c)$a.b $a $c $d#else$c#end$c #if(!$e)-#{else}$e#end #if($f && $f.g)#end",
        &[
            "$a.b Condition",
            "$c Condition",
            "$a.b Text tested",
            "$a Text tested",
            "$c Text tested",
            "$d Text",
            "$c Text",
            "$c Text",
            "$e Condition",
            "$e Text tested",
            "$f Condition",
            "$f.g Condition partly tested",
        ],
    );
}

#[test]
fn bindings_follow_the_order_of_the_source() {
    check(
        "$x #set($x = 1) $x #foreach($x in $list)$x $foreach.count#end $x #macro(m $x)$x#end",
        &[
            "$x Text",
            "$x SetTarget binding0",
            "$x Text binding0",
            "$list ForeachSource",
            "$x Text binding1",
            "$foreach.count Text binding2",
            "$x Text binding0",
            "$x Text binding3",
        ],
    );
}

#[test]
fn a_binding_says_where_its_value_comes_from() {
    let template = Template::parse("test.vm", "#set($a = $b.c)#foreach($i in [1..3])$i#end").expect("a template");
    let bindings = template.bindings();
    let kinds: Vec<BindingKind> = bindings.iter().map(|binding| binding.kind).collect();
    assert_eq!(kinds, [BindingKind::Set, BindingKind::Foreach, BindingKind::Scope]);
    let BindingValue::Expression(value) = &bindings[0].value else { panic!("a value") };
    let ArgumentKind::Reference(id) = value.kind else { panic!("a reference") };
    let references = template.references();
    assert_eq!(references[id.0 as usize].root, "b");
    let BindingValue::Expression(source) = &bindings[1].value else { panic!("a source") };
    assert_eq!(source.kind, ArgumentKind::Range);
}

#[test]
fn a_macros_parameter_says_what_its_calls_give_it() {
    let check = |text: &str, expected: &[&[&str]]| {
        let bindings = Template::parse("test.vm", text).expect("a template").bindings();
        let given = bindings.iter().filter(|binding| binding.kind == BindingKind::MacroArgument).map(|binding| {
            let BindingValue::Arguments(arguments) = &binding.value else { return vec![] };
            arguments.iter().map(|argument| &text[argument.span.range()]).collect()
        });
        assert_eq!(given.collect::<Vec<Vec<&str>>>(), expected, "{text}");
    };
    check("#m($a.b 'c')#macro(m $x $y)#end#m(1 2)", &[&["$a.b", "1"], &["'c'", "2"]]);
    check("#macro(m $x $y)#end#m($a)", &[&["$a"], &[""]]);
    check("#macro(m $x)#end", &[&[]]);
    check("#macro(m $x)#end#macro(m $y)#end#m(1)", &[&[], &[]]);
}

#[test]
fn literal_arguments_are_seen() {
    let template = Template::parse("test.vm", "$data.get('Any name')[0].substring(1, -2.5)").expect("a template");
    let references = template.references();
    let [get, index, substring] = references[0].path.as_slice() else { panic!("three steps") };
    let SegmentKind::Method { name, arguments } = &get.kind else { panic!("a method") };
    assert_eq!((name.as_str(), &arguments[0].kind), ("get", &ArgumentKind::String("Any name".into())));
    let SegmentKind::Index { argument } = &index.kind else { panic!("an index") };
    assert_eq!(argument.kind, ArgumentKind::Integer("0".into()));
    let SegmentKind::Method { arguments, .. } = &substring.kind else { panic!("a method") };
    assert_eq!(arguments[1].kind, ArgumentKind::Float(-2.5));
    assert_eq!(references[0].place, Place::Text);
}

#[test]
fn every_tool_that_is_named_is_there() {
    for name in velocity::TOOLS {
        assert!(Template::is_tool(name), "{name}");
        let template = Template::parse("test.vm", &format!("#if(${name})there#end")).expect("a template");
        let mut out = String::new();
        template.render(&velocity::Context::new(), &mut out).expect("a text");
        assert_eq!(out, "there", "{name}");
    }
    assert!(!Template::is_tool("order"));
}

#[test]
fn templates_go_between_threads() {
    fn check<T: Send + Sync>(_: &T) {}
    check(&Template::parse("test.vm", "#macro(m $a)$a#end#m([1, {'k': 2.5}])").expect("a template"));
}

/// Names with what binds them, in the order of the source.
#[track_caller]
fn check_bindings(source: &str, settings: &velocity::Settings, expected: &[&str]) {
    let template = Template::parse_with("test.vm", source, settings).expect("a template");
    let lines: Vec<String> = template
        .bindings()
        .iter()
        .map(|binding| {
            let text = &source[binding.span.range()];
            format!("{} {:?} {}", binding.name, binding.kind, text.chars().take(16).collect::<String>())
        })
        .collect();
    assert_eq!(lines, expected, "{source}");
}

#[test]
fn blocks_in_blocks_bind_their_names() {
    let default = velocity::Settings::default();
    check_bindings(
        "#define($d)#define($e)$x#end$e#end$d #macro(m $p $q='z')#set($x = $p)$bodyContent#end",
        &default,
        &[
            "d Define d",
            "e Define e",
            "p MacroArgument $p",
            "q MacroArgument $q",
            "bodyContent Scope #macro",
            "x Set x",
        ],
    );
    check(
        "#define($d)$x#set($x = 1)$x#end$d $x",
        &["$x Text", "$x SetTarget binding1", "$x Text binding1", "$d Text binding0", "$x Text binding1"],
    );
}

#[test]
fn a_name_that_one_branch_sets_is_bound_after_it() {
    check(
        "#if($a)#set($x = 1)$x#else$x#end$x #foreach($i in [1, $b])#set($x = $i)#end$x",
        &[
            "$a Condition",
            "$x SetTarget binding0",
            "$x Text binding0",
            "$x Text binding0",
            "$x Text binding0",
            "$b Element",
            "$x SetTarget binding3",
            "$i SetValue binding1",
            "$x Text binding3",
        ],
    );
}

#[test]
fn macros_are_seen_from_inside_and_outside() {
    check(
        "#macro(m $p)$p.a $outer #m($p.b)#end#m($c)#@m($d)$e$p#end$p",
        &[
            "$p.a Text binding0",
            "$outer Text",
            "$p.b Argument binding0",
            "$c Argument",
            "$d Argument",
            "$e Text",
            "$p Text",
            "$p Text",
        ],
    );
}

#[test]
fn what_is_read_while_rendering_is_an_argument() {
    // The text that `#evaluate` reads is data: only the reference to it, and those in its quotes, are known.
    check(
        "#evaluate($a)#evaluate(\"#set($x = $b.c)\")$x #parse($p)#include('q', $r)#stop($s)",
        &[
            "$a Argument",
            "$x SetTarget binding0",
            "$b.c SetValue",
            "$x Text binding0",
            "$p Argument",
            "$r Argument",
            "$s Argument",
        ],
    );
}

#[test]
fn loops_of_velocity_1_7_bind_their_counters() {
    let settings = velocity::Settings::velocity_1_7();
    let template = Template::parse_with("test.vm", "#foreach($i in $l)$velocityCount#end$velocityCount", &settings);
    let template = template.expect("a template");
    let bound: Vec<bool> = template.references().iter().map(|reference| reference.binding.is_some()).collect();
    assert_eq!(bound, [false, true, false]);
}

#[test]
fn calls_of_macros_are_seen() {
    let source =
        "#a($x) #b #macro(a $x)$x#c(word)#end #macro(A)#end #set($y = \"#d()\") #if(true)#@e() text#end#end #fff";
    let collected = Template::parse("test.vm", source).expect("a template").collected();
    assert_eq!(collected.macros.keys().map(|name| name.as_str()).collect::<Vec<_>>(), ["A", "a"]);
    let call = |call: &velocity::MacroCall| {
        let mut line = format!("{} {}", call.name, &source[call.span.range()]);
        if !call.definite {
            line.push_str(" perhaps");
        }
        call.bare_word.iter().for_each(|word| line.push_str(&format!(" bare {word}")));
        line
    };
    let calls: Vec<String> = collected.calls.iter().map(call).collect();
    let expected = ["a #a($x)", "b #b perhaps", "c #c(word) bare word", "d #d()", "e #@e()", "fff #fff perhaps"];
    assert_eq!(calls, expected);
}

#[test]
fn what_a_condition_found_is_known_step_by_step() {
    check(
        "#if($a.b)$a $a.b $a.b.c $a.c $b#elseif($a.c)$a.c.d#else$a.b#end",
        &[
            "$a.b Condition",
            "$a Text tested",
            "$a.b Text tested",
            "$a.b.c Text partly tested",
            "$a.c Text partly tested",
            "$b Text",
            "$a.c Condition",
            "$a.c.d Text partly tested",
            "$a.b Text",
        ],
    );
}
