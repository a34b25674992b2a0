//! Places in a cell's stream as clients keep them: 16 characters that mean nothing to them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sycee_engine::{CellHandle, EventCursor};

use crate::problem::Problem;

/// The first byte: how the rest is laid out.
const VERSION: u8 = 1;
/// Version, cell, operation, place.
const LENGTH: usize = 1 + 1 + 8 + 2;

/// A place as text. It has no full stop, so it can be a message's id of Standard Webhooks.
pub(crate) fn write_cursor(cell: u16, cursor: EventCursor) -> String {
    let mut bytes = [0; LENGTH];
    let [_, cell] = cell.to_be_bytes();
    bytes[0] = VERSION;
    bytes[1] = cell;
    bytes[2..10].copy_from_slice(&cursor.operation.to_be_bytes());
    bytes[10..].copy_from_slice(&cursor.index.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The cell and the place that a text names; `None` if it names none.
fn parse(text: &str) -> Option<(u16, EventCursor)> {
    if text.len() != LENGTH.div_ceil(3) * 4 {
        return None;
    }
    let bytes: [u8; LENGTH] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let [version, cell, operation @ .., high, low] = bytes;
    let cursor = EventCursor { operation: u64::from_be_bytes(operation), index: u16::from_be_bytes([high, low]) };
    (version == VERSION).then_some((u16::from(cell), cursor))
}

/// The place that a client gives, in this cell's stream.
pub(crate) fn read_cursor(cell: &CellHandle, field: &'static str, text: &str) -> Result<EventCursor, Problem> {
    let (number, cursor) = parse(text)
        .ok_or_else(|| Problem::bad_field(field, "is no cursor: send an event's id or a page's next as it came"))?;
    if number != cell.number {
        return Err(Problem::bad_field(field, "is a cursor of another cell's stream"));
    }
    if cursor.operation > cell.port.events().end().operation {
        return Err(Problem::bad_field(
            field,
            "is ahead of this stream: of another server, or of before it was restored",
        ));
    }
    Ok(cursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_and_nothing_else_is_one() {
        for (cell, operation, index) in [(7, 0, 0), (99, 1, 3), (1, u64::MAX, u16::MAX)] {
            let cursor = EventCursor { operation, index };
            let text = write_cursor(cell, cursor);
            assert_eq!((text.len(), parse(&text)), (16, Some((cell, cursor))), "{text}");
            assert!(!text.contains('.'));
        }
        // 01 07, operation 1, place 2, in base64url by hand.
        assert_eq!(write_cursor(7, EventCursor { operation: 1, index: 2 }), "AQcAAAAAAAAAAQAC");
        let bad = [
            "",
            "0",
            "AQcAAAAAAAAAAQA",
            "AQcAAAAAAAAAAQACA",
            "AgcAAAAAAAAAAQAC",
            "AQcAAAAAAAAAAQA=",
            "AQcAAAAAAAAAAQA+",
            "äQcAAAAAAAAAAQA",
        ];
        for text in bad {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
