//! Customers.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sycee_contract::{Caller, Command, MarketPack, MarketRole};
use sycee_engine::CellHandle;
use sycee_engine::vault::{Handle, Person, VaultError};
use sycee_money::Money;
use sycee_party::command::{OpenCustomer, Opened};
use sycee_party::{OPEN_CUSTOMER, PartyKind};
use sycee_wallet::CASH_IN;
use sycee_wallet::command::CashIn;

use crate::desk::{Desk, blocking, fresh_key};
use crate::json::{self, Amounts, Body};
use crate::problem::Problem;

/// The bank's reference of money that a sandbox makes.
const BANK_REFERENCE: &str = "sandbox";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenBody {
    cell: String,
    name: String,
    /// The tier's name, or its rank as a number or text.
    kyc_tier: Option<Value>,
    #[serde(default)]
    balance: Option<Amounts>,
    phone: Option<String>,
    pin: Option<String>,
}

#[derive(Serialize)]
struct OpenedJson {
    customer_id: String,
    token: String,
}

/// `POST /customers`.
pub(crate) async fn open(State(desk): State<Arc<Desk>>, Body(body): Body<OpenBody>) -> Result<Response, Problem> {
    let name = json::name("name", &body.name)?;
    let phone = body.phone.as_deref().map(phone).transpose()?;
    if body.pin.as_deref().is_some_and(|pin| !is_pin(pin)) {
        return Err(Problem::bad_field("pin", "has 4 to 12 digits"));
    }
    let balance = body.balance.unwrap_or_default().0;
    let (cell, market) = desk.cell_as(&body.cell, MarketRole::Wallet)?;
    let kyc_rank = body.kyc_tier.map(|tier| rank(&market, &tier)).transpose()?;
    if let Some(money) = balance.iter().find(|money| !sycee_wallet::is_held(&market, money.currency)) {
        return Err(Problem::bad_field(
            "balance",
            &format!("is in {}, which wallets here do not hold", money.currency),
        ));
    }

    let contact = phone.as_deref().map(|phone| contact(cell, phone));
    let Handle(person) = keep(cell, name, phone, body.pin).await?;
    let command = Command::new(OPEN_CUSTOMER, Caller::OPERATOR, &OpenCustomer { person, contact, kyc_rank });
    let Opened { party } = desk.reply(cell, command.with_id(&fresh_key()?)).await?;
    for money in balance {
        cash_in(&desk, cell, party, money).await?;
    }
    let token = desk.token(cell, party).await?;
    Ok(json::ok(&OpenedJson { customer_id: json::party(party), token }))
}

/// Keeps a person's data with the PIN or password.
pub(crate) async fn keep(
    cell: &Arc<CellHandle>,
    name: &str,
    phone: Option<String>,
    pin: Option<String>,
) -> Result<Handle, Problem> {
    let mut person = Person::named(name);
    if let Some(phone) = &phone {
        person = person.with_phone(phone);
    }
    let home = Arc::clone(cell);
    let kept = blocking(move || -> Result<Handle, VaultError> {
        let person = match pin {
            Some(pin) => person.with_pin(&pin)?,
            None => person,
        };
        home.vault.put_person(&person)
    });
    Ok(kept.await??)
}

async fn cash_in(desk: &Desk, cell: &CellHandle, customer: u64, money: Money) -> Result<(), Problem> {
    if money.amount.is_zero() {
        return Ok(());
    }
    let body = CashIn { customer, money, bank_reference: BANK_REFERENCE.to_owned() };
    desk.done(cell, Command::new(CASH_IN, Caller::OPERATOR, &body).with_id(&fresh_key()?)).await?;
    Ok(())
}

#[derive(Serialize)]
struct Shown<'a> {
    customer_id: String,
    cell: &'a str,
    name: String,
    phone: Option<String>,
    kyc_tier: Option<&'a str>,
    frozen: bool,
    opened_at: String,
}

/// `GET /customers/{id}`.
pub(crate) async fn show(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let (cell, party) = desk.existing(&id, PartyKind::Customer)?;
    let market = cell.market()?;
    let person = cell.vault.person(Handle(party.person))?.unwrap_or_default();
    Ok(json::ok(&Shown {
        customer_id: json::party(party.number),
        cell: &cell.name,
        name: masked(&person.name),
        phone: person.masked_phone(),
        kyc_tier: market.tier(party.kyc_rank).map(|tier| tier.name.as_str()),
        frozen: party.frozen,
        opened_at: json::instant(party.opened_at_ns),
    }))
}

/// The keyed digest by which a customer is found by phone number.
pub(crate) fn contact(cell: &CellHandle, phone: &str) -> [u8; 32] {
    cell.vault.digest("phone", phone.as_bytes())
}

/// A phone number without blanks and hyphens: 6 to 15 digits (E.164), with or without the plus in front.
pub(crate) fn phone(text: &str) -> Result<String, Problem> {
    let number: String = text.chars().filter(|character| !matches!(character, ' ' | '-')).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    if (6..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(number)
    } else {
        Err(Problem::bad_field("phone", "has 6 to 15 digits, with or without + in front"))
    }
}

fn is_pin(text: &str) -> bool {
    (4..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The rank of a tier that is named by its name or rank.
fn rank(market: &MarketPack, tier: &Value) -> Result<u16, Problem> {
    let found = match tier {
        Value::String(name) => {
            let by_rank = name.parse().ok().and_then(|rank| market.tier(rank));
            market.kyc_tiers.iter().find(|tier| tier.name == *name).or(by_rank)
        }
        Value::Number(rank) => {
            rank.as_u64().and_then(|rank| u16::try_from(rank).ok()).and_then(|rank| market.tier(rank))
        }
        _ => None,
    };
    found.map(|tier| tier.rank).ok_or_else(|| {
        let tiers: Vec<String> = market.kyc_tiers.iter().map(|tier| format!("{} ({})", tier.name, tier.rank)).collect();
        Problem::bad_field("kyc_tier", &format!("is a tier of the market, by name or rank: {}", tiers.join(", ")))
    })
}

/// A name of which only the first letter of each word is shown.
fn masked(name: &str) -> String {
    let words = name.split_whitespace().filter_map(|word| word.chars().next());
    words.map(|first| format!("{first}***")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use sycee_contract::KycTier;
    use sycee_money::{Amount, Currency};

    use super::*;

    fn market() -> MarketPack {
        let tier = |rank, name: &str| KycTier {
            rank,
            name: name.to_owned(),
            transaction_limit: Amount::ZERO,
            day_limit: Amount::ZERO,
            month_limit: Amount::ZERO,
            balance_limit: Amount::ZERO,
            year_limit: None,
            lifetime_limit: None,
        };
        MarketPack {
            cell: "fr".into(),
            cell_number: 7,
            market: "FR".into(),
            roles: vec![MarketRole::Wallet],
            currency: Currency::from_code("EUR").unwrap(),
            other_currencies: Vec::new(),
            time_zone: "Europe/Paris".into(),
            pay_code_prefix: "2833".into(),
            mpm_template: 26,
            mpm_guid: "org.sycee.fr".into(),
            kyc_tiers: vec![tier(1, "simplified"), tier(2, "full")],
            merchant_fee_bps: 0,
            merchant_fee_returned: true,
            refund_window_days: 365,
            cancel_window_hours: 24,
            order_timeout_minutes: 180,
            order_code_minutes: 120,
            pay_code_seconds: 60,
            holidays: Vec::new(),
            languages: None,
            settlement: None,
            offline_codes: None,
            code_patterns: None,
            network: None,
            effective_from_ns: None,
            provenance: None,
            settlement_calendar: None,
            proof_above: None,
        }
    }

    #[test]
    fn tiers_are_named_by_name_or_rank() {
        let table = [
            (r#""full""#, Some(2)),
            (r#""simplified""#, Some(1)),
            (r#""2""#, Some(2)),
            ("1", Some(1)),
            ("3", None),
            ("-1", None),
            ("1.5", None),
            ("65537", None),
            (r#""""#, None),
            ("true", None),
            (r#"{"rank":1}"#, None),
        ];
        for (text, expected) in table {
            let tier: Value = serde_json::from_str(text).unwrap();
            assert_eq!(rank(&market(), &tier).ok(), expected, "{text}");
        }
        let problem = rank(&market(), &Value::Null).unwrap_err();
        assert!(problem.detail.contains("simplified (1), full (2)"), "{}", problem.detail);
    }

    #[test]
    fn phone_numbers_lose_their_blanks() {
        let table = [
            ("+33 6 12-34-56-78", Some("+33612345678")),
            ("13800000000", Some("13800000000")),
            ("12345", None),
            ("1234567890123456", None),
            ("+33 6 12 34 56 7x", None),
            ("++33612345678", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(phone(text).ok().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn pins_have_four_to_twelve_digits() {
        for (text, good) in
            [("1234", true), ("123456789012", true), ("123", false), ("1234567890123", false), ("12a4", false)]
        {
            assert_eq!(is_pin(text), good, "{text}");
        }
    }

    #[test]
    fn names_are_masked() {
        for (name, expected) in [("Anna Rossi", "A*** R***"), ("王明", "王***"), (" x ", "x***"), ("", "")] {
            assert_eq!(masked(name), expected);
        }
    }

    #[test]
    fn unknown_fields_are_named() {
        let Err(problem) = json::read::<OpenBody>(br#"{"cell":"fr","name":"A","colour":"red"}"#) else {
            panic!("taken")
        };
        assert!(problem.detail.contains("`colour`"), "{}", problem.detail);
    }
}
