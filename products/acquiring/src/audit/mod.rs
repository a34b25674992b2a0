//! Checks this product's invariants over all books, from rows and accounts alone.

mod apps;
mod authorisations;
mod entries;
mod royalties;
mod settlements;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use minicbor::Decode;
use sycee_contract::{Books, Command, Finding, Table, TimerId, decode};
use sycee_ledger::AccountKind;
use sycee_money::{Amount, MoneyError, cumulative_share};

use crate::command::{DROP_PAY_CODE, EXPIRE_ORDER};
use crate::entry::EntryKind;
use crate::order::{Channel, Order, OrderState, Paid};
use crate::record::{
    FEE_SETTLEMENT, FeeSettlement, MERCHANT_TRANSFER, MERCHANT_TRANSFER_INDEX, MerchantTransfer, MerchantTransferIndex,
    ORDER, ORDER_INDEX, OrderIndex, PAY_CODE, PayCode, REFUND, Refund, TransferState,
};
use crate::{FEE_RECEIVABLE, MERCHANT_BALANCE};

pub(crate) fn audit(books: &dyn Books, findings: &mut Vec<Finding>) {
    let mut sums = Sums::default();
    refunds(books, &mut sums, findings);
    orders(books, &mut sums, findings);
    order_index(books, findings);
    transfers(books, &mut sums, findings);
    fees_settled(books, &mut sums, findings);
    settlements::audit(books, &mut sums, findings);
    apps::audit(books, findings);
    pay_codes(books, findings);
    royalties::audit(books, &mut sums, findings);
    sums.entries.check(books, findings);
    authorisations::audit(books, findings);
    balances(books, &MERCHANT_BALANCE, "merchant_balance_matches_orders", sums.balance, findings);
    balances(books, &FEE_RECEIVABLE, "fee_receivable_matches_orders", sums.receivable, findings);
    for (order, refunds) in sums.refunds {
        findings.push(Finding::new("refunds_match_orders", format!("order {order} is missing: {refunds:?}")));
    }
}

/// A merchant's party number and a currency's numeric code.
type MerchantCurrency = (u64, u16);

#[derive(Default, Debug)]
struct Refunds {
    amount_minor: u64,
    to_payer_minor: u64,
    fee_returned_minor: u64,
    count: u32,
}

/// What the rows say that accounts must hold.
#[derive(Default)]
struct Sums {
    balance: BTreeMap<MerchantCurrency, i128>,
    receivable: BTreeMap<MerchantCurrency, i128>,
    refunds: BTreeMap<u64, Refunds>,
    entries: entries::Expected,
}

fn add(to: &mut BTreeMap<MerchantCurrency, i128>, of: MerchantCurrency, minor: i128) {
    let sum = to.entry(of).or_default();
    *sum = sum.saturating_add(minor);
}

fn minor(amount: Amount) -> i128 {
    i128::from(amount.minor())
}

/// All rows of a table that decode; the others are findings.
fn each<R: for<'b> Decode<'b, ()>>(
    books: &dyn Books,
    table: Table,
    invariant: &'static str,
    findings: &mut Vec<Finding>,
    row: &mut dyn FnMut(&sycee_contract::Key, R, &mut Vec<Finding>),
) {
    books.rows(table, &mut |key, bytes| match decode::<R>(bytes, "audited row") {
        Ok(record) => row(key, record, findings),
        Err(_) => findings.push(Finding::new(invariant, format!("{key:?} does not decode"))),
    });
}

fn one<R: for<'b> Decode<'b, ()>>(books: &dyn Books, key: &sycee_contract::Key) -> Option<R> {
    decode(&books.row(key)?, "audited row").ok()
}

fn refunds(books: &dyn Books, sums: &mut Sums, findings: &mut Vec<Finding>) {
    each::<Refund>(books, REFUND, "refunds_match_orders", findings, &mut |_, refund, _| {
        let sum = sums.refunds.entry(refund.order).or_default();
        sum.amount_minor = sum.amount_minor.saturating_add(refund.amount.minor());
        sum.to_payer_minor = sum.to_payer_minor.saturating_add(refund.to_payer.minor());
        sum.fee_returned_minor = sum.fee_returned_minor.saturating_add(refund.fee_returned.minor());
        sum.count = sum.count.saturating_add(1);
    });
}

fn orders(books: &dyn Books, sums: &mut Sums, findings: &mut Vec<Finding>) {
    each::<Order>(books, ORDER, "order_amounts_add_up", findings, &mut |_, order, findings| {
        let refunds = sums.refunds.remove(&order.id).unwrap_or_default();
        if let Some(what) = amounts(&order, &refunds).unwrap_or(Some("an amount is out of range")) {
            findings.push(Finding::new("order_amounts_add_up", format!("order {}: {what}", order.id)));
        }
        let said = (order.refunded.minor(), order.fee_returned.minor(), order.refund_count);
        let found = (refunds.amount_minor, refunds.fee_returned_minor, refunds.count);
        if said != found {
            let detail = format!("order {}: it says {said:?}, its refunds {found:?}", order.id);
            findings.push(Finding::new("refunds_match_orders", detail));
        }
        if let Some(paid) = &order.paid {
            let of = (order.merchant, order.total.currency.numeric());
            add(&mut sums.balance, of, minor(order.total.amount).saturating_sub(minor(order.refunded)));
            add(&mut sums.receivable, of, minor(paid.fee()).saturating_sub(minor(order.fee_returned)));
            sums.entries.add(of, EntryKind::Payment, 1, minor(order.total.amount), minor(paid.fee()));
            let (count, refunded) = (i128::from(order.refund_count), minor(order.refunded));
            sums.entries.add(of, EntryKind::Refund, count, refunded, minor(order.fee_returned));
        }
        if order.channel != Channel::StaticCode {
            let index: Option<OrderIndex> = one(books, &OrderIndex::key(order.merchant, &order.out_trade_no));
            if index.is_none_or(|index| index.order != order.id) {
                findings.push(Finding::new("order_index_matches", format!("order {} is not named", order.id)));
            }
        }
        let timed = match (order.deadline_ns(), order.timer) {
            (Some(deadline), Some(timer)) => timer.due_at_ns == deadline && is_set(books, timer, EXPIRE_ORDER),
            (None, None) => true,
            _ => false,
        };
        if !timed {
            findings.push(Finding::new("open_orders_have_timers", format!("order {}: {:?}", order.id, order.timer)));
        }
    });
}

/// What is wrong with the amounts of an order, if anything.
fn amounts(order: &Order, refunds: &Refunds) -> Result<Option<&'static str>, MoneyError> {
    let total = order.total.amount;
    let Some(paid) = &order.paid else {
        let unpaid = order.refunded.is_zero() && order.state != OrderState::Paid;
        return Ok((!unpaid).then_some("paid or refunded without a payment"));
    };
    if order.refunded > total {
        return Ok(Some("more was refunded than paid"));
    }
    let to_payer = cumulative_share(paid.payer_amount, order.refunded, total)?;
    let returned = paid.discounts.iter().try_fold(Amount::ZERO, |sum, part| sum.checked_add(part.returned))?;
    let fee = fees_due_back(order, paid)?;
    let closed = order.state == OrderState::Closed;
    let checks = [
        (paid.payer_amount.checked_add(paid.discount())? == total, "payer amount and discounts are not the price"),
        (!paid.payer_amount.is_zero(), "the payer paid nothing"),
        (closed == (order.refunded == total), "closed is not fully refunded"),
        (closed || order.state == OrderState::Paid, "a paid order is open"),
        (refunds.to_payer_minor == to_payer.minor(), "the payer's share of the refunds is not round(paid × c ÷ total)"),
        (to_payer.checked_add(returned)? == order.refunded, "shares of refunds do not add up"),
        (paid.discounts.iter().all(|part| part.returned <= part.amount), "more of a discount came back than was given"),
        (order.fee_returned == fee, "the returned fee is not in proportion"),
    ];
    Ok(checks.into_iter().find_map(|(holds, what)| (!holds).then_some(what)))
}

fn fees_due_back(order: &Order, paid: &Paid) -> Result<Amount, MoneyError> {
    let mut sum = Amount::ZERO;
    for fee in paid.fees.iter().filter(|_| paid.fees_returnable) {
        sum = sum.checked_add(cumulative_share(fee.amount, order.refunded, order.total.amount)?)?;
    }
    Ok(sum)
}

fn is_set(books: &dyn Books, timer: TimerId, code: u16) -> bool {
    one::<Command>(books, &timer.key()).is_some_and(|command| command.code == code)
}

fn order_index(books: &dyn Books, findings: &mut Vec<Finding>) {
    each::<OrderIndex>(books, ORDER_INDEX, "order_index_matches", findings, &mut |key, index, findings| {
        let order: Option<Order> = one(books, &Order::key(index.order));
        if order.is_none_or(|order| OrderIndex::key(order.merchant, &order.out_trade_no) != *key) {
            findings.push(Finding::new("order_index_matches", format!("{key:?} leads to {}", index.order)));
        }
    });
}

fn transfers(books: &dyn Books, sums: &mut Sums, findings: &mut Vec<Finding>) {
    const INVARIANT: &str = "transfer_index_matches";
    each::<MerchantTransfer>(books, MERCHANT_TRANSFER, INVARIANT, findings, &mut |key, transfer, findings| {
        let of = (transfer.merchant, transfer.money.currency.numeric());
        if transfer.state == TransferState::Done {
            add(&mut sums.balance, of, minor(transfer.money.amount).saturating_neg());
            sums.entries.add(of, EntryKind::Transfer, 1, minor(transfer.money.amount), 0);
        }
        let index: Option<MerchantTransferIndex> = one(books, &MerchantTransferIndex::key(transfer.id));
        if index.is_none_or(|index| MerchantTransfer::key(index.merchant, &index.out_biz_no) != *key) {
            findings.push(Finding::new(INVARIANT, format!("transfer {} is not found by its id", transfer.id)));
        }
    });
    each::<MerchantTransferIndex>(books, MERCHANT_TRANSFER_INDEX, INVARIANT, findings, &mut |key, index, findings| {
        let found: Option<MerchantTransfer> = one(books, &MerchantTransfer::key(index.merchant, &index.out_biz_no));
        if found.is_none_or(|transfer| MerchantTransferIndex::key(transfer.id) != *key) {
            findings.push(Finding::new(INVARIANT, format!("{key:?} leads to no transfer")));
        }
    });
}

fn fees_settled(books: &dyn Books, sums: &mut Sums, findings: &mut Vec<Finding>) {
    const INVARIANT: &str = "fee_receivable_matches_orders";
    each::<FeeSettlement>(books, FEE_SETTLEMENT, INVARIANT, findings, &mut |key, settled, findings| {
        let currency = key.as_bytes().get(10..12).and_then(|bytes| bytes.try_into().ok()).map(u16::from_be_bytes);
        let (Some(merchant), Some(currency)) = (key.number_at(0), currency) else {
            findings.push(Finding::new(INVARIANT, format!("{key:?} is no key of a settlement")));
            return;
        };
        let net = i128::from(settled.given_back_minor).saturating_sub(i128::from(settled.taken_minor));
        add(&mut sums.balance, (merchant, currency), net);
        add(&mut sums.receivable, (merchant, currency), net);
        let of = (merchant, currency);
        sums.entries.add(of, EntryKind::FeesTaken, 0, i128::from(settled.taken_minor), 0);
        sums.entries.add(of, EntryKind::FeesGivenBack, 0, i128::from(settled.given_back_minor), 0);
    });
}

fn pay_codes(books: &dyn Books, findings: &mut Vec<Finding>) {
    each::<PayCode>(books, PAY_CODE, "pay_codes_have_timers", findings, &mut |_, code, findings| {
        if code.timer.due_at_ns != code.expires_at_ns || !is_set(books, code.timer, DROP_PAY_CODE) {
            // The key is a digest of digits that may still pay: it is not shown.
            let detail = format!("a code of customer {} that lives until {}", code.customer, code.expires_at_ns);
            findings.push(Finding::new("pay_codes_have_timers", detail));
        }
    });
}

/// Compares the accounts of a kind with what the rows say.
fn balances(
    books: &dyn Books,
    kind: &AccountKind,
    invariant: &'static str,
    mut expected: BTreeMap<MerchantCurrency, i128>,
    findings: &mut Vec<Finding>,
) {
    books.accounts(&mut |id, account| {
        if id.kind() != kind.number {
            return;
        }
        let rows = expected.remove(&(id.owner(), id.currency_numeric())).unwrap_or(0);
        if account.balance_minor() != rows {
            let detail = format!("{id:?}: account {}, rows {rows}", account.balance_minor());
            findings.push(Finding::new(invariant, detail));
        }
    });
    for ((merchant, currency), rows) in expected {
        if rows != 0 {
            let detail = format!("merchant {merchant}, currency {currency}: no account, rows {rows}");
            findings.push(Finding::new(invariant, detail));
        }
    }
}
