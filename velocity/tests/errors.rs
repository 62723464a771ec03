//! Mistakes have a place, a code and a way out; bombs end.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use velocity::{Context, ErrorKind, Escape, RenderOptions, Template, Value};

fn context() -> Context {
    [
        ("name", Value::from("<b>Olena & \"co\"</b>")),
        ("list", Value::list([1, 2, 3])),
        ("n", Value::from(5)),
        ("nothing", Value::Null),
    ]
    .into_iter()
    .collect()
}

fn render(source: &str, options: &RenderOptions) -> velocity::Result<String> {
    let mut out = String::new();
    Template::parse("test.vm", source)?.render_with(&context(), options, &mut out)?;
    Ok(out)
}

/// The marked part of the source is what the error points at.
#[track_caller]
fn refuses(marked: &str, kind: ErrorKind) {
    let start = marked.find('«').expect("a mark");
    let source = marked.replace(['«', '»'], "");
    let end = marked.find('»').expect("a mark") - '«'.len_utf8();
    let error = render(&source, &RenderOptions::default()).expect_err("an error");
    assert_eq!((error.kind(), error.span().range()), (kind, start..end), "{marked}: {error}");
    assert_eq!(error.template(), "test.vm");
    assert_eq!(error.line() as usize, 1 + source[..start].matches('\n').count(), "{error}");
}

#[test]
fn mistakes_are_placed() {
    refuses("a\n «#if»($n) b", ErrorKind::Syntax);
    refuses("#if($n «-1»)#end", ErrorKind::Syntax);
    refuses("text\n$list«.get(9)»", ErrorKind::Method);
    refuses("$!list«[9]».x", ErrorKind::Method);
    refuses("#set($x = «\"7\" % 2»)", ErrorKind::Operation);
    refuses("«#break»($n)", ErrorKind::Operation);
    refuses("#parse(«\"x.vm\"»)", ErrorKind::Resource);
    refuses("#set($x = \"ä$list«.get(7)»\")", ErrorKind::Method);
    refuses("#set($x = \"\"\"a\"\" $list«.get(7)»\")", ErrorKind::Method);
}

#[test]
fn bombs_end() {
    for bomb in [
        "#foreach($i in [1..10000])#foreach($j in [1..10000])#foreach($k in [1..10000])#end#end#end",
        "#foreach($i in [1..20000000])#end",
        "#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')#foreach($i in [1..100])#set($s = \"$s$s\")#end",
        "#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')#foreach($i in [1..100])#set($s = $s + $s)#end",
        "#set($s = 'ab')#set($s = $s.repeat(2000000000))",
        "#set($l = [1, 2])#foreach($i in [1..100])#set($x = $l.addAll($l))#end",
        "#set($n = 99999999999999999999)#foreach($i in [1..100])#set($n = $n * $n)#end",
        "#foreach($i in [1..10000])#foreach($j in [1..10000])aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa#end#end",
        "#macro(m)#m()#end#m()",
        "#set($e = '#evaluate($e)')#evaluate($e)",
        "#define($d)#foreach($i in [1..1000])$d#end#end$d$d",
        "#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')#set($r = $s.matches('(a{1000}){1000}'))",
        "$n.toString().format('%2000000000d', $n)",
        "#set($a = ['x'])#foreach($i in [1..60])#set($a = [$a, $a])#end$a",
        "#set($a = ['x'])#set($b = ['x'])#foreach($i in [1..60])#set($a = [$a, $a])#set($b = [$b, $b])#end#if($a == $b)#end$a",
        "#set($a = [])#set($b = [$a, $a])#set($x = $a.add($b))#set($x = $a.add($b))$a",
    ] {
        let result = render(bomb, &RenderOptions::default());
        let harmless = bomb.contains("#define");
        assert!(result.is_err() || harmless, "{bomb}");
    }
}

#[test]
fn deep_data_is_dropped_without_a_stack() {
    let worker = std::thread::Builder::new().stack_size(512 * 1024);
    let done = worker.spawn(|| {
        let deep = "#foreach($i in [1..300])#foreach($j in [1..300])#set($l = [$l])#set($m = {'k': $m})#end#end";
        assert_eq!(render(deep, &RenderOptions::default()).expect("an empty text"), "");
    });
    done.expect("a thread").join().expect("no overflow");
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{1:", "}"), ("!", "")] {
        let deep = format!("#set($x = {}1{})", open.repeat(50_000), close.repeat(50_000));
        let error = Template::parse("test.vm", &deep).err().expect("too deep");
        assert!(error.message().contains("nested") || error.kind() == ErrorKind::Syntax, "{error}");
    }
    let ifs = format!("{}{}", "#if(true)".repeat(20_000), "#end".repeat(20_000));
    assert!(Template::parse("test.vm", &ifs).is_err());
    for link in [" + 1", " * 2", " || 1", " && $n", " == 1", " < 2"] {
        let error =
            Template::parse("test.vm", &format!("#set($x = 1{})", link.repeat(20_000))).err().expect("too long");
        assert!(error.message().contains("operators"), "{error}");
        let nested = format!("#set($x = {}1{})", "(".repeat(90), format!("{})", link.repeat(90)).repeat(90));
        assert!(Template::parse("test.vm", &nested).is_err(), "{link}");
    }
    let calls = format!("$a{}$b{}", ".f($a".repeat(20_000), ")".repeat(20_000));
    assert!(Template::parse("test.vm", &calls).is_err());
}

#[test]
fn nesting_within_the_bound_renders_on_a_small_stack() {
    let worker = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let done = worker.spawn(|| {
        let ifs = format!("{}x{}", "#if(true)".repeat(90), "#end".repeat(90));
        assert_eq!(render(&ifs, &RenderOptions::default()).expect("a text"), "x");
        let sum = format!("#set($x = {}1{})$x", "(".repeat(90), ")".repeat(90));
        assert_eq!(render(&sum, &RenderOptions::default()).expect("a text"), "1");
        for link in [" + 1", " || $no", " && 1", " == 1"] {
            let chain = format!("#if(1{})x#end", link.repeat(400));
            assert!(render(&chain, &RenderOptions::default()).is_ok(), "{link}");
        }
        let texts = "#macro(m $n)#if($n > 0)#set($k = $n - 1)\"#m($k)\"#end#end#m(15)";
        assert!(render(texts, &RenderOptions::default()).is_ok());
        let body = format!("#set($x = {}1{})$x", "[".repeat(90), "]".repeat(90));
        assert!(render(&body, &RenderOptions::default()).is_ok());
    });
    done.expect("a thread").join().expect("no overflow");
}

#[test]
fn long_runs_are_read_in_one_go() {
    let units = [
        "\\",
        "$",
        "#",
        "${",
        "#{",
        "#[",
        "#*",
        "$!",
        "$\\!",
        "\\$",
        "\\#",
        "\"",
        "'",
        "#set(",
        "#if(",
        "#foo(",
        "#foo",
        "$a.",
        "$a[",
        "$a.b(",
        "$a|",
        "}",
        ")",
        "]",
        " ",
        "\n",
        "\r",
        "\\#foo",
        "\\$a",
        "##",
        "#**",
        "*#",
        "]]#",
        "#end",
        "#else",
        "1..",
        "-1",
        "#set($a = \"",
        "#set($a = [",
        "#@a()",
        "#macro(a)",
        "#define($a)",
        "#{else}",
        "é",
        "🎉",
        "$\u{1c}",
        "\u{1c}",
    ];
    for unit in units {
        let text = unit.repeat(30_000 / unit.len());
        // Whether it is a template or not: it is known soon, and rendered within the limits.
        let _ = render(&text, &RenderOptions::default());
        let _ = render(&format!("#[[{text}"), &RenderOptions::default());
        let _ = render(&format!("#* {text}"), &RenderOptions::default());
        let _ = render(&format!("#set($x = \"{text}\")$x"), &RenderOptions::default());
        let _ = render(&format!("$a.b({text}"), &RenderOptions::default());
    }
}

#[test]
fn html_is_escaped_unless_it_is_raw() {
    let options = RenderOptions { escape: Escape::Html, ..RenderOptions::default() };
    let check = |source: &str, expected: &str| assert_eq!(render(source, &options).expect("a text"), expected);
    check("<p>$name</p>", "<p>&lt;b&gt;Olena &amp; &quot;co&quot;&lt;/b&gt;</p>");
    check("$esc.raw($name)", "<b>Olena & \"co\"</b>");
    check("#set($x = \"<i>$name\")$x", "&lt;i&gt;&lt;b&gt;Olena &amp; &quot;co&quot;&lt;/b&gt;");
    check("$missing.x & $n", "$missing.x & 5");
}

#[test]
fn reflection_is_not_there() {
    for source in ["$name.class", "$name.getClass()", "$list.class.forName('x')", "$math.class", "$name.wait()"] {
        assert_eq!(render(source, &RenderOptions::default()).expect("a text"), source);
    }
}

/// The mistakes of templates with the words of their messages and hints.
#[test]
fn mistakes_say_what_they_are_and_what_helps() {
    let table = [
        ("Hi «#if»($vip) there", "no `#end`", "write `#{end}`"),
        ("#foreach($x in $l)#if($x)#end «#»", "", ""),
        ("#set($x «5»)", "`=` is needed", ""),
        ("#set(«x» = 5)", "a reference is needed", "`#set($name = value)`"),
        ("#set($x = $n «-1»)", "an operator or `)`", "write a blank after it"),
        ("#set($x = «null»)", "needed", "there is no `null`"),
        ("#if($x == «null»)a#end", "needed", "there is no `null`"),
        ("#set($x = «\"open)", "", ""),
        ("#set($x = \"\\u12«zz\")", "", ""),
        ("a «#else» b #end", "", ""),
        ("#macro(m «1»)x#end", "a reference", ""),
        ("$x.foo(«#»)", "", ""),
        ("#set($«і» = 1)", "", ""),
    ];
    for (marked, message, hint) in table {
        let source = marked.replace(['«', '»'], "");
        let error = match Template::parse("test.vm", &source) {
            Err(error) => error,
            Ok(_) => {
                assert!(message.is_empty() && hint.is_empty(), "{source} is a template");
                continue;
            }
        };
        assert_eq!((error.kind(), error.code()), (ErrorKind::Syntax, "template-syntax"), "{source}");
        assert!(error.message().contains(message), "{source}: {}", error.message());
        assert!(error.hint().unwrap_or_default().contains(hint), "{source}: {:?}", error.hint());
        assert!(source.get(error.span().range()).is_some(), "{source}: {:?}", error.span());
        if !message.is_empty() {
            let start = marked.find('«').expect("a mark");
            assert_eq!(error.span().start(), start, "{source}: {error}");
        }
    }
}

#[test]
fn places_are_whole_characters() {
    for source in ["#set($і = 1)", "#set($x = €)", "#if(é)#end", "$x.foo(🎉)", "#foreach($🎉 in $x)#end", "#macro(ж)"]
    {
        if let Err(error) = Template::parse("test.vm", source) {
            assert!(source.get(error.span().range()).is_some(), "{source}: {:?}", error.span());
        }
    }
}

#[test]
fn evaluate_can_be_switched_off() {
    let mut settings = velocity::Settings::default();
    settings.evaluate_allowed = false;
    for source in ["#evaluate('$n')", "a #evaluate(\"#evaluate($n)\")", "#macro(m)#evaluate($name)#end#m()"] {
        let template = Template::parse_with("test.vm", source, &settings).expect("a template");
        let error = template.render(&context(), &mut String::new()).expect_err("it is off");
        assert_eq!((error.kind(), error.template()), (ErrorKind::Unsupported, "test.vm"), "{source}");
    }
    let unreached = Template::parse_with("test.vm", "#if(false)#evaluate($n)#{end}x", &settings).expect("a template");
    let mut out = String::new();
    unreached.render(&context(), &mut out).expect("it is not reached");
    assert_eq!(out, "x");
}

#[test]
fn there_is_no_way_to_a_file() {
    let folder = env!("CARGO_MANIFEST_DIR");
    for name in ["Cargo.toml", "/etc/passwd", "../Cargo.toml", "file:///etc/passwd", "src/lib.rs", "."] {
        for source in [
            format!("#include('{name}')"),
            format!("#parse('{name}')"),
            format!("#include('{folder}/{name}')"),
            format!("#evaluate('#parse(\"{name}\")')"),
        ] {
            let error = render(&source, &RenderOptions::default()).expect_err("there is no such text");
            assert_eq!(error.kind(), ErrorKind::Resource, "{source}: {error}");
        }
    }
}

#[test]
fn every_way_out_of_a_template_is_escaped() {
    let options = RenderOptions { escape: Escape::Html, ..RenderOptions::default() };
    let check =
        |source: &str, expected: &str| assert_eq!(render(source, &options).expect(source), expected, "{source}");
    let escaped = "&lt;b&gt;Olena &amp; &quot;co&quot;&lt;/b&gt;";
    check("$!name${name}$!{name}", &escaped.repeat(3));
    check("${missing|$name}", escaped);
    check("#foreach($x in [$name])$x#end", escaped);
    check("#macro(m $a)<i>$a</i>#end#m($name)", &format!("<i>{escaped}</i>"));
    check("#@w($name)<u>$name</u>#end", &format!("#@w($name)<u>{escaped}</u>#end").replace(escaped, "$name"));
    check("#macro(w)$bodyContent#end#@w()<u>$name</u>#end", "<u>&lt;b&gt;Olena &amp; &quot;co&quot;&lt;/b&gt;</u>");
    check("#define($d)<i>$name</i>#end$d", &format!("<i>{escaped}</i>"));
    check("#evaluate('<i>$name</i>')", &format!("<i>{escaped}</i>"));
    check("$name.toUpperCase()", "&lt;B&gt;OLENA &amp; &quot;CO&quot;&lt;/B&gt;");
    check("[$name]", &format!("[{escaped}]"));
    check("#set($l = [$name])$l", &format!("[{escaped}]"));
    check("$esc.html('<')", "&amp;lt;");
    check("$esc.raw($esc.html('<'))", "&lt;");
    check("#set($x = $esc.raw($name))$x", "<b>Olena & \"co\"</b>");
    check("#[[<b>]]#<b>", "<b><b>");
    check("#set($x = '<')#if($x == '<')same#end$x.length()", "same1");
}
