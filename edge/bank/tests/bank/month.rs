//! A month with refunds, cancels, a change of clocks and a holiday, and a bank that misbehaves: the settlement report and its entries
//! down to the orders, the merchant's balance, the ledger and what the bank has really paid agree to the cent with a model that was
//! written from the rules' words and shares no line with them.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use sycee_acquiring::entry::{EntryKind, MerchantEntry, Totals};
use sycee_acquiring::payout::PayoutState;
use sycee_acquiring::settlement::*;
use sycee_acquiring::{
    ADVANCE_FUNDS, ADVANCE_FUNDS_LENT, FEE_RECEIVABLE, MERCHANT_BALANCE, MERCHANT_OWES, MERCHANT_RESERVE, Order,
    PAYOUT_IN_TRANSIT,
};
use sycee_contract::decode;
use sycee_engine::clock::Clock;
use sycee_engine::outbound::FaultMode;
use sycee_money::Amount;

use crate::world::*;

const FEE_BPS: i128 = 123;
const RESERVE_BPS: i128 = 500;
const RESERVE_DAYS: i64 = 6;
const NEGATIVE_LIMIT: i128 = 60_000;
const OWN_MONEY: u64 = 100_000;

/// A sale as the shop remembers it.
#[derive(Clone)]
struct Sale {
    number: String,
    minor: i128,
    refunded: i128,
    cancelled: bool,
}

/// What a business date brings before it is closed, and what its closing does.
#[derive(Clone, Default, PartialEq, Debug)]
struct Day {
    gross: i128,
    refunded: i128,
    fees: i128,
    fees_returned: i128,
    other_in: i128,
    closed: Option<Closed>,
}

#[derive(Clone, Default, PartialEq, Debug)]
struct Closed {
    brought: i128,
    released: i128,
    taken: i128,
    given: i128,
    recovered: i128,
    held: i128,
    paid: i128,
    carried: i128,
    owes: i128,
}

struct Month<'w> {
    world: &'w TestWorld,
    banks: &'w Calendar,
    now_ns: u64,
    sales: Vec<Sale>,
    days: BTreeMap<Date, Day>,
    /// Cut-offs that have passed.
    closed_through: Date,
    balance: i128,
    fees_owed: i128,
    owes: i128,
    carried: i128,
    reserve: Vec<(Date, i128)>,
    account_is_closed: bool,
    refused: u32,
}

fn half_up(number: i128, by: i128) -> i128 {
    (2 * number + by) / (2 * by)
}

impl Month<'_> {
    /// The business date of an instant: the first banking day that is not cut off before it.
    fn belongs(&self, ns: u64) -> Date {
        let mut day = date(2027, 1, 1);
        while !self.banks.is_banking_day(day) || instant_ns(day, CUT_OFF_HOUR, 0) <= ns {
            day = day.tomorrow().unwrap();
        }
        day
    }

    fn today(&mut self) -> &mut Day {
        let day = self.belongs(self.now_ns);
        self.days.entry(day).or_default()
    }

    async fn go_to(&mut self, day: Date, hour: i8, minute: i8) {
        let target_ns = instant_ns(day, hour, minute);
        while let Some(next) =
            Some(self.closed_through.tomorrow().unwrap()).filter(|next| instant_ns(*next, CUT_OFF_HOUR, 0) <= target_ns)
        {
            self.closed_through = next;
            if self.banks.is_banking_day(next) {
                self.close(next);
            }
        }
        self.world.go_to(target_ns).await;
        self.now_ns = self.world.clock.now_ns();
    }

    /// Closes a date, by the words of the rules: released, fees, recovered, held back, paid.
    fn close(&mut self, day: Date) {
        let due = |(until, _): &(Date, i128)| *until <= day;
        let released: i128 = self.reserve.iter().filter(|part| due(part)).map(|(_, minor)| minor).sum();
        if !self.days.contains_key(&day) && released == 0 && self.carried == 0 {
            return;
        }
        let mut of_day = self.days.remove(&day).unwrap_or_default();
        self.reserve.retain(|part| !due(part));
        let brought = self.carried;
        // Nothing has happened since the cut-off: all that is in the balance is of this date or before.
        let mut left = self.balance + released;
        let owed = self.fees_owed;
        let (given, taken) = if owed < 0 { (-owed, 0) } else { (0, owed.min(left)) };
        left += given - taken;
        let recovered = self.owes.min(left);
        left -= recovered;
        let held = ((of_day.gross - of_day.refunded).max(0) * RESERVE_BPS / 10_000).min(left);
        left -= held;
        if held > 0 {
            self.reserve.push((day.checked_add(RESERVE_DAYS.days()).unwrap(), held));
        }
        let paid = left;
        self.fees_owed += given - taken;
        self.owes -= recovered;
        (self.balance, self.carried) = (0, 0);
        of_day.closed =
            Some(Closed { brought, released, taken, given, recovered, held, paid, carried: 0, owes: self.owes });
        self.days.insert(day, of_day);
        if paid > 0 && self.account_is_closed {
            // The bank rejects it at once: the money is back, and of the next date.
            let next = self.belongs(instant_ns(day, CUT_OFF_HOUR, 0));
            self.days.entry(next).or_default().other_in += paid;
            self.balance += paid;
        }
    }

    fn sell(&mut self, minor: u64) {
        let number = self.world.sell(minor);
        let minor = i128::from(minor);
        let fee = half_up(minor * FEE_BPS, 10_000);
        self.today().gross += minor;
        self.today().fees += fee;
        self.balance += minor;
        self.fees_owed += fee;
        self.sales.push(Sale { number, minor, refunded: 0, cancelled: false });
    }

    /// Refunds a sale as far as the merchant may.
    fn refund(&mut self, at: usize, minor: i128, is_cancel: bool) {
        let sale = self.sales[at].clone();
        assert!(minor > 0 && sale.refunded + minor <= sale.minor && !sale.cancelled);
        let missing = (minor - self.balance).max(0);
        if is_cancel {
            assert_eq!((missing, minor), (0, sale.minor - sale.refunded), "cancels are of what is there");
            self.world.cancel(&sale.number);
        } else {
            let answer = self.world.refund(&sale.number, u64::try_from(minor).unwrap());
            if missing > 0 && self.owes + missing > NEGATIVE_LIMIT {
                assert!(answer.is_err(), "more than the terms advance");
                self.refused += 1;
                return;
            }
            answer.unwrap();
        }
        let fee = half_up(sale.minor * FEE_BPS, 10_000);
        let returned = |part: i128| half_up(fee * part, sale.minor);
        let fee_returned = returned(sale.refunded + minor) - returned(sale.refunded);
        let day = self.today();
        day.other_in += missing;
        day.refunded += minor;
        day.fees_returned += fee_returned;
        self.balance += missing - minor;
        self.owes += missing;
        self.fees_owed -= fee_returned;
        let sale = &mut self.sales[at];
        (sale.refunded, sale.cancelled) = (sale.refunded + minor, is_cancel);
    }

    async fn run(&mut self, day: Date) {
        let n = u64::try_from(day.day()).unwrap();
        self.go_to(day, 9, 0).await;
        self.sell(12_345 + 67 * n);
        self.sell(999);
        if day.day() % 4 == 0 {
            let last = self.sales.len() - 1;
            self.refund(last, 999, true);
        }
        self.go_to(day, 17, 59).await;
        self.sell(1_001 + 3 * n);
        let last = self.sales.len() - 1;
        self.refund(last, 334, false);
        self.refund(last, i128::from(n), false);
        let modes = [FaultMode::Lose, FaultMode::Double, FaultMode::Delay, FaultMode::TimeoutAfterDoing];
        if day.day() % 5 != 0 {
            self.world.world.faults.set(Some("fr"), "payout", modes[usize::try_from(n).unwrap() % 4], 1);
        }
        // The account is closed for some days in the middle of the month.
        if day.day() == 10 || day.day() == 13 {
            self.account_is_closed = day.day() == 10;
            self.world.set_account(if self.account_is_closed { "0404" } else { "0001" });
        }
        self.go_to(day, 18, 30).await;
        self.sell(2_500 + n);
        self.go_to(day, 20, 0).await;
        if day.day() % 3 == 0 {
            // A great sale of days ago, paid out long since: the balance does not have it.
            let old = self.sales.iter().position(|sale| sale.refunded == 0 && sale.minor > 12_000).unwrap();
            self.refund(old, self.sales[old].minor, false);
        }
        if day.day() == 18 {
            for at in 0..self.sales.len() {
                let sale = self.sales[at].clone();
                if sale.refunded == 0 && sale.minor > 2_000 {
                    self.refund(at, sale.minor - 1, false);
                }
            }
        }
    }

    /// What the cell says of a business date, in the model's words.
    fn told(&self, settlement: &Settlement) -> Day {
        let amount = |amount: Amount| i128::from(amount.minor());
        let number = |minor: u64| i128::from(minor);
        Day {
            gross: number(settlement.gross_minor),
            refunded: number(settlement.refunded_minor),
            fees: number(settlement.fees_minor),
            fees_returned: number(settlement.fees_returned_minor),
            other_in: number(settlement.other_in_minor),
            closed: settlement.closing.as_ref().map(|closing| Closed {
                brought: i128::from(closing.brought_forward_minor),
                released: amount(closing.reserve_released),
                taken: amount(closing.fees_taken),
                given: amount(closing.fees_given_back),
                recovered: amount(closing.recovered),
                held: amount(closing.reserve_held),
                paid: amount(closing.paid_out),
                carried: i128::from(closing.carried_forward_minor),
                owes: amount(closing.owes),
            }),
        }
    }
}

/// Each report down to its entries, and from those to the orders.
fn check_entries(month: &Month<'_>) {
    let world = month.world;
    let rows = world.cell().port.begin_read().scan(&MerchantEntry::of_merchant(world.shop), None, 100_000).unwrap();
    let entries: Vec<MerchantEntry> = rows.iter().map(|(_, row)| decode(row, "entry").unwrap()).collect();
    let mut totals: BTreeMap<u32, (Totals, i128)> = BTreeMap::new();
    for entry in &entries {
        let (totals, on_balance) = totals.entry(entry.settlement.expect("each entry is in a settlement")).or_default();
        totals.add(entry);
        *on_balance += entry.on_balance_minor();
        if matches!(entry.kind, EntryKind::Payment | EntryKind::Refund | EntryKind::Advanced) {
            let order: Order = world.get(&Order::key(entry.of)).expect("an order");
            assert_eq!(order.merchant, world.shop);
            if entry.kind == EntryKind::Payment {
                assert_eq!(order.total, entry.money);
            }
        }
    }
    assert_eq!(totals.len(), month.days.len());
    for (day, expected) in &month.days {
        let (totals, on_balance) = totals[&day_number(*day)];
        let number = |minor: u64| i128::from(minor);
        assert_eq!((number(totals.gross_minor), number(totals.refunded_minor)), (expected.gross, expected.refunded));
        let change = match &expected.closed {
            Some(closed) => closed.carried - closed.brought,
            None => expected.gross - expected.refunded + expected.other_in,
        };
        assert_eq!(on_balance, change, "{day}");
    }
}

/// The accounts of the shop, and the operator's own money.
fn check_ledger(month: &Month<'_>) {
    let world = month.world;
    let in_reserve: i128 = month.reserve.iter().map(|(_, minor)| minor).sum();
    assert_eq!(world.shops(MERCHANT_BALANCE), month.balance);
    assert_eq!(world.shops(FEE_RECEIVABLE), month.fees_owed);
    assert_eq!(world.shops(MERCHANT_RESERVE), in_reserve);
    assert_eq!(world.shops(MERCHANT_OWES), month.owes);
    assert_eq!(world.operators(ADVANCE_FUNDS) + month.owes, i128::from(OWN_MONEY));
    assert_eq!(world.operators(ADVANCE_FUNDS_LENT), month.owes);
}

/// Each settled payout once at the bank, at its amount, and nothing else; the safeguarding account is poorer by just that. Gives back
/// what was paid, and what came back.
fn check_bank(month: &Month<'_>, safeguarded: i128) -> (i128, i128) {
    let world = month.world;
    let payouts = world.all_payouts();
    let settled: BTreeMap<String, u64> = payouts
        .iter()
        .filter(|payout| payout.state == PayoutState::Settled)
        .map(|payout| (payout.number(7), payout.money.amount.minor()))
        .collect();
    assert_eq!(world.bank.paid(), settled);
    let paid: i128 = settled.values().map(|minor| i128::from(*minor)).sum();
    assert_eq!(safeguarded - world.operators(sycee_wallet::SAFEGUARDING), paid);
    let closings = month.days.values().filter_map(|day| day.closed.as_ref());
    let paid_out: i128 = closings.map(|closed| closed.paid).sum();
    let returned: i128 = payouts
        .iter()
        .filter(|payout| payout.state == PayoutState::Returned)
        .map(|payout| i128::from(payout.money.amount.minor()))
        .sum();
    assert_eq!(paid_out, paid + returned + world.shops(PAYOUT_IN_TRANSIT));
    (paid, returned)
}

async fn run(first: Date, banks: Calendar) {
    let world =
        TestWorld::start(first.yesterday().unwrap(), &banks, u32::try_from(FEE_BPS).unwrap(), "0001", |terms| {
            SetSettlementTerms {
                reserve_bps: u32::try_from(RESERVE_BPS).unwrap(),
                reserve_days: u32::try_from(RESERVE_DAYS).unwrap(),
                negative_limit: Amount::new(u64::try_from(NEGATIVE_LIMIT).unwrap()).unwrap(),
                ..terms
            }
        });
    let funds = MoveAdvanceFunds { money: euro(OWN_MONEY), is_withdrawal: false, bank_reference: "OWN".into() };
    world.operator::<AdvanceFundsReply, _>(MOVE_ADVANCE_FUNDS, &funds);
    let safeguarded = world.operators(sycee_wallet::SAFEGUARDING);
    let mut month = Month {
        world: &world,
        banks: &banks,
        now_ns: world.clock.now_ns(),
        sales: Vec::new(),
        days: BTreeMap::new(),
        closed_through: first.yesterday().unwrap().yesterday().unwrap(),
        balance: 0,
        fees_owed: 0,
        owes: 0,
        carried: 0,
        reserve: Vec::new(),
        account_is_closed: false,
        refused: 0,
    };
    for day in first.series(1.day()).take(31) {
        month.run(day).await;
    }
    // The last payouts are carried out by banks some days later.
    month.go_to(first.checked_add(35.days()).unwrap(), 17, 0).await;

    // The settlement report, day by day, and nothing besides.
    for (day, expected) in &month.days {
        let settlement = world.settlement(*day).unwrap_or_else(|| panic!("{day} is missing"));
        assert_eq!(month.told(&settlement), *expected, "{day}");
    }
    let rows = world.cell().port.begin_read().scan(
        &Settlement::of_currency(world.shop, sycee_money::Currency::EUR),
        None,
        1_000,
    );
    assert_eq!(rows.unwrap().len(), month.days.len());

    check_entries(&month);
    check_ledger(&month);
    let (paid, returned) = check_bank(&month, safeguarded);
    assert_eq!(world.findings(), []);

    // The month was no easy one.
    let recovered: i128 =
        month.days.values().filter_map(|day| day.closed.as_ref()).map(|closed| closed.recovered).sum();
    assert!(recovered > 0 && returned > 0 && month.refused > 0 && paid > 100_000, "{recovered} {returned} {paid}");
    assert!(month.days.values().filter_map(|day| day.closed.as_ref()).any(|closed| closed.owes > 0));
    assert!(world.files("out").len() > world.all_payouts().len(), "something was lost and sent again");
}

/// March 2027: the clocks go forward on Sunday 28, and Monday 29 is Easter Monday.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_with_a_holiday_and_clocks_put_forward_agrees_to_the_cent_with_the_ledger_and_the_bank() {
    const EASTER_MONDAY: Date = date(2027, 3, 29);
    run(date(2027, 3, 1), Calendar { holidays: &[EASTER_MONDAY], weekend: &[6, 7] }).await;
}

/// October 2027: the clocks go back on Sunday 31, and these banks work on Sundays too.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_with_clocks_put_back_on_a_banking_day_agrees_too() {
    const HOLIDAY: Date = date(2027, 10, 15);
    run(date(2027, 10, 1), Calendar { holidays: &[HOLIDAY], weekend: &[] }).await;
}
