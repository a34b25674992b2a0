//! What the operator's staff asks. Each member of staff works for their own cell.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::command::{ONBOARD_MERCHANT, OnboardMerchant, REGISTER_APP, SETTLE_FEES, SettleFees};
use sycee_acquiring::reply::{MerchantReply, SettleFeesReply};
use sycee_contract::{MarketRole, Role};
use sycee_engine::vault::{Handle, Person};
use sycee_money::{Currency, Money};
use sycee_party::command::{ChangeContact, Freeze, OpenCustomer, OpenStaff, Opened, SetKycRank, Unfreeze};
use sycee_party::{CHANGE_CONTACT, FREEZE, OPEN_CUSTOMER, OPEN_STAFF, Party, SET_KYC_RANK, StaffRole, UNFREEZE};
use sycee_wallet::command::{CashIn, CashMoved, CashOut};
use sycee_wallet::{CASH_IN, CASH_OUT};

use super::Operation;
use super::apps::{AppBody, AppWire, register};
use super::customer::contact;
use crate::desk::{Asked, answer, blocking, ok};
use crate::problem::Problem;
use crate::wire::{self, Digits, MoneyWire};

const CASHIER: &[StaffRole] = &[StaffRole::Cashier];
const SUPPORT: &[StaffRole] = &[StaffRole::Support];
const FINANCE: &[StaffRole] = &[StaffRole::Finance];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("open_customer", "/customers", |asked| Box::pin(open_customer(asked)))
        .says("Opens a customer.")
        .asks(OPEN_CUSTOMER)
        .for_staff(SUPPORT)
        .takes::<CustomerBody>()
        .gives::<PartyWire>(),
    Operation::post("open_merchant", "/merchants", |asked| Box::pin(open_merchant(asked)))
        .says("Opens a merchant with its first store.")
        .asks(ONBOARD_MERCHANT)
        .for_staff(SUPPORT)
        .takes::<MerchantBody>()
        .gives::<MerchantWire>(),
    Operation::post("register_app", "/merchants/{merchant}/apps", |asked| Box::pin(register_app(asked)))
        .says("Registers an app of a merchant's: the public key with which its systems sign at the Alipay edge.")
        .asks(REGISTER_APP)
        .for_staff(SUPPORT)
        .takes::<AppBody>()
        .gives::<AppWire>(),
    Operation::post("open_staff", "/staff", |asked| Box::pin(open_staff(asked)))
        .says("Opens a member of staff.")
        .asks(OPEN_STAFF)
        .takes::<StaffBody>()
        .gives::<PartyWire>(),
    Operation::post("cash_in", "/customers/{customer}/cash-in", |asked| Box::pin(cash_in(asked)))
        .says("Credits a customer with money that has come in at the bank.")
        .asks(CASH_IN)
        .for_staff(CASHIER)
        .takes::<CashBody>()
        .gives::<CashWire>(),
    Operation::post("cash_out", "/customers/{customer}/cash-out", |asked| Box::pin(cash_out(asked)))
        .says("Debits a customer with money that leaves by the bank.")
        .asks(CASH_OUT)
        .for_staff(CASHIER)
        .takes::<CashBody>()
        .gives::<CashWire>(),
    Operation::post("set_kyc_rank", "/customers/{customer}/kyc-rank", |asked| Box::pin(set_kyc_rank(asked)))
        .says("Moves a customer to another KYC tier.")
        .asks(SET_KYC_RANK)
        .for_staff(SUPPORT)
        .takes::<KycBody>()
        .gives::<PartyWire>(),
    Operation::post("freeze", "/parties/{party}/freeze", |asked| Box::pin(freeze(asked)))
        .says("Freezes a party: new requests that move its money are refused.")
        .asks(FREEZE)
        .for_staff(SUPPORT)
        .takes::<FreezeBody>()
        .gives::<PartyWire>(),
    Operation::post("unfreeze", "/parties/{party}/unfreeze", |asked| Box::pin(unfreeze(asked)))
        .says("Ends a freeze.")
        .asks(UNFREEZE)
        .for_staff(SUPPORT)
        .gives::<PartyWire>(),
    Operation::post("change_contact", "/parties/{party}/contact", |asked| Box::pin(change_contact(asked)))
        .says("Changes or removes the phone number by which a party is found.")
        .asks(CHANGE_CONTACT)
        .for_staff(SUPPORT)
        .takes::<ContactBody>()
        .gives::<PartyWire>(),
    Operation::post("settle_fees", "/merchants/{merchant}/settle-fees", |asked| Box::pin(settle_fees(asked)))
        .says("Takes accrued fees from a merchant's balance, as far as it goes.")
        .asks(SETTLE_FEES)
        .for_staff(FINANCE)
        .takes::<FeesBody>()
        .gives::<FeesWire>(),
    Operation::get("trial_balance", "/trial-balance", |asked| Box::pin(trial_balance(asked)))
        .says("All posted debits and credits of the cell, by currency.")
        .for_roles(&[Role::Operator])
        .for_staff(FINANCE)
        .gives::<TrialBalance>(),
];

/// A customer to be opened.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CustomerBody {
    name: String,
    /// 6 to 15 digits, with or without + in front.
    phone: Option<String>,
    /// The tier's rank; the market's highest if left out.
    kyc_rank: Option<u16>,
}

/// A merchant to be opened.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MerchantBody {
    name: String,
    /// Merchant category code, four digits (ISO 18245).
    mcc: String,
    /// Its own price, basis points; the market's if left out.
    fee_bps: Option<u32>,
}

/// A member of staff to be opened.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StaffBody {
    name: String,
    /// 6 to 15 digits, with or without + in front.
    phone: Option<String>,
    staff_role: StaffRoleWire,
}

/// What a member of staff may do.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StaffRoleWire {
    Cashier,
    Support,
    Finance,
    Admin,
}

impl From<StaffRole> for StaffRoleWire {
    fn from(role: StaffRole) -> Self {
        match role {
            StaffRole::Cashier => Self::Cashier,
            StaffRole::Support => Self::Support,
            StaffRole::Finance => Self::Finance,
            StaffRole::Admin => Self::Admin,
        }
    }
}

/// A party.
#[derive(Serialize, JsonSchema)]
struct PartyWire {
    party: Digits,
}

/// A merchant and its first store.
#[derive(Serialize, JsonSchema)]
struct MerchantWire {
    merchant: Digits,
    store: Digits,
}

/// Keeps a person's data under a handle that the same request has again when it is repeated: a keyed digest of who asks, the key
/// of the request and the data. So the cell knows a repeat by it, and the same key with another name for another request.
async fn keep(asked: &Asked, name: &str, phone: Option<&str>) -> Result<[u8; 16], Problem> {
    let material = (asked.caller.role.number(), asked.caller.party, asked.key.as_deref(), name, phone);
    let digest = asked.cell.vault.digest("api-person", &sycee_contract::encode(&material));
    let mut handle = [0; 16];
    handle.copy_from_slice(&digest[..16]);
    let mut person = Person::named(name);
    if let Some(phone) = phone {
        person = person.with_phone(phone);
    }
    let vault = Arc::clone(&asked.cell.vault);
    blocking(move || match vault.person(Handle(handle))? {
        Some(_) => Ok(()),
        None => vault.put_person_as(Handle(handle), &person),
    })
    .await??;
    Ok(handle)
}

fn phone(text: Option<&str>) -> Result<Option<String>, Problem> {
    text.map(|text| wire::phone("phone", text)).transpose()
}

async fn open_customer(asked: Asked) -> Result<Response, Problem> {
    let CustomerBody { name, phone: number, kyc_rank } = asked.body()?;
    let (name, number) = (wire::name("name", &name)?, phone(number.as_deref())?);
    asked.cell_does(MarketRole::Wallet)?;
    let person = keep(&asked, name, number.as_deref()).await?;
    let contact = number.map(|number| contact(&asked.cell, &number));
    let body = OpenCustomer { person, contact, kyc_rank };
    let (Opened { party }, replayed) = asked.reply(OPEN_CUSTOMER, &body).await?;
    answer(&PartyWire { party: Digits(party) }, replayed)
}

async fn open_merchant(asked: Asked) -> Result<Response, Problem> {
    let MerchantBody { name, mcc, fee_bps } = asked.body()?;
    let name = wire::name("name", &name)?;
    if mcc.len() != 4 || !mcc.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::bad_field("mcc", "has four digits (ISO 18245)"));
    }
    if fee_bps.is_some_and(|fee_bps| fee_bps > 10_000) {
        return Err(Problem::bad_field("fee_bps", "is 0 to 10000"));
    }
    asked.cell_does(MarketRole::Acquirer)?;
    let name = keep(&asked, name, None).await?;
    let body = OnboardMerchant { name, mcc, fee_bps };
    let (MerchantReply { merchant, store }, replayed) = asked.reply(ONBOARD_MERCHANT, &body).await?;
    answer(&MerchantWire { merchant: Digits(merchant), store: Digits(store) }, replayed)
}

async fn register_app(asked: Asked) -> Result<Response, Problem> {
    let merchant = asked.party("merchant")?;
    register(asked, merchant).await
}

async fn open_staff(asked: Asked) -> Result<Response, Problem> {
    let StaffBody { name, phone: number, staff_role } = asked.body()?;
    let (name, number) = (wire::name("name", &name)?, phone(number.as_deref())?);
    let staff_role = match staff_role {
        StaffRoleWire::Cashier => StaffRole::Cashier,
        StaffRoleWire::Support => StaffRole::Support,
        StaffRoleWire::Finance => StaffRole::Finance,
        StaffRoleWire::Admin => StaffRole::Admin,
    };
    let person = keep(&asked, name, number.as_deref()).await?;
    let contact = number.map(|number| contact(&asked.cell, &number));
    let (Opened { party }, replayed) = asked.reply(OPEN_STAFF, &OpenStaff { person, contact, staff_role }).await?;
    answer(&PartyWire { party: Digits(party) }, replayed)
}

/// Money that comes in or leaves at the bank.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CashBody {
    money: MoneyWire,
    /// The bank's own reference, at most 64 bytes: a number, never a name.
    bank_reference: String,
}

/// Money that has come in or left.
#[derive(Serialize, JsonSchema)]
struct CashWire {
    transfer: Digits,
    /// What the customer can use now in that currency, minor units as digits.
    balance_minor: Digits,
}

impl From<CashMoved> for CashWire {
    fn from(moved: CashMoved) -> Self {
        Self { transfer: Digits(moved.transfer), balance_minor: Digits(moved.balance_minor) }
    }
}

async fn cash_in(asked: Asked) -> Result<Response, Problem> {
    let CashBody { money: MoneyWire(money), bank_reference } = asked.body()?;
    let body = CashIn { customer: asked.party("customer")?, money, bank_reference };
    let (moved, replayed): (CashMoved, bool) = asked.reply(CASH_IN, &body).await?;
    answer(&CashWire::from(moved), replayed)
}

async fn cash_out(asked: Asked) -> Result<Response, Problem> {
    let CashBody { money: MoneyWire(money), bank_reference } = asked.body()?;
    let body = CashOut { customer: asked.party("customer")?, money, bank_reference };
    let (moved, replayed): (CashMoved, bool) = asked.reply(CASH_OUT, &body).await?;
    answer(&CashWire::from(moved), replayed)
}

/// Another KYC tier.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct KycBody {
    /// The tier's rank in the market pack.
    kyc_rank: u16,
}

async fn set_kyc_rank(asked: Asked) -> Result<Response, Problem> {
    let KycBody { kyc_rank } = asked.body()?;
    let party = asked.party("customer")?;
    let (_, replayed) = asked.ask(SET_KYC_RANK, &SetKycRank { party, kyc_rank }).await?;
    answer(&PartyWire { party: Digits(party) }, replayed)
}

/// Why a party is frozen.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FreezeBody {
    /// A number of the operator's own list.
    reason_code: u16,
}

async fn freeze(asked: Asked) -> Result<Response, Problem> {
    let FreezeBody { reason_code } = asked.body()?;
    let party = asked.party("party")?;
    let (_, replayed) = asked.ask(FREEZE, &Freeze { party, reason_code }).await?;
    answer(&PartyWire { party: Digits(party) }, replayed)
}

async fn unfreeze(asked: Asked) -> Result<Response, Problem> {
    let party = asked.party("party")?;
    let (_, replayed) = asked.ask(UNFREEZE, &Unfreeze { party }).await?;
    answer(&PartyWire { party: Digits(party) }, replayed)
}

/// A phone number.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ContactBody {
    /// 6 to 15 digits, with or without + in front; null removes it.
    phone: Option<String>,
}

async fn change_contact(asked: Asked) -> Result<Response, Problem> {
    let ContactBody { phone: number } = asked.body()?;
    let number = phone(number.as_deref())?;
    let party = asked.party("party")?;
    let contact = number.as_deref().map(|number| contact(&asked.cell, number));
    let (_, replayed) = asked.ask(CHANGE_CONTACT, &ChangeContact { party, contact }).await?;
    // The vault follows the cell, unless this is a late repeat and the contact has changed again.
    let row: Option<Party> = asked.cell.port.get(&Party::key(party))?;
    if let Some(row) = row.filter(|row| row.contact == contact) {
        let vault = Arc::clone(&asked.cell.vault);
        let kept = blocking(move || match vault.person(Handle(row.person))? {
            Some(mut person) if person.phone != number => {
                person.phone = number;
                vault.put_person_as(Handle(row.person), &person)
            }
            _ => Ok(()),
        });
        kept.await??;
    }
    answer(&PartyWire { party: Digits(party) }, replayed)
}

/// Fees to be settled.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FeesBody {
    /// ISO 4217 code.
    currency: String,
    /// At most this much, in the same currency; all if left out.
    at_most: Option<MoneyWire>,
}

/// Fees that were settled: one of the two is zero.
#[derive(Serialize, JsonSchema)]
struct FeesWire {
    /// From the merchant's balance.
    taken: MoneyWire,
    /// To the merchant's balance, because refunds returned fees that had been taken.
    given_back: MoneyWire,
}

async fn settle_fees(asked: Asked) -> Result<Response, Problem> {
    let FeesBody { currency, at_most } = asked.body()?;
    let currency = Currency::from_code(&currency)
        .ok_or_else(|| Problem::bad_field("currency", "is an ISO 4217 code of three capitals, such as EUR"))?;
    if at_most.is_some_and(|MoneyWire(money)| money.currency != currency) {
        return Err(Problem::bad_field("at_most", "is in the currency that is settled"));
    }
    let at_most = at_most.map(|MoneyWire(money)| money.amount);
    let body = SettleFees { merchant: asked.party("merchant")?, currency, at_most };
    let (reply, replayed): (SettleFeesReply, bool) = asked.reply(SETTLE_FEES, &body).await?;
    let money = |amount| MoneyWire(Money::new(amount, currency));
    answer(&FeesWire { taken: money(reply.taken), given_back: money(reply.given_back) }, replayed)
}

/// A cell's books at one operation.
#[derive(Serialize, JsonSchema)]
struct TrialBalance {
    /// The operation up to which the books were read.
    operation: Digits,
    currencies: Vec<Totals>,
    /// Whether debits equal credits in every currency.
    balanced: bool,
}

/// The totals of one currency, minor units as digits.
#[derive(Serialize, JsonSchema)]
struct Totals {
    /// ISO 4217 code.
    currency: &'static str,
    debits_minor: String,
    credits_minor: String,
}

async fn trial_balance(asked: Asked) -> Result<Response, Problem> {
    let point = asked.cell.port.begin_read();
    let operation = Digits(point.operation);
    let accounts = blocking(move || point.all_accounts()).await??;
    let mut sums = std::collections::BTreeMap::from([(asked.cell.currency.code(), (0_u128, 0_u128))]);
    for (id, account) in &accounts {
        let (debits, credits) = sums.entry(id.currency().map_or("???", Currency::code)).or_default();
        *debits = debits.saturating_add(account.debits_posted_minor.into());
        *credits = credits.saturating_add(account.credits_posted_minor.into());
    }
    let balanced = sums.values().all(|(debits, credits)| debits == credits);
    let total = |(currency, (debits, credits)): (_, (u128, u128))| Totals {
        currency,
        debits_minor: debits.to_string(),
        credits_minor: credits.to_string(),
    };
    ok(&TrialBalance { operation, currencies: sums.into_iter().map(total).collect(), balanced })
}
