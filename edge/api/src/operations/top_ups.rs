//! Money into one's own wallet, of a sandbox's made-up bank. Elsewhere it comes by the operator's bank account, and staff books it.

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::{Caller, Command, Role, decode};
use sycee_wallet::CASH_IN;
use sycee_wallet::command::{CashIn, CashMoved};

use super::Operation;
use crate::desk::{Asked, answer};
use crate::problem::Problem;
use crate::wire::{Digits, MoneyWire};

pub(super) const OPERATIONS: &[Operation] = &[Operation::post("top_up", "/top-ups", |asked| Box::pin(top_up(asked)))
    .says("Puts money of a made-up bank into the caller's own wallet.")
    .asks(CASH_IN)
    .for_roles(&[Role::Customer])
    .takes::<TopUpBody>()
    .gives::<ToppedUp>()
    .for_tests()];

/// What the made-up bank writes on its statement.
const BANK_REFERENCE: &str = "top-up of a sandbox";

/// Money that is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TopUpBody {
    money: MoneyWire,
}

/// Money that has come.
#[derive(Serialize, JsonSchema)]
struct ToppedUp {
    transfer: Digits,
    money: MoneyWire,
    /// What the customer can use now in that currency, minor units as digits.
    balance_minor: Digits,
}

/// The command is the operator's, so its key is made of the customer's number and key: nobody meets another's.
async fn top_up(asked: Asked) -> Result<Response, Problem> {
    let TopUpBody { money } = asked.body()?;
    let customer = asked.caller.party;
    let key = format!("{customer} {}", asked.key.as_deref().unwrap_or_default());
    let key: String =
        asked.cell.vault.digest("top-up", key.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let body = CashIn { customer, money: money.0, bank_reference: BANK_REFERENCE.to_owned() };
    let reply = asked.cell.port.ask(Command::new(CASH_IN, Caller::OPERATOR, &body).with_id(&key)).await?;
    let done = reply.outcome.map_err(|refusal| Problem::refusal(&asked.desk.world.products, refusal))?;
    let CashMoved { transfer, balance_minor } = decode(&done, "reply")?;
    answer(&ToppedUp { transfer: Digits(transfer), money, balance_minor: Digits(balance_minor) }, reply.repeated)
}
