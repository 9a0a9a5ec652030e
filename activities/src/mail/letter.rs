//! A letter as blocks of text, and its two forms: plain and HTML. Everything is escaped here, once: templates hold no markup.

use super::wording::one_line;

/// What an e-mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    subject: String,
    greeting: String,
    blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    Paragraph(String),
    /// Labels with their values.
    Facts(Vec<(&'static str, String)>),
    /// What to type.
    Command(String),
    /// A label and an address.
    Link(&'static str, String),
}

impl Letter {
    pub(super) fn new(subject: impl AsRef<str>) -> Self {
        Self {
            subject: one_line(subject.as_ref()),
            greeting: greeting(None),
            blocks: vec![],
        }
    }

    pub(super) fn paragraph(self, text: impl AsRef<str>) -> Self {
        self.with(Block::Paragraph(one_line_of_any_length(text.as_ref())))
    }

    /// Labels with their values; those without a value are left out.
    pub(super) fn facts(
        self,
        facts: impl IntoIterator<Item = (&'static str, Option<String>)>,
    ) -> Self {
        let known = facts
            .into_iter()
            .filter_map(|(label, value)| Some((label, one_line(&value?))));
        self.with(Block::Facts(known.collect()))
    }

    pub(super) fn command(self, command: impl Into<String>) -> Self {
        self.with(Block::Command(command.into()))
    }

    pub(super) fn link(self, label: &'static str, address: Option<String>) -> Self {
        match address {
            Some(address) => self.with(Block::Link(label, address)),
            None => self,
        }
    }

    /// Greets a person.
    pub(super) fn to(mut self, name: Option<&str>) -> Self {
        self.greeting = greeting(name);
        self
    }

    /// Says where coflow's pages are, when it has any.
    pub(super) fn with_page(self, public_url: Option<&str>) -> Self {
        self.link("Open coflow", public_url.map(str::to_owned))
    }

    fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// Proves that e-mails arrive.
    pub fn of_test() -> Self {
        Self::new("coflow can send e-mail")
            .paragraph("This is the test that was asked for with coflow emails test. It arrived.")
    }

    /// One line.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The form without markup.
    pub fn plain(&self) -> String {
        let mut out = format!("{}\n", self.greeting);
        for block in &self.blocks {
            out.push('\n');
            match block {
                Block::Paragraph(text) => out.push_str(&format!("{text}\n")),
                Block::Facts(facts) => {
                    let width = facts
                        .iter()
                        .map(|(label, _)| label.len())
                        .max()
                        .unwrap_or(0)
                        + 1;
                    for (label, value) in facts {
                        out.push_str(&format!("  {:width$}  {value}\n", format!("{label}:")));
                    }
                }
                Block::Command(command) => out.push_str(&format!("    {command}\n")),
                Block::Link(label, address) => out.push_str(&format!("{label}: {address}\n")),
            }
        }
        out + "\n" + SIGNATURE + "\n"
    }

    /// The form with markup: simple enough for every mail program, nothing loaded from anywhere.
    pub fn html(&self) -> String {
        let blocks: String = self.blocks.iter().map(Block::html).collect();
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title></head>\n\
             <body style=\"font:16px/1.5 system-ui,sans-serif;max-width:40rem\">\n<p>{}</p>\n{blocks}<p>{SIGNATURE}</p>\n\
             </body></html>\n",
            escape(&self.subject),
            escape(&self.greeting),
        )
    }
}

const SIGNATURE: &str = "coflow";

fn greeting(name: Option<&str>) -> String {
    match name.map(one_line).filter(|name| !name.is_empty()) {
        Some(name) => format!("Hello {name},"),
        None => "Hello,".to_owned(),
    }
}

/// Our own sentences may be long; what they quote must not break their line.
fn one_line_of_any_length(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

impl Block {
    fn html(&self) -> String {
        match self {
            Self::Paragraph(text) => format!("<p>{}</p>\n", escape(text)),
            Self::Facts(facts) => {
                let rows: String = facts
                    .iter()
                    .map(|(label, value)| {
                        format!(
                            "<tr><th style=\"text-align:left;vertical-align:top;padding-right:1rem\">{}</th><td>{}</td></tr>\n",
                            escape(label),
                            escape(value)
                        )
                    })
                    .collect();
                format!("<table>\n{rows}</table>\n")
            }
            Self::Command(command) => format!("<pre>{}</pre>\n", escape(command)),
            Self::Link(label, address) => {
                format!(
                    "<p><a href=\"{}\">{}</a></p>\n",
                    escape(address),
                    escape(label)
                )
            }
        }
    }
}

/// For text between tags and for attributes in double quotes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
