//! Paying an order from another cell's wallet: the network's quote, and paying exactly that.

use std::time::Duration;

use sycee_acquiring::Order;
use sycee_contract::{Caller, Command, CommandCode, Refusal, decode};
use sycee_engine::CellHandle;
use sycee_interop::command::{ENQUIRE, EnquireBody, EnquireReply, PAY_ABROAD, PayAbroad, PayAbroadReply};
use sycee_interop::quote::{Quote, Target};
use sycee_interop::record::{Enquiry, EnquiryState, Outgoing, OutgoingState};
use sycee_money::{Amount, Money, Rate};
use tokio::time::timeout;

use super::html::Explained;
use crate::state::unreadable;
use crate::wire::failure::Failure;

/// Decimals of a rate that has no finite decimal form, as it is shown to people.
const RATE_DECIMALS: u32 = 8;
const NS: u64 = 1_000_000_000;

/// What the network says of an enquiry.
pub(super) enum Answer {
    Quoted(u64, Box<Quote>),
    Refused(Refusal),
    /// It has not answered in time, or no longer knows the enquiry; nothing was taken.
    Silent,
}

/// What became of a payment.
pub(super) enum Paid {
    Done,
    UnderWay,
    Refused(Refusal),
    /// The quote is over, or of another order: nothing was taken.
    QuoteGone,
}

/// A customer of another cell than the order's.
pub(super) struct PayerAbroad<'a> {
    pub home: &'a CellHandle,
    pub customer: u64,
    /// The order's cell.
    pub destination: u16,
    pub order: &'a Order,
    /// How long other cells are waited for.
    pub wait: Duration,
}

impl PayerAbroad<'_> {
    fn target(&self) -> Target {
        Target::Order { order: self.order.id }
    }

    /// Asks what the order would cost.
    pub async fn enquire(&self) -> Result<Answer, Failure> {
        let body = EnquireBody { destination: self.destination, target: self.target(), amount: None };
        let EnquireReply { enquiry } = match self.ask(ENQUIRE, &body, None).await? {
            Ok(bytes) => decode(&bytes, "reply").map_err(|error| unreadable(format!("{error:?}")))?,
            Err(refusal) => return Ok(Answer::Refused(refusal)),
        };
        let key = Enquiry::key(enquiry);
        let answered = self.home.port.until(&key, |row: Option<Enquiry>| match row.map(|row| row.state) {
            Some(EnquiryState::Asked) => None,
            Some(EnquiryState::Quoted { quote, .. }) => Some(Answer::Quoted(enquiry, Box::new(quote))),
            Some(EnquiryState::Refused { refusal }) => Some(Answer::Refused(refusal)),
            None | Some(EnquiryState::Used { .. }) => Some(Answer::Silent),
        });
        match timeout(self.wait, answered).await {
            Ok(answer) => answer.map_err(unreadable),
            Err(_) => Ok(Answer::Silent),
        }
    }

    /// Pays what an enquiry was quoted. The key is the enquiry's own: a form that is sent twice pays once.
    pub async fn pay(&self, enquiry: u64) -> Result<Paid, Failure> {
        let row = self.home.port.get::<Enquiry>(&Enquiry::key(enquiry)).map_err(unreadable)?;
        let is_ours = |row: &Enquiry| {
            row.payer == self.customer && row.destination == self.destination && row.target == self.target()
        };
        if !row.as_ref().is_some_and(is_ours) {
            return Ok(Paid::QuoteGone);
        }
        let key = format!("enquiry-{enquiry}");
        let PayAbroadReply { payment } = match self.ask(PAY_ABROAD, &PayAbroad { enquiry }, Some(&key)).await? {
            Ok(bytes) => decode(&bytes, "reply").map_err(|error| unreadable(format!("{error:?}")))?,
            Err(refusal) if is_about_the_quote(&refusal) => return Ok(Paid::QuoteGone),
            Err(refusal) => return Ok(Paid::Refused(refusal)),
        };
        let key = Outgoing::key(payment);
        let ended = self.home.port.until(&key, |row: Option<Outgoing>| match row.map(|row| row.state) {
            Some(OutgoingState::Held) => None,
            Some(OutgoingState::Refused { refusal }) => Some(Paid::Refused(refusal)),
            Some(OutgoingState::Done) => Some(Paid::Done),
            Some(OutgoingState::Released) => Some(Paid::QuoteGone),
            None => Some(Paid::UnderWay),
        });
        match timeout(self.wait, ended).await {
            Ok(ended) => ended.map_err(unreadable),
            Err(_) => Ok(Paid::UnderWay),
        }
    }

    async fn ask<B: minicbor::Encode<()>>(
        &self,
        code: CommandCode,
        body: &B,
        key: Option<&str>,
    ) -> Result<Result<Vec<u8>, Refusal>, Failure> {
        let mut command = Command::new(code, Caller::customer(self.customer), body);
        if let Some(key) = key {
            command = command.with_id(key);
        }
        Ok(self.home.port.ask(command).await.map_err(unreadable)?.outcome)
    }
}

fn is_about_the_quote(refusal: &Refusal) -> bool {
    use sycee_interop::refusal::{ENQUIRY_NOT_ANSWERED, ENQUIRY_UNKNOWN, QUOTE_EXPIRED};
    [ENQUIRY_UNKNOWN, ENQUIRY_NOT_ANSWERED, QUOTE_EXPIRED].contains(&refusal.code)
}

/// A quote as the payer reads it.
pub(super) fn explained(quote: &Quote, now_ns: u64) -> Explained {
    let split = &quote.split;
    let own = |amount: Amount| written(Money::new(amount, split.total.currency));
    Explained {
        total: written(split.total),
        rate: format!("1 {} = {} {}", split.payee.currency.code(), decimal(quote.rate), split.total.currency.code()),
        mid: own(split.mid),
        margin_percent: format!("{}.{:02}", quote.margin_bps / 100, quote.margin_bps % 100),
        margin: own(split.margin),
        rounding: own(split.residual),
        fee: own(split.fee),
        seconds: quote.expires_at_ns.saturating_sub(now_ns) / NS,
    }
}

/// An amount with exactly the digits of its currency.
pub(super) fn written(money: Money) -> String {
    format!("{} {}", money.to_decimal(), money.currency.code())
}

/// A rate as a decimal number: exact if it is short, otherwise cut off after eight decimals.
fn decimal(rate: Rate) -> String {
    let exact = rate.to_decimal().filter(|text| {
        text.split_once('.').is_none_or(|(_, decimals)| decimals.len() <= usize::try_from(RATE_DECIMALS).unwrap_or(0))
    });
    exact.unwrap_or_else(|| {
        let (numerator, denominator) = (u128::from(rate.numerator()), u128::from(rate.denominator()));
        // Below 2^64 × 10^8, which 128 bits hold.
        let rest = (numerator % denominator) * 10_u128.pow(RATE_DECIMALS) / denominator;
        format!("{}.{rest:08}…", numerator / denominator)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_exact_or_say_that_they_are_cut_off() {
        for (numerator, denominator, expected) in
            [(1, 1, "1"), (380_125, 10_000, "38.0125"), (1, 3, "0.33333333…"), (1, 1_000_000_000, "0.00000000…")]
        {
            assert_eq!(decimal(Rate::new(numerator, denominator).unwrap()), expected);
        }
    }
}
