//! Single changes, each with the kind that it is to be told as, and the dangers that come with it.

use compiler::diff::Slug;

use super::shop::{Hook, Shop, Step};

/// One change of a program; nothing where the program has no place for it.
pub(crate) struct Mutation {
    /// What it must be told as.
    pub(crate) slug: Slug,
    /// What else is dangerous about it.
    pub(crate) with: &'static [Slug],
    /// Does it.
    pub(crate) change: fn(&mut Shop) -> Option<()>,
}

const fn change(slug: Slug, with: &'static [Slug], change: fn(&mut Shop) -> Option<()>) -> Mutation {
    Mutation { slug, with, change }
}

fn replace<T: PartialEq>(place: &mut T, value: T) -> Option<()> {
    (*place != value).then(|| *place = value)
}

fn promo(shop: &mut Shop) -> &mut Hook {
    &mut shop.hooks[0]
}

fn steps(shop: &mut Shop) -> &mut Vec<Step> {
    &mut shop.workflows[0].steps
}

/// The message of the first workflow that has hours.
fn send(shop: &mut Shop) -> Option<&mut Step> {
    steps(shop).iter_mut().find_map(|step| match step {
        Step::If { then, .. } => then.iter_mut().find(|step| matches!(step, Step::Send { hours: Some(_), .. })),
        _ => None,
    })
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn field(name: &str, ty: &str) -> (String, String) {
    (text(name), text(ty))
}

/// What a request that goes along another way brings with it.
const SENT: &[Slug] = &[Slug::FieldSentAdded, Slug::HostAdded, Slug::FieldMovedToUrl];
/// What a message that is sent more often brings with it.
const MORE: &[Slug] =
    &[Slug::SendAdded, Slug::MaxSendsIncreased, Slug::TemplateVariableAdded, Slug::FieldSentAdded, Slug::HostAdded];

/// Takes the message out of a branch that has nothing else.
fn without_offer(shop: &mut Shop) -> Option<()> {
    let then = steps(shop).iter_mut().find_map(|step| match step {
        Step::If { then, .. } if matches!(then.first(), Some(Step::Send { .. })) => Some(then),
        _ => None,
    })?;
    then[0] = Step::Set(text("opted_in"), text("true"));
    Some(())
}

pub(crate) const MUTATIONS: &[Mutation] = &[
    // Data that leaves.
    change(Slug::HostAdded, &[Slug::FieldSentAdded], |shop| {
        let hook = Hook { name: text("score"), host: text("score.example.net"), auth: None, ..shop.hooks[0].clone() };
        shop.hooks.push(hook);
        steps(shop).insert(0, Step::Call { hook: text("score"), alias: None, failed: None });
        Some(())
    }),
    change(Slug::HostChanged, &[Slug::FieldSentAdded, Slug::HostAdded, Slug::AuthHostWidened], |shop| {
        replace(&mut promo(shop).host, text("promo.example.net"))
    }),
    change(Slug::HostRemoved, &[Slug::WorkflowRemoved], |shop| {
        shop.hooks.retain(|hook| hook.name != "promo");
        shop.workflows.retain(|workflow| workflow.name != "bring_back");
        Some(())
    }),
    change(Slug::FieldSentAdded, &[], |shop| {
        promo(shop).body.push(field("phone", "contact.phone"));
        Some(())
    }),
    change(Slug::FieldSentRemoved, &[], |shop| {
        let hook = promo(shop);
        hook.body.retain(|(name, _)| name != "town");
        (hook.body.len() == 1 && hook.path == "/v1").then_some(())?;
        replace(&mut hook.body, vec![field("fixed", "1")])
    }),
    change(Slug::FieldMovedToUrl, &[], |shop| {
        let hook = promo(shop);
        (hook.path == "/v1").then(|| hook.path = text("/v1/${event.order_id}"))
    }),
    change(Slug::PathChanged, &[], |shop| {
        let path = &mut promo(shop).path;
        path.push_str(if path.contains('?') { "&v=2" } else { "/more" });
        Some(())
    }),
    change(Slug::MethodChanged, &[], |shop| {
        let hook = promo(shop);
        let other = if hook.method == "post" { "put" } else { "post" };
        replace(&mut hook.method, other)
    }),
    change(Slug::BodyShapeChanged, &[], |shop| {
        promo(shop).body.push(field("kind", "\"cart\""));
        Some(())
    }),
    change(Slug::HeaderChanged, &[], |shop| {
        promo(shop).headers.push(field("X-Kind", "\"cart\""));
        Some(())
    }),
    change(Slug::AuthAdded, &[Slug::AuthHostWidened], |shop| {
        promo(shop).auth.is_none().then(|| promo(shop).auth = Some(text("promo_api")))
    }),
    change(Slug::AuthRemoved, &[], |shop| promo(shop).auth.take().map(|_| ())),
    change(Slug::AuthChanged, &[], |shop| {
        replace(&mut shop.connectors[0].1, text("bearer {\n  token secret(\"OTHER_TOKEN\")\n"))
    }),
    change(Slug::AuthHostWidened, &[], |shop| {
        let used = shop.hooks.iter().skip(1).any(|hook| hook.auth.as_deref() == Some("crm"));
        (used && promo(shop).auth.is_none()).then(|| promo(shop).auth = Some(text("crm")))
    }),
    change(Slug::UsesChanged, &[], |shop| {
        shop.hooks[0].returns.as_ref()?;
        replace(&mut shop.hooks[2].uses, Some(text("promo")))
    }),
    change(Slug::SigningChanged, &[], |shop| {
        shop.connectors[0].1.push_str("  signing secret(\"SIGNING_KEY\")\n");
        Some(())
    }),
    change(Slug::ResponseTypeChanged, &[], |shop| replace(&mut promo(shop).returns, Some(text("{ code: int }")))),
    change(Slug::ResponseFieldUsedAdded, &[], |shop| {
        promo(shop).returns.as_ref()?;
        steps(shop).insert(2, Step::Set(text("last_order"), text("data.promo.code")));
        (shop.hooks[0].returns.as_deref() == Some("{ code: string, left: int? }")).then_some(())
    }),
    // Who, and when.
    change(Slug::TriggerAdded, &[Slug::FieldSentAdded], |shop| {
        let more = &mut shop.workflows[0].more;
        more.is_empty().then(|| more.push(text("on opened")))
    }),
    change(Slug::TriggerRemoved, &[], |shop| shop.workflows[0].more.pop().map(|_| ())),
    change(Slug::TriggerEventChanged, &[Slug::FieldSentAdded, Slug::FilterWidened], |shop| {
        shop.workflows[0].more.is_empty().then(|| shop.workflows[0].event = text("opened"))
    }),
    change(Slug::FilterWidened, &[], |shop| shop.workflows[0].filter.take().map(|_| ())),
    change(Slug::FilterWidened, &[], |shop| {
        shop.workflows[0].filter.as_mut().map(|filter| *filter = text("event.total > 10"))
    }),
    change(Slug::FilterNarrowed, &[], |shop| {
        shop.workflows[0].filter.as_mut().map(|filter| filter.push_str(" and event.note is set"))
    }),
    change(Slug::FilterChanged, &[], |shop| {
        shop.workflows[0].filter.as_mut().map(|filter| *filter = text("event.note is set"))
    }),
    change(Slug::RecipientChanged, &[Slug::FieldSentAdded], |shop| match send(shop)? {
        Step::Send { to, .. } => replace(to, Some(text("\"boss@example.com\""))),
        _ => None,
    }),
    change(Slug::RecipientChanged, &[], |shop| replace(&mut shop.messages[0].to, Some(text("boss@example.com")))),
    change(Slug::SendAdded, MORE, |shop| {
        steps(shop).insert(0, Step::Send { message: text("reminder"), to: None, hours: None });
        Some(())
    }),
    change(Slug::SendRemoved, &[], without_offer),
    change(Slug::SendsChanged, &[], without_offer),
    change(Slug::MaxSendsIncreased, MORE, |shop| {
        steps(shop).push(Step::Send { message: text("reminder"), to: None, hours: None });
        (!matches!(steps(shop).iter().rev().nth(1), Some(Step::Stop(_)))).then_some(())
    }),
    change(Slug::ConsentCheckRemoved, &[], |shop| {
        steps(shop).iter_mut().find_map(|step| match step {
            Step::If { condition, .. } if condition == "contact.opted_in" => Some(*condition = text("event.total > 5")),
            _ => None,
        })
    }),
    change(Slug::ConsentCheckRemoved, &[], |shop| match send(shop)? {
        Step::Send { hours, .. } => hours.take().map(|_| ()),
        _ => None,
    }),
    change(Slug::QuietHoursChanged, &[], |shop| match send(shop)? {
        Step::Send { hours: Some((from, ..)), .. } => replace(from, 7),
        _ => None,
    }),
    change(Slug::TimezoneChanged, &[], |shop| match send(shop)? {
        Step::Send { hours: Some((_, _, zone)), .. } => replace(zone, text("Europe/Berlin")),
        _ => None,
    }),
    change(Slug::RateLimitRaised, &[], |shop| promo(shop).limit.as_mut().map(|limit| *limit = 20)),
    change(Slug::RateLimitLowered, &[], |shop| promo(shop).limit.as_mut().map(|limit| *limit = 5)),
    change(Slug::RateLimitRemoved, &[], |shop| promo(shop).limit.take().map(|_| ())),
    change(Slug::DedupeChanged, &[Slug::MaxSendsIncreased], |shop| {
        shop.workflows[0].once.as_mut().map(|days| *days = 1)
    }),
    change(Slug::DedupeChanged, &[Slug::MaxSendsIncreased], |shop| shop.workflows[0].once.take().map(|_| ())),
    change(Slug::ReentryPolicyChanged, &[], |shop| {
        let single = shop.workflows[0].single;
        replace(&mut shop.workflows[0].single, !single)
    }),
    change(Slug::SegmentChanged, &[], |shop| replace(&mut shop.segment, text("contact.tier == \"gold\""))),
    change(Slug::SegmentChanged, &[], |shop| replace(&mut shop.segment, text("contact.town == \"Kyiv\""))),
    change(Slug::ExitAdded, &[], |shop| {
        let exits = &mut shop.workflows[0].exits;
        exits.is_empty().then(|| exits.push((text("paid"), Some(text("it.order_id == event.order_id")))))
    }),
    change(Slug::ExitRemoved, &[], |shop| shop.workflows[0].exits.pop().map(|_| ())),
    change(Slug::ExitChanged, &[], |shop| {
        shop.workflows[0].exits.first_mut().map(|exit| exit.1 = Some(text("it.email == event.email")))
    }),
    // What is said.
    change(Slug::MessageTextChanged, &[], |shop| {
        shop.messages[0].text.push_str("\nThank you.");
        Some(())
    }),
    change(Slug::MessageSubjectChanged, &[], |shop| {
        shop.messages[0].subject.push('!');
        Some(())
    }),
    change(Slug::MessageSenderChanged, &[], |shop| replace(&mut shop.messages[0].from, text("Shop <x@example.org>"))),
    change(Slug::TemplateVariableAdded, &[], |shop| {
        shop.messages[0].text.push_str("\n$!contact.region");
        Some(())
    }),
    change(Slug::TemplateVariableFallbackRemoved, &[], |shop| {
        shop.messages[0].text = shop.messages[0].text.replace("$!contact", "$contact");
        Some(())
    }),
    change(Slug::LinkAdded, &[], |shop| {
        shop.messages[0].text.push_str("\nhttps://shop.example.com/more");
        Some(())
    }),
    change(Slug::LinkHostChanged, &[], |shop| {
        shop.messages[0].text = shop.messages[0].text.replace("shop.example.com/cart", "shop.example.net/cart");
        Some(())
    }),
    change(Slug::UnsubscribeRemoved, &[], |shop| {
        shop.messages[0].text = shop.messages[0].text.replace("\nUnsubscribe: answer STOP", "");
        Some(())
    }),
    change(Slug::ChannelAdded, MORE, |shop| {
        shop.messages[0].sms.is_none().then(|| shop.messages[0].sms = Some(text("Hello")))
    }),
    change(Slug::ChannelRemoved, &[], |shop| shop.messages[0].sms.take().map(|_| ())),
    change(Slug::MessagePartChanged, &[], |shop| {
        shop.messages[0].html.is_none().then(|| shop.messages[0].html = Some(text("<p>Hello</p>")))
    }),
    // The way through.
    change(Slug::StepAdded, SENT, |shop| {
        steps(shop).insert(0, Step::Call { hook: text("points"), alias: None, failed: None });
        Some(())
    }),
    change(Slug::StepAdded, &[], |shop| {
        steps(shop).insert(0, Step::Wait(10));
        Some(())
    }),
    change(Slug::StepRemoved, &[], |shop| {
        steps(shop).remove(1);
        Some(())
    }),
    change(Slug::StepReordered, &[], |shop| {
        steps(shop).swap(0, 1);
        Some(())
    }),
    change(Slug::BranchConditionChanged, &[], |shop| {
        steps(shop).insert(0, Step::Match { field: text("contact.tier"), arms: vec![], otherwise: vec![] });
        steps(shop).remove(0);
        first_if(shop).and_then(|condition| replace(condition, text("contact.opted_in and event.total > 5")))
    }),
    change(Slug::BranchAdded, &[], |shop| {
        steps(shop).iter_mut().find_map(|step| match step {
            Step::Match { arms, .. } => Some(arms.push((text("\"bronze\""), vec![Step::Wait(5)]))),
            _ => None,
        })
    }),
    change(Slug::BranchRemoved, &[], |shop| {
        steps(shop).iter_mut().find_map(|step| match step {
            Step::Match { arms, .. } if arms.len() == 1 => Some(arms[0].0 = text("\"bronze\"")),
            _ => None,
        })
    }),
    change(Slug::DefaultBranchRemoved, &[], |shop| {
        steps(shop).iter_mut().find_map(|step| match step {
            Step::If { otherwise, .. } => Some(otherwise.clear()),
            _ => None,
        })
    }),
    change(Slug::SplitShareChanged, &[], |shop| {
        steps(shop).iter_mut().find_map(|step| match step {
            Step::Split { share, .. } => Some(*share = 50),
            _ => None,
        })
    }),
    change(Slug::EndChanged, &[], |shop| {
        steps(shop).iter_mut().find_map(|step| match step {
            Step::Split { one, .. } => match one.last_mut()? {
                Step::Stop(why) => replace(why, text("another reason")),
                _ => None,
            },
            _ => None,
        })
    }),
    change(Slug::ResultRenamed, &[], |shop| match &mut steps(shop)[1] {
        Step::Call { alias, .. } => replace(alias, Some(text("code"))),
        _ => None,
    }),
    change(Slug::WorkflowAdded, &[Slug::SendAdded, Slug::FieldSentAdded, Slug::TemplateVariableAdded], |shop| {
        let mut workflow = shop.workflows[0].clone();
        workflow.name = text("again");
        shop.workflows.push(workflow);
        Some(())
    }),
    change(Slug::WorkflowRemoved, &[], |shop| shop.workflows.pop().map(|_| ())),
    change(Slug::WorkflowRenamed, &[], |shop| replace(&mut shop.workflows[0].name, text("win_back"))),
    change(Slug::EmitAdded, &[], |shop| {
        steps(shop).insert(0, Step::Emit(text("event.order_id")));
        Some(())
    }),
    change(Slug::EmitRemoved, &[], |shop| {
        steps(shop).remove(3);
        Some(())
    }),
    change(Slug::EmitChanged, &[], |shop| match &mut steps(shop)[3] {
        Step::Emit(value) => replace(value, text("\"none\"")),
        _ => None,
    }),
    // Time and delivery.
    change(Slug::WaitChanged, &[], |shop| match &mut steps(shop)[0] {
        Step::Wait(minutes) => replace(minutes, 120),
        _ => None,
    }),
    change(Slug::LongestWaitChanged, &[], |shop| match &mut steps(shop)[0] {
        Step::Wait(minutes) => replace(minutes, 180),
        _ => None,
    }),
    change(Slug::WaitRemoved, &[], |shop| {
        steps(shop).remove(0);
        (!matches!(steps(shop).first(), Some(Step::Wait(_)))).then_some(())
    }),
    change(Slug::WaitUntilChanged, &[], |shop| {
        steps(shop).iter_mut().find_map(|step| match step {
            Step::WaitUntil(hour, _) => Some(*hour = 11),
            Step::WaitFor { days, .. } => Some(*days = 9),
            _ => None,
        })
    }),
    change(Slug::ScheduleChanged, &[], |shop| replace(&mut shop.schedule.0, text("0 10 * * 1"))),
    change(Slug::ScheduleChanged, &[], |shop| replace(&mut shop.schedule.1, text("Europe/Berlin"))),
    change(Slug::RetryRaised, &[], |shop| replace(&mut promo(shop).attempts, (6, 1, 60))),
    change(Slug::RetryLowered, &[], |shop| replace(&mut promo(shop).attempts, (2, 1, 60))),
    change(Slug::TimeoutChanged, &[], |shop| replace(&mut promo(shop).timeout, 9)),
    change(Slug::OnErrorChanged, &[], |shop| match &mut steps(shop)[1] {
        Step::Call { failed, .. } => replace_none(failed, vec![Step::Stop(text("no code"))]),
        _ => None,
    }),
    // Who a contact is.
    change(Slug::IdentifyKeyChanged, &[], |shop| {
        replace(&mut shop.workflows[0].identify, vec![text("external_id event.order_id")])
    }),
    change(Slug::IdentifyOrderChanged, &[], |shop| {
        let ways = &mut shop.workflows[0].identify;
        (ways.len() == 2).then(|| ways.swap(0, 1))
    }),
    change(Slug::CreateIfMissingChanged, &[], |shop| {
        let other = if shop.workflows[0].otherwise == Some("stop") { None } else { Some("stop") };
        replace(&mut shop.workflows[0].otherwise, other)
    }),
    change(Slug::ContactWriteAdded, &[], |shop| {
        steps(shop).insert(0, Step::Set(text("opted_in"), text("false")));
        Some(())
    }),
    change(Slug::ContactWriteRemoved, &[], |shop| first_set(shop).map(|step| *step = Step::Wait(7))),
    change(Slug::ContactWriteChanged, &[], |shop| match first_set(shop)? {
        Step::Set(_, value) => replace(value, text("\"none\"")),
        _ => None,
    }),
    change(Slug::FieldAdded, &[], |shop| {
        shop.event_fields.push(field("coupon", "string?"));
        Some(())
    }),
    change(Slug::FieldAdded, &[Slug::FieldAdded], |shop| {
        shop.event_fields.push(field("coupon", "string"));
        Some(())
    }),
    change(Slug::FieldRemoved, &[], |shop| {
        shop.contact_fields.retain(|(name, _)| name != "card");
        Some(())
    }),
    change(Slug::FieldTypeChanged, &[], |shop| {
        shop.contact_fields.iter_mut().find(|(name, _)| name == "card").map(|card| card.1 = text("int? sensitive"))
    }),
    change(Slug::FieldDefaultChanged, &[], |shop| {
        shop.contact_fields.iter_mut().find(|(name, _)| name == "opted_in").map(|it| it.1 = text("bool = true"))
    }),
    change(Slug::FieldClassificationLowered, &[], |shop| {
        let items = shop.event_fields.iter_mut().find(|(name, _)| name == "items")?;
        replace(&mut items.1, text("[{ sku: string, qty: int, serial: string? }]"))
    }),
    change(Slug::FieldClassificationRaised, &[], |shop| {
        shop.contact_fields.iter_mut().find(|(name, _)| name == "last_order").map(|it| it.1.push_str(" sensitive"))
    }),
    // Declarations.
    change(Slug::DeclarationAdded, &[], |shop| {
        shop.connectors.push(field("more", "bearer {\n  token secret(\"MORE_TOKEN\")\n"));
        Some(())
    }),
    change(Slug::DeclarationRemoved, &[], |shop| {
        let used = |hook: &Hook| hook.auth.as_deref() == Some("crm");
        (!shop.hooks.iter().any(used) && !used(&shop.channel)).then(|| {
            shop.connectors.pop();
        })
    }),
    change(Slug::DeclarationRenamed, &[], |shop| {
        promo(shop).name = text("codes");
        for workflow in &mut shop.workflows {
            rename_calls(&mut workflow.steps);
        }
        Some(())
    }),
    change(Slug::DescriptionChanged, &[], |shop| replace(&mut promo(shop).docs, Some(text("For codes.")))),
    // Guards.
    change(Slug::TestRemoved, &[], |shop| shop.tests.pop().map(|_| ())),
    change(Slug::TestAdded, &[], |shop| {
        shop.tests.push((text("more"), vec![text("advance 1h")]));
        Some(())
    }),
    change(Slug::TestExpectationChanged, &[], |shop| {
        shop.tests[0].1.push(text("advance 1h"));
        Some(())
    }),
];

fn replace_none<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

fn first_if(shop: &mut Shop) -> Option<&mut String> {
    steps(shop).iter_mut().find_map(|step| match step {
        Step::If { condition, .. } => Some(condition),
        _ => None,
    })
}

/// The `set` in the branch of those who get no message.
fn first_set(shop: &mut Shop) -> Option<&mut Step> {
    steps(shop).iter_mut().find_map(|step| match step {
        Step::If { otherwise, .. } => otherwise.iter_mut().find(|step| matches!(step, Step::Set(..))),
        _ => None,
    })
}

fn rename_calls(steps: &mut [Step]) {
    for step in steps {
        match step {
            Step::Call { hook, failed, .. } => {
                if hook == "promo" {
                    *hook = text("codes");
                }
                failed.iter_mut().for_each(|steps| rename_calls(steps));
            }
            Step::WaitFor { came: one, late: other, .. }
            | Step::If { then: one, otherwise: other, .. }
            | Step::Split { one, rest: other, .. } => {
                rename_calls(one);
                rename_calls(other);
            }
            Step::Match { arms, otherwise, .. } => {
                arms.iter_mut().for_each(|(_, steps)| rename_calls(steps));
                rename_calls(otherwise);
            }
            _ => {}
        }
    }
}
