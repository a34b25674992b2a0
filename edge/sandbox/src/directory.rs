//! The network's directory, as a cell knows it: whose a code is.

use sycee_contract::{Key, decode};
use sycee_engine::ReadPoint;
use sycee_engine::store::StoreError;
use sycee_interop::record::{DIRECTORY, KnownCell};
use sycee_interop::routing;

use crate::codebook::Target;

/// All cells that the network has named.
pub(crate) fn known_cells(point: &ReadPoint) -> Result<Vec<KnownCell>, StoreError> {
    let rows = point.scan(&Key::new(DIRECTORY), None, usize::MAX)?;
    let row = |bytes: &[u8]| decode(bytes, "directory").map_err(|stop| StoreError::new(format!("{stop:?}")));
    rows.iter().map(|(_, bytes)| row(bytes)).collect()
}

/// What a code of another cell asks to pay; `None` if it is nobody's whom the directory names, or cannot be read.
pub(crate) fn target(point: &ReadPoint, code: &str) -> Result<Option<Target>, StoreError> {
    Ok(routing::shops_code(code, &known_cells(point)?).map(Target::from))
}
