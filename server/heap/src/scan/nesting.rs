//! Where a JSON value that is skipped, or kept as text, ends. Knows brackets and strings, nothing else.

/// Tracks where a skipped object, array or string ends.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Nesting {
    pub(super) depth: u32,
    in_string: bool,
    escaped: bool,
}

impl Nesting {
    /// Inside an object whose opening brace has been read.
    pub(super) fn inside() -> Self {
        Self { depth: 1, ..Self::default() }
    }

    /// How many of the bytes belong to the value, and whether it ends there.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string && !self.escaped {
                // Most of a skipped value is text.
                let Some(length) = memchr::memchr2(b'"', b'\\', &bytes[at..]) else { break };
                at += length;
            }
            let byte = bytes[at];
            at += 1;
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    _ => {
                        self.in_string = false;
                        if self.depth == 0 {
                            return (at, true);
                        }
                    }
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return (at, true);
                    }
                }
                _ => {}
            }
        }
        (bytes.len(), false)
    }
}
