//! Payouts and the operator's own money beside them: what merchants see, and what the operator's finance does.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::parse_trade_no;
use sycee_acquiring::payout::{PAYOUT, Payout, PayoutReply, PayoutState, RESOLVE_PAYOUT, ResolvePayout};
use sycee_acquiring::settlement::{AdvanceFundsReply, MOVE_ADVANCE_FUNDS, MoveAdvanceFunds};
use sycee_contract::{EffectRecord, EffectState, Key, Role, decode};
use sycee_engine::CellHandle;
use sycee_party::{MemberRole, StaffRole};

use super::Operation;
use super::settlement::date_text;
use crate::desk::{Asked, answer, ok};
use crate::lists::{Lister, Page, Paging, Slice, Sorting, Walk, page};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire};

const OPERATOR: &[Role] = &[Role::Operator];
const FINANCE: &[StaffRole] = &[StaffRole::Finance];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("show_payout", "/payouts/{payout}", |asked| Box::pin(show_payout(asked)))
        .says("A payout: a merchant's own, or any for the operator's finance.")
        .for_roles(&[Role::Merchant, Role::Operator])
        .for_staff(FINANCE)
        .for_members(MemberRole::Manager)
        .gives::<PayoutWire>(),
    Operation::get("list_payouts", "/payouts", |asked| Box::pin(list_payouts(asked)))
        .says("Payouts to merchants' banks, all or those of which somebody must look at something.")
        .for_roles(OPERATOR)
        .for_staff(FINANCE)
        .queries::<PayoutQuery>()
        .gives::<Page<PayoutWire>>(),
    Operation::post("resolve_payout", "/payouts/{payout}/resolve", |asked| Box::pin(resolve(asked)))
        .says("Says what became of a payout of which the bank does not say it.")
        .asks(RESOLVE_PAYOUT)
        .for_staff(FINANCE)
        .takes::<ResolveBody>()
        .gives::<PayoutWire>(),
    Operation::post("move_advance_funds", "/advance-funds", |asked| Box::pin(move_funds(asked)))
        .says("Puts the operator's own money aside for refunds beyond merchants' balances, or takes it back.")
        .asks(MOVE_ADVANCE_FUNDS)
        .for_staff(FINANCE)
        .takes::<FundsBody>()
        .gives::<FundsWire>(),
];

/// Money that goes to a merchant's bank.
#[derive(Serialize, JsonSchema)]
struct PayoutWire {
    /// Its number, 28 digits: the end-to-end id that stands on the bank's statement.
    payout: String,
    merchant: Digits,
    money: MoneyWire,
    /// The business date that pays it, and the day on which the bank is to.
    settlement_date: String,
    execution_date: String,
    /// `requested`, `sent`, `settled`, `returned` (the money is in the balance again) or `unknown`.
    state: &'static str,
    state_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_reference: Option<String>,
    /// Why it came back, or why nothing is known: the bank's code, or a person's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The bank's reference of a payment that it says to have made after the money was back: a person must look.
    #[serde(skip_serializing_if = "Option::is_none")]
    contradiction: Option<String>,
}

fn payout_wire(cell: &CellHandle, payout: Payout) -> Result<PayoutWire, Problem> {
    let effect: Option<EffectRecord> = cell.port.get(&payout.effect().key())?;
    let has_left = effect.is_none_or(|effect| effect.state != EffectState::Requested);
    Ok(PayoutWire {
        payout: payout.number(cell.number),
        merchant: Digits(payout.merchant),
        money: MoneyWire(payout.money),
        settlement_date: date_text(payout.settlement_date),
        execution_date: date_text(payout.execution_date),
        state: match payout.state {
            PayoutState::Requested if has_left => "sent",
            PayoutState::Requested => "requested",
            PayoutState::Settled => "settled",
            PayoutState::Returned => "returned",
            PayoutState::Unknown => "unknown",
        },
        state_at: Instant(payout.state_at_ns),
        bank_reference: payout.bank_reference,
        reason: payout.reason,
        contradiction: payout.contradiction,
    })
}

/// The payout of the number in the path, whoever asks.
fn payout(asked: &Asked) -> Result<Payout, Problem> {
    let no_such = || Problem::not_found("there is no payout of this number");
    let text = asked.path("payout");
    let (cell, id) = parse_trade_no(text).ok_or_else(no_such)?;
    let payout: Payout = asked.cell.port.get(&Payout::key(id))?.ok_or_else(no_such)?;
    let is_the_callers = asked.caller.role == Role::Operator || payout.merchant == asked.caller.party;
    let same = cell == asked.cell.number && payout.number(cell) == text && is_the_callers;
    if same { Ok(payout) } else { Err(no_such()) }
}

async fn show_payout(asked: Asked) -> Result<Response, Problem> {
    let payout = payout(&asked)?;
    ok(&payout_wire(&asked.cell, payout)?)
}

/// Which payouts.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum WantedPayouts {
    /// Neither settled nor returned yet.
    Open,
    /// The bank does not say what became of them.
    Unknown,
    /// The money is in the balance again.
    Returned,
    /// The bank said that it had paid them after it had given the money back.
    Contradicted,
}

impl WantedPayouts {
    fn is(self, payout: &Payout) -> bool {
        match self {
            Self::Open => payout.state.is_open(),
            Self::Unknown => payout.state == PayoutState::Unknown,
            Self::Returned => payout.state == PayoutState::Returned,
            Self::Contradicted => payout.contradiction.is_some(),
        }
    }
}

/// Which page of which payouts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PayoutQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
    /// In which order; `newest` if left out.
    #[serde(default)]
    order: Sorting,
    /// All if left out.
    state: Option<WantedPayouts>,
}

/// A cell's payouts.
struct Payouts {
    cell: Arc<CellHandle>,
    wanted: Option<WantedPayouts>,
    sorting: Sorting,
}

impl Lister for Payouts {
    type Item = PayoutWire;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<PayoutWire>, Problem> {
        let walk = Walk::new(Key::new(PAYOUT), self.sorting);
        walk.slice(&self.cell.port.begin_read(), after, limit, &mut |_, row| {
            let payout: Payout = decode(row, "payout")?;
            let is_wanted = self.wanted.is_none_or(|wanted| wanted.is(&payout));
            if is_wanted { payout_wire(&self.cell, payout).map(Some) } else { Ok(None) }
        })
    }
}

async fn list_payouts(asked: Asked) -> Result<Response, Problem> {
    let PayoutQuery { cursor, limit, order, state } = asked.query()?;
    let paging = Paging::new(cursor.as_deref(), limit)?;
    page(paging, Payouts { cell: Arc::clone(&asked.cell), wanted: state, sorting: order }).await
}

/// What a person has found out.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ResolveBody {
    /// Whether the bank has paid it; otherwise the money goes back to the merchant's balance.
    is_settled: bool,
    /// The bank's reference, 1 to 35 characters.
    bank_reference: String,
    /// Why, up to 140 characters, without personal data.
    reason: String,
}

async fn resolve(asked: Asked) -> Result<Response, Problem> {
    let ResolveBody { is_settled, bank_reference, reason } = asked.body()?;
    let body = ResolvePayout { payout: payout(&asked)?.id, is_settled, bank_reference, reason };
    let (reply, _): (PayoutReply, bool) = asked.reply(RESOLVE_PAYOUT, &body).await?;
    ok(&payout_wire(&asked.cell, reply.payout)?)
}

/// The operator's own money.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FundsBody {
    money: MoneyWire,
    /// Whether it is taken back.
    #[serde(default)]
    is_withdrawal: bool,
    /// The bank's own reference, 1 to 64 printable ASCII characters.
    bank_reference: String,
}

/// What can be advanced now.
#[derive(Serialize, JsonSchema)]
struct FundsWire {
    available: MoneyWire,
}

async fn move_funds(asked: Asked) -> Result<Response, Problem> {
    let FundsBody { money: MoneyWire(money), is_withdrawal, bank_reference } = asked.body()?;
    let body = MoveAdvanceFunds { money, is_withdrawal, bank_reference };
    let (reply, replayed): (AdvanceFundsReply, bool) = asked.reply(MOVE_ADVANCE_FUNDS, &body).await?;
    answer(&FundsWire { available: MoneyWire(reply.available) }, replayed)
}
