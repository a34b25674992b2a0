//! A list as CSV (RFC 4180), written while it is read: whatever its length, a few pages of it are in memory.

use std::fmt::Display;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_core::Stream;
use jiff::Timestamp;
use sycee_money::Money;
use tokio::sync::mpsc;

use super::{Lister, Slice};
use crate::desk::{Asked, blocking};
use crate::problem::Problem;

/// How many items are read at once.
const PART: usize = 200;
/// How many parts wait for a slow reader.
const PARTS_WAITING: usize = 2;

/// An item of a list as a line.
pub(crate) trait Row {
    /// The names of the columns.
    const COLUMNS: &'static [&'static str];

    /// Writes one field for each column.
    fn write(&self, line: &mut Line);
}

/// Lines that are being written.
#[derive(Default)]
pub(crate) struct Line {
    bytes: Vec<u8>,
    is_begun: bool,
}

impl Line {
    fn field(&mut self, text: &str) {
        if std::mem::replace(&mut self.is_begun, true) {
            self.bytes.push(b',');
        }
        if text.contains([',', '"', '\r', '\n']) {
            self.bytes.push(b'"');
            self.bytes.extend_from_slice(text.replace('"', "\"\"").as_bytes());
            self.bytes.push(b'"');
        } else {
            self.bytes.extend_from_slice(text.as_bytes());
        }
    }

    /// A text that somebody has chosen. What a spreadsheet would take for a formula gets an apostrophe in front.
    pub fn text(&mut self, text: &str) -> &mut Self {
        let first = text.trim_start_matches(' ').chars().next();
        if first.is_some_and(|first| {
            matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
        }) {
            self.field(&format!("'{text}"));
        } else {
            self.field(text);
        }
        self
    }

    /// A value that is written by us: a number, a state, an id.
    pub fn value(&mut self, value: impl Display) -> &mut Self {
        self.field(&value.to_string());
        self
    }

    /// The same, empty if there is none.
    pub fn optional(&mut self, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.value(value),
            None => self.value(""),
        }
    }

    /// An amount in major units. Its currency has a column of its own.
    pub fn amount(&mut self, money: Money) -> &mut Self {
        self.value(money.to_decimal())
    }

    /// An instant, RFC 3339.
    pub fn instant(&mut self, time_ns: u64) -> &mut Self {
        self.value(Timestamp::from_nanosecond(i128::from(time_ns)).unwrap_or(Timestamp::MAX))
    }

    /// Ends the line.
    fn end(&mut self) {
        self.bytes.extend_from_slice(b"\r\n");
        self.is_begun = false;
    }
}

fn lines<T: Row>(items: &[T], with_columns: bool) -> Bytes {
    let mut line = Line::default();
    if with_columns {
        for column in T::COLUMNS {
            line.value(column);
        }
        line.end();
    }
    for item in items {
        item.write(&mut line);
        line.end();
    }
    line.bytes.into()
}

/// What is sent, part by part.
struct Parts(mpsc::Receiver<Result<Bytes, std::io::Error>>);

impl Stream for Parts {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}

/// The whole list from its beginning. What fails before anything was sent is a problem; later the body ends early, and the reader
/// sees that it is not whole.
pub(super) async fn export<L: Lister>(asked: &Asked, lister: L) -> Result<Response, Problem>
where
    L::Item: Row,
{
    let permit = Arc::clone(&asked.desk.exports).try_acquire_owned().map_err(|_| Problem::too_many_exports())?;
    let lister = Arc::new(lister);
    let mut slice = part(&lister, None).await?;
    let (sender, receiver) = mpsc::channel(PARTS_WAITING);
    tokio::spawn(async move {
        let _permit = permit;
        let mut is_first = true;
        loop {
            let sent = sender.send(Ok(lines(&slice.items, std::mem::replace(&mut is_first, false)))).await;
            // Whoever does not read on has gone away.
            let (Ok(()), Some(next)) = (sent, slice.next) else { return };
            slice = match part(&lister, Some(next)).await {
                Ok(slice) => slice,
                Err(problem) => {
                    tracing::error!(code = problem.code, "api: an export broke off: {}", problem.detail);
                    let _gone = sender.send(Err(std::io::Error::other("the list could not be read on"))).await;
                    return;
                }
            };
        }
    });
    let mut response = Response::new(Body::from_stream(Parts(receiver)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let disposition = format!("attachment; filename=\"{}.csv\"", asked.operation);
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

async fn part<L: Lister>(lister: &Arc<L>, after: Option<Vec<u8>>) -> Result<Slice<L::Item>, Problem> {
    let lister = Arc::clone(lister);
    blocking(move || lister.slice(after.as_deref(), PART)).await?
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Texts(Vec<&'static str>);

    impl Row for Texts {
        const COLUMNS: &'static [&'static str] = &["one", "two"];

        fn write(&self, line: &mut Line) {
            for text in &self.0 {
                line.text(text);
            }
        }
    }

    #[test]
    fn fields_are_quoted_and_formulas_are_texts() {
        let rows = [
            Texts(vec!["a", "b"]),
            Texts(vec!["a,b", "say \"no\""]),
            Texts(vec!["two\r\nlines", ""]),
            Texts(vec!["=1+2", "+33"]),
            Texts(vec!["-1", "@cmd"]),
            Texts(vec!["  =1", "a=1"]),
            Texts(vec!["\t=1", "\"=1"]),
        ];
        let expected = "one,two\r\na,b\r\n\"a,b\",\"say \"\"no\"\"\"\r\n\"two\r\nlines\",\r\n'=1+2,'+33\r\n'-1,'@cmd\r\n\
                        '  =1,a=1\r\n'\t=1,\"\"\"=1\"\r\n";
        assert_eq!(std::str::from_utf8(&lines(&rows, true)).unwrap(), expected);
        assert_eq!(&lines(&rows[..1], false)[..], b"a,b\r\n");
    }
}
