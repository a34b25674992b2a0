//! What is wrong with a code, or with what was to become one.

use alloc::string::String;
use core::fmt;

/// One thing that is wrong, and where.
///
/// Its [`Display`](fmt::Display) text is stable: `code`, then the field's path if there is one, then a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field's path, ids joined by dots (`62.09`); empty when it concerns the whole code.
    pub path: String,
    /// What is wrong there.
    pub kind: ProblemKind,
}

impl Problem {
    /// A problem with the field at `path`; an empty path means the whole code.
    pub fn new(path: impl Into<String>, kind: ProblemKind) -> Self {
        Self { path: path.into(), kind }
    }
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// No decoder knows this text.
    Unrecognised,
    /// White space or a byte order mark stands around the code; it was ignored.
    SurroundingSpace,
    /// The outermost fields cannot be read from here on.
    BrokenStructure {
        /// Characters before the place, white space around the code not counted.
        at_character: usize,
    },
    /// The id occurs more than once on its level; the first was kept.
    RepeatedId,
    /// The checksum is not that of the text.
    WrongCrc {
        /// The checksum of the text.
        computed: u16,
    },
    /// There is no checksum.
    MissingCrc,
    /// The checksum is right but written in lower case.
    CrcLowerCase,
    /// Fields follow the checksum, which does not cover them.
    CrcNotLast,
    /// The whole code is longer than its specification allows.
    CodeTooLong {
        /// The most characters allowed.
        maximum: usize,
    },
    /// The first field is not the payload format indicator.
    FormatIndicatorNotFirst,
    /// A field that must be there is not.
    Missing,
    /// None of the fields 02 to 51 says whom to pay.
    NoMerchantAccount,
    /// The value should consist of fields and does not.
    NotATemplate,
    /// The value should be text and was given as fields.
    NotText,
    /// The value is empty.
    Empty,
    /// The value has too many characters.
    TooLong {
        /// The most characters allowed.
        maximum: usize,
    },
    /// The value has not the number of characters it must have.
    WrongLength {
        /// The number of characters it must have.
        expected: usize,
    },
    /// The value should consist of the digits 0 to 9.
    NotDigits,
    /// The value should consist of printable ASCII characters.
    NotPrintableAscii,
    /// The value contains a control character.
    ControlCharacter,
    /// The value is not one of those allowed here.
    UnexpectedValue,
    /// The value is not an amount: digits, at most one dot with digits on both sides, not zero.
    NotAnAmount,
    /// The value is not a percentage from 00.01 to 99.99.
    NotAPercentage,
    /// The value is not a country code: two capital letters.
    NotACountry,
    /// The value is not a language code: two letters.
    NotALanguage,
    /// The value is not a data request: each of the letters A, M, E at most once.
    NotADataRequest,
    /// The field does not go with the tip mode (field 55).
    NotInThisTipMode,
    /// The specification reserves this id.
    ReservedId,
    /// The id is not one that may stand here.
    IdOutOfRange,
    /// The link carries a user name, which hides whose link it is.
    UserInUrl,
    /// A percent escape of the link is not two hex digits or does not give UTF-8; the value was kept as it stands.
    BadPercentEscape,
    /// A parameter of the link occurs more than once; the first was kept.
    RepeatedParameter,
    /// The base64 text lacks its padding, or bits that no byte needs are not 0.
    Base64NotCanonical,
    /// The payload holds no application.
    NoApplication,
    /// The payload holds more than two applications.
    TooManyApplications,
    /// There is common data, which only two applications can share.
    CommonDataForOneApplication,
    /// Filler bytes follow the last object; they were ignored.
    TrailingBytes,
    /// The specification has no object with this tag here.
    UnknownTag,
    /// A length is written in more bytes than it needs.
    LengthNotShortest,
    /// The value is not an application id: 5 to 16 bytes.
    NotAnApplicationId,
    /// The value is not a card number: 8 to 19 digits of four bits each.
    NotAnAccountNumber,
    /// The value is not track 2 equivalent data.
    NotTrack2,
    /// The value is not a payment address: name, `@`, handle.
    NotAPaymentAddress,
    /// The check digit within the value does not fit.
    WrongCheckDigit,
    /// The value has not the form that the scheme asks for.
    WrongForm,
    /// Exactly one out of several fields must be there; there is none or more than one.
    NotExactlyOne,
    /// There is no field of this name.
    UnknownName,
    /// The value is not an IBAN, or its check digits do not fit.
    WrongIban,
    /// The value is not a BIC.
    NotABic,
    /// The payment reference is not of its type, or its check digits do not fit.
    WrongReference,
    /// Creditor's account and type of reference do not go together.
    ReferenceDoesNotFitAccount,
    /// The address is a combined one (type K), which banks no longer take.
    CombinedAddress,
}

impl ProblemKind {
    /// A short name that never changes, for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.code_and_text().0
    }

    /// A sentence that never changes, for people.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.code_and_text().1
    }

    /// Whether a code with this problem must not be used: its structure is broken, an id is repeated, its checksum is
    /// wrong or missing, a consumer-presented code has no application, or nobody knows it. Everything else is worth telling and no more.
    #[must_use]
    pub fn invalidates(self) -> bool {
        matches!(
            self,
            Self::Unrecognised
                | Self::BrokenStructure { .. }
                | Self::RepeatedId
                | Self::WrongCrc { .. }
                | Self::MissingCrc
                | Self::NoApplication
        )
    }

    fn code_and_text(self) -> (&'static str, &'static str) {
        match self {
            Self::Unrecognised => ("unrecognised", "not a payment code that is known here"),
            Self::SurroundingSpace => ("surrounding_space", "white space around the code"),
            Self::BrokenStructure { .. } => ("broken_structure", "the fields cannot be read"),
            Self::RepeatedId => ("repeated_id", "the id occurs more than once"),
            Self::WrongCrc { .. } => ("wrong_crc", "the checksum is not that of the text"),
            Self::MissingCrc => ("missing_crc", "there is no checksum"),
            Self::CrcLowerCase => ("crc_lower_case", "the checksum is in lower case"),
            Self::CrcNotLast => ("crc_not_last", "fields follow the checksum"),
            Self::CodeTooLong { .. } => ("code_too_long", "the code is too long"),
            Self::FormatIndicatorNotFirst => ("format_indicator_not_first", "field 00 is not the first"),
            Self::Missing => ("missing", "the field must be there"),
            Self::NoMerchantAccount => ("no_merchant_account", "no field says whom to pay"),
            Self::NotATemplate => ("not_a_template", "the value does not consist of fields"),
            Self::NotText => ("not_text", "the value must be text"),
            Self::Empty => ("empty", "the value is empty"),
            Self::TooLong { .. } => ("too_long", "the value is too long"),
            Self::WrongLength { .. } => ("wrong_length", "the value has not the right length"),
            Self::NotDigits => ("not_digits", "the value must consist of digits"),
            Self::NotPrintableAscii => ("not_printable_ascii", "the value must be printable ASCII"),
            Self::ControlCharacter => ("control_character", "the value has a control character"),
            Self::UnexpectedValue => ("unexpected_value", "the value is not allowed here"),
            Self::NotAnAmount => ("not_an_amount", "the value is not an amount above zero"),
            Self::NotAPercentage => ("not_a_percentage", "the value is not from 00.01 to 99.99"),
            Self::NotACountry => ("not_a_country", "the value is not two capital letters"),
            Self::NotALanguage => ("not_a_language", "the value is not two letters"),
            Self::NotADataRequest => ("not_a_data_request", "the value is not out of A, M, E"),
            Self::NotInThisTipMode => ("not_in_this_tip_mode", "field 55 does not allow it"),
            Self::ReservedId => ("reserved_id", "the specification reserves the id"),
            Self::IdOutOfRange => ("id_out_of_range", "the id may not stand here"),
            Self::UserInUrl => ("user_in_url", "the link carries a user name"),
            Self::BadPercentEscape => ("bad_percent_escape", "a percent escape is not UTF-8"),
            Self::RepeatedParameter => ("repeated_parameter", "the parameter is repeated"),
            Self::Base64NotCanonical => ("base64_not_canonical", "the base64 text does not end as it should"),
            Self::NoApplication => ("no_application", "there is no application in the payload"),
            Self::TooManyApplications => ("too_many_applications", "there are more than two applications"),
            Self::CommonDataForOneApplication => {
                ("common_data_for_one_application", "only two applications can share data")
            }
            Self::TrailingBytes => ("trailing_bytes", "filler bytes follow the last object"),
            Self::UnknownTag => ("unknown_tag", "the specification has no such object here"),
            Self::LengthNotShortest => ("length_not_shortest", "the length has more bytes than it needs"),
            Self::NotAnApplicationId => ("not_an_application_id", "the value is not 5 to 16 bytes"),
            Self::NotAnAccountNumber => ("not_an_account_number", "the value is not a card number"),
            Self::NotTrack2 => ("not_track_2", "the value is not track 2 data"),
            Self::NotAPaymentAddress => ("not_a_payment_address", "the value is not a payment address"),
            Self::WrongCheckDigit => ("wrong_check_digit", "the check digit does not fit"),
            Self::WrongForm => ("wrong_form", "the value has not the form that the scheme asks for"),
            Self::NotExactlyOne => ("not_exactly_one", "one out of several fields must be there, and only one"),
            Self::UnknownName => ("unknown_name", "there is no such field"),
            Self::WrongIban => ("wrong_iban", "the value is not an IBAN"),
            Self::NotABic => ("not_a_bic", "the value is not a BIC"),
            Self::WrongReference => ("wrong_reference", "the value is not a reference of its type"),
            Self::ReferenceDoesNotFitAccount => {
                ("reference_does_not_fit_account", "the type of reference does not go with the account")
            }
            Self::CombinedAddress => ("combined_address", "combined addresses are abolished"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.kind.code())?;
        if !self.path.is_empty() {
            write!(formatter, " {}", self.path)?;
        }
        write!(formatter, ": {}", self.kind.text())?;
        match self.kind {
            ProblemKind::BrokenStructure { at_character } => {
                write!(formatter, " (after {at_character} characters)")
            }
            ProblemKind::WrongCrc { computed } => write!(formatter, " (computed {computed:04X})"),
            ProblemKind::CodeTooLong { maximum } | ProblemKind::TooLong { maximum } => {
                write!(formatter, " (at most {maximum} characters)")
            }
            ProblemKind::WrongLength { expected } => {
                write!(formatter, " ({expected} characters)")
            }
            _ => Ok(()),
        }
    }
}
