//! Settlement windows of the network: closed on request, shown, and settled by a bank that is made up.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use sycee_contract::{Caller, Command, Key, decode};
use sycee_engine::CellHandle;
use sycee_interop::command::{CLOSE_WINDOW, CONFIRM_SETTLEMENT, CloseWindow, ConfirmSettlement, Numbered};
use sycee_interop::message::{CurrencyTotals, Payer, StreamTotals};
use sycee_interop::window::{InstructionRow, OpenWindow, WINDOW, Window, WindowSide, WindowState};
use tokio::time::{Instant, timeout_at};

use crate::abroad::WAIT;
use crate::desk::Desk;
use crate::json::{self, MoneyJson};
use crate::problem::Problem;

#[derive(Serialize)]
struct Closed {
    window: u64,
}

/// `POST /network/windows/close`.
pub(crate) async fn close(State(desk): State<Arc<Desk>>) -> Result<Response, Problem> {
    let (net, _) = desk.network()?;
    let command = Command::new(CLOSE_WINDOW, Caller::OPERATOR, &CloseWindow { window: None });
    let Numbered { id } = desk.reply(net, command).await?;
    Ok(json::ok(&Closed { window: id }))
}

#[derive(Serialize)]
struct WindowsJson {
    open: Option<OpenJson>,
    /// Those that are closed, the first one first.
    windows: Vec<WindowJson>,
}

#[derive(Serialize)]
struct OpenJson {
    window: u64,
    opened_at: String,
}

#[derive(Serialize)]
struct WindowJson {
    window: u64,
    opened_at: String,
    closed_at: String,
    business_date: u32,
    /// How many sides are not settled.
    open_sides: u32,
    sides: Vec<SideJson>,
}

#[derive(Serialize)]
struct SideJson {
    cell: String,
    state: &'static str,
    /// What the network has, since the link began.
    totals: Vec<TotalsJson>,
    /// The same at the end of the window before.
    totals_before: Vec<TotalsJson>,
    /// What the participant has, once it has said so.
    their_totals: Option<Vec<TotalsJson>>,
    /// Whether the participant's word is signed.
    signed: bool,
    instructions: Vec<InstructionJson>,
}

#[derive(Serialize)]
struct TotalsJson {
    currency: &'static str,
    from_network: StreamJson,
    from_participant: StreamJson,
}

/// What a stream of clearing entries adds up to.
#[derive(Serialize)]
pub(crate) struct StreamJson {
    count: u64,
    owed_to_sender_minor: u64,
    owed_to_receiver_minor: u64,
    settled_to_sender_minor: u64,
    settled_to_receiver_minor: u64,
}

impl From<StreamTotals> for StreamJson {
    fn from(totals: StreamTotals) -> Self {
        Self {
            count: totals.count,
            owed_to_sender_minor: totals.owed_to_sender_minor,
            owed_to_receiver_minor: totals.owed_to_receiver_minor,
            settled_to_sender_minor: totals.settled_to_sender_minor,
            settled_to_receiver_minor: totals.settled_to_receiver_minor,
        }
    }
}

fn totals(list: Vec<CurrencyTotals>) -> Vec<TotalsJson> {
    let each = |totals: CurrencyTotals| TotalsJson {
        currency: totals.currency.code(),
        from_network: totals.from_network.into(),
        from_participant: totals.from_participant.into(),
    };
    list.into_iter().map(each).collect()
}

#[derive(Serialize)]
struct InstructionJson {
    amount: MoneyJson,
    /// Who pays: the participant or the network.
    payer: &'static str,
    due_date: u32,
    bank_reference: Option<String>,
    settled_at: Option<String>,
}

impl From<InstructionRow> for InstructionJson {
    fn from(row: InstructionRow) -> Self {
        Self {
            amount: MoneyJson(row.instruction.money),
            payer: match row.instruction.payer {
                Payer::Participant => "participant",
                Payer::Network => "network",
            },
            due_date: row.instruction.due_date,
            bank_reference: row.bank_reference,
            settled_at: row.settled_at_ns.map(json::instant),
        }
    }
}

const fn state_name(state: WindowState) -> &'static str {
    match state {
        WindowState::Open => "open",
        WindowState::Draining => "draining",
        WindowState::Agreed => "agreed",
        WindowState::Disputed => "disputed",
        WindowState::Settled => "settled",
    }
}

/// `GET /network/windows`.
pub(crate) async fn list(State(desk): State<Arc<Desk>>) -> Result<Response, Problem> {
    let (net, _) = desk.network()?;
    let point = net.port.begin_read();
    let open = point.get::<OpenWindow>(&OpenWindow::key())?;
    let open = open.map(|open| OpenJson { window: open.window, opened_at: json::instant(open.opened_at_ns) });
    let mut windows = Vec::new();
    for (_, bytes) in point.scan(&Key::new(WINDOW), None, usize::MAX)? {
        let row: Window = decode(&bytes, "window")?;
        let mut sides = Vec::new();
        for cell in &row.cells {
            let side: Option<WindowSide> = point.get(&WindowSide::key(row.window, *cell))?;
            sides.extend(side.map(|side| side_json(&desk, side)));
        }
        windows.push(WindowJson {
            window: row.window,
            opened_at: json::instant(row.opened_at_ns),
            closed_at: json::instant(row.closed_at_ns),
            business_date: row.business_date,
            open_sides: row.open_sides,
            sides,
        });
    }
    Ok(json::ok(&WindowsJson { open, windows }))
}

fn side_json(desk: &Desk, side: WindowSide) -> SideJson {
    SideJson {
        cell: desk.cell_name(side.cell),
        state: state_name(side.state),
        totals: totals(side.totals),
        totals_before: totals(side.totals_before),
        their_totals: side.their_totals.map(totals),
        signed: side.signature.is_some(),
        instructions: side.instructions.into_iter().map(InstructionJson::from).collect(),
    }
}

#[derive(Serialize)]
struct Settled {
    window: u64,
    /// How many instructions were confirmed by this request.
    confirmed: u64,
    /// Sides whose totals have not come, or do not agree: nothing of them was settled.
    waiting: Vec<String>,
}

/// `POST /network/windows/{window}/settle`: the bank has paid everything that is open.
pub(crate) async fn settle(State(desk): State<Arc<Desk>>, Path(number): Path<String>) -> Result<Response, Problem> {
    let (net, _) = desk.network()?;
    let number = number.parse().map_err(|_| Problem::no_such_path())?;
    let window: Option<Window> = net.port.get(&Window::key(number))?;
    let Some(window) = window else {
        let title = "No window of this number is closed; nothing moved.";
        return Err(Problem::not_found("window_unknown", title, format!("window {number}")));
    };
    let deadline = Instant::now() + WAIT;
    let (mut confirmed, mut waiting) = (0, Vec::new());
    for cell in window.cells {
        let side = drained(net, number, cell, deadline).await?;
        match side {
            Some(side) if matches!(side.state, WindowState::Agreed | WindowState::Settled) => {
                confirmed += confirm(&desk, net, &side).await?;
            }
            _ => waiting.push(desk.cell_name(cell)),
        }
    }
    Ok(json::ok(&Settled { window: number, confirmed, waiting }))
}

/// A side once the participant's totals have come; as it is when they do not come in time.
async fn drained(net: &CellHandle, window: u64, cell: u16, deadline: Instant) -> Result<Option<WindowSide>, Problem> {
    let key = WindowSide::key(window, cell);
    let drained = net.port.until(&key, |side: Option<WindowSide>| match side {
        Some(side) if side.state == WindowState::Draining => None,
        side => Some(side),
    });
    match timeout_at(deadline, drained).await {
        Ok(side) => Ok(side?),
        Err(_) => Ok(net.port.get(&key)?),
    }
}

/// Confirms what is open of a side; gives back how much that was.
async fn confirm(desk: &Desk, net: &CellHandle, side: &WindowSide) -> Result<u64, Problem> {
    let mut confirmed = 0;
    for row in side.instructions.iter().filter(|row| row.bank_reference.is_none()) {
        let currency = row.instruction.money.currency;
        let bank_reference = format!("SIM-{}-{}-{}", side.window, desk.cell_name(side.cell), currency.code());
        let body = ConfirmSettlement { window: side.window, cell: side.cell, currency, bank_reference };
        desk.done(net, Command::new(CONFIRM_SETTLEMENT, Caller::OPERATOR, &body)).await?;
        confirmed += 1;
    }
    Ok(confirmed)
}
