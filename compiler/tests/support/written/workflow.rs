//! Workflows: header lines and steps.

use compiler::syntax::ast::*;

use super::Writer;

impl Writer<'_, '_> {
    pub(super) fn clause(&mut self, words: &str, value: Option<&Expr>) {
        if let Some(value) = value {
            self.put(words);
            self.condition(value);
        }
    }

    pub(super) fn zone(&mut self, zone: Option<&Expr>) {
        if let Some(zone) = zone {
            self.put("in");
            self.condition_sum(zone);
        }
    }

    pub(super) fn alias(&mut self, alias: Option<&Name>) {
        if let Some(alias) = alias {
            self.put("as");
            self.name(alias);
        }
    }

    pub(super) fn header(&mut self, header: &HeaderKind) {
        match header {
            HeaderKind::On(Trigger::Event { event, condition }) => {
                self.put("on");
                self.name(event);
                self.clause("where", condition.as_ref());
            }
            HeaderKind::On(Trigger::Schedule { cron, zone, segment }) => {
                self.put("on schedule");
                self.text(&cron.node, true);
                self.zone(zone.as_ref());
                if let Some(segment) = segment {
                    self.put("for segment");
                    self.name(segment);
                }
            }
            HeaderKind::On(Trigger::ContactChanged { field }) => {
                self.phrase(&format!("on contact.{} changed", field.node));
            }
            HeaderKind::Identify(identify) => self.identify(identify),
            HeaderKind::OncePer(duration) => {
                self.put("once per");
                self.duration(duration.node);
            }
            HeaderKind::OnceEver => self.phrase("once ever"),
            HeaderKind::OneAtATime => self.phrase("one at a time"),
            HeaderKind::ExitOn(exit) => {
                self.put("exit on");
                self.name(&exit.event);
                self.alias(exit.alias.as_ref());
                self.clause("where", exit.condition.as_ref());
            }
            HeaderKind::Broken => panic!("nothing is broken"),
        }
    }

    pub(super) fn identify(&mut self, identify: &Identify) {
        self.put("identify by");
        self.put(&identify.key.node);
        self.condition(&identify.value);
        match identify.otherwise.as_ref().map(|otherwise| otherwise.node) {
            Some(Otherwise::Create) => self.put("else create"),
            Some(Otherwise::Stop) => self.put("else stop"),
            None => {}
        }
    }

    pub(super) fn block_of(&mut self, block: &Block) {
        self.braces(&block.node, |writer, step| writer.step(&step.node));
    }

    pub(super) fn further(&mut self, words: &str, block: Option<&Block>) {
        if let Some(block) = block {
            self.put(words);
            self.block_of(block);
        }
    }

    pub(super) fn step(&mut self, step: &StatementKind) {
        match step {
            StatementKind::Call(call) => {
                self.put("call");
                self.name(&call.webhook);
                if let Some(identify) = &call.identify {
                    self.identify(&identify.node);
                }
                self.alias(call.alias.as_ref());
                self.further("on failure", call.on_failure.as_ref());
            }
            StatementKind::Send(send) => {
                self.put("send");
                self.name(&send.message);
                self.clause("to", send.to.as_ref());
                if let Some(between) = &send.between {
                    self.put("between");
                    self.condition_sum(&between.node.from);
                    self.put("and");
                    self.condition_sum(&between.node.to);
                    self.zone(between.node.zone.as_ref());
                }
            }
            StatementKind::Wait(value) => {
                self.put("wait");
                self.condition_sum(value);
            }
            StatementKind::WaitUntil(moment) => {
                self.put("wait until");
                self.moment(moment);
            }
            StatementKind::WaitFor(wait) => {
                self.put("wait for");
                self.name(&wait.event);
                self.alias(wait.alias.as_ref());
                self.clause("where", wait.condition.as_ref());
                self.put("up to");
                self.condition_sum(&wait.up_to);
                self.block_of(&wait.block);
                self.further("on timeout", wait.on_timeout.as_ref());
            }
            StatementKind::If(step) => {
                for (index, branch) in step.branches.iter().enumerate() {
                    self.put(if index > 0 { "else if" } else { "if" });
                    self.condition(&branch.condition);
                    self.block_of(&branch.block);
                }
                self.further("else", step.otherwise.as_ref());
            }
            StatementKind::Match(step) => {
                self.put("match");
                self.condition(&step.subject);
                self.put("{");
                for arm in &step.arms {
                    for (index, pattern) in arm.node.patterns.iter().enumerate() {
                        if index > 0 {
                            let sign = self.maker.one_of(&[",", "|"]);
                            self.put(sign);
                        }
                        self.literal(&pattern.node);
                    }
                    self.block_of(&arm.node.block);
                }
                self.further("else", step.otherwise.as_ref());
                self.put("}");
            }
            StatementKind::Split(step) => {
                self.put("split");
                self.name(&step.name);
                self.braces(&step.ways, |writer, way| {
                    match way.node.share.node {
                        Share::Percent(share) => writer.put(&format!("{share}%")),
                        Share::Rest => writer.put("rest"),
                    }
                    writer.name(&way.node.label);
                    writer.block_of(&way.node.block);
                });
            }
            StatementKind::Set(set) => {
                self.put("set contact");
                self.tokens.push(format!(".{}", set.field.node));
                self.put("=");
                self.expression(&set.value);
            }
            StatementKind::Emit { event, parameters } => {
                self.put("emit");
                self.name(event);
                self.record(&parameters.node);
            }
            StatementKind::Stop(reason) => {
                self.put("stop");
                if let Some(reason) = reason {
                    self.text(&reason.node, true);
                }
            }
            StatementKind::Fail(reason) => {
                self.put("fail");
                self.text(&reason.node, true);
            }
            StatementKind::Broken(_) => panic!("nothing is broken"),
        }
    }

    pub(super) fn moment(&mut self, moment: &Moment) {
        self.condition_sum(&moment.at);
        self.zone(moment.zone.as_ref());
    }
}
