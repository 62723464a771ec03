//! Programs of any shape that compile, and that can be changed in one place.
//!
//! A shop is a model of a program: bytes decide what is in it, [`Shop::text`] writes it down. What is changed in the model is
//! one change of the program, whatever else is in it.

use std::fmt::Write;

use crate::support::maker::Maker;

#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) event_fields: Vec<(String, String)>,
    pub(crate) contact_fields: Vec<(String, String)>,
    pub(crate) connectors: Vec<(String, String)>,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) channel: Hook,
    pub(crate) segment: String,
    pub(crate) messages: Vec<Message>,
    pub(crate) workflows: Vec<Workflow>,
    pub(crate) schedule: (String, String),
    pub(crate) tests: Vec<(String, Vec<String>)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) name: String,
    pub(crate) docs: Option<String>,
    pub(crate) method: &'static str,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) auth: Option<String>,
    pub(crate) uses: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<(String, String)>,
    pub(crate) returns: Option<String>,
    pub(crate) timeout: u32,
    pub(crate) attempts: (u32, u32, u32),
    pub(crate) limit: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) name: String,
    pub(crate) from: String,
    pub(crate) to: Option<String>,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: Option<String>,
    pub(crate) sms: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Workflow {
    pub(crate) name: String,
    pub(crate) event: String,
    pub(crate) filter: Option<String>,
    pub(crate) more: Vec<String>,
    pub(crate) identify: Vec<String>,
    pub(crate) otherwise: Option<&'static str>,
    pub(crate) once: Option<u32>,
    pub(crate) single: bool,
    pub(crate) exits: Vec<(String, Option<String>)>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Call { hook: String, alias: Option<String>, failed: Option<Vec<Step>> },
    Send { message: String, to: Option<String>, hours: Option<(u32, u32, String)> },
    Wait(u32),
    WaitUntil(u32, String),
    WaitFor { event: String, days: u32, came: Vec<Step>, late: Vec<Step> },
    If { condition: String, then: Vec<Step>, otherwise: Vec<Step> },
    Match { field: String, arms: Vec<(String, Vec<Step>)>, otherwise: Vec<Step> },
    Split { name: String, share: u32, one: Vec<Step>, rest: Vec<Step> },
    Set(String, String),
    Emit(String),
    Stop(String),
}

/// Whether a block has nothing behind it that could still run.
fn ended(steps: &[Step]) -> bool {
    matches!(steps.last(), Some(Step::Stop(_)))
}

impl Shop {
    /// The shop that bytes say.
    pub(crate) fn made(maker: &mut Maker<'_>) -> Shop {
        let text = |text: &str| text.to_owned();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut event_fields =
            vec![pair("email", "email"), pair("order_id", "string"), pair("total", "decimal"), pair("note", "string?")];
        if maker.maybe() {
            event_fields.push(pair("items", "[{ sku: string, qty: int, serial: string? sensitive }]"));
        }
        let contact_fields = vec![
            pair("tier", "\"bronze\" | \"gold\" = \"bronze\""),
            pair("opted_in", "bool = false"),
            pair("last_order", "string?"),
            pair("card", "string? sensitive"),
        ];
        let connectors = vec![
            pair("promo_api", "bearer {\n  token secret(\"PROMO_TOKEN\")\n"),
            pair("crm", "basic {\n  login \"svc\"\n  password secret(\"CRM_PASSWORD\")\n"),
        ];
        let hook = |maker: &mut Maker<'_>, name: &str, host: &str| Hook {
            name: text(name),
            docs: maker.maybe().then(|| text("What it is for.")),
            method: maker.one_of(&["post", "put", "patch"]),
            host: text(host),
            path: text(maker.one_of(&["/v1", "/v1/${event.order_id}", "/v1?order=${event.order_id}"])),
            auth: maker.maybe().then(|| text(maker.one_of(&["promo_api", "crm"]))),
            uses: None,
            headers: if maker.maybe() { vec![pair("X-Order", "event.order_id")] } else { Vec::new() },
            body: match maker.below(3) {
                0 => vec![pair("order", "event.order_id")],
                1 => vec![pair("order", "event.order_id"), pair("sum", "event.total")],
                _ => vec![pair("town", "contact.town"), pair("order", "event.order_id")],
            },
            returns: maker.maybe().then(|| text("{ code: string, left: int? }")),
            timeout: 5,
            attempts: (3, 1, 60),
            limit: maker.maybe().then_some(10),
        };
        let hooks = vec![
            hook(maker, "promo", "promo.example.com"),
            hook(maker, "points", "points.example.com"),
            hook(maker, "erp", "erp.example.com"),
        ];
        let mut channel = hook(maker, "sms", "sms.example.com");
        channel.path = text("/send");
        channel.returns = None;
        channel.headers.clear();
        channel.body = vec![pair("to", "contact.phone"), pair("text", "message.text")];
        let message = |maker: &mut Maker<'_>, name: &str| Message {
            name: text(name),
            from: text("Shop <hello@shop.example.com>"),
            to: None,
            subject: text(maker.one_of(&["Your cart waits", "$!contact.first_name, your cart waits"])),
            text: text("Hello $!contact.first_name\nSee https://shop.example.com/cart\nUnsubscribe: answer STOP"),
            html: maker.maybe().then(|| text("<p>$!contact.town</p>")),
            sms: maker.maybe().then(|| text("Your cart waits")),
        };
        let messages = vec![message(maker, "offer"), message(maker, "reminder")];
        let workflow = |maker: &mut Maker<'_>, name: &str| Workflow {
            name: text(name),
            event: text("cart"),
            filter: maker.maybe().then(|| text("event.total > 100")),
            more: if maker.maybe() { vec![text("on opened")] } else { Vec::new() },
            identify: if maker.maybe() {
                vec![text("external_id event.order_id"), text("email event.email")]
            } else {
                vec![text("email event.email")]
            },
            otherwise: maker.one_of(&[Some("create"), Some("stop"), None]),
            once: maker.maybe().then_some(7),
            single: maker.maybe(),
            exits: if maker.maybe() {
                vec![(text("paid"), Some(text("it.order_id == event.order_id")))]
            } else {
                vec![]
            },
            steps: Shop::steps(maker, 0),
        };
        let mut workflows = vec![workflow(maker, "bring_back"), workflow(maker, "thank")];
        // Something for each operator to take hold of.
        workflows[0].steps.insert(0, Step::Wait(60));
        workflows[0].steps.insert(1, Step::Call { hook: text("promo"), alias: None, failed: None });
        let guarded = vec![Step::Send { message: text("offer"), to: None, hours: Some((9, 21, text("Europe/Kyiv"))) }];
        let otherwise = vec![Step::Set(text("last_order"), text("event.order_id"))];
        workflows[0].steps.insert(2, Step::If { condition: text("contact.opted_in"), then: guarded, otherwise });
        workflows[0].steps.insert(3, Step::Emit(text("event.order_id")));
        let arms = vec![(text("\"gold\""), vec![Step::Wait(5)])];
        let field = text("contact.tier");
        workflows[0].steps.insert(4, Step::Match { field, arms, otherwise: vec![Step::Wait(10)] });
        let (one, rest) = (vec![Step::Stop(text("control"))], vec![Step::Wait(20)]);
        workflows[0].steps.insert(5, Step::Split { name: text("offer test"), share: 40, one, rest });
        let tests = vec![(text("it runs"), vec![text("receive paid { email: \"a@example.com\", order_id: \"1\" }")])];
        Shop {
            event_fields,
            contact_fields,
            connectors,
            hooks,
            channel,
            segment: text("contact.tier == \"gold\" and contact.town in [\"Kyiv\", \"Lviv\"]"),
            messages,
            workflows,
            schedule: pair("0 9 * * 1", "Europe/Kyiv"),
            tests,
        }
    }

    fn steps(maker: &mut Maker<'_>, depth: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        for _ in 0..maker.below(4) {
            if ended(&steps) {
                break;
            }
            steps.push(Shop::step(maker, depth));
        }
        steps
    }

    /// A block that runs something, and gets to its end.
    fn block(maker: &mut Maker<'_>, depth: usize) -> Vec<Step> {
        let mut steps = Shop::steps(maker, depth);
        steps.retain(|step| !matches!(step, Step::Stop(_)));
        steps.push(Step::Wait(30));
        steps
    }

    fn step(maker: &mut Maker<'_>, depth: usize) -> Step {
        let text = |text: &str| text.to_owned();
        let deep = depth < 3;
        match maker.below(if deep { 12 } else { 7 }) {
            0 => Step::Wait(90),
            1 => Step::WaitUntil(9, text("Europe/Kyiv")),
            2 => Step::Send { message: text(maker.one_of(&["offer", "reminder"])), to: None, hours: None },
            3 => Step::Set(text("last_order"), text("event.order_id")),
            4 => Step::Emit(text("event.order_id")),
            5 => Step::Call { hook: text(maker.one_of(&["points", "erp"])), alias: None, failed: None },
            6 => Step::Set(text("opted_in"), text("true")),
            7 => Step::Call { hook: text("erp"), alias: None, failed: Some(Shop::block(maker, depth + 1)) },
            8 => Step::WaitFor {
                event: text("paid"),
                days: 2,
                came: Shop::block(maker, depth + 1),
                late: Shop::block(maker, depth + 1),
            },
            9 => Step::If {
                condition: text(maker.one_of(&["contact in loyal", "contact.town is set", "event.total > 50"])),
                then: Shop::block(maker, depth + 1),
                otherwise: Shop::block(maker, depth + 1),
            },
            10 => Step::Match {
                field: text("contact.tier"),
                arms: vec![(text("\"gold\""), Shop::block(maker, depth + 1))],
                otherwise: Shop::block(maker, depth + 1),
            },
            _ => Step::Split {
                name: text("a test"),
                share: 30,
                one: Shop::block(maker, depth + 1),
                rest: Shop::block(maker, depth + 1),
            },
        }
    }

    /// The program.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let fields = |fields: &[(String, String)]| -> String {
            fields.iter().map(|(name, ty)| format!("  {name}: {ty}\n")).collect()
        };
        let _ = writeln!(out, "event cart {{\n{}}}\n", fields(&self.event_fields));
        let _ = writeln!(out, "event opened {{\n{}}}\n", fields(&self.event_fields));
        out.push_str("event paid {\n  email: email\n  order_id: string\n}\n\nevent seen {\n  order_id: string\n}\n\n");
        let _ = writeln!(out, "contact {{\n{}}}\n", fields(&self.contact_fields));
        for (name, rest) in &self.connectors {
            let _ = writeln!(out, "connector {name} {rest}}}\n");
        }
        for hook in &self.hooks {
            hook.write("webhook", &mut out);
        }
        self.channel.write("channel", &mut out);
        let _ = writeln!(out, "segment loyal {{\n  {}\n}}\n", self.segment);
        for message in &self.messages {
            message.write(&mut out);
        }
        for workflow in &self.workflows {
            workflow.write(&mut out);
        }
        let (cron, zone) = &self.schedule;
        let _ = writeln!(out, "workflow digest {{\n  on schedule \"{cron}\" in \"{zone}\" for segment loyal\n");
        out.push_str("  wait 5min\n  set contact.last_order = \"none\"\n}\n\n");
        for (name, steps) in &self.tests {
            let _ = writeln!(out, "test \"{name}\" {{\n  {}\n}}\n", steps.join("\n  "));
        }
        out
    }
}

impl Hook {
    fn write(&self, kind: &str, out: &mut String) {
        let pairs = |pairs: &[(String, String)], quote: &str| -> String {
            pairs.iter().map(|(name, value)| format!("    {quote}{name}{quote}: {value}\n")).collect()
        };
        if let Some(docs) = &self.docs {
            let _ = writeln!(out, "/// {docs}");
        }
        let _ = writeln!(out, "{kind} {} {{", self.name);
        if let Some(uses) = &self.uses {
            let _ = writeln!(out, "  uses {uses}");
        }
        let _ = writeln!(out, "  {} \"https://{}{}\"", self.method, self.host, self.path);
        if let Some(auth) = &self.auth {
            let _ = writeln!(out, "  auth {auth}");
        }
        if !self.headers.is_empty() {
            let _ = writeln!(out, "  headers {{\n{}  }}", pairs(&self.headers, "\""));
        }
        if !self.body.is_empty() {
            let _ = writeln!(out, "  body json {{\n{}  }}", pairs(&self.body, ""));
        }
        if let Some(returns) = &self.returns {
            let _ = writeln!(out, "  returns json {returns}");
        }
        let (count, from, to) = self.attempts;
        let _ = writeln!(out, "  timeout {}s\n  attempts {count} from {from}s to {to}s", self.timeout);
        if let Some(limit) = self.limit {
            let _ = writeln!(out, "  limit {limit} per 1s");
        }
        out.push_str("}\n\n");
    }
}

impl Message {
    fn write(&self, out: &mut String) {
        let _ = writeln!(out, "message {} {{\n  email {{\n    from \"{}\"", self.name, self.from);
        if let Some(to) = &self.to {
            let _ = writeln!(out, "    to \"{to}\"");
        }
        let _ = writeln!(out, "    subject \"{}\"", self.subject);
        let block = |text: &str| format!("\"\"\"\n      {}\n      \"\"\"", text.replace('\n', "\n      "));
        let _ = writeln!(out, "    text {}", block(&self.text));
        if let Some(html) = &self.html {
            let _ = writeln!(out, "    html {}", block(html));
        }
        out.push_str("  }\n");
        if let Some(sms) = &self.sms {
            let _ = writeln!(out, "  sms {{ text \"{sms}\" }}");
        }
        out.push_str("}\n\n");
    }
}

impl Workflow {
    fn write(&self, out: &mut String) {
        let filter = self.filter.as_ref().map(|it| format!(" where {it}")).unwrap_or_default();
        let _ = writeln!(out, "workflow {} {{\n  on {}{filter}", self.name, self.event);
        for line in &self.more {
            let _ = writeln!(out, "  {line}");
        }
        for (position, way) in self.identify.iter().enumerate() {
            let last = position + 1 == self.identify.len();
            let otherwise = self.otherwise.filter(|_| last).map(|it| format!(" else {it}")).unwrap_or_default();
            let _ = writeln!(out, "  identify by {way}{otherwise}");
        }
        if let Some(days) = self.once {
            let _ = writeln!(out, "  once per {days}d");
        }
        if self.single {
            out.push_str("  one at a time\n");
        }
        for (event, filter) in &self.exits {
            let filter = filter.as_ref().map(|it| format!(" as it where {it}")).unwrap_or_default();
            let _ = writeln!(out, "  exit on {event}{filter}");
        }
        out.push('\n');
        write_steps(&self.steps, 1, out);
        out.push_str("}\n\n");
    }
}

fn write_steps(steps: &[Step], depth: usize, out: &mut String) {
    for step in steps {
        step.write(depth, out);
    }
}

impl Step {
    fn write(&self, depth: usize, out: &mut String) {
        let pad = "  ".repeat(depth);
        // `HEAD { … } BETWEEN { … }`.
        let two = |out: &mut String, head: String, first: &[Step], between: &str, second: &[Step]| {
            let _ = writeln!(out, "{pad}{head} {{");
            write_steps(first, depth + 1, out);
            if !second.is_empty() {
                let _ = writeln!(out, "{pad}}} {between} {{");
                write_steps(second, depth + 1, out);
            }
            let _ = writeln!(out, "{pad}}}");
        };
        match self {
            Step::Call { hook, alias, failed } => {
                let alias = alias.as_ref().map(|it| format!(" as {it}")).unwrap_or_default();
                match failed {
                    Some(failed) => two(out, format!("call {hook}{alias} on failure"), failed, "", &[]),
                    None => writeln!(out, "{pad}call {hook}{alias}").unwrap(),
                }
            }
            Step::Send { message, to, hours } => {
                let to = to.as_ref().map(|it| format!(" to {it}")).unwrap_or_default();
                let hours = hours.as_ref().map(|(from, to, zone)| {
                    format!(" between {from:02}:00 and {to:02}:00 in contact.timezone ?? \"{zone}\"")
                });
                writeln!(out, "{pad}send {message}{to}{}", hours.unwrap_or_default()).unwrap();
            }
            Step::Wait(minutes) => writeln!(out, "{pad}wait {minutes}min").unwrap(),
            Step::WaitUntil(hour, zone) => writeln!(out, "{pad}wait until {hour:02}:00 in \"{zone}\"").unwrap(),
            Step::WaitFor { event, days, came, late } => {
                two(out, format!("wait for {event} up to {days}d"), came, "on timeout", late);
            }
            Step::If { condition, then, otherwise } => two(out, format!("if {condition}"), then, "else", otherwise),
            Step::Match { field, arms, otherwise } => {
                writeln!(out, "{pad}match {field} {{").unwrap();
                for (value, steps) in arms {
                    writeln!(out, "{pad}  {value} {{").unwrap();
                    write_steps(steps, depth + 2, out);
                    writeln!(out, "{pad}  }}").unwrap();
                }
                if !otherwise.is_empty() {
                    writeln!(out, "{pad}  else {{").unwrap();
                    write_steps(otherwise, depth + 2, out);
                    writeln!(out, "{pad}  }}").unwrap();
                }
                writeln!(out, "{pad}}}").unwrap();
            }
            Step::Split { name, share, one, rest } => {
                writeln!(out, "{pad}split \"{name}\" {{\n{pad}  {share}% \"one\" {{").unwrap();
                write_steps(one, depth + 2, out);
                writeln!(out, "{pad}  }}\n{pad}  rest \"rest\" {{").unwrap();
                write_steps(rest, depth + 2, out);
                writeln!(out, "{pad}  }}\n{pad}}}").unwrap();
            }
            Step::Set(field, value) => writeln!(out, "{pad}set contact.{field} = {value}").unwrap(),
            Step::Emit(value) => writeln!(out, "{pad}emit seen {{ order_id: {value} }}").unwrap(),
            Step::Stop(why) => writeln!(out, "{pad}stop \"{why}\"").unwrap(),
        }
    }
}
