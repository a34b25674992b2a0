//! A bank that is simulated, in folders: what it is sent lies in `out`, what it answers in `in`, and what it knows in `books`, so
//! that it outlives its process as a real one does. It pays once for each end-to-end id; it pays at the beginning of the day that a
//! file names, in its market's time, or at once if that has come.
//!
//! Accounts whose number ends in `0404` are closed: payments to them are rejected (`AC04`). Those that end in `0405` are closed
//! behind its back: it pays, and the money comes back a day later. Of those that end in `0406` it never says anything: it pays,
//! tells nobody, and does not answer when it is asked.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use minicbor::{Decode, Encode};
use sycee_engine::disk::create_durably;
use sycee_engine::outbound::FaultMode;
use sycee_engine::vault::{AccountNumber, BankAccount};
use sycee_money::Money;

use crate::answer::{Answer, AnswerHead, Outcome, write_notification, write_rejections};
use crate::bank::{AnswerFile, Bank, Standing};
use crate::payment;
use crate::xml::FILE_MAX_BYTES;

/// What the number of a closed account ends with.
pub const CLOSED_ACCOUNT: &str = "0404";
/// What the number of an account ends with that sends money back.
pub const RETURNING_ACCOUNT: &str = "0405";
/// How long that takes.
const RETURNS_AFTER_NS: u64 = 24 * 3_600 * 1_000_000_000;
/// What the number of an account ends with of which the bank does not speak.
pub const UNSPOKEN_ACCOUNT: &str = "0406";
/// ISO 20022's reason for a closed account.
const CLOSED_REASON: &str = "AC04";
/// How many files of answers are given at a time.
const ANSWERS_AT_A_TIME: usize = 64;
/// How many payments one notification tells of.
const TOLD_AT_A_TIME: usize = 500;

/// How far a payment has come at the bank.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
enum Progress {
    #[n(0)]
    Taken,
    #[n(1)]
    Booked,
    #[n(2)]
    Rejected,
    #[n(3)]
    Returned,
}

/// A payment in the bank's books.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Booked {
    #[n(0)]
    end_to_end_id: String,
    #[n(1)]
    money: Money,
    #[n(2)]
    message_id: String,
    /// When the next thing happens to it, UTC nanoseconds.
    #[n(3)]
    due_at_ns: u64,
    #[n(4)]
    progress: Progress,
    /// The last characters of the creditor's number: they say how the account behaves.
    #[n(5)]
    account_tail: String,
    /// How often it is told what becomes of it: once, but for a tester's wish.
    #[n(6)]
    told_times: u8,
}

impl Booked {
    /// When the bank will do something with it; `None` if nothing is to come.
    fn next_due_ns(&self) -> Option<u64> {
        match self.progress {
            Progress::Taken => Some(self.due_at_ns),
            Progress::Booked if self.account_tail == RETURNING_ACCOUNT => Some(self.due_at_ns),
            Progress::Booked | Progress::Rejected | Progress::Returned => None,
        }
    }

    fn answer(&self, outcome: Outcome) -> Answer {
        let reason = (outcome != Outcome::Booked).then(|| CLOSED_REASON.to_owned());
        let tail: String = self.end_to_end_id.chars().skip(self.end_to_end_id.len().saturating_sub(16)).collect();
        Answer {
            end_to_end_id: self.end_to_end_id.clone(),
            outcome,
            money: Some(self.money),
            bank_reference: Some(format!("SIM{tail}")),
            reason,
        }
    }
}

#[derive(Default)]
struct Books {
    payments: BTreeMap<String, Booked>,
    /// Files that arrive one attempt later.
    delayed: Vec<String>,
    /// The number of the last file of answers.
    last_file: u64,
}

/// The bank of one cell.
pub struct SimulatedBank {
    folder: PathBuf,
    zone: TimeZone,
    books: Mutex<Books>,
}

impl SimulatedBank {
    /// A bank in a folder, with what it knew when the process ended; in the market of this zone.
    ///
    /// # Errors
    /// The folder cannot be made or read, or the zone is unknown.
    pub fn open(folder: &Path, time_zone: &str) -> io::Result<Self> {
        for name in ["out", "in", "read", "not-understood", "books"] {
            create_durably(&folder.join(name))?;
        }
        let mut books = Books::default();
        for entry in fs::read_dir(folder.join("books"))? {
            let bytes = fs::read(entry?.path())?;
            // Half a row is of a process that was killed before it had answered: the payment is sent again.
            if let Ok(booked) = minicbor::decode::<Booked>(&bytes) {
                books.payments.insert(booked.end_to_end_id.clone(), booked);
            }
        }
        for name in ["in", "read", "not-understood"] {
            for entry in fs::read_dir(folder.join(name))? {
                let number = entry?.file_name().to_str().and_then(|name| name.get(..8)?.parse().ok());
                books.last_file = books.last_file.max(number.unwrap_or(0));
            }
        }
        let zone = TimeZone::get(time_zone).map_err(io::Error::other)?;
        Ok(Self { folder: folder.to_owned(), zone, books: Mutex::new(books) })
    }

    /// How often it has paid, whatever it was sent: once for each end-to-end id, and how much in all, minor units.
    #[must_use]
    pub fn paid(&self) -> BTreeMap<String, u64> {
        let books = self.books();
        let paid = books.payments.values().filter(|booked| booked.progress == Progress::Booked);
        paid.map(|booked| (booked.end_to_end_id.clone(), booked.money.amount.minor())).collect()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a file whole or not at all.
    fn put(&self, folder: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        let new = self.folder.join(format!("{name}.new"));
        let mut file = fs::File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, self.folder.join(folder).join(name))?;
        fs::File::open(self.folder.join(folder))?.sync_all()
    }

    fn keep(&self, booked: &Booked) -> io::Result<()> {
        self.put("books", &booked.end_to_end_id, &sycee_contract::encode(booked))
    }

    fn day(&self, now_ns: u64) -> Date {
        let now = Timestamp::from_nanosecond(i128::from(now_ns)).unwrap_or(Timestamp::MAX);
        now.to_zoned(self.zone.clone()).date()
    }

    fn starts_at_ns(&self, day: Date) -> u64 {
        let start = day.to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp().as_nanosecond());
        start.and_then(|ns| u64::try_from(ns).ok()).unwrap_or(0)
    }

    /// Takes a file as a bank does: payments that it knows are not taken again.
    fn take(&self, books: &mut Books, text: &str, now_ns: u64, told_times: u8) -> io::Result<()> {
        let file = payment::read(text.as_bytes()).map_err(io::Error::other)?;
        let mut rejected = Vec::new();
        for transfer in &file.transfers {
            let plain = transfer.end_to_end_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !plain || books.payments.contains_key(&transfer.end_to_end_id) {
                continue;
            }
            let number = transfer.creditor.number.as_str();
            let account_tail = number.get(number.len().saturating_sub(4)..).unwrap_or_default().to_owned();
            let is_closed = account_tail == CLOSED_ACCOUNT;
            let told_times = if account_tail == UNSPOKEN_ACCOUNT { 0 } else { told_times };
            let booked = Booked {
                end_to_end_id: transfer.end_to_end_id.clone(),
                money: transfer.money,
                message_id: file.message_id.clone(),
                due_at_ns: self.starts_at_ns(file.execution_date).max(now_ns),
                progress: if is_closed { Progress::Rejected } else { Progress::Taken },
                account_tail,
                told_times,
            };
            self.keep(&booked)?;
            if is_closed {
                rejected.push(booked.answer(Outcome::Rejected));
            }
            books.payments.insert(booked.end_to_end_id.clone(), booked);
        }
        for _ in 0..told_times {
            self.reject(books, &file.message_id, &rejected, now_ns)?;
        }
        Ok(())
    }

    fn reject(&self, books: &mut Books, of: &str, answers: &[Answer], now_ns: u64) -> io::Result<()> {
        if answers.is_empty() {
            return Ok(());
        }
        let (number, created_at) = (Self::next_file(books), instant(now_ns));
        let message_id = format!("SIM{number:08}");
        let head = AnswerHead { message_id: &message_id, created_at: &created_at, original_message_id: of };
        self.put("in", &format!("{number:08}-pain.002.xml"), write_rejections(&head, answers).as_bytes())
    }

    fn next_file(books: &mut Books) -> u64 {
        books.last_file += 1;
        books.last_file
    }

    fn notify(&self, books: &mut Books, answers: &[Answer], now_ns: u64) -> io::Result<()> {
        for answers in answers.chunks(TOLD_AT_A_TIME) {
            let (number, created_at) = (Self::next_file(books), instant(now_ns));
            let message_id = format!("SIM{number:08}");
            let head = AnswerHead { message_id: &message_id, created_at: &created_at, original_message_id: "" };
            let text = write_notification(&head, &operators_account(), self.day(now_ns), answers);
            self.put("in", &format!("{number:08}-camt.054.xml"), text.as_bytes())?;
        }
        Ok(())
    }

    /// Books what is due, and sends back what comes back.
    fn settle(&self, books: &mut Books, now_ns: u64) -> io::Result<()> {
        let due: Vec<String> = books
            .payments
            .values()
            .filter(|booked| booked.next_due_ns().is_some_and(|due_at_ns| due_at_ns <= now_ns))
            .map(|booked| booked.end_to_end_id.clone())
            .collect();
        let (mut answers, mut changed) = (Vec::new(), Vec::new());
        for id in due {
            let Some(mut booked) = books.payments.get(&id).cloned() else { continue };
            let outcome = if booked.progress == Progress::Taken {
                booked.progress = Progress::Booked;
                booked.due_at_ns = now_ns.saturating_add(RETURNS_AFTER_NS);
                Outcome::Booked
            } else {
                booked.progress = Progress::Returned;
                Outcome::Returned
            };
            answers.extend((0..booked.told_times).map(|_| booked.answer(outcome)));
            changed.push(booked);
        }
        // Told before it is written down: a process that dies in between tells it twice, which harms nobody.
        self.notify(books, &answers, now_ns)?;
        for booked in changed {
            self.keep(&booked)?;
            books.payments.insert(booked.end_to_end_id.clone(), booked);
        }
        Ok(())
    }
}

/// The operator's account at this bank.
#[must_use]
pub fn operators_account() -> BankAccount {
    BankAccount {
        holder: "Operator (simulated)".to_owned(),
        number: AccountNumber::Local("000000001".to_owned()),
        bic: None,
    }
}

fn instant(ns: u64) -> String {
    let seconds = i64::try_from(ns / 1_000_000_000).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX).to_string()
}

impl Bank for SimulatedBank {
    fn deliver(&self, name: &str, file: &str, now_ns: u64, fault: Option<FaultMode>) -> io::Result<()> {
        self.put("out", name, file.as_bytes())?;
        let mut books = self.books();
        let late = std::mem::take(&mut books.delayed);
        match fault {
            Some(FaultMode::Lose) => {}
            Some(FaultMode::Delay) => books.delayed.push(file.to_owned()),
            Some(FaultMode::TimeoutAfterDoing) => self.take(&mut books, file, now_ns, 0)?,
            Some(FaultMode::Double) => {
                self.take(&mut books, file, now_ns, 2)?;
                self.take(&mut books, file, now_ns, 2)?;
            }
            None => self.take(&mut books, file, now_ns, 1)?,
        }
        late.iter().try_for_each(|file| self.take(&mut books, file, now_ns, 1))
    }

    fn work(&self, now_ns: u64) -> io::Result<()> {
        self.settle(&mut self.books(), now_ns)
    }

    fn next_due_ns(&self) -> Option<u64> {
        self.books().payments.values().filter_map(Booked::next_due_ns).min()
    }

    fn answers(&self) -> io::Result<Vec<AnswerFile>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.folder.join("in"))? {
            names.extend(entry?.file_name().to_str().map(str::to_owned));
        }
        names.sort();
        names.truncate(ANSWERS_AT_A_TIME);
        names
            .into_iter()
            .map(|name| {
                let file = fs::File::open(self.folder.join("in").join(&name))?;
                let mut bytes = Vec::new();
                let most = u64::try_from(FILE_MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
                io::Read::read_to_end(&mut io::Read::take(file, most), &mut bytes)?;
                Ok(AnswerFile { name, bytes })
            })
            .collect()
    }

    fn put_away(&self, name: &str, is_understood: bool) -> io::Result<()> {
        let to = if is_understood { "read" } else { "not-understood" };
        fs::rename(self.folder.join("in").join(name), self.folder.join(to).join(name))
    }

    fn ask(&self, end_to_end_id: &str, now_ns: u64) -> io::Result<Standing> {
        let mut books = self.books();
        for file in std::mem::take(&mut books.delayed) {
            self.take(&mut books, &file, now_ns, 1)?;
        }
        self.settle(&mut books, now_ns)?;
        let Some(mut booked) = books.payments.get(end_to_end_id).cloned() else { return Ok(Standing::NeverSeen) };
        if booked.account_tail == UNSPOKEN_ACCOUNT {
            return Ok(Standing::Silent);
        }
        if booked.told_times == 0 {
            // Only one answer was to be lost: what comes after it is told.
            booked.told_times = 1;
            self.keep(&booked)?;
            books.payments.insert(booked.end_to_end_id.clone(), booked.clone());
        }
        match booked.progress {
            Progress::Taken => return Ok(Standing::UnderWay),
            Progress::Booked => self.notify(&mut books, &[booked.answer(Outcome::Booked)], now_ns)?,
            Progress::Returned => {
                let both = [booked.answer(Outcome::Booked), booked.answer(Outcome::Returned)];
                self.notify(&mut books, &both, now_ns)?;
            }
            Progress::Rejected => {
                self.reject(&mut books, &booked.message_id, &[booked.answer(Outcome::Rejected)], now_ns)?;
            }
        }
        Ok(Standing::Answered)
    }
}
