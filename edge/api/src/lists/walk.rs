//! Walking through the rows of a table, forwards or back, a bounded number at a time.

use sycee_contract::Key;
use sycee_engine::ReadPoint;

use super::{Days, Slice, Sorting, bad_cursor};
use crate::problem::Problem;

/// How many rows are looked at for one page at most: a filter that lets few through ends the page early, with a cursor.
const LOOKED_AT_MAX: usize = 5_000;
/// How many rows are read at once.
const CHUNK: usize = 256;

/// Which rows of a table, and in which order.
pub(crate) struct Walk {
    prefix: Key,
    /// Rows behind this key only.
    after: Option<Key>,
    /// Rows before this key only.
    before: Option<Key>,
    sorting: Sorting,
}

impl Walk {
    /// All rows whose key begins so.
    pub const fn new(prefix: Key, sorting: Sorting) -> Self {
        Self { prefix, after: None, before: None, sorting }
    }

    /// The rows of these days, where `of_day` makes what the keys of a day (yyyymmdd) begin with.
    pub fn within(mut self, days: Days, of_day: impl Fn(u32) -> Key) -> Self {
        self.after = days.from.map(|day| of_day(day.number()));
        self.before = days.to.map(|day| of_day(day.next().number()));
        self
    }

    /// Up to `limit` of what `each` makes of the rows behind the cursor.
    pub fn slice<T>(
        &self,
        point: &ReadPoint,
        cursor: Option<&[u8]>,
        limit: usize,
        each: &mut dyn FnMut(&Key, &[u8]) -> Result<Option<T>, Problem>,
    ) -> Result<Slice<T>, Problem> {
        let cursor = cursor.map(|bytes| {
            let bytes = [self.prefix.as_bytes(), bytes].concat();
            Key::from_bytes(bytes).map_err(|_| bad_cursor())
        });
        let cursor = cursor.transpose()?;
        let mut place = match self.sorting {
            Sorting::Oldest => self.after.clone().max(cursor),
            Sorting::Newest => match (self.before.clone(), cursor) {
                (Some(before), Some(cursor)) => Some(before.min(cursor)),
                (before, cursor) => before.or(cursor),
            },
        };
        let (mut items, mut looked_at) = (Vec::new(), 0);
        loop {
            let rows = match self.sorting {
                Sorting::Oldest => point.scan(&self.prefix, place.as_ref(), CHUNK)?,
                Sorting::Newest => point.scan_back(&self.prefix, place.as_ref(), CHUNK)?,
            };
            for (key, bytes) in &rows {
                let is_beyond = match self.sorting {
                    Sorting::Oldest => self.before.as_ref().is_some_and(|before| key >= before),
                    Sorting::Newest => self.after.as_ref().is_some_and(|after| key <= after),
                };
                if is_beyond {
                    return Ok(Slice { items, next: None });
                }
                looked_at += 1;
                items.extend(each(key, bytes)?);
                if items.len() >= limit || looked_at >= LOOKED_AT_MAX {
                    let next = key.as_bytes().get(self.prefix.as_bytes().len()..).map(<[u8]>::to_vec);
                    return Ok(Slice { items, next });
                }
            }
            if rows.len() < CHUNK {
                return Ok(Slice { items, next: None });
            }
            place = rows.last().map(|(key, _)| key.clone());
        }
    }
}
