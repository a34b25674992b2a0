//! What must be so when all is over: the customers' side, the shop's side, and the clearing between them, compared with what
//! the clients were told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::START_MINOR;
use crate::load::{Paid, Shared, Till};
use crate::sites::{LOOK_EVERY, LOOKS_MAX, Line};

/// How many of the last payments are asked for again.
const ASKED_AGAIN: usize = 150;

/// A payment as the customer's cell shows it.
struct Row {
    customer: usize,
    price_minor: u64,
    refunded_minor: u64,
    paid_minor: u64,
    returned_minor: u64,
}

pub struct Books<'s> {
    shared: &'s Shared,
    wallet: Line,
    shops: Line,
    till: Till<'s>,
    paid: BTreeMap<String, Paid>,
    refunded: BTreeMap<String, u64>,
    cancelled: BTreeSet<String>,
}

impl<'s> Books<'s> {
    pub fn new(shared: &'s Shared) -> Self {
        Self {
            wallet: Line::to(&shared.wallet),
            shops: Line::to(&shared.shops),
            till: Till::new(shared),
            paid: std::mem::take(&mut *shared.progress.paid.lock().unwrap()),
            refunded: std::mem::take(&mut *shared.progress.refunded.lock().unwrap()),
            cancelled: std::mem::take(&mut *shared.progress.cancelled.lock().unwrap()),
            shared,
        }
    }

    pub fn summary(&self) -> String {
        let scanned = self.paid.values().filter(|paid| paid.key.is_none()).count();
        let refused = self.shared.progress.refused.lock().unwrap();
        format!(
            "{} payments acknowledged ({scanned} of them scanned by the shop), {} refunded, {} cancelled, {} refused",
            self.paid.len(),
            self.refunded.len(),
            self.cancelled.len(),
            refused.len()
        )
    }

    /// What the shop was told that it has given back of a trade, cents.
    fn given_back_minor(&self, trade_no: &str, paid: &Paid) -> u64 {
        let is_cancelled = |number: &str| self.cancelled.contains(number);
        if is_cancelled(trade_no) || paid.out_trade_no.as_deref().is_some_and(is_cancelled) {
            return paid.price_minor;
        }
        self.refunded.get(trade_no).copied().unwrap_or_default()
    }

    /// The payments of all customers that were paid, by trade number. Nothing else may still be under way.
    fn rows(&mut self) -> Result<BTreeMap<String, Row>, String> {
        let mut rows = BTreeMap::new();
        for (customer, id) in self.shared.customers.iter().enumerate() {
            let list = self.wallet.get(&format!("/sandbox/v1/customers/{id}/payments"));
            for payment in list.as_array().unwrap() {
                let minor = |field: &str| payment[field]["minor"].as_u64().unwrap();
                match payment["status"].as_str().unwrap() {
                    "refused" => continue,
                    "paid" => {}
                    _ => return Err(format!("it is under way: {payment}")),
                }
                let row = Row {
                    customer,
                    price_minor: minor("order_amount"),
                    refunded_minor: minor("refunded_amount"),
                    paid_minor: minor("paid_amount"),
                    returned_minor: minor("returned_amount"),
                };
                let trade_no = payment["payment_id"].as_str().unwrap().to_owned();
                assert!(rows.insert(trade_no, row).is_none(), "an order was paid twice: {payment}");
            }
        }
        Ok(rows)
    }

    /// What has not come home yet.
    fn missing(&mut self) -> Option<String> {
        let rows = match self.rows() {
            Ok(rows) => rows,
            Err(why) => return Some(why),
        };
        for (trade_no, row) in &rows {
            let given_back_minor = match self.paid.get(trade_no) {
                Some(paid) => self.given_back_minor(trade_no, paid),
                // Only a payment that a till has given up and cancelled may be unknown to everybody.
                None => {
                    let status = self.till.status(&json!({"trade_no": trade_no}));
                    assert_eq!(status, "TRADE_CLOSED", "nobody was told that {trade_no} is paid");
                    row.price_minor
                }
            };
            if row.refunded_minor < given_back_minor {
                return Some(format!("{trade_no}: {} of {given_back_minor} refunded", row.refunded_minor));
            }
        }
        let waiting = self.wallet.get("/sandbox/v1/cells/th/waiting");
        (waiting != json!([])).then(|| format!("waiting: {waiting}"))
    }

    /// Waits until all messages have arrived and what they bring about has happened.
    pub fn wait_until_quiet(&mut self) {
        let mut missing = None;
        for _ in 0..LOOKS_MAX {
            self.wallet.agreed();
            self.shops.agreed();
            missing = self.missing();
            if missing.is_none() {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        panic!("it never comes home: {missing:?}");
    }

    /// Every payment that was acknowledged is there, once, with what came back of it; nothing else was paid and kept.
    pub fn nothing_lost_nothing_twice(&mut self) {
        let rows = self.rows().unwrap();
        let mut has_minor = vec![START_MINOR; self.shared.customers.len()];
        for (trade_no, paid) in &self.paid {
            let row = rows.get(trade_no).unwrap_or_else(|| panic!("{trade_no} is lost"));
            assert_eq!((row.customer, row.price_minor), (paid.customer, paid.price_minor), "{trade_no}");
            assert!(paid.paid_minor.is_none_or(|minor| minor == row.paid_minor), "{trade_no}: {}", row.paid_minor);
            let given_back_minor = self.given_back_minor(trade_no, paid);
            assert_eq!(row.refunded_minor, given_back_minor, "{trade_no}");
            // round(paid × c ÷ price), halves up (products/interop/README.md)
            let share_minor = (2 * row.paid_minor * given_back_minor + row.price_minor) / (2 * row.price_minor);
            assert_eq!(row.returned_minor, share_minor, "{trade_no}");
        }
        for (trade_no, row) in &rows {
            has_minor[row.customer] = has_minor[row.customer] + row.returned_minor - row.paid_minor;
            let is_whole = (row.refunded_minor, row.returned_minor) == (row.price_minor, row.paid_minor);
            assert!(self.paid.contains_key(trade_no) || is_whole, "nobody knows of {trade_no}, and it was kept");
        }
        for (id, expected_minor) in self.shared.customers.iter().zip(has_minor) {
            let balances = self.wallet.get(&format!("/sandbox/v1/customers/{id}/balances"));
            assert_eq!(balances, json!([{"currency": "THB", "minor": expected_minor, "held_minor": 0}]));
        }
        self.the_shop_agrees(&rows);
    }

    /// Its balance is all prices without what it has given back, and each trade stands as its clients were told.
    fn the_shop_agrees(&mut self, rows: &BTreeMap<String, Row>) {
        let kept = |(trade_no, paid): (&String, &Paid)| paid.price_minor - self.given_back_minor(trade_no, paid);
        let expected_minor: u64 = self.paid.iter().map(kept).sum();
        assert_eq!(self.takings_minor(), expected_minor);
        for (trade_no, paid) in &self.paid {
            let is_closed = self.given_back_minor(trade_no, paid) == paid.price_minor;
            let expected = if is_closed { "TRADE_CLOSED" } else { "TRADE_SUCCESS" };
            assert_eq!(self.till.status(&json!({"trade_no": trade_no})), expected, "{trade_no}");
        }
        for (number, why) in self.shared.progress.refused.lock().unwrap().iter() {
            let is_scanned = number.as_ref().is_some_and(|number| number.starts_with('s'));
            let is_cancelled = number.as_ref().is_some_and(|number| self.cancelled.contains(number));
            assert!(is_scanned || is_cancelled || why == "quote_expired", "{number:?} was refused: {why}");
        }
        for number in self.cancelled.iter().filter(|number| !rows.contains_key(*number)) {
            // An order that nobody scanned never became a trade.
            let status = self.till.status(&json!({"out_trade_no": number}));
            assert!(["TRADE_CLOSED", "ACQ.TRADE_NOT_EXIST"].contains(&status.as_str()), "{number}: {status}");
        }
    }

    fn takings_minor(&mut self) -> u64 {
        let balances = self.shops.get(&format!("/sandbox/v1/merchants/{}/balances", self.shared.merchant));
        assert_eq!((&balances[0]["currency"], &balances[0]["held_minor"]), (&json!("EUR"), &json!(0)));
        balances[0]["minor"].as_u64().unwrap()
    }

    /// Asked again under its key, each is the same payment.
    pub fn asking_again_pays_nothing(&mut self) {
        let before_minor = self.takings_minor();
        let keyed = self.paid.iter().rev().filter_map(|(trade_no, paid)| Some((trade_no, paid, paid.key.as_ref()?)));
        for (trade_no, paid, key) in keyed.take(ASKED_AGAIN) {
            let path = format!("/sandbox/v1/customers/{}/pay", self.shared.customers[paid.customer]);
            let headers = [("idempotency-key", key.as_str())];
            let reply = self.wallet.exchange("POST", &path, &headers, &paid.body.to_string()).unwrap();
            let payment: Value = serde_json::from_str(&reply.1).unwrap();
            assert_eq!((reply.0, &payment["payment_id"]), (200, &json!(trade_no)), "{key}: {payment}");
        }
        self.wait_until_quiet();
        assert_eq!(self.takings_minor(), before_minor, "asking again has paid again");
    }

    /// Debits equal credits, all invariants hold, and what one cell has sent the other has received, to the last entry.
    pub fn both_sides_have_booked_the_same(&mut self) {
        for cell in ["th", "net", "fr"] {
            let line = if cell == "th" { &mut self.wallet } else { &mut self.shops };
            let trial = line.get(&format!("/sandbox/v1/cells/{cell}/trial-balance"));
            for totals in trial["currencies"].as_array().unwrap() {
                assert_eq!(totals["debits_minor"], totals["credits_minor"], "{cell}: {trial}");
            }
            for invariant in trial["invariants"].as_array().unwrap() {
                assert_eq!(invariant["holds"], true, "{cell}: {trial}");
            }
        }
        let rows = self.rows().unwrap();
        let signed = |minor: u64| i64::try_from(minor).unwrap();
        let paid: i64 = rows.values().map(|row| signed(row.paid_minor - row.returned_minor)).sum();
        let taken: i64 = rows.values().map(|row| signed(row.price_minor - row.refunded_minor)).sum();
        let th = self.wallet.get("/sandbox/v1/cells/th/clearing");
        let [net, fr] = ["net", "fr"].map(|cell| self.shops.get(&format!("/sandbox/v1/cells/{cell}/clearing")));
        // A peer of another process has only its number there.
        mirrored(of_peer(&th, "99", "THB"), of_peer(&net, "3", "THB"), -paid);
        mirrored(of_peer(&fr, "net", "EUR"), of_peer(&net, "fr", "EUR"), taken);
        for cell in [&th, &net, &fr] {
            assert_eq!(cell["parked"], json!([]));
            for link in cell["links"].as_array().unwrap() {
                assert_eq!((&link["in_flight"], &link["parked"]), (&json!(0), &json!(0)), "{link}");
            }
        }
    }
}

/// The only balance of a cell with a peer.
fn of_peer<'c>(clearing: &'c Value, peer: &str, currency: &str) -> &'c Value {
    let balances = clearing["balances"].as_array().unwrap();
    let of_it: Vec<&Value> = balances.iter().filter(|balance| balance["peer"] == peer).collect();
    assert!(of_it.len() == 1 && of_it[0]["currency"] == currency, "{clearing}");
    of_it[0]
}

/// Two sides of one account; `owed_minor` is what the first has to get of the other.
fn mirrored(one: &Value, other: &Value, owed_minor: i64) {
    assert_eq!((&one["sent"], &one["received"]), (&other["received"], &other["sent"]));
    for (side, expected_minor) in [(one, owed_minor), (other, -owed_minor)] {
        let shown = (&side["balance_minor"], &side["tally_minor"], &side["suspense_minor"]);
        assert_eq!(shown, (&json!(expected_minor), &json!(expected_minor), &json!(0)));
    }
}
