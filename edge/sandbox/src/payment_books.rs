//! What one payment across a border has moved in each cell's books, from that cell's rows of the payment alone: so that three
//! books can be laid side by side and compared.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use sycee_engine::ReadPoint;
use sycee_interop::message::Stands;
use sycee_interop::quote::Shares;
use sycee_interop::record::{Forwarded, Incoming, Outgoing, OutgoingState, PaymentName};
use sycee_money::{Amount, Currency, Money};

use crate::desk::Desk;
use crate::json::{self, MoneyJson};
use crate::problem::Problem;

#[derive(Serialize)]
struct BooksJson {
    /// The payer's cell's number of the payment.
    payment: String,
    /// The payer's cell, the network, the payee's cell: those of this server.
    cells: Vec<CellBook>,
}

#[derive(Serialize)]
struct CellBook {
    cell: String,
    /// What the cell is for this payment: `payer`, `network` or `payee`.
    part: &'static str,
    movements: Vec<Movement>,
    /// What the payment makes owed between this cell and others, refunds taken off.
    owed: Vec<Owed>,
}

#[derive(Serialize, PartialEq, Eq, Debug)]
struct Movement {
    /// `payment` or `refund`. All refunds are added up.
    phase: &'static str,
    debit: Account,
    credit: Account,
    amount: MoneyJson,
}

/// An account, by its kind's name and what tells it from others of the kind.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
struct Account {
    account: &'static str,
    /// The cell on the other side, or the position's other currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<String>,
}

#[derive(Serialize, PartialEq, Eq, Debug)]
struct Owed {
    peer: String,
    currency: &'static str,
    /// What the peer owes this cell; below zero, what this cell owes.
    minor: i128,
}

fn account(account: &'static str) -> Account {
    Account { account, with: None }
}

fn clearing(peer: &str) -> Account {
    Account { account: "clearing", with: Some(peer.to_owned()) }
}

/// The network's position, named by the other currency.
fn position(against: Currency) -> Account {
    Account { account: "fx_position", with: Some(against.code().to_owned()) }
}

/// Movements in the order in which they are booked; nothing is no movement.
#[derive(Default)]
struct Book(Vec<Movement>);

impl Book {
    fn add(&mut self, phase: &'static str, debit: &Account, credit: &Account, amount: Money) {
        if !amount.amount.is_zero() {
            let (debit, credit) = (debit.clone(), credit.clone());
            self.0.push(Movement { phase, debit, credit, amount: MoneyJson(amount) });
        }
    }

    /// The same, the other way round below zero.
    fn add_signed(
        &mut self,
        phase: &'static str,
        debit: &Account,
        credit: &Account,
        minor: i128,
        currency: Currency,
    ) -> Result<(), Problem> {
        let amount = u64::try_from(minor.unsigned_abs()).ok().and_then(|minor| Amount::new(minor).ok());
        let amount = amount.ok_or_else(|| Problem::internal("a part of a payment is no amount", &minor))?;
        let (debit, credit) = if minor < 0 { (credit, debit) } else { (debit, credit) };
        self.add(phase, debit, credit, Money::new(amount, currency));
        Ok(())
    }
}

/// `GET /payments/{cell}/{payment}/books`: the payer's cell and its number of the payment.
pub(crate) async fn books(
    State(desk): State<Arc<Desk>>,
    Path((cell, payment)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let origin = desk.cell(&cell)?;
    let payment = payment.parse().map_err(|_| Problem::no_such_path())?;
    let Some(outgoing) = origin.port.get::<Outgoing>(&Outgoing::key(payment))? else {
        let title = "No payment to another cell has this number.";
        let detail = format!("payment {payment} of {cell}");
        return Err(Problem::new(StatusCode::NOT_FOUND, "payment_not_found", title, detail));
    };
    let name = PaymentName { origin: origin.number, payment };
    let mut cells = vec![of_payer(&desk, &cell, &outgoing)];
    if let Some(network) = desk.world().numbered(outgoing.network) {
        cells.extend(of_network(&desk, &network.name, name, &network.port.begin_read())?);
    }
    if let Some(payee) = desk.world().numbered(outgoing.destination) {
        cells.extend(of_payee(&desk, &payee.name, name, &payee.port.begin_read())?);
    }
    Ok(json::ok(&BooksJson { payment: payment.to_string(), cells }))
}

fn of_payer(desk: &Desk, cell: &str, outgoing: &Outgoing) -> CellBook {
    let (peer, currency) = (desk.cell_name(outgoing.network), outgoing.total.currency);
    let (payer, network) = (account("balance"), clearing(&peer));
    let mut book = Book::default();
    let mut owed = Vec::new();
    if outgoing.state == OutgoingState::Done {
        let returned = Money::new(outgoing.returned, currency);
        book.add("payment", &payer, &network, outgoing.total);
        book.add("refund", &network, &payer, returned);
        owed.push(Owed { peer, currency: currency.code(), minor: left(outgoing.returned, outgoing.total.amount) });
    }
    CellBook { cell: cell.to_owned(), part: "payer", movements: book.0, owed }
}

fn of_network(desk: &Desk, cell: &str, name: PaymentName, point: &ReadPoint) -> Result<Option<CellBook>, Problem> {
    let Some(forwarded) = point.get::<Forwarded>(&Forwarded::key(name))? else { return Ok(None) };
    let mut owed = Vec::new();
    let mut book = Book::default();
    if forwarded.stands == Stands::Done {
        let split = forwarded.quote.split;
        let (origin, destination) = (desk.cell_name(name.origin), desk.cell_name(forwarded.quote.destination));
        let parts = split.shares(Amount::ZERO, forwarded.refunded, forwarded.quote.fee_returned);
        let parts = parts.map_err(|error| Problem::internal("a refund has no shares", &format!("{error:?}")))?;
        network_movements(&mut book, &forwarded, &parts, &origin, &destination)?;
        let theirs = left(split.total.amount, forwarded.returned);
        owed.push(Owed { peer: origin, currency: split.total.currency.code(), minor: theirs });
        let ours = left(forwarded.refunded, split.payee.amount);
        owed.push(Owed { peer: destination, currency: split.payee.currency.code(), minor: ours });
    }
    Ok(Some(CellBook { cell: cell.to_owned(), part: "network", movements: book.0, owed }))
}

fn network_movements(
    book: &mut Book,
    forwarded: &Forwarded,
    back: &Shares,
    origin: &str,
    destination: &str,
) -> Result<(), Problem> {
    let split = forwarded.quote.split;
    let (paid, currency) = (split.total.currency, split.payee.currency);
    let (paid_position, price_position) = (position(currency), position(paid));
    let (payer, payee) = (clearing(origin), clearing(destination));
    let of = |amount| Money::new(amount, paid);
    book.add("payment", &payer, &paid_position, split.total);
    book.add("payment", &paid_position, &account("fx_margin"), of(split.margin));
    book.add("payment", &paid_position, &account("fx_residual"), of(split.residual));
    book.add("payment", &paid_position, &account("network_fee"), of(split.fee));
    book.add("payment", &price_position, &payee, split.payee);
    if !forwarded.refunded.is_zero() {
        book.add("refund", &payee, &price_position, Money::new(forwarded.refunded, currency));
        for (income, minor) in
            [("fx_margin", back.margin_minor), ("fx_residual", back.residual_minor), ("network_fee", back.fee_minor)]
        {
            book.add_signed("refund", &account(income), &paid_position, minor, paid)?;
        }
        let moved_minor = i128::from(forwarded.moved_minor);
        book.add_signed("refund", &account("fx_result"), &paid_position, moved_minor, paid)?;
        book.add("refund", &paid_position, &payer, of(forwarded.returned));
    }
    Ok(())
}

/// The payee is paid, and pays back, by way of the transit account, which is left out: it is empty again at once.
fn of_payee(desk: &Desk, cell: &str, name: PaymentName, point: &ReadPoint) -> Result<Option<CellBook>, Problem> {
    let Some(incoming) = point.get::<Incoming>(&Incoming::key(name))? else { return Ok(None) };
    let (peer, price) = (desk.cell_name(incoming.network), incoming.quote.split.payee);
    let payee = account(if incoming.order == 0 { "balance" } else { "merchant_balance" });
    let network = clearing(&peer);
    let mut book = Book::default();
    book.add("payment", &network, &payee, price);
    book.add("refund", &payee, &network, Money::new(incoming.refunded, price.currency));
    let minor = left(price.amount, incoming.refunded);
    let owed = vec![Owed { peer, currency: price.currency.code(), minor }];
    Ok(Some(CellBook { cell: cell.to_owned(), part: "payee", movements: book.0, owed }))
}

fn left(of: Amount, taken: Amount) -> i128 {
    i128::from(of.minor()) - i128::from(taken.minor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_no_movement_and_below_zero_goes_the_other_way() {
        let baht = Currency::from_code("THB").unwrap();
        let (margin, net) = (account("fx_margin"), clearing("net"));
        for (minor, expected) in [(0, None), (7, Some((&margin, &net))), (-7, Some((&net, &margin)))] {
            let mut book = Book::default();
            book.add_signed("refund", &margin, &net, minor, baht).unwrap();
            assert_eq!(book.0.first().map(|movement| (&movement.debit, &movement.credit)), expected, "{minor}");
        }
        let mut book = Book::default();
        assert!(book.add_signed("refund", &margin, &net, i128::MAX, baht).is_err());
    }
}
