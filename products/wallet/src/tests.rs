//! Tables for money requests. What needs a cell is tested on the registry's bench.

use sycee_money::{Amount, Currency, Money};

use crate::{MoneyRequest, MoneyRequestState};

#[test]
fn a_request_is_open_until_it_is_answered_or_its_time_is_over() {
    use MoneyRequestState::{Declined, Open, Paid};
    let rows = [(Open, 99, true), (Open, 100, false), (Open, 101, false), (Paid, 0, false), (Declined, 0, false)];
    for (state, now_ns, open) in rows {
        let money = Money::new(Amount::ONE, Currency::EUR);
        let request = MoneyRequest { id: 1, from: 2, to: 3, money, state, created_at_ns: 0, expires_at_ns: 100 };
        assert_eq!(request.is_open(now_ns), open, "{state:?} at {now_ns}");
    }
}
