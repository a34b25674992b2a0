use super::*;

/// The IANA registries of special-purpose addresses (RFC 6890, as of 2025): the first and last address of each entry that is
/// not globally reachable, with its neighbours that are.
const NOT_PUBLIC: [(&str, &[&str]); 33] = [
    ("this network", &["0.0.0.0", "0.1.2.3", "0.255.255.255"]),
    ("private, 10/8", &["10.0.0.0", "10.255.255.255"]),
    ("shared by carriers, 100.64/10", &["100.64.0.0", "100.127.255.255"]),
    ("loopback", &["127.0.0.0", "127.0.0.1", "127.255.255.255"]),
    ("link-local", &["169.254.0.0", "169.254.169.254", "169.254.255.255"]),
    ("private, 172.16/12", &["172.16.0.0", "172.31.255.255"]),
    ("of protocols", &["192.0.0.0", "192.0.0.8", "192.0.0.170", "192.0.0.255"]),
    ("documentation 1", &["192.0.2.0", "192.0.2.255"]),
    ("6to4 relays", &["192.88.99.0", "192.88.99.255"]),
    ("private, 192.168/16", &["192.168.0.0", "192.168.255.255"]),
    ("benchmarks", &["198.18.0.0", "198.19.255.255"]),
    ("documentation 2", &["198.51.100.0", "198.51.100.255"]),
    ("documentation 3", &["203.0.113.0", "203.0.113.255"]),
    ("multicast", &["224.0.0.0", "239.255.255.255"]),
    ("reserved", &["240.0.0.0", "255.255.255.254"]),
    ("broadcast", &["255.255.255.255"]),
    ("unspecified", &["::"]),
    ("loopback, 6", &["::1"]),
    (
        "mapped",
        &["::ffff:0.0.0.0", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:224.0.0.1"],
    ),
    ("compatible", &["::127.0.0.1", "::8.8.8.8"]),
    ("translated stateless", &["::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"]),
    ("translated", &["64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1"]),
    ("translated locally", &["64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:808:808"]),
    ("discarded", &["100::", "100::ffff:ffff:ffff:ffff"]),
    ("Teredo, benchmarks, ORCHID", &["2001::", "2001:2::1", "2001:20::1", "2001:1ff:ffff::"]),
    ("documentation 4", &["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ("6to4 of a private one", &["2002:a00:1::", "2002:7f00:1::", "2002:c0a8:101::1"]),
    ("documentation 5", &["3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ("segment routing", &["5f00::1"]),
    ("unique-local", &["fc00::", "fd12::1", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ("link-local, 6", &["fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ("site-local", &["fec0::1", "feff::1"]),
    ("multicast, 6", &["ff00::", "ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
];

const PUBLIC: [&str; 26] = [
    "1.0.0.0",
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "203.0.114.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
    "2001:200::1",
    "2606:4700::1111",
];

#[test]
fn only_the_public_internet_is_public() {
    for (class, addresses) in NOT_PUBLIC {
        for text in addresses {
            assert!(!Reach::Public(Vec::new()).allows(text.parse().unwrap()), "{class}: {text}");
            assert!(Reach::Everywhere.allows(text.parse().unwrap()));
        }
    }
    for text in PUBLIC {
        assert!(is_public(text.parse().unwrap()), "{text}");
    }
}

#[test]
fn networks_are_read_exactly_or_not_at_all() {
    for text in ["10.0.0.0/8", "0.0.0.0/0", "192.168.1.7", "192.168.1.7/32", "fd00::/8", "::/0", "::1", "::1/128"] {
        assert!(Network::parse(text).is_ok(), "{text}");
    }
    let bad = [
        "",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.1/8",
        "::/129",
        "fd00::1/8",
        "10.0.0/8",
        "10.0.0.0/+8",
        "10.0.0.0/8/8",
        "10.0.0.0/-1",
        "localhost",
        "[::1]/128",
        "10.0.0.0/8 ",
        "10.0.0.0/0008",
        "fe80::1%eth0",
    ];
    for text in bad {
        assert!(Network::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_network_that_is_allowed_is_all_that_is_allowed() {
    let reach = Reach::Public(vec![Network::parse("10.1.0.0/16").unwrap(), Network::parse("fd00:7::/32").unwrap()]);
    let table = [
        ("10.1.0.0", true),
        ("10.1.255.255", true),
        ("::ffff:10.1.2.3", true),
        ("10.0.255.255", false),
        ("10.2.0.0", false),
        ("::ffff:10.2.0.0", false),
        ("fd00:7::1", true),
        ("fd00:8::1", false),
        ("127.0.0.1", false),
        // Carried, not called: where it goes is not ours to know.
        ("64:ff9b::10.1.0.1", false),
        ("8.8.8.8", true),
    ];
    for (text, expected) in table {
        assert_eq!(reach.allows(text.parse().unwrap()), expected, "{text}");
    }
    assert!(Network::parse("0.0.0.0/0").unwrap().contains("10.0.0.1".parse().unwrap()));
    assert!(!Network::parse("0.0.0.0/0").unwrap().contains("::1".parse().unwrap()));
    assert!(Network::parse("::/0").unwrap().contains("::1".parse().unwrap()));
}
