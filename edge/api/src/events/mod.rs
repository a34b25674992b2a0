//! The stream of events as this API shows it: places in it, whom it is shown to, and how an event is written. Pages, open streams
//! and webhooks are all made of this.

mod audience;
mod cursor;
mod stream;
mod view;

use std::sync::Arc;

use sycee_engine::{CellHandle, EventCursor, EventPage, World};

pub(crate) use audience::Selection;
pub(crate) use cursor::{read_cursor, write_cursor};
pub(crate) use stream::{HEARTBEAT, Streams, open_stream};
pub(crate) use view::{EventView, type_name};

use crate::desk::blocking;
use crate::problem::Problem;

/// The events of a page when the caller does not say how many.
pub(crate) const PAGE_DEFAULT: usize = 100;
/// The most events of a page: about 200 KB.
pub(crate) const PAGE_MAX: usize = 500;

/// A part of a cell's stream, as the caller may see it. What memory has let go is read from the journal, off the threads that
/// serve requests.
pub(crate) async fn page(
    world: &Arc<World>,
    cell: &Arc<CellHandle>,
    selection: &Arc<Selection>,
    after: EventCursor,
    limit: usize,
) -> Result<EventPage, Problem> {
    let read = move |world: &World, cell: &CellHandle, selection: &Selection| {
        cell.port.events().after(after, limit, &|event| selection.wants(&world.products, cell.number, event))
    };
    let page = if cell.port.events().is_recent(after) {
        read(world, cell, selection)
    } else {
        let (world, cell, selection) = (Arc::clone(world), Arc::clone(cell), Arc::clone(selection));
        blocking(move || read(&world, &cell, &selection)).await?
    };
    page.map_err(|error| Problem::internal("older events could not be read", &error))
}
