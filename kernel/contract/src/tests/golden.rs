//! Golden bytes: worked out by hand from RFC 8949 (section 3: major types; preferred serialization, section 4.1) and the
//! field numbers, never copied from the encoder. A record is an array by position; fields that are `None` at its end are
//! left out; an enum with fields is `[number, [fields]]`, one without any is its number.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Debug;

use minicbor::{Decode, Encode};
use sycee_ledger::{Account, AccountClass, Hold, HoldState, Limit, Movement};
use sycee_money::Currency;

use super::memory::START_NS;
use super::till::{amount, bank, purse};
use crate::proposal::{Approved, Proposal, ProposalState, ProposalTarget, Propose, Proposed};
use crate::{
    AccountOpening, Answer, Caller, Command, Effect, EffectId, EffectPolicy, EffectRecord, EffectState, Event,
    FieldDigest, IdempotencyRecord, Key, KycTier, MarketPack, MarketRole, NetworkTerms, OfflineCodeTerms,
    PackProvenance, ParticipantTerms, Plan, Refusal, Role, RowChange, SettlementTerms, Stamp, TimerId, cell, decode,
    encode,
};

/// Bytes of hexadecimal digits; blanks between them are for the reader.
pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    assert_eq!(digits.len() % 2, 0, "{text}");
    digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect()
}

fn golden<T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + Debug>(name: &str, value: &T, bytes: &str) {
    assert_eq!(encode(value), hex(bytes), "encode {name}");
    assert_eq!(decode::<T>(&hex(bytes), "golden").as_ref(), Ok(value), "decode {name}");
}

// Accounts: a byte string of 16 (0x50): owner 8 bytes, kind 2, currency 2 (978 = 0x03d2), sub 4.
const PURSE_7: &str = "50 0000000000000007 2001 03d2 00000000";
const BANK: &str = "50 0000000000000000 2002 03d2 00000000";
// 1_700_000_000_000_000_000 = 0x17979cfe362a0000, an unsigned integer of 8 bytes (0x1b).
const START: &str = "1b 17979cfe362a0000";

fn join(parts: &[&str]) -> String {
    parts.concat()
}

#[test]
fn commands_and_their_parts() {
    golden("role", &Role::System, "03");
    golden("caller", &Caller::merchant(300), "82 01 19012c");
    let with_id = Command::new(0x2001, Caller::customer(7), &[100_u64]).with_id("pay-1");
    // code 8193; caller [2, 7]; id, text of 5; body, 3 bytes: an array of one, 100. No timer: left out.
    golden("command with an id", &with_id, "84 192001 82 02 07 65 7061792d31 43 811864");
    let timer = TimerId { due_at_ns: START_NS, operation: 5, index: 0 };
    let fired = Command { timer: Some(timer), ..Command::new(4, Caller::SYSTEM, &cell::HoldTarget { hold: 81 }) };
    golden("command of a timer", &fired, &join(&["85 04 82 03 00 f6 43 811851 83", START, "05 00"]));
    golden("command without key or timer", &Command { timer: None, ..fired }, "84 04 82 03 00 f6 43 811851");
    golden(
        "timer id",
        &TimerId { due_at_ns: START_NS, operation: 300, index: 24 },
        &join(&["83", START, "19012c 1818"]),
    );
    golden("effect id", &EffectId { operation: 65_536, index: 2 }, "82 1a00010000 02");
}

#[test]
fn proposals() {
    let propose = Propose { code: 0x0406, body: vec![1, 2], reason: "why".into() };
    golden("propose", &propose, "83 190406 42 0102 63 776879");
    golden("proposed", &Proposed { proposal: 16, expires_at_ns: 24 }, "82 10 1818");
    golden("target", &ProposalTarget { proposal: 16 }, "81 10");
    golden("approved", &Approved { code: 0x0406, reply: Vec::new() }, "82 190406 40");
    let open = Proposal {
        id: 16,
        proposer: 7,
        code: 0x0406,
        body: vec![1],
        reason: "r".into(),
        proposed_at_ns: 1,
        expires_at_ns: 2,
        state: ProposalState::Open,
        ended_by: None,
        ended_at_ns: None,
    };
    golden("open proposal", &open, "88 10 07 190406 41 01 61 72 01 02 00");
    let ended = Proposal { state: ProposalState::Rejected, ended_by: Some(8), ended_at_ns: Some(3), ..open };
    golden("rejected proposal", &ended, "8a 10 07 190406 41 01 61 72 01 02 02 08 03");
}

#[test]
fn stamps() {
    // 20231114 = 0x0134b3ca; -18000 is major type 1 with 17999 = 0x464f.
    for (offset, encoded) in [(3_600, "190e10"), (0, "00"), (-18_000, "39464f"), (-1, "20")] {
        let stamp = Stamp {
            operation: 300,
            time_ns: START_NS,
            business_date: 20_231_114,
            utc_offset_seconds: offset,
            cell: 33,
        };
        golden("stamp", &stamp, &join(&["85 19012c", START, "1a0134b3ca", encoded, "1821"]));
    }
}

#[test]
fn plans() {
    golden("empty plan", &Plan::default(), "85 80 80 80 80 80");
    let plan = Plan {
        openings: vec![AccountOpening {
            account: purse(7),
            class: AccountClass::Liability,
            limit: Limit::DebitsMustNotExceedCredits,
        }],
        movements: vec![
            Movement::Transfer { debit: bank(), credit: purse(7), amount: amount(1_000), code: 7 },
            Movement::Hold {
                hold: 81,
                debit: purse(7),
                credit: bank(),
                amount: amount(500),
                expires_at_ns: START_NS,
                code: 8,
            },
            Movement::PostHold {
                hold: 81,
                debit: purse(7),
                credit: bank(),
                held: amount(500),
                amount: amount(200),
                code: 9,
            },
            Movement::ReleaseHold { hold: 96, debit: purse(7), credit: bank(), held: amount(23), expired: true },
            Movement::ReleaseHold { hold: 97, debit: purse(7), credit: bank(), held: amount(24), expired: false },
        ],
        rows: vec![
            RowChange { key: Key::new(0x2000).number(7), value: Some(vec![0x81, 0x01].into()) },
            RowChange { key: Key::new(0x2000).text("a"), value: None },
        ],
        effects: vec![Effect {
            kind: 0x2001,
            target: "https://x.test/n".into(),
            body: vec![1],
            policy: EffectPolicy::Binds,
        }],
        events: vec![Event { kind: 0x2001, body: vec![] }],
    };
    let opening = join(&["81 83", PURSE_7, "01 01"]);
    let transfer = join(&["82 00 84", BANK, PURSE_7, "1903e8 07"]);
    let hold = join(&["82 01 86 1851", PURSE_7, BANK, "1901f4", START, "08"]);
    let post = join(&["82 02 86 1851", PURSE_7, BANK, "1901f4 18c8 09"]);
    let expire = join(&["82 03 85 1860", PURSE_7, BANK, "17 f5"]);
    let void = join(&["82 03 85 1861", PURSE_7, BANK, "1818 f4"]);
    let rows = "82 82 4a 2000 0000000000000007 42 8101 81 44 2000 01 61";
    let effects = "81 84 192001 70 68747470733a2f2f782e746573742f6e 41 01 01";
    let events = "81 82 192001 40";
    let bytes = join(&["85", &opening, "85", &transfer, &hold, &post, &expire, &void, rows, effects, events]);
    golden("plan", &plan, &bytes);
}

#[test]
fn answers_and_refusals_and_what_is_kept_under_a_key() {
    let refusal = Refusal::new(0x2001, "available 1.00 EUR");
    let refusal_hex = "82 192001 72 617661696c61626c6520312e303020455552";
    golden("refusal", &refusal, refusal_hex);
    golden("done", &Answer::Done(vec![0x81, 0x05]), "82 00 81 42 8105");
    golden("done, nothing to say", &Answer::Done(vec![]), "82 00 81 40");
    golden("refused", &Answer::Refused(refusal.clone()), &join(&["82 01 81", refusal_hex]));
    let digest: [u8; 16] = core::array::from_fn(|index| index as u8);
    let record = IdempotencyRecord {
        operation: 300,
        fingerprint: vec![FieldDigest { field: 0, digest }, FieldDigest { field: 24, digest }],
        answer: Answer::Refused(refusal),
    };
    let digest_hex = "50 000102030405060708090a0b0c0d0e0f";
    let fingerprint = join(&["82 82 00", digest_hex, "82 1818", digest_hex]);
    golden("idempotency record", &record, &join(&["83 19012c", &fingerprint, "82 01 81", refusal_hex]));
}

#[test]
fn effects() {
    let effect = Effect { kind: 0x2001, target: "seen".into(), body: vec![], policy: EffectPolicy::BindsNobody };
    for (state, number) in [
        (EffectState::Requested, "00"),
        (EffectState::Sent, "01"),
        (EffectState::Settled, "02"),
        (EffectState::Failed, "03"),
        (EffectState::Unknown, "04"),
    ] {
        let record = EffectRecord { effect: effect.clone(), state, requested_at_ns: START_NS };
        golden("effect record", &record, &join(&["83 84 192001 64 7365656e 40 00", number, START]));
        let result = cell::EffectResult { effect: EffectId { operation: 9, index: 0 }, state, detail: String::new() };
        golden("effect result", &result, &join(&["83 82 09 00", number, "60"]));
        let outcome = cell::EffectOutcome { effect: result.effect, kind: 0x2001, body: vec![1], state };
        golden("effect outcome", &outcome, &join(&["84 82 09 00 192001 41 01", number]));
    }
}

#[test]
fn accounts_and_holds() {
    let account = Account {
        class: AccountClass::Liability,
        limit: Limit::DebitsMustNotExceedCredits,
        debits_posted_minor: 100,
        credits_posted_minor: Account::MAX_TOTAL_MINOR,
        debits_pending_minor: 0,
        credits_pending_minor: 65_535,
    };
    golden("account", &account, "86 01 01 1864 1b4000000000000000 00 19ffff");
    golden("bank", &Account::open(AccountClass::Asset, Limit::None), "86 00 00 00 00 00 00");
    for (state, expires_at_ns, tail) in [
        (HoldState::Pending, START_NS, join(&[START, "82 00 80"])),
        (HoldState::Posted(amount(200)), 0, "00 82 01 81 18c8".into()),
        (HoldState::Voided, 0, "00 82 02 80".into()),
        (HoldState::Expired, 0, "00 82 03 80".into()),
    ] {
        let hold = Hold { debit: purse(7), credit: bank(), amount: amount(500), expires_at_ns, state };
        golden("hold", &hold, &join(&["85", PURSE_7, BANK, "1901f4", &tail]));
    }
}

/// A small market pack, and its bytes.
pub(super) fn market() -> (MarketPack, Vec<u8>) {
    let pack = MarketPack {
        cell: "fr".into(),
        cell_number: 33,
        market: "FR".into(),
        roles: vec![MarketRole::Wallet, MarketRole::Acquirer],
        currency: Currency::EUR,
        other_currencies: vec![Currency::USD],
        time_zone: "Europe/Paris".into(),
        pay_code_prefix: "28".into(),
        mpm_template: 26,
        mpm_guid: "fr.test".into(),
        kyc_tiers: vec![KycTier {
            rank: 1,
            name: "basic".into(),
            transaction_limit: amount(15_000),
            day_limit: amount(30_000),
            month_limit: amount(0),
            balance_limit: amount(100_000),
            year_limit: None,
            lifetime_limit: None,
        }],
        merchant_fee_bps: 30,
        merchant_fee_returned: true,
        refund_window_days: 365,
        cancel_window_hours: 24,
        order_timeout_minutes: 15,
        order_code_minutes: 120,
        pay_code_seconds: 60,
        holidays: vec![20_231_225],
        languages: None,
        settlement: None,
        offline_codes: None,
        code_patterns: None,
        network: None,
        effective_from_ns: None,
        provenance: None,
        settlement_calendar: None,
        proof_above: None,
    };
    let bytes = hex("93 62 6672  1821  62 4652  82 00 01  1903d2  81 190348  6c 4575726f70652f5061726973  62 3238
        181a  67 66722e74657374  81 86 01 65 6261736963 193a98 197530 00 1a000186a0  181e  f5  19016d  1818  0f
        1878  183c  81 1a0134b439");
    (pack, bytes)
}

#[test]
fn market_packs() {
    let (pack, bytes) = market();
    assert_eq!(encode(&pack), bytes);
    assert_eq!(decode::<MarketPack>(&bytes, "market"), Ok(pack));
}

#[test]
fn market_packs_that_say_everything() {
    let small = market().0;
    let tier = |year_limit, lifetime_limit| KycTier { year_limit, lifetime_limit, ..small.kyc_tiers[0].clone() };
    let settlement = SettlementTerms { cut_off_minutes: 1_380, days_after: 1, weekend: vec![6, 7] };
    let participant = ParticipantTerms {
        cell: "fr".into(),
        cell_number: 7,
        currency: Currency::EUR,
        net_debit_cap: amount(200_000_000),
        code_patterns: vec!["guid:x".into()],
    };
    let network = NetworkTerms {
        margin_bps: 50,
        fee_bps: 0,
        fee_returned_on_refund: true,
        quote_seconds: 60,
        quote_grace_seconds: 30,
        rate_max_age_seconds: 3_600,
        window_seconds: 86_400,
        participants: vec![participant],
    };
    let pack = MarketPack {
        kyc_tiers: vec![tier(Some(amount(1_000_000)), None), tier(None, Some(amount(2_000_000)))],
        languages: Some(vec!["fr".into(), "en".into()]),
        settlement: Some(settlement),
        offline_codes: Some(OfflineCodeTerms { count: 5, hours: 72, amount_limit: amount(10_000) }),
        code_patterns: Some(vec!["digits:28".into()]),
        network: Some(network),
        effective_from_ns: Some(1_700_000_000_000_000_000),
        provenance: Some(PackProvenance { text_sha256: [0xab; 32], signer: Some("ops".into()) }),
        settlement_calendar: Some(vec![20_231_115, 20_231_116]),
        proof_above: Some(amount(5_000)),
        ..small
    };
    // 28 fields instead of 19, tiers of 7 and 8 instead of 6; an absent field is null unless it is the last.
    let tier = "01 65 6261736963 193a98 197530 00 1a000186a0";
    let text = [
        "98 1c 62 6672  1821  62 4652  82 00 01  1903d2  81 190348  6c 4575726f70652f5061726973  62 3238",
        &alloc::format!("181a 67 66722e74657374 82 87 {tier} 1a000f4240 88 {tier} f6 1a001e8480"),
        "181e  f5  19016d  1818  0f 1878  183c  81 1a0134b439",
        "82 62 6672 62 656e  83 190564 01 82 06 07  83 05 1848 192710  81 69 6469676974733a3238",
        "88 1832 00 f5 183c 181e 190e10 1a00015180 81 85 62 6672 07 1903d2 1a0bebc200 81 66 677569643a78",
        "1b 17979cfe362a0000",
        &alloc::format!("82 58 20 {} 63 6f7073", "ab".repeat(32)),
        "82 1a 0134b3cb 1a 0134b3cc 191388",
    ];
    let bytes = hex(&text.concat());
    assert_eq!(encode(&pack), bytes);
    assert_eq!(decode::<MarketPack>(&bytes, "market"), Ok(pack));
}
