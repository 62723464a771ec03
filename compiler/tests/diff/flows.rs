//! Which data goes where, against programs that make it hard to see.

use compiler::audit::Audit;

use super::compiled;

const EVENTS: &str = "
event signup {
  email: email
  phone: phone?
  note: string
  items: [{ sku: string, qty: int }]
}

event relayed {
  email: email
  text: string
}

contact {
  card: string?
  vip: bool = false
}

connector partner bearer {
  token secret(\"PARTNER\")
}
";

/// The flows of a program, a line each: what, where to, at which place, by what, with what, and in which workflow.
fn flows(program: &str) -> Vec<String> {
    let program = compiled(&format!("{EVENTS}{program}")).program.unwrap();
    let line = |flow: &compiler::audit::Flow| {
        let certain = if flow.certain || flow.through.is_some() { "" } else { "?" };
        let through = flow.through.as_ref().map(|it| format!(" through {it}")).unwrap_or_default();
        let connector = flow.connector.as_ref().map(|it| format!(" with {it}")).unwrap_or_default();
        let to = flow.destination.to_string();
        format!("{}{certain}{through} -> {to} {} by {}{connector}", flow.source, flow.place, flow.carrier)
    };
    Audit::of(&program).flows().into_iter().map(line).collect()
}

/// Holds that a program's flows are these.
#[track_caller]
fn flow(program: &str, expected: &[&str]) {
    let found = flows(program);
    assert_eq!(found, expected, "\n{program}\n{}", found.join("\n"));
}

const START: &str = "  on signup\n  identify by email event.email else create\n\n";

#[test]
fn every_place_of_a_request_is_a_place() {
    flow(
        &format!(
            "webhook w {{\n  post \"https://a.example.com/${{event.note}}?t=${{contact.town ?? \"\"}}\"\n  auth partner\n  \
             headers {{ \"X-Mail\": event.email }}\n  body json {{ a: {{ b: contact.card }}, list: [event.phone] }}\n}}\n\
             workflow f {{\n{START}  call w\n}}\n"
        ),
        &[
            "contact.card -> https://a.example.com body.a.b by webhook w with partner",
            "contact.town -> https://a.example.com query.t by webhook w with partner",
            "signup.email -> https://a.example.com header.X-Mail by webhook w with partner",
            "signup.note -> https://a.example.com path by webhook w with partner",
            "signup.phone -> https://a.example.com body.list by webhook w with partner",
        ],
    );
}

/// What a `set` or an `emit` moved is still what it was.
#[test]
fn copies_are_followed() {
    let send = "webhook w {\n  post \"https://a.example.com/\"\n  body json { town: contact.town }\n}\n";
    flow(
        &format!("{send}workflow f {{\n{START}  set contact.town = \"x ${{contact.card ?? \"\"}}\"\n  call w\n}}\n"),
        &[
            "contact.card through contact.town -> https://a.example.com body.town by webhook w",
            "contact.town -> https://a.example.com body.town by webhook w",
        ],
    );
    // Over two workflows and an event between them.
    flow(
        &format!(
            "webhook w {{\n  post \"https://a.example.com/\"\n  body text \"${{event.text}}\"\n}}\n\
             workflow f {{\n{START}  set contact.region = contact.card ?? \"\"\n  emit relayed {{ email: event.email, text: contact.region ?? \"\" }}\n}}\n\
             workflow g {{\n  on relayed\n  identify by email event.email\n\n  call w\n}}\n"
        ),
        &[
            "contact.card through relayed.text -> https://a.example.com body by webhook w",
            "contact.region through relayed.text -> https://a.example.com body by webhook w",
            "relayed.text -> https://a.example.com body by webhook w",
        ],
    );
}

/// An answer that is sent on flows from who gave it to who gets it.
#[test]
fn answers_are_sent_on() {
    flow(
        &format!(
            "webhook first {{\n  get \"https://a.example.com/\"\n  returns json {{ score: int, about: {{ name: string }} }}\n}}\n\
             webhook second {{\n  uses first\n  post \"https://b.example.com/\"\n  body json {{ s: data.first.score, n: data.first.about.name }}\n}}\n\
             workflow f {{\n{START}  call first\n  call second\n}}\n"
        ),
        &[
            "data.first.about.name -> https://b.example.com body.n by webhook second",
            "data.first.score -> https://b.example.com body.s by webhook second",
        ],
    );
}

/// What a condition asks decides a way; it is sent nowhere.
#[test]
fn control_is_no_flow() {
    flow(
        &format!(
            "segment vips {{ contact.vip and contact.card is set }}\nwebhook w {{\n  post \"https://a.example.com/\"\n}}\n\
             workflow f {{\n{START}  if contact in vips and event.note == \"x\" {{\n    call w\n  }}\n}}\n"
        ),
        &[],
    );
}

/// Templates show what their own names were made of, whatever they are called.
#[test]
fn templates_are_read_through() {
    let mail = |text: &str| {
        let text = text.replace('\n', "\n      ");
        format!(
            "message m {{\n  email {{\n    from \"a@shop.example.com\"\n    subject \"Hello\"\n    text \"\"\"\n      {text}\n      \"\"\"\n  }}\n}}\n\
             workflow f {{\n{START}  send m\n}}\n"
        )
    };
    let to = "contact.email -> e-mail message.email.to by message m";
    let text = |field: &str| format!("{field} -> e-mail message.email.text by message m");
    let cases: [(&str, &[&str]); 7] = [
        ("#set($x = $!contact.card)\n$!x", &["contact.card"]),
        ("#foreach($item in $event.items)\n$item.sku\n#end", &["signup.items"]),
        ("#macro(show $what)<$what>#end\n#show($event.note)", &["signup.note"]),
        ("$!contact.get('card')", &["contact.card"]),
        ("$!{contact.card}", &["contact.card"]),
        // A bare name is the event's parameter, else the contact's field.
        ("$note $!Town", &["contact.town", "signup.note"]),
        // A condition shows nothing.
        ("#if($contact.card)yes#end", &[]),
    ];
    for (template, fields) in cases {
        let found = flows(&mail(template));
        let mut expected: Vec<String> = fields.iter().map(|field| text(field)).chain([to.to_owned()]).collect();
        expected.sort();
        let mut sorted = found.clone();
        sorted.sort();
        assert_eq!(sorted, expected, "{template}");
    }
}

/// A message that goes through a gateway shows its data to the gateway.
#[test]
fn gateways_see_what_they_carry() {
    flow(
        &format!(
            "channel sms {{\n  post \"https://sms.example.com/\"\n  auth partner\n  body json {{ to: contact.phone, text: message.text }}\n}}\n\
             message m {{\n  sms {{ text \"Hi $!contact.first_name\" }}\n}}\nworkflow f {{\n{START}  send m\n}}\n"
        ),
        &[
            "contact.first_name -> https://sms.example.com message.sms.text by message m with partner",
            "contact.phone -> https://sms.example.com body.to by channel sms with partner",
        ],
    );
}

/// A gateway may write what a message says into its URL: then it ends up in logs.
#[test]
fn what_a_gateway_writes_into_its_url_is_told_there() {
    flow(
        &format!(
            "channel sms {{\n  get \"https://sms.example.com/${{message.title ?? \"\"}}?to=${{contact.phone ?? \"\"}}&text=${{message.text}}\"\n}}\n\
             message m {{\n  sms {{ text \"Hi $!contact.card\" }}\n}}\nworkflow f {{\n{START}  send m\n}}\n"
        ),
        &[
            "contact.card -> https://sms.example.com query.text by channel sms",
            "contact.card -> https://sms.example.com message.sms.text by message m",
            "contact.phone -> https://sms.example.com query.to by channel sms",
        ],
    );
}

/// Whom a mail goes to is said by the `send`, else by the message, else it is the contact.
#[test]
fn recipients_are_those_that_get_it() {
    let mail = |to: &str, steps: &str| {
        format!(
            "message m {{\n  email {{\n    from \"a@shop.example.com\"\n{to}    subject \"Hello\"\n    text \"x\"\n  }}\n}}\n\
             workflow f {{\n{START}{steps}}}\n"
        )
    };
    let contact = "contact.email -> e-mail message.email.to by message m";
    let event = "signup.email -> e-mail message.email.to by message m";
    let own = "    to \"$event.note\"\n";
    flow(&mail("", "  send m\n"), &[contact]);
    flow(&mail("", "  send m to event.email\n"), &[event]);
    flow(&mail("", "  send m to event.email\n  send m\n"), &[contact, event]);
    flow(&mail(own, "  send m\n"), &["signup.note -> e-mail message.email.to by message m"]);
    flow(&mail(own, "  send m to event.email\n"), &[event]);
}

/// A secret that requests are signed with is shown to nobody.
#[test]
fn a_signing_secret_stays_here() {
    let program = format!(
        "{EVENTS}connector signed bearer {{\n  token secret(\"TOKEN\")\n  signing secret(\"SIGN\")\n}}\n\
         webhook w {{\n  post \"https://a.example.com/\"\n  auth signed\n}}\nworkflow f {{\n{START}  call w\n}}\n"
    );
    let audit = Audit::of(&compiled(&program).program.unwrap());
    let names = |secrets: Vec<&compiler::ir::SecretName>| secrets.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(audit.secrets.keys().collect()), ["SIGN", "TOKEN"]);
    assert_eq!(names(audit.signing.iter().collect()), ["SIGN"]);
}

/// How often a contact may be reached in a day, a week, a month.
#[test]
fn days_weeks_and_months_are_bounded() {
    let reach = |header: &str, steps: &str| {
        let program = format!(
            "{EVENTS}message m {{\n  email {{\n    from \"a@shop.example.com\"\n    subject \"Hello\"\n    text \"Hello\"\n  }}\n}}\n\
             segment all {{ contact.email is set }}\nworkflow f {{\n{header}\n{steps}}}\n"
        );
        let program = compiled(&program).program.unwrap();
        let audit = Audit::of(&program);
        let reach = &audit.workflows["f"].facts().reach;
        [reach.sends_a_day, reach.sends_a_week, reach.sends_a_month]
    };
    let schedule = |cron: &str| format!("  on schedule \"{cron}\" in \"Europe/Kyiv\" for segment all\n");
    let cases = [
        (START.to_owned(), "  send m\n", [None; 3]),
        (format!("{START}  once per 8h\n"), "  send m\n  send m\n", [6, 42, 180].map(Some)),
        (format!("{START}  once per 7d\n"), "  send m\n", [1, 1, 5].map(Some)),
        (format!("{START}  once ever\n"), "  send m\n", [1, 1, 1].map(Some)),
        (START.to_owned(), "  wait 1h\n", [0, 0, 0].map(Some)),
        (schedule("0 9 * * *"), "  send m\n", [1, 7, 30].map(Some)),
        (schedule("0,30 9-11 * * MON"), "  send m\n", [6, 6, 30].map(Some)),
        (schedule("0 9 * * MON-FRI"), "  send m\n", [1, 5, 22].map(Some)),
        (schedule("0 9 1,15 * *"), "  send m\n", [1, 2, 2].map(Some)),
        (schedule("0 9 1 * MON"), "  send m\n", [1, 7, 30].map(Some)),
        (schedule("*/15 */6 * * *"), "  send m\n", [16, 112, 480].map(Some)),
        (schedule("0 * * * *") + "  once per 12h\n", "  send m\n", [2, 14, 60].map(Some)),
        (schedule("0 9 * * *") + "  on contact.town changed\n", "  send m\n", [None; 3]),
    ];
    for (header, steps, expected) in cases {
        assert_eq!(reach(&header, steps), expected, "{header}{steps}");
    }
}

/// What is derived from another program's facts is what is derived from nothing.
#[test]
fn facts_are_the_same_whatever_was_known() {
    let webhook = "webhook w {\n  post \"https://a.example.com/\"\n  body json { town: contact.town }\n}\n";
    let mail = |text: &str| {
        format!(
            "message m {{\n  email {{\n    from \"a@shop.example.com\"\n    subject \"Hello\"\n    text \"{text}\"\n  }}\n}}\n"
        )
    };
    let flow = |name: &str, steps: &str| format!("workflow {name} {{\n{START}{steps}}}\n");
    let programs = [
        format!("{EVENTS}{webhook}{}{}", mail("Hi"), flow("f", "  call w\n  send m\n")),
        format!("{EVENTS}{webhook}{}{}", mail("Hi $!contact.card"), flow("f", "  call w\n  send m\n")),
        format!("{EVENTS}{webhook}{}{}{}", mail("Hi"), flow("f", "  call w\n  send m\n"), flow("g", "  send m\n")),
        // The other workflow now fills what the first one sends.
        format!(
            "{EVENTS}{webhook}{}{}{}",
            mail("Hi"),
            flow("f", "  call w\n  send m\n"),
            flow("g", "  set contact.town = contact.card\n")
        ),
        format!(
            "{EVENTS}{}{}{}",
            webhook.replace("contact.town", "contact.region"),
            mail("Hi"),
            flow("f", "  call w\n  send m\n")
        ),
        format!("{EVENTS}{}{}", mail("Hi"), flow("g", "  send m\n")),
    ];
    let programs: Vec<_> = programs.iter().map(|text| compiled(text).program.unwrap()).collect();
    for base in &programs {
        let known = Audit::of(base);
        for head in &programs {
            assert_eq!(Audit::after(head, base, &known), Audit::of(head));
        }
    }
}
