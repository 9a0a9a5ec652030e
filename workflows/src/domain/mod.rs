//! The vocabulary of coflow: plain data and pure functions over it. Nothing here performs I/O, so workflow code, activities,
//! pages and tests share it.

pub mod cause;
pub mod copilot;
pub mod credential;
pub mod email;
pub mod insight;
pub mod licence;
pub mod llm;
pub mod member;
pub mod metrics;
pub mod night;
pub mod pipeline;
pub mod pull_request;
pub mod report;
pub mod repository;
pub mod team;
pub mod trouble;
pub mod webhook;
pub mod weekly_digest;

/// Implements `as_str`, `Display` and `FromStr` for an enum whose values are stored and shown as fixed words.
macro_rules! words {
    ($type:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for this value in the database, in search attributes and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::domain::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(crate::domain::UnknownWord { kind: stringify!($type), word: word.to_owned() }),
                }
            }
        }
    };
}
pub(crate) use words;

/// A stored word that this version of coflow does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// The type that was to be read.
    pub kind: &'static str,
    /// The word found.
    pub word: String,
}

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\" is not a known {}", self.word, self.kind)
    }
}

impl std::error::Error for UnknownWord {}
