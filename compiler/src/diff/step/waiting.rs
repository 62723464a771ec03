//! Changes of `wait for`: what is waited for, and which of its two ways more runs take.

use super::{Steps, ends, milliseconds, sends_anything, words};
use crate::diff::catalogue::{Risk, Slug};
use crate::diff::filter::Order;
use crate::diff::header::order_of_named;
use crate::ir::{Block, Expression, Statement, Step};

impl<'a> Steps<'a> {
    pub(super) fn wait_for(&mut self, old: &'a Step, new: &'a Step) {
        let (
            Statement::WaitFor { event, alias, filter, up_to, then, on_timeout },
            Statement::WaitFor {
                event: new_event,
                alias: new_alias,
                filter: new_filter,
                up_to: new_up_to,
                then: new_then,
                on_timeout: new_timeout,
            },
        ) = (&old.statement, &new.statement)
        else {
            return;
        };
        let (before, after) = (words::head(&old.statement), words::head(&new.statement));
        if before != after {
            let change = self.change(Slug::WaitUntilChanged, new).before(before).after(after);
            let order = if event == new_event {
                let asked = order_of_named(
                    &self.scope,
                    &[(alias.as_ref(), filter.as_ref())],
                    &[(new_alias.as_ref(), new_filter.as_ref())],
                );
                both(asked, longer(up_to, new_up_to))
            } else {
                Order::Unknown
            };
            // More runs than before take one of the ways: who is on it gets what it sends.
            let followed = self.before_sends.contains(old.id.0.as_str());
            let leads =
                |way: &Block, other: &Block| way.iter().any(sends_anything) || (followed && !ends(way) && ends(other));
            let told = match order {
                Order::Wider => Some(("more events end the wait", leads(new_then, new_timeout))),
                Order::Narrower => Some(("fewer events end the wait", leads(new_timeout, new_then))),
                Order::Same | Order::Unknown => None,
            };
            let otherwise_same = order == Order::Same;
            self.push(match told {
                _ if otherwise_same => change.unaffected().detail("the same events end the wait"),
                Some((direction, true)) => change
                    .risk(Risk::Danger)
                    .detail(format!("{direction}: more runs than before take the way that leads to a message")),
                Some((direction, false)) => change.detail(direction),
                None => change,
            });
        }
        self.block(then, new_then);
        self.block(on_timeout, new_timeout);
    }
}

/// Of a longer wait more events come in time, of a shorter one fewer.
fn longer(old: &Expression, new: &Expression) -> Order {
    match (milliseconds(old), milliseconds(new)) {
        _ if old == new => Order::Same,
        (Some(old), Some(new)) if new > old => Order::Wider,
        (Some(old), Some(new)) if new < old => Order::Narrower,
        _ => Order::Unknown,
    }
}

/// What two changes come to that both decide how many events end a wait.
fn both(one: Order, other: Order) -> Order {
    match (one, other) {
        (Order::Same, order) | (order, Order::Same) => order,
        (one, other) if one == other => one,
        _ => Order::Unknown,
    }
}
