//! What must hold over all books, beyond what the cell itself checks.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sycee_contract::{Books, Finding, Key, cell, decode};
use sycee_ledger::{Hold, HoldState};

use crate::{HOLD_TIMER, HoldTimer, is_of_books};

pub(crate) fn audit(books: &dyn Books, findings: &mut Vec<Finding>) {
    let mut report = |detail: String| findings.push(Finding::new("hold_timers_match", detail));
    books.rows(cell::HOLD, &mut |key, bytes| {
        // A hold that does not decode is a finding of the cell's.
        let Ok(hold) = decode::<Hold>(bytes, "hold") else { return };
        if !is_of_books(hold.debit) {
            return;
        }
        let id = key.number_at(0).unwrap_or_default();
        let row = books.row(&HoldTimer::key(id)).and_then(|bytes| decode::<HoldTimer>(&bytes, "timer").ok());
        match row {
            None if hold.state == HoldState::Pending && hold.expires_at_ns != 0 => {
                report(format!("hold {id} expires and has no timer"));
            }
            None => {}
            Some(_) if hold.state != HoldState::Pending => report(format!("hold {id} has ended and has a timer")),
            Some(HoldTimer { timer }) if timer.due_at_ns != hold.expires_at_ns => {
                report(format!("the timer of hold {id} is due at another time"));
            }
            Some(HoldTimer { timer }) if books.row(&timer.key()).is_none() => {
                report(format!("the timer of hold {id} is gone"));
            }
            Some(_) => {}
        }
    });
    books.rows(HOLD_TIMER, &mut |key, _| {
        let id = key.number_at(0).unwrap_or_default();
        if books.row(&Key::new(cell::HOLD).number(id)).is_none() {
            report(format!("a timer for hold {id}, which never was"));
        }
    });
}
