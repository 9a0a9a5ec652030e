//! Tells Cargo that the embedded migrations are part of this crate: a new file must lead to a new build.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
