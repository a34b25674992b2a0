//! Money frozen for a merchant: paid out in parts, released, cancelled, ended by time; what is held is always what was frozen,
//! less what was paid and released (every audit runs after every step).

use sycee_acquiring::authorisation::{Authorisation, AuthorisationState, OperationKind};
use sycee_acquiring::command::*;
use sycee_acquiring::refusal::*;
use sycee_acquiring::reply::*;
use sycee_acquiring::{FEE_RECEIVABLE, MERCHANT_BALANCE, TradeStatus};
use sycee_contract::{Answer, Caller, KycTier, cell, decode};
use sycee_money::{Currency, Money};
use sycee_party::Usage;
use sycee_wallet::BALANCE;

use crate::bench::*;

const DAYS_FROZEN: u64 = 30;

fn freeze_fields(number: &str, minor: u64) -> FreezeFields {
    FreezeFields {
        app: None,
        out_order_no: number.into(),
        out_request_no: format!("{number}-request"),
        title: "a room".into(),
        amount: euro(minor),
        notify_url: None,
    }
}

fn pay_from(id: u64, number: &str, minor: u64, is_last: bool) -> PayFromFreeze {
    PayFromFreeze { order: fields(number, minor), authorisation: id, is_last }
}

fn release(id: u64, number: &str, minor: u64) -> Unfreeze {
    Unfreeze { authorisation: id, out_request_no: number.into(), amount: euro(minor), remark: None, notify_url: None }
}

/// A shop, a customer with 50.00 of which 10.00 are frozen, and the authorisation.
struct Frozen {
    bench: Bench,
    shop: u64,
    buyer: u64,
    id: u64,
}

impl Frozen {
    fn new() -> Self {
        Self::in_market(&market())
    }

    fn in_market(market: &sycee_contract::MarketPack) -> Self {
        let mut bench = Bench::with(Vec::new(), market);
        let (shop, buyer) = (bench.merchant(None).merchant, bench.customer(5_000));
        let code_digest = bench.code(buyer, 1);
        let body = FreezeByCode { freeze: freeze_fields("F1", 1_000), code_digest };
        let reply: AuthorisationReply = bench.done(&by(FREEZE_BY_CODE, Caller::merchant(shop), &body));
        assert_eq!((reply.repeated, reply.operation.kind), (false, OperationKind::Freeze));
        Self { bench, shop, buyer, id: reply.authorisation.id }
    }

    fn seller(&self) -> Caller {
        Caller::merchant(self.shop)
    }

    fn authorisation(&self) -> Authorisation {
        decode(&self.bench.memory.rows[&Authorisation::key(self.id)], "row").expect("an authorisation")
    }

    /// State, held, captured, released.
    fn stands(&self) -> (AuthorisationState, u64, u64, u64) {
        let row = self.authorisation();
        (row.state, row.held.minor(), row.captured.minor(), row.released.minor())
    }

    /// What the buyer has, what of it is held, and what the shop has.
    fn money(&self) -> (i128, u64, i128) {
        let balance = BALANCE.of(self.buyer, Currency::EUR);
        let held = self.bench.memory.accounts[&balance].debits_pending_minor;
        let shop = self.bench.balance(MERCHANT_BALANCE.of(self.shop, Currency::EUR));
        (self.bench.balance(balance), held, shop)
    }

    fn pay(&mut self, number: &str, minor: u64, is_last: bool) -> OrderReply {
        let command = by(PAY_FROM_FREEZE, self.seller(), &pay_from(self.id, number, minor, is_last));
        self.bench.done(&command)
    }

    fn unfreeze(&mut self, number: &str, minor: u64) -> AuthorisationReply {
        let command = by(UNFREEZE, self.seller(), &release(self.id, number, minor));
        self.bench.done(&command)
    }

    fn cancel(&mut self) -> AuthorisationReply {
        let command = by(CANCEL_FREEZE, self.seller(), &AuthorisationTarget { id: self.id });
        self.bench.done(&command)
    }

    fn used_minor(&self) -> u64 {
        let usage: Usage = decode(&self.bench.memory.rows[&Usage::key(self.buyer)], "row").expect("usage");
        usage.day_minor
    }
}

#[test]
fn frozen_money_is_paid_in_parts_and_the_rest_is_released() {
    use AuthorisationState::{Authorised, Finished};
    let mut frozen = Frozen::new();
    assert_eq!(frozen.stands(), (Authorised, 1_000, 0, 0));
    // Frozen money is the customer's still, and cannot be spent.
    assert_eq!(frozen.money(), (5_000, 1_000, 0));
    let caller = Caller::customer(frozen.buyer);
    let much = PayStatic { merchant: frozen.shop, store: None, total: euro(4_001), reference: String::new() };
    let refusal = frozen.bench.refused(&by(PAY_STATIC, caller, &much).with_id("k"));
    assert_eq!(refusal.code, BUYER_BALANCE_NOT_ENOUGH);

    let first = frozen.pay("A1", 300, false);
    assert_eq!(first.order.status_at(frozen.bench.now_ns), TradeStatus::Success);
    assert_eq!((first.order.buyer, first.order.authorisation), (Some(frozen.buyer), Some(frozen.id)));
    assert_eq!(frozen.stands(), (Authorised, 700, 300, 0));
    assert_eq!(frozen.money(), (4_700, 700, 300));
    frozen.unfreeze("R1", 200);
    assert_eq!(frozen.stands(), (Authorised, 500, 300, 200));
    frozen.pay("A2", 1, false);
    assert_eq!(frozen.stands(), (Authorised, 499, 301, 200));
    // The last payment releases what is left.
    frozen.pay("A3", 400, true);
    assert_eq!(frozen.stands(), (Finished, 0, 701, 299));
    assert_eq!(frozen.money(), (4_299, 0, 701));
    // 60 bps: 1.8 and 0.006 and 2.4, halves up.
    assert_eq!(frozen.bench.balance(FEE_RECEIVABLE.of(frozen.shop, Currency::EUR)), 2 + 2);
    assert_eq!(frozen.bench.pass(DAYS_FROZEN * DAY_NS), 0, "no timer is left");
}

#[test]
fn all_of_it_can_be_paid_or_released_to_the_last_minor_unit() {
    for (pays, is_last) in [(true, false), (true, true), (false, false)] {
        let mut frozen = Frozen::new();
        if pays {
            frozen.pay("A1", 1_000, is_last);
        } else {
            frozen.unfreeze("R1", 999);
            frozen.unfreeze("R2", 1);
        }
        let (captured, released) = if pays { (1_000, 0) } else { (0, 1_000) };
        assert_eq!(frozen.stands(), (AuthorisationState::Finished, 0, captured, released));
        assert_eq!(frozen.money(), (5_000 - i128::from(captured), 0, i128::from(captured)));
    }
}

#[test]
fn more_than_is_held_is_refused_and_moves_nothing() {
    let mut frozen = Frozen::new();
    frozen.pay("A1", 400, false);
    let other = frozen.bench.merchant(None).merchant;
    let (id, seller) = (frozen.id, frozen.seller());
    let dollar = Money::new(euro(1).amount, Currency::USD);
    let in_dollars =
        PayFromFreeze { order: OrderFields { total: dollar, ..fields("A2", 1) }, ..pay_from(id, "A2", 1, true) };
    let another = OrderFields { required_buyer: Some(frozen.bench.customer(0)), ..fields("A2", 1) };
    let for_another = PayFromFreeze { order: another, authorisation: id, is_last: true };
    let before = frozen.bench.memory.clone();
    let table = [
        (by(PAY_FROM_FREEZE, seller, &pay_from(id, "A2", 601, true)), AUTHORISATION_AMOUNT_EXCEEDS),
        (by(PAY_FROM_FREEZE, seller, &pay_from(id + 1, "A2", 1, true)), AUTHORISATION_NOT_FOUND),
        (by(PAY_FROM_FREEZE, Caller::merchant(other), &pay_from(id, "A2", 1, true)), AUTHORISATION_NOT_FOUND),
        (by(PAY_FROM_FREEZE, seller, &in_dollars), CURRENCY_NOT_SUPPORTED),
        (by(PAY_FROM_FREEZE, seller, &for_another), BUYER_NOT_MATCH),
        (by(PAY_FROM_FREEZE, seller, &pay_from(id, "A2", 0, true)), cell::BAD_BODY),
        (by(UNFREEZE, seller, &release(id, "R1", 601)), AUTHORISATION_AMOUNT_EXCEEDS),
        (by(UNFREEZE, seller, &release(id, "R1", 0)), cell::BAD_BODY),
        (by(UNFREEZE, seller, &release(id, "", 1)), cell::BAD_BODY),
        (by(UNFREEZE, seller, &Unfreeze { amount: dollar, ..release(id, "R1", 1) }), CURRENCY_NOT_SUPPORTED),
        (by(UNFREEZE, Caller::merchant(other), &release(id, "R1", 1)), AUTHORISATION_NOT_FOUND),
        (by(CANCEL_FREEZE, Caller::merchant(other), &AuthorisationTarget { id }), AUTHORISATION_NOT_FOUND),
    ];
    for (command, refusal) in table {
        assert_eq!(frozen.bench.refused(&command).code, refusal, "{command:?}");
        assert_eq!(frozen.bench.memory, before);
    }
}

#[test]
fn the_same_request_again_is_answered_as_before_and_other_content_is_refused() {
    let mut frozen = Frozen::new();
    let (id, seller) = (frozen.id, frozen.seller());
    let (paid, released) = (frozen.pay("A1", 300, false), frozen.unfreeze("R1", 200));
    let again = frozen.pay("A1", 300, false);
    assert_eq!((again.order, again.repeated), (paid.order, true));
    let again = frozen.unfreeze("R1", 200);
    assert_eq!((&again.operation, again.repeated), (&released.operation, true));
    let freeze = |fields: FreezeFields, digest| FreezeByCode { freeze: fields, code_digest: [digest; 32] };
    let repeat = by(FREEZE_BY_CODE, seller, &freeze(freeze_fields("F1", 1_000), 1));
    let again: AuthorisationReply = frozen.bench.done(&repeat);
    assert_eq!((again.authorisation.id, again.repeated), (id, true));
    assert_eq!(frozen.stands(), (AuthorisationState::Authorised, 500, 300, 200));

    let renamed = FreezeFields { title: "a car".into(), ..freeze_fields("F1", 1_000) };
    let renumbered = FreezeFields { out_request_no: "other".into(), ..freeze_fields("F1", 1_000) };
    let taken = FreezeFields { out_request_no: "F1-request".into(), ..freeze_fields("F2", 1_000) };
    let code = IssueFreezeCode { freeze: freeze_fields("F1", 1_000), code_lifetime_seconds: None };
    let table = [
        (by(FREEZE_BY_CODE, seller, &freeze(freeze_fields("F1", 999), 1)), AUTHORISATION_INCONSISTENT),
        (by(FREEZE_BY_CODE, seller, &freeze(freeze_fields("F1", 1_000), 2)), AUTHORISATION_INCONSISTENT),
        (by(FREEZE_BY_CODE, seller, &freeze(renamed, 1)), AUTHORISATION_INCONSISTENT),
        (by(FREEZE_BY_CODE, seller, &freeze(renumbered, 1)), AUTHORISATION_INCONSISTENT),
        (by(FREEZE_BY_CODE, seller, &freeze(taken, 1)), AUTHORISATION_INCONSISTENT),
        (by(FREEZE_BY_CODE, seller, &freeze(freeze_fields("F2", 1_000), 1)), AUTH_CODE_INVALID),
        (by(ISSUE_FREEZE_CODE, seller, &code), AUTHORISATION_INCONSISTENT),
        (by(UNFREEZE, seller, &release(id, "R1", 201)), AUTHORISATION_INCONSISTENT),
        (by(UNFREEZE, seller, &release(id, "F1-request", 1_000)), AUTHORISATION_INCONSISTENT),
        (by(PAY_FROM_FREEZE, seller, &pay_from(id, "A1", 301, false)), TRADE_HAS_SUCCESS),
        (by(PAY_FROM_FREEZE, seller, &pay_from(id + 1, "A1", 300, false)), TRADE_HAS_SUCCESS),
    ];
    for (command, refusal) in table {
        assert_eq!(frozen.bench.refused(&command).code, refusal, "{command:?}");
    }
    // After the end a repeat still says what was done.
    frozen.pay("A2", 500, true);
    assert!(frozen.pay("A2", 500, true).repeated && frozen.unfreeze("R1", 200).repeated);
    let again: AuthorisationReply = frozen.bench.done(&repeat);
    assert!(again.repeated);
}

#[test]
fn a_code_is_confirmed_by_one_customer() {
    let mut bench = Bench::new();
    let (shop, buyer, other) = (bench.merchant(None).merchant, bench.customer(5_000), bench.customer(5_000));
    let seller = Caller::merchant(shop);
    let issue = by(
        ISSUE_FREEZE_CODE,
        seller,
        &IssueFreezeCode { freeze: freeze_fields("F1", 1_000), code_lifetime_seconds: None },
    );
    let issued: AuthorisationReply = bench.done(&issue);
    let id = issued.authorisation.id;
    assert_eq!(
        (issued.authorisation.state, issued.authorisation.frozen().minor()),
        (AuthorisationState::CodeIssued, 0)
    );
    let again: AuthorisationReply = bench.done(&issue);
    assert_eq!((again.authorisation, again.repeated), (issued.authorisation, true));
    assert_eq!(
        bench.refused(&by(PAY_FROM_FREEZE, seller, &pay_from(id, "A1", 1, true))).code,
        AUTHORISATION_NOT_FROZEN
    );
    assert_eq!(bench.refused(&by(UNFREEZE, seller, &release(id, "R1", 1))).code, AUTHORISATION_NOT_FROZEN);
    let confirm = |who| by(CONFIRM_FREEZE, Caller::customer(who), &AuthorisationTarget { id });
    let poor = bench.customer(999);
    assert_eq!(bench.refused(&confirm(poor)).code, BUYER_BALANCE_NOT_ENOUGH);
    assert_eq!(bench.refused(&confirm(shop)).code, BUYER_NOT_FOUND);
    let confirmed: AuthorisationReply = bench.done(&confirm(buyer));
    assert_eq!(confirmed.authorisation.customer, Some(buyer));
    let again: AuthorisationReply = bench.done(&confirm(buyer));
    assert_eq!((again.authorisation, again.repeated), (confirmed.authorisation, true));
    assert_eq!(bench.refused(&confirm(other)).code, BUYER_NOT_MATCH);
    assert_eq!(bench.refused(&issue).code, FREEZE_HAS_SUCCESS);
    assert_eq!(bench.balance(BALANCE.of(buyer, Currency::EUR)), 5_000);
    let nobody = by(CONFIRM_FREEZE, Caller::customer(buyer), &AuthorisationTarget { id: id + 1 });
    assert_eq!(bench.refused(&nobody).code, AUTHORISATION_NOT_FOUND);
}

#[test]
fn a_code_that_nobody_confirms_ends_by_its_time() {
    // The pack: at most 120 minutes.
    for (asked, minutes) in [(None, 120), (Some(600), 10), (Some(1_000_000), 120)] {
        let mut bench = Bench::new();
        let (shop, buyer) = (bench.merchant(None).merchant, bench.customer(5_000));
        let body = IssueFreezeCode { freeze: freeze_fields("F1", 1_000), code_lifetime_seconds: asked };
        let issue = by(ISSUE_FREEZE_CODE, Caller::merchant(shop), &body);
        let issued: AuthorisationReply = bench.done(&issue);
        let id = issued.authorisation.id;
        assert_eq!(issued.authorisation.expires_at_ns, bench.now_ns + minutes * 60 * SECOND_NS);
        let confirm = by(CONFIRM_FREEZE, Caller::customer(buyer), &AuthorisationTarget { id });
        // Its time is over; the timer has not fired.
        bench.now_ns += minutes * 60 * SECOND_NS;
        assert_eq!(bench.refused(&confirm).code, AUTHORISATION_CLOSED);
        assert_eq!(bench.pass(0), 1);
        assert_eq!(bench.refused(&confirm).code, AUTHORISATION_CLOSED);
        assert_eq!(bench.refused(&issue).code, AUTHORISATION_CLOSED);
    }
}

#[test]
fn frozen_money_goes_back_by_its_time() {
    let mut frozen = Frozen::new();
    frozen.pay("A1", 300, false);
    let (id, seller) = (frozen.id, frozen.seller());
    let early = by(EXPIRE_FREEZE, Caller::SYSTEM, &AuthorisationTarget { id });
    frozen.bench.answer(&early);
    assert_eq!(frozen.stands(), (AuthorisationState::Authorised, 700, 300, 0));
    frozen.bench.now_ns += DAYS_FROZEN * DAY_NS;
    // No timer has to fire for it.
    let late = [by(PAY_FROM_FREEZE, seller, &pay_from(id, "A2", 1, true)), by(UNFREEZE, seller, &release(id, "R1", 1))];
    for command in &late {
        assert_eq!(frozen.bench.refused(command).code, AUTHORISATION_CLOSED);
    }
    assert_eq!(frozen.bench.pass(0), 1);
    assert_eq!(frozen.stands(), (AuthorisationState::Closed, 0, 300, 700));
    assert_eq!(frozen.money(), (4_700, 0, 300));
    for command in &late {
        assert_eq!(frozen.bench.refused(command).code, AUTHORISATION_CLOSED);
    }
}

#[test]
fn a_cancel_releases_what_is_left() {
    let mut frozen = Frozen::new();
    frozen.pay("A1", 300, false);
    assert!(!frozen.cancel().repeated);
    assert_eq!(frozen.stands(), (AuthorisationState::Closed, 0, 300, 700));
    assert_eq!(frozen.money(), (4_700, 0, 300));
    assert!(frozen.cancel().repeated);
    let repeat = FreezeByCode { freeze: freeze_fields("F1", 1_000), code_digest: [1; 32] };
    let repeat = by(FREEZE_BY_CODE, frozen.seller(), &repeat);
    assert_eq!(frozen.bench.refused(&repeat).code, AUTHORISATION_CLOSED);
    assert_eq!(frozen.bench.pass(DAYS_FROZEN * DAY_NS), 0, "its timer is gone");
    // What is used up cannot be cancelled.
    let mut frozen = Frozen::new();
    frozen.pay("A1", 300, true);
    let cancel = by(CANCEL_FREEZE, frozen.seller(), &AuthorisationTarget { id: frozen.id });
    assert_eq!(frozen.bench.refused(&cancel).code, AUTHORISATION_FINISHED);
}

#[test]
fn a_frozen_party_pays_nothing_and_gets_its_money_back() {
    use sycee_party::command::Freeze;
    for of_the_shop in [false, true] {
        let mut frozen = Frozen::new();
        let party = if of_the_shop { frozen.shop } else { frozen.buyer };
        let freeze = by(sycee_party::FREEZE, Caller::OPERATOR, &Freeze { party, reason_code: 1 }).with_id("freeze");
        assert!(matches!(frozen.bench.answer(&freeze), Answer::Done(_)));
        let pay = by(PAY_FROM_FREEZE, frozen.seller(), &pay_from(frozen.id, "A1", 300, false));
        assert_eq!(frozen.bench.refused(&pay).code, sycee_party::PARTY_FROZEN);
        // To give back is owed to the customer, whoever is frozen.
        frozen.unfreeze("R1", 400);
        frozen.cancel();
        assert_eq!(frozen.stands(), (AuthorisationState::Closed, 0, 0, 1_000));
    }
}

#[test]
fn a_payment_out_of_a_freeze_is_refunded_to_the_balance() {
    let mut frozen = Frozen::new();
    let paid = frozen.pay("A1", 300, true).order;
    let named = OrderRef { out_trade_no: Some("A1".into()), id: None };
    let refund = |minor, number: &str| RefundOrder {
        order: named.clone(),
        amount: euro(minor),
        out_request_no: Some(number.into()),
        reason: None,
    };
    let seller = frozen.seller();
    let part: RefundReply = frozen.bench.done(&by(REFUND, seller, &refund(100, "B1")));
    assert_eq!(part.refund.to_payer.minor(), 100);
    assert_eq!(frozen.money(), (4_800, 0, 200));
    let rest: CancelReply = frozen.bench.done(&by(CANCEL, seller, &named));
    assert_eq!(rest.action, Some(CancelAction::Refund));
    assert_eq!(frozen.money(), (5_000, 0, 0));
    assert_eq!(paid.paid.expect("paid").funding_account, BALANCE.of(frozen.buyer, Currency::EUR));
    // A refund freezes nothing again.
    assert_eq!(frozen.stands(), (AuthorisationState::Finished, 0, 300, 700));
}

#[test]
fn limits_count_frozen_money_once() {
    let limit = euro(1_000).amount;
    let mut market = market();
    market.kyc_tiers = vec![KycTier { day_limit: limit, month_limit: limit, ..market.kyc_tiers[0].clone() }];
    let mut frozen = Frozen::in_market(&market);
    assert_eq!(frozen.used_minor(), 1_000);
    // The limit is reached: what was counted when it was frozen is not counted again.
    frozen.pay("A1", 300, false);
    assert_eq!(frozen.used_minor(), 1_000);
    frozen.unfreeze("R1", 200);
    assert_eq!(frozen.used_minor(), 800);
    // On another day of the same month: what goes on stays counted on its own day.
    frozen.bench.business_date = 20_260_330;
    let store = PayStatic { merchant: frozen.shop, store: None, total: euro(200), reference: String::new() };
    let pay = by(PAY_STATIC, Caller::customer(frozen.buyer), &store).with_id("k");
    let _: PayStaticReply = frozen.bench.done(&pay);
    assert_eq!(frozen.used_minor(), 200);
    frozen.pay("A2", 100, false);
    assert_eq!(frozen.used_minor(), 200);
    frozen.pay("A3", 100, true);
    assert_eq!(frozen.used_minor(), 200);
    let usage: Usage = decode(&frozen.bench.memory.rows[&Usage::key(frozen.buyer)], "row").expect("usage");
    // 300 + 100 + 100 paid out of the freeze, 200 beside it.
    assert_eq!(usage.month_minor, 700);
}

#[test]
fn freezes_that_cannot_be_are_refused() {
    let mut bench = Bench::new();
    let (shop, other, buyer) = (bench.merchant(None).merchant, bench.merchant(None).merchant, bench.customer(500));
    let code_digest = bench.code(buyer, 1);
    let dollar = Money::new(euro(1).amount, Currency::USD);
    let good = freeze_fields("F1", 100);
    let table = [
        (freeze_fields("F1", 501), BUYER_BALANCE_NOT_ENOUGH),
        (freeze_fields("F1", 0), cell::BAD_BODY),
        (freeze_fields("F 1", 100), cell::BAD_BODY),
        (FreezeFields { title: String::new(), ..good.clone() }, cell::BAD_BODY),
        (FreezeFields { out_request_no: String::new(), ..good.clone() }, cell::BAD_BODY),
        (FreezeFields { amount: dollar, ..good.clone() }, CURRENCY_NOT_SUPPORTED),
        (FreezeFields { app: Some(1), ..good.clone() }, APP_NOT_FOUND),
    ];
    let before = bench.memory.clone();
    for (freeze, refusal) in table {
        let body = FreezeByCode { freeze, code_digest };
        let refused = bench.refused(&by(FREEZE_BY_CODE, Caller::merchant(shop), &body));
        assert_eq!(refused.code, refusal, "{body:?}");
        assert!(refusal != BUYER_BALANCE_NOT_ENOUGH || !refused.detail.contains(char::is_numeric), "{refused:?}");
        assert_eq!(bench.memory, before);
    }
    let body = FreezeByCode { freeze: good.clone(), code_digest };
    let nobody = by(FREEZE_BY_CODE, Caller::merchant(buyer), &body);
    assert_eq!(bench.refused(&nobody).code, MERCHANT_NOT_FOUND);
    // The code still works, once; numbers are each merchant's own.
    let _: AuthorisationReply = bench.done(&by(FREEZE_BY_CODE, Caller::merchant(shop), &body));
    let second = by(FREEZE_BY_CODE, Caller::merchant(other), &body);
    assert_eq!(bench.refused(&second).code, AUTH_CODE_INVALID);
    let code_digest = bench.code(buyer, 2);
    let body = FreezeByCode { freeze: good, code_digest };
    let _: AuthorisationReply = bench.done(&by(FREEZE_BY_CODE, Caller::merchant(other), &body));
}

#[test]
fn the_audit_sees_an_authorisation_that_does_not_match() {
    type Change = fn(&mut Authorisation);
    let tamper: [(&str, Change); 5] = [
        ("authorisations_match_holds", |row| row.held = euro(999).amount),
        ("authorisation_amounts_add_up", |row| row.released = euro(1).amount),
        ("authorisation_amounts_add_up", |row| row.state = AuthorisationState::Closed),
        ("open_authorisations_have_timers", |row| row.timer = None),
        ("authorisation_index_matches", |row| row.out_order_no = "other".into()),
    ];
    for (invariant, change) in tamper {
        let mut frozen = Frozen::new();
        frozen.pay("A1", 300, false);
        let mut row = frozen.authorisation();
        change(&mut row);
        frozen.bench.memory.rows.insert(Authorisation::key(frozen.id), sycee_contract::encode(&row));
        let findings = frozen.bench.findings();
        assert!(findings.iter().any(|finding| finding.invariant == invariant), "{invariant}: {findings:?}");
    }
    let mut frozen = Frozen::new();
    frozen.bench.memory.rows.remove(&Authorisation::key(frozen.id));
    let findings = frozen.bench.findings();
    assert!(findings.iter().any(|finding| finding.invariant == "authorisations_match_holds"), "{findings:?}");
}

/// The notices of the last plan: kind, operation's number, amount.
fn notices(bench: &Bench) -> Vec<(String, FreezeNoticeKind, String, u64)> {
    let effects = bench.plan.effects.iter().filter(|effect| effect.kind == EFFECT_FREEZE_NOTICE);
    effects
        .map(|effect| (effect.target.clone(), decode::<FreezeNotice>(&effect.body, "notice").expect("a notice")))
        .map(|(url, notice)| (url, notice.kind, notice.operation.out_request_no, notice.amount.minor()))
        .collect()
}

#[test]
fn what_happens_to_frozen_money_is_told_in_the_plan_that_does_it() {
    use FreezeNoticeKind::{Ended, Frozen as WasFrozen, Released};
    const URL: &str = "http://shop.example/f";
    let told = |kind, number: &str, minor| vec![(URL.to_string(), kind, number.to_string(), minor)];
    let mut bench = Bench::new();
    let (shop, buyer) = (bench.merchant(None).merchant, bench.customer(5_000));
    let seller = Caller::merchant(shop);
    let freeze = |number: &str| FreezeFields { notify_url: Some(URL.into()), ..freeze_fields(number, 1_000) };
    let frozen = |bench: &mut Bench, digest, number: &str| -> u64 {
        let code_digest = bench.code(buyer, digest);
        let body = FreezeByCode { freeze: freeze(number), code_digest };
        let reply: AuthorisationReply = bench.done(&by(FREEZE_BY_CODE, seller, &body));
        assert_eq!(notices(bench), told(WasFrozen, &format!("{number}-request"), 1_000));
        let again: AuthorisationReply = bench.done(&by(FREEZE_BY_CODE, seller, &body));
        assert!(again.repeated && notices(bench).is_empty(), "a repeat tells nothing");
        reply.authorisation.id
    };
    let first = frozen(&mut bench, 1, "F1");
    let _: AuthorisationReply = bench.done(&by(UNFREEZE, seller, &release(first, "R1", 200)));
    assert_eq!(notices(&bench), told(Released, "R1", 200));
    let own = Unfreeze { notify_url: Some("http://shop.example/own".into()), ..release(first, "R2", 100) };
    let _: AuthorisationReply = bench.done(&by(UNFREEZE, seller, &own));
    assert_eq!(notices(&bench), [("http://shop.example/own".to_string(), Released, "R2".to_string(), 100)]);
    let _: OrderReply = bench.done(&by(PAY_FROM_FREEZE, seller, &pay_from(first, "A1", 300, false)));
    assert_eq!(notices(&bench), [], "the payment has its own notice");
    let _: OrderReply = bench.done(&by(PAY_FROM_FREEZE, seller, &pay_from(first, "A2", 100, true)));
    assert_eq!(notices(&bench), told(Ended, "F1-request", 300), "the last payment leaves 3.00, which go back");

    let second = frozen(&mut bench, 2, "F2");
    let _: AuthorisationReply = bench.done(&by(CANCEL_FREEZE, seller, &AuthorisationTarget { id: second }));
    assert_eq!(notices(&bench), told(Ended, "F2-request", 1_000));
    frozen(&mut bench, 3, "F3");
    assert_eq!(bench.pass(DAYS_FROZEN * DAY_NS), 1);
    assert_eq!(notices(&bench), told(Ended, "F3-request", 1_000));

    let issue = IssueFreezeCode { freeze: freeze("F4"), code_lifetime_seconds: None };
    let reply: AuthorisationReply = bench.done(&by(ISSUE_FREEZE_CODE, seller, &issue));
    assert_eq!(notices(&bench), []);
    let target = AuthorisationTarget { id: reply.authorisation.id };
    let _: AuthorisationReply = bench.done(&by(CONFIRM_FREEZE, Caller::customer(buyer), &target));
    assert_eq!(notices(&bench), told(WasFrozen, "F4-request", 1_000));
    let issue = IssueFreezeCode { freeze: freeze("F5"), code_lifetime_seconds: None };
    let reply: AuthorisationReply = bench.done(&by(ISSUE_FREEZE_CODE, seller, &issue));
    let target = AuthorisationTarget { id: reply.authorisation.id };
    let _: AuthorisationReply = bench.done(&by(CANCEL_FREEZE, seller, &target));
    assert_eq!(notices(&bench), [], "nothing was frozen, nothing went back");
}
