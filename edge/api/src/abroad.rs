//! What of other cells this API looks at: the network's directory, and payments to them. All of it is in the caller's own cell.

use std::time::Duration;

use sycee_acquiring::record::MerchantTransfer;
use sycee_contract::{Key, Products, decode};
use sycee_engine::store::StoreError;
use sycee_engine::{CellHandle, ReadPoint};
use sycee_interop::record::{DIRECTORY, KnownCell, OUTGOING, Outgoing, OutgoingState};

use crate::problem::Problem;

/// How long a request waits for other cells; then it says how far it has come.
pub(crate) const WAIT: Duration = Duration::from_secs(10);

/// All cells that the network has named.
pub(crate) fn known_cells(point: &ReadPoint) -> Result<Vec<KnownCell>, Problem> {
    let rows = point.scan(&Key::new(DIRECTORY), None, usize::MAX)?;
    rows.iter().map(|(_, bytes)| decode(bytes, "directory").map_err(Problem::from)).collect()
}

/// The cell of this number, as the network has named it.
pub(crate) fn known_cell(cell: &CellHandle, number: u16) -> Result<Option<KnownCell>, StoreError> {
    cell.port.get(&KnownCell::key(number))
}

/// The payment by which a merchant's transfer goes to another cell. The plan that begins both gives it the next id.
pub(crate) fn payment_of_transfer(cell: &CellHandle, transfer: &MerchantTransfer) -> Result<Option<Outgoing>, Problem> {
    let rows = cell.port.begin_read().scan(&Key::new(OUTGOING), Some(&Outgoing::key(transfer.id)), 1)?;
    let Some((_, bytes)) = rows.first() else { return Ok(None) };
    let payment: Outgoing = decode(bytes, "payment")?;
    let is_its = payment.payer == transfer.merchant && payment.out_biz_no.as_ref() == Some(&transfer.out_biz_no);
    Ok(Some(payment).filter(|_| is_its))
}

/// Why a payment was refused: the name of the refusal.
pub(crate) fn refusal_name(products: &Products, payment: &Outgoing) -> Option<&'static str> {
    match &payment.state {
        OutgoingState::Refused { refusal } => products.refusal(refusal.code).map(|known| known.name),
        OutgoingState::Held | OutgoingState::Done | OutgoingState::Released => None,
    }
}
