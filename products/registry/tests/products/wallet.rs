//! Tables for the wallet.

use sycee_contract::{Answer, Caller, Charge, Command, Deciding, Stamp, State, cell, decode, encode};
use sycee_ledger::OPERATOR;
use sycee_money::{Currency, Money};
use sycee_party::command::{Freeze, OpenStaff, Opened};
use sycee_party::{BALANCE_LIMIT, FREEZE, OPEN_STAFF, PARTY_FROZEN, StaffRole, TRANSACTION_LIMIT};
use sycee_wallet::command::{
    CashIn, CashMoved, CashOut, DeclineRequest, MoneyRequested, PayRequest, Payee, RequestMoney, Send, Sent,
};
use sycee_wallet::{
    BALANCE, BALANCE_NOT_ENOUGH, CASH_IN, CASH_OUT, CURRENCY_NOT_HELD, CustomerEntry, DECLINE_REQUEST,
    NOT_YOUR_REQUEST, PAY_REQUEST, PAYEE_IS_PAYER, PAYEE_NOT_CUSTOMER, PAYEE_NOT_FOUND, PAYER_NOT_CUSTOMER,
    PAYER_NOT_FOUND, REQUEST_ENDED, REQUEST_MONEY, REQUEST_NOT_FOUND, RequestOfCustomer, SAFEGUARDING, SEND,
    TRANSFER_SEND,
};

use crate::bench::{Bench, DAY_NS, amount, contact, customer, number, operator};

const EUR: Currency = Currency::EUR;
const USD: Currency = Currency::USD;

fn money(minor: u64, currency: Currency) -> Money {
    Money::new(amount(minor), currency)
}

fn cash_in(customer: u64, minor: u64, currency: Currency) -> CashIn {
    CashIn { customer, money: money(minor, currency), bank_reference: "REF-1".to_string() }
}

/// Customers 1 (with 10.00 EUR) and 2 without limits, customer 3 of tier 1, and a member of staff.
fn scene() -> (Bench, [u64; 4]) {
    let mut bench = Bench::new();
    let parties = [bench.open_customer(1, 3), bench.open_customer(2, 3), bench.open_customer(3, 1)];
    let staff = OpenStaff { person: [9; 16], contact: Some(contact(9)), staff_role: StaffRole::Cashier };
    let staff = bench.done::<Opened>(operator(OPEN_STAFF, "staff", &staff)).party;
    let moved: CashMoved = bench.done(operator(CASH_IN, "in-1", &cash_in(parties[0], 1_000, EUR)));
    assert_eq!(moved.balance_minor, 1_000);
    let [one, two, three] = parties;
    (bench, [one, two, three, staff])
}

fn has(bench: &Bench, party: u64) -> i128 {
    bench.balance(BALANCE.of(party, EUR))
}

#[test]
fn sending_moves_money_by_number_and_by_contact() {
    let (mut bench, [one, two, ..]) = scene();
    let first = customer(SEND, one, "s1", &Send { payee: Payee::Party(two), money: money(300, EUR) });
    let sent: Sent = bench.done(first.clone());
    assert_eq!((sent.payee, sent.money, sent.balance_minor), (two, money(300, EUR), 700));
    assert_eq!(bench.done::<Sent>(first), sent, "a repeat pays nothing");
    let by_contact = Send { payee: Payee::Contact(contact(2)), money: money(700, EUR) };
    let second: Sent = bench.done(customer(SEND, one, "s2", &by_contact));
    assert_eq!((second.payee, second.balance_minor), (two, 0));
    assert!(second.transfer > sent.transfer, "ids rise");
    assert_eq!([has(&bench, one), has(&bench, two)], [0, 1_000]);
    assert_eq!(bench.balance(SAFEGUARDING.of(OPERATOR, EUR)), 1_000);
}

#[test]
fn sending_is_refused() {
    let (mut bench, [one, two, three, staff]) = scene();
    bench.done::<CashMoved>(operator(CASH_IN, "in-3", &cash_in(three, 10_000, EUR)));
    let rows = [
        ("one cent too much", one, Payee::Party(two), money(1_001, EUR), BALANCE_NOT_ENOUGH),
        ("no dollars", one, Payee::Party(two), money(1, USD), BALANCE_NOT_ENOUGH),
        ("nothing", one, Payee::Party(two), money(0, EUR), 64),
        ("unknown number", one, Payee::Party(number("2088 01 00099 00000")), money(1, EUR), PAYEE_NOT_FOUND),
        ("unknown contact", one, Payee::Contact(contact(77)), money(1, EUR), PAYEE_NOT_FOUND),
        ("to staff", one, Payee::Contact(contact(9)), money(1, EUR), PAYEE_NOT_CUSTOMER),
        ("to itself", one, Payee::Contact(contact(1)), money(1, EUR), PAYEE_IS_PAYER),
        ("a currency not held", one, Payee::Party(two), money(1, Currency::JPY), CURRENCY_NOT_HELD),
        ("by nobody", 7, Payee::Party(two), money(1, EUR), PAYER_NOT_FOUND),
        ("by staff", staff, Payee::Party(two), money(1, EUR), PAYER_NOT_CUSTOMER),
        ("above the payer's tier", three, Payee::Party(two), money(5_001, EUR), TRANSACTION_LIMIT),
    ];
    for (name, payer, payee, money, code) in rows {
        assert_eq!(bench.refused(customer(SEND, payer, name, &Send { payee, money })), code, "{name}");
    }
    assert_eq!([has(&bench, one), has(&bench, two), has(&bench, three)], [1_000, 0, 10_000]);
    let body = Send { payee: Payee::Party(two), money: money(1_250, EUR) };
    let (_, detail) = bench.refusal(customer(SEND, one, "detail", &body));
    assert_eq!(detail, "available 10.00 EUR, needed 12.50 EUR");
    let no_key = Command::new(SEND, Caller::customer(one), &body);
    assert_eq!(bench.refused(no_key), cell::BAD_COMMAND_ID);
    assert_eq!(bench.refused(operator(SEND, "operator", &body)), cell::ROLE_FORBIDDEN);
}

#[test]
fn not_enough_binds_the_key() {
    let (mut bench, [one, two, ..]) = scene();
    let send = customer(SEND, one, "s", &Send { payee: Payee::Party(two), money: money(2_000, EUR) });
    assert_eq!(bench.refused(send.clone()), BALANCE_NOT_ENOUGH);
    bench.done::<CashMoved>(operator(CASH_IN, "more", &cash_in(one, 5_000, EUR)));
    assert_eq!(bench.refused(send), BALANCE_NOT_ENOUGH, "a late repeat does not pay");
    assert_eq!(has(&bench, one), 6_000);
}

#[test]
fn cash_comes_in_and_goes_out_against_the_safeguarding_account() {
    let (mut bench, [one, two, three, staff]) = scene();
    let out = |customer, minor| CashOut { customer, money: money(minor, EUR), bank_reference: "OUT".to_string() };
    assert_eq!(bench.done::<CashMoved>(operator(CASH_OUT, "o1", &out(one, 400))).balance_minor, 600);
    assert_eq!(bench.balance(SAFEGUARDING.of(OPERATOR, EUR)), 600);
    let long = CashIn { bank_reference: "R".repeat(65), ..cash_in(two, 1, EUR) };
    let fits = CashIn { bank_reference: "R".repeat(64), ..cash_in(two, 1, EUR) };
    let rows = [
        ("more than there is", operator(CASH_OUT, "r1", &out(one, 601)), BALANCE_NOT_ENOUGH),
        ("of staff", operator(CASH_OUT, "r2", &out(staff, 1)), PAYER_NOT_CUSTOMER),
        ("of nobody", operator(CASH_OUT, "r3", &out(7, 1)), PAYER_NOT_FOUND),
        ("for nobody", operator(CASH_IN, "r4", &cash_in(7, 1, EUR)), PAYEE_NOT_FOUND),
        ("for staff", operator(CASH_IN, "r5", &cash_in(staff, 1, EUR)), PAYEE_NOT_CUSTOMER),
        ("yen", operator(CASH_IN, "r6", &cash_in(two, 1, Currency::JPY)), CURRENCY_NOT_HELD),
        ("above the tier's balance", operator(CASH_IN, "r7", &cash_in(three, 20_001, EUR)), BALANCE_LIMIT),
        ("a long reference", operator(CASH_IN, "r8", &long), cell::BAD_BODY),
        ("by a customer", customer(CASH_IN, one, "r9", &fits), cell::ROLE_FORBIDDEN),
        ("without a key", Command::new(CASH_IN, Caller::OPERATOR, &fits), cell::BAD_COMMAND_ID),
    ];
    for (name, command, code) in rows {
        assert_eq!(bench.refused(command), code, "{name}");
    }
    bench.done::<CashMoved>(operator(CASH_IN, "64", &fits));
    bench.done::<CashMoved>(operator(CASH_IN, "usd", &cash_in(two, 500, USD)));
    assert_eq!(bench.balance(SAFEGUARDING.of(OPERATOR, USD)), 500);
}

#[test]
fn a_money_request_is_answered_once_by_who_was_asked_in_time() {
    let (mut bench, [one, two, three, _]) = scene();
    let ask = |bench: &mut Bench, id: &str, minor| {
        let body = RequestMoney { payer: Payee::Contact(contact(1)), money: money(minor, EUR) };
        bench.done::<MoneyRequested>(customer(REQUEST_MONEY, two, id, &body)).request
    };
    let pay = |party, request| Command::new(PAY_REQUEST, Caller::customer(party), &PayRequest { request });
    let decline = |party, request| Command::new(DECLINE_REQUEST, Caller::customer(party), &DeclineRequest { request });
    let paid = ask(&mut bench, "a", 400);
    for stranger in [two, three] {
        assert_eq!(bench.refused(pay(stranger, paid)), NOT_YOUR_REQUEST);
        assert_eq!(bench.refused(decline(stranger, paid)), NOT_YOUR_REQUEST);
    }
    let sent: Sent = bench.done(pay(one, paid));
    assert_eq!((sent.payee, sent.balance_minor), (two, 600));
    assert_eq!(bench.refusal(pay(one, paid)), (REQUEST_ENDED, format!("money request {paid}: it was paid")));
    let declined = ask(&mut bench, "b", 100);
    bench.done_empty(decline(one, declined));
    assert_eq!(
        bench.refusal(pay(one, declined)),
        (REQUEST_ENDED, format!("money request {declined}: it was declined"))
    );
    let dear = ask(&mut bench, "c", 601);
    assert_eq!(bench.refused(pay(one, dear)), BALANCE_NOT_ENOUGH);
    let late = ask(&mut bench, "d", 100);
    bench.now_ns += 7 * DAY_NS;
    for ended in [paid, declined, late] {
        assert_eq!(bench.refused(pay(one, ended)), REQUEST_ENDED);
        assert_eq!(bench.refused(decline(one, ended)), REQUEST_ENDED);
    }
    assert_eq!(bench.refused(pay(one, 1)), REQUEST_NOT_FOUND);
    assert_eq!([has(&bench, one), has(&bench, two)], [600, 400]);
}

#[test]
fn the_audit_sees_requests_that_are_not_listed_and_listings_of_none() {
    let (mut bench, [one, two, three, _]) = scene();
    let body = RequestMoney { payer: Payee::Party(one), money: money(1, EUR) };
    let asked: MoneyRequested = bench.done(customer(REQUEST_MONEY, two, "a", &body));
    let (payers, payees) = (RequestOfCustomer::key(one, asked.request), RequestOfCustomer::key(two, asked.request));
    let row = |is_payer| Some(encode(&RequestOfCustomer { is_payer }));
    let rows = [
        ("as it is", &payers, row(true), 0),
        ("not for who is asked", &payers, None, 1),
        ("not for who asks", &payees, None, 1),
        ("the wrong way round", &payers, row(false), 1),
        ("for somebody else too", &RequestOfCustomer::key(three, asked.request), row(true), 1),
        ("of no request", &RequestOfCustomer::key(one, asked.request + 1), row(true), 1),
        ("by a row that is none", &RequestOfCustomer::key(three, asked.request), Some(vec![0xff]), 1),
    ];
    for (name, key, value, expected) in rows {
        let before = bench.memory.rows.clone();
        bench.memory.set_row(key.clone(), value);
        let findings = bench.findings();
        assert_eq!(findings.len(), expected, "{name}: {findings:?}");
        assert!(findings.iter().all(|finding| finding.invariant == "money_requests_consistent"), "{name}");
        bench.memory.rows = before;
    }
}

#[test]
fn a_request_lives_until_the_last_nanosecond_of_the_seventh_day() {
    for (early, accepted) in [(1, true), (0, false)] {
        let (mut bench, [one, two, ..]) = scene();
        let body = RequestMoney { payer: Payee::Party(one), money: money(1, EUR) };
        let asked: MoneyRequested = bench.done(customer(REQUEST_MONEY, two, "a", &body));
        assert_eq!(asked.expires_at_ns, bench.now_ns + 7 * DAY_NS);
        bench.now_ns = asked.expires_at_ns - early - bench.step_ns;
        let pay = Command::new(PAY_REQUEST, Caller::customer(one), &PayRequest { request: asked.request });
        assert_eq!(matches!(bench.answer(&pay), Answer::Done(_)), accepted);
    }
}

#[test]
fn a_money_request_is_refused() {
    let (mut bench, [one, two, _, staff]) = scene();
    let rows = [
        ("of nobody", two, Payee::Contact(contact(77)), money(1, EUR), PAYER_NOT_FOUND),
        ("of staff", two, Payee::Party(staff), money(1, EUR), PAYER_NOT_CUSTOMER),
        ("of itself", two, Payee::Party(two), money(1, EUR), PAYEE_IS_PAYER),
        ("by staff", staff, Payee::Party(one), money(1, EUR), PAYEE_NOT_CUSTOMER),
        ("yen", two, Payee::Party(one), money(1, Currency::JPY), CURRENCY_NOT_HELD),
        ("nothing", two, Payee::Party(one), money(0, EUR), 64),
    ];
    for (name, caller, payer, money, code) in rows {
        assert_eq!(
            bench.refused(customer(REQUEST_MONEY, caller, name, &RequestMoney { payer, money })),
            code,
            "{name}"
        );
    }
}

#[test]
fn frozen_customers_neither_send_nor_receive() {
    let (mut bench, [one, two, ..]) = scene();
    bench.done_empty(operator(FREEZE, "f", &Freeze { party: two, reason_code: 1 }));
    let send = Send { payee: Payee::Party(two), money: money(1, EUR) };
    assert_eq!(bench.refused(customer(SEND, one, "s", &send)), PARTY_FROZEN);
    assert_eq!(bench.refused(operator(CASH_IN, "i", &cash_in(two, 1, EUR))), PARTY_FROZEN);
}

#[test]
fn the_balance_funds_what_a_customer_pays() {
    let (bench, [one, two, _, staff]) = scene();
    let stamp =
        Stamp { operation: 9, time_ns: bench.now_ns, business_date: 20_260_330, utc_offset_seconds: 0, cell: 1 };
    for (payer, currency, available) in
        [(one, EUR, Some(1_000)), (one, USD, None), (two, EUR, None), (staff, EUR, None), (OPERATOR, EUR, None)]
    {
        let charge = Charge { payer, payee: staff, price: money(400, currency), reference: String::new() };
        let mut deciding = Deciding::new(stamp, &bench.products, &bench.memory);
        let source = deciding.fund(&charge, amount(400)).unwrap();
        assert_eq!(source.as_ref().map(|source| source.available_minor), available);
        if let Some(source) = source {
            assert_eq!((source.account, source.label), (BALANCE.of(one, EUR), "balance"));
        }
    }
}

#[test]
fn the_audit_sees_emoney_that_is_not_safeguarded() {
    let (mut bench, [one, ..]) = scene();
    // One cent too much on both sides of the books, but not in the bank: only this invariant can see it.
    let fees = sycee_books::account_id(sycee_books::command::BooksKind::General, EUR, 0);
    let mut general = sycee_ledger::Account::open(sycee_books::GENERAL.class, sycee_books::GENERAL.limit);
    general.debits_posted_minor = 1;
    bench.memory.accounts.insert(fees, general);
    bench.memory.accounts.get_mut(&BALANCE.of(one, EUR)).unwrap().credits_posted_minor += 1;
    let findings = bench.findings();
    // And the customer's history, which knows of no such cent.
    let invariants: Vec<_> = findings.iter().map(|finding| finding.invariant).collect();
    assert_eq!(invariants, ["safeguarding_covers_emoney", "customer_entries_match"]);
    assert_eq!(findings[0].detail, "currency 978: safeguarded 1000, claimable 1001");
}

#[test]
fn a_customers_history_says_what_moved_and_what_it_came_to() {
    let (mut bench, [one, two, ..]) = scene();
    let entries = |bench: &Bench, of: u64| -> Vec<(u16, bool, u64, u64, u64)> {
        let rows = bench.memory.rows.iter().filter(|(key, _)| key.table() == sycee_wallet::CUSTOMER_ENTRY);
        let own = rows.filter(|(key, _)| key.number_at(0) == Some(of));
        own.map(|(_, bytes)| decode::<CustomerEntry>(bytes, "entry").unwrap())
            .map(|entry| {
                let (money, after) = (entry.money.amount.minor(), entry.balance_after.minor());
                (entry.code, entry.is_incoming, money, after, entry.other)
            })
            .collect()
    };
    let (before_one, before_two) = (entries(&bench, one).len(), entries(&bench, two).len());
    let balance = |bench: &Bench, of| u64::try_from(bench.balance(BALANCE.of(of, EUR))).unwrap();
    let (had_one, had_two) = (balance(&bench, one), balance(&bench, two));
    let send = Send { payee: Payee::Party(two), money: Money::new(amount(30), EUR) };
    let sent: Sent = bench.done(customer(SEND, one, "history", &send));
    let last = |bench: &Bench, of, from: usize| entries(bench, of).split_off(from);
    assert_eq!(last(&bench, one, before_one), [(TRANSFER_SEND, false, 30, had_one - 30, two)]);
    assert_eq!(last(&bench, two, before_two), [(TRANSFER_SEND, true, 30, had_two + 30, one)]);
    let mut row = bench.memory.rows.iter().filter(|(key, _)| key.number_at(0) == Some(two));
    let row = row.rfind(|(key, _)| key.table() == sycee_wallet::CUSTOMER_ENTRY).unwrap();
    assert_eq!(decode::<CustomerEntry>(row.1, "entry").unwrap().of, sent.transfer, "what it was for is named");
    // An entry that says another amount, one that is gone, and an account that has moved without one.
    let clean = bench.memory.rows.clone();
    let key = row.0.clone();
    let entry: CustomerEntry = decode(row.1, "entry").unwrap();
    let wrong = CustomerEntry { money: Money::new(amount(31), EUR), ..entry };
    bench.memory.rows.insert(key.clone(), sycee_contract::encode(&wrong));
    assert!(bench.findings().iter().any(|finding| finding.invariant == "customer_entries_match"));
    bench.memory.rows = clean.clone();
    bench.memory.rows.remove(&key);
    assert!(bench.findings().iter().any(|finding| finding.invariant == "customer_entries_match"));
    bench.memory.rows = clean;
    assert!(bench.findings().is_empty());
}
