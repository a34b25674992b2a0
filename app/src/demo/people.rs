//! Who lives in the demo: markets, customers, shops. All are made up.

/// A market of the sandbox world, as far as the demo must know it.
pub struct Market {
    /// The cell.
    pub cell: &'static str,
    /// Its currency.
    pub currency: &'static str,
    /// Digits after the point (ISO 4217).
    pub decimals: u32,
    /// Hours ahead of UTC in winter: only for when shops are open.
    pub utc_offset_hours: u64,
    /// Millionths of a US dollar for one minor unit, after the sandbox's made-up rates: only to plan who can pay what.
    pub minor_usd_millionths: u64,
    /// With how much a customer begins at least, minor units. It is far above the price of anything that is sold here.
    pub balance_minor: u64,
    /// What people round to when they send each other money, minor units.
    pub round_minor: u64,
}

/// All markets.
pub const MARKETS: &[Market] = &[
    market("cn", "CNY", 2, 8, 1_400, 600_000, 1_000),
    market("hk", "HKD", 2, 8, 1_280, 700_000, 1_000),
    market("th", "THB", 2, 7, 290, 2_500_000, 10_000),
    market("pk", "PKR", 2, 5, 36, 18_000_000, 10_000),
    market("kr", "KRW", 0, 9, 720, 1_100_000, 1_000),
    market("it", "EUR", 2, 1, 11_000, 70_000, 500),
    market("fr", "EUR", 2, 1, 11_000, 70_000, 500),
];

const fn market(
    cell: &'static str,
    currency: &'static str,
    decimals: u32,
    utc_offset_hours: u64,
    minor_usd_millionths: u64,
    balance_minor: u64,
    round_minor: u64,
) -> Market {
    Market { cell, currency, decimals, utc_offset_hours, minor_usd_millionths, balance_minor, round_minor }
}

/// Which travellers the demo has: the payer's cell, the shop's, and how often compared with the others.
pub const CORRIDORS: &[(&str, &str, u64)] =
    &[("th", "fr", 5), ("cn", "it", 4), ("kr", "hk", 3), ("fr", "cn", 3), ("hk", "kr", 3), ("it", "th", 3)];

/// Customers: cell and name.
pub const CUSTOMERS: &[(&str, &str)] = &[
    ("cn", "李娜"),
    ("cn", "王伟"),
    ("cn", "张敏"),
    ("cn", "刘洋"),
    ("cn", "陈静"),
    ("cn", "赵磊"),
    ("hk", "陳志明"),
    ("hk", "黃詠詩"),
    ("hk", "林嘉欣"),
    ("hk", "何家豪"),
    ("hk", "梁美玲"),
    ("th", "สมชาย ใจดี"),
    ("th", "สุดา ศรีสุข"),
    ("th", "ณัฐพล วงศ์ทอง"),
    ("th", "พิมพ์ชนก แสงจันทร์"),
    ("th", "อนุชา บุญมี"),
    ("th", "กมลวรรณ รัตนกุล"),
    ("th", "ธนากร พงษ์ไพร"),
    ("pk", "محمد علی خان"),
    ("pk", "عائشہ صدیقی"),
    ("pk", "بلال احمد"),
    ("pk", "فاطمہ ملک"),
    ("kr", "김민준"),
    ("kr", "이서연"),
    ("kr", "박지훈"),
    ("kr", "최수빈"),
    ("kr", "정하늘"),
    ("kr", "강도윤"),
    ("it", "Giulia Rossi"),
    ("it", "Marco Bianchi"),
    ("it", "Francesca Esposito"),
    ("it", "Luca Romano"),
    ("it", "Chiara Ricci"),
    ("it", "Matteo Greco"),
    ("fr", "Camille Dubois"),
    ("fr", "Léo Martin"),
    ("fr", "Chloé Bernard"),
    ("fr", "Hugo Lefèvre"),
    ("fr", "Inès Garnier"),
    ("fr", "Théo Moreau"),
];

/// A shop.
pub struct Shop {
    /// Its cell.
    pub cell: &'static str,
    /// What stands over the door.
    pub name: &'static str,
    /// Merchant category code (ISO 18245).
    pub mcc: &'static str,
    /// The cheapest and the dearest that people buy there, minor units.
    pub prices_minor: (u64, u64),
    /// Prices are multiples of this, minor units.
    pub step_minor: u64,
}

/// Shops.
pub const SHOPS: &[Shop] = &[
    shop("fr", "Boulangerie du Marais", "5462", (150, 1_800), 10),
    shop("fr", "Librairie du Quai", "5942", (600, 4_500), 50),
    shop("fr", "Bistrot des Halles", "5812", (1_400, 6_500), 50),
    shop("fr", "Fromagerie Laurent", "5451", (400, 3_500), 10),
    shop("fr", "Maison Rivière", "5651", (2_500, 15_000), 100),
    shop("it", "Caffè del Ponte", "5814", (120, 900), 10),
    shop("it", "Trattoria da Nonna Rosa", "5812", (1_200, 5_500), 50),
    shop("it", "Pelletteria Conti", "5948", (3_500, 18_000), 100),
    shop("it", "Gelateria Fontana", "5814", (250, 1_200), 10),
    shop("cn", "胡同炸酱面馆", "5812", (1_800, 12_000), 100),
    shop("cn", "湖畔茶叶店", "5499", (4_000, 30_000), 100),
    shop("cn", "丝路工艺品", "5947", (3_000, 25_000), 100),
    shop("cn", "街角便利店", "5411", (500, 6_000), 10),
    shop("hk", "順記茶餐廳", "5812", (3_500, 18_000), 50),
    shop("hk", "海傍電器", "5732", (15_000, 120_000), 1_000),
    shop("hk", "山頂道藥房", "5912", (2_000, 25_000), 10),
    shop("th", "ครัวคุณยาย", "5812", (6_000, 45_000), 500),
    shop("th", "ร้านกาแฟริมน้ำ", "5814", (4_500, 18_000), 500),
    shop("th", "บ้านผ้าไหม", "5699", (20_000, 180_000), 1_000),
    shop("th", "นวดไทยสบาย", "7297", (25_000, 90_000), 5_000),
    shop("pk", "انارکلی کتب خانہ", "5942", (30_000, 250_000), 1_000),
    shop("pk", "لاہور بریانی", "5812", (25_000, 180_000), 1_000),
    shop("kr", "골목떡집", "5462", (3_000, 25_000), 500),
    shop("kr", "달빛화장품", "5977", (8_000, 90_000), 500),
    shop("kr", "강변치킨", "5814", (15_000, 42_000), 1_000),
];

const fn shop(
    cell: &'static str,
    name: &'static str,
    mcc: &'static str,
    prices_minor: (u64, u64),
    step_minor: u64,
) -> Shop {
    Shop { cell, name, mcc, prices_minor, step_minor }
}

/// The market of a cell.
///
/// # Panics
/// If there is none: the tables above do not agree, which a test rules out.
#[must_use]
pub fn market_of(cell: &str) -> &'static Market {
    MARKETS.iter().find(|market| market.cell == cell).expect("every customer, shop and corridor is of a market above")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_of_a_market_and_every_market_has_people_and_shops() {
        let cells = CUSTOMERS.iter().map(|(cell, _)| cell).chain(SHOPS.iter().map(|shop| &shop.cell));
        for cell in cells.chain(CORRIDORS.iter().flat_map(|(from, to, _)| [from, to])) {
            assert!(MARKETS.iter().any(|market| market.cell == *cell), "{cell}");
        }
        for market in MARKETS {
            assert!(CUSTOMERS.iter().filter(|(cell, _)| *cell == market.cell).count() > 1, "{}", market.cell);
            assert!(SHOPS.iter().any(|shop| shop.cell == market.cell), "{}", market.cell);
        }
    }

    #[test]
    fn names_are_nobodys_twice_and_prices_are_prices() {
        let mut names: Vec<&str> = CUSTOMERS.iter().map(|(_, name)| *name).collect();
        names.extend(SHOPS.iter().map(|shop| shop.name));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CUSTOMERS.len() + SHOPS.len());
        for Shop { name, mcc, prices_minor: (low, high), step_minor, .. } in SHOPS {
            assert!(0 < *low && low < high && *step_minor > 0 && low % step_minor == 0, "{name}");
            assert!(mcc.len() == 4 && mcc.bytes().all(|byte| byte.is_ascii_digit()), "{name}");
        }
    }
}
