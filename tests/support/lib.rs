//! What the tests of the whole share: running programs, reading marks, finding the binary.
