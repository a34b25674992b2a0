//! Settlement: what a merchant sees of its business dates, down to each order, and what the operator's finance agrees with it.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::number::number;
use sycee_acquiring::settlement::{
    Closing, MerchantTerms, NotPaid, PayoutSchedule, SET_BANK_ACCOUNT, SET_SETTLEMENT_TERMS, SETTLE_MERCHANT,
    SetBankAccount, SetSettlementTerms, SettleMerchant, Settlement, SettlementReply,
};
use sycee_contract::{Role, decode};
use sycee_engine::CellHandle;
use sycee_engine::vault::{AccountNumber, BankAccount, Handle};
use sycee_money::{Amount, Currency, Money};
use sycee_party::{MemberRole, StaffRole};

use super::Operation;
use super::settlement_entries::{self, SettlementEntryWire};
use crate::desk::{Asked, answer, blocking, ok};
use crate::lists::{Lister, Page, Paging, Slice, Sorting, Walk, page};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire};

const MERCHANT: &[Role] = &[Role::Merchant];
const OPERATOR: &[Role] = &[Role::Operator];
const FINANCE: &[StaffRole] = &[StaffRole::Finance];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("list_settlements", "/settlements/{currency}", |asked| Box::pin(list(asked)))
        .says("The merchant's business dates in a currency.")
        .for_roles(MERCHANT)
        .queries::<SettlementQuery>()
        .for_members(MemberRole::Manager)
        .gives::<Page<SettlementWire>>(),
    Operation::get("show_settlement", "/settlements/{currency}/{date}", |asked| Box::pin(show(asked)))
        .says("A business date of the merchant's: what it brought, what was taken and held back, and what was paid.")
        .for_roles(MERCHANT)
        .for_members(MemberRole::Manager)
        .gives::<SettlementWire>(),
    Operation::get("list_settlement_entries", "/settlements/{currency}/{date}/entries", |asked| {
        Box::pin(settlement_entries::list(asked))
    })
    .says("The entries of a business date with their orders; they add up to the settlement.")
    .for_roles(MERCHANT)
    .queries::<SettlementQuery>()
    .for_members(MemberRole::Manager)
    .gives::<Page<SettlementEntryWire>>(),
    Operation::get("show_settlement_terms", "/settlement-terms", |asked| Box::pin(show_terms(asked)))
        .says("What was agreed with the merchant about settlement, and the end of its bank account's number.")
        .for_roles(MERCHANT)
        .for_members(MemberRole::Manager)
        .gives::<TermsWire>(),
    Operation::post("set_settlement_terms", "/merchants/{merchant}/settlement-terms", |asked| {
        Box::pin(set_terms(asked))
    })
    .says("Agrees settlement terms with a merchant. From the first time on its money is settled day by day.")
    .asks(SET_SETTLEMENT_TERMS)
    .for_staff(FINANCE)
    .takes::<TermsBody>()
    .gives::<TermsWire>(),
    Operation::post("set_bank_account", "/merchants/{merchant}/bank-account", |asked| Box::pin(set_account(asked)))
        .says("Says which bank account of a merchant is paid; without an account nothing is paid out.")
        .asks(SET_BANK_ACCOUNT)
        .for_staff(FINANCE)
        .takes::<AccountBody>()
        .gives::<TermsWire>(),
    Operation::post("settle_merchant", "/merchants/{merchant}/settle", |asked| Box::pin(settle(asked)))
        .says("Settles a merchant's next date whose cut-off has passed, or pays out what closed dates have left.")
        .asks(SETTLE_MERCHANT)
        .for_roles(OPERATOR)
        .for_staff(FINANCE)
        .takes::<SettleBody>()
        .gives::<SettledWire>(),
];

/// A date as this API writes it: yyyy-mm-dd.
pub(super) fn date_text(date: u32) -> String {
    format!("{:04}-{:02}-{:02}", date / 10_000, date / 100 % 100, date % 100)
}

fn parse_date(text: &str) -> Option<u32> {
    let date: jiff::civil::Date = text.parse().ok()?;
    let number: u32 = text.replace('-', "").parse().ok()?;
    (date.to_string() == text).then_some(number)
}

pub(super) fn currency(asked: &Asked) -> Result<Currency, Problem> {
    Currency::from_code(asked.path("currency"))
        .ok_or_else(|| Problem::not_found("a currency is an ISO 4217 code of three capitals, such as EUR"))
}

/// The settlement that the path names, of the merchant who asks.
pub(super) fn named(asked: &Asked) -> Result<Settlement, Problem> {
    let no_such = || Problem::not_found("the merchant has no settlement of this date and currency");
    let date = parse_date(asked.path("date")).ok_or_else(no_such)?;
    let key = Settlement::key(asked.caller.party, currency(asked)?, date);
    asked.cell.port.get(&key)?.ok_or_else(no_such)
}

/// A business date of a merchant's in one currency. Amounts with a sign are minor units as digits, perhaps with `-` in front.
#[derive(Serialize, JsonSchema)]
struct SettlementWire {
    /// Its number: 28 digits.
    settlement_no: String,
    /// The business date.
    date: String,
    /// Calendar days of its first and last entry; left out if it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_day: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_day: Option<String>,
    entries: Digits,
    payments: Digits,
    gross: MoneyWire,
    refunds: Digits,
    refunded: MoneyWire,
    /// Fees that accrued, and what refunds returned of them.
    fees: MoneyWire,
    fees_returned: MoneyWire,
    /// Whatever else came in before the closing: advances for refunds, returned payouts, fees given back by hand.
    other_in: MoneyWire,
    /// Whatever else left: transfers to customers, payouts and fees taken by hand.
    other_out: MoneyWire,
    /// How it was closed; left out while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<ClosingWire>,
}

/// How a business date was closed: brought forward, plus gross less refunded, plus other in less other out, plus released and
/// given back, less fees taken, recovered, held back and paid out, is carried forward.
#[derive(Serialize, JsonSchema)]
struct ClosingWire {
    at: Instant,
    /// Minor units.
    brought_forward_minor: String,
    fees_taken: MoneyWire,
    fees_given_back: MoneyWire,
    reserve_released: MoneyWire,
    /// Paid back of what the operator had advanced for refunds.
    recovered: MoneyWire,
    reserve_held: MoneyWire,
    paid_out: MoneyWire,
    /// Minor units.
    carried_forward_minor: String,
    /// Fees still to be taken, minor units; below zero, still to be given back.
    fees_owed_minor: String,
    /// What the merchant owes the operator after it, and what is held back in all.
    owes: MoneyWire,
    reserve: MoneyWire,
    /// The payout's number: 28 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    payout: Option<String>,
    /// Why not everything is paid: `nothing_left`, `below_minimum`, `not_scheduled`, `no_bank_account`, `frozen` or `not_available`.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_paid: Option<&'static str>,
}

fn settlement_wire(cell: u16, settlement: &Settlement) -> SettlementWire {
    let money = |minor: u64| MoneyWire(Money::new(Amount::new(minor).unwrap_or(Amount::MAX), settlement.currency));
    let day = |day: u32| (day != 0).then(|| date_text(day));
    SettlementWire {
        settlement_no: number(settlement.date, cell, settlement.merchant, settlement.id),
        date: date_text(settlement.date),
        first_day: day(settlement.first_day),
        last_day: day(settlement.last_day),
        entries: Digits(settlement.entries),
        payments: Digits(settlement.payments),
        gross: money(settlement.gross_minor),
        refunds: Digits(settlement.refunds),
        refunded: money(settlement.refunded_minor),
        fees: money(settlement.fees_minor),
        fees_returned: money(settlement.fees_returned_minor),
        other_in: money(settlement.other_in_minor),
        other_out: money(settlement.other_out_minor),
        closing: settlement.closing.as_ref().map(|closing| closing_wire(cell, settlement, closing)),
    }
}

fn closing_wire(cell: u16, settlement: &Settlement, closing: &Closing) -> ClosingWire {
    let money = |amount: Amount| MoneyWire(Money::new(amount, settlement.currency));
    ClosingWire {
        at: Instant(closing.at_ns),
        brought_forward_minor: closing.brought_forward_minor.to_string(),
        fees_taken: money(closing.fees_taken),
        fees_given_back: money(closing.fees_given_back),
        reserve_released: money(closing.reserve_released),
        recovered: money(closing.recovered),
        reserve_held: money(closing.reserve_held),
        paid_out: money(closing.paid_out),
        carried_forward_minor: closing.carried_forward_minor.to_string(),
        fees_owed_minor: closing.fees_carried_forward_minor.to_string(),
        owes: money(closing.owes),
        reserve: money(closing.reserve),
        payout: closing.payout.map(|payout| number(settlement.date, cell, settlement.merchant, payout)),
        not_paid: closing.not_paid.map(|why| match why {
            NotPaid::NothingLeft => "nothing_left",
            NotPaid::BelowMinimum => "below_minimum",
            NotPaid::NotScheduled => "not_scheduled",
            NotPaid::NoBankAccount => "no_bank_account",
            NotPaid::Frozen => "frozen",
            NotPaid::NotAvailable => "not_available",
        }),
    }
}

/// Which page of a list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettlementQuery {
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// How many items, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u16>,
    /// In which order; `newest` if left out.
    #[serde(default)]
    pub order: Sorting,
}

/// A merchant's business dates in a currency.
struct Settlements {
    cell: Arc<CellHandle>,
    merchant: u64,
    currency: Currency,
    sorting: Sorting,
}

impl Lister for Settlements {
    type Item = SettlementWire;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<SettlementWire>, Problem> {
        let walk = Walk::new(Settlement::of_currency(self.merchant, self.currency), self.sorting);
        walk.slice(&self.cell.port.begin_read(), after, limit, &mut |_, row| {
            Ok(Some(settlement_wire(self.cell.number, &decode(row, "settlement")?)))
        })
    }
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let SettlementQuery { cursor, limit, order } = asked.query()?;
    let (cell, merchant, currency) = (Arc::clone(&asked.cell), asked.caller.party, currency(&asked)?);
    page(Paging::new(cursor.as_deref(), limit)?, Settlements { cell, merchant, currency, sorting: order }).await
}

async fn show(asked: Asked) -> Result<Response, Problem> {
    ok(&settlement_wire(asked.cell.number, &named(&asked)?))
}

// ---- terms ----

/// When a merchant is paid.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ScheduleWire {
    Daily,
    Weekly,
    OnRequest,
}

/// Terms to be agreed. Amounts are in the market's currency.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TermsBody {
    schedule: ScheduleWire,
    /// For `weekly`: 1 Monday to 7 Sunday.
    weekday: Option<u8>,
    /// Less is not paid but carried forward.
    minimum_payout_minor: Option<Digits>,
    /// Which part of a day's proceeds less refunds is held back, basis points.
    #[serde(default)]
    reserve_bps: u32,
    /// For how many days of the calendar.
    #[serde(default)]
    reserve_days: u32,
    /// How much the merchant may owe for refunds beyond its balance.
    negative_limit_minor: Option<Digits>,
    /// The merchant's own price from now on, basis points; left as it is if left out.
    fee_bps: Option<u32>,
}

/// What was agreed with a merchant.
#[derive(Serialize, JsonSchema)]
struct TermsWire {
    merchant: Digits,
    schedule: ScheduleWire,
    #[serde(skip_serializing_if = "Option::is_none")]
    weekday: Option<u8>,
    minimum_payout_minor: Digits,
    reserve_bps: u32,
    reserve_days: u32,
    negative_limit_minor: Digits,
    /// The merchant's own price, basis points; left out if it is the market's.
    #[serde(skip_serializing_if = "Option::is_none")]
    fee_bps: Option<u32>,
    /// The end of the bank account's number; left out if nothing is paid out.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_account: Option<String>,
    changed_at: Instant,
}

async fn terms_wire(asked: &Asked, terms: MerchantTerms) -> Result<TermsWire, Problem> {
    let vault = Arc::clone(&asked.cell.vault);
    let account = match terms.bank_account {
        Some(handle) => blocking(move || vault.bank_account(Handle(handle))).await??,
        None => None,
    };
    Ok(TermsWire {
        merchant: Digits(terms.merchant),
        schedule: match terms.schedule {
            PayoutSchedule::Daily => ScheduleWire::Daily,
            PayoutSchedule::Weekly => ScheduleWire::Weekly,
            PayoutSchedule::OnRequest => ScheduleWire::OnRequest,
        },
        weekday: (terms.weekday != 0).then_some(terms.weekday),
        minimum_payout_minor: Digits(terms.minimum_payout.minor()),
        reserve_bps: terms.reserve_bps,
        reserve_days: terms.reserve_days,
        negative_limit_minor: Digits(terms.negative_limit.minor()),
        fee_bps: terms.fee_bps,
        bank_account: account.map(|account| account.number.masked()),
        changed_at: Instant(terms.changed_at_ns),
    })
}

fn amount(field: &'static str, minor: Option<Digits>) -> Result<Amount, Problem> {
    let Digits(minor) = minor.unwrap_or(Digits(0));
    Amount::new(minor).map_err(|_| Problem::bad_field(field, "is out of range"))
}

async fn set_terms(asked: Asked) -> Result<Response, Problem> {
    let body: TermsBody = asked.body()?;
    let terms = SetSettlementTerms {
        merchant: asked.party("merchant")?,
        schedule: match body.schedule {
            ScheduleWire::Daily => PayoutSchedule::Daily,
            ScheduleWire::Weekly => PayoutSchedule::Weekly,
            ScheduleWire::OnRequest => PayoutSchedule::OnRequest,
        },
        weekday: body.weekday.unwrap_or(0),
        minimum_payout: amount("minimum_payout_minor", body.minimum_payout_minor)?,
        reserve_bps: body.reserve_bps,
        reserve_days: body.reserve_days,
        negative_limit: amount("negative_limit_minor", body.negative_limit_minor)?,
        fee_bps: body.fee_bps,
    };
    let (reply, replayed): (MerchantTerms, bool) = asked.reply(SET_SETTLEMENT_TERMS, &terms).await?;
    answer(&terms_wire(&asked, reply).await?, replayed)
}

async fn show_terms(asked: Asked) -> Result<Response, Problem> {
    let terms: Option<MerchantTerms> = asked.cell.port.get(&MerchantTerms::key(asked.caller.party))?;
    let terms = terms.ok_or_else(|| Problem::not_found("no settlement terms were agreed with the merchant"))?;
    ok(&terms_wire(&asked, terms).await?)
}

/// A bank account: an IBAN or a number of the market's own kind; without both, nothing is paid out any more.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AccountBody {
    /// Whose it is, as the bank has it, up to 140 characters.
    holder: Option<String>,
    iban: Option<String>,
    number: Option<String>,
    /// The bank's BIC, 8 or 11 characters.
    bic: Option<String>,
}

impl AccountBody {
    fn account(&self) -> Result<Option<BankAccount>, Problem> {
        let number = match (&self.iban, &self.number) {
            (None, None) => return Ok(None),
            (Some(iban), None) => AccountNumber::iban(iban)
                .ok_or_else(|| Problem::bad_field("iban", "is an IBAN whose check digits are right (ISO 13616)"))?,
            (None, Some(number)) => AccountNumber::local(number)
                .ok_or_else(|| Problem::bad_field("number", "has 1 to 34 letters, digits and hyphens"))?,
            (Some(_), Some(_)) => return Err(Problem::bad_field("number", "and iban are not given both")),
        };
        let account = BankAccount::new(self.holder.as_deref().unwrap_or_default(), number, self.bic.as_deref());
        let wrong =
            || Problem::bad_field("holder", "has 1 to 140 characters, and bic, if given, 8 or 11 capitals and digits");
        account.map(Some).ok_or_else(wrong)
    }
}

async fn set_account(asked: Asked) -> Result<Response, Problem> {
    let account = asked.body::<AccountBody>()?.account()?;
    let mut bank_account = None;
    if let Some(account) = account {
        // The same request again has the same handle, so the cell knows it as a repeat.
        let material = (asked.caller.party, asked.key.as_deref(), account.clone());
        let digest = asked.cell.vault.digest("api-bank-account", &sycee_contract::encode(&material));
        let mut handle = [0; 16];
        handle.copy_from_slice(&digest[..16]);
        let vault = Arc::clone(&asked.cell.vault);
        blocking(move || vault.put_bank_account(Handle(handle), &account)).await??;
        bank_account = Some(handle);
    }
    let body = SetBankAccount { merchant: asked.party("merchant")?, bank_account };
    let (reply, replayed): (MerchantTerms, bool) = asked.reply(SET_BANK_ACCOUNT, &body).await?;
    answer(&terms_wire(&asked, reply).await?, replayed)
}

/// In which currency to settle.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SettleBody {
    /// ISO 4217 code.
    currency: String,
}

/// What was settled.
#[derive(Serialize, JsonSchema)]
struct SettledWire {
    /// The date that was closed; left out if none was to be closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement: Option<SettlementWire>,
    /// Whether more was or will be done: another date follows, or what closed dates had left is paid out.
    is_more: bool,
}

async fn settle(asked: Asked) -> Result<Response, Problem> {
    let SettleBody { currency } = asked.body()?;
    let currency = Currency::from_code(&currency)
        .ok_or_else(|| Problem::bad_field("currency", "is an ISO 4217 code of three capitals, such as EUR"))?;
    let body = SettleMerchant { merchant: asked.party("merchant")?, currency };
    let (reply, _): (SettlementReply, bool) = asked.reply(SETTLE_MERCHANT, &body).await?;
    let settlement = reply.settlement.as_ref().map(|settlement| settlement_wire(asked.cell.number, settlement));
    ok(&SettledWire { settlement, is_more: reply.is_more })
}
