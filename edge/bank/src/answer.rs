//! What banks answer: `pain.002.001.10` (*CustomerPaymentStatusReport*: accepted or rejected) and `camt.054.001.08`
//! (*BankToCustomerDebitCreditNotification*: booked, or come back).

use jiff::civil::Date;
use sycee_engine::vault::BankAccount;
use sycee_money::Money;

use crate::payment::{self, MESSAGE_NAME, decimal, write_account};
use crate::xml::{self, Element, Writer, XmlError};

/// The namespace of status reports.
pub const STATUS_NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10";
/// The namespace of notifications of debits and credits.
pub const NOTIFICATION_NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08";

/// What became of a payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The bank has not done it and will not.
    Rejected,
    /// The bank has paid it from the operator's account.
    Booked,
    /// It has come back, and is on the operator's account again.
    Returned,
}

/// The answer about one payment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Our number of the payment.
    pub end_to_end_id: String,
    /// What became of it.
    pub outcome: Outcome,
    /// How much, if the bank says.
    pub money: Option<Money>,
    /// The bank's own reference.
    pub bank_reference: Option<String>,
    /// Why: a code of ISO 20022's external lists, such as `AC04` (closed account).
    pub reason: Option<String>,
}

/// Reads an answer of either kind. What it says of other things (payments that are on their way, credits of others) is passed over.
///
/// # Errors
/// [`XmlError`]: it is neither, or something in it cannot be.
pub fn read(bytes: &[u8]) -> Result<Vec<Answer>, XmlError> {
    let root = xml::read(bytes)?;
    let message = |name| root.child(name).ok_or_else(|| XmlError(format!("it has no {name}")));
    match root.attribute("xmlns") {
        Some(STATUS_NAMESPACE) => status(message("CstmrPmtStsRpt")?),
        Some(NOTIFICATION_NAMESPACE) => notification(message("BkToCstmrDbtCdtNtfctn")?),
        _ => Err(XmlError("it is neither a pain.002.001.10 nor a camt.054.001.08".into())),
    }
}

fn status(report: &Element) -> Result<Vec<Answer>, XmlError> {
    let mut answers = Vec::new();
    for transaction in report.all("OrgnlPmtInfAndSts").flat_map(|block| block.all("TxInfAndSts")) {
        if transaction.text_at(&["TxSts"]) != Some("RJCT") {
            continue;
        }
        answers.push(Answer {
            end_to_end_id: transaction.need(&["OrgnlEndToEndId"])?.to_owned(),
            outcome: Outcome::Rejected,
            money: None,
            bank_reference: text(transaction, &["AcctSvcrRef"]),
            reason: text(transaction, &["StsRsnInf", "Rsn", "Cd"]),
        });
    }
    Ok(answers)
}

fn notification(message: &Element) -> Result<Vec<Answer>, XmlError> {
    let mut answers = Vec::new();
    for entry in message.all("Ntfctn").flat_map(|notification| notification.all("Ntry")) {
        if entry.text_at(&["Sts", "Cd"]) != Some("BOOK") {
            continue;
        }
        for transaction in entry.all("NtryDtls").flat_map(|details| details.all("TxDtls")) {
            let Some(end_to_end_id) = text(transaction, &["Refs", "EndToEndId"]) else { continue };
            let direction = transaction.text_at(&["CdtDbtInd"]).or(entry.text_at(&["CdtDbtInd"]));
            let outcome = match (direction, transaction.child("RtrInf")) {
                (Some("DBIT"), None) => Outcome::Booked,
                (Some("CRDT"), Some(_)) => Outcome::Returned,
                _ => continue,
            };
            let amount = transaction.child("Amt").or(entry.child("Amt"));
            answers.push(Answer {
                end_to_end_id,
                outcome,
                money: amount.map(payment::amount).transpose()?,
                bank_reference: text(transaction, &["Refs", "AcctSvcrRef"]).or(text(entry, &["AcctSvcrRef"])),
                reason: text(transaction, &["RtrInf", "Rsn", "Cd"]),
            });
        }
    }
    Ok(answers)
}

fn text(element: &Element, way: &[&str]) -> Option<String> {
    element.text_at(way).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What a file of answers says besides the answers.
#[derive(Clone, Debug)]
pub struct AnswerHead<'h> {
    /// The file's number, up to 35 characters.
    pub message_id: &'h str,
    /// When it was made, ISO 8601 in UTC.
    pub created_at: &'h str,
    /// The file that is answered, up to 35 characters.
    pub original_message_id: &'h str,
}

/// Writes a status report that rejects these payments.
#[must_use]
pub fn write_rejections(head: &AnswerHead<'_>, answers: &[Answer]) -> String {
    let mut writer = Writer::document(STATUS_NAMESPACE);
    writer.open("CstmrPmtStsRpt");
    writer.open("GrpHdr").leaf("MsgId", head.message_id).leaf("CreDtTm", head.created_at).close();
    writer.open("OrgnlGrpInfAndSts").leaf("OrgnlMsgId", head.original_message_id);
    writer.leaf("OrgnlMsgNmId", MESSAGE_NAME).close();
    writer.open("OrgnlPmtInfAndSts").leaf("OrgnlPmtInfId", head.original_message_id);
    for answer in answers {
        writer.open("TxInfAndSts").leaf("OrgnlEndToEndId", &answer.end_to_end_id).leaf("TxSts", "RJCT");
        if let Some(reason) = &answer.reason {
            writer.open("StsRsnInf").open("Rsn").leaf("Cd", reason).close().close();
        }
        if let Some(reference) = &answer.bank_reference {
            writer.leaf("AcctSvcrRef", reference);
        }
        writer.close();
    }
    writer.end()
}

/// Writes a notification that these payments are booked, or have come back. Answers without an amount are left out.
#[must_use]
pub fn write_notification(head: &AnswerHead<'_>, account: &BankAccount, day: Date, answers: &[Answer]) -> String {
    let mut writer = Writer::document(NOTIFICATION_NAMESPACE);
    writer.open("BkToCstmrDbtCdtNtfctn");
    writer.open("GrpHdr").leaf("MsgId", head.message_id).leaf("CreDtTm", head.created_at).close();
    writer.open("Ntfctn").leaf("Id", head.message_id).leaf("CreDtTm", head.created_at);
    write_account(&mut writer, "Acct", account);
    for answer in answers {
        let Some(money) = answer.money else { continue };
        let (direction, code) = if answer.outcome == Outcome::Booked { ("DBIT", "OUT") } else { ("CRDT", "IN") };
        let reference = answer.bank_reference.as_deref().unwrap_or("NONE");
        writer.open("Ntry").leaf_with("Amt", ("Ccy", money.currency.code()), &decimal(money));
        writer.leaf("CdtDbtInd", direction).open("Sts").leaf("Cd", "BOOK").close();
        writer.open("BookgDt").leaf("Dt", &day.to_string()).close();
        writer.open("ValDt").leaf("Dt", &day.to_string()).close();
        writer.leaf("AcctSvcrRef", reference);
        writer.open("BkTxCd").open("Prtry").leaf("Cd", code).close().close();
        writer.open("NtryDtls").open("TxDtls").open("Refs").leaf("AcctSvcrRef", reference);
        writer.leaf("EndToEndId", &answer.end_to_end_id).close();
        writer.leaf_with("Amt", ("Ccy", money.currency.code()), &decimal(money)).leaf("CdtDbtInd", direction);
        if answer.outcome == Outcome::Returned {
            writer.open("RtrInf").open("Rsn").leaf("Cd", answer.reason.as_deref().unwrap_or("MS03")).close().close();
        }
        writer.close().close().close();
    }
    writer.end()
}
