use super::Source::{Accepted, Expected, Sweep};
use super::*;

impl Weigh for &str {
    fn weight(&self) -> usize {
        self.len()
    }
}

fn run(acceptance: i64) -> RunId {
    RunId { acceptance, workflow: 1 }
}

/// An order whose store was read.
fn order(runs: usize) -> Order<&'static str> {
    let order = Order::new(Room { runs, bytes: 10 });
    order.begin_reading();
    order.all_was_read();
    order
}

#[test]
fn runs_of_a_contact_go_one_after_the_other_in_their_order() {
    let order = order(10);
    assert_eq!(order.enter(run(1), 7, Accepted, "a"), Entered::Go("a"));
    assert_eq!(order.enter(run(3), 7, Accepted, "c"), Entered::Waits);
    assert_eq!(order.enter(run(2), 7, Accepted, "b"), Entered::Waits, "it came late and goes before");
    assert_eq!(order.enter(run(4), 8, Accepted, "d"), Entered::Go("d"), "another contact");
    for known in [1, 2, 3] {
        assert_eq!(order.enter(run(known), 7, Sweep, "x"), Entered::Known);
    }
    assert_eq!(order.leave(run(2)).next, None, "it is at no head");
    assert_eq!(order.leave(run(1)).next, Some((run(2), "b")));
    assert_eq!(order.leave(run(2)).next, Some((run(3), "c")));
    assert_eq!(order.leave(run(3)), Left { next: None, unread: false });
    assert_eq!(order.enter(run(5), 7, Accepted, "e"), Entered::Go("e"));
}

#[test]
fn what_overflows_is_not_overtaken() {
    let order = order(1);
    assert_eq!(order.enter(run(1), 7, Accepted, "a"), Entered::Go("a"));
    assert_eq!(order.enter(run(2), 7, Accepted, "b"), Entered::Waits);
    assert_eq!(order.enter(run(3), 7, Accepted, "c"), Entered::Overflow { now: false }, "there is no room");
    assert_eq!(order.leave(run(1)).next, Some((run(2), "b")));
    assert_eq!(order.leave(run(2)), Left { next: None, unread: true });
    assert_eq!(order.enter(run(4), 7, Accepted, "d"), Entered::Overflow { now: true }, "the third is not read yet");
    order.begin_reading();
    assert_eq!(order.enter(run(3), 7, Sweep, "c"), Entered::Go("c"));
    assert_eq!(order.enter(run(4), 7, Sweep, "d"), Entered::Waits);
    assert_eq!(
        order.enter(run(5), 7, Accepted, "e"),
        Entered::Overflow { now: false },
        "whether it was read is not known"
    );
    order.all_was_read();
    assert_eq!(order.enter(run(6), 7, Accepted, "f"), Entered::Overflow { now: false });
    order.begin_reading();
    order.all_was_read();
    order.leave(run(3));
    order.leave(run(4));
    assert_eq!(order.enter(run(7), 7, Accepted, "g"), Entered::Go("g"));
}

#[test]
fn what_a_reading_leaves_in_the_store_is_not_overtaken_by_what_it_reads_next() {
    let order = order(1);
    order.begin_reading();
    assert_eq!(order.enter(run(1), 7, Sweep, "a"), Entered::Go("a"));
    assert_eq!(order.enter(run(2), 7, Sweep, "b"), Entered::Waits);
    assert_eq!(order.enter(run(3), 7, Sweep, "c"), Entered::Overflow { now: false }, "there is no room");
    order.leave(run(1));
    assert_eq!(order.enter(run(4), 7, Sweep, "d"), Entered::Overflow { now: false }, "now there is, but not for it");
    order.leave(run(2));
    assert_eq!(order.enter(run(5), 7, Sweep, "e"), Entered::Overflow { now: true });
    order.begin_reading();
    assert_eq!(order.enter(run(3), 7, Sweep, "c"), Entered::Go("c"));
    assert_eq!(order.enter(run(4), 7, Sweep, "d"), Entered::Waits);
    // The store refused the first step of the third.
    order.give_back(run(3));
    assert_eq!(order.enter(run(5), 7, Sweep, "e"), Entered::Overflow { now: true });
    order.begin_reading();
    assert_eq!(order.enter(run(3), 7, Sweep, "c"), Entered::Go("c"));
}

#[test]
fn nothing_overtakes_before_the_store_was_read_and_after_it_refused() {
    let order = Order::new(Room { runs: 10, bytes: 10 });
    assert_eq!(order.enter(run(9), 7, Accepted, "x"), Entered::Overflow { now: true });
    order.begin_reading();
    assert_eq!(order.enter(run(1), 7, Sweep, "a"), Entered::Go("a"));
    assert_eq!(order.enter(run(9), 7, Sweep, "x"), Entered::Waits);
    order.all_was_read();
    order.give_back(run(1));
    assert_eq!(order.enter(run(10), 7, Accepted, "y"), Entered::Overflow { now: true });
    order.begin_reading();
    assert_eq!(order.enter(run(1), 7, Sweep, "a"), Entered::Go("a"), "it is read again");
}

#[test]
fn what_is_expected_keeps_its_place() {
    let order = order(10);
    assert_eq!(order.expect(run(1), 7), Entered::Waits);
    assert_eq!(order.expect(run(1), 7), Entered::Known);
    assert!(!order.is_free(7));
    assert_eq!(order.enter(run(2), 7, Accepted, "b"), Entered::Waits, "the first was not read yet");
    assert_eq!(order.expect(run(3), 7), Entered::Waits);
    assert_eq!(order.enter(run(4), 7, Accepted, "d"), Entered::Waits);
    assert_eq!(order.enter(run(1), 7, Expected, "a"), Entered::Go("a"));
    assert_eq!(order.enter(run(1), 7, Sweep, "a"), Entered::Known);
    assert_eq!(order.leave(run(1)).next, Some((run(2), "b")));
    assert_eq!(order.leave(run(2)), Left { next: None, unread: false }, "the third was not read yet");
    assert_eq!(order.enter(run(3), 7, Sweep, "c"), Entered::Go("c"), "whoever reads it");
    assert_eq!(order.expect(run(5), 7), Entered::Waits);
    assert_eq!(order.enter(run(5), 7, Expected, "e"), Entered::Waits, "it is read before its turn");
    assert_eq!(order.enter(run(5), 7, Expected, "e"), Entered::Known);
    assert_eq!(order.leave(run(3)).next, Some((run(4), "d")));
    assert_eq!(order.leave(run(4)).next, Some((run(5), "e")));
    assert_eq!(order.leave(run(5)), Left { next: None, unread: false });
    assert!(order.is_free(7));
}

/// Who was given a run's first turn ends it; the run may rest then, for minutes, and is nobody's to begin.
#[test]
fn what_a_sweep_has_taken_is_expected_no_more() {
    let order = order(10);
    assert_eq!(order.expect(run(1), 7), Entered::Waits);
    assert_eq!(order.expect(run(2), 7), Entered::Waits);
    order.begin_reading();
    assert_eq!(order.enter(run(1), 7, Sweep, "a"), Entered::Go("a"));
    assert_eq!(order.enter(run(2), 7, Sweep, "b"), Entered::Waits);
    assert_eq!(order.enter(run(1), 7, Expected, "a"), Entered::Known, "it has its turn");
    assert_eq!(order.enter(run(2), 7, Expected, "b"), Entered::Known, "it waits with its job");
    assert_eq!(order.leave(run(1)).next, Some((run(2), "b")));
    assert_eq!(order.leave(run(2)), Left { next: None, unread: false });
    for number in [1, 2] {
        assert_eq!(order.enter(run(number), 7, Expected, "x"), Entered::Known, "it has had its turn");
    }
    assert!(order.is_free(7));
}

#[test]
fn what_is_expected_in_vain_holds_up_nobody() {
    let order = order(10);
    for number in [1, 3, 5] {
        order.expect(run(number), 7);
        order.enter(run(number + 1), 7, Accepted, "x");
    }
    assert_eq!(order.expect_never(run(2), 7), Left { next: None, unread: false }, "it is here");
    assert_eq!(order.expect_never(run(3), 7), Left { next: None, unread: false }, "it is behind others");
    assert_eq!(order.expect_never(run(1), 7).next, Some((run(2), "x")));
    assert_eq!(order.leave(run(2)).next, Some((run(4), "x")));
    assert!(!order.expect_later(run(5), 7), "the fourth goes first");
    assert_eq!(order.leave(run(4)), Left { next: None, unread: true }, "those behind stand in the store");
    assert_eq!(order.enter(run(6), 7, Accepted, "x"), Entered::Overflow { now: true });
    order.begin_reading();
    assert_eq!(order.enter(run(5), 7, Sweep, "e"), Entered::Go("e"));
    assert_eq!(order.enter(run(6), 7, Sweep, "x"), Entered::Waits);
}

#[test]
fn not_too_many_are_expected() {
    let order = order(2);
    assert_eq!(order.expect(run(1), 1), Entered::Waits);
    assert_eq!(order.expect(run(2), 2), Entered::Waits);
    assert_eq!(order.expect(run(3), 3), Entered::Overflow { now: true }, "of as many contacts");
    assert_eq!(order.enter(run(4), 3, Accepted, "d"), Entered::Overflow { now: true });
    assert_eq!(order.expect(run(5), 1), Entered::Waits);
    assert_eq!(order.enter(run(5), 1, Expected, "12345678901"), Entered::Overflow { now: false }, "it is too heavy");
    assert_eq!(order.enter(run(6), 1, Accepted, "f"), Entered::Overflow { now: false }, "it would overtake");
    assert_eq!(order.enter(run(1), 1, Expected, "a"), Entered::Go("a"));
    assert_eq!(order.leave(run(1)), Left { next: None, unread: true });
}

#[test]
fn heavy_jobs_are_few() {
    let order = order(10);
    order.enter(run(1), 7, Accepted, "a");
    assert_eq!(order.enter(run(2), 7, Accepted, "12345678"), Entered::Waits);
    assert_eq!(order.enter(run(3), 7, Accepted, "123"), Entered::Overflow { now: false });
}
