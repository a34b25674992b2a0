//! The payer's cell: money is held before anything leaves, posted when the payee was paid, and released only on a signed
//! refusal. Such a hold never expires by time.

use alloc::format;
use alloc::vec::Vec;

use sycee_acquiring::abroad::{self, Begun};
use sycee_acquiring::command::TransferToCustomer;
use sycee_acquiring::reply::TransferReply;
use sycee_contract::link::Receipt;
use sycee_contract::{Caller, Charge, Command, Deciding, Event, Stop, TimerId, cell, encode};
use sycee_ledger::{AccountId, HoldId};
use sycee_money::{Amount, Money};

use super::arrival::Arrival;
use super::enquiring::network_of;
use super::{bad_field, refuse};
use crate::clearing::{clearing_account, send, suspense_account};
use crate::command::{self, Numbered, PayAbroad, PayAbroadReply};
use crate::event::{EVENT_PAYMENT_ABROAD_ENDED, Ending, PaymentEnded};
use crate::message::{Accepted, OwedTo, PAY, Pay, Refused, SEND_MONEY, SendMoney};
use crate::purpose;
use crate::quote::{Quote, Target};
use crate::record::{Enquiry, EnquiryState, Outgoing, OutgoingState, Receipt as PaymentReceipt};
use crate::refusal::{ENQUIRY_NOT_ANSWERED, ENQUIRY_UNKNOWN, QUOTE_EXPIRED};

/// After how many seconds without an answer the network is asked; each further time takes twice as long.
pub(super) const ASK_AFTER_SECONDS: u64 = 60;

pub(super) fn pay(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let PayAbroad { enquiry } = cell::body(command)?;
    let found = deciding.get::<Enquiry>(&Enquiry::key(enquiry))?;
    let Some(mut enquiry) = found.filter(|enquiry| enquiry.payer == command.caller.party) else {
        return refuse(ENQUIRY_UNKNOWN, format!("enquiry {enquiry}"));
    };
    let (quote, signature) = match enquiry.state {
        EnquiryState::Used { payment } => return Ok(encode(&PayAbroadReply { payment })),
        EnquiryState::Asked => return refuse(ENQUIRY_NOT_ANSWERED, "the network has not quoted yet"),
        EnquiryState::Refused { refusal } => return Err(refusal.into()),
        EnquiryState::Quoted { quote, signature } => (quote, signature),
    };
    if deciding.stamp().time_ns >= quote.expires_at_ns {
        return refuse(QUOTE_EXPIRED, "the quote's time is over");
    }
    let payment = hold(quote, signature, command.caller.party, true, deciding)?;
    enquiry.state = EnquiryState::Used { payment };
    deciding.put(Enquiry::key(enquiry.id), &enquiry);
    Ok(encode(&PayAbroadReply { payment }))
}

/// Holds the payer's money for a quote and tells the network; gives back the payment's id.
pub(super) fn hold(
    quote: Quote,
    signature: Option<Vec<u8>>,
    payer: u64,
    telling: bool,
    deciding: &mut Deciding<'_>,
) -> Result<u64, Stop> {
    let (network, total) = (quote.network, quote.split.total);
    deciding.require_link(network)?;
    let charge = Charge { payer, payee: 0, price: total, reference: format!("quote {}", quote.id) };
    let source = deciding.fund(&charge, total.amount)?;
    let Some(source) = source.filter(|source| source.available_minor >= total.amount.minor()) else {
        // A shop that collects must not learn what the customer has.
        let detail = if telling { format!("{total} are needed") } else { "the buyer has not enough".into() };
        return refuse(sycee_acquiring::refusal::BUYER_BALANCE_NOT_ENOUGH, detail);
    };
    let clearing = clearing_account(network, total.currency);
    let hold = deciding.hold(source.account, clearing, total.amount, 0, purpose::PAYMENT)?;
    let held = Held { payer, network, account: source.account, hold, total };
    let payment = open(&held, quote.destination, quote.target.clone(), None, deciding)?;
    let held_at_ns = deciding.stamp().time_ns;
    send(deciding, network, PAY, &Pay { payment: payment.id, quote: quote.id, held_at_ns, payer }, false)?;
    let id = payment.id;
    deciding.put(Outgoing::key(id), &Outgoing { quote: Some(quote), signature, ..payment });
    Ok(id)
}

struct Held {
    payer: u64,
    network: u16,
    account: AccountId,
    hold: HoldId,
    total: Money,
}

fn open(
    held: &Held,
    destination: u16,
    target: Target,
    out_biz_no: Option<alloc::string::String>,
    deciding: &mut Deciding<'_>,
) -> Result<Outgoing, Stop> {
    let id = deciding.new_id()?;
    let timer = ask_later(id, 0, deciding);
    Ok(Outgoing {
        id,
        payer: held.payer,
        network: held.network,
        destination,
        target,
        total: held.total,
        account: held.account,
        hold: held.hold,
        state: OutgoingState::Held,
        quote: None,
        signature: None,
        held_at_ns: deciding.stamp().time_ns,
        ended_at_ns: None,
        receipt: None,
        refunded: Amount::ZERO,
        returned: Amount::ZERO,
        asked: 0,
        timer: Some(timer),
        standing: None,
        out_biz_no,
        waiting_refunds: Amount::ZERO,
    })
}

/// Sets the timer that asks the network about a payment for the `asked + 1`-th time.
pub(super) fn ask_later(payment: u64, asked: u32, deciding: &mut Deciding<'_>) -> TimerId {
    let seconds = ASK_AFTER_SECONDS.saturating_mul(1_u64.checked_shl(asked).unwrap_or(u64::MAX));
    let ask = Command::new(command::ASK_ABOUT, Caller::SYSTEM, &Numbered { id: payment });
    deciding.timer(deciding.stamp().after_seconds(seconds), &ask)
}

/// A merchant sends money to a customer of another cell: so much of its own currency, converted at the rate of the moment.
pub(super) fn send_money(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    // As a merchant's transfers at home.
    sycee_party::require_member_role(deciding, command.caller, sycee_party::MemberRole::Owner)?;
    let body: TransferToCustomer = cell::body(command)?;
    let (payee, money, out_biz_no) = (body.payee, body.money, body.out_biz_no.clone());
    let destination = sycee_party::cell_of(payee).unwrap_or(0);
    let from = command.caller.party;
    let known = network_of(deciding, destination);
    // What was begun before is answered whether or not the other cell still takes part.
    let network = match &known {
        Ok(network) => *network,
        Err(Stop::Refuse(_)) => 0,
        Err(stop) => return Err(stop.clone()),
    };
    let towards = clearing_account(network, money.currency);
    let (transfer, hold) = match abroad::begin_transfer(deciding, from, body, towards)? {
        Begun::Before(transfer) => return Ok(encode(&TransferReply { transfer, repeated: true })),
        Begun::Now(transfer, hold) => (transfer, hold),
    };
    known?;
    deciding.require_link(network)?;
    let account = sycee_acquiring::MERCHANT_BALANCE.of(from, money.currency);
    let held = Held { payer: from, network, account, hold, total: money };
    let target = Target::Customer { customer: payee };
    let payment = open(&held, destination, target.clone(), Some(out_biz_no), deciding)?;
    let body = SendMoney { payment: payment.id, payer: from, total: money, destination, target };
    send(deciding, network, SEND_MONEY, &body, false)?;
    deciding.put(Outgoing::key(payment.id), &payment);
    Ok(encode(&TransferReply { transfer, repeated: false }))
}

/// The payee was paid: the held money is posted.
pub(super) fn accepted(arrival: &Arrival, body: Accepted, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let Accepted { delivered, quote } = body;
    let key = Outgoing::key(delivered.payment.payment);
    let is_ours = delivered.payment.origin == deciding.stamp().cell;
    let found = deciding.get::<Outgoing>(&key)?;
    let Some(mut payment) =
        found.filter(|payment| is_ours && payment.network == arrival.peer && payment.state == OutgoingState::Held)
    else {
        return Ok(Receipt::Park("no payment of this number holds money".into()));
    };
    arrival.check(payment.total, OwedTo::Sender)?;
    deciding.concerning(payment.id);
    deciding.post_hold(payment.hold, payment.total.amount, purpose::PAYMENT)?;
    arrival.book(None, deciding)?;
    let (order, order_date, payee) = (delivered.order, delivered.order_date, delivered.payee);
    payment.receipt = Some(PaymentReceipt { order, order_date, payee });
    if payment.quote.is_none() {
        if quote.split.total != payment.total || !quote.adds_up() {
            return bad_field("quote");
        }
        payment.quote = Some(quote);
        payment.signature.clone_from(&arrival.signature);
    }
    end(&mut payment, OutgoingState::Done, deciding)?;
    if !payment.waiting_refunds.is_zero() {
        let suspense = suspense_account(arrival.peer, payment.total.currency);
        deciding.concerning(payment.id);
        deciding.transfer(suspense, payment.account, payment.waiting_refunds, purpose::RETURN)?;
        payment.waiting_refunds = Amount::ZERO;
    }
    deciding.put(key, &payment);
    Ok(Receipt::Applied)
}

/// The payee will not be paid: the held money is released.
pub(super) fn refused(arrival: &Arrival, body: Refused, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let key = Outgoing::key(body.payment);
    let found = deciding.get::<Outgoing>(&key)?.filter(|payment| payment.network == arrival.peer);
    let Some(mut payment) = found else {
        return Ok(Receipt::Park("no payment has this number".into()));
    };
    match payment.state {
        OutgoingState::Held => {
            deciding.void_hold(payment.hold)?;
            end(&mut payment, OutgoingState::Refused { refusal: body.refusal }, deciding)?;
            deciding.put(key, &payment);
            Ok(Receipt::Applied)
        }
        // A person released the money before; the network says now that they were right.
        OutgoingState::Released | OutgoingState::Refused { .. } => Ok(Receipt::Applied),
        OutgoingState::Done => Ok(Receipt::Park("the payment was done before".into())),
    }
}

/// Marks the end of a payment; the caller writes the row.
pub(super) fn end(payment: &mut Outgoing, state: OutgoingState, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    if let Some(timer) = payment.timer.take() {
        deciding.cancel_timer(timer);
    }
    if let Some(out_biz_no) = &payment.out_biz_no {
        abroad::end_transfer(deciding, payment.payer, out_biz_no, state == OutgoingState::Done)?;
    }
    let ending = match &state {
        OutgoingState::Done => Some(Ending::Done),
        OutgoingState::Refused { .. } => Some(Ending::Refused),
        OutgoingState::Released => Some(Ending::Released),
        OutgoingState::Held => None,
    };
    payment.state = state;
    payment.ended_at_ns = Some(deciding.stamp().time_ns);
    if let Some(ending) = ending {
        let (payer, total, out_biz_no) = (payment.payer, payment.total, payment.out_biz_no.clone());
        let ended = PaymentEnded { payment: payment.id, payer, total, ending, out_biz_no };
        deciding.emit(Event { kind: EVENT_PAYMENT_ABROAD_ENDED, body: encode(&ended) });
    }
    Ok(())
}
