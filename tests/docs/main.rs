//! What the documents say of the tests is true: each test that docs/robustness.md names is there.
