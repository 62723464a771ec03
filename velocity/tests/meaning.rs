//! Which templates render alike, as far as can be told from what is written.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail loudly too")]

use velocity::Template;

fn alike(one: &str, other: &str) -> bool {
    let read = |source: &str| Template::parse("t", source);
    let (one, other) = (read(one).unwrap(), read(other).unwrap());
    assert_eq!(one.renders_as(&other), other.renders_as(&one));
    one.renders_as(&other)
}

#[test]
fn what_nobody_reads_makes_no_difference() {
    let cases = [
        ("Dear $name,", "Dear ${name},"),
        ("Dear $!name.first,", "Dear $!{name.first},"),
        ("one\ntwo", "one\n## a word\ntwo"),
        ("one two", "one #* a\nword *#two"),
        ("one", "#[[]]#one"),
        ("one $x", "#macro(unused $a)$a#end\none $x"),
        ("#macro(a)1#end#a()", "#macro(b)#a()#end#macro(a)1#end#a()"),
        ("#if($x)a#{else}b#end", "#if( $x )a#{else}b#end"),
        ("#set($a = 1)$a", "#set( $a=1 )${a}"),
        ("$x.get('a')", "$x.get(\"a\")"),
    ];
    for (one, other) in cases {
        assert!(alike(one, other), "{one:?} {other:?}");
    }
}

#[test]
fn what_somebody_may_read_does() {
    let cases = [
        ("Dear $name", "Dear $!name"),
        ("Dear $name", "Dear $names"),
        ("$name.a", "${name}.a"),
        ("\\$name", "$name"),
        ("$$name", "$name"),
        ("$name.a", "$name.b"),
        ("$x.get('a')", "$x.get('b')"),
        ("one two", "one  two"),
        ("one\ntwo", "one two"),
        ("#macro(a)1#end#a()", "#macro(a)2#end#a()"),
        ("#macro(a)#b()#end#macro(b)1#end#a()", "#macro(a)#b()#end#macro(b)2#end#a()"),
        ("#a()", "#macro(a)1#end#a()"),
        ("#if($x)a#{else}b#end", "#if($x)a#{else}c#end"),
        ("#if($x)a#{else}b#end", "#if(!$x)a#{else}b#end"),
        ("#if($x)a#{elseif}($y)b#end", "#if($x)a#end#if($y)b#end"),
        ("#foreach($i in [1..2])$i#end", "#foreach($i in [1..3])$i#end"),
        ("${x|'a'}", "${x|'b'}"),
        ("#set($a = 1)$a", "#set($a = 1.0)$a"),
        ("$math.add(1, 2)", "$math.add(1, \"2\")"),
        ("\"$a\"", "$a"),
    ];
    for (one, other) in cases {
        assert!(!alike(one, other), "{one:?} {other:?}");
    }
}
