//! Walls: a folder is a dependency rule (law 10), and cargo's own account of the packages is what is checked.

use serde_json::Value;

use super::{list, text};

/// The kernel, lowest first: each may depend on those before it.
const KERNEL: &[&str] = &["kernel/money", "kernel/ledger", "kernel/contract"];

/// The products in the drawing of ARCHITECTURE.md, lowest first. A product that is not in it may depend on the kernel only.
const DRAWING: &[&str] =
    &["products/party", "products/wallet", "products/acquiring", "products/books", "products/interop"];

/// What the kernel may use from outside.
const KERNEL_EXTERNAL: &[&str] = &["minicbor", "sha2"];

/// What products may use from outside.
const PRODUCT_EXTERNAL: &[&str] = &["minicbor"];

/// A dependency that goes through a wall, for every one.
pub fn check(packages: &Value) -> Vec<String> {
    let root = text(packages, "workspace_root");
    let mut findings = Vec::new();
    for package in list(packages, "packages") {
        let manifest = folder(root, text(package, "manifest_path").trim_end_matches("/Cargo.toml"));
        for dependency in list(package, "dependencies") {
            let is_test = text(dependency, "kind") == "dev";
            let name = text(dependency, "name");
            let allowed = match dependency.get("path").and_then(Value::as_str) {
                Some(path) => may_see(manifest, folder(root, path), is_test),
                None => is_test || may_use(manifest, name),
            };
            if !allowed {
                findings.push(format!("{manifest}/Cargo.toml: may not depend on {name} (law 10)"));
            }
        }
    }
    findings
}

fn folder<'p>(root: &str, path: &'p str) -> &'p str {
    path.strip_prefix(root).unwrap_or(path).trim_start_matches('/')
}

/// Whether the package in `from` may depend on the one in `to`, both folders of ours. Tests of a product may run the
/// whole registry: cargo builds them apart from it.
fn may_see(from: &str, to: &str, is_test: bool) -> bool {
    let place = |of: &[&str], folder: &str| of.iter().position(|name| *name == folder);
    let is_kernel = to.starts_with("kernel/");
    let is_product = to.starts_with("products/") && to != "products/registry";
    match room(from) {
        "kernel" => place(KERNEL, to) < place(KERNEL, from) && place(KERNEL, to).is_some(),
        "codes" | "courier" => false,
        "products" if is_kernel || to == "codes" => true,
        "products" if from == "products/registry" => is_product,
        "products" if is_test => is_product || to == "products/registry",
        "products" => place(DRAWING, to) < place(DRAWING, from) && place(DRAWING, to).is_some(),
        "engine" => is_kernel || to == "products/registry" || (is_test && is_product),
        "edge" => is_kernel || is_product || matches!(to, "products/registry" | "engine" | "codes" | "courier"),
        "app" | "sim" => to != "xtask" && to != "app",
        "xtask" => to.starts_with("edge/"),
        _ => false,
    }
}

/// Whether the package in `from` may depend on the package `name` from outside.
fn may_use(from: &str, name: &str) -> bool {
    match room(from) {
        "kernel" => KERNEL_EXTERNAL.contains(&name),
        "products" => PRODUCT_EXTERNAL.contains(&name),
        "codes" => false,
        _ => true,
    }
}

fn room(folder: &str) -> &str {
    folder.split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_see_whom() {
        const FINE: bool = true;
        const WALL: bool = false;
        for (from, to, expected) in [
            ("kernel/ledger", "kernel/money", FINE),
            ("kernel/money", "kernel/ledger", WALL),
            ("kernel/money", "kernel/other", WALL),
            ("kernel/contract", "products/party", WALL),
            ("products/party", "kernel/contract", FINE),
            ("products/wallet", "products/party", FINE),
            ("products/party", "products/wallet", WALL),
            ("products/wallet", "products/wallet", WALL),
            ("products/voucher", "kernel/contract", FINE),
            ("products/voucher", "products/party", WALL),
            ("products/wallet", "products/voucher", WALL),
            ("products/party", "products/registry", WALL),
            ("products/party", "engine", WALL),
            ("products/registry", "products/voucher", FINE),
            ("products/registry", "engine", WALL),
            ("engine", "products/registry", FINE),
            ("engine", "products/wallet", WALL),
            ("engine", "edge/alipay", WALL),
            ("engine", "app", WALL),
            ("codes", "kernel/money", WALL),
            ("edge/alipay", "engine", FINE),
            ("edge/alipay", "products/acquiring", FINE),
            ("edge/alipay", "codes", FINE),
            ("edge/alipay", "courier", FINE),
            ("courier", "engine", WALL),
            ("courier", "kernel/money", WALL),
            ("engine", "courier", WALL),
            ("products/wallet", "courier", WALL),
            ("edge/alipay", "edge/sandbox", WALL),
            ("edge/alipay", "app", WALL),
            ("app", "edge/alipay", FINE),
            ("xtask", "edge/alipay", FINE),
            ("sim", "engine", FINE),
            ("sim", "app", WALL),
            ("xtask", "app", WALL),
            ("newroom", "kernel/money", WALL),
        ] {
            assert_eq!(may_see(from, to, false), expected, "{from} → {to}");
        }
        assert!(may_see("products/voucher", "products/registry", true));
        assert!(!may_see("codes", "kernel/money", true));
    }

    #[test]
    fn bad_manifests_are_found() {
        let sample = r#"{"workspace_root": "/x", "packages": [
            {"manifest_path": "/x/codes/Cargo.toml", "dependencies": [
                {"name": "serde", "kind": null}, {"name": "serde_json", "kind": "dev"}]},
            {"manifest_path": "/x/kernel/money/Cargo.toml", "dependencies": [
                {"name": "minicbor", "kind": null}, {"name": "rand", "kind": "build"},
                {"name": "sycee-party", "kind": null, "path": "/x/products/party"}]},
            {"manifest_path": "/x/products/party/Cargo.toml", "dependencies": [
                {"name": "sycee-money", "kind": null, "path": "/x/kernel/money"}, {"name": "tokio", "kind": null}]}
        ]}"#;
        let findings = check(&serde_json::from_str(sample).unwrap());
        let expected = [
            "codes/Cargo.toml: may not depend on serde (law 10)",
            "kernel/money/Cargo.toml: may not depend on rand (law 10)",
            "kernel/money/Cargo.toml: may not depend on sycee-party (law 10)",
            "products/party/Cargo.toml: may not depend on tokio (law 10)",
        ];
        assert_eq!(findings, expected);
    }
}
