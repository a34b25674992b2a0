//! The market pack's times: a pack that is to come, and the days on which banks settle.

use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

use sycee_ledger::{Account, AccountId};
use sycee_money::Currency;

use super::golden::market;
use super::memory::{Memory, START_NS, stamp};
use super::till::till;
use crate::{
    ActivateMarket, Answer, Caller, Command, Deciding, Key, KycTier, Lookup, MarketPack, Outcome, PendingMarket,
    SettlementTerms, Stamp, TimerId, View, cell, decode, encode,
};

/// The small pack of the golden bytes with this fee, in force from this many seconds after the tests' start.
fn pack(merchant_fee_bps: u32, from_second: Option<u64>) -> MarketPack {
    let effective_from_ns = from_second.map(|second| START_NS + second * 1_000_000_000);
    MarketPack { merchant_fee_bps, effective_from_ns, ..market().0 }
}

fn install(pack: &MarketPack) -> Command {
    Command::new(cell::INSTALL_MARKET, Caller::OPERATOR, pack)
}

/// The fee in force, the fee that is pending, and the seconds after the start at which timers are due.
fn left(memory: &Memory) -> (Option<u32>, Option<u32>, Vec<u64>) {
    let row = |key| memory.rows.get(&key);
    let in_force = row(MarketPack::key()).map(|row| decode::<MarketPack>(row, "market").unwrap().merchant_fee_bps);
    let pending = row(PendingMarket::key()).map(|row| decode::<PendingMarket>(row, "pending").unwrap());
    let timers = memory.of_table(cell::TIMER).into_iter().map(|(key, _)| TimerId::from_key(key).unwrap());
    let seconds = timers.map(|timer| (timer.due_at_ns - START_NS) / 1_000_000_000).collect();
    (in_force, pending.map(|pending| pending.pack.merchant_fee_bps), seconds)
}

#[test]
fn a_pack_of_the_future_waits_and_any_later_install_replaces_it() {
    // Installed one a second; what is in force, what is pending, and when its timer is due.
    type Installed = (&'static [(u32, Option<u64>)], (Option<u32>, Option<u32>, Vec<u64>));
    let table: [Installed; 9] = [
        (&[(1, None)], (Some(1), None, vec![])),
        (&[(1, Some(50))], (None, Some(1), vec![50])),
        (&[(1, None), (2, Some(50))], (Some(1), Some(2), vec![50])),
        (&[(1, None), (2, Some(50)), (3, Some(60))], (Some(1), Some(3), vec![60])),
        (&[(1, None), (2, Some(50)), (3, Some(40))], (Some(1), Some(3), vec![40])),
        (&[(1, None), (2, Some(50)), (2, Some(50))], (Some(1), Some(2), vec![50])),
        (&[(1, None), (2, Some(50)), (1, None)], (Some(1), None, vec![])),
        // The second operation is stamped with second 2: not the future, in force at once.
        (&[(1, None), (2, Some(2))], (Some(2), None, vec![])),
        (&[(1, None), (2, Some(3))], (Some(1), Some(2), vec![3])),
    ];
    for (packs, expected) in table {
        let (products, mut memory) = (till(), Memory::default());
        for (operation, (fee, from)) in (1..).zip(packs) {
            memory.planned(&products, &install(&pack(*fee, *from)), stamp(operation));
        }
        assert_eq!(left(&memory), expected, "{packs:?}");
    }
}

#[test]
fn a_pending_pack_is_in_force_when_its_timer_is_decided() {
    let (products, mut memory) = (till(), Memory::default());
    memory.planned(&products, &install(&pack(1, None)), stamp(1));
    memory.planned(&products, &install(&pack(2, Some(50))), stamp(2));
    let (timer, row) = memory.of_table(cell::TIMER)[0];
    let command: Command = decode(row, "timer").unwrap();
    assert_eq!((command.timer, command.caller), (TimerId::from_key(timer), Caller::SYSTEM));
    let (_, answer) = memory.planned(&products, &command, stamp(50));
    assert_eq!(answer, Answer::Done(Vec::new()));
    assert_eq!(left(&memory), (Some(2), None, vec![]));
}

#[test]
fn nothing_is_activated_before_its_time_or_without_being_pending() {
    let activate = |second: u64| {
        let body = ActivateMarket { effective_from_ns: START_NS + second * 1_000_000_000 };
        Command::new(cell::ACTIVATE_MARKET, Caller::SYSTEM, &body)
    };
    for (what, command, operation, expected) in [
        ("a second too early", activate(50), 49, Some(cell::BAD_MARKET)),
        ("another instant", activate(49), 50, Some(cell::BAD_MARKET)),
        ("by an operator", Command { caller: Caller::OPERATOR, ..activate(50) }, 50, Some(cell::ROLE_FORBIDDEN)),
        ("in time", activate(50), 50, None),
    ] {
        let (products, mut memory) = (till(), Memory::default());
        memory.planned(&products, &install(&pack(2, Some(50))), stamp(1));
        let found = match memory.run(&products, &command, stamp(operation)) {
            Outcome::Refused(refusal) => Some(refusal.code),
            _ => None,
        };
        assert_eq!(found, expected, "{what}");
        assert_eq!(left(&memory).0, expected.is_none().then_some(2), "{what}");
    }
    let mut empty = Memory::default();
    assert!(matches!(empty.run(&till(), &activate(50), stamp(50)), Outcome::Refused(_)));
}

#[test]
fn a_bad_pack_of_the_future_leaves_the_pending_one_as_it_is() {
    let tier = KycTier { rank: 2, ..market().0.kyc_tiers[0].clone() };
    for (what, bad) in [
        ("another cell", MarketPack { cell_number: 34, ..pack(9, Some(60)) }),
        ("another currency", MarketPack { currency: Currency::USD, ..pack(9, Some(60)) }),
        ("tiers from 2", MarketPack { kyc_tiers: vec![tier], ..pack(9, Some(60)) }),
    ] {
        let (products, mut memory) = (till(), Memory::default());
        memory.planned(&products, &install(&pack(1, None)), stamp(1));
        memory.planned(&products, &install(&pack(2, Some(50))), stamp(2));
        let before = memory.clone();
        let outcome = memory.run(&products, &install(&bad), stamp(3));
        assert!(matches!(outcome, Outcome::Refused(refusal) if refusal.code == cell::BAD_MARKET), "{what}");
        assert_eq!(memory, before, "{what}");
    }
}

#[test]
fn a_pack_from_before_the_one_in_force_is_refused() {
    // In force from second 1, 2 or whenever it came (5); installed at second 10.
    for (in_force, next, expected) in [
        (Some(2), Some(1), Err(cell::BAD_MARKET)),
        (Some(2), Some(2), Ok(2)),
        (Some(2), Some(3), Ok(2)),
        (Some(2), None, Ok(2)),
        (None, Some(1), Ok(2)),
        (Some(2), Some(11), Ok(1)),
    ] {
        let (products, mut memory) = (till(), Memory::default());
        memory.planned(&products, &install(&pack(1, in_force)), stamp(5));
        let found = match memory.run(&products, &install(&pack(2, next)), stamp(10)) {
            Outcome::Refused(refusal) => Err(refusal.code),
            _ => Ok(left(&memory).0.unwrap()),
        };
        assert_eq!(found, expected, "{in_force:?} {next:?}");
    }
}

/// Monday 6 to Friday 17 November 2023 without the weekend, and without Wednesday 15.
fn with_calendar() -> MarketPack {
    let days = [6, 7, 8, 9, 10, 13, 14, 16, 17];
    MarketPack { settlement_calendar: Some(days.iter().map(|day| 20_231_100 + day).collect()), ..market().0 }
}

#[test]
fn settlement_dates_are_searched_in_the_calendar() {
    let pack = with_calendar();
    for (after, days, expected) in [
        (6, 0, Some(6)),
        (6, 1, Some(7)),
        (9, 1, Some(10)),
        (10, 1, Some(13)),
        (10, 2, Some(14)),
        (10, 3, Some(16)),
        // A Saturday, and a holiday.
        (11, 0, Some(13)),
        (11, 1, Some(13)),
        (11, 2, Some(14)),
        (15, 0, Some(16)),
        (14, 1, Some(16)),
        (6, 8, Some(17)),
        (6, 9, None),
        (17, 0, Some(17)),
        (17, 1, None),
        (18, 0, None),
        // Before the calendar nothing is known.
        (5, 0, None),
        (5, 1, None),
        (6, u32::MAX, None),
    ] {
        assert_eq!(
            pack.settlement_date(20_231_100 + after, days),
            expected.map(|day| 20_231_100 + day),
            "{after}, {days}"
        );
    }
    for (day, expected) in [(6, true), (11, false), (15, false), (17, true), (18, false)] {
        assert_eq!(pack.is_business_date(20_231_100 + day), expected, "{day}");
    }
    assert_eq!((market().0.settlement_date(20_231_106, 0), market().0.is_business_date(20_231_106)), (None, false));
}

#[test]
fn what_happens_after_the_cut_off_belongs_to_the_next_business_day() {
    // 2023-11-14T22:13:20Z is 23:13 an hour east of Greenwich, minute 1,393 of the day, and 08:13 of the next day ten.
    for (date, offset_hours, cut_off_minutes, days_after, expected) in [
        (14, 1, 1_394, 0, Some(14)),
        (14, 1, 1_393, 0, Some(16)),
        (14, 1, 1_394, 1, Some(16)),
        (14, 1, 1_393, 1, Some(17)),
        (14, 1, 1_393, 2, None),
        (14, 1, 0, 0, Some(16)),
        (15, 10, 494, 0, Some(16)),
        (15, 10, 493, 0, Some(16)),
        (15, 10, 493, 1, Some(17)),
        (14, -23, 1_440, 0, Some(14)),
    ] {
        let settlement = Some(SettlementTerms { cut_off_minutes, days_after, weekend: vec![6, 7] });
        let pack = MarketPack { settlement, ..with_calendar() };
        let at = Stamp { business_date: 20_231_100 + date, utc_offset_seconds: offset_hours * 3_600, ..stamp(0) };
        let found = pack.settlement_date_of(&at);
        assert_eq!(found, expected.map(|day| 20_231_100 + day), "{date} {offset_hours} {cut_off_minutes} {days_after}");
    }
    assert_eq!(with_calendar().settlement_date_of(&stamp(0)), None);
}

#[test]
fn a_pending_market_is_its_pack_and_its_timer_byte_for_byte() {
    let timer = TimerId { due_at_ns: 1, operation: 2, index: 3 };
    let pending = PendingMarket { pack: market().0, timer };
    let bytes = [&[0x82][..], &market().1, &[0x83, 1, 2, 3]].concat();
    assert_eq!(encode(&pending), bytes);
    assert_eq!(decode::<PendingMarket>(&bytes, "pending"), Ok(pending));
    assert_eq!(PendingMarket::key().as_bytes(), [0, 7]);
    // 24 is the first number that needs a byte of its own.
    assert_eq!(encode(&ActivateMarket { effective_from_ns: 24 }), [0x81, 0x18, 24]);
}

/// A view that keeps the pack of its row decoded.
struct Keeping {
    memory: Memory,
    pack: MarketPack,
}

impl View for Keeping {
    fn row(&self, key: &Key) -> Lookup<&[u8]> {
        self.memory.row(key)
    }

    fn account(&self, id: AccountId) -> Lookup<Account> {
        View::account(&self.memory, id)
    }

    fn market(&self) -> Option<&MarketPack> {
        Some(&self.pack)
    }
}

#[test]
fn a_pack_that_is_kept_decoded_is_read_until_the_decision_itself_writes_another() {
    let mut memory = Memory::default();
    memory.rows.insert(MarketPack::key(), encode(&pack(60, None)));
    let keeping = Keeping { memory, pack: pack(60, None) };
    let products = till();
    let mut deciding = Deciding::new(stamp(1), &products, &keeping);
    assert!(matches!(deciding.market(), Ok(Cow::Borrowed(read)) if *read == pack(60, None)));
    deciding.put(MarketPack::key(), &pack(70, None));
    assert_eq!(deciding.market().unwrap().into_owned(), pack(70, None));
    deciding.remove(MarketPack::key());
    assert!(deciding.market().is_err(), "what was removed is not there");
}
