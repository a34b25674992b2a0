//! What customers ask: sending money, and codes to be shown.

use axum::response::Response;
use minicbor::bytes::ByteArray;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::command::{CodeTarget, ISSUE_OFFLINE_CODES, ISSUE_PAY_CODE, OfflineCodes};
use sycee_acquiring::refusal::PAY_CODE_TAKEN;
use sycee_acquiring::reply::{OfflineCodesReply, PayCodeReply};
use sycee_contract::decode;
use sycee_engine::CellHandle;
use sycee_wallet::SEND;
use sycee_wallet::command::{Payee, Send, Sent};

use super::Operation;
use crate::desk::{Asked, answer, ok};
use crate::problem::Problem;
use crate::wire::{self, Digits, Instant, MoneyWire, party_number};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("send", "/send", |asked| Box::pin(send(asked)))
        .says("Sends money to another customer of the same cell.")
        .asks(SEND)
        .takes::<SendBody>()
        .may_need_proof()
        .gives::<SentWire>(),
    Operation::post("issue_pay_code", "/pay-code", |asked| Box::pin(issue_pay_code(asked)))
        .says("Makes a payment code that the customer shows to a shop. Its digits are told once.")
        .asks(ISSUE_PAY_CODE)
        .gives::<PayCode>(),
    Operation::post("issue_offline_codes", "/offline-codes", |asked| Box::pin(issue_offline_codes(asked)))
        .says("Makes payment codes for a phone that is offline; they replace the batch before. Told once.")
        .asks(ISSUE_OFFLINE_CODES)
        .takes::<OfflineBody>()
        .gives::<OfflineCodesWire>(),
];

/// More than any market pack allows; the pack's own number is the cell's to judge.
const OFFLINE_CODES_MAX: usize = 100;
/// How often digits are drawn again because a living code has them: three in a row will not be.
const DRAWS: usize = 3;

/// Money for another customer.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SendBody {
    /// The other customer: the party's number (16 digits), or a phone number.
    payee: String,
    money: MoneyWire,
}

/// Money that was sent.
#[derive(Serialize, JsonSchema)]
pub(super) struct SentWire {
    transfer: Digits,
    payee: Digits,
    money: MoneyWire,
    /// What the payer can use now in that currency, minor units as digits.
    balance_minor: Digits,
}

impl From<Sent> for SentWire {
    fn from(sent: Sent) -> Self {
        let Sent { transfer, payee, money, balance_minor } = sent;
        let (transfer, payee, balance_minor) = (Digits(transfer), Digits(payee), Digits(balance_minor));
        Self { transfer, payee, money: MoneyWire(money), balance_minor }
    }
}

async fn send(asked: Asked) -> Result<Response, Problem> {
    let SendBody { payee, money } = asked.body()?;
    asked.may_move(money.0)?;
    let payee = other_customer(&asked.cell, "payee", &payee)?;
    let (sent, replayed): (Sent, bool) = asked.reply(SEND, &Send { payee, money: money.0 }).await?;
    answer(&SentWire::from(sent), replayed)
}

/// Another customer of the cell, by number or phone number.
pub(super) fn other_customer(cell: &CellHandle, field: &'static str, text: &str) -> Result<Payee, Problem> {
    if let Some(number) = party_number(text) {
        if sycee_party::cell_of(number) != Some(cell.number) {
            return Err(Problem::not_offered_abroad(field));
        }
        return Ok(Payee::Party(number));
    }
    Ok(Payee::Contact(contact(cell, &wire::phone(field, text)?)))
}

/// The same of one of a shop's people: their phone may have a wallet too.
pub(crate) fn member_contact(cell: &CellHandle, phone: &str) -> [u8; 32] {
    cell.vault.digest("member-phone", phone.as_bytes())
}

/// The keyed digest by which a party is found by phone number.
pub(crate) fn contact(cell: &CellHandle, phone: &str) -> [u8; 32] {
    cell.vault.digest("phone", phone.as_bytes())
}

/// A payment code.
#[derive(Serialize, JsonSchema)]
struct PayCode {
    /// The digits that the shop scans.
    auth_code: String,
    expires_at: Instant,
}

async fn issue_pay_code(asked: Asked) -> Result<Response, Problem> {
    let facts = asked.desk.codebook.facts(&asked.desk.world, &asked.cell)?;
    for _ in 0..DRAWS {
        let auth_code = facts.new_pay_code()?;
        let target = CodeTarget { code_digest: asked.cell.code_digest(&auth_code) };
        let command = sycee_contract::Command::new(ISSUE_PAY_CODE, asked.caller, &target);
        match asked.cell.port.ask(command).await?.outcome {
            Ok(bytes) => {
                let PayCodeReply { expires_at_ns } = decode(&bytes, "reply")?;
                return ok(&PayCode { auth_code, expires_at: Instant(expires_at_ns) });
            }
            Err(refusal) if refusal.code == PAY_CODE_TAKEN => {}
            Err(refusal) => return Err(Problem::refusal(&asked.desk.world.products, refusal)),
        }
    }
    Err(Problem::internal("no free payment code was drawn", &DRAWS))
}

/// How many codes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfflineBody {
    /// How many; 0 ends the batch before.
    count: usize,
}

/// A batch of payment codes.
#[derive(Serialize, JsonSchema)]
struct OfflineCodesWire {
    /// The digits of each.
    auth_codes: Vec<String>,
    expires_at: Instant,
    /// The most that each pays.
    amount_limit: MoneyWire,
}

async fn issue_offline_codes(asked: Asked) -> Result<Response, Problem> {
    let OfflineBody { count } = asked.body()?;
    if count > OFFLINE_CODES_MAX {
        return Err(Problem::bad_field("count", "is at most 100"));
    }
    let facts = asked.desk.codebook.facts(&asked.desk.world, &asked.cell)?;
    let auth_codes = (0..count).map(|_| facts.new_pay_code()).collect::<Result<Vec<String>, Problem>>()?;
    let code_digests = auth_codes.iter().map(|digits| ByteArray::from(asked.cell.code_digest(digits))).collect();
    let (reply, _): (OfflineCodesReply, bool) =
        asked.reply(ISSUE_OFFLINE_CODES, &OfflineCodes { code_digests }).await?;
    let (expires_at, amount_limit) = (Instant(reply.expires_at_ns), MoneyWire(reply.amount_limit));
    ok(&OfflineCodesWire { auth_codes, expires_at, amount_limit })
}
