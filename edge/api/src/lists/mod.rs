//! Lists: one shape of page for all of them, and the same rows as CSV.

pub(crate) mod csv;
mod walk;

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::desk::{Asked, blocking, ok};
use crate::problem::Problem;
pub(crate) use walk::Walk;

/// The most items of a page, and how many it has if nothing is said.
const LIMIT_MAX: usize = 200;
const LIMIT_DEFAULT: usize = 50;
/// The longest cursor, characters: a key's bytes in base64.
const CURSOR_MAX: usize = 400;

/// In which order a list is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sorting {
    /// The last one first.
    #[default]
    Newest,
    /// The first one first.
    Oldest,
}

/// A page of a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub(crate) struct Page<T> {
    /// The items. There may be fewer than `limit`, even none, although `next` is given: then more rows are to be looked at.
    items: Vec<T>,
    /// What to send as `cursor` for the next page; null at the end of the list.
    next: Option<String>,
}

/// A part of a list.
pub(crate) struct Slice<T> {
    pub items: Vec<T>,
    /// Where the next part begins, in the list's own bytes; `None` at its end.
    pub next: Option<Vec<u8>>,
}

/// A list that can be read in parts.
pub(crate) trait Lister: Send + Sync + 'static {
    type Item: Serialize + Send + 'static;

    /// Up to `limit` items behind the place `after`; from the beginning if there is none. It may wait for a disk.
    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<Self::Item>, Problem>;
}

/// Which page is wanted.
pub(crate) struct Paging {
    after: Option<Vec<u8>>,
    limit: usize,
}

impl Paging {
    /// From the two parameters that every list has.
    pub fn new(cursor: Option<&str>, limit: Option<u16>) -> Result<Self, Problem> {
        let after = match cursor {
            None => None,
            Some(text) if text.len() > CURSOR_MAX => return Err(bad_cursor()),
            Some(text) => Some(URL_SAFE_NO_PAD.decode(text).map_err(|_| bad_cursor())?),
        };
        let limit = limit.map_or(LIMIT_DEFAULT, usize::from);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::bad_field("limit", "is 1 to 200"));
        }
        Ok(Self { after, limit })
    }
}

pub(crate) fn bad_cursor() -> Problem {
    Problem::bad_field("cursor", "is the next of the page before, unchanged")
}

/// One page as JSON.
pub(crate) async fn page<L: Lister>(paging: Paging, lister: L) -> Result<Response, Problem> {
    let Paging { after, limit } = paging;
    let Slice { items, next } = blocking(move || lister.slice(after.as_deref(), limit)).await??;
    ok(&Page { items, next: next.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)) })
}

/// One page as JSON, or the whole list as CSV if the request says `Accept: text/csv`.
pub(crate) async fn page_or_csv<L: Lister>(asked: &Asked, paging: Paging, lister: L) -> Result<Response, Problem>
where
    L::Item: csv::Row,
{
    if asked.wants_csv { csv::export(asked, lister).await } else { page(paging, lister).await }
}

/// A calendar day of the market, `yyyy-mm-dd`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Day(pub Date);

impl Day {
    /// As keys have it: yyyymmdd.
    pub fn number(self) -> u32 {
        let part = |part: i32| u32::try_from(part).unwrap_or(0);
        let Self(date) = self;
        part(i32::from(date.year())) * 10_000 + part(i32::from(date.month())) * 100 + part(i32::from(date.day()))
    }

    /// From what keys have.
    pub fn of_number(number: u32) -> Option<Self> {
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
        let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        date.ok().map(Self)
    }

    /// The day after; the same at the end of time.
    pub fn next(self) -> Self {
        Self(self.0.tomorrow().unwrap_or(self.0))
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let date = Date::strptime("%Y-%m-%d", &*text).ok();
        let date = date.filter(|date| (1970..=9998).contains(&date.year()) && date.to_string() == *text);
        date.map(Self).ok_or_else(|| serde::de::Error::custom("a day is written yyyy-mm-dd"))
    }
}

impl JsonSchema for Day {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "format": "date", "description": "A calendar day of the market, yyyy-mm-dd.",
        })
    }
}

/// The days of a list, both included; refuses an end before its beginning.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Days {
    pub from: Option<Day>,
    pub to: Option<Day>,
}

impl Days {
    pub fn new(from: Option<Day>, to: Option<Day>) -> Result<Self, Problem> {
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            return Err(Problem::bad_field("to", "is not before from"));
        }
        Ok(Self { from, to })
    }

    /// Whether a day (yyyymmdd) is one of them.
    pub fn contain(&self, number: u32) -> bool {
        self.from.is_none_or(|from| from.number() <= number) && self.to.is_none_or(|to| number <= to.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_exactly_so() {
        let table = [
            ("2026-11-29", Some(20_261_129)),
            ("2028-02-29", Some(20_280_229)),
            ("2026-02-29", None),
            ("2026-1-01", None),
            ("20261129", None),
            ("2026-11-29T00:00:00Z", None),
            ("9999-12-31", None),
            ("", None),
        ];
        for (text, expected) in table {
            let day: Option<Day> = serde_json::from_value(serde_json::Value::from(text)).ok();
            assert_eq!(day.map(Day::number), expected, "{text}");
            if let Some(day) = day {
                assert_eq!(Day::of_number(day.number()), Some(day), "{text}");
            }
        }
        assert_eq!(Day::of_number(20_261_231).unwrap().next().number(), 20_270_101);
        assert_eq!(Day::of_number(20_261_301), None);
    }

    #[test]
    fn pages_have_at_most_two_hundred_items_and_cursors_are_bytes() {
        for (limit, good) in [(None, true), (Some(1), true), (Some(200), true), (Some(0), false), (Some(201), false)] {
            assert_eq!(Paging::new(None, limit).is_ok(), good, "{limit:?}");
        }
        let long = "A".repeat(401);
        for (cursor, good) in
            [("AAAA", true), ("", true), ("A", false), ("a b", false), ("AA==", false), (&long, false)]
        {
            assert_eq!(Paging::new(Some(cursor), None).is_ok(), good, "{cursor}");
        }
    }
}
