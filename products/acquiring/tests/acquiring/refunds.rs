//! Refunds and cancels.

use sycee_acquiring::command::*;
use sycee_acquiring::order::CloseReason;
use sycee_acquiring::record::Refund;
use sycee_acquiring::refusal::*;
use sycee_acquiring::reply::*;
use sycee_acquiring::{FEE_INCOME, FEE_RECEIVABLE, MERCHANT_BALANCE, TradeStatus};
use sycee_contract::*;
use sycee_ledger::{AccountClass, AccountKind, Limit, OPERATOR};
use sycee_money::{Amount, Currency, Money};
use sycee_wallet::BALANCE;

use crate::bench::*;

/// Gives away fixed amounts on every charge, each from its own account. Its only command brings the money for them in.
struct Promotions(Vec<u64>);

const fn promotion_kind(number: u16) -> AccountKind {
    let (class, limit) = (AccountClass::Liability, Limit::DebitsMustNotExceedCredits);
    AccountKind { number: 200 * 256 + number, name: "promotion", class, limit, claimable: false }
}

static KINDS: [AccountKind; 3] = [promotion_kind(1), promotion_kind(2), promotion_kind(3)];

static PROMOTIONS: Descriptor = Descriptor {
    number: 200,
    name: "promotions",
    commands: &[CommandDescriptor {
        number: 1,
        name: "bring_in",
        roles: &[Role::Operator],
        nature: Nature::Request,
        fingerprint: &[],
        binding_refusals: &[],
    }],
    refusals: &[],
    accounts: &KINDS,
    tables: &[],
    invariants: &[],
};

/// What is brought in for each promotion.
const BROUGHT_IN: i128 = 10_000;

/// The account of the `n`-th promotion.
fn promotion(n: usize) -> sycee_ledger::AccountId {
    KINDS[n].of(OPERATOR, Currency::EUR)
}

impl Product for Promotions {
    fn descriptor(&self) -> &'static Descriptor {
        &PROMOTIONS
    }
    fn decide(&self, _: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        for kind in &KINDS {
            let safeguarding = AccountRef::of(&sycee_wallet::SAFEGUARDING, OPERATOR, Currency::EUR);
            let promotion = AccountRef::of(kind, OPERATOR, Currency::EUR);
            deciding.transfer(safeguarding, promotion, euro(10_000).amount, 200 * 256)?;
        }
        Ok(Vec::new())
    }
    fn adjust(&self, _: &Charge, _: &mut Deciding<'_>, to: &mut Vec<Adjustment>) -> Result<(), Stop> {
        to.extend(self.0.iter().enumerate().map(|(n, minor)| Adjustment {
            side: AdjustmentSide::DiscountForPayer,
            amount: euro(*minor).amount,
            account: promotion(n),
            label: format!("promotion {n}"),
        }));
        Ok(())
    }
    fn audit(&self, _: &dyn Books, _: &mut Vec<Finding>) {}
    fn workload(&self) -> Box<dyn Workload> {
        unreachable!("only for these tests")
    }
}

struct Sale {
    bench: Bench,
    shop: MerchantReply,
    buyer: u64,
    id: u64,
}

/// A shop with a fee, and a buyer who has paid it `minor` with a code under the number A1.
fn sale(promotions: Vec<u64>, market: &MarketPack, fee_bps: u32, minor: u64) -> Sale {
    let mut bench = Bench::with(vec![Box::new(Promotions(promotions))], market);
    bench.answer(&by(200 * 256 + 1, Caller::OPERATOR, &()));
    let (shop, buyer) = (bench.merchant(Some(fee_bps)), bench.customer(minor));
    let code_digest = bench.code(buyer, 1);
    let body = PayByCode { order: fields("A1", minor), code_digest };
    let OrderReply { order, .. } = bench.done(&by(PAY_BY_CODE, Caller::merchant(shop.merchant), &body));
    Sale { bench, shop, buyer, id: order.id }
}

impl Sale {
    fn refund(&self, minor: u64, number: Option<&str>) -> Command {
        let body = RefundOrder {
            order: OrderRef { out_trade_no: Some("A1".into()), id: None },
            amount: euro(minor),
            out_request_no: number.map(Into::into),
            reason: Some("stale".into()),
        };
        by(REFUND, Caller::merchant(self.shop.merchant), &body)
    }

    fn cancel(&self) -> Command {
        let named = OrderRef { out_trade_no: Some("A1".into()), id: None };
        by(CANCEL, Caller::merchant(self.shop.merchant), &named)
    }

    /// Balances of the buyer, the merchant, the accrued fee.
    fn balances(&self) -> (i128, i128, i128) {
        let balance = |kind: AccountKind, owner| self.bench.balance(kind.of(owner, Currency::EUR));
        let merchant = self.shop.merchant;
        (balance(BALANCE, self.buyer), balance(MERCHANT_BALANCE, merchant), balance(FEE_RECEIVABLE, merchant))
    }
}

#[test]
fn refunds_in_parts_until_the_price_is_reached() {
    // 1% of 10.00 is 0.10.
    let mut sale = sale(vec![], &market(), 100, 1_000);
    enum Is {
        New(u64),
        Again(u64),
        Refused(u16),
    }
    use Is::{Again, New, Refused};
    // (number, amount, what it comes to: cumulative; buyer, merchant, fee)
    let table = [
        (Some("R1"), 300, New(300), (300, 700, 7)),
        (Some("R1"), 300, Again(300), (300, 700, 7)),
        (Some("R1"), 301, Refused(DISCORDANT_REPEAT), (300, 700, 7)),
        (None, 200, Refused(REFUND_NEEDS_REQUEST_NO), (300, 700, 7)),
        (None, 1_000, Refused(REFUND_AMOUNT_EXCEEDS), (300, 700, 7)),
        (None, 1_001, Refused(REFUND_AMOUNT_EXCEEDS), (300, 700, 7)),
        (Some("R2"), 701, Refused(REFUND_AMOUNT_EXCEEDS), (300, 700, 7)),
        (Some("R2"), 0, Refused(cell::BAD_BODY), (300, 700, 7)),
        (Some(""), 1, Refused(cell::BAD_BODY), (300, 700, 7)),
        // 0.10 × 355 ÷ 1000 = 0.0355: 0.04 is returned in all.
        (Some("R2"), 55, New(355), (355, 645, 6)),
        (Some("R3"), 645, New(1_000), (1_000, 0, 0)),
        (Some("R3"), 645, Again(1_000), (1_000, 0, 0)),
        (Some("R4"), 1, Refused(REFUND_AMOUNT_EXCEEDS), (1_000, 0, 0)),
    ];
    for (number, minor, is, balances) in table {
        let command = sale.refund(minor, number);
        match is {
            Refused(code) => assert_eq!(sale.bench.refused(&command).code, code, "{number:?} {minor}"),
            New(cumulative) | Again(cumulative) => {
                let reply: RefundReply = sale.bench.done(&command);
                let again = matches!(is, Again(_));
                assert_eq!(
                    (reply.refund.cumulative.minor(), reply.repeated),
                    (cumulative, again),
                    "{number:?} {minor}"
                );
                assert_eq!(sale.bench.plan.effects.len(), usize::from(!again));
            }
        }
        assert_eq!(sale.balances(), balances, "{number:?} {minor}");
    }
    let order = sale.bench.order(sale.id);
    assert_eq!((order.refund_count, order.close_reason), (3, Some(CloseReason::Refunded)));
    assert_eq!(order.status_at(sale.bench.now_ns), TradeStatus::Closed);
    assert_eq!(sale.bench.balance(FEE_INCOME.of(OPERATOR, Currency::EUR)), 0);
}

#[test]
fn a_whole_refund_needs_no_number_and_has_the_orders() {
    let mut sale = sale(vec![], &market(), 0, 1_000);
    let command = sale.refund(1_000, None);
    let first: RefundReply = sale.bench.done(&command);
    assert_eq!(first.refund.out_request_no, "A1");
    let again: RefundReply = sale.bench.done(&command);
    assert!(again.repeated);
    let by_number = sale.refund(1_000, Some("A1"));
    let again: RefundReply = sale.bench.done(&by_number);
    assert!(again.repeated);
}

#[test]
fn fees_stay_where_the_market_does_not_return_them() {
    let kept = MarketPack { merchant_fee_returned: false, ..market() };
    let mut sale = sale(vec![], &kept, 100, 1_000);
    let command = sale.refund(400, Some("R1"));
    let reply: RefundReply = sale.bench.done(&command);
    assert_eq!(reply.refund.fee_returned, Amount::ZERO);
    assert_eq!(sale.balances(), (400, 600, 10));
    // The market changes its mind: this order keeps the rule of its day.
    sale.bench.answer(&by(cell::INSTALL_MARKET, Caller::OPERATOR, &market()));
    let command = sale.refund(600, Some("R2"));
    let _: RefundReply = sale.bench.done(&command);
    assert_eq!(sale.balances(), (1_000, 0, 10));
}

#[test]
fn discounts_go_back_to_who_bore_them() {
    // (promotions, price, what the payer pays)
    let table: [(Vec<u64>, u64, u64); 5] = [
        (vec![333], 1_000, 667),
        (vec![1], 7, 6),
        (vec![100, 50], 999, 849),
        // Together they would make it free: one minor unit stays.
        (vec![400, 900, 5], 1_000, 1),
        (vec![10], 1, 1),
    ];
    for (promotions, price, payer) in table {
        let mut sale = sale(promotions.clone(), &market(), 0, price);
        let paid = sale.bench.order(sale.id).paid.expect("paid");
        assert_eq!(paid.payer_amount.minor(), payer, "{promotions:?}");
        let start = i128::from(price - payer);
        assert_eq!(sale.balances(), (start, i128::from(price), 0));
        let borne = |sale: &Sale| (0..3).map(|n| BROUGHT_IN - sale.bench.balance(promotion(n))).collect::<Vec<_>>();
        let first = borne(&sale);
        assert_eq!(first.iter().sum::<i128>(), i128::from(price - payer));
        let mut refunded = 0;
        for (n, part) in [1, 2, 3, price / 3, price].into_iter().enumerate() {
            let part = part.min(price - refunded);
            if part == 0 {
                continue;
            }
            refunded += part;
            let command = sale.refund(part, Some(&format!("R{n}")));
            let reply: RefundReply = sale.bench.done(&command);
            // round(payer × c ÷ price), a half up, in integers.
            let returned = (2 * payer * refunded + price) / (2 * price);
            let (buyer, merchant, _) = sale.balances();
            assert_eq!(buyer - start, i128::from(returned), "{promotions:?} {refunded}");
            assert_eq!(merchant, i128::from(price - refunded));
            let given = i128::from(price - payer) - i128::from(refunded - returned);
            let now = borne(&sale);
            assert_eq!(now.iter().sum::<i128>(), given);
            assert!(now.iter().zip(&first).all(|(now, first)| (0..=*first).contains(now)), "{promotions:?} {now:?}");
            assert_eq!(reply.refund.cumulative.minor(), refunded);
        }
        assert_eq!(refunded, price);
        assert_eq!(sale.balances(), (i128::from(price), 0, 0));
        assert_eq!(borne(&sale), [0, 0, 0]);
    }
}

#[test]
fn refunds_are_refused_where_there_is_nothing_to_refund() {
    let mut sale = sale(vec![], &market(), 0, 1_000);
    let (seller, buyer) = (Caller::merchant(sale.shop.merchant), Caller::customer(sale.buyer));
    let refund = |number: &str| RefundOrder {
        order: OrderRef { out_trade_no: Some(number.into()), id: None },
        amount: euro(100),
        out_request_no: None,
        reason: None,
    };
    assert_eq!(sale.bench.refused(&by(REFUND, seller, &refund("B0"))).code, TRADE_NOT_EXIST);
    let precreate = Precreate { order: fields("B1", 100), code_lifetime_seconds: None };
    let OrderReply { order, .. } = sale.bench.done(&by(PRECREATE, seller, &precreate));
    assert_eq!(sale.bench.refused(&by(REFUND, seller, &refund("B1"))).code, TRADE_NOT_EXIST);
    let _: OrderReply = sale.bench.done(&by(SCAN_ORDER, buyer, &OrderTarget { id: order.id }));
    assert_eq!(sale.bench.refused(&by(REFUND, seller, &refund("B1"))).code, TRADE_STATUS_ERROR);
    let named = OrderRef { out_trade_no: Some("B1".into()), id: None };
    let _: OrderReply = sale.bench.done(&by(CLOSE, seller, &named));
    assert_eq!(sale.bench.refused(&by(REFUND, seller, &refund("B1"))).code, TRADE_HAS_CLOSED);
    assert_eq!(
        sale.bench.refused(&by(REFUND, seller, &RefundOrder { order: OrderRef::default(), ..refund("x") })).code,
        cell::BAD_BODY
    );
    let dollars = Money::new(euro(1).amount, Currency::USD);
    let body = RefundOrder { amount: dollars, ..refund("A1") };
    assert_eq!(sale.bench.refused(&by(REFUND, seller, &body)).code, CURRENCY_NOT_SUPPORTED);
    // The merchant has sent the proceeds away.
    let away = TransferToCustomer { out_biz_no: "T".into(), payee: sale.buyer, money: euro(950), title: None };
    let _: TransferReply = sale.bench.done(&by(MERCHANT_TRANSFER, seller, &away));
    let command = sale.refund(51, Some("R"));
    assert_eq!(sale.bench.refused(&command).code, SELLER_BALANCE_NOT_ENOUGH);
    let command = sale.cancel();
    assert_eq!(sale.bench.refused(&command).code, SELLER_BALANCE_NOT_ENOUGH);
    let command = sale.refund(50, Some("R"));
    let _: RefundReply = sale.bench.done(&command);
    // 90 days after the payment it is finished; the refund from before is still told.
    sale.bench.now_ns += 90 * DAY_NS;
    let repeat: RefundReply = sale.bench.done(&command);
    assert!(repeat.repeated);
    let command = sale.refund(1, Some("R2"));
    assert_eq!(sale.bench.refused(&command).code, TRADE_HAS_FINISHED);
}

#[test]
fn the_frozen_are_refused_requests_and_booked_obligations() {
    let mut sale = sale(vec![], &market(), 100, 1_000);
    for party in [sale.buyer, sale.shop.merchant] {
        let body = sycee_party::command::Freeze { party, reason_code: 1 };
        let key = sale.bench.key();
        sale.bench.answer(&by(sycee_party::FREEZE, Caller::OPERATOR, &body).with_id(&key));
    }
    let body = PayStatic { merchant: sale.shop.merchant, store: None, total: euro(1), reference: String::new() };
    let again = sale.bench.customer(1);
    let request = by(PAY_STATIC, Caller::customer(again), &body).with_id("k");
    assert_eq!(sale.bench.refused(&request).code, sycee_party::PARTY_FROZEN);
    let command = sale.refund(400, Some("R1"));
    let _: RefundReply = sale.bench.done(&command);
    let command = sale.cancel();
    let _: CancelReply = sale.bench.done(&command);
    assert_eq!(sale.balances(), (1_000, 0, 0));
}

#[test]
fn cancels_close_what_is_unpaid_and_refund_what_is_paid() {
    let mut paid = sale(vec![], &market(), 100, 1_000);
    let command = paid.refund(300, Some("A1"));
    let _: RefundReply = paid.bench.done(&command);
    let command = paid.cancel();
    let reply: CancelReply = paid.bench.done(&command);
    assert_eq!((reply.action, reply.repeated), (Some(CancelAction::Refund), false));
    assert_eq!(paid.balances(), (1_000, 0, 0));
    let again: CancelReply = paid.bench.done(&command);
    assert_eq!((again.action, again.repeated), (Some(CancelAction::Refund), true));
    let order = paid.bench.order(paid.id);
    assert_eq!((order.close_reason, order.refund_count), (Some(CloseReason::CancelledPaid), 2));
    // A partial refund had the order's number, so the cancel's has one that no merchant can choose.
    assert!(paid.bench.memory.rows.contains_key(&Refund::key(order.id, "cancel of the rest")));
    let command = paid.refund(1, Some("R9"));
    assert_eq!(paid.bench.refused(&command).code, TRADE_HAS_CLOSED);

    // 24 hours after the payment it is too late; nothing has moved.
    for (before_ns, late) in [(0, true), (1, false)] {
        let mut sale = sale(vec![], &market(), 0, 1_000);
        let paid_at = sale.bench.order(sale.id).paid.expect("paid").at_ns;
        // The next command comes one second after the clock that is set here.
        sale.bench.now_ns = paid_at + 24 * HOUR_NS - before_ns - SECOND_NS;
        let command = sale.cancel();
        if late {
            assert_eq!(sale.bench.refused(&command).code, CANCEL_TIME_OUT);
            assert_eq!(sale.balances(), (0, 1_000, 0));
        } else {
            let _: CancelReply = sale.bench.done(&command);
            assert_eq!(sale.balances(), (1_000, 0, 0));
        }
    }

    let mut sale = sale(vec![], &market(), 0, 1_000);
    let seller = Caller::merchant(sale.shop.merchant);
    let named = |number: &str| OrderRef { out_trade_no: Some(number.into()), id: None };
    let nothing: CancelReply = sale.bench.done(&by(CANCEL, seller, &named("B0")));
    assert_eq!(nothing, CancelReply { action: None, order: None, repeated: false });
    for (number, code, notices) in [("B1", PRECREATE, 0), ("B2", CREATE, 1)] {
        let precreate = Precreate { order: fields(number, 100), code_lifetime_seconds: None };
        let command = if code == CREATE { by(code, seller, &precreate.order) } else { by(code, seller, &precreate) };
        let _: OrderReply = sale.bench.done(&command);
        let reply: CancelReply = sale.bench.done(&by(CANCEL, seller, &named(number)));
        assert_eq!((reply.action, reply.repeated), (Some(CancelAction::Close), false));
        assert_eq!(sale.bench.plan.effects.len(), notices, "{number}");
        let again: CancelReply = sale.bench.done(&by(CANCEL, seller, &named(number)));
        assert_eq!((again.action, again.repeated), (Some(CancelAction::Close), true));
    }
    // A full refund had closed it: there was nothing to cancel.
    let command = sale.refund(1_000, None);
    let _: RefundReply = sale.bench.done(&command);
    let command = sale.cancel();
    let reply: CancelReply = sale.bench.done(&command);
    assert_eq!((reply.action, reply.repeated), (None, true));
}
