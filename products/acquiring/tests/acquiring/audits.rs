//! The audit finds what is broken: each invariant once, by breaking it.

use sycee_acquiring::command::*;
use sycee_acquiring::entry::MerchantEntry;
use sycee_acquiring::record::{
    FeeSettlement, MERCHANT_ENTRY, MerchantTransfer, MerchantTransferIndex, ORDER, OrderIndex, PayCode, Refund,
};
use sycee_acquiring::reply::*;
use sycee_acquiring::{FEE_RECEIVABLE, MERCHANT_BALANCE, Order};
use sycee_contract::{Caller, Key, Record, encode};
use sycee_money::Currency;

use crate::bench::*;

#[test]
fn each_invariant_is_checked() {
    let mut bench = Bench::new();
    let (shop, buyer) = (bench.merchant(Some(100)), bench.customer(10_000));
    let seller = Caller::merchant(shop.merchant);
    let waiting: OrderReply = bench.done(&by(CREATE, seller, &fields("W", 100)));
    let code_digest = bench.code(buyer, 1);
    let pay = PayByCode { order: fields("P", 1_000), code_digest };
    let paid: OrderReply = bench.done(&by(PAY_BY_CODE, seller, &pay));
    let refund = RefundOrder {
        order: OrderRef { out_trade_no: Some("P".into()), id: None },
        amount: euro(400),
        out_request_no: Some("R".into()),
        reason: None,
    };
    let _: RefundReply = bench.done(&by(REFUND, seller, &refund));
    let transfer = TransferToCustomer { out_biz_no: "T".into(), payee: buyer, money: euro(10), title: None };
    let sent: TransferReply = bench.done(&by(MERCHANT_TRANSFER, seller, &transfer));
    let settle = SettleFees { merchant: shop.merchant, currency: Currency::EUR, at_most: None };
    let _: SettleFeesReply = bench.operator(SETTLE_FEES, &settle);
    let living = bench.code(buyer, 2);
    assert_eq!(bench.findings(), []);

    let order = bench.order(paid.order.id);
    let open = bench.order(waiting.order.id);
    let (order_key, open_key) = (Order::key(order.id), Order::key(open.id));
    let put = |key: Key, row: Vec<u8>| (key, Some(row));
    let refunded = Order { refunded: euro(399).amount, ..order.clone() };
    let mut generous = order.clone();
    generous.paid.as_mut().expect("paid").payer_amount = euro(999).amount;
    // 1% of 10.00, of which 4.00 were refunded: 0.04.
    assert_eq!(order.fee_returned, euro(4).amount);
    let mean = Order { fee_returned: euro(3).amount, ..order.clone() };
    let entry = |count: usize| {
        let mut entries = bench.memory.rows.iter().filter(|(key, _)| key.table() == MERCHANT_ENTRY);
        let (key, row) = entries.nth(count).expect("an entry");
        (key.clone(), sycee_contract::decode::<MerchantEntry>(row, "entry").expect("an entry"))
    };
    // A payment, a refund, a transfer, and fees, in that order.
    let (payment_key, payment) = entry(0);
    let (last_key, last) = entry(3);
    let dearer = MerchantEntry { fee: euro(11).amount, ..payment.clone() };
    let poorer = MerchantEntry { balance_after: euro(1).amount, ..last.clone() };
    let smaller = MerchantEntry { money: euro(1), ..last };
    let (entry_of_refund, entry_of_transfer) = (entry(1).0, entry(2).0);
    let settled = FeeSettlement { taken_minor: 7, given_back_minor: 0 };
    let breaks = [
        ("refunds_match_orders", put(order_key.clone(), encode(&refunded))),
        ("refunds_match_orders", (Refund::key(order.id, "R"), None)),
        ("order_amounts_add_up", put(order_key.clone(), encode(&generous))),
        ("order_amounts_add_up", put(order_key.clone(), encode(&mean))),
        ("order_amounts_add_up", put(order_key.clone(), vec![0xff])),
        ("merchant_balance_matches_orders", (order_key, None)),
        ("order_index_matches", (OrderIndex::key(shop.merchant, "P"), None)),
        ("order_index_matches", (open_key.clone(), None)),
        ("order_index_matches", put(OrderIndex::key(shop.merchant, "Q"), encode(&OrderIndex { order: order.id }))),
        ("open_orders_have_timers", (open.timer.expect("a timer").key(), None)),
        ("open_orders_have_timers", put(open_key, encode(&Order { timer: None, ..open.clone() }))),
        ("transfer_index_matches", (MerchantTransferIndex::key(sent.transfer.id), None)),
        ("transfer_index_matches", (MerchantTransfer::key(shop.merchant, "T"), None)),
        ("merchant_balance_matches_orders", (MerchantTransfer::key(shop.merchant, "T"), None)),
        ("fee_receivable_matches_orders", put(FeeSettlement::key(shop.merchant, Currency::EUR), encode(&settled))),
        ("merchant_entries_match", (payment_key.clone(), None)),
        ("merchant_entries_match", (entry_of_refund, None)),
        ("merchant_entries_match", (entry_of_transfer, None)),
        ("merchant_entries_match", (last_key.clone(), None)),
        ("merchant_entries_match", put(payment_key.clone(), encode(&dearer))),
        ("merchant_entries_match", put(payment_key, vec![0xff])),
        ("merchant_entries_match", put(last_key.clone(), encode(&poorer))),
        ("merchant_entries_match", put(last_key, encode(&smaller))),
        ("merchant_entries_match", put(MerchantEntry::key(shop.merchant, 20_260_401, 9_999), encode(&payment))),
        ("merchant_entries_match", (Refund::key(order.id, "R"), None)),
        ("merchant_entries_match", (MerchantTransfer::key(shop.merchant, "T"), None)),
    ];
    let found = |bench: &Bench| bench.findings().iter().map(|finding| finding.invariant).collect::<Vec<_>>();
    for (invariant, (key, row)) in breaks {
        let before = bench.memory.clone();
        match row {
            Some(row) => bench.memory.rows.insert(key, row),
            None => bench.memory.rows.remove(&key),
        };
        assert!(found(&bench).contains(&invariant), "{invariant}: {:?}", bench.findings());
        bench.memory = before;
    }
    let code: PayCode = sycee_contract::decode(&bench.memory.rows[&PayCode::key(living)], "code").expect("a code");
    let before = bench.memory.clone();
    bench.memory.rows.remove(&code.timer.key());
    assert_eq!(found(&bench), ["pay_codes_have_timers"]);
    bench.memory = before;
    for (invariant, kind) in
        [("merchant_balance_matches_orders", MERCHANT_BALANCE), ("fee_receivable_matches_orders", FEE_RECEIVABLE)]
    {
        let before = bench.memory.clone();
        let id = kind.of(shop.merchant, Currency::EUR);
        bench.memory.accounts.get_mut(&id).expect("an account").credits_posted_minor += 1;
        assert!(found(&bench).contains(&invariant));
        bench.memory = before;
    }
    assert_eq!(Order::TABLE, ORDER);
}
