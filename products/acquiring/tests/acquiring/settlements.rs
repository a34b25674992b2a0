//! Settlement by business date: what belongs to which date, and what is done with it.

use sycee_acquiring::entry::MerchantEntry;
use sycee_acquiring::refusal::*;
use sycee_acquiring::settlement::*;
use sycee_acquiring::{
    ADVANCE_FUNDS, ADVANCE_FUNDS_LENT, FEE_RECEIVABLE, MERCHANT_OWES, MERCHANT_RESERVE, PAYOUT_IN_TRANSIT,
};
use sycee_contract::*;
use sycee_money::{Amount, Currency};

use crate::bench::*;
use crate::settling::*;

fn amount(minor: u64) -> Amount {
    Amount::new(minor).expect("in range")
}

#[test]
fn a_day_is_settled_at_its_cut_off_and_what_is_left_is_on_its_way_to_the_bank() {
    let mut shop = Settled::new(&[], |terms| terms);
    shop.sell("A", 10_000);
    shop.refund("A", 1_000, "r");
    shop.go_to(20_260_302, 17, 59);
    assert_eq!(shop.settlement(20_260_302).expect("open").closing, None);
    shop.go_to(20_260_302, 18, 1);
    let settlement = shop.settlement(20_260_302).expect("settled");
    let sums =
        (settlement.gross_minor, settlement.refunded_minor, settlement.fees_minor, settlement.fees_returned_minor);
    assert_eq!(sums, (10_000, 1_000, 100, 10));
    let closing = settlement.closing.expect("closed");
    // 100.00 less 10.00 refunded, less 1 % of 90.00.
    assert_eq!((closing.fees_taken, closing.paid_out, closing.carried_forward_minor), (amount(90), amount(8_910), 0));
    assert_eq!((shop.balance(), shop.account(FEE_RECEIVABLE), shop.account(PAYOUT_IN_TRANSIT)), (0, 0, 8_910));
    let payout = shop.payout(20_260_302);
    assert_eq!((payout.money, payout.execution_date, payout.bank_account), (euro(8_910), 20_260_303, BANK_ACCOUNT));
    let effect: EffectRecord = shop.row(&payout.effect().key()).expect("the bank is asked");
    assert_eq!(decode::<sycee_acquiring::payout::Payout>(&effect.effect.body, "payout").expect("a payout"), payout);
    // Payment, refund, fees, payout: the report drills down to them by their date.
    let entries = shop.bench.memory.rows.iter().filter(|(key, _)| key.table() == MerchantEntry::TABLE);
    let dates: Vec<_> =
        entries.map(|(_, row)| decode::<MerchantEntry>(row, "entry").expect("an entry").settlement).collect();
    assert_eq!((dates.len(), settlement.entries), (4, 4));
    assert!(dates.iter().all(|date| *date == Some(20_260_302)));
}

/// 6 March 2026 is a Friday, and Monday 9 a holiday here.
#[test]
fn what_happens_after_the_cut_off_on_weekends_and_on_holidays_belongs_to_the_next_banking_day() {
    for (date, hour, belongs_to) in [
        (20_260_305, 17, 20_260_305),
        (20_260_305, 18, 20_260_306),
        (20_260_306, 17, 20_260_306),
        (20_260_306, 19, 20_260_310),
        (20_260_307, 12, 20_260_310),
        (20_260_308, 23, 20_260_310),
        (20_260_309, 12, 20_260_310),
        (20_260_310, 12, 20_260_310),
        (20_260_310, 18, 20_260_311),
    ] {
        let mut shop = Settled::new(&[20_260_309], |terms| terms);
        shop.go_to(date, hour, 0);
        shop.sell("A", 100);
        let settlement = shop.settlement(belongs_to).unwrap_or_else(|| panic!("{date} {hour}:00"));
        assert_eq!((settlement.gross_minor, settlement.first_day, settlement.last_day), (100, date, date));
        shop.go_to(20_260_312, 0, 0);
        assert_eq!(shop.closing(belongs_to).paid_out, amount(99), "{date} {hour}:00");
    }
}

#[test]
fn money_that_comes_after_the_cut_off_waits_however_late_the_settlement_is_made() {
    let mut shop = Settled::new(&[], |terms| SetSettlementTerms { schedule: PayoutSchedule::OnRequest, ..terms });
    shop.sell("A", 10_000);
    shop.go_to(20_260_302, 17, 0);
    // The timers stand still as after a crash; the stamps go on.
    shop.bench.now_ns = instant_ns(20_260_302, 18, 30);
    shop.sell("B", 5_000);
    let settle = SettleMerchant { merchant: shop.shop, currency: Currency::EUR };
    let reply: SettlementReply = shop.bench.done(&by(SETTLE_MERCHANT, Caller::OPERATOR, &settle));
    let settled = reply.settlement.expect("a settlement");
    assert_eq!((settled.date, settled.gross_minor), (20_260_302, 10_000));
    assert_eq!(settled.closing.expect("closed").paid_out, amount(9_900));
    assert_eq!(shop.balance(), 5_000);
    // Nothing is left of closed days: asking again pays nothing.
    let again: SettlementReply = shop.bench.done(&by(SETTLE_MERCHANT, Caller::OPERATOR, &settle));
    assert_eq!(again, SettlementReply { settlement: None, is_more: false });
    shop.go_to(20_260_303, 18, 1);
    let closing = shop.closing(20_260_303);
    assert_eq!((closing.paid_out, closing.not_paid), (Amount::ZERO, Some(NotPaid::NotScheduled)));
    assert_eq!(closing.carried_forward_minor, 4_950);
    // By hand it is paid, once.
    let paid: SettlementReply = shop.bench.done(&by(SETTLE_MERCHANT, Caller::OPERATOR, &settle));
    assert_eq!(paid, SettlementReply { settlement: None, is_more: true });
    shop.sell("C", 700);
    let again: SettlementReply = shop.bench.done(&by(SETTLE_MERCHANT, Caller::OPERATOR, &settle));
    assert_eq!(again, SettlementReply { settlement: None, is_more: false });
    assert_eq!((shop.balance(), shop.account(PAYOUT_IN_TRANSIT)), (700, 14_850));
    shop.go_to(20_260_304, 18, 1);
    let closing = shop.closing(20_260_304);
    // 4,950 were brought forward and paid in between.
    assert_eq!((closing.brought_forward_minor, closing.carried_forward_minor), (4_950, 693));
}

#[test]
fn a_part_of_the_proceeds_is_held_back_and_released_when_its_day_has_come() {
    let mut shop = Settled::new(&[], |terms| SetSettlementTerms { reserve_bps: 1_000, reserve_days: 7, ..terms });
    shop.sell("A", 10_000);
    shop.go_to(20_260_302, 20, 0);
    let closing = shop.closing(20_260_302);
    // A tenth of 100.00, rounded down, besides 1 % of fees.
    assert_eq!(
        (closing.reserve_held, closing.paid_out, closing.reserve),
        (amount(1_000), amount(8_900), amount(1_000))
    );
    assert_eq!((shop.account(MERCHANT_RESERVE), shop.balance()), (1_000, 0));
    shop.go_to(20_260_306, 12, 0);
    shop.sell("B", 1_009);
    shop.go_to(20_260_306, 20, 0);
    assert_eq!(shop.closing(20_260_306).reserve_held, amount(100));
    // Nothing else happens on the day on which it is due.
    shop.go_to(20_260_309, 20, 0);
    let closing = shop.closing(20_260_309);
    assert_eq!(
        (closing.reserve_released, closing.paid_out, closing.reserve),
        (amount(1_000), amount(1_000), amount(100))
    );
    // The second part is due on Friday the 13th.
    shop.go_to(20_260_316, 20, 0);
    assert_eq!(shop.closing(20_260_313).reserve_released, amount(100));
    assert_eq!(shop.account(MERCHANT_RESERVE), 0);
}

#[test]
fn refunds_after_the_payout_are_advanced_as_far_as_agreed_and_recovered_from_later_proceeds() {
    let mut shop = Settled::new(&[], |terms| SetSettlementTerms { negative_limit: amount(5_000), ..terms });
    shop.sell("A", 10_000);
    shop.go_to(20_260_303, 10, 0);
    assert_eq!(shop.balance(), 0);
    let bank = shop.operators(sycee_wallet::SAFEGUARDING);
    shop.bank_says(shop.payout(20_260_302).id, sycee_acquiring::payout::PayoutState::Settled);
    // Without own money set aside nobody can be advanced: e-money would not be covered.
    let command = shop.refund_command("A", 3_000, "r1");
    assert_eq!(shop.bench.refused(&command).code, SELLER_BALANCE_NOT_ENOUGH);
    shop.advance_funds(4_000);
    shop.refund("A", 3_000, "r1");
    assert_eq!((shop.account(MERCHANT_OWES), shop.balance()), (3_000, 0));
    assert_eq!((shop.operators(ADVANCE_FUNDS), shop.operators(ADVANCE_FUNDS_LENT)), (1_000, 3_000));
    assert_eq!(shop.operators(sycee_wallet::SAFEGUARDING), bank - 9_900 + 4_000);
    // 20.00 more would be within the limit, and beyond the operator's own money.
    let command = shop.refund_command("A", 2_000, "r2");
    assert_eq!(shop.bench.refused(&command).code, SELLER_BALANCE_NOT_ENOUGH);
    shop.advance_funds(10_000);
    // And 20.01 beyond the limit.
    let command = shop.refund_command("A", 2_001, "r2");
    assert_eq!(shop.bench.refused(&command).code, SELLER_BALANCE_NOT_ENOUGH);
    shop.refund("A", 2_000, "r2");
    let withdraw = MoveAdvanceFunds { money: euro(9_001), is_withdrawal: true, bank_reference: "W".into() };
    let command = by(MOVE_ADVANCE_FUNDS, Caller::OPERATOR, &withdraw).with_id("w");
    assert_eq!(shop.bench.refused(&command).code, ADVANCE_FUNDS_NOT_ENOUGH);
    // The negative day: refunds returned 0.50 of fees that had been taken, and that pays a part back.
    shop.go_to(20_260_303, 20, 0);
    let closing = shop.closing(20_260_303);
    assert_eq!((closing.fees_given_back, closing.recovered, closing.owes), (amount(50), amount(50), amount(4_950)));
    assert_eq!((closing.paid_out, closing.not_paid), (Amount::ZERO, Some(NotPaid::NothingLeft)));
    assert_eq!(closing.position_minor(), -4_950);
    // Less than what is owed comes in, then more.
    shop.go_to(20_260_304, 12, 0);
    shop.sell("B", 1_000);
    shop.go_to(20_260_304, 20, 0);
    let closing = shop.closing(20_260_304);
    assert_eq!((closing.recovered, closing.owes, closing.paid_out), (amount(990), amount(3_960), Amount::ZERO));
    shop.go_to(20_260_305, 12, 0);
    shop.sell("C", 10_000);
    shop.go_to(20_260_305, 20, 0);
    let closing = shop.closing(20_260_305);
    assert_eq!((closing.recovered, closing.owes, closing.paid_out), (amount(3_960), Amount::ZERO, amount(5_940)));
    assert_eq!((shop.operators(ADVANCE_FUNDS), shop.operators(ADVANCE_FUNDS_LENT)), (14_000, 0));
}

#[test]
fn the_schedule_the_minimum_the_bank_account_and_a_freeze_say_whether_a_day_is_paid() {
    let weekly = |terms| SetSettlementTerms { schedule: PayoutSchedule::Weekly, weekday: 7, ..terms };
    let minimum = |terms| SetSettlementTerms { minimum_payout: amount(10_000), ..terms };
    let mut shop = Settled::new(&[], weekly);
    shop.sell("A", 5_000);
    // Sunday is no banking day: Monday pays.
    shop.go_to(20_260_306, 20, 0);
    assert_eq!(shop.closing(20_260_302).not_paid, Some(NotPaid::NotScheduled));
    shop.go_to(20_260_309, 20, 0);
    assert_eq!(shop.closing(20_260_309).paid_out, amount(4_950));

    let mut shop = Settled::new(&[], minimum);
    shop.sell("A", 5_000);
    shop.go_to(20_260_303, 12, 0);
    assert_eq!(shop.closing(20_260_302).not_paid, Some(NotPaid::BelowMinimum));
    shop.sell("B", 6_000);
    shop.go_to(20_260_303, 20, 0);
    assert_eq!(shop.closing(20_260_303).paid_out, amount(10_890));

    let mut shop = Settled::new(&[], |terms| terms);
    let body = SetBankAccount { merchant: shop.shop, bank_account: None };
    let _: MerchantTerms = shop.bench.operator(SET_BANK_ACCOUNT, &body);
    shop.sell("A", 5_000);
    shop.go_to(20_260_303, 12, 0);
    assert_eq!(shop.closing(20_260_302).not_paid, Some(NotPaid::NoBankAccount));
    let body = SetBankAccount { merchant: shop.shop, bank_account: Some(BANK_ACCOUNT) };
    let _: MerchantTerms = shop.bench.operator(SET_BANK_ACCOUNT, &body);
    shop.go_to(20_260_303, 20, 0);
    assert_eq!(shop.closing(20_260_303).paid_out, amount(4_950));

    let mut shop = Settled::new(&[], |terms| terms);
    shop.sell("A", 5_000);
    let freeze = sycee_party::command::Freeze { party: shop.shop, reason_code: 1 };
    let key = shop.bench.key();
    let command = by(sycee_party::FREEZE, Caller::OPERATOR, &freeze).with_id(&key);
    assert!(matches!(shop.bench.answer(&command), Answer::Done(_)));
    shop.go_to(20_260_303, 12, 0);
    let closing = shop.closing(20_260_302);
    assert_eq!((closing.not_paid, closing.fees_taken), (Some(NotPaid::Frozen), amount(50)));
}

#[test]
fn what_a_merchant_had_before_is_brought_forward_and_others_are_left_alone() {
    let mut bench = Bench::with(Vec::new(), &banking_market(&[]));
    let (old, other, buyer) =
        (bench.merchant(Some(100)).merchant, bench.merchant(Some(100)).merchant, bench.customer(99_999));
    for (shop, number) in [(old, "A"), (other, "B")] {
        let placed: sycee_acquiring::reply::OrderReply =
            bench.done(&by(sycee_acquiring::command::CREATE, Caller::merchant(shop), &fields(number, 10_000)));
        let pay = sycee_acquiring::command::OrderTarget { id: placed.order.id };
        let _: sycee_acquiring::reply::OrderReply =
            bench.done(&by(sycee_acquiring::command::PAY_ORDER, Caller::customer(buyer), &pay));
    }
    let rows = bench.memory.rows.len();
    let _: MerchantTerms = bench.operator(SET_SETTLEMENT_TERMS, &plain_terms(old));
    let body = SetBankAccount { merchant: old, bank_account: Some(BANK_ACCOUNT) };
    let _: MerchantTerms = bench.operator(SET_BANK_ACCOUNT, &body);
    assert!(bench.memory.rows.len() > rows);
    let mut shop = Settled { bench, shop: old, buyer };
    // It is half past midnight on 31 March: that date brings forward what there was.
    shop.go_to(20_260_331, 20, 0);
    let closing = shop.closing(20_260_331);
    assert_eq!(
        (closing.brought_forward_minor, closing.fees_taken, closing.paid_out),
        (10_000, amount(100), amount(9_900))
    );
    assert_eq!(shop.bench.balance(sycee_acquiring::MERCHANT_BALANCE.of(other, Currency::EUR)), 10_000);
    assert!(
        !shop
            .bench
            .memory
            .rows
            .keys()
            .any(|key| { [SETTLEMENT, SETTLEMENT_ACCOUNT].contains(&key.table()) && key.number_at(0) == Some(other) })
    );
}

#[test]
fn terms_that_cannot_be_are_refused() {
    let mut shop = Settled::new(&[], |terms| terms);
    let good = plain_terms(shop.shop);
    let table = [
        SetSettlementTerms { weekday: 1, ..good.clone() },
        SetSettlementTerms { schedule: PayoutSchedule::Weekly, weekday: 0, ..good.clone() },
        SetSettlementTerms { schedule: PayoutSchedule::Weekly, weekday: 8, ..good.clone() },
        SetSettlementTerms { reserve_bps: 10_001, reserve_days: 5, ..good.clone() },
        SetSettlementTerms { fee_bps: Some(10_001), ..good.clone() },
        SetSettlementTerms { reserve_bps: 100, reserve_days: 0, ..good.clone() },
        SetSettlementTerms { reserve_bps: 0, reserve_days: 5, ..good.clone() },
        SetSettlementTerms { reserve_bps: 1, reserve_days: RESERVE_DAYS_MAX + 1, ..good.clone() },
    ];
    for (count, body) in table.iter().enumerate() {
        let command = by(SET_SETTLEMENT_TERMS, Caller::OPERATOR, body).with_id(&format!("bad-{count}"));
        assert_eq!(shop.bench.refused(&command).code, cell::BAD_BODY, "{body:?}");
    }
    // A price of its own is for payments from then on.
    let dearer = SetSettlementTerms { fee_bps: Some(250), ..good.clone() };
    let agreed: MerchantTerms = shop.bench.operator(SET_SETTLEMENT_TERMS, &dearer);
    assert_eq!((agreed.fee_bps, agreed.bank_account), (Some(250), Some(BANK_ACCOUNT)));
    shop.sell("A", 1_000);
    assert_eq!(shop.account(FEE_RECEIVABLE), 25);
    let kept: MerchantTerms = shop.bench.operator(SET_SETTLEMENT_TERMS, &good);
    assert_eq!(kept.fee_bps, Some(250));
    let nobody = by(SET_SETTLEMENT_TERMS, Caller::OPERATOR, &plain_terms(1)).with_id("nobody");
    assert_eq!(shop.bench.refused(&nobody).code, MERCHANT_NOT_FOUND);
    let other = shop.bench.merchant(None).merchant;
    let account = SetBankAccount { merchant: other, bank_account: Some(BANK_ACCOUNT) };
    let command = by(SET_BANK_ACCOUNT, Caller::OPERATOR, &account).with_id("too early");
    assert_eq!(shop.bench.refused(&command).code, SETTLEMENT_NOT_AGREED);
    let settle = SettleMerchant { merchant: other, currency: Currency::EUR };
    assert_eq!(shop.bench.refused(&by(SETTLE_MERCHANT, Caller::OPERATOR, &settle)).code, SETTLEMENT_NOT_AGREED);
    let mut bench = Bench::new();
    let merchant = bench.merchant(None).merchant;
    let command = by(SET_SETTLEMENT_TERMS, Caller::OPERATOR, &plain_terms(merchant)).with_id("no calendar");
    assert_eq!(bench.refused(&command).code, SETTLEMENT_NOT_OFFERED);
}

#[test]
fn a_list_of_many_merchants_is_gone_through_in_pieces() {
    let mut shop = Settled::new(&[], |terms| terms);
    let mut others = Vec::new();
    for count in 0..150 {
        let merchant = shop.bench.merchant(None).merchant;
        let _: MerchantTerms = shop.bench.operator(SET_SETTLEMENT_TERMS, &plain_terms(merchant));
        if count % 10 == 9 {
            others.push(merchant);
        }
    }
    let first = shop.shop;
    for merchant in &others {
        shop.shop = *merchant;
        shop.sell("A", 1_000);
    }
    let before = shop.bench.operation;
    shop.go_to(20_260_302, 20, 0);
    // A cut-off, two more pieces of 64 places, and each that has sold something.
    assert_eq!(shop.bench.operation - before, 3 + 15);
    for merchant in others {
        shop.shop = merchant;
        assert_eq!(shop.closing(20_260_302).not_paid, Some(NotPaid::NoBankAccount));
    }
    shop.shop = first;
    assert_eq!(shop.settlement(20_260_302), None);
}
