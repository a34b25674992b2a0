//! Settlement of a merchant by business dates, with a made-up bank account. A merchant for whom nobody asks this keeps its proceeds
//! in its balance.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sycee_acquiring::settlement::{
    AdvanceFundsReply, MOVE_ADVANCE_FUNDS, MerchantTerms, MoveAdvanceFunds, PayoutSchedule, SET_BANK_ACCOUNT,
    SET_SETTLEMENT_TERMS, SetBankAccount, SetSettlementTerms,
};
use sycee_contract::{Caller, Command, MarketRole};
use sycee_engine::vault::{AccountNumber, BankAccount, Handle};
use sycee_money::{Amount, Money};
use sycee_party::PartyKind;

use crate::desk::{Desk, blocking, fresh_key};
use crate::json::{self, Body};
use crate::problem::Problem;

/// How long something is held back if only a part is named, days.
const RESERVE_DAYS_DEFAULT: u32 = 30;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BeginBody {
    /// Every business day unless this says a weekday, 1 Monday to 7 Sunday.
    weekday: Option<u8>,
    minimum_payout_minor: Option<u64>,
    reserve_bps: Option<u32>,
    reserve_days: Option<u32>,
    negative_limit_minor: Option<u64>,
    /// How the bank account behaves: `good` if left out.
    account: Option<Behaviour>,
}

/// What a made-up account does with money.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Behaviour {
    /// It takes it.
    Good,
    /// The bank rejects it: the account is closed.
    Closed,
    /// The money comes back a day after it was paid.
    Returning,
    /// It takes it, and the bank never says so: a person has to find out.
    Silent,
    /// There is no account: nothing is paid out.
    None,
}

impl Behaviour {
    /// What the account's number ends with, by which a simulated bank knows it.
    fn tail(self) -> Option<&'static str> {
        match self {
            Self::Good => Some("0001"),
            Self::Closed => Some("0404"),
            Self::Returning => Some("0405"),
            Self::Silent => Some("0406"),
            Self::None => None,
        }
    }
}

#[derive(Serialize)]
struct Begun {
    merchant_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_number: Option<String>,
    reserve_bps: u32,
    reserve_days: u32,
}

fn amount(field: &'static str, minor: Option<u64>) -> Result<Amount, Problem> {
    Amount::new(minor.unwrap_or(0)).map_err(|_| Problem::bad_field(field, "is out of range"))
}

/// `POST /merchants/{id}/settlement`: agrees terms, and gives the merchant a bank account.
pub(crate) async fn begin(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    Body(body): Body<BeginBody>,
) -> Result<Response, Problem> {
    let (cell, party) = desk.existing(&id, PartyKind::Merchant)?;
    let reserve_bps = body.reserve_bps.unwrap_or(0);
    let terms = SetSettlementTerms {
        merchant: party.number,
        schedule: if body.weekday.is_some() { PayoutSchedule::Weekly } else { PayoutSchedule::Daily },
        weekday: body.weekday.unwrap_or(0),
        minimum_payout: amount("minimum_payout_minor", body.minimum_payout_minor)?,
        reserve_bps,
        reserve_days: if reserve_bps == 0 { 0 } else { body.reserve_days.unwrap_or(RESERVE_DAYS_DEFAULT) },
        negative_limit: amount("negative_limit_minor", body.negative_limit_minor)?,
        fee_bps: None,
    };
    let command = Command::new(SET_SETTLEMENT_TERMS, Caller::OPERATOR, &terms).with_id(&fresh_key()?);
    let _: MerchantTerms = desk.reply(cell, command).await?;
    let market = cell.market()?.market;
    let account = body.account.unwrap_or(Behaviour::Good).tail().and_then(|tail| made_up(&market, party.number, tail));
    let bank_account = account.as_ref().map(|account| handle(cell, account));
    if let (Some(Handle(handle)), Some(account)) = (bank_account, account.clone()) {
        let home = Arc::clone(cell);
        blocking(move || home.vault.put_bank_account(Handle(handle), &account)).await??;
    }
    let body = SetBankAccount { merchant: party.number, bank_account: bank_account.map(|Handle(handle)| handle) };
    let command = Command::new(SET_BANK_ACCOUNT, Caller::OPERATOR, &body).with_id(&fresh_key()?);
    let terms: MerchantTerms = desk.reply(cell, command).await?;
    Ok(json::ok(&Begun {
        merchant_id: json::party(party.number),
        account_number: account.map(|account| account.number.as_str().to_owned()),
        reserve_bps: terms.reserve_bps,
        reserve_days: terms.reserve_days,
    }))
}

/// The same account has the same handle.
fn handle(cell: &sycee_engine::CellHandle, account: &BankAccount) -> Handle {
    let digest = cell.vault.digest("bank-account", &sycee_contract::encode(account));
    let mut handle = [0; 16];
    handle.copy_from_slice(&digest[..16]);
    Handle(handle)
}

/// An account that does not exist: an IBAN where the market has them, otherwise a number.
fn made_up(market: &str, merchant: u64, tail: &str) -> Option<BankAccount> {
    let serial = merchant % 1_000_000_000_000;
    let number = match market {
        "FR" => AccountNumber::iban_of("FR", &format!("2004101{serial:012}{tail}")),
        "IT" => AccountNumber::iban_of("IT", &format!("X054281{serial:012}{tail}")),
        "PK" => AccountNumber::iban_of("PK", &format!("SCBL{serial:012}{tail}")),
        _ => AccountNumber::local(&format!("{serial:012}{tail}")),
    };
    BankAccount::new(&format!("Sandbox merchant {merchant}"), number?, None)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FundsBody {
    minor: u64,
}

#[derive(Serialize)]
struct Funds {
    available: json::MoneyJson,
}

/// `POST /cells/{cell}/advance-funds`: the operator's own money, out of which refunds beyond a merchant's balance are advanced.
pub(crate) async fn add_funds(
    State(desk): State<Arc<Desk>>,
    Path(cell): Path<String>,
    Body(body): Body<FundsBody>,
) -> Result<Response, Problem> {
    let (cell, market) = desk.cell_as(&cell, MarketRole::Acquirer)?;
    let money = Money::new(amount("minor", Some(body.minor))?, market.currency);
    let body = MoveAdvanceFunds { money, is_withdrawal: false, bank_reference: "SANDBOX".to_owned() };
    let command = Command::new(MOVE_ADVANCE_FUNDS, Caller::OPERATOR, &body).with_id(&fresh_key()?);
    let AdvanceFundsReply { available } = desk.reply(cell, command).await?;
    Ok(json::ok(&Funds { available: json::MoneyJson(available) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_accounts_have_the_form_of_their_market_and_the_tail_of_their_behaviour() {
        for (market, length) in [("FR", 27), ("IT", 27), ("PK", 24), ("TH", 16)] {
            let account = made_up(market, 2_088_070_000_100_000, "0404").unwrap();
            let number = account.number.as_str();
            assert_eq!(number.len(), length, "{number}");
            assert!(number.ends_with("0404") && account.number.masked() == "****0404");
        }
    }
}
