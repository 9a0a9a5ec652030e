//! Tells Cargo that a new migration changes this crate: the migrations are compiled in.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
