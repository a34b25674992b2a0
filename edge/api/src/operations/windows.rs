//! Settlement windows of the network: shown, closed, and confirmed as the banks pay.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::{Key, Role, decode};
use sycee_engine::{Port, ReadPoint};
use sycee_interop::command::{CLOSE_WINDOW, CONFIRM_SETTLEMENT, CloseWindow, ConfirmSettlement, Numbered};
use sycee_interop::message::{CurrencyTotals, Payer, StreamTotals};
use sycee_interop::window::{InstructionRow, OpenWindow, WINDOW, Window, WindowSide, WindowState};
use sycee_money::Currency;
use sycee_party::StaffRole;

use super::Operation;
use crate::desk::{Asked, ok};
use crate::lists::{Day, Lister, Page, Paging, Slice, Sorting, Walk, page};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire};

const OPERATOR: &[Role] = &[Role::Operator];
const FINANCE: &[StaffRole] = &[StaffRole::Finance];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("show_open_window", "/network/windows/open", |asked| Box::pin(show_open(asked)))
        .says("The settlement window under which payments are booked now.")
        .for_roles(OPERATOR)
        .for_staff(FINANCE)
        .gives::<OpenWindowWire>(),
    Operation::get("list_windows", "/network/windows", |asked| Box::pin(list(asked)))
        .says("The settlement windows that are closed, with each participant's side.")
        .for_roles(OPERATOR)
        .for_staff(FINANCE)
        .queries::<WindowQuery>()
        .gives::<Page<WindowWire>>(),
    Operation::get("show_window", "/network/windows/{window}", |asked| Box::pin(show(asked)))
        .says("A settlement window that is closed.")
        .for_roles(OPERATOR)
        .for_staff(FINANCE)
        .gives::<WindowWire>(),
    Operation::post("close_window", "/network/windows/{window}/close", |asked| Box::pin(close(asked)))
        .says("Closes the window that is open, and opens the next.")
        .asks(CLOSE_WINDOW)
        .for_staff(FINANCE)
        .gives::<ClosedWindow>(),
    Operation::post("confirm_settlement", "/network/windows/{window}/confirmations", |asked| Box::pin(confirm(asked)))
        .says("Confirms that the net amount of one side in one currency was paid between the banks.")
        .asks(CONFIRM_SETTLEMENT)
        .for_staff(FINANCE)
        .takes::<ConfirmBody>()
        .gives::<WindowWire>(),
];

/// Which windows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WindowQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
    /// In which order; `newest` if left out.
    #[serde(default)]
    order: Sorting,
    /// Those of which some side is not settled only.
    #[serde(default)]
    unsettled: bool,
}

/// The window that is open.
#[derive(Serialize, JsonSchema)]
struct OpenWindowWire {
    window: Digits,
    opened_at: Instant,
}

/// A window that is closed.
#[derive(Serialize, JsonSchema)]
struct WindowWire {
    window: Digits,
    opened_at: Instant,
    closed_at: Instant,
    /// The network's day on which it closed.
    day: Day,
    /// How many sides are not settled.
    open_sides: u32,
    sides: Vec<SideWire>,
}

/// Where a side of a window stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SideState {
    /// Payments are booked under it.
    Open,
    /// It is closed; the participant's totals are awaited.
    Draining,
    /// Both sides came to the same; instructions are open.
    Agreed,
    /// The two sides came to different sums: people reconcile.
    Disputed,
    /// All instructions are carried out.
    Settled,
}

impl From<WindowState> for SideState {
    fn from(state: WindowState) -> Self {
        match state {
            WindowState::Open => Self::Open,
            WindowState::Draining => Self::Draining,
            WindowState::Agreed => Self::Agreed,
            WindowState::Disputed => Self::Disputed,
            WindowState::Settled => Self::Settled,
        }
    }
}

/// A participant's side of a window.
#[derive(Serialize, JsonSchema)]
struct SideWire {
    /// The participant's number.
    cell: u16,
    state: SideState,
    /// What the network has, since the link began.
    totals: Vec<TotalsWire>,
    /// What the participant has, once it has said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    their_totals: Option<Vec<TotalsWire>>,
    /// Whether the participant's word is signed.
    signed: bool,
    instructions: Vec<InstructionWire>,
}

/// What clearing comes to in one currency.
#[derive(Serialize, JsonSchema)]
struct TotalsWire {
    /// ISO 4217 code.
    currency: &'static str,
    from_network: StreamWire,
    from_participant: StreamWire,
}

/// What a stream of clearing entries adds up to, minor units as digits.
#[derive(Serialize, JsonSchema)]
struct StreamWire {
    /// How many entries.
    count: u64,
    owed_to_sender_minor: Digits,
    owed_to_receiver_minor: Digits,
    settled_to_sender_minor: Digits,
    settled_to_receiver_minor: Digits,
}

impl From<StreamTotals> for StreamWire {
    fn from(totals: StreamTotals) -> Self {
        Self {
            count: totals.count,
            owed_to_sender_minor: Digits(totals.owed_to_sender_minor),
            owed_to_receiver_minor: Digits(totals.owed_to_receiver_minor),
            settled_to_sender_minor: Digits(totals.settled_to_sender_minor),
            settled_to_receiver_minor: Digits(totals.settled_to_receiver_minor),
        }
    }
}

fn totals(list: Vec<CurrencyTotals>) -> Vec<TotalsWire> {
    let each = |totals: CurrencyTotals| TotalsWire {
        currency: totals.currency.code(),
        from_network: totals.from_network.into(),
        from_participant: totals.from_participant.into(),
    };
    list.into_iter().map(each).collect()
}

/// Who pays an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum InstructionPayer {
    Participant,
    Network,
}

/// What is to be paid between the banks.
#[derive(Serialize, JsonSchema)]
struct InstructionWire {
    money: MoneyWire,
    payer: InstructionPayer,
    /// The day on which it is due.
    due: Day,
    /// The bank's reference, once it is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<Instant>,
}

fn day(number: u32) -> Result<Day, Problem> {
    Day::of_number(number).ok_or_else(|| Problem::internal("a row has a day that is none", &number))
}

fn instruction(row: InstructionRow) -> Result<InstructionWire, Problem> {
    Ok(InstructionWire {
        money: MoneyWire(row.instruction.money),
        payer: match row.instruction.payer {
            Payer::Participant => InstructionPayer::Participant,
            Payer::Network => InstructionPayer::Network,
        },
        due: day(row.instruction.due_date)?,
        bank_reference: row.bank_reference,
        settled_at: row.settled_at_ns.map(Instant),
    })
}

fn wire(point: &ReadPoint, row: &Window) -> Result<WindowWire, Problem> {
    let mut sides = Vec::new();
    for cell in &row.cells {
        let side: Option<WindowSide> = point.get(&WindowSide::key(row.window, *cell))?;
        let Some(side) = side else { continue };
        sides.push(SideWire {
            cell: side.cell,
            state: side.state.into(),
            totals: totals(side.totals),
            their_totals: side.their_totals.map(totals),
            signed: side.signature.is_some(),
            instructions: side.instructions.into_iter().map(instruction).collect::<Result<_, _>>()?,
        });
    }
    Ok(WindowWire {
        window: Digits(row.window),
        opened_at: Instant(row.opened_at_ns),
        closed_at: Instant(row.closed_at_ns),
        day: day(row.business_date)?,
        open_sides: row.open_sides,
        sides,
    })
}

fn no_window() -> Problem {
    Problem::not_found("no settlement window of this number is closed")
}

async fn show_open(asked: Asked) -> Result<Response, Problem> {
    let open: Option<OpenWindow> = asked.cell.port.get(&OpenWindow::key())?;
    let open =
        open.ok_or_else(|| Problem::not_found("no window is open: this cell is no network, or nobody takes part"))?;
    ok(&OpenWindowWire { window: Digits(open.window), opened_at: Instant(open.opened_at_ns) })
}

struct Windows {
    port: Arc<Port>,
    sorting: Sorting,
    unsettled: bool,
}

impl Lister for Windows {
    type Item = WindowWire;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<WindowWire>, Problem> {
        let point = self.port.begin_read();
        Walk::new(Key::new(WINDOW), self.sorting).slice(&point, after, limit, &mut |_, bytes| {
            let row: Window = decode(bytes, "window")?;
            if self.unsettled && row.open_sides == 0 { Ok(None) } else { wire(&point, &row).map(Some) }
        })
    }
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let WindowQuery { cursor, limit, order, unsettled } = asked.query()?;
    let lister = Windows { port: asked.cell.port.clone(), sorting: order, unsettled };
    page(Paging::new(cursor.as_deref(), limit)?, lister).await
}

fn read(asked: &Asked, window: u64) -> Result<WindowWire, Problem> {
    let point = asked.cell.port.begin_read();
    let row: Option<Window> = point.get(&Window::key(window))?;
    wire(&point, &row.ok_or_else(no_window)?)
}

async fn show(asked: Asked) -> Result<Response, Problem> {
    ok(&read(&asked, asked.id("window")?)?)
}

/// A window that was closed.
#[derive(Serialize, JsonSchema)]
struct ClosedWindow {
    window: Digits,
}

async fn close(asked: Asked) -> Result<Response, Problem> {
    let body = CloseWindow { window: Some(asked.id("window")?) };
    let (Numbered { id }, _) = asked.reply(CLOSE_WINDOW, &body).await?;
    ok(&ClosedWindow { window: Digits(id) })
}

/// A net amount that was paid.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmBody {
    /// The participant's number.
    cell: u16,
    /// ISO 4217 code.
    #[schemars(regex(pattern = "^[A-Z]{3}$"))]
    currency: String,
    /// The bank's reference, 1 to 64 characters: a number, never a name.
    bank_reference: String,
}

async fn confirm(asked: Asked) -> Result<Response, Problem> {
    let ConfirmBody { cell, currency, bank_reference } = asked.body()?;
    let currency = Currency::from_code(&currency)
        .ok_or_else(|| Problem::bad_field("currency", "is an ISO 4217 code of three capitals, such as EUR"))?;
    let window = asked.id("window")?;
    asked.ask(CONFIRM_SETTLEMENT, &ConfirmSettlement { window, cell, currency, bank_reference }).await?;
    ok(&read(&asked, window)?)
}
