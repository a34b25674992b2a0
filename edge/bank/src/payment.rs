//! Payments to the bank: `pain.001.001.09`, *CustomerCreditTransferInitiation* (ISO 20022, payments initiation).

use jiff::civil::Date;
use sycee_engine::vault::{AccountNumber, BankAccount};
use sycee_money::{Amount, Currency, Money};

use crate::xml::{self, Element, Writer, XmlError};

/// The namespace of the message.
pub const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
/// The message's name, as answers repeat it.
pub const MESSAGE_NAME: &str = "pain.001.001.09";
/// What stands for a bank without a BIC, as the market practice of SEPA has it.
const NOT_PROVIDED: &str = "NOTPROVIDED";

/// One payment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreditTransfer {
    /// Our number of it, 28 digits: the bank does it once, however often it hears of it.
    pub end_to_end_id: String,
    /// How much.
    pub money: Money,
    /// To whom.
    pub creditor: BankAccount,
}

/// Payments of one day in one currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaymentFile {
    /// The file's number, up to 35 characters.
    pub message_id: String,
    /// When it was made, ISO 8601 in UTC.
    pub created_at: String,
    /// On which day the bank is to pay.
    pub execution_date: Date,
    /// From which account.
    pub debtor: BankAccount,
    /// The payments.
    pub transfers: Vec<CreditTransfer>,
}

/// An amount as these messages write it: major units with the currency's own decimals.
#[must_use]
pub fn decimal(money: Money) -> String {
    let digits = usize::from(money.currency.minor_digits());
    let scale = 10_u64.pow(u32::from(money.currency.minor_digits()));
    let minor = money.amount.minor();
    if digits == 0 { minor.to_string() } else { format!("{}.{:0digits$}", minor / scale, minor % scale) }
}

/// The reverse: digits with a point, no more decimals than the currency has unless they are zeros.
#[must_use]
pub fn parse_decimal(text: &str, currency: Currency) -> Option<Money> {
    let digits = usize::from(currency.minor_digits());
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 18 || part.len() > 18 || !plain(whole) || !plain(part) {
        return None;
    }
    let (kept, rest) = part.split_at(digits.min(part.len()));
    if rest.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let minor: u64 = format!("{whole}{kept:0<digits$}").parse().ok()?;
    Some(Money::new(Amount::new(minor).ok()?, currency))
}

/// The amount of an element such as `InstdAmt`.
pub(crate) fn amount(element: &Element) -> Result<Money, XmlError> {
    let currency = element.attribute("Ccy").and_then(Currency::from_code);
    let money = currency.and_then(|currency| parse_decimal(&element.text, currency));
    money.ok_or_else(|| XmlError(format!("{} is no amount in a known currency", element.name)))
}

pub(crate) fn write_account(writer: &mut Writer, name: &'static str, account: &BankAccount) {
    writer.open(name).open("Id");
    match &account.number {
        AccountNumber::Iban(iban) => {
            writer.leaf("IBAN", iban);
        }
        AccountNumber::Local(number) => {
            writer.open("Othr").leaf("Id", number).close();
        }
    }
    writer.close().close();
}

/// The account of an element such as `CdtrAcct`.
pub(crate) fn read_account(account: &Element) -> Result<AccountNumber, XmlError> {
    let number = match account.text_at(&["Id", "IBAN"]) {
        Some(iban) => AccountNumber::iban(iban),
        None => account.text_at(&["Id", "Othr", "Id"]).and_then(AccountNumber::local),
    };
    number.ok_or_else(|| XmlError(format!("{} has no account number that can be", account.name)))
}

fn write_bank(writer: &mut Writer, name: &'static str, account: &BankAccount) {
    writer.open(name).open("FinInstnId");
    match &account.bic {
        Some(bic) => {
            writer.leaf("BICFI", bic);
        }
        None => {
            writer.open("Othr").leaf("Id", NOT_PROVIDED).close();
        }
    }
    writer.close().close();
}

/// Writes a file.
#[must_use]
pub fn write(file: &PaymentFile) -> String {
    let count = file.transfers.len().to_string();
    let sum = sum(&file.transfers).unwrap_or_default();
    let mut writer = Writer::document(NAMESPACE);
    writer.open("CstmrCdtTrfInitn");
    writer.open("GrpHdr").leaf("MsgId", &file.message_id).leaf("CreDtTm", &file.created_at);
    writer.leaf("NbOfTxs", &count).leaf("CtrlSum", &sum);
    writer.open("InitgPty").leaf("Nm", &file.debtor.holder).close().close();
    writer.open("PmtInf").leaf("PmtInfId", &file.message_id).leaf("PmtMtd", "TRF");
    writer.leaf("NbOfTxs", &count).leaf("CtrlSum", &sum);
    writer.open("ReqdExctnDt").leaf("Dt", &file.execution_date.to_string()).close();
    writer.open("Dbtr").leaf("Nm", &file.debtor.holder).close();
    write_account(&mut writer, "DbtrAcct", &file.debtor);
    write_bank(&mut writer, "DbtrAgt", &file.debtor);
    writer.leaf("ChrgBr", "SLEV");
    for transfer in &file.transfers {
        writer.open("CdtTrfTxInf").open("PmtId").leaf("EndToEndId", &transfer.end_to_end_id).close();
        let currency = ("Ccy", transfer.money.currency.code());
        writer.open("Amt").leaf_with("InstdAmt", currency, &decimal(transfer.money)).close();
        if transfer.creditor.bic.is_some() {
            write_bank(&mut writer, "CdtrAgt", &transfer.creditor);
        }
        writer.open("Cdtr").leaf("Nm", &transfer.creditor.holder).close();
        write_account(&mut writer, "CdtrAcct", &transfer.creditor);
        writer.open("RmtInf").leaf("Ustrd", &format!("Settlement {}", transfer.end_to_end_id)).close();
        writer.close();
    }
    writer.end()
}

/// The control sum; `None` for payments in several currencies or of more than can be added up.
fn sum(transfers: &[CreditTransfer]) -> Option<String> {
    let currency = transfers.first()?.money.currency;
    let mut minor: u64 = 0;
    for transfer in transfers.iter().filter(|transfer| transfer.money.currency == currency) {
        minor = minor.checked_add(transfer.money.amount.minor())?;
    }
    Some(decimal(Money::new(Amount::new(minor).ok()?, currency)))
}

/// Reads a file, as a bank does.
///
/// # Errors
/// [`XmlError`]: what is missing or does not add up.
pub fn read(bytes: &[u8]) -> Result<PaymentFile, XmlError> {
    let root = xml::read(bytes)?;
    let message = match root.attribute("xmlns") {
        Some(NAMESPACE) => root.child("CstmrCdtTrfInitn"),
        _ => None,
    };
    let message = message.ok_or_else(|| XmlError(format!("it is no {MESSAGE_NAME}")))?;
    let block = message.child("PmtInf").ok_or_else(|| XmlError("it has no PmtInf".into()))?;
    let date = block.need(&["ReqdExctnDt", "Dt"])?;
    let execution_date: Date = date.parse().map_err(|_| XmlError("ReqdExctnDt is no date".into()))?;
    let party = |element: &Element, name: &str, account: &str, agent: &str| -> Result<BankAccount, XmlError> {
        let number = element.child(account).ok_or_else(|| XmlError(format!("it has no {account}")))?;
        let bic = element.text_at(&[agent, "FinInstnId", "BICFI"]);
        BankAccount::new(element.need(&[name, "Nm"])?, read_account(number)?, bic)
            .ok_or_else(|| XmlError(format!("{name} cannot be")))
    };
    let mut transfers = Vec::new();
    for transfer in block.all("CdtTrfTxInf") {
        let money = transfer.at(&["Amt", "InstdAmt"]).ok_or_else(|| XmlError("a payment has no amount".into()))?;
        transfers.push(CreditTransfer {
            end_to_end_id: transfer.need(&["PmtId", "EndToEndId"])?.to_owned(),
            money: amount(money)?,
            creditor: party(transfer, "Cdtr", "CdtrAcct", "CdtrAgt")?,
        });
    }
    let file = PaymentFile {
        message_id: message.need(&["GrpHdr", "MsgId"])?.to_owned(),
        created_at: message.need(&["GrpHdr", "CreDtTm"])?.to_owned(),
        execution_date,
        debtor: party(block, "Dbtr", "DbtrAcct", "DbtrAgt")?,
        transfers,
    };
    let said = (message.need(&["GrpHdr", "NbOfTxs"])?, message.need(&["GrpHdr", "CtrlSum"])?);
    let counted = (file.transfers.len().to_string(), sum(&file.transfers).unwrap_or_default());
    if said != (counted.0.as_str(), counted.1.as_str()) {
        return Err(XmlError("its payments do not add up to what it says".into()));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_currencys_own_decimals() {
        let money = |minor, code| Money::new(Amount::new(minor).unwrap(), Currency::from_code(code).unwrap());
        for (minor, code, text) in
            [(1_234, "EUR", "12.34"), (5, "EUR", "0.05"), (700, "KRW", "700"), (1, "KWD", "0.001"), (0, "EUR", "0.00")]
        {
            assert_eq!(decimal(money(minor, code)), text);
            assert_eq!(parse_decimal(text, money(0, code).currency), Some(money(minor, code)));
        }
        for (text, code, minor) in [
            ("12.340", "EUR", Some(1_234)),
            ("12", "EUR", Some(1_200)),
            ("12.3", "EUR", Some(1_230)),
            ("700.0", "KRW", Some(700)),
            ("12.345", "EUR", None),
            ("700.5", "KRW", None),
            ("", "EUR", None),
            ("-1", "EUR", None),
            ("1e3", "EUR", None),
            (".5", "EUR", None),
            ("99999999999999999", "EUR", None),
        ] {
            assert_eq!(
                parse_decimal(text, Currency::from_code(code).unwrap()),
                minor.map(|minor| money(minor, code)),
                "{text}"
            );
        }
    }
}
