//! Which data flows to where: requests and messages, seen from each workflow that sends them.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::reading::{self, Reading, Sources};
use super::{Carrier, Destination, Flow, Host, Place, Source};
use crate::ir::{Body, Expression, PartName, Program, Statement, Template, Webhook, Workflow, each_step};

/// Every flow of a workflow, under the names that it knows data by.
pub(super) fn flows(program: &Program, name: &SmolStr, workflow: &Workflow, reading: &Reading<'_>) -> BTreeSet<Flow> {
    let mut flows = BTreeSet::new();
    let mut collector = Collector { program, reading, workflow: name, flows: &mut flows };
    // What is called or sent at several steps carries the same data.
    let (mut called, mut sent, mut sent_to_contact) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    each_step(&workflow.steps, &mut |step| match &step.statement {
        Statement::Call { webhook, .. } if called.insert(webhook) => collector.call(webhook),
        Statement::Send { message, to, .. } => {
            if sent.insert(message) {
                collector.send(message);
            }
            match to {
                Some(to) => collector.recipient(message, |reading, sources| reading.expression(to, sources)),
                None if sent_to_contact.insert(message) => collector.own_recipient(message),
                None => {}
            }
        }
        _ => {}
    });
    flows
}

struct Collector<'a, 'p> {
    program: &'p Program,
    reading: &'a Reading<'p>,
    workflow: &'a SmolStr,
    flows: &'a mut BTreeSet<Flow>,
}

/// Where something goes, and what takes it there.
#[derive(Clone)]
struct Way {
    destination: Destination,
    carrier: Carrier,
    connector: Option<SmolStr>,
}

impl Collector<'_, '_> {
    fn call(&mut self, name: &SmolStr) {
        let Some(webhook) = self.program.webhooks.get(name) else { return };
        self.request(webhook, Carrier::Webhook(name.clone()));
    }

    fn request(&mut self, request: &Webhook, carrier: Carrier) {
        let destination = Destination::Host(Host(request.url.origin.clone()));
        let way = Way { destination, carrier, connector: request.connector.clone() };
        self.put(&way, Place::Path, |reading, sources| reading.parts(&request.url.path, sources));
        for parameter in &request.url.query {
            if let Some(value) = &parameter.value {
                self.put(&way, Place::Query(parameter.name.clone()), |reading, sources| reading.parts(value, sources));
            }
        }
        for header in &request.headers {
            let place = Place::Header(header.name.clone());
            self.put(&way, place, |reading, sources| reading.parts(&header.value, sources));
        }
        match &request.body {
            None => {}
            Some(Body::Json(value)) => self.json(&way, value, &mut Vec::new()),
            Some(Body::Xml(parts) | Body::Text(parts)) => {
                self.put(&way, Place::Body(String::new()), |reading, sources| reading.parts(parts, sources));
            }
            Some(Body::Form(fields)) => {
                for (name, value) in fields {
                    let place = Place::Body(name.to_string());
                    self.put(&way, place, |reading, sources| reading.expression(value, sources));
                }
            }
        }
    }

    /// A JSON body: each value at its own path.
    fn json<'v>(&mut self, way: &Way, value: &'v Expression, path: &mut Vec<&'v str>) {
        match value {
            Expression::Record(fields) => {
                for (name, value) in fields {
                    path.push(name);
                    self.json(way, value, path);
                    path.pop();
                }
            }
            Expression::List(items) => items.iter().for_each(|item| self.json(way, item, path)),
            other => {
                self.put(way, Place::Body(path.join(".")), |reading, sources| reading.expression(other, sources));
            }
        }
    }

    fn send(&mut self, name: &SmolStr) {
        let Some(message) = self.program.messages.get(name) else { return };
        if let Some(email) = &message.email {
            let way = Way { destination: Destination::Mail, carrier: Carrier::Message(name.clone()), connector: None };
            for (part, template) in email.parts().filter(|(part, _)| *part != "to") {
                let place = Place::Message(format!("email.{part}"));
                self.put(&way, place, |reading, sources| reading.template(template, sources));
            }
        }
        for (channel, parts) in &message.channels {
            let Some(gateway) = self.program.channels.get(channel) else { continue };
            self.request(&gateway.request, Carrier::Channel(channel.clone()));
            let way = Way {
                destination: Destination::Host(Host(gateway.request.url.origin.clone())),
                carrier: Carrier::Message(name.clone()),
                connector: gateway.request.connector.clone(),
            };
            for (part, template) in parts {
                let place = Place::Message(format!("{channel}.{}", part.word()));
                self.put(&way, place, |reading, sources| reading.template(template, sources));
            }
            let way = Way { carrier: Carrier::Channel(channel.clone()), ..way };
            self.in_url(&gateway.request, &way, parts);
        }
    }

    /// What a gateway writes of a message into its URL, where it ends up in logs.
    fn in_url(&mut self, request: &Webhook, way: &Way, parts: &BTreeMap<PartName, Template>) {
        let queries = request.url.query.iter();
        let queries = queries.filter_map(|it| Some((Place::Query(it.name.clone()), it.value.as_ref()?)));
        for (place, text) in [(Place::Path, &request.url.path)].into_iter().chain(queries) {
            let mut named = BTreeSet::new();
            reading::message_parts(text, &mut named);
            for (_, template) in parts.iter().filter(|(part, _)| named.contains(part.word())) {
                self.put(way, place.clone(), |reading, sources| reading.template(template, sources));
            }
        }
    }

    /// Where a `send` without `to` goes: where the message says, else to the contact.
    fn own_recipient(&mut self, name: &SmolStr) {
        let email = self.program.messages.get(name).and_then(|message| message.email.as_ref());
        match email.and_then(|email| email.to.as_ref()) {
            Some(to) => self.recipient(name, |reading, sources| reading.template(to, sources)),
            None => self.recipient(name, |_, sources| {
                sources.insert(Source::Contact("email".into()), true);
            }),
        }
    }

    /// The recipient of a mail.
    fn recipient(&mut self, message: &SmolStr, read: impl FnOnce(&Reading<'_>, &mut Sources)) {
        let is_mail = self.program.messages.get(message).is_some_and(|message| message.email.is_some());
        let carrier = Carrier::Message(message.clone());
        if is_mail {
            let way = Way { destination: Destination::Mail, carrier, connector: None };
            self.put(&way, Place::Message("email.to".to_owned()), read);
        }
    }

    /// Notes what stands at a place.
    fn put(&mut self, way: &Way, place: Place, read: impl FnOnce(&Reading<'_>, &mut Sources)) {
        let mut sources = Sources::new();
        read(self.reading, &mut sources);
        for (source, certain) in sources {
            self.flows.insert(Flow {
                source,
                destination: way.destination.clone(),
                place: place.clone(),
                carrier: way.carrier.clone(),
                connector: way.connector.clone(),
                workflow: self.workflow.clone(),
                through: None,
                certain,
            });
        }
    }
}
