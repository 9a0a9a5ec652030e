//! Cuts a report file into its records while it arrives: lines of JSON, one object, an array, or a wrapper with `day_totals`, since
//! GitHub uses all of them. No more than one record is held at a time, however large the file is.

use serde_json::{Map, Value};

/// One record of a report.
pub(super) type Record = Map<String, Value>;

/// A record is a person's or an organization's day: some kilobytes.
const MOST_RECORD_BYTES: usize = 16 * 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// The key of a wrapper's list.
const WRAPPED: &[u8] = b"\"day_totals\"";

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is not JSON objects, or was cut off.
    NotRecords,
    /// One record is larger than any may be.
    RecordTooLarge,
}

/// A file in the middle of being read.
#[derive(Debug, Default)]
pub(super) struct RecordCutter {
    place: Place,
    /// The value at hand; of an array or a wrapper all but the elements of its list.
    outer: Vec<u8>,
    outer_nesting: Nesting,
    is_wrapper: bool,
    is_array: bool,
    /// The element of a list at hand, or `null`.
    element: Vec<u8>,
    element_nesting: Nesting,
    /// Bytes of the mark that were read; it may only begin the file.
    mark: usize,
}

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    /// The beginning, which may have a byte order mark.
    #[default]
    Start,
    /// Between the values of the file.
    Between,
    /// An object of the file.
    Object,
    /// A list of records: before its first element.
    ListBegun,
    /// After an element.
    ListAfterElement,
    /// After a comma.
    ListAfterComma,
    /// An object in a list.
    Element,
    /// A `null`, in a list or instead of a record.
    Null,
}

impl RecordCutter {
    /// Reads a piece of the file and adds the records that end in it.
    pub(super) fn take(
        &mut self,
        mut piece: &[u8],
        records: &mut Vec<Record>,
    ) -> Result<(), Unreadable> {
        while let Some(byte) = piece.first().copied() {
            let read = match self.place {
                Place::Start => self.read_start(byte),
                Place::Between => self.read_between(byte)?,
                Place::Object => self.read_object(piece, records)?,
                Place::ListBegun | Place::ListAfterElement | Place::ListAfterComma => {
                    self.read_list(byte)?
                }
                Place::Element => self.read_element(piece, records)?,
                Place::Null => self.read_null(byte)?,
            };
            piece = &piece[read..];
            if self.outer.len().max(self.element.len()) > MOST_RECORD_BYTES {
                return Err(Unreadable::RecordTooLarge);
            }
        }
        Ok(())
    }

    /// The end of the file. One that ends within a value was cut off.
    pub(super) fn finish(mut self) -> Result<(), Unreadable> {
        // Nothing else shows where a `null` ends.
        if self.place == Place::Null && !self.is_in_list() {
            self.read_null(b' ')?;
        }
        match self.place {
            Place::Start | Place::Between => Ok(()),
            _ => Err(Unreadable::NotRecords),
        }
    }

    fn is_in_list(&self) -> bool {
        self.is_wrapper || self.is_array
    }

    fn read_start(&mut self, byte: u8) -> usize {
        if BYTE_ORDER_MARK.get(self.mark) == Some(&byte) {
            self.mark += 1;
            return 1;
        }
        self.place = Place::Between;
        0
    }

    fn read_between(&mut self, byte: u8) -> Result<usize, Unreadable> {
        if !matches!(self.mark, 0 | 3) {
            return Err(Unreadable::NotRecords);
        }
        match byte {
            b'{' => {
                self.outer_nesting = Nesting::default();
                self.place = Place::Object;
                return Ok(0);
            }
            b'[' => {
                self.is_array = true;
                self.place = Place::ListBegun;
            }
            b'n' => {
                self.place = Place::Null;
                return Ok(0);
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => return Err(Unreadable::NotRecords),
        }
        Ok(1)
    }

    /// An object is a record, unless it turns out to be a wrapper: then it is left where its list begins.
    fn read_object(
        &mut self,
        piece: &[u8],
        records: &mut Vec<Record>,
    ) -> Result<usize, Unreadable> {
        let (read, pause) = self.outer_nesting.read(piece)?;
        self.outer.extend_from_slice(&piece[..read]);
        match pause {
            Pause::End => {
                let record = parse(&self.outer)?;
                self.outer.clear();
                self.place = Place::Between;
                match record.contains_key("day_totals") {
                    true if !self.is_wrapper => return Err(Unreadable::NotRecords),
                    true => self.is_wrapper = false,
                    false => records.push(record),
                }
            }
            Pause::List if !self.is_wrapper && wraps(&self.outer) => {
                self.is_wrapper = true;
                self.place = Place::ListBegun;
            }
            Pause::List | Pause::None => {}
        }
        Ok(read)
    }

    fn read_list(&mut self, byte: u8) -> Result<usize, Unreadable> {
        let takes_element = self.place != Place::ListAfterElement;
        match byte {
            byte if byte.is_ascii_whitespace() => return Ok(1),
            b']' if self.place != Place::ListAfterComma => self.end_list(),
            b',' if !takes_element => self.place = Place::ListAfterComma,
            b'{' if takes_element => {
                self.element_nesting = Nesting::default();
                self.place = Place::Element;
                return Ok(0);
            }
            b'n' if takes_element => {
                self.place = Place::Null;
                return Ok(0);
            }
            _ => return Err(Unreadable::NotRecords),
        }
        Ok(1)
    }

    fn end_list(&mut self) {
        if self.is_wrapper {
            self.outer.push(b']');
            self.outer_nesting.depth -= 1;
            self.place = Place::Object;
        } else {
            self.is_array = false;
            self.place = Place::Between;
        }
    }

    fn read_element(
        &mut self,
        piece: &[u8],
        records: &mut Vec<Record>,
    ) -> Result<usize, Unreadable> {
        let (read, pause) = self.element_nesting.read(piece)?;
        self.element.extend_from_slice(&piece[..read]);
        if pause == Pause::End {
            records.push(parse(&self.element)?);
            self.element.clear();
            self.place = Place::ListAfterElement;
        }
        Ok(read)
    }

    fn read_null(&mut self, byte: u8) -> Result<usize, Unreadable> {
        if byte.is_ascii_alphabetic() && self.element.len() < b"null".len() {
            self.element.push(byte);
            return Ok(1);
        }
        if self.element != b"null" {
            return Err(Unreadable::NotRecords);
        }
        self.element.clear();
        self.place = match self.is_in_list() {
            true => Place::ListAfterElement,
            false => Place::Between,
        };
        Ok(0)
    }
}

/// Whether a list that begins here is a wrapper's: the text ends with its key, a colon and the bracket.
fn wraps(text: &[u8]) -> bool {
    let text = text.strip_suffix(b"[").unwrap_or(text).trim_ascii_end();
    let text = text.strip_suffix(b":").map(<[u8]>::trim_ascii_end);
    let before = text.and_then(|text| text.strip_suffix(WRAPPED));
    // A key comes first or after a comma; anything else is the end of a longer name.
    before.is_some_and(|before| matches!(before.trim_ascii_end().last(), Some(b'{' | b',')))
}

fn parse(text: &[u8]) -> Result<Record, Unreadable> {
    serde_json::from_slice(text).map_err(|_| Unreadable::NotRecords)
}

/// How deep in a value the next byte is.
#[derive(Debug, Default)]
struct Nesting {
    depth: usize,
    is_in_text: bool,
    is_escaped: bool,
}

/// Why reading of a value paused.
#[derive(Debug, PartialEq, Eq)]
enum Pause {
    /// The piece is at its end.
    None,
    /// The value is.
    End,
    /// A list has begun that is a field of the value itself.
    List,
}

impl Nesting {
    /// Reads on; tells how many bytes.
    fn read(&mut self, piece: &[u8]) -> Result<(usize, Pause), Unreadable> {
        let mut at = 0;
        while at < piece.len() {
            if self.is_in_text {
                at += self.read_text(&piece[at..])?;
                continue;
            }
            let byte = piece[at];
            at += 1;
            match byte {
                b'"' => self.is_in_text = true,
                b'{' => self.depth += 1,
                b'[' => {
                    self.depth += 1;
                    if self.depth == 2 {
                        return Ok((at, Pause::List));
                    }
                }
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Ok((at, Pause::End));
                    }
                }
                _ => {}
            }
        }
        Ok((at, Pause::None))
    }

    /// Most of a file is text: it is passed over at once. A line that ends within one was cut.
    fn read_text(&mut self, text: &[u8]) -> Result<usize, Unreadable> {
        if self.is_escaped {
            self.is_escaped = false;
            return Ok(1);
        }
        let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
        let Some(at) = text.iter().position(is_special) else {
            return Ok(text.len());
        };
        match text[at] {
            b'"' => self.is_in_text = false,
            b'\\' => self.is_escaped = true,
            _ => return Err(Unreadable::NotRecords),
        }
        Ok(at + 1)
    }
}
