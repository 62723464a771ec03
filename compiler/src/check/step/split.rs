//! `split "name" { 50% "label" { … } rest "label" { … } }`.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Outcome;
use crate::catalogue::Code;
use crate::check::flow::{Walk, meet};
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{self, SplitArm, Statement, Step};
use crate::lower::StepIds;
use crate::source::Span;
use crate::syntax::ast::{Share, Split};
use crate::types::Environment;

/// 100 %, in hundredths of a percent.
const WHOLE: u32 = 10_000;

pub(super) fn check<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    environment: Environment<'a>,
    written: &Split,
    span: Span,
) -> Outcome<'a> {
    let id = ids.next("split", Some(&written.name.node));
    let shares = shares(walk, written, span);
    let mut labels = BTreeMap::new();
    let mut ways = Vec::with_capacity(written.ways.len());
    let mut arms = Vec::with_capacity(written.ways.len());
    for (way, share) in written.ways.iter().zip(shares) {
        let label = &way.node.label;
        if let Some(first) = labels.insert(label.node.clone(), label.span) {
            walk.diagnostics.push(
                Diagnostic::new(Code::DuplicateName, label.span)
                    .message(format!("the split has a way `{}` already", label.node))
                    .also(first, "the first one")
                    .hint("who goes where is decided by the label: give each way its own"),
            );
        }
        let mut below = StepIds::block(&id, &label.node);
        let (block, behind) = walk.block(&mut below, environment.clone(), &way.node.block.node);
        ways.push(behind);
        arms.push(SplitArm { label: label.node.clone(), share, block });
    }
    if written.broken || written.ways.is_empty() {
        ways.push(Some(environment));
    }
    let statement = Statement::Split(ir::Split { name: written.name.node.clone(), arms });
    (Some(Step { id, statement }), meet(ways))
}

/// The share of each way; they make 100 %.
fn shares(walk: &mut Walk<'_, '_>, written: &Split, span: Span) -> Vec<u32> {
    let mut shares = Vec::with_capacity(written.ways.len());
    let mut rest: Option<(usize, Span)> = None;
    let mut wrong = written.broken;
    let mut wrong_share = |walk: &mut Walk<'_, '_>, finding: Diagnostic| {
        wrong = true;
        walk.diagnostics.push(finding);
    };
    for (index, way) in written.ways.iter().enumerate() {
        let share = way.node.share;
        shares.push(match share.node {
            Share::Percent(percent) => hundredths(percent).unwrap_or_else(|| {
                wrong_share(
                    walk,
                    Diagnostic::new(Code::SharesNotWhole, share.span)
                        .message("a share is 0 % to 100 %, in steps of 0.01 %"),
                );
                0
            }),
            Share::Rest => {
                match rest {
                    None => rest = Some((index, share.span)),
                    Some((_, first)) => wrong_share(
                        walk,
                        Diagnostic::new(Code::SharesNotWhole, share.span)
                            .message("`rest` stands twice")
                            .also(first, "the first one takes who is left"),
                    ),
                }
                0
            }
        });
    }
    if wrong {
        return shares;
    }
    let total: u64 = shares.iter().copied().map(u64::from).sum();
    let head = Span::new(span.file, span.start, written.name.span.end);
    let whole = u64::from(WHOLE);
    match rest {
        None if total != whole => {
            let finding = Diagnostic::new(Code::SharesNotWhole, head)
                .message(format!("the shares make {} %, not 100 %", percent(total)));
            let last = written.ways.last().filter(|_| total < whole);
            walk.diagnostics.push(match last {
                Some(way) => finding
                    .hint("correct them, or write `rest` for the last one")
                    .fix(Fix::replace(way.node.share.span, "rest")),
                None => finding.hint("correct them"),
            });
        }
        Some((_, place)) if total >= whole => walk.diagnostics.push(
            Diagnostic::new(Code::SharesNotWhole, place)
                .message(format!("the other shares make {} %: nobody is left for `rest`", percent(total)))
                .hint("correct the shares"),
        ),
        Some((index, _)) => {
            if let Some(share) = shares.get_mut(index) {
                *share = u32::try_from(whole - total).unwrap_or(0);
            }
        }
        None => {}
    }
    shares
}

fn hundredths(percent: Decimal) -> Option<u32> {
    let hundredths = percent.checked_mul(Decimal::ONE_HUNDRED)?;
    if !hundredths.fract().is_zero() {
        return None;
    }
    hundredths.to_u32().filter(|share| *share <= WHOLE)
}

fn percent(hundredths: u64) -> Decimal {
    Decimal::new(i64::try_from(hundredths).unwrap_or(i64::MAX), 2).normalize()
}
