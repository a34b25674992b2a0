//! What needs two people: one member of staff proposes it, another approves. The cell sees to it, and to both people's roles; so
//! does the table here.

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_books::POST_MANUALLY;
use sycee_books::command::{BooksKind, PostManually};
use sycee_contract::proposal::{Approved, Proposal, ProposalState, ProposalTarget, Propose, Proposed};
use sycee_contract::{CommandCode, Key, Role, cell, decode, encode};
use sycee_ledger::AccountId;
use sycee_money::{Amount, Currency, Money};
use sycee_party::command::SetOwnLimits;
use sycee_party::{OwnLimits, SET_OWN_LIMITS, StaffRole};

use super::Operation;
use crate::desk::{Asked, answer, ok};
use crate::lists::{Lister, Paging, Slice, Sorting, Walk, page};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire, party_number};

const OPERATOR: &[Role] = &[Role::Operator];
const FINANCE: &[StaffRole] = &[StaffRole::Finance];
/// Whoever may propose one of them may look at them and agree to what is in their reach.
const OFFICE: &[StaffRole] = &[StaffRole::Support, StaffRole::Finance];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("propose_manual_posting", "/proposals/manual-posting", |asked| Box::pin(propose_posting(asked)))
        .says("Proposes a transfer between two accounts of the operator's own books. It happens when another person approves.")
        .asks(cell::PROPOSE)
        .proposes(POST_MANUALLY)
        .for_staff(FINANCE)
        .takes::<PostingBody>()
        .gives::<ProposedWire>(),
    Operation::post("propose_own_limits", "/proposals/own-limits", |asked| Box::pin(propose_limits(asked)))
        .says("Proposes limits of a customer's own, instead of the KYC tier's. They hold when another person approves.")
        .asks(cell::PROPOSE)
        .proposes(SET_OWN_LIMITS)
        .for_staff(OFFICE)
        .takes::<LimitsBody>()
        .gives::<ProposedWire>(),
    Operation::get("list_proposals", "/proposals", |asked| Box::pin(list(asked)))
        .says("What was proposed, and what became of it.")
        .for_roles(OPERATOR)
        .for_staff(OFFICE)
        .queries::<ListQuery>()
        .gives::<crate::lists::Page<ProposalWire>>(),
    Operation::get("show_proposal", "/proposals/{proposal}", |asked| Box::pin(show(asked)))
        .says("One proposal.")
        .for_roles(OPERATOR)
        .for_staff(OFFICE)
        .gives::<ProposalWire>(),
    Operation::post("approve_proposal", "/proposals/{proposal}/approve", |asked| Box::pin(approve(asked)))
        .says("Agrees to what another person has proposed: it is done now. Who proposed it cannot approve it.")
        .asks(cell::APPROVE)
        .for_staff(OFFICE)
        .gives::<ProposalWire>(),
    Operation::post("reject_proposal", "/proposals/{proposal}/reject", |asked| Box::pin(reject(asked)))
        .says("Ends a proposal without doing it; who proposed it may take it back so.")
        .asks(cell::REJECT)
        .for_staff(OFFICE)
        .gives::<ProposalWire>(),
];

/// How far an account of the books may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum BookAccountKind {
    /// Either way.
    General,
    /// Never overdrawn.
    Limited,
}

impl From<BookAccountKind> for BooksKind {
    fn from(kind: BookAccountKind) -> Self {
        match kind {
            BookAccountKind::General => Self::General,
            BookAccountKind::Limited => Self::Limited,
        }
    }
}

impl BookAccountKind {
    /// Of an account; `None` if it is not one of the books.
    pub fn of(account: AccountId) -> Option<Self> {
        if !sycee_books::is_of_books(account) {
            return None;
        }
        Some(if account.kind() == sycee_books::GENERAL.number { Self::General } else { Self::Limited })
    }
}

/// An account of the operator's own books, in the currency of what is posted.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BookAccount {
    pub kind: BookAccountKind,
    /// The number that tells it apart.
    pub sub: u32,
}

impl BookAccount {
    fn id(self, currency: Currency) -> AccountId {
        sycee_books::account_id(self.kind.into(), currency, self.sub)
    }

    fn of(account: AccountId) -> Result<Self, Problem> {
        let kind = BookAccountKind::of(account);
        let kind = kind.ok_or_else(|| Problem::internal("a posting names no account of the books", &account.kind()))?;
        Ok(Self { kind, sub: account.sub() })
    }
}

/// A posting by hand.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PostingBody {
    /// The account that gives.
    debit: BookAccount,
    /// The account that gets.
    credit: BookAccount,
    money: MoneyWire,
    /// Why, 1 to 256 characters, without personal data.
    reason: String,
}

/// Limits of a customer's own, minor units of the market's currency as digits; zero means no limit, and what is left out or null
/// stays the tier's.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnLimitsWire {
    /// The most that one payment may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_minor: Option<Digits>,
    /// The most that may leave in a calendar day.
    #[serde(skip_serializing_if = "Option::is_none")]
    day_minor: Option<Digits>,
    /// The most that may leave in a calendar month.
    #[serde(skip_serializing_if = "Option::is_none")]
    month_minor: Option<Digits>,
    /// The most that may leave in a calendar year.
    #[serde(skip_serializing_if = "Option::is_none")]
    year_minor: Option<Digits>,
    /// The most that may ever leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime_minor: Option<Digits>,
    /// The most that the balance may come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    balance_minor: Option<Digits>,
}

impl OwnLimitsWire {
    fn limits(self) -> Result<OwnLimits, Problem> {
        let amount = |limit: Option<Digits>, field| {
            let amount = limit.map(|Digits(minor)| Amount::new(minor)).transpose();
            amount.map_err(|_| Problem::bad_field(field, "is at most 10000000000000000"))
        };
        Ok(OwnLimits {
            transaction: amount(self.transaction_minor, "transaction_minor")?,
            day: amount(self.day_minor, "day_minor")?,
            month: amount(self.month_minor, "month_minor")?,
            year: amount(self.year_minor, "year_minor")?,
            lifetime: amount(self.lifetime_minor, "lifetime_minor")?,
            balance: amount(self.balance_minor, "balance_minor")?,
        })
    }
}

impl From<OwnLimits> for OwnLimitsWire {
    fn from(limits: OwnLimits) -> Self {
        let digits = |limit: Option<Amount>| limit.map(|amount| Digits(amount.minor()));
        Self {
            transaction_minor: digits(limits.transaction),
            day_minor: digits(limits.day),
            month_minor: digits(limits.month),
            year_minor: digits(limits.year),
            lifetime_minor: digits(limits.lifetime),
            balance_minor: digits(limits.balance),
        }
    }
}

/// Limits of a customer's own, to be proposed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LimitsBody {
    /// The customer's party number.
    customer: String,
    /// The limits; null or left out takes those of the customer's own away.
    limits: Option<OwnLimitsWire>,
    /// Why, 1 to 256 characters, without personal data.
    reason: String,
}

/// What was proposed.
#[derive(Serialize, JsonSchema)]
struct ProposedWire {
    proposal: Digits,
    /// Until when it may be approved.
    expires_at: Instant,
}

async fn propose_posting(asked: Asked) -> Result<Response, Problem> {
    let PostingBody { debit, credit, money: MoneyWire(money), reason } = asked.body()?;
    if money.amount.is_zero() {
        return Err(Problem::bad_field("money", "is more than nothing"));
    }
    let (debit, credit) = (debit.id(money.currency), credit.id(money.currency));
    if debit == credit {
        return Err(Problem::bad_field("credit", "is another account than debit"));
    }
    propose(&asked, POST_MANUALLY, encode(&PostManually { debit, credit, amount: money.amount }), reason).await
}

async fn propose_limits(asked: Asked) -> Result<Response, Problem> {
    let LimitsBody { customer, limits, reason } = asked.body()?;
    let wrong = || Problem::bad_field("customer", "has 16 digits, 2088 first");
    let party = party_number(&customer).ok_or_else(wrong)?;
    let limits = limits.map(OwnLimitsWire::limits).transpose()?;
    propose(&asked, SET_OWN_LIMITS, encode(&SetOwnLimits { party, limits }), reason).await
}

async fn propose(asked: &Asked, code: CommandCode, body: Vec<u8>, reason: String) -> Result<Response, Problem> {
    if reason.trim().is_empty() || reason.chars().nth(256).is_some() || reason.chars().any(char::is_control) {
        return Err(Problem::bad_field("reason", "has 1 to 256 characters and no control characters"));
    }
    let (made, replayed): (Proposed, bool) = asked.reply(cell::PROPOSE, &Propose { code, body, reason }).await?;
    answer(&ProposedWire { proposal: Digits(made.proposal), expires_at: Instant(made.expires_at_ns) }, replayed)
}

/// How a proposal stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ProposalStateWire {
    /// It waits for a second person.
    Open,
    /// A second person agreed, and it was done.
    Approved,
    /// Somebody rejected it, or its proposer took it back.
    Rejected,
    /// Nobody agreed in time.
    Expired,
}

/// A proposed posting.
#[derive(Serialize, JsonSchema)]
struct PostingWire {
    /// The account that gives.
    debit: BookAccount,
    /// The account that gets.
    credit: BookAccount,
    money: MoneyWire,
}

/// Proposed limits.
#[derive(Serialize, JsonSchema)]
struct ProposedLimits {
    customer: Digits,
    /// The limits; null takes those of the customer's own away.
    limits: Option<OwnLimitsWire>,
}

/// A proposal, with what is proposed in one of the members `manual_posting` and `own_limits`.
#[derive(Serialize, JsonSchema)]
struct ProposalWire {
    proposal: Digits,
    #[serde(skip_serializing_if = "Option::is_none")]
    manual_posting: Option<PostingWire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    own_limits: Option<ProposedLimits>,
    /// Why.
    reason: String,
    state: ProposalStateWire,
    /// Who proposed it: a member of staff.
    proposer: Digits,
    proposed_at: Instant,
    /// Until when it may be approved.
    expires_at: Instant,
    /// Who approved or rejected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<Digits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Instant>,
}

fn state_at(proposal: &Proposal, now_ns: u64) -> ProposalStateWire {
    match proposal.state {
        ProposalState::Approved => ProposalStateWire::Approved,
        ProposalState::Rejected => ProposalStateWire::Rejected,
        ProposalState::Open if proposal.expires_at_ns <= now_ns => ProposalStateWire::Expired,
        ProposalState::Open => ProposalStateWire::Open,
    }
}

fn wire(proposal: Proposal, now_ns: u64) -> Result<ProposalWire, Problem> {
    let (mut manual_posting, mut own_limits) = (None, None);
    match proposal.code {
        POST_MANUALLY => {
            let PostManually { debit, credit, amount } = decode(&proposal.body, "posting")?;
            let unknown = || Problem::internal("a posting has no currency", &debit.currency_numeric());
            let money = MoneyWire(Money::new(amount, debit.currency().ok_or_else(unknown)?));
            let (debit, credit) = (BookAccount::of(debit)?, BookAccount::of(credit)?);
            manual_posting = Some(PostingWire { debit, credit, money });
        }
        SET_OWN_LIMITS => {
            let SetOwnLimits { party, limits } = decode(&proposal.body, "own limits")?;
            own_limits = Some(ProposedLimits { customer: Digits(party), limits: limits.map(OwnLimitsWire::from) });
        }
        // A later product's, proposed by another door: its number, reason and people are shown.
        _ => {}
    }
    Ok(ProposalWire {
        proposal: Digits(proposal.id),
        manual_posting,
        own_limits,
        state: state_at(&proposal, now_ns),
        reason: proposal.reason,
        proposer: Digits(proposal.proposer),
        proposed_at: Instant(proposal.proposed_at_ns),
        expires_at: Instant(proposal.expires_at_ns),
        ended_by: proposal.ended_by.map(Digits),
        ended_at: proposal.ended_at_ns.map(Instant),
    })
}

fn read(asked: &Asked) -> Result<ProposalWire, Problem> {
    let row: Option<Proposal> = asked.cell.port.get(&Proposal::key(asked.id("proposal")?))?;
    let row = row.ok_or_else(|| Problem::not_found("no proposal has this id"))?;
    wire(row, asked.desk.world.clock.now_ns())
}

async fn show(asked: Asked) -> Result<Response, Problem> {
    ok(&read(&asked)?)
}

async fn approve(asked: Asked) -> Result<Response, Problem> {
    let target = ProposalTarget { proposal: asked.id("proposal")? };
    let (_, replayed): (Approved, bool) = asked.reply(cell::APPROVE, &target).await?;
    answer(&read(&asked)?, replayed)
}

async fn reject(asked: Asked) -> Result<Response, Problem> {
    let (_, replayed) = asked.ask(cell::REJECT, &ProposalTarget { proposal: asked.id("proposal")? }).await?;
    answer(&read(&asked)?, replayed)
}

/// Which proposals.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
    /// In which order; `newest` if left out.
    #[serde(default)]
    order: Sorting,
    /// Those that stand so only.
    state: Option<ProposalStateWire>,
}

struct Proposals {
    port: std::sync::Arc<sycee_engine::Port>,
    now_ns: u64,
    sorting: Sorting,
    state: Option<ProposalStateWire>,
}

impl Lister for Proposals {
    type Item = ProposalWire;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<ProposalWire>, Problem> {
        let walk = Walk::new(Key::new(cell::PROPOSAL), self.sorting);
        walk.slice(&self.port.begin_read(), after, limit, &mut |_, bytes| {
            let proposal: Proposal = decode(bytes, "proposal")?;
            let stands = state_at(&proposal, self.now_ns);
            if self.state.is_some_and(|state| state != stands) {
                Ok(None)
            } else {
                wire(proposal, self.now_ns).map(Some)
            }
        })
    }
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let ListQuery { cursor, limit, order, state } = asked.query()?;
    let (port, now_ns) = (asked.cell.port.clone(), asked.desk.world.clock.now_ns());
    page(Paging::new(cursor.as_deref(), limit)?, Proposals { port, now_ns, sorting: order, state }).await
}
