//! Paying a shop of another cell: what it would cost, and paying exactly that. Everything goes through the customer's own cell;
//! what the other cell answers is read from this cell's rows.

use std::time::Duration;

use sycee_acquiring::refusal::TRADE_HAS_SUCCESS;
use sycee_contract::{Caller, Command, Key, Refusal, decode};
use sycee_engine::CellHandle;
use sycee_interop::command::{ENQUIRE, EnquireBody, EnquireReply, PAY_ABROAD, PayAbroad, PayAbroadReply};
use sycee_interop::quote::{Quote, Target};
use sycee_interop::record::{Enquiry, EnquiryState, OUTGOING, Outgoing, OutgoingState};
use sycee_interop::refusal::{ENQUIRY_NOT_ANSWERED, ENQUIRY_UNKNOWN};
use sycee_money::Money;
use sycee_party::PartyKind;
use tokio::time::{Instant, timeout_at};

use crate::desk::Desk;
use crate::fx::{self, FxJson};
use crate::json::{self, MoneyJson};
use crate::payments::PaymentJson;
use crate::problem::Problem;

/// How long a request waits for other cells, as the Alipay edge does.
pub(crate) const WAIT: Duration = Duration::from_secs(10);

/// A customer who pays a shop of another cell.
pub(crate) struct PayerAbroad<'a> {
    desk: &'a Desk,
    cell: &'a CellHandle,
    customer: u64,
    deadline: Instant,
}

/// What is to be paid.
pub(crate) struct Wanted {
    /// The shop's cell.
    pub destination: u16,
    /// The order, or the shop.
    pub target: Target,
    /// How much, in the shop's currency; for an order it need not be said.
    pub amount: Option<Money>,
}

/// What became of an enquiry.
enum Asked {
    Quoted(Quote),
    Refused(Refusal),
    Used(u64),
}

impl<'a> PayerAbroad<'a> {
    pub fn new(desk: &'a Desk, cell: &'a CellHandle, customer: u64) -> Self {
        Self { desk, cell, customer, deadline: Instant::now() + WAIT }
    }

    /// Quotes, and pays with `confirm`. Under the same key it is the same enquiry, and so the same payment.
    pub async fn pay(&self, wanted: Wanted, confirm: bool, key: Option<&str>) -> Result<PaymentJson<'static>, Problem> {
        let Wanted { destination, target, amount } = wanted;
        self.desk.existing(&json::party(self.customer), PartyKind::Customer)?;
        let is_order = matches!(target, Target::Order { .. });
        let asked_amount = amount.filter(|_| !is_order);
        let body = EnquireBody { destination, target: target.clone(), amount: asked_amount };
        let mut command = Command::new(ENQUIRE, Caller::customer(self.customer), &body);
        if let Some(key) = key {
            command = command.with_id(key);
        }
        let EnquireReply { enquiry } = self.desk.reply(self.cell, command).await?;
        match self.answer(enquiry).await? {
            // Its row is gone, or the payment is under way: what became of it is asked by its number.
            None | Some(Asked::Used(_)) if confirm => self.pay_quoted(enquiry).await,
            None => Err(self.desk.refused(&Refusal::new(ENQUIRY_UNKNOWN, "its time is over"))),
            Some(Asked::Used(payment)) => self.shown(&self.outgoing(payment)?),
            Some(Asked::Refused(refusal)) => self.refused(&refusal, destination, &target),
            Some(Asked::Quoted(quote)) => {
                if amount.is_some_and(|amount| amount != quote.split.payee) {
                    return Err(Problem::bad_field("amount", &format!("is not the order's: {}", quote.split.payee)));
                }
                if confirm { self.pay_quoted(enquiry).await } else { Ok(quoted(enquiry, &quote)) }
            }
        }
    }

    /// Shows a quote again, or pays exactly what it says.
    pub async fn pay_quote(&self, quote_id: &str, confirm: bool) -> Result<PaymentJson<'static>, Problem> {
        let enquiry = quote_id.parse().map_err(|_| Problem::bad_field("quote_id", "is a number as text"))?;
        if confirm {
            return self.pay_quoted(enquiry).await;
        }
        let row: Option<Enquiry> = self.cell.port.get(&Enquiry::key(enquiry))?;
        if row.is_none_or(|row| row.payer != self.customer) {
            return Err(self.desk.refused(&Refusal::new(ENQUIRY_UNKNOWN, format!("enquiry {enquiry}"))));
        }
        match self.answer(enquiry).await? {
            None => Err(self.desk.refused(&Refusal::new(ENQUIRY_UNKNOWN, "its time is over"))),
            Some(Asked::Quoted(quote)) => Ok(quoted(enquiry, &quote)),
            Some(Asked::Refused(refusal)) => Err(self.desk.refused(&refusal)),
            Some(Asked::Used(payment)) => self.shown(&self.outgoing(payment)?),
        }
    }

    /// Waits for the network's answer to an enquiry; `None` if the enquiry is no longer kept.
    async fn answer(&self, enquiry: u64) -> Result<Option<Asked>, Problem> {
        let key = Enquiry::key(enquiry);
        let answered = self.cell.port.until(&key, |row: Option<Enquiry>| match row.map(|row| row.state) {
            None => Some(None),
            Some(EnquiryState::Asked) => None,
            Some(EnquiryState::Quoted { quote, .. }) => Some(Some(Asked::Quoted(quote))),
            Some(EnquiryState::Refused { refusal }) => Some(Some(Asked::Refused(refusal))),
            Some(EnquiryState::Used { payment }) => Some(Some(Asked::Used(payment))),
        });
        match timeout_at(self.deadline, answered).await {
            Ok(answer) => Ok(answer?),
            Err(_) => {
                let detail = format!("the network is asked under quote_id {enquiry}; nothing moved");
                Err(self.desk.refused(&Refusal::new(ENQUIRY_NOT_ANSWERED, detail)))
            }
        }
    }

    /// Pays a quote and waits for the end. The key is the enquiry's own, so a quote is paid once however often it is asked.
    async fn pay_quoted(&self, enquiry: u64) -> Result<PaymentJson<'static>, Problem> {
        let command = Command::new(PAY_ABROAD, Caller::customer(self.customer), &PayAbroad { enquiry });
        let command = command.with_id(&format!("enquiry-{enquiry}"));
        let PayAbroadReply { payment } = self.desk.reply(self.cell, command).await?;
        let key = Outgoing::key(payment);
        let ended = self.cell.port.until(&key, |row: Option<Outgoing>| match row {
            Some(row) if row.state == OutgoingState::Held => None,
            ended => Some(ended),
        });
        let outgoing = match timeout_at(self.deadline, ended).await {
            Ok(Ok(Some(outgoing))) => outgoing,
            Ok(Ok(None)) => return Err(Problem::internal("a payment has no row", &payment)),
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => self.outgoing(payment)?,
        };
        self.shown(&outgoing)
    }

    fn outgoing(&self, payment: u64) -> Result<Outgoing, Problem> {
        let outgoing: Option<Outgoing> = self.cell.port.get(&Outgoing::key(payment))?;
        outgoing.ok_or_else(|| Problem::internal("a payment has no row", &payment))
    }

    /// The customer's own second tap on an order that they have paid is the same payment, as within a cell.
    fn refused(&self, refusal: &Refusal, destination: u16, target: &Target) -> Result<PaymentJson<'static>, Problem> {
        if refusal.code == TRADE_HAS_SUCCESS && matches!(target, Target::Order { .. }) {
            let own = payments_of(self.cell, self.customer)?.into_iter().find(|payment| {
                payment.state == OutgoingState::Done && payment.destination == destination && payment.target == *target
            });
            if let Some(own) = own {
                return self.shown(&own);
            }
        }
        Err(self.desk.refused(refusal))
    }

    fn shown(&self, outgoing: &Outgoing) -> Result<PaymentJson<'static>, Problem> {
        match &outgoing.state {
            OutgoingState::Refused { refusal } => Err(self.desk.refused(refusal)),
            OutgoingState::Released => Err(Problem::released()),
            OutgoingState::Held | OutgoingState::Done => {
                let Some(quote) = &outgoing.quote else {
                    return Err(Problem::internal("a payment has no quote", &outgoing.id));
                };
                let status = if outgoing.state == OutgoingState::Done { "paid" } else { "processing" };
                Ok(PaymentJson { payment_id: outgoing.trade_no(), ..explained(status, quote) })
            }
        }
    }
}

/// All payments of a customer to other cells. It reads all of the cell's: for a sandbox.
pub(crate) fn payments_of(cell: &CellHandle, customer: u64) -> Result<Vec<Outgoing>, Problem> {
    let mut list = all_payments(cell)?;
    list.retain(|payment| payment.payer == customer);
    Ok(list)
}

/// All payments of a cell to other cells.
pub(crate) fn all_payments(cell: &CellHandle) -> Result<Vec<Outgoing>, Problem> {
    let rows = cell.port.begin_read().scan(&Key::new(OUTGOING), None, usize::MAX)?;
    rows.iter().map(|(_, bytes)| decode(bytes, "outgoing").map_err(Problem::from)).collect()
}

fn quoted(enquiry: u64, quote: &Quote) -> PaymentJson<'static> {
    PaymentJson {
        quote_id: Some(enquiry.to_string()),
        expires_at: Some(json::instant(quote.expires_at_ns)),
        ..explained("quoted", quote)
    }
}

fn explained(status: &'static str, quote: &Quote) -> PaymentJson<'static> {
    PaymentJson {
        payment_id: None,
        quote_id: None,
        status,
        order_amount: MoneyJson(quote.split.payee),
        paid_amount: MoneyJson(quote.split.total),
        fee_amount: fx::fee(quote),
        payee_name: None,
        expires_at: None,
        fx: Some(FxJson::of(quote)),
    }
}
