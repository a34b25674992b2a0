//! What every product must hold to, tested over the registry (law 11), and each product's table tests on the shared bench.

mod bench;
mod books;
mod descriptors;
mod golden;
mod limits;
mod load;
mod party;
mod proposals;
mod robustness;
mod wallet;
