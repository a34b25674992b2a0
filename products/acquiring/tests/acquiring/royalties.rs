//! Royalties: passed on to merchants and customers, at most a share of the price, and taken back by refunds (every audit runs after
//! every step).

use sycee_acquiring::command::*;
use sycee_acquiring::entry::{EntryKind, MerchantEntry};
use sycee_acquiring::refusal::*;
use sycee_acquiring::reply::*;
use sycee_acquiring::royalty::*;
use sycee_acquiring::{MERCHANT_BALANCE, TradeStatus};
use sycee_contract::{Caller, Refusal, cell, decode, encode};
use sycee_money::Currency;
use sycee_party::{FREEZE, PARTY_FROZEN, command::Freeze};
use sycee_wallet::BALANCE;

use crate::bench::*;

/// A shop that has sold for 10.00 without a fee, another shop, a customer, and a stranger; the first two are bound.
struct Scene {
    bench: Bench,
    shop: u64,
    partner: u64,
    friend: u64,
    stranger: u64,
    order: u64,
}

fn receiver(party: u64) -> Receiver {
    Receiver { party, named_by: NamedBy::Number, memo: Some("partner".into()) }
}

fn part(receiver: u64, minor: u64) -> RoyaltyPart {
    RoyaltyPart { receiver, amount: euro(minor).amount, description: None }
}

fn taken(receiver: u64, minor: u64) -> TakeBack {
    TakeBack { receiver, amount: euro(minor).amount }
}

impl Scene {
    fn new() -> Self {
        let mut bench = Bench::new();
        let (shop, partner) = (bench.merchant(Some(0)).merchant, bench.merchant(Some(0)).merchant);
        let (buyer, friend, stranger) = (bench.customer(5_000), bench.customer(0), bench.merchant(None).merchant);
        let code_digest = bench.code(buyer, 1);
        let body = PayByCode { order: fields("A1", 1_000), code_digest };
        let OrderReply { order, .. } = bench.done(&by(PAY_BY_CODE, Caller::merchant(shop), &body));
        let mut scene = Self { bench, shop, partner, friend, stranger, order: order.id };
        let bind = BindReceivers { receivers: vec![receiver(partner), receiver(friend)] };
        let ReceiversReply { count } = scene.bench.done(&by(BIND_RECEIVERS, Caller::merchant(shop), &bind));
        assert_eq!(count, 2);
        scene
    }

    fn body(&self, number: &str, parts: &[(u64, u64)]) -> PayRoyalty {
        let order = OrderRef { out_trade_no: None, id: Some(self.order) };
        let parts = parts.iter().map(|(to, minor)| part(*to, *minor)).collect();
        PayRoyalty { order, out_request_no: number.into(), parts, is_last: false }
    }

    fn pay(&mut self, body: &PayRoyalty) -> RoyaltyReply {
        self.bench.done(&by(PAY_ROYALTY, Caller::merchant(self.shop), body))
    }

    fn pay_refused(&mut self, body: &PayRoyalty) -> Refusal {
        self.bench.refused(&by(PAY_ROYALTY, Caller::merchant(self.shop), body))
    }

    fn refund_body(&self, number: &str, minor: u64, from: &[(u64, u64)]) -> RefundWithRoyalties {
        let order = OrderRef { out_trade_no: None, id: Some(self.order) };
        let refund = RefundOrder { order, amount: euro(minor), out_request_no: Some(number.into()), reason: None };
        RefundWithRoyalties { refund, taken: from.iter().map(|(who, minor)| taken(*who, *minor)).collect() }
    }

    fn refund_refused(&mut self, body: &RefundWithRoyalties) -> u16 {
        self.bench.refused(&by(REFUND_WITH_ROYALTIES, Caller::merchant(self.shop), body)).code
    }

    /// What the shop, its partner and its friend have.
    fn money(&self) -> (i128, i128, i128) {
        let of = |party| self.bench.balance(MERCHANT_BALANCE.of(party, Currency::EUR));
        (of(self.shop), of(self.partner), self.bench.balance(BALANCE.of(self.friend, Currency::EUR)))
    }

    fn total(&self) -> RoyaltyTotal {
        decode(&self.bench.memory.rows[&RoyaltyTotal::key(self.order)], "row").expect("a total")
    }

    /// The kinds of a merchant's entries, and the balance that each says.
    fn entries(&self, merchant: u64) -> Vec<(EntryKind, u64)> {
        let rows = self.bench.memory.rows.iter();
        rows.filter(|(key, _)| key.as_bytes().starts_with(MerchantEntry::of_merchant(merchant).as_bytes()))
            .map(|(_, row)| decode::<MerchantEntry>(row, "row").expect("an entry"))
            .map(|entry| (entry.kind, entry.balance_after.minor()))
            .collect()
    }
}

#[test]
fn a_part_of_the_proceeds_goes_to_a_merchant_and_to_a_customer_once() {
    let mut scene = Scene::new();
    let (partner, friend) = (scene.partner, scene.friend);
    let body = scene.body("S1", &[(partner, 200), (friend, 50)]);
    let first = scene.pay(&body);
    assert_eq!((first.repeated, first.royalty.order), (false, scene.order));
    assert_eq!(scene.money(), (750, 200, 50));
    let again = scene.pay(&body);
    assert_eq!((again.repeated, again.royalty), (true, first.royalty));
    assert_eq!(scene.money(), (750, 200, 50));
    use EntryKind::{Payment, RoyaltyGiven, RoyaltyReceived};
    assert_eq!(scene.entries(scene.shop), [(Payment, 1_000), (RoyaltyGiven, 800), (RoyaltyGiven, 750)]);
    assert_eq!(scene.entries(partner), [(RoyaltyReceived, 200)]);

    let other_parts = scene.pay_refused(&scene.body("S1", &[(partner, 201), (friend, 50)]));
    let other_last = scene.pay_refused(&PayRoyalty { is_last: true, ..body });
    for (refusal, field) in [(other_parts, "royalty_parameters"), (other_last, "royalty_finish")] {
        assert_eq!((refusal.code, refusal.detail.as_str()), (ROYALTY_INCONSISTENT, field));
    }
}

#[test]
fn no_more_than_three_tenths_of_the_price_are_passed_on() {
    let mut scene = Scene::new();
    let (partner, friend) = (scene.partner, scene.friend);
    assert_eq!(scene.pay_refused(&scene.body("S1", &[(partner, 301)])).code, ROYALTY_EXCEEDS);
    scene.pay(&scene.body("S1", &[(partner, 200)]));
    let refusal = scene.pay_refused(&scene.body("S2", &[(friend, 101)]));
    assert_eq!((refusal.code, refusal.detail.starts_with("1.00 EUR ")), (ROYALTY_EXCEEDS, true), "{}", refusal.detail);
    scene.pay(&scene.body("S2", &[(friend, 100)]));
    assert_eq!(scene.pay_refused(&scene.body("S3", &[(friend, 1)])).code, ROYALTY_EXCEEDS);
    assert_eq!(scene.money(), (700, 200, 100));
    // Halves of a minor unit are left out: 0.30 of 0.09 is 0.02.
    assert_eq!(most_of(euro(9)).map(|most| most.minor()), Ok(2));
}

#[test]
fn after_the_last_royalty_there_is_none() {
    let mut scene = Scene::new();
    let partner = scene.partner;
    let last = PayRoyalty { is_last: true, ..scene.body("S1", &[(partner, 1)]) };
    scene.pay(&last);
    assert!(scene.pay(&last).repeated);
    assert_eq!(scene.pay_refused(&scene.body("S2", &[(partner, 1)])).code, ROYALTY_FINISHED);
}

#[test]
fn what_cannot_be_passed_on_is_refused_and_moves_nothing() {
    let mut scene = Scene::new();
    let (shop, partner, stranger) = (scene.shop, scene.partner, scene.stranger);
    let good = scene.body("S1", &[(partner, 1)]);
    let named = |out_trade_no: &str| OrderRef { out_trade_no: Some(out_trade_no.into()), id: None };
    let many: Vec<(u64, u64)> = (0..21).map(|at| (partner + at, 1)).collect();
    let table = [
        (scene.body("S1", &[(stranger, 1)]), ROYALTY_RECEIVER_NOT_BOUND),
        (scene.body("S1", &[(shop, 1)]), ROYALTY_RECEIVER_NOT_BOUND),
        (scene.body("S1", &[(partner, 0)]), cell::BAD_BODY),
        (scene.body("S1", &[]), cell::BAD_BODY),
        (scene.body("S1", &[(partner, 1), (partner, 1)]), cell::BAD_BODY),
        (scene.body("S1", &many), cell::BAD_BODY),
        (scene.body("", &[(partner, 1)]), cell::BAD_BODY),
        (PayRoyalty { order: named("nothing"), ..good.clone() }, TRADE_NOT_EXIST),
    ];
    for (body, code) in table {
        assert_eq!(scene.pay_refused(&body).code, code, "{body:?}");
    }
    let other = by(PAY_ROYALTY, Caller::merchant(partner), &good);
    assert_eq!(scene.bench.refused(&other).code, TRADE_NOT_EXIST, "another's trade");
    let _: OrderReply = scene.bench.done(&by(
        CREATE,
        Caller::merchant(shop),
        &OrderFields { required_buyer: Some(scene.friend), ..fields("A2", 100) },
    ));
    let unpaid = PayRoyalty { order: named("A2"), ..good.clone() };
    assert_eq!(scene.pay_refused(&unpaid).code, TRADE_STATUS_ERROR);
    // The money is gone: all of it was sent away.
    let send = TransferToCustomer { out_biz_no: "T1".into(), payee: scene.friend, money: euro(1_000), title: None };
    let _: TransferReply = scene.bench.done(&by(MERCHANT_TRANSFER, Caller::merchant(shop), &send));
    assert_eq!(scene.pay_refused(&good).code, SELLER_BALANCE_NOT_ENOUGH);
    assert_eq!(scene.money(), (0, 0, 1_000));
}

#[test]
fn a_frozen_party_receives_nothing_and_is_taken_back_from() {
    let mut scene = Scene::new();
    let (partner, order) = (scene.partner, scene.order);
    scene.pay(&scene.body("S1", &[(partner, 100)]));
    let key = scene.bench.key();
    let freeze = by(FREEZE, Caller::OPERATOR, &Freeze { party: partner, reason_code: 1 }).with_id(&key);
    assert!(matches!(scene.bench.answer(&freeze), sycee_contract::Answer::Done(_)));
    assert_eq!(scene.pay_refused(&scene.body("S2", &[(partner, 1)])).code, PARTY_FROZEN);
    let back = scene.refund_body("R1", 1_000, &[(partner, 100)]);
    let _: RefundReply = scene.bench.done(&by(REFUND_WITH_ROYALTIES, Caller::merchant(scene.shop), &back));
    assert_eq!(scene.money(), (0, 0, 0));
    assert_eq!(scene.bench.order(order).status_at(scene.bench.now_ns), TradeStatus::Closed);
}

#[test]
fn a_refund_takes_back_what_a_merchant_got_of_the_trade() {
    let mut scene = Scene::new();
    let (shop, partner, friend) = (scene.shop, scene.partner, scene.friend);
    scene.pay(&scene.body("S1", &[(partner, 200), (friend, 50)]));
    let table = [
        (scene.refund_body("R1", 400, &[(partner, 201)]), ROYALTY_RETURN_EXCEEDS),
        (scene.refund_body("R1", 400, &[(scene.stranger, 1)]), ROYALTY_RETURN_EXCEEDS),
        (scene.refund_body("R1", 400, &[(friend, 1)]), ROYALTY_NOT_RETURNABLE),
        (scene.refund_body("R1", 400, &[(partner, 0)]), cell::BAD_BODY),
        (scene.refund_body("R1", 400, &[(partner, 1), (partner, 1)]), cell::BAD_BODY),
        (scene.refund_body("R1", 1_001, &[(partner, 1)]), REFUND_AMOUNT_EXCEEDS),
    ];
    for (body, code) in table {
        assert_eq!(scene.refund_refused(&body), code, "{body:?}");
    }
    let back = scene.refund_body("R1", 400, &[(partner, 150)]);
    let refund = by(REFUND_WITH_ROYALTIES, Caller::merchant(shop), &back);
    let RefundReply { repeated, .. } = scene.bench.done(&refund);
    assert!(!repeated);
    // 750 and 150 back and 400 to the buyer; 50 is left with the partner.
    assert_eq!(scene.money(), (500, 50, 50));
    assert_eq!(scene.total().outstanding().map(|left| left.minor()), Ok(100));
    let RefundReply { repeated, .. } = scene.bench.done(&refund);
    assert!(repeated);
    assert_eq!(scene.money(), (500, 50, 50));
    // The same number with other royalties, or with none, is another request.
    assert_eq!(scene.refund_refused(&scene.refund_body("R1", 400, &[(partner, 149)])), DISCORDANT_REPEAT);
    let plain = by(REFUND, Caller::merchant(shop), &back.refund);
    assert_eq!(scene.bench.refused(&plain).code, DISCORDANT_REPEAT);
    use EntryKind::{RoyaltyReceived, RoyaltyTakenBack};
    assert_eq!(scene.entries(partner), [(RoyaltyReceived, 200), (RoyaltyTakenBack, 50)]);

    // Of what is left of the price, 6.00, no more is passed on than is refundable and the share allows: 1.00 is out there.
    let refusal = scene.pay_refused(&scene.body("S2", &[(partner, 201)]));
    assert_eq!(refusal.code, ROYALTY_EXCEEDS);
    scene.pay(&scene.body("S2", &[(partner, 200)]));
    assert_eq!(scene.money(), (300, 250, 50));
    // The partner spends it: nothing can be taken back, and the refund is refused whole.
    let send = TransferToCustomer { out_biz_no: "T1".into(), payee: friend, money: euro(250), title: None };
    let _: TransferReply = scene.bench.done(&by(MERCHANT_TRANSFER, Caller::merchant(partner), &send));
    assert_eq!(scene.refund_refused(&scene.refund_body("R2", 100, &[(partner, 1)])), ROYALTY_RETURN_NOT_ENOUGH);
    assert_eq!(scene.money(), (300, 0, 300));
}

#[test]
fn nothing_is_passed_on_of_what_was_refunded() {
    let mut scene = Scene::new();
    let (shop, partner) = (scene.shop, scene.partner);
    let refund = |number: &str, minor| {
        let order = OrderRef { out_trade_no: Some("A1".into()), id: None };
        RefundOrder { order, amount: euro(minor), out_request_no: Some(number.into()), reason: None }
    };
    let _: RefundReply = scene.bench.done(&by(REFUND, Caller::merchant(shop), &refund("R1", 900)));
    assert_eq!(scene.pay_refused(&scene.body("S1", &[(partner, 101)])).code, ROYALTY_EXCEEDS);
    scene.pay(&scene.body("S1", &[(partner, 60)]));
    // 40 are left: the shop cannot refund the rest without taking back.
    assert_eq!(
        scene.bench.refused(&by(REFUND, Caller::merchant(shop), &refund("R2", 100))).code,
        SELLER_BALANCE_NOT_ENOUGH
    );
    let back = scene.refund_body("R2", 100, &[(partner, 60)]);
    let _: RefundReply = scene.bench.done(&by(REFUND_WITH_ROYALTIES, Caller::merchant(shop), &back));
    assert_eq!(scene.pay_refused(&scene.body("S2", &[(partner, 1)])).code, TRADE_HAS_CLOSED);
    assert_eq!(scene.money(), (0, 0, 0));
}

#[test]
fn receivers_are_bound_and_unbound_and_are_of_this_cell() {
    let mut scene = Scene::new();
    let (shop, partner, friend) = (scene.shop, scene.partner, scene.friend);
    let bind = |receivers: Vec<Receiver>| by(BIND_RECEIVERS, Caller::merchant(shop), &BindReceivers { receivers });
    let abroad = 2_088_020_000_100_031;
    let staffless: Vec<Receiver> = (0..21).map(|at| receiver(partner + at)).collect();
    let long = Receiver { memo: Some("m".repeat(257)), ..receiver(partner) };
    let table = [
        (vec![receiver(shop)], ROYALTY_RECEIVER_NOT_FOUND),
        (vec![receiver(abroad)], ROYALTY_RECEIVER_NOT_FOUND),
        (vec![receiver(scene.stranger), receiver(1)], ROYALTY_RECEIVER_NOT_FOUND),
        (vec![], cell::BAD_BODY),
        (vec![receiver(partner), receiver(partner)], cell::BAD_BODY),
        (staffless, cell::BAD_BODY),
        (vec![long], cell::BAD_BODY),
    ];
    for (receivers, code) in table {
        assert_eq!(scene.bench.refused(&bind(receivers.clone())).code, code, "{receivers:?}");
    }
    let renamed = Receiver { memo: None, named_by: NamedBy::Login, ..receiver(partner) };
    let ReceiversReply { count } = scene.bench.done(&bind(vec![renamed.clone()]));
    assert_eq!(count, 2, "bound before");
    let row: RoyaltyReceivers = decode(&scene.bench.memory.rows[&RoyaltyReceivers::key(shop)], "row").expect("a row");
    assert_eq!(row.receivers, [renamed, receiver(friend)]);
    let unbind = UnbindReceivers { receivers: vec![partner, scene.stranger] };
    let ReceiversReply { count } = scene.bench.done(&by(UNBIND_RECEIVERS, Caller::merchant(shop), &unbind));
    assert_eq!(count, 1);
    assert_eq!(scene.pay_refused(&scene.body("S1", &[(partner, 1)])).code, ROYALTY_RECEIVER_NOT_BOUND);
}

#[test]
fn audits_see_royalties_that_do_not_add_up() {
    let mut scene = Scene::new();
    let partner = scene.partner;
    scene.pay(&scene.body("S1", &[(partner, 200)]));
    let back = scene.refund_body("R1", 400, &[(partner, 150)]);
    let _: RefundReply = scene.bench.done(&by(REFUND_WITH_ROYALTIES, Caller::merchant(scene.shop), &back));
    let keys = [
        (RoyaltyTotal::key(scene.order), "royalties_add_up"),
        (Royalty::key(scene.shop, "S1"), "royalties_add_up"),
        (RoyaltyReturn::key(scene.order, "R1"), "royalties_add_up"),
        (Royalty::key(scene.shop, "S1"), "merchant_balance_matches_orders"),
        (RoyaltyReturn::key(scene.order, "R1"), "merchant_entries_match"),
        (RoyaltyIndex::key(scene.pay(&scene.body("S1", &[(partner, 200)])).royalty.id), "royalty_index_matches"),
    ];
    for (key, invariant) in keys {
        let row = scene.bench.memory.rows.remove(&key).expect("a row");
        let found = scene.bench.findings();
        assert!(found.iter().any(|finding| finding.invariant == invariant), "{key:?} {invariant}: {found:?}");
        scene.bench.memory.rows.insert(key, row);
        assert_eq!(scene.bench.findings(), []);
    }
}

/// CBOR worked out by hand (RFC 8949), as in `records.rs`.
#[test]
fn golden_bytes_of_royalties() {
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    // One: an array of one receiver of two, the memo left out: 5, by number.
    let receivers = RoyaltyReceivers { receivers: vec![Receiver { memo: None, ..receiver(5) }] };
    assert_eq!(hex(encode(&receivers)), "8181820500");
    let royalty = Royalty {
        id: 1,
        merchant: 2,
        order: 3,
        out_request_no: "S".into(),
        parts: vec![part(4, 24)],
        is_last: true,
        at_ns: 7,
        created_date: 20_260_331,
    };
    // Eight: 1, 2, 3, "S", an array of one part of two (4, 24), true, 7, 20260331 = 0x013525eb.
    assert_eq!(hex(encode(&royalty)), "88 010203 6153 81820418 18 f5 07 1a013525eb".replace(' ', ""));
    assert_eq!(hex(encode(&RoyaltyIndex { merchant: 2, out_request_no: "S".into() })), "82026153");
    let total = ReceiverTotal { receiver: 4, given: euro(24).amount, returned: euro(1).amount, is_merchant: false };
    assert_eq!(hex(encode(&RoyaltyTotal { receivers: vec![total], is_finished: false })), "82818404181801f4f4");
    let back =
        RoyaltyReturn { order: 3, out_request_no: "R".into(), merchant: 2, taken: vec![taken(4, 1)], at_ns: 255 };
    assert_eq!(hex(encode(&back)), "85 03 6152 02 81820401 18ff".replace(' ', ""));
    for (kind, byte) in [
        (EntryKind::RoyaltyGiven, 5),
        (EntryKind::RoyaltyReceived, 6),
        (EntryKind::RoyaltyReturned, 7),
        (EntryKind::RoyaltyTakenBack, 8),
    ] {
        assert_eq!(encode(&kind), [byte]);
    }
}
