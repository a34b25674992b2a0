//! Markets, and networks of them that are ready: links open, participants registered, rates set.

use minicbor::{Decode, Encode};
use sycee_acquiring::command::{ONBOARD_MERCHANT, OnboardMerchant, PAY_STATIC, PayStatic};
use sycee_acquiring::reply::MerchantReply;
use sycee_contract::{
    Caller, Command, KycTier, MarketPack, MarketRole, NetworkTerms, Refusal, SettlementTerms, cell, decode,
};
use sycee_engine::clock::Clock;
use sycee_engine::links::step;
use sycee_interop::command::{REGISTER_PARTICIPANT, RateOfPair, RegisterParticipant, SET_RATES, SetRates};
use sycee_interop::message::DirectoryEntry;
use sycee_money::{Amount, Currency, Money, Rate};
use sycee_party::OPEN_CUSTOMER;
use sycee_party::command::{OpenCustomer, Opened};
use sycee_wallet::CASH_IN;
use sycee_wallet::command::CashIn;

use crate::clock::HandClock;
use crate::network::Network;
use crate::site::Site;

/// The network's cell.
pub const NETWORK: u16 = 99;

/// 2026-11-23 00:00 UTC, a Monday.
pub const START_NS: u64 = 1_795_392_000_000_000_000;

/// A market of the simulator: what of a market pack differs between them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Market {
    /// Its cell's number.
    pub number: u16,
    /// Its short name.
    pub name: &'static str,
    /// ISO 4217.
    pub currency: &'static str,
    /// IANA.
    pub time_zone: &'static str,
    /// What one unit of its currency is worth here when a simulation begins, millionths of a euro.
    pub worth: u64,
}

/// The markets that the simulator knows.
pub const MARKETS: &[Market] = &[
    Market { number: 1, name: "cn", currency: "CNY", time_zone: "Asia/Shanghai", worth: 128_200 },
    Market { number: 2, name: "hk", currency: "HKD", time_zone: "Asia/Hong_Kong", worth: 110_700 },
    Market { number: 3, name: "th", currency: "THB", time_zone: "Asia/Bangkok", worth: 26_530 },
    Market { number: 5, name: "kr", currency: "KRW", time_zone: "Asia/Seoul", worth: 617 },
    Market { number: 6, name: "it", currency: "EUR", time_zone: "Europe/Rome", worth: 1_000_000 },
    Market { number: 7, name: "fr", currency: "EUR", time_zone: "Europe/Paris", worth: 1_000_000 },
];

impl Market {
    /// The market of this name.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn named(name: &str) -> Self {
        *MARKETS.iter().find(|market| market.name == name).expect("the simulator knows this market")
    }

    /// Its currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        currency(self.currency)
    }

    /// An amount of its currency.
    #[must_use]
    pub fn money(&self, minor: u64) -> Money {
        Money::new(amount(minor), self.currency())
    }
}

/// The currency of a code.
///
/// # Panics
/// If ISO 4217 does not have it.
#[must_use]
pub fn currency(code: &str) -> Currency {
    Currency::from_code(code).expect("a currency of ISO 4217")
}

/// An amount.
///
/// # Panics
/// If it is out of range.
#[must_use]
pub fn amount(minor: u64) -> Amount {
    Amount::new(minor).expect("the simulator's amounts are in range")
}

/// How a network is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// For the wire.
    pub seed: u64,
    /// When it begins, UTC nanoseconds.
    pub start_ns: u64,
    /// The participants.
    pub markets: Vec<Market>,
    /// Whether journals are thrown away.
    pub forgetful: bool,
    /// The network's terms.
    pub terms: NetworkTerms,
    /// How far each participant may owe the network, minor units of its currency.
    pub net_debit_cap_minor: u64,
    /// Bank holidays of all, yyyymmdd.
    pub holidays: Vec<u32>,
    /// The network's own time zone.
    pub time_zone: &'static str,
}

impl Options {
    /// A network of these markets with the terms of `markets/net.toml`, and a fee of 0.2 %.
    #[must_use]
    pub fn of(seed: u64, names: &[&str]) -> Self {
        Self {
            seed,
            start_ns: START_NS,
            markets: names.iter().map(|name| Market::named(name)).collect(),
            forgetful: false,
            terms: NetworkTerms {
                margin_bps: 50,
                fee_bps: 20,
                fee_returned_on_refund: true,
                quote_seconds: 60,
                quote_grace_seconds: 30,
                rate_max_age_seconds: 3_600,
                window_seconds: 86_400,
                participants: Vec::new(),
            },
            net_debit_cap_minor: 1_000_000_000_000,
            holidays: Vec::new(),
            time_zone: "Etc/UTC",
        }
    }

    /// Makes the network, opens its links, registers its participants and sets rates.
    ///
    /// # Panics
    /// If anything of that is refused.
    #[must_use]
    pub fn build(&self) -> Network {
        let clock = HandClock::new(self.start_ns);
        let new = if self.forgetful { Site::forgetful } else { Site::new };
        let mut sites: Vec<Site> =
            self.markets.iter().map(|market| new(market.number, market.time_zone, clock.clone())).collect();
        sites.push(new(NETWORK, self.time_zone, clock.clone()));
        let mut network = Network::new(clock, sites, self.seed);
        for number in network.numbers() {
            network.open(number, std::sync::Arc::new(sycee_registry::products()));
        }
        done(&mut network, NETWORK, operator(cell::INSTALL_MARKET, &self.network_pack()));
        for market in &self.markets {
            let pack = pack(market, self.calendar());
            done(&mut network, market.number, operator(cell::INSTALL_MARKET, &pack));
            done(&mut network, market.number, step::open_command(NETWORK));
            done(&mut network, NETWORK, step::open_command(market.number));
        }
        network.drain();
        for market in &self.markets {
            register(&mut network, market, self.net_debit_cap_minor, true);
        }
        network.drain();
        set_rates(&mut network, &self.markets, |market| market.worth);
        network
    }

    fn calendar(&self) -> Vec<u32> {
        settlement_calendar(&self.holidays)
    }

    fn network_pack(&self) -> MarketPack {
        let of = Market { number: NETWORK, name: "net", currency: "USD", time_zone: self.time_zone, worth: 0 };
        MarketPack {
            roles: vec![MarketRole::Network],
            kyc_tiers: Vec::new(),
            network: Some(self.terms.clone()),
            ..pack(&of, self.calendar())
        }
    }
}

/// Takes a market into the network, or changes what is known of it.
///
/// # Panics
/// If the network refuses.
pub fn register(network: &mut Network, market: &Market, net_debit_cap_minor: u64, active: bool) {
    let entry = DirectoryEntry {
        cell: market.number,
        name: market.name.into(),
        currency: market.currency(),
        code_patterns: vec![format!("guid:org.sycee.{}", market.name)],
        active,
    };
    let body = RegisterParticipant { entry, net_debit_cap: amount(net_debit_cap_minor) };
    done(network, NETWORK, operator(REGISTER_PARTICIPANT, &body));
}

/// Sets the rates of all pairs of the markets' currencies as of now. `worth` says what one unit of a market's currency is worth.
///
/// # Panics
/// If the network refuses.
pub fn set_rates(network: &mut Network, markets: &[Market], worth: impl Fn(&Market) -> u64) {
    let command = rates_command(network.clock.now_ns(), markets, worth);
    done(network, NETWORK, command);
}

/// The command that sets rates.
///
/// # Panics
/// If a worth is zero.
#[must_use]
pub fn rates_command(at_ns: u64, markets: &[Market], worth: impl Fn(&Market) -> u64) -> Command {
    let mut rates: Vec<RateOfPair> = Vec::new();
    for base in markets {
        for counter in markets.iter().filter(|counter| counter.currency != base.currency) {
            let rate = Rate::new(worth(base), worth(counter)).expect("worths are above zero");
            let pair = RateOfPair { base: base.currency(), counter: counter.currency(), rate };
            if !rates.contains(&pair) {
                rates.push(pair);
            }
        }
    }
    operator(SET_RATES, &SetRates { source: "simulated".into(), at_ns, rates })
}

/// An operator's command without a key.
#[must_use]
pub fn operator<T: Encode<()>>(code: u16, body: &T) -> Command {
    Command::new(code, Caller::OPERATOR, body)
}

/// Asks what must be accepted.
///
/// # Panics
/// If it is refused.
pub fn done(network: &mut Network, number: u16, command: Command) -> Vec<u8> {
    let code = command.code;
    let refused = |refusal: Refusal| panic!("cell {number} refused {code:#06x}: {refusal:?}");
    network.ask(number, command).unwrap_or_else(refused)
}

/// Asks what must be accepted, and reads the reply.
///
/// # Panics
/// If it is refused, or the reply is of another type.
pub fn reply<R: for<'b> Decode<'b, ()>>(network: &mut Network, number: u16, command: Command) -> R {
    decode(&done(network, number, command), "reply").expect("the reply is of this type")
}

/// A handle of personal data that is nobody's.
fn person(index: u64) -> [u8; 16] {
    let mut person = [0; 16];
    person[..8].copy_from_slice(&index.to_be_bytes());
    person
}

/// Opens a customer of a tier, with cash. `index` names it in its cell.
///
/// # Panics
/// If the cell refuses.
pub fn open_customer(network: &mut Network, market: &Market, index: u64, kyc_rank: u16, cash_minor: u64) -> u64 {
    let body = OpenCustomer { person: person(index), contact: None, kyc_rank: Some(kyc_rank) };
    let opening = operator(OPEN_CUSTOMER, &body).with_id(&format!("customer-{index}"));
    let customer = reply::<Opened>(network, market.number, opening).party;
    if cash_minor > 0 {
        let body = CashIn { customer, money: market.money(cash_minor), bank_reference: format!("cash-{index}") };
        done(network, market.number, operator(CASH_IN, &body).with_id(&format!("cash-{index}")));
    }
    customer
}

/// Opens a merchant. `index` names it in its cell. With `proceeds_minor`, a customer who is opened for it has paid so much.
///
/// # Panics
/// If the cell refuses.
pub fn open_merchant(network: &mut Network, market: &Market, index: u64, proceeds_minor: u64) -> u64 {
    let body = OnboardMerchant { name: person(index), mcc: "5812".into(), fee_bps: None };
    let opening = operator(ONBOARD_MERCHANT, &body).with_id(&format!("merchant-{index}"));
    let merchant = reply::<MerchantReply>(network, market.number, opening).merchant;
    if proceeds_minor > 0 {
        let payer = open_customer(network, market, 1_000_000 + index, 2, proceeds_minor);
        let total = market.money(proceeds_minor);
        let body = PayStatic { merchant, store: None, total, reference: "proceeds".into() };
        let paying = Command::new(PAY_STATIC, Caller::customer(payer), &body).with_id("proceeds");
        done(network, market.number, paying);
    }
    merchant
}

/// All days of 2026 and 2027 on which banks settle.
///
/// # Panics
/// Never: the days are of the calendar.
#[must_use]
pub fn settlement_calendar(holidays: &[u32]) -> Vec<u32> {
    let first = jiff::civil::date(2026, 1, 1);
    let last = jiff::civil::date(2027, 12, 31);
    first
        .series(jiff::Span::new().days(1))
        .take_while(|date| *date <= last)
        .filter(|date| date.weekday().to_monday_one_offset() <= 5)
        .map(yyyymmdd)
        .filter(|date| !holidays.contains(date))
        .collect()
}

/// A date as the decimal number yyyymmdd.
///
/// # Panics
/// For dates before the year 0.
#[must_use]
pub fn yyyymmdd(date: jiff::civil::Date) -> u32 {
    let number = i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day());
    u32::try_from(number).expect("dates of this era")
}

fn pack(market: &Market, settlement_calendar: Vec<u32>) -> MarketPack {
    let tier = |rank, transaction_minor| KycTier {
        rank,
        name: format!("tier {rank}"),
        transaction_limit: amount(transaction_minor),
        day_limit: Amount::ZERO,
        month_limit: Amount::ZERO,
        balance_limit: Amount::ZERO,
        year_limit: None,
        lifetime_limit: None,
    };
    MarketPack {
        cell: market.name.into(),
        cell_number: market.number,
        market: "XX".into(),
        roles: vec![MarketRole::Wallet, MarketRole::Acquirer],
        currency: currency(market.currency),
        other_currencies: Vec::new(),
        time_zone: market.time_zone.into(),
        pay_code_prefix: "28".into(),
        mpm_template: 26,
        mpm_guid: "org.example".into(),
        // The lower tier may not pay more than this at a time; the higher has no limit.
        kyc_tiers: vec![tier(1, 1_000), tier(2, 0)],
        merchant_fee_bps: 60,
        merchant_fee_returned: true,
        refund_window_days: 365,
        cancel_window_hours: 24,
        order_timeout_minutes: 15,
        order_code_minutes: 10,
        pay_code_seconds: 60,
        holidays: Vec::new(),
        languages: None,
        settlement: Some(SettlementTerms { cut_off_minutes: 23 * 60, days_after: 1, weekend: vec![6, 7] }),
        offline_codes: None,
        code_patterns: None,
        network: None,
        effective_from_ns: None,
        provenance: None,
        settlement_calendar: Some(settlement_calendar),
        proof_above: None,
    }
}
