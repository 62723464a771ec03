//! Workflows: headers and steps.

use compiler::syntax::ast::*;

use super::{Maker, WORDS, at};

impl Maker<'_> {
    pub(super) fn workflow(&mut self) -> Workflow {
        let headers = self.some(0, 4, |maker| at(maker.header()));
        Workflow { name: self.name(), headers, steps: self.block() }
    }

    pub(super) fn header(&mut self) -> HeaderKind {
        match self.below(8) {
            0 => HeaderKind::On(Trigger::Event { event: self.name(), condition: self.option(Self::expression) }),
            1 => HeaderKind::On(Trigger::Schedule {
                cron: self.text(),
                zone: self.option(Self::expression),
                segment: self.option(Self::name),
            }),
            2 => HeaderKind::On(Trigger::ContactChanged { field: self.word(WORDS) }),
            3 => HeaderKind::Identify(self.identify()),
            4 => HeaderKind::OncePer(self.duration()),
            5 => HeaderKind::OnceEver,
            6 => HeaderKind::OneAtATime,
            _ => HeaderKind::ExitOn(ExitOn {
                event: self.name(),
                alias: self.option(Self::name),
                condition: self.option(Self::expression),
            }),
        }
    }

    pub(super) fn identify(&mut self) -> Identify {
        let otherwise = [Otherwise::Create, Otherwise::Stop];
        Identify {
            key: self.word(&["id", "email", "phone", "external_id"]),
            value: self.expression(),
            otherwise: self.option(|maker| at(maker.one_of(&otherwise))),
        }
    }

    pub(super) fn block(&mut self) -> Block {
        let steps = |maker: &mut Self| maker.some(0, 3, |maker| at(Box::new(maker.step())));
        at(self.deeper(|_| Vec::new(), steps))
    }

    pub(super) fn step(&mut self) -> StatementKind {
        match self.below(13) {
            0 => StatementKind::Wait(self.expression()),
            1 => StatementKind::Call(Call {
                webhook: self.name(),
                identify: self.option(|maker| at(Box::new(maker.identify()))),
                alias: self.option(Self::name),
                on_failure: self.option(Self::block),
            }),
            2 => StatementKind::Send(Send {
                message: self.name(),
                to: self.option(Self::expression),
                between: self.option(|maker| {
                    let zone = maker.option(Self::expression);
                    Box::new(at(Between { from: maker.expression(), to: maker.expression(), zone }))
                }),
            }),
            3 => StatementKind::WaitUntil(self.moment()),
            4 => StatementKind::WaitFor(Box::new(WaitFor {
                event: self.name(),
                alias: self.option(Self::name),
                condition: self.option(Self::expression),
                up_to: self.expression(),
                block: self.block(),
                on_timeout: self.option(Self::block),
            })),
            5 | 6 => {
                let branch = |maker: &mut Self| Branch { condition: maker.expression(), block: maker.block() };
                StatementKind::If(If { branches: self.some(1, 3, branch), otherwise: self.option(Self::block) })
            }
            7 => {
                let arm =
                    |maker: &mut Self| at(Arm { patterns: maker.some(1, 3, Self::literal), block: maker.block() });
                let subject = self.expression();
                let (arms, otherwise) = (self.some(0, 3, arm), self.option(Self::block));
                StatementKind::Match(Match { subject, arms, otherwise, broken: false })
            }
            8 => {
                let share = |maker: &mut Self| match maker.below(3) {
                    0 => Share::Rest,
                    1 => Share::Percent("50".parse().unwrap()),
                    _ => Share::Percent("12.5".parse().unwrap()),
                };
                let way =
                    |maker: &mut Self| at(Way { share: at(share(maker)), label: maker.name(), block: maker.block() });
                StatementKind::Split(Split { name: self.name(), ways: self.some(0, 3, way), broken: false })
            }
            9 => StatementKind::Set(Set { field: self.word(WORDS), value: self.expression() }),
            10 => StatementKind::Emit { event: self.name(), parameters: at(self.record()) },
            11 => StatementKind::Stop(self.option(Self::text)),
            _ => StatementKind::Fail(self.text()),
        }
    }

    pub(super) fn moment(&mut self) -> Moment {
        Moment { at: self.expression(), zone: self.option(Self::expression) }
    }
}
