//! Peers that say what they may not, twice, unsigned, or too late. A lie takes a place in its stream, so each is told last.

use sycee_contract::encode;
use sycee_contract::link::{Link, Message, Parked, Received};
use sycee_engine::links::step;
use sycee_interop::clearing::suspense_account;
use sycee_interop::command::{RELEASE_PAYMENT, ReleasePayment};
use sycee_interop::message::*;
use sycee_interop::record::{Forwarded, Incoming, Outgoing, OutgoingState, PaymentName};
use sycee_interop::refusal::{PARTICIPANT_CAP, PAYMENT_NOT_WAITING};
use sycee_ledger::OPERATOR;
use sycee_sim::setup::{NETWORK, Options, operator};
use sycee_sim::site::products_without;

use crate::bench::{Bench, minor};

/// The next message of the stream from one cell to another is this one; gives back whether it was parked.
fn say<T: minicbor::Encode<()>>(
    bench: &mut Bench,
    (from, to): (u16, u16),
    kind: u16,
    body: &T,
    clearing: Option<Clearing>,
    evidence: bool,
) -> bool {
    let link: Link = bench.network.at(to).get(&Link::key(from)).unwrap();
    let envelope = Envelope { clearing, body: encode(body) };
    let message = Message { kind, version: 1, sent_at_ns: 0, body: encode(&envelope), evidence };
    let signature = evidence.then(|| vec![0; 64]);
    let command = step::receive_command(from, &message, link.received + 1, signature);
    let reply = bench.network.ask(to, command).unwrap();
    sycee_contract::decode::<Received>(&reply, "reply").unwrap().parked
}

#[test]
fn a_payments_number_is_used_once() {
    let mut bench = Bench::new("th", "fr");
    let (dear, cheap) = (bench.enquire(1_250).unwrap(), bench.enquire(1).unwrap());
    bench.quote(dear).unwrap();
    let second = bench.quote(cheap).unwrap();
    let payment = bench.pay(dear).unwrap();
    bench.network.site(7).close();
    bench.wait(0);
    let name = PaymentName { origin: 3, payment };
    let before: Forwarded = bench.network.at(NETWORK).get(&Forwarded::key(name)).unwrap();
    let pay = Pay { payment, quote: second.id, held_at_ns: second.expires_at_ns - 1, payer: bench.customer };
    assert!(say(&mut bench, (3, NETWORK), PAY, &pay, None, false), "parked for people");
    let after: Forwarded = bench.network.at(NETWORK).get(&Forwarded::key(name)).unwrap();
    assert_eq!(after, before);
    // The payee's cell does not take a second payment of one number either.
    let mut bench = Bench::new("th", "fr");
    let payment = bench.pay_printed(1_250);
    let name = PaymentName { origin: 3, payment };
    let before: Incoming = bench.network.at(7).get(&Incoming::key(name)).unwrap();
    let deliver = Deliver { payment: name, quote: before.quote.clone() };
    let had = bench.merchant_has();
    assert!(say(&mut bench, (NETWORK, 7), DELIVER, &deliver, None, false));
    assert_eq!(bench.merchant_has(), had);
}

#[test]
fn what_a_peer_claims_and_nobody_understands_gives_it_no_room() {
    // Two payments of 379.58 fit below 800.00, a third does not, whatever the payer's cell says that it is owed.
    let mut bench = Bench::of(&Options { net_debit_cap_minor: 80_000, ..Options::of(1, &["th", "fr"]) });
    bench.pay_printed(1_000);
    bench.pay_printed(1_000);
    let enquiry = bench.enquire(1_000).unwrap();
    let quote = bench.quote(enquiry).unwrap();
    let money = bench.from.money(1_000_000_000_000);
    let clearing = Clearing { money, owed_to: OwedTo::Sender, settles: false, place: 1, payment: None };
    assert!(say(&mut bench, (3, NETWORK), 0x05ff, &7_u64, Some(clearing), false));
    let suspense = suspense_account(3, bench.from.currency()).id();
    assert_eq!(bench.balance(NETWORK, suspense).0, -1_000_000_000_000, "booked, because it was said");
    let pay = Pay { payment: 77, quote: quote.id, held_at_ns: quote.expires_at_ns - 1, payer: bench.customer };
    assert!(!say(&mut bench, (3, NETWORK), PAY, &pay, None, false));
    let name = PaymentName { origin: 3, payment: 77 };
    assert_eq!(bench.network.at(NETWORK).get::<Forwarded>(&Forwarded::key(name)), None);
    let outbox = bench.network.at(NETWORK).outbox();
    let (_, answer) = outbox.next(3, 0, usize::MAX, usize::MAX).pop().unwrap();
    let Envelope { body, .. } = sycee_contract::decode(&answer.body, "envelope").unwrap();
    let refused: Refused = sycee_contract::decode(&body, "refused").unwrap();
    assert_eq!((answer.kind, refused.refusal.code), (REFUSED, PARTICIPANT_CAP));
    assert!(!refused.refusal.detail.contains("000"), "what a cell owes travels nowhere: {}", refused.refusal.detail);
}

#[test]
fn what_is_not_signed_said_by_the_wrong_cell_or_owes_what_it_may_not_is_parked() {
    let mut bench = Bench::new("th", "fr");
    let enquiry = bench.enquire(1_250).unwrap();
    bench.quote(enquiry).unwrap();
    let payment = bench.pay(enquiry).unwrap();
    bench.network.site(7).close();
    bench.wait(0);
    let refused = Refused { payment, refusal: sycee_contract::Refusal::new(PARTICIPANT_CAP, "") };
    assert!(say(&mut bench, (NETWORK, 3), REFUSED, &refused, None, false), "a refusal releases only when it is signed");
    assert_eq!(bench.payment(payment).state, OutgoingState::Held);
    let pay = Pay { payment: 1, quote: 1, held_at_ns: 1, payer: bench.customer };
    assert!(say(&mut bench, (NETWORK, 3), PAY, &pay, None, false), "a network does not pay by a participant");
    let money = bench.from.money(5);
    let clearing = Clearing { money, owed_to: OwedTo::Receiver, settles: false, place: 1, payment: None };
    let standing = Standing { payment, stands: Stands::Done };
    assert!(say(&mut bench, (NETWORK, 3), STANDING, &standing, Some(clearing), true), "an answer owes nothing");
    let suspense = suspense_account(NETWORK, bench.from.currency()).id();
    assert_eq!((suspense.owner(), bench.balance(3, suspense).0), (OPERATOR, 5), "and is booked all the same");
    assert_eq!(bench.payment(payment).standing, None);
    assert_eq!(bench.network.at(3).all::<Parked>().len(), 3);
    // Signed, it says that the payee was paid: then people do not release.
    for seconds in [60, 120, 240, 480, 960, 1_920] {
        bench.wait(seconds);
    }
    assert!(!say(&mut bench, (NETWORK, 3), STANDING, &standing, None, true));
    let release = operator(RELEASE_PAYMENT, &ReleasePayment { payment, reference: "file 8".into() });
    assert!(bench.payment(payment).waits_for_people());
    assert_eq!(bench.network.ask(3, release).unwrap_err().code, PAYMENT_NOT_WAITING);
}

#[test]
fn a_payment_that_people_released_is_refused_when_it_is_heard_of_at_last() {
    // The network does not understand the payment, the payee's cell does not understand the delivery.
    for (deaf, kind) in [(NETWORK, &[SEND_MONEY] as &'static [u16]), (7, &[DELIVER])] {
        let mut bench = Bench::new("th", "fr");
        bench.network.open(deaf, products_without(kind));
        let (receiver, had) = (bench.receiver, bench.sender_has());
        bench.send("S1", receiver, 100_000).unwrap();
        bench.network.drain();
        for seconds in [60, 120, 240, 480, 960, 1_920] {
            bench.wait(seconds);
            bench.network.drain();
        }
        let (_, row) = bench.network.at(3).all::<Outgoing>().pop().unwrap();
        let release = operator(RELEASE_PAYMENT, &ReleasePayment { payment: row.id, reference: "file 9".into() });
        bench.network.ask(3, release).unwrap();
        bench.network.drain();
        assert_eq!(bench.sender_has(), had, "the merchant has it back");
        bench.open(deaf);
        assert_eq!(bench.network.retry_parked(), 0, "what was parked is decided now");
        assert_eq!(bench.payment(row.id).state, OutgoingState::Released);
        assert_eq!(bench.sender_has(), had);
        let paid = sycee_wallet::customer_account(receiver, bench.to.currency()).id();
        assert_eq!(bench.balance(7, paid).0, 0, "cell {deaf}: nobody was paid");
        assert_eq!(bench.payment(row.id).returned, minor(0));
        bench.check_money(&[]);
    }
}

impl Bench {
    /// Posted and held of the merchant who sends money.
    fn sender_has(&self) -> (i128, u64) {
        let id = sycee_acquiring::MERCHANT_BALANCE.of(self.sender, self.from.currency());
        self.balance(self.from.number, id)
    }
}
