//! What lists products iterates the registry (law 11): here the command line's own list.

use sycee_contract::Products;

/// Prints every product's table of contents.
pub fn print_registry(products: &Products) {
    for product in products.iter() {
        let descriptor = product.descriptor();
        println!("{} {}", descriptor.number, descriptor.name);
        for command in descriptor.commands {
            let roles: Vec<String> = command.roles.iter().map(|role| format!("{role:?}").to_lowercase()).collect();
            println!("  command   {:<22} {}", command.name, roles.join(", "));
        }
        for account in descriptor.accounts {
            println!("  account   {:<22} {:?}, {:?}", account.name, account.class, account.limit);
        }
        for table in descriptor.tables {
            println!("  table     {:<22} {}", table.name, table.meaning);
        }
        for refusal in descriptor.refusals {
            println!("  refusal   {:<22} {} {:?}: {}", refusal.name, refusal.code, refusal.class, refusal.meaning);
        }
        for event in product.events() {
            println!("  event     {:<22} {}", event.name, event.meaning);
        }
        for invariant in descriptor.invariants {
            println!("  invariant {:<22} {}", invariant.name, invariant.meaning);
        }
    }
}
