//! Against one sorted list.

use super::super::shelves::tests::{Step, against_a_list, random};
use super::*;

#[test]
fn every_rank_is_that_of_a_sorted_list() {
    let mut random = random(1);
    against_a_list(&Around::new, &mut |around, Step { t, new, list, what, .. }| {
        let count = list.len();
        around.exchange(t % count, new);
        // The one in the middle is asked for often, others now and then, at first none.
        if t < count / 3 {
            return;
        }
        let some = (random() * count as f64) as usize;
        for rank in [count / 2, if t % 50 == 0 { some } else { (count / 2).saturating_sub(1) }] {
            assert_eq!(around.rank(rank), list[rank], "{what}, rank {rank}");
            if rank + 1 < count {
                assert_eq!(around.two(rank), [list[rank], list[rank + 1]], "{what}, rank {rank}");
            }
        }
    });
}
