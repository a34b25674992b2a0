//! Paying a shop's printed code.

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::command::{PAY_STATIC, PayStatic};
use sycee_acquiring::number::number;
use sycee_acquiring::reply::PayStaticReply;
use sycee_money::Money;

use super::Operation;
use crate::codebook::Target;
use crate::desk::{Asked, answer};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire};

pub(super) const OPERATIONS: &[Operation] =
    &[Operation::post("pay_printed_code", "/pay-printed-code", |asked| Box::pin(pay_printed_code(asked)))
        .says("Pays a shop's printed code: the customer types the amount.")
        .asks(PAY_STATIC)
        .takes::<PrintedBody>()
        .may_need_proof()
        .gives::<PrintedPaid>()];

/// A payment of a printed code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PrintedBody {
    /// The text of the code.
    code: String,
    /// The price.
    total: MoneyWire,
    /// What it is for, up to 64 characters.
    #[serde(default)]
    reference: String,
}

/// A payment that was made.
#[derive(Serialize, JsonSchema)]
struct PrintedPaid {
    /// The number of the order that was made of it: 28 digits.
    trade_no: String,
    merchant: Digits,
    total: MoneyWire,
    /// What the buyer paid of the price.
    payer_amount: MoneyWire,
    paid_at: Instant,
}

/// One command, no row read: the path that a crowd pays by.
async fn pay_printed_code(asked: Asked) -> Result<Response, Problem> {
    let PrintedBody { code, total: MoneyWire(total), reference } = asked.body()?;
    asked.may_move(total)?;
    let target = asked.desk.codebook.target_at_home(&asked.desk.world, &asked.cell, &code)?;
    let Target::Shop { merchant, store } = target else {
        return Err(Problem::bad_field("code", "is one order's: pay that by its trade number"));
    };
    let body = PayStatic { merchant, store, total, reference };
    let (reply, replayed): (PayStaticReply, bool) = asked.reply(PAY_STATIC, &body).await?;
    let date = asked.desk.codebook.facts(&asked.desk.world, &asked.cell)?.date_at(reply.paid_at_ns);
    let paid = PrintedPaid {
        trade_no: number(date, asked.cell.number, merchant, reply.id),
        merchant: Digits(merchant),
        total: MoneyWire(total),
        payer_amount: MoneyWire(Money::new(reply.payer_amount, total.currency)),
        paid_at: Instant(reply.paid_at_ns),
    };
    answer(&paid, replayed)
}
