//! Money that a customer has frozen for a merchant (pre-authorisation): to be paid out of or released. Its numbers are the merchant's
//! own, so no key is needed: a repeat is known by them, and the reply says `repeated`.

use std::borrow::Cow;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::authorisation::{AUTHORISATION_INDEX, Authorisation, AuthorisationIndex, AuthorisationState};
use sycee_acquiring::command::{
    AuthorisationTarget, CANCEL_FREEZE, CONFIRM_FREEZE, FREEZE_BY_CODE, FreezeByCode, FreezeFields, ISSUE_FREEZE_CODE,
    IssueFreezeCode, PAY_FROM_FREEZE, PayFromFreeze, UNFREEZE, Unfreeze,
};
use sycee_acquiring::parse_trade_no;
use sycee_acquiring::reply::{AuthorisationReply, OrderReply};
use sycee_contract::{Key, Role, decode};
use sycee_money::Money;
use sycee_party::MemberRole;

use super::Operation;
use super::merchant::{Wanted, code_of, pay_code_digits};
use super::merchant_lists::OfMerchant;
use super::order_view::{OrderReplyWire, view};
use crate::desk::{Asked, ok};
use crate::lists::csv::{Line, Row};
use crate::lists::{Day, Days, Lister, Page, Paging, Slice, Sorting, Walk, page_or_csv};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire};

const MERCHANT: &[Role] = &[Role::Merchant];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("authorise_by_pay_code", "/authorisations/by-pay-code", |asked| Box::pin(by_pay_code(asked)))
        .says("Freezes money of the customer whose code the till has read.")
        .asks(FREEZE_BY_CODE)
        .takes::<AuthorisationByPayCode>()
        .for_members(MemberRole::Cashier)
        .gives::<AuthorisationReplyWire<'_>>(),
    Operation::post("issue_authorisation_code", "/authorisations", |asked| Box::pin(issue_code(asked)))
        .says("Makes a code that a customer scans and confirms; only then is money frozen.")
        .asks(ISSUE_FREEZE_CODE)
        .takes::<AuthorisationWithCode>()
        .for_members(MemberRole::Cashier)
        .gives::<AuthorisationReplyWire<'_>>(),
    Operation::get("list_authorisations", "/authorisations", |asked| Box::pin(list(asked)))
        .says("The merchant's authorisations by its own numbers, the shortest first.")
        .for_roles(MERCHANT)
        .queries::<ListQuery>()
        .exports()
        .for_members(MemberRole::Cashier)
        .gives::<Page<AuthorisationView<'static>>>(),
    Operation::get("show_authorisation", "/authorisations/{authorisation_no}", |asked| Box::pin(show(asked)))
        .says("An authorisation of the caller's: its merchant's, or the customer's whose money it is.")
        .for_roles(&[Role::Customer, Role::Merchant])
        .for_members(MemberRole::Cashier)
        .gives::<AuthorisationView<'_>>(),
    Operation::get("show_authorisation_by_number", "/authorisations/by-number/{out_order_no}", |asked| {
        Box::pin(show_by_number(asked))
    })
    .says("An authorisation by the merchant's own number.")
    .for_roles(MERCHANT)
    .for_members(MemberRole::Cashier)
    .gives::<AuthorisationView<'_>>(),
    Operation::post("confirm_authorisation", "/authorisations/{authorisation_no}/confirm", |asked| {
        Box::pin(confirm(asked))
    })
    .says("Agrees that the money is frozen for the merchant whose code the customer has scanned.")
    .asks(CONFIRM_FREEZE)
    .may_need_proof()
    .gives::<AuthorisationReplyWire<'_>>(),
    Operation::post("release_authorisation", "/authorisations/{authorisation_no}/release", |asked| {
        Box::pin(release(asked))
    })
    .says("Gives frozen money back to the customer, whole or in part.")
    .asks(UNFREEZE)
    .takes::<AuthorisationReleaseBody>()
    .for_members(MemberRole::Manager)
    .gives::<AuthorisationReplyWire<'_>>(),
    Operation::post("cancel_authorisation", "/authorisations/{authorisation_no}/cancel", |asked| {
        Box::pin(cancel(asked))
    })
    .says("Ends an authorisation: what is still frozen of it goes back. What was paid out of it stays paid.")
    .asks(CANCEL_FREEZE)
    .for_members(MemberRole::Cashier)
    .gives::<AuthorisationReplyWire<'_>>(),
    Operation::post("pay_from_authorisation", "/authorisations/{authorisation_no}/pay", |asked| Box::pin(pay(asked)))
        .says("Pays an order out of frozen money.")
        .asks(PAY_FROM_FREEZE)
        .takes::<AuthorisationPayBody>()
        .for_members(MemberRole::Manager)
        .gives::<OrderReplyWire<'_>>(),
];

/// What a merchant says of an authorisation.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedAuthorisation {
    /// The merchant's number of it, 1 to 64 printable ASCII characters; unique for the merchant.
    out_order_no: String,
    /// The merchant's number of this request, likewise; unique for the merchant, releases included.
    out_request_no: String,
    /// What it is for, 1 to 256 characters.
    title: String,
    /// How much is to be frozen.
    amount: MoneyWire,
}

impl WantedAuthorisation {
    fn fields(self) -> FreezeFields {
        let Self { out_order_no, out_request_no, title, amount: MoneyWire(amount) } = self;
        FreezeFields { app: None, out_order_no, out_request_no, title, amount, notify_url: None }
    }
}

/// Money to be frozen by a customer's code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AuthorisationByPayCode {
    authorisation: WantedAuthorisation,
    /// The digits of the code that the customer shows.
    auth_code: String,
}

/// Money to be frozen once a customer has confirmed a code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AuthorisationWithCode {
    authorisation: WantedAuthorisation,
    /// How long the code lives at most; never longer than the market's time, which it has if left out.
    code_lifetime_seconds: Option<u64>,
}

/// Money to be given back.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AuthorisationReleaseBody {
    /// The merchant's number of this request, 1 to 64 printable ASCII characters; unique for the merchant, freezes included.
    out_request_no: String,
    /// How much of what is frozen.
    amount: MoneyWire,
    /// Why, up to 256 characters.
    remark: Option<String>,
}

/// An order to be paid out of frozen money.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AuthorisationPayBody {
    order: Wanted,
    /// Whether it is the last one: then what is left is given back. Otherwise it stays frozen.
    #[serde(default)]
    is_last: bool,
}

/// Where an authorisation stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AuthorisationState")]
enum State {
    /// Its code waits for a customer; nothing is frozen.
    WaitsForCustomer,
    /// Money is frozen.
    Authorised,
    /// Payments and releases have used it up.
    Finished,
    /// Cancelled, or its time was over: what was left went back.
    Closed,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::WaitsForCustomer => "waits_for_customer",
            Self::Authorised => "authorised",
            Self::Finished => "finished",
            Self::Closed => "closed",
        }
    }
}

/// An authorisation as it stands. What was frozen in all is what was paid, released and is held.
#[derive(Serialize, JsonSchema)]
pub(super) struct AuthorisationView<'a> {
    /// Our number of it: 28 digits.
    authorisation_no: String,
    /// The merchant's number of it.
    out_order_no: Cow<'a, str>,
    state: State,
    title: Cow<'a, str>,
    merchant: Digits,
    /// Whose money it is, once it is frozen.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<Digits>,
    /// How much was asked.
    amount: MoneyWire,
    /// How much is frozen now.
    held: MoneyWire,
    /// How much was paid out of it.
    paid: MoneyWire,
    /// How much was given back.
    released: MoneyWire,
    created_at: Instant,
    /// Until when the code can be confirmed, then until when the money stays frozen.
    expires_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorised_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Instant>,
}

/// An authorisation after a request.
#[derive(Serialize, JsonSchema)]
struct AuthorisationReplyWire<'a> {
    authorisation: AuthorisationView<'a>,
    /// Whether the same was asked and done before; nothing was changed now.
    repeated: bool,
    /// What the customer scans, for one with a code of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

/// An authorisation as it stands now.
pub(super) fn authorisation_view(cell: u16, now_ns: u64, row: Authorisation) -> AuthorisationView<'static> {
    let money = |amount| MoneyWire(Money::new(amount, row.amount.currency));
    AuthorisationView {
        authorisation_no: row.number(cell),
        state: match row.state_at(now_ns) {
            AuthorisationState::CodeIssued => State::WaitsForCustomer,
            AuthorisationState::Authorised => State::Authorised,
            AuthorisationState::Finished => State::Finished,
            AuthorisationState::Closed => State::Closed,
        },
        merchant: Digits(row.merchant),
        customer: row.customer.map(Digits),
        amount: MoneyWire(row.amount),
        held: money(row.held),
        paid: money(row.captured),
        released: money(row.released),
        created_at: Instant(row.created_at_ns),
        expires_at: Instant(row.expires_at_ns),
        authorised_at: row.authorised_at_ns.map(Instant),
        ended_at: row.ended_at_ns.map(Instant),
        out_order_no: Cow::Owned(row.out_order_no),
        title: Cow::Owned(row.title),
    }
}

fn shown(asked: &Asked, row: Authorisation) -> AuthorisationView<'static> {
    authorisation_view(asked.cell.number, asked.desk.world.clock.now_ns(), row)
}

fn replied(asked: &Asked, reply: AuthorisationReply, code: Option<String>) -> Result<Response, Problem> {
    let AuthorisationReply { authorisation, repeated, .. } = reply;
    ok(&AuthorisationReplyWire { authorisation: shown(asked, authorisation), repeated, code })
}

fn none_such() -> Problem {
    Problem::not_found("the caller has no authorisation of this number")
}

/// The authorisation of the number in the path: of a merchant its own; of a customer, whoever's it is.
fn named(asked: &Asked) -> Result<Authorisation, Problem> {
    let text = asked.path("authorisation_no");
    let (_, id) = parse_trade_no(text).filter(|(cell, _)| *cell == asked.cell.number).ok_or_else(none_such)?;
    let row: Authorisation = asked.cell.port.get(&Authorisation::key(id))?.ok_or_else(none_such)?;
    let is_the_callers = asked.caller.role != Role::Merchant || row.merchant == asked.caller.party;
    if is_the_callers && row.number(asked.cell.number) == text { Ok(row) } else { Err(none_such()) }
}

async fn by_pay_code(asked: Asked) -> Result<Response, Problem> {
    let AuthorisationByPayCode { authorisation, auth_code } = asked.body()?;
    pay_code_digits(&auth_code)?;
    let body = FreezeByCode { freeze: authorisation.fields(), code_digest: asked.cell.code_digest(&auth_code) };
    let (reply, _) = asked.reply(FREEZE_BY_CODE, &body).await?;
    replied(&asked, reply, None)
}

async fn issue_code(asked: Asked) -> Result<Response, Problem> {
    let AuthorisationWithCode { authorisation, code_lifetime_seconds } = asked.body()?;
    let body = IssueFreezeCode { freeze: authorisation.fields(), code_lifetime_seconds };
    let (reply, _): (AuthorisationReply, bool) = asked.reply(ISSUE_FREEZE_CODE, &body).await?;
    let row = &reply.authorisation;
    let code = code_of(&asked, row.merchant, row.id, row.amount.currency)?;
    replied(&asked, reply, Some(code))
}

async fn show(asked: Asked) -> Result<Response, Problem> {
    let row = named(&asked)?;
    // A customer sees what waits for somebody's consent by its code, and their own.
    let party = asked.caller.party;
    if asked.caller.role == Role::Customer && row.customer.is_some_and(|customer| customer != party) {
        return Err(none_such());
    }
    ok(&shown(&asked, row))
}

async fn show_by_number(asked: Asked) -> Result<Response, Problem> {
    let number = asked.path("out_order_no");
    let point = asked.cell.port.begin_read();
    let key = (number.len() <= 64).then(|| AuthorisationIndex::key(asked.caller.party, number));
    let index: Option<AuthorisationIndex> = key.map(|key| point.get(&key)).transpose()?.flatten();
    let row = index.map(|index| point.get(&Authorisation::key(index.authorisation))).transpose()?.flatten();
    ok(&shown(&asked, row.ok_or_else(none_such)?))
}

async fn confirm(asked: Asked) -> Result<Response, Problem> {
    let Authorisation { id, amount, .. } = named(&asked)?;
    asked.may_move(amount)?;
    let (reply, _) = asked.reply(CONFIRM_FREEZE, &AuthorisationTarget { id }).await?;
    replied(&asked, reply, None)
}

async fn release(asked: Asked) -> Result<Response, Problem> {
    let AuthorisationReleaseBody { out_request_no, amount: MoneyWire(amount), remark } = asked.body()?;
    let body = Unfreeze { authorisation: named(&asked)?.id, out_request_no, amount, remark, notify_url: None };
    let (reply, _) = asked.reply(UNFREEZE, &body).await?;
    replied(&asked, reply, None)
}

async fn cancel(asked: Asked) -> Result<Response, Problem> {
    let id = named(&asked)?.id;
    let (reply, _) = asked.reply(CANCEL_FREEZE, &AuthorisationTarget { id }).await?;
    replied(&asked, reply, None)
}

async fn pay(asked: Asked) -> Result<Response, Problem> {
    let AuthorisationPayBody { order, is_last } = asked.body()?;
    let body = PayFromFreeze { order: order.fields(None), authorisation: named(&asked)?.id, is_last };
    let (OrderReply { order, repeated }, _) = asked.reply(PAY_FROM_FREEZE, &body).await?;
    ok(&OrderReplyWire { order: view(&asked, &order), repeated, code: None })
}

/// Which authorisations.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
    /// Those that were made on this day of the market or later.
    from: Option<Day>,
    /// Those that were made on this day of the market or before.
    to: Option<Day>,
    /// Those that stand so now only.
    state: Option<State>,
}

impl Row for AuthorisationView<'static> {
    const COLUMNS: &'static [&'static str] = &[
        "authorisation_no",
        "out_order_no",
        "state",
        "amount",
        "held",
        "paid",
        "released",
        "currency",
        "customer",
        "created_at",
        "expires_at",
        "title",
    ];

    fn write(&self, line: &mut Line) {
        line.value(&self.authorisation_no).text(&self.out_order_no).value(self.state.name());
        line.amount(self.amount.0).amount(self.held.0).amount(self.paid.0).amount(self.released.0);
        line.value(self.amount.0.currency).optional(self.customer.map(|customer| customer.0));
        line.instant(self.created_at.0).instant(self.expires_at.0).text(&self.title);
    }
}

struct Authorisations {
    of: OfMerchant,
    days: Days,
    state: Option<State>,
}

impl Lister for Authorisations {
    type Item = AuthorisationView<'static>;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<AuthorisationView<'static>>, Problem> {
        let point = self.of.cell.port.begin_read();
        let walk = Walk::new(Key::new(AUTHORISATION_INDEX).number(self.of.merchant), Sorting::Oldest);
        walk.slice(&point, after, limit, &mut |_, bytes| {
            let AuthorisationIndex { authorisation: id } = decode(bytes, "authorisation index")?;
            let row: Option<Authorisation> = point.get(&Authorisation::key(id))?;
            let row = row.ok_or_else(|| Problem::internal("a number leads to no authorisation", &id))?;
            if !self.days.contain(row.created_date) {
                return Ok(None);
            }
            let view = authorisation_view(self.of.cell.number, self.of.now_ns, row);
            Ok(Some(view).filter(|view| self.state.is_none_or(|state| state == view.state)))
        })
    }
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let ListQuery { cursor, limit, from, to, state } = asked.query()?;
    let lister = Authorisations { of: OfMerchant::of(&asked)?, days: Days::new(from, to)?, state };
    page_or_csv(&asked, Paging::new(cursor.as_deref(), limit)?, lister).await
}
