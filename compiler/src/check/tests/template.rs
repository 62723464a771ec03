//! What templates refer to.

use super::{accepts, refuses, warns};

/// A project that sends `text` after two calls of which one has certainly succeeded.
fn project(text: &str) -> String {
    format!(
        r#"event ordered {{
  email: email
  order_id: string
  total: decimal
  note: string?
  items: [{{ sku: string, qty: int, size: string? }}]
  extra: json
  town: string
}}

contact {{
  tier: "gold" | "silver" = "silver"
}}

webhook contacts_get_by_email {{
  get "https://crm.example.com/contacts?email=${{event.email}}"
  returns json [{{ id: int, segment: string? }}]
}}

webhook WH5 {{
  post "https://promo.example.com/codes"
  returns json {{ promocode: string, expires: date? }}
}}

webhook quiet {{
  post "https://quiet.example.com/"
}}

webhook "Any name" {{
  post "https://any.example.com/"
  returns json {{ x: int }}
}}

webhook never {{
  post "https://never.example.com/"
  returns text
}}

message m {{
  email {{
    from "a@b.co"
    subject "Hi"
    text """
      {text}
      """
  }}
}}

workflow w {{
  on ordered
  identify by email event.email else create

  call contacts_get_by_email
  call WH5 on failure {{
    stop "no code"
  }}
  call quiet
  call "Any name" as any
  if event.total > 100 {{
    call never
  }}
  send m
}}
"#
    )
}

#[test]
fn references_that_have_a_value_are_accepted() {
    for text in [
        "$!mathTool.toInteger($data.contacts_get_by_email.get(0).id)",
        "$math.add(1, 2, 3) $math.add(1, 2).foo() $order_id.substring(1) $order_id.substring(1, 2) $date.year",
        "$data.get('WH5').get('promocode') $data.WH5.promocode ${data.WH5.promocode} $data['WH5']['promocode']",
        "$data.any.x $data.get(\"any\").x",
        "$event.order_id $order_id ${event.total} $event.id $event.occurred_at",
        "$contact.id $id $contact.tier $tier $!contact.first_name $!FIRST_NAME $!First_Name",
        "#foreach($item in $event.items)$foreach.count. $item.sku ×$item.qty $!item.size#if($foreach.hasNext), #end#end",
        "#set($first = $event.items.get(0))$first.sku $first.get('qty') $event.items.size() $event.items[0].sku",
        "#set($name = $order_id.toUpperCase().trim())$name.length()",
        "#if($contact.first_name)Hello $contact.first_name#end",
        "#if($event.note && $event.note.length() > 3)$event.note#end",
        "${contact.first_name|'friend'} $!{contact.first_name}",
        "$event.extra.anything.goes $event.extra.get(0).x()",
        "#set($x = 1)#foreach($i in [1..3])#set($x = $x + $i)#end$x",
        "Costs 5$ or $ 5, #1 and C#; \\$event.total",
        "#set($rows = $event.items)#foreach($row in $rows)$row.sku#end",
        "#if($contact.town != $null)x#end #set($list = [])#if($list.isEmpty() || $event.order_id.empty)x#end",
        "#macro(row $a)[$a.sku $a.qty]#end#foreach($i in $event.items)#row($i)#end#define($block)$event.total#end$block",
        "#row($event.items.get(0))#macro(row $a)$a.sku#inner($a)#end#macro(inner $b)$b.qty#end",
        "#if($contact.tier == 'gold' && $contact.tier != \"silver\" && $event.order_id == 'x')a#end",
        "#if(${contact.tier|'none'} == 'none')a#end#set($t = ${contact.tier|'none'})#if($t == 'none')$t.length()#end",
        // Nobody knows of what type these are: called with two, with fewer arguments, not called, defined twice, by itself.
        "#macro(row $a)$a.anything#end#row($event.order_id)#row($event.items)",
        "#macro(row $a $b)$!b.anything#end#row($event.order_id)",
        "#macro(row $a)$a.anything#end",
        "#macro(row $a)$a.anything#end#macro(row $b)$b.anything#end#row($order_id)",
        "#macro(row $a)#if($a.next)#row($a.next)#end#end#row($event.extra)",
        "#foreach($e in $event.entrySet())$e.key=$e.value#end #set($map = {'a': 1})$map.a $map.get('b')",
        "$esc.html($order_id) $!dateTool.format('yyyy', $event.occurred_at)",
    ] {
        accepts(&project(text));
    }
}

#[test]
fn references_without_a_value_are_refused_where_they_are_written() {
    let (field, name, certain) = ("unknown-field", "unknown-name", "result-not-certain");
    let table: &[(&str, &[(&str, &str)])] = &[
        ("$event.totl", &[(field, "totl")]),
        ("$!contact.twon", &[(field, "twon")]),
        ("${event.order_ids}", &[(field, "order_ids")]),
        ("$ordr_id", &[(name, "ordr_id")]),
        ("$Order_id", &[(name, "Order_id")]),
        ("$nothing.at.all", &[(name, "nothing")]),
        ("$null", &[(name, "null")]),
        ("$occurred_at", &[(name, "occurred_at")]),
        ("$foreach.count", &[(name, "foreach")]),
        ("$data.WH5.promocod", &[(field, "promocod")]),
        ("$data.get('WH5').get('promocod')", &[(field, "promocod")]),
        ("$data.WH6.promocode", &[(certain, "data.WH6")]),
        ("$data.never", &[(certain, "data.never")]),
        ("$data.get('Any name').x", &[(certain, "data.get('Any name')")]),
        ("$data.quiet", &[("no-result", "data.quiet")]),
        ("$data", &[("wrong-type", "$data")]),
        ("$data.get($order_id)", &[("wrong-type", "data.get($order_id)")]),
        ("$event.items.sku", &[(field, "sku")]),
        ("$event.items.size", &[(field, "size")]),
        ("$event.items.get(0).name", &[(field, "name")]),
        ("$event.items[0].name", &[(field, "name")]),
        ("$data.contacts_get_by_email.id", &[(field, "id")]),
        ("$order_id.length", &[(field, "length")]),
        ("$order_id.toUppercase()", &[("template-method", "toUppercase")]),
        ("$order_id.upper()", &[("template-method", "upper")]),
        ("$event.items.lenght()", &[("template-method", "lenght")]),
        ("$event.total.foo()", &[("template-method", "foo")]),
        ("$event.getTotal()", &[("template-method", "getTotal")]),
        ("$order_id.substring(1, 2, 3)", &[("template-method", "substring")]),
        ("$order_id.length(1)", &[("template-method", "length")]),
        ("$event.items.get()", &[("template-method", "get")]),
        ("$mathTool.ad(1, 2)", &[("template-method", "ad")]),
        ("$number.format()", &[("template-method", "format")]),
        ("$esc.html($order_id).upper()", &[("template-method", "upper")]),
        ("$display.list([1, 2]).foo()", &[("template-method", "foo")]),
        ("#foreach($i in $event.items)$i.price#end", &[(field, "price")]),
        ("#foreach($i in $order_id)$i#end", &[("wrong-type", "$order_id")]),
        ("#macro(row $a)$a.price#end#foreach($i in $event.items)#row($i)#end", &[(field, "price")]),
        ("#if($contact.tier == 'golden')a#end", &[("not-a-member", "'golden'")]),
        ("#if($contact.tier == 'gold' || \"silvr\" != $tier)a#end", &[("not-a-member", "\"silvr\"")]),
        ("#set($t = $contact.tier)#if($t eq 'bronze')a#end", &[("not-a-member", "'bronze'")]),
        ("#greet($contact)#macro(greet $c)Hi $c.twon#end", &[(field, "twon")]),
        ("#macro(in $b)$b.price#end#macro(out $a)#in($a)#end#out($event.items.get(0))", &[(field, "price")]),
        ("#macro(row $a)$a.nope()#end#row($event.order_id)#row('text')", &[("template-method", "nope")]),
        ("#set($x = $event.items.get(0))$x.price", &[(field, "price")]),
        ("#set($x = $event.nope)$!x", &[(field, "nope")]),
        ("#if($event.nope == 1)a#end", &[(field, "nope")]),
        ("#if(true)#set($y = \"${event.nope}\")$y#end", &[(field, "nope")]),
        ("$mathTool.add($event.nope, 1)", &[(field, "nope")]),
        ("Київ і $event.nope", &[(field, "nope")]),
        ("Рядок\n      другий «$event.nope»\n      третій $!contact.nope", &[(field, "nope"), (field, "nope")]),
        ("#if($tier)", &[("template-syntax", "#if")]),
        (
            "Київ ${contact.town ?? 'x'} $!{event.note ?? \"it's\"}",
            &[("template-syntax", "??"), ("template-syntax", "??")],
        ),
        ("#evaluate($order_id)", &[("template-directive", "#evaluate")]),
        ("#parse('x.vm') #include('y.txt')", &[("template-directive", "#parse"), ("template-directive", "#include")]),
    ];
    for (text, expected) in table {
        refuses(&project(text), expected);
    }
}

#[test]
fn references_that_would_print_themselves_are_warned_of() {
    let missing = "template-may-be-missing";
    let table: &[(&str, &[(&str, &str)])] = &[
        ("Hello $contact.first_name", &[(missing, "$contact.first_name")]),
        ("Привіт, ${first_name}", &[(missing, "${first_name}")]),
        ("$event.note.length()", &[(missing, "$event.note.length()")]),
        ("#foreach($i in $event.items)$i.size#end", &[(missing, "$i.size")]),
        ("#set($n = $contact.first_name)$n", &[(missing, "$n")]),
        ("#macro(hi $n)$n#end#hi($contact.first_name)", &[(missing, "$n")]),
        ("#macro(hi $n)#if($n)$n#end#end#hi($contact.first_name)", &[]),
        ("#set($n = \"Hi $contact.first_name\")$n", &[(missing, "$contact.first_name")]),
        ("$data.contacts_get_by_email.get(0).segment", &[(missing, "$data.contacts_get_by_email.get(0).segment")]),
        ("$town", &[("template-name-twice", "town")]),
        ("#if($contact.town)$contact.first_name#end", &[(missing, "$contact.first_name")]),
        ("## $contact.first_name\n      #* $contact.first_name *# #[[$contact.first_name #evaluate('x')]]#", &[]),
    ];
    for (text, expected) in table {
        warns(&project(text), expected);
    }
}

#[test]
fn a_finding_names_the_declaration_and_the_place_that_sends() {
    let program = project("$!contact.first_name $event.totl");
    let (_, diagnostics) = super::compiled(&crate::source::Sources::single("a.wf", &program));
    let finding = diagnostics.iter().find(|finding| finding.code.slug() == "unknown-field").expect("a finding");
    let shown: Vec<&str> = finding.also.iter().filter_map(|label| program.get(label.span.range())).collect();
    assert!(shown.contains(&"total"), "where the near one is declared: {shown:?}");
    assert!(shown.iter().any(|text| text.contains("m")), "where it is sent: {shown:?}");
    assert_eq!(finding.hint.as_deref(), Some("did you mean `total`?"));
}

#[test]
fn a_condition_around_the_send_counts() {
    let program = project("Hello $contact.first_name");
    let asked = program.replace("  send m\n", "  if contact.first_name is set {\n    send m\n  }\n");
    accepts(&asked);
}

#[test]
fn a_parameter_that_only_some_events_have_is_told_from_the_contacts_field() {
    let program = project("$town $order_id")
        .replace("  on ordered\n", "  on ordered\n  on signed_up\n")
        .replace("event.total > 100", "contact.id > 100")
        + "event signed_up {\n  email: email\n  order_id: string\n}\n";
    warns(&program, &[("template-name-twice", "town")]);
}

#[test]
fn a_mistake_of_two_messages_in_one_file_is_said_once() {
    let message =
        |name: &str| format!("message {name} {{ email {{ from \"a@b.co\" subject \"Hi\" html file \"x.vm\" }} }}\n");
    let mut sources = crate::source::Sources::single("a.wf", &format!("{}{}", message("m"), message("n")));
    sources.add("x.vm", "<p>#if(true)</p>");
    super::refuses_sources(&sources, &[("template-syntax", "#if")]);
}

#[test]
fn long_templates_take_time_in_proportion() {
    let rows: String =
        (0..3_000).map(|row| format!("#set($x = $event.items.get({row}))$x.sku $order_id\n      ")).collect();
    accepts(&project(&rows));
    accepts(&project(&format!("{}$x", "#set($x = 1)".repeat(50_000))));
    let chain: String = (1..3_000).map(|n| format!("#set($a{n} = $a{})", n - 1)).collect();
    accepts(&project(&format!("#set($a0 = $order_id){chain}$a2999.length()")));
    refuses(&project(&format!("#set($a0 = $order_id){chain}$a2999.nope()")), &[("template-method", "nope")]);
    let chain: String = (1..3_000).map(|n| format!("#macro(m{n} $a{n})#m{}($a{n})#end", n - 1)).collect();
    accepts(&project(&format!("{chain}#macro(m0 $a0)$a0#end#m2999($order_id){}", "#m1($order_id)".repeat(3_000))));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_that_is_written_stops_the_compiler(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "$", "${", "}", "$!", "#if(", ")", "#end", "#foreach($i in ", "#set($x = ", "$x", "$data", ".get(", "'WH5'",
                "event", "contact", ".", "[0]", "й", "\n      ", "##", "#*", "*#", "#[[", "]]#", "\\", "??", "|'", "a", " ",
                "#evaluate(", "\"", "#{parse}(", "$data.WH5", ".size()", "#macro(m $a)", "#m(1)", "#define($d)", "😀",
            ]),
            0..24,
        )
    ) {
        let _ = super::compiled(&crate::source::Sources::single("a.wf", &project(&pieces.concat())));
    }
}
