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
        let key = Entry::key(receiver.number, *currency, Direction::Sent, received.count);
        let sent = sender.port.get::<Entry>(&key)?.map(|entry| entry.totals);
        Ok((!mirrored(received, sent)).then(|| {
            format!("{} to {} in {currency}: sent {sent:?}, received {received:?}", sender.name, receiver.name)
        }))
    }
}

/// Whether what was received is what the sender had sent by then: its sums with the entry of the same count.
fn mirrored(received: StreamTotals, sent: Option<StreamTotals>) -> bool {
    if received.count == 0 { received == StreamTotals::default() } else { sent == Some(received) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_one_count_are_the_same_or_do_not_mirror() {
        let totals = |count, owed_to_sender_minor| StreamTotals { count, owed_to_sender_minor, ..Default::default() };
        for (received, sent, expected) in [
            (totals(0, 0), None, true),
            (totals(2, 70), Some(totals(2, 70)), true),
            (totals(2, 70), Some(totals(2, 71)), false),
            (totals(2, 70), Some(StreamTotals { settled_to_sender_minor: 1, ..totals(2, 70) }), false),
            // The receiver counts an entry that the sender has never made.
            (totals(3, 70), None, false),
            (totals(0, 5), None, false),
        ] {
            assert_eq!(mirrored(received, sent), expected, "{received:?} {sent:?}");
        }
    }
}
