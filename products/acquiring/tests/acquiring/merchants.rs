//! Merchants, apps, transfers and the settlement of fees.

use sycee_acquiring::command::*;
use sycee_acquiring::record::{App, MerchantTransferIndex};
use sycee_acquiring::refusal::*;
use sycee_acquiring::reply::*;
use sycee_acquiring::{FEE_INCOME, FEE_RECEIVABLE, MERCHANT_BALANCE, transfer_no};
use sycee_contract::{Caller, cell, decode};
use sycee_ledger::OPERATOR;
use sycee_money::{Currency, Money};
use sycee_wallet::BALANCE;

use crate::bench::*;

#[test]
fn apps_are_numbered_and_rotate_their_keys() {
    let mut bench = Bench::new();
    let (shop, other) = (bench.merchant(None), bench.merchant(None));
    let body = RegisterApp {
        merchant: shop.merchant,
        public_key: vec![1; 294],
        notify_url: Some("http://app.example/n".into()),
    };
    let first: AppReply = bench.operator(REGISTER_APP, &body);
    let second: AppReply = bench.operator(REGISTER_APP, &body);
    assert_eq!((first.app_id, second.app_id), (2_021_010_000_000_001, 2_021_010_000_000_002));
    let set = |public_key: &[u8]| SetAppKey {
        app_id: first.app_id,
        public_key: public_key.to_vec(),
        previous_valid_seconds: 60,
    };
    let seller = Caller::merchant(shop.merchant);
    let _: AppReply = bench.done(&by(SET_APP_KEY, seller, &set(&[2; 294])));
    let set_at = bench.now_ns;
    let _: AppReply = bench.done(&by(SET_APP_KEY, seller, &set(&[2; 294])));
    let app: App = decode(&bench.memory.rows[&App::key(first.app_id)], "app").expect("an app");
    assert_eq!(app.keys_at(set_at + 60 * SECOND_NS - 1).map(|key| key[0]).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(app.keys_at(set_at + 60 * SECOND_NS).map(|key| key[0]).collect::<Vec<_>>(), [2]);
    assert_eq!(bench.refused(&by(SET_APP_KEY, Caller::merchant(other.merchant), &set(&[3; 9]))).code, NOT_YOURS);
    assert_eq!(bench.refused(&by(SET_APP_KEY, seller, &set(&[]))).code, cell::BAD_BODY);
    // An order takes the app's address unless it has its own; an app of another merchant is none.
    let order = OrderFields { app: Some(first.app_id), notify_url: None, ..fields("A1", 100) };
    assert_eq!(bench.refused(&by(CREATE, Caller::merchant(other.merchant), &order)).code, APP_NOT_FOUND);
    let reply: OrderReply = bench.done(&by(CREATE, seller, &order));
    assert_eq!(reply.order.notify_url.as_deref(), Some("http://app.example/n"));
}

#[test]
fn stores_and_terminals_belong_to_their_merchant() {
    let mut bench = Bench::new();
    let (shop, other) = (bench.merchant(None), bench.merchant(None));
    let seller = Caller::merchant(shop.merchant);
    let store: StoreReply = bench.done(&by(ADD_STORE, seller, &AddStore { merchant: shop.merchant }).with_id("s"));
    let _: TerminalReply = bench.done(&by(ADD_TERMINAL, seller, &AddTerminal { store: store.store }).with_id("t"));
    let wrong = by(ADD_STORE, seller, &AddStore { merchant: other.merchant }).with_id("u");
    assert_eq!(bench.refused(&wrong).code, NOT_YOURS);
    let wrong = by(ADD_TERMINAL, seller, &AddTerminal { store: other.store }).with_id("v");
    assert_eq!(bench.refused(&wrong).code, NOT_YOURS);
    let wrong = by(ADD_TERMINAL, seller, &AddTerminal { store: 5 }).with_id("w");
    assert_eq!(bench.refused(&wrong).code, STORE_NOT_FOUND);
    assert_eq!(bench.refused(&by(ADD_STORE, seller, &AddStore { merchant: shop.merchant })).code, cell::BAD_COMMAND_ID);
    for (mcc, fee_bps) in [("541", None), ("54a1", None), ("5411", Some(10_001))] {
        let body = OnboardMerchant { name: [1; 16], mcc: mcc.into(), fee_bps };
        let command = by(ONBOARD_MERCHANT, Caller::OPERATOR, &body).with_id("m");
        assert_eq!(bench.refused(&command).code, cell::BAD_BODY, "{mcc} {fee_bps:?}");
    }
    let stranger = Caller::merchant(shop.merchant);
    let body = OnboardMerchant { name: [1; 16], mcc: "5411".into(), fee_bps: None };
    assert_eq!(bench.refused(&by(ONBOARD_MERCHANT, stranger, &body)).code, cell::ROLE_FORBIDDEN);
}

/// A merchant with `minor` of proceeds and no fees.
fn funded(bench: &mut Bench, fee_bps: u32, minor: u64) -> (MerchantReply, u64, u64) {
    let (shop, buyer) = (bench.merchant(Some(fee_bps)), bench.customer(minor));
    let body = PayStatic { merchant: shop.merchant, store: None, total: euro(minor), reference: String::new() };
    let key = bench.key();
    let paid: PayStaticReply = bench.done(&by(PAY_STATIC, Caller::customer(buyer), &body).with_id(&key));
    (shop, buyer, paid.id)
}

#[test]
fn a_merchant_sends_money_once_by_its_number() {
    let mut bench = Bench::new();
    let (shop, _, _) = funded(&mut bench, 0, 1_000);
    let (payee, other) = (bench.customer(0), bench.customer(0));
    let seller = Caller::merchant(shop.merchant);
    let body = TransferToCustomer { out_biz_no: "T1".into(), payee, money: euro(400), title: Some("cashback".into()) };
    let first: TransferReply = bench.done(&by(MERCHANT_TRANSFER, seller, &body));
    let again: TransferReply = bench.done(&by(MERCHANT_TRANSFER, seller, &body));
    assert_eq!((&again.transfer, first.repeated, again.repeated), (&first.transfer, false, true));
    assert_eq!(bench.balance(BALANCE.of(payee, Currency::EUR)), 400);
    assert_eq!(bench.balance(MERCHANT_BALANCE.of(shop.merchant, Currency::EUR)), 600);
    let index = &bench.memory.rows[&MerchantTransferIndex::key(first.transfer.id)];
    assert_eq!(decode::<MerchantTransferIndex>(index, "index").expect("an index").out_biz_no, "T1");
    // The shop is the first party of cell 1: bucket 0.
    assert_eq!(transfer_no(&first.transfer, 1), format!("202603310100000{:013}", first.transfer.id));
    let dollars = Money::new(euro(1).amount, Currency::USD);
    let table = [
        (TRANSFER_INCONSISTENT, TransferToCustomer { payee: other, ..body.clone() }),
        (TRANSFER_INCONSISTENT, TransferToCustomer { money: euro(401), ..body.clone() }),
        (SELLER_BALANCE_NOT_ENOUGH, TransferToCustomer { out_biz_no: "T2".into(), money: euro(601), ..body.clone() }),
        (PAYEE_NOT_FOUND, TransferToCustomer { out_biz_no: "T2".into(), payee: shop.merchant, ..body.clone() }),
        (CURRENCY_NOT_SUPPORTED, TransferToCustomer { out_biz_no: "T2".into(), money: dollars, ..body.clone() }),
        (cell::BAD_BODY, TransferToCustomer { out_biz_no: "T2".into(), money: euro(0), ..body.clone() }),
        (cell::BAD_BODY, TransferToCustomer { out_biz_no: String::new(), ..body.clone() }),
    ];
    for (code, body) in table {
        assert_eq!(bench.refused(&by(MERCHANT_TRANSFER, seller, &body)).code, code, "{body:?}");
    }
}

#[test]
fn fees_are_taken_as_far_as_the_balance_goes_and_given_back() {
    let mut bench = Bench::new();
    // 10% of 10.00: 1.00 accrues.
    let (shop, payee, order) = funded(&mut bench, 1_000, 1_000);
    let seller = Caller::merchant(shop.merchant);
    let away = TransferToCustomer { out_biz_no: "T1".into(), payee, money: euro(970), title: None };
    let _: TransferReply = bench.done(&by(MERCHANT_TRANSFER, seller, &away));
    let settle = |at_most: Option<u64>| SettleFees {
        merchant: shop.merchant,
        currency: Currency::EUR,
        at_most: at_most.map(|minor| euro(minor).amount),
    };
    let settled = |bench: &mut Bench, at_most| {
        let reply: SettleFeesReply = bench.operator(SETTLE_FEES, &settle(at_most));
        (reply.taken.minor(), reply.given_back.minor())
    };
    assert_eq!(settled(&mut bench, Some(10)), (10, 0));
    assert_eq!(settled(&mut bench, None), (20, 0), "30 were left in the balance");
    assert_eq!(settled(&mut bench, None), (0, 0));
    assert_eq!(bench.balance(FEE_RECEIVABLE.of(shop.merchant, Currency::EUR)), 70);
    // New proceeds, the rest is taken; then the first order is refunded whole, and its fee goes back.
    let buyer = bench.customer(2_000);
    let body = PayStatic { merchant: shop.merchant, store: None, total: euro(2_000), reference: String::new() };
    let _: PayStaticReply = bench.done(&by(PAY_STATIC, Caller::customer(buyer), &body).with_id("k"));
    assert_eq!(settled(&mut bench, None), (270, 0), "70 and 10% of 20.00");
    let refund = RefundOrder {
        order: OrderRef { out_trade_no: None, id: Some(order) },
        amount: euro(1_000),
        out_request_no: None,
        reason: None,
    };
    let _: RefundReply = bench.done(&by(REFUND, seller, &refund));
    assert_eq!(bench.balance(FEE_RECEIVABLE.of(shop.merchant, Currency::EUR)), -100);
    assert_eq!(bench.balance(FEE_INCOME.of(OPERATOR, Currency::EUR)), 200);
    assert_eq!(settled(&mut bench, None), (0, 100));
    // 10.00 + 20.00 - 9.70 - 0.30 - 2.70 - 10.00 + 1.00
    assert_eq!(bench.balance(MERCHANT_BALANCE.of(shop.merchant, Currency::EUR)), 830);
}
