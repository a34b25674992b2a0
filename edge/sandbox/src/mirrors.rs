//! Whether the clearing of two cells of this server is the same from both sides. What differs must be on its way.

use std::sync::Arc;

use sycee_engine::{CellHandle, World};
use sycee_interop::clearing::{Direction, Entry, Tally};
use sycee_interop::message::StreamTotals;
use sycee_money::Currency;

use crate::clearing::tallies;
use crate::problem::Problem;

/// One stream of clearing entries, from one cell to another.
struct Stream<'a> {
    sender: &'a CellHandle,
    receiver: &'a CellHandle,
    currency: Currency,
}

/// What differs, in words, for every currency in which the cell has cleared with a peer of this server.
pub(crate) fn differences(world: &World, cell: &Arc<CellHandle>) -> Result<Vec<String>, Problem> {
    let mut found = Vec::new();
    for (number, currency, _) in tallies(&cell.port.begin_read())? {
        // A peer in another process shows its side there.
        let Some(peer) = world.numbered(number) else { continue };
        for (sender, receiver) in [(cell, peer), (peer, cell)] {
            found.extend(Stream { sender, receiver, currency }.difference()?);
        }
    }
    Ok(found)
}

impl Stream<'_> {
    /// The receiver has a beginning of what the sender has, and at its end both sums are the same. The receiver is read first, so
    /// that what the sender does meanwhile only adds to what is on its way.
    fn difference(&self) -> Result<Option<String>, Problem> {
        let Self { sender, receiver, currency } = self;
        let received: Option<Tally> = receiver.port.get(&Tally::key(sender.number, *currency))?;
        let received = received.unwrap_or_default().received;
        let sent = if received.count == 0 {
            Some(StreamTotals::default())
        } else {
            let key = Entry::key(receiver.number, *currency, Direction::Sent, received.count);
            sender.port.get::<Entry>(&key)?.map(|entry| entry.totals)
        };
        Ok((sent != Some(received)).then(|| {
            format!("{} to {} in {currency}: sent {sent:?}, received {received:?}", sender.name, receiver.name)
        }))
    }
}
