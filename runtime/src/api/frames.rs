//! The frames of a connection of HTTP/2, as far as they tell which answers are owed (RFC 9113, sections 4.1 and 6).

use std::collections::{HashSet, VecDeque};

/// What a caller says first.
const PREFACE: usize = 24;
/// What each frame begins with.
const HEADER: usize = 9;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
/// The flag of the last frame of a stream.
const END: u8 = 1;

/// So many streams are known to be reset whose answers had not begun. A connection has no more at once.
const RESETS: usize = 512;

/// The answers of a connection that are begun and not ended.
#[derive(Debug)]
pub(super) struct Answers {
    begun: HashSet<u32>,
    /// Streams that the caller gave up before their answers had begun: what is still written of them is owed to nobody.
    reset: VecDeque<u32>,
    read: Frames,
    written: Frames,
}

impl Default for Answers {
    fn default() -> Answers {
        let read = Frames { passed_over: PREFACE, ..Frames::default() };
        Answers { begun: HashSet::new(), reset: VecDeque::new(), read, written: Frames::default() }
    }
}

impl Answers {
    /// Takes note of what the caller sent.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        let (begun, reset) = (&mut self.begun, &mut self.reset);
        self.read.follow(bytes, |frame| {
            if frame.kind == RESET && !begun.remove(&frame.stream) {
                reset.truncate(RESETS - 1);
                reset.push_front(frame.stream);
            }
            false
        });
    }

    /// Takes note of what was sent; how many bytes of it are of answers.
    pub(super) fn written(&mut self, bytes: &[u8]) -> usize {
        let (begun, reset) = (&mut self.begun, &self.reset);
        self.written.follow(bytes, |frame| {
            let ends = frame.flags & END != 0;
            match frame.kind {
                HEADERS if !ends && !reset.contains(&frame.stream) => {
                    begun.insert(frame.stream);
                }
                HEADERS | DATA if ends => {
                    begun.remove(&frame.stream);
                }
                RESET => {
                    begun.remove(&frame.stream);
                }
                _ => {}
            }
            matches!(frame.kind, HEADERS | DATA)
        })
    }

    /// Whether none is owed.
    pub(super) fn are_ended(&self) -> bool {
        self.begun.is_empty()
    }
}

/// The beginning of a frame.
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
}

/// One direction.
#[derive(Debug, Default)]
struct Frames {
    header: Vec<u8>,
    /// So much comes before the next frame.
    passed_over: usize,
    /// Whether it counts.
    counts: bool,
}

impl Frames {
    /// Goes on with the bytes that come next; how many of them are in frames that count.
    fn follow(&mut self, mut bytes: &[u8], mut frame: impl FnMut(Frame) -> bool) -> usize {
        let mut counted = 0;
        while !bytes.is_empty() {
            let inside = self.passed_over.min(bytes.len());
            if inside > 0 {
                self.passed_over -= inside;
                counted += if self.counts { inside } else { 0 };
            }
            let (header, rest) =
                bytes.split_at(inside).1.split_at((HEADER - self.header.len()).min(bytes.len() - inside));
            self.header.extend_from_slice(header);
            bytes = rest;
            if let [long, middle, short, kind, flags, one, two, three, four] = *self.header {
                self.header.clear();
                // The first bit of a stream's number is none of it.
                let stream = u32::from_be_bytes([one & 0x7f, two, three, four]);
                self.counts = frame(Frame { kind, flags, stream });
                self.passed_over = usize::from(long) << 16 | usize::from(middle) << 8 | usize::from(short);
                counted += if self.counts { HEADER } else { 0 };
            }
        }
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes(), content].concat()
    }

    /// However the bytes are cut up.
    #[test]
    fn an_answer_is_owed_from_its_head_to_its_end() {
        let sent = [frame(4, 0, 0, &[0; 12]), frame(HEADERS, 4, 1, &[1; 20]), frame(HEADERS, 4, 3, b"h")].concat();
        let last = [frame(6, 1, 0, &[0; 8]), frame(DATA, 0, 1, &[7; 70_000]), frame(DATA, END, 1, b"")].concat();
        let reset = [&[b'P'; PREFACE][..], &frame(1, 5, 1, b"get"), &frame(RESET, 0, 3, &[0; 4])].concat();
        for size in [1, 2, 8, 9, 10, 11, 1_000, 100_000] {
            let mut answers = Answers::default();
            let write = |bytes: &[u8], answers: &mut Answers| -> usize {
                bytes.chunks(size).map(|piece| answers.written(piece)).sum()
            };
            assert!(answers.are_ended());
            assert_eq!(write(&sent, &mut answers), 29 + 10, "{size}");
            assert!(!answers.are_ended());
            assert_eq!(write(&last, &mut answers), 70_009 + 9, "{size}");
            assert!(!answers.are_ended(), "the third stream is owed still");
            reset.chunks(size).for_each(|piece| answers.read(piece));
            assert!(answers.are_ended(), "{size}");
            // One that was given up before its answer began, which is written all the same.
            frame(RESET, 0, 5, &[0; 4]).chunks(size).for_each(|piece| answers.read(piece));
            write(&frame(HEADERS, 4, 5, b"h"), &mut answers);
            assert!(answers.are_ended(), "{size}");
        }
    }
}
