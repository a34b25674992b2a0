//! The audit finds what is broken in settlements: each invariant, by breaking it.

use sycee_acquiring::entry::MerchantEntry;
use sycee_acquiring::payout::{Payout, PayoutState};
use sycee_acquiring::settlement::*;
use sycee_acquiring::{ADVANCE_FUNDS_LENT, MERCHANT_RESERVE, PAYOUT_IN_TRANSIT};
use sycee_contract::*;
use sycee_ledger::OPERATOR;
use sycee_money::{Amount, Currency};

use crate::settling::*;

fn amount(minor: u64) -> Amount {
    Amount::new(minor).expect("in range")
}

/// Two closed dates, one open; a reserve, an advance, a payout on its way.
fn busy() -> Settled {
    let mut shop = Settled::new(&[], |terms| SetSettlementTerms {
        reserve_bps: 500,
        reserve_days: 30,
        negative_limit: amount(100_000),
        ..terms
    });
    shop.advance_funds(100_000);
    shop.sell("A", 10_000);
    shop.go_to(20_260_303, 10, 0);
    shop.refund("A", 3_000, "r1");
    shop.go_to(20_260_304, 10, 0);
    shop.sell("B", 700);
    assert_eq!(shop.bench.findings(), []);
    shop
}

#[test]
fn each_invariant_of_settlements_is_checked() {
    let shop = busy();
    let euro = Currency::EUR;
    let first = shop.settlement(20_260_302).expect("closed");
    let second = shop.settlement(20_260_303).expect("closed");
    let open = shop.settlement(20_260_304).expect("open");
    let key = |date| Settlement::key(shop.shop, euro, date);
    let closed = |settlement: &Settlement, change: &dyn Fn(&mut Closing)| {
        let mut changed = settlement.clone();
        change(changed.closing.as_mut().expect("closed"));
        Some(encode(&changed))
    };
    let account: SettlementAccount = shop.row(&SettlementAccount::key(shop.shop, euro)).expect("an account");
    let account_key = SettlementAccount::key(shop.shop, euro);
    let payout = shop.payout(20_260_302);
    let clock: SettlementClock = shop.row(&SettlementClock::key()).expect("a clock");
    let entry = shop.bench.memory.rows.iter().find(|(key, _)| key.table() == MerchantEntry::TABLE).expect("an entry");
    let mut elsewhere: MerchantEntry = decode(entry.1, "entry").expect("an entry");
    elsewhere.settlement = Some(20_260_305);
    const ADD_UP: &str = "settlements_add_up";
    let breaks: Vec<(&str, Key, Option<Vec<u8>>)> = vec![
        (ADD_UP, key(20_260_302), None),
        (ADD_UP, key(20_260_302), Some(vec![0xff])),
        (ADD_UP, key(20_260_302), Some(encode(&Settlement { gross_minor: 1, ..first.clone() }))),
        (ADD_UP, key(20_260_302), Some(encode(&Settlement { entries: 9, ..first.clone() }))),
        (ADD_UP, key(20_260_302), Some(encode(&Settlement { closing: None, ..first.clone() }))),
        (ADD_UP, key(20_260_302), closed(&first, &|closing| closing.carried_forward_minor += 1)),
        (ADD_UP, key(20_260_302), closed(&first, &|closing| closing.fees_carried_forward_minor += 1)),
        (ADD_UP, key(20_260_302), closed(&first, &|closing| closing.fees_taken = amount(1))),
        (ADD_UP, key(20_260_302), closed(&first, &|closing| closing.reserve_held = amount(1))),
        (ADD_UP, key(20_260_302), closed(&first, &|closing| closing.paid_out = amount(1))),
        (ADD_UP, key(20_260_302), closed(&first, &|closing| closing.payout = None)),
        (ADD_UP, key(20_260_302), closed(&first, &|closing| closing.payout = Some(1))),
        (ADD_UP, key(20_260_303), closed(&second, &|closing| closing.brought_forward_minor -= 1)),
        (ADD_UP, key(20_260_303), closed(&second, &|closing| closing.recovered = amount(1))),
        (ADD_UP, key(20_260_304), Some(encode(&Settlement { other_in_minor: 1, ..open.clone() }))),
        (ADD_UP, key(20_260_304), Some(encode(&Settlement { fees_minor: 1, ..open.clone() }))),
        (ADD_UP, entry.0.clone(), Some(encode(&elsewhere))),
        (ADD_UP, account_key.clone(), Some(encode(&SettlementAccount { carried_minor: 1, ..account.clone() }))),
        (ADD_UP, account_key.clone(), Some(encode(&SettlementAccount { settled_through: 0, ..account.clone() }))),
        (ADD_UP, account_key.clone(), Some(encode(&SettlementAccount { open_dates: vec![], ..account.clone() }))),
        (ADD_UP, account_key.clone(), None),
        (
            "advances_match_advance_funds",
            account_key.clone(),
            Some(encode(&SettlementAccount { recovered_minor: account.recovered_minor + 1, ..account.clone() })),
        ),
        ("merchant_entries_match", Payout::key(payout.id), None),
        (
            "payouts_match_transit",
            Payout::key(payout.id),
            Some(encode(&Payout { state: PayoutState::Settled, ..payout.clone() })),
        ),
        ("payouts_match_transit", payout.effect().key(), None),
        ("reserves_match_tranches", MerchantReserve::key(shop.shop, euro), None),
        ("settlement_list_is_whole", RosterPlace::key(0), None),
        ("settlement_list_is_whole", clock.timer.key(), None),
        ("settlement_list_is_whole", SettlementClock::key(), None),
        ("settlement_list_is_whole", MerchantTerms::key(shop.shop), None),
        (
            "settlement_list_is_whole",
            SettlementClock::key(),
            Some(encode(&SettlementClock { places: 7, ..clock.clone() })),
        ),
    ];
    for (invariant, key, row) in breaks {
        let mut bench = busy().bench;
        match row {
            Some(row) => bench.memory.rows.insert(key.clone(), row),
            None => bench.memory.rows.remove(&key),
        };
        let found: Vec<_> = bench.findings().iter().map(|finding| finding.invariant).collect();
        assert!(found.contains(&invariant), "{invariant} {key:?}: {:?}", bench.findings());
    }
    for (invariant, account) in [
        ("reserves_match_tranches", MERCHANT_RESERVE.of(shop.shop, euro)),
        ("payouts_match_transit", PAYOUT_IN_TRANSIT.of(shop.shop, euro)),
        ("advances_match_advance_funds", ADVANCE_FUNDS_LENT.of(OPERATOR, euro)),
    ] {
        let mut bench = busy().bench;
        bench.memory.accounts.get_mut(&account).expect("an account").credits_posted_minor += 1;
        let found: Vec<_> = bench.findings().iter().map(|finding| finding.invariant).collect();
        assert!(found.contains(&invariant), "{invariant}: {found:?}");
    }
}

/// CBOR worked out by hand (RFC 8949): 8n an array of n, 1a four bytes, 3n a negative number.
#[test]
fn golden_bytes_of_settlements() {
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let place = RosterPlace { merchant: 5, currency: Currency::EUR };
    assert_eq!(hex(encode(&place)), "82051903d2");
    // 20260331 is 0x013525eb.
    let tranche = Tranche { date: 20_260_331, due_date: 20_260_331, amount: amount(24) };
    assert_eq!(hex(encode(&MerchantReserve { tranches: vec![tranche] })), "8181831a013525eb1a013525eb1818");
    let account = SettlementAccount {
        merchant: 1,
        currency: Currency::EUR,
        open_dates: vec![20_260_331],
        settled_through: 0,
        carried_minor: -1,
        fees_carried_minor: 2,
        advanced_minor: 3,
        recovered_minor: 4,
        paid_ahead_minor: 5,
    };
    assert_eq!(hex(encode(&account)), "89011903d2811a013525eb002002030405");
    // Table 788, merchant 1, 978, 20260331.
    let key = Settlement::key(1, Currency::EUR, 20_260_331);
    assert_eq!(hex(key.as_bytes().to_vec()), "0319000000000000000103d2013525eb");
    let terms = MerchantTerms {
        merchant: 1,
        schedule: PayoutSchedule::Weekly,
        weekday: 7,
        minimum_payout: amount(0),
        reserve_bps: 0,
        reserve_days: 0,
        negative_limit: amount(0),
        changed_at_ns: 9,
        changed_by: 0,
        bank_account: None,
        fee_bps: None,
    };
    // The bank account is left out at the end; with one, sixteen bytes follow.
    assert_eq!(hex(encode(&terms)), "890101070000000009 00".replace(' ', ""));
    let with = MerchantTerms { bank_account: Some([7; 16]), ..terms };
    assert_eq!(hex(encode(&with)), format!("8a0101070000000009 0050{}", "07".repeat(16)).replace(' ', ""));
    assert_eq!(decode::<MerchantTerms>(&encode(&with), "terms").expect("it decodes"), with);
}
