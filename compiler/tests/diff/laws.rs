//! What holds for the difference of any two programs.

use super::changes;

const SHOP: &str = include_str!("shop.wf");

#[test]
fn a_program_does_not_differ_from_itself() {
    assert_eq!(changes(SHOP, SHOP), Vec::<String>::new());
}
