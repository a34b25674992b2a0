//! Reading bills as a merchant's accounting does: fetching, unpacking, decoding, and adding up, without the edge's code.

use std::io::Read as _;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::{Shop, TestWorld};

pub const QUERY: &str = "alipay.data.dataservice.bill.downloadurl.query";

/// A bill: its files' names and texts.
pub struct BillFiles {
    pub details: (String, String),
    pub summary: (String, String),
}

impl BillFiles {
    /// Unpacks the archive by its directory at the end, and checks each file's checksum.
    pub fn unpack(archive: &[u8]) -> Self {
        let number = |at: usize| usize::from(u16::from_le_bytes([archive[at], archive[at + 1]]));
        let long = |at: usize| number(at) + (number(at + 2) << 16);
        let end = archive.len() - 22;
        assert_eq!((&archive[end..end + 4], number(end + 10)), (&b"PK\x05\x06"[..], 2));
        let mut at = long(end + 16);
        let mut files = Vec::new();
        for _ in 0..2 {
            assert_eq!((&archive[at..at + 4], number(at + 10)), (&b"PK\x01\x02"[..], 8), "deflated");
            let (crc, packed, unpacked, name_length) = (long(at + 16), long(at + 20), long(at + 24), number(at + 28));
            let name = String::from_utf8(archive[at + 46..at + 46 + name_length].to_vec()).unwrap();
            let local = long(at + 42);
            let begin = local + 30 + number(local + 26) + number(local + 28);
            let mut content = Vec::new();
            flate2::read::DeflateDecoder::new(&archive[begin..begin + packed]).read_to_end(&mut content).unwrap();
            let mut sum = flate2::Crc::new();
            sum.update(&content);
            assert_eq!((content.len(), sum.sum() as usize), (unpacked, crc), "{name}");
            let (text, _, broken) = encoding_rs::GBK.decode(&content);
            assert!(!broken, "{name} is GBK");
            files.push((name, text.into_owned()));
            at += 46 + name_length;
        }
        let summary = files.pop().unwrap();
        Self { details: files.pop().unwrap(), summary }
    }
}

/// The lines of a file that are no comments, by their columns' names; the tabs behind numbers are taken off.
pub fn rows(file: &str) -> Vec<Vec<(String, String)>> {
    let mut lines = file.split("\r\n").filter(|line| !line.is_empty() && !line.starts_with('#')).map(fields);
    let columns = lines.next().unwrap();
    lines
        .map(|line| {
            assert_eq!(line.len(), columns.len(), "{line:?}");
            columns.iter().cloned().zip(line).collect()
        })
        .collect()
}

fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => field.extend(characters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields.iter().map(|field| field.trim_end_matches('\t').to_owned()).collect()
}

/// The field of a column.
pub fn of<'a>(row: &'a [(String, String)], column: &str) -> &'a str {
    row.iter().find(|(name, _)| name == column).map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("{column}"))
}

/// An amount of two decimals in minor units; nothing is zero.
pub fn cents(text: &str) -> i128 {
    if text.is_empty() { 0 } else { text.replacen('.', "", 1).parse().unwrap() }
}

/// The sum of a column.
pub fn sum(rows: &[Vec<(String, String)>], column: &str) -> i128 {
    rows.iter().map(|row| cents(of(row, column))).sum()
}

impl TestWorld {
    pub async fn ask_bill(&self, shop: &Shop, bill_type: &str, date: &str) -> Value {
        self.call(shop, QUERY, json!({"bill_type": bill_type, "bill_date": date})).await
    }

    /// The path on this server that a bill's address leads to.
    pub async fn bill_path(&self, shop: &Shop, bill_type: &str, date: &str) -> String {
        let node = self.ask_bill(shop, bill_type, date).await;
        let url = node["bill_download_url"].as_str().unwrap_or_else(|| panic!("{date}: {node}"));
        url.strip_prefix(self.world.base_url.as_str()).unwrap().to_owned()
    }

    /// What stands at a path: status, head, body.
    pub async fn fetch(&self, path: &str) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head, answer[end + 4..].to_vec())
    }

    pub async fn bill(&self, shop: &Shop, bill_type: &str, date: &str) -> BillFiles {
        let path = self.bill_path(shop, bill_type, date).await;
        let (status, _, body) = self.fetch(&path).await;
        assert_eq!(status, 200);
        BillFiles::unpack(&body)
    }
}
