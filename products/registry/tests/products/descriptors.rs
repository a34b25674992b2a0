//! Descriptors of all products: numbers, names and texts.

use std::collections::BTreeSet;

use sycee_contract::{Product, Products, RefusalClass, cell};

fn products() -> Products {
    sycee_registry::products()
}

fn high(number: u16) -> u8 {
    number.to_be_bytes()[0]
}

fn is_snake_case(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fits)
}

#[test]
fn products_have_unique_numbers_and_names_and_stand_in_order() {
    let numbers: Vec<u8> = products().iter().map(|product| product.descriptor().number).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    let names: BTreeSet<&str> = products().iter().map(|product| product.descriptor().name).collect();
    assert_eq!(names.len(), numbers.len());
    assert!(names.iter().all(|name| is_snake_case(name)), "{names:?}");
}

#[test]
fn a_number_taken_twice_is_noticed() {
    let mut list = sycee_registry::list();
    list.extend(sycee_registry::list().pop());
    assert!(Products::new(list).is_err());
}

#[test]
fn commands_have_unique_names_and_rising_numbers() {
    let mut names = BTreeSet::new();
    for product in products().iter() {
        let commands = product.descriptor().commands;
        assert!(commands.iter().map(|command| command.number).eq(1..=u8::try_from(commands.len()).unwrap()));
        for command in commands {
            assert!(is_snake_case(command.name), "{}", command.name);
            assert!(names.insert(command.name), "two commands are called {}", command.name);
            assert!(!command.roles.is_empty(), "nobody may ask {}", command.name);
            let fields = command.fingerprint.iter().map(|(number, _)| *number);
            assert!(fields.is_sorted_by(|a, b| a < b), "the fingerprint of {}", command.name);
        }
    }
}

#[test]
fn refusals_have_numbers_without_gaps_unique_names_and_a_meaning() {
    for product in products().iter() {
        let mut names = BTreeSet::new();
        let descriptor = product.descriptor();
        let base = u16::from(descriptor.number) * 256;
        let codes: Vec<u16> = descriptor.refusals.iter().map(|refusal| refusal.code).collect();
        // The cell's own go from 1 to 11, and the ledger's follow at 64.
        let own = codes.iter().copied().take_while(|code| *code < base + 64).collect::<Vec<_>>();
        assert!(own.iter().copied().eq((base + 1..).take(own.len())), "{}: {codes:?}", descriptor.name);
        let rest = &codes[own.len()..];
        assert!(rest.is_empty() || descriptor.number == 0, "{}: {codes:?}", descriptor.name);
        assert!(rest.iter().copied().eq((cell::LEDGER_REFUSAL_BASE + 1..).take(rest.len())), "{codes:?}");
        for refusal in descriptor.refusals {
            assert!(is_snake_case(refusal.name), "{}", refusal.name);
            assert!(names.insert(refusal.name), "{}: two refusals are called {}", descriptor.name, refusal.name);
            assert!(refusal.meaning.ends_with('.') && refusal.meaning.len() > 10, "{}", refusal.name);
        }
    }
}

#[test]
fn binding_refusals_exist_and_are_never_try_again() {
    let products = products();
    let mut count = 0;
    for command in products.iter().flat_map(|product| product.descriptor().commands) {
        for code in command.binding_refusals {
            let refusal = products.refusal(*code).unwrap_or_else(|| panic!("{} binds {code}", command.name));
            assert_ne!(refusal.class, RefusalClass::TryAgain, "{} binds {}", command.name, refusal.name);
            assert!(!command.fingerprint.is_empty(), "{} binds a key that it does not need", command.name);
            count += 1;
        }
    }
    assert!(count > 0, "the test looked at nothing");
}

#[test]
fn tables_and_account_kinds_carry_their_products_number() {
    let mut numbers = BTreeSet::new();
    let mut names = BTreeSet::new();
    for product in products().iter() {
        let descriptor = product.descriptor();
        for kind in descriptor.accounts {
            assert_eq!(high(kind.number), descriptor.number, "{}", kind.name);
            assert!(numbers.insert(kind.number), "{}", kind.name);
            assert!(is_snake_case(kind.name) && names.insert(kind.name), "{}", kind.name);
        }
    }
    let mut tables = BTreeSet::new();
    let mut names = BTreeSet::new();
    for product in products().iter() {
        let descriptor = product.descriptor();
        for table in descriptor.tables {
            assert_eq!(high(table.table), descriptor.number, "{}", table.name);
            assert!(tables.insert(table.table) && names.insert(table.name), "{}", table.name);
            assert!(is_snake_case(table.name) && !table.meaning.is_empty(), "{}", table.name);
        }
    }
}

#[test]
fn invariants_have_unique_names_and_meanings() {
    let mut names = BTreeSet::new();
    for invariant in products().iter().flat_map(|product| product.descriptor().invariants) {
        assert!(is_snake_case(invariant.name) && names.insert(invariant.name), "{}", invariant.name);
        assert!(!invariant.meaning.is_empty(), "{}", invariant.name);
    }
}

#[test]
fn events_have_numbers_without_gaps_unique_names_and_fields_that_say_something() {
    let products = products();
    let mut names = BTreeSet::new();
    for product in products.iter() {
        let base = u16::from(product.descriptor().number) * 256;
        let kinds: Vec<u16> = product.events().iter().map(|event| event.kind).collect();
        assert!(kinds.iter().copied().eq((base + 1..).take(kinds.len())), "{kinds:?}");
        for event in product.events() {
            assert!(is_snake_case(event.name) && names.insert(event.name), "{}", event.name);
            assert!(event.meaning.ends_with('.') && event.meaning.len() > 10, "{}", event.name);
            let mut fields = BTreeSet::new();
            for field in event.fields {
                assert!(is_snake_case(field.name) && fields.insert(field.name), "{}.{}", event.name, field.name);
                assert!(!field.meaning.is_empty(), "{}.{}", event.name, field.name);
            }
            assert_eq!(products.event(event.kind).map(|found| found.name), Some(event.name));
        }
    }
    assert!(!names.is_empty());
}

#[test]
fn every_descriptor_is_found_by_its_number() {
    let products = products();
    for product in products.iter() {
        let descriptor = product.descriptor();
        let found = products.get(descriptor.number).map(|found: &dyn Product| found.descriptor().name);
        assert_eq!(found, Some(descriptor.name));
        for command in descriptor.commands {
            let code = u16::from_be_bytes([descriptor.number, command.number]);
            assert_eq!(products.command(code).map(|(_, found)| found.name), Some(command.name));
        }
        for kind in descriptor.accounts {
            assert_eq!(products.account_kind(kind.number).map(|found| found.name), Some(kind.name));
        }
    }
}
