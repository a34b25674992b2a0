//! The shop's second till: refunds and cancels, asked again until they are answered.

use std::time::Duration;

use serde_json::{Value, json};
use sycee_contract::Random;

use crate::load::{Shared, Till, euros};

/// What a trade is called.
pub enum Number {
    /// By the gateway.
    Trade(String),
    /// By the shop.
    Own(String),
}

/// What the second till has to do.
pub enum Task {
    /// A part goes back, then perhaps the rest.
    Refund { trade_no: String, price_minor: u64, first_minor: u64 },
    /// A trade, or an order that may be being paid at this moment.
    Cancel(Number),
}

/// Works until nothing is left to do.
pub fn serve_until_over(shared: &Shared, _: usize, mut random: Random) {
    let mut till = Till::new(shared);
    loop {
        let is_over = shared.is_over();
        let task = shared.progress.tasks.lock().unwrap().pop_front();
        match task {
            Some(task) => serve(&mut till, task, &mut random),
            None if is_over => return,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

fn serve(till: &mut Till<'_>, task: Task, random: &mut Random) {
    match task {
        Task::Refund { trade_no, price_minor, first_minor } => {
            refund(till, &trade_no, 1, first_minor);
            if first_minor < price_minor && random.below(2) == 0 {
                refund(till, &trade_no, 2, price_minor - first_minor);
            }
            // Whoever has lost the answer asks once more.
            if random.below(4) == 0 {
                let again = asked(till, &trade_no, 1, first_minor);
                assert_eq!(again["fund_change"], "N", "{again}");
            }
        }
        Task::Cancel(number) => {
            let (biz, number) = match number {
                Number::Trade(number) => (json!({"trade_no": number}), number),
                Number::Own(number) => (json!({"out_trade_no": number}), number),
            };
            let reply = till.ask_until_answered("alipay.trade.cancel", &biz);
            assert_eq!(reply["code"], "10000", "{reply}");
            till.shared.progress.cancelled.lock().unwrap().insert(number);
        }
    }
}

fn asked(till: &mut Till<'_>, trade_no: &str, part: u64, minor: u64) -> Value {
    let request = format!("{trade_no}-{part}");
    let biz = json!({"trade_no": trade_no, "refund_amount": euros(minor), "out_request_no": request});
    let reply = till.ask_until_answered("alipay.trade.refund", &biz);
    assert_eq!(reply["code"], "10000", "{reply}");
    reply
}

fn refund(till: &mut Till<'_>, trade_no: &str, part: u64, minor: u64) {
    let reply = asked(till, trade_no, part, minor);
    let so_far = {
        let mut refunded = till.shared.progress.refunded.lock().unwrap();
        let sum = refunded.entry(trade_no.to_owned()).or_default();
        *sum += minor;
        *sum
    };
    assert_eq!(reply["refund_fee"], euros(so_far), "{reply}");
}
