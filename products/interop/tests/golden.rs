//! Golden bytes: what travels between cells and what is kept of it, worked out from RFC 8949 apart from this program (each
//! value's head by its own rule: `8n` list, `0n`/`18`/`19`/`1a`/`1b` number, `4n` bytes, `6n` text, `f4`–`f6` false, true,
//! null). They never change: a new field comes last and is optional. Two cells of different ages read each other's.

use std::fmt::Debug;

use minicbor::{Decode, Encode};
use sycee_contract::{Refusal, decode, encode};
use sycee_interop::clearing::Entry;
use sycee_interop::message::*;
use sycee_interop::quote::{Quote, Split, Target};
use sycee_interop::record::{Forwarded, PaymentName};
use sycee_money::{Amount, Currency, Money, Rate};

#[track_caller]
fn golden<T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + Debug>(value: &T, hex: &str) {
    let digits: Vec<char> = hex.chars().filter(|c| !c.is_whitespace()).collect();
    let pairs = digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap());
    let expected: Vec<u8> = pairs.collect();
    assert_eq!(encode(value), expected, "{value:?}");
    assert_eq!(&decode::<T>(&expected, "golden").unwrap(), value);
}

fn amount(minor: u64) -> Amount {
    Amount::new(minor).unwrap()
}

fn euro(minor: u64) -> Money {
    Money::new(amount(minor), Currency::EUR)
}

fn baht(minor: u64) -> Money {
    Money::new(amount(minor), Currency::from_code("THB").unwrap())
}

const NAME: PaymentName = PaymentName { origin: 3, payment: 112 };
const SPLIT: &str = "86 821903d21904e2 821902fc19baf6 19ba07 18ee 01 00";
/// 38.0985275 is 15 239 411 ÷ 400 000 in lowest terms.
const RATE: &str = "82 1a00e888f3 1a00061a80";

fn quote() -> Quote {
    let split = Split {
        payee: euro(1_250),
        total: baht(47_862),
        mid: amount(47_623),
        margin: amount(238),
        residual: amount(1),
        fee: amount(0),
    };
    Quote {
        id: 192,
        network: 99,
        origin: 3,
        destination: 7,
        payer: 2_088_030_000_000_000,
        target: Target::Order { order: 96 },
        split,
        rate: Rate::parse_decimal("38.0985275").unwrap(),
        rate_source: "simulated".into(),
        rate_at_ns: 1_000,
        margin_bps: 50,
        expires_at_ns: 2_000,
        fee_returned: true,
    }
}

fn quote_hex() -> String {
    format!(
        "8d 18c0 1863 03 07 1b00076b0d5e6e2c00 8200811860 {SPLIT} {RATE} 6973696d756c61746564 1903e8 1832 1907d0 f5"
    )
}

#[test]
fn whom_to_pay_and_what_it_costs() {
    golden(&Target::Order { order: 96 }, "82 00 81 1860");
    let merchant = Target::Merchant { merchant: 2_088_070_000_000_000, store: None, reference: "x".into() };
    golden(&merchant, "82 01 83 1b00076b16ae9dbc00 f6 6178");
    golden(&Target::Customer { customer: 7 }, "82 02 81 07");
    golden(&quote().split, SPLIT);
    golden(&quote(), &quote_hex());
}

#[test]
fn envelopes() {
    let clearing =
        Clearing { money: euro(1_250), owed_to: OwedTo::Sender, settles: false, place: 1, payment: Some(NAME) };
    let hex = "85 821903d21904e2 00 f4 01 82031870";
    golden(&clearing, hex);
    golden(&Envelope { clearing: Some(clearing), body: vec![0x81, 0x05] }, &format!("82 {hex} 42 8105"));
    golden(&Envelope { clearing: None, body: vec![0x80] }, "82 f6 41 80");
}

#[test]
fn messages_of_a_payment() {
    let pay = Pay { payment: 112, quote: 192, held_at_ns: 1_500, payer: 2_088_030_000_000_000 };
    golden(&pay, "84 1870 18c0 1905dc 1b00076b0d5e6e2c00");
    golden(&Deliver { payment: NAME, quote: quote() }, &format!("82 82031870 {}", quote_hex()));
    let delivered =
        Delivered { payment: NAME, at_ns: 1_600, order: 96, order_date: 20_261_123, payee: 2_088_070_000_000_000 };
    golden(&delivered, "85 82031870 190640 1860 1a01352903 1b00076b16ae9dbc00");
    golden(&Refused { payment: 112, refusal: Refusal::new(1_289, "cap") }, "82 1870 82 190509 63636170");
    let refund = Refund { payment: NAME, request: "R1".into(), amount: euro(500), cumulative: amount(500) };
    golden(&refund, "84 82031870 625231 821903d21901f4 1901f4");
    let back = Return {
        payment: 112,
        request: "R1".into(),
        refunded: euro(500),
        cumulative: amount(500),
        returned: baht(19_145),
    };
    golden(&back, "85 1870 625231 821903d21901f4 1901f4 821902fc194ac9");
    let yes = Priced { origin: 3, enquiry: 5, price: Answered::Yes(euro(1_250)) };
    golden(&yes, "83 03 05 82 00 81 821903d21904e2");
    let no = Priced { origin: 3, enquiry: 5, price: Answered::No(Refusal::new(1_286, "q")) };
    golden(&no, "83 03 05 82 01 81 82 190506 6171");
}

#[test]
fn messages_of_a_window() {
    let one = StreamTotals { count: 1, owed_to_sender_minor: 1_250, ..StreamTotals::default() };
    let totals =
        CurrencyTotals { currency: Currency::EUR, from_network: one, from_participant: StreamTotals::default() };
    let hex = "83 1903d2 85011904e2000000 850000000000";
    golden(&totals, hex);
    let places = vec![WindowPlace { currency: Currency::EUR, through: 9, sent_through: 4 }];
    golden(&Draining { window: 4, opened_at_ns: 10, closed_at_ns: 20, places }, "84 04 0a 14 81 831903d20904");
    let instruction = Instruction { money: euro(750), payer: Payer::Participant, due_date: 20_261_124 };
    let answer = WindowAnswer { window: 4, agreed: true, totals: vec![totals], instructions: vec![instruction] };
    golden(&answer, &format!("84 04 f5 81 {hex} 81 83 821903d21902ee 00 1a01352904"));
}

#[test]
fn what_is_kept() {
    let entry = Entry {
        amount: amount(1_250),
        owed_to: OwedTo::Sender,
        settles: false,
        payment: Some(NAME),
        kind: DELIVERED,
        at_ns: 1_600,
        totals: StreamTotals { count: 1, owed_to_sender_minor: 1_250, ..StreamTotals::default() },
        in_suspense: false,
        claimed_place: None,
    };
    golden(&entry, "88 1904e2 00 f4 82031870 190508 190640 85011904e2000000 f4");
    let forwarded = Forwarded {
        name: NAME,
        quote: quote(),
        stands: Stands::Done,
        hold: Some(16),
        forwarded_at_ns: 1_400,
        ended_at_ns: Some(1_700),
        refunded: amount(500),
        returned: amount(19_145),
        moved_minor: -3,
        collects: false,
    };
    let hex = format!("8a 82031870 {} 02 10 190578 1906a4 1901f4 194ac9 22 f4", quote_hex());
    golden(&forwarded, &hex);
}
