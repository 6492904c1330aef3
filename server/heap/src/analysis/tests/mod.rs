//! Each rule on a heap small enough to check by eye, and the algorithms against naive twins.

mod classes;
mod extremes;
mod rules;
mod twins;

use super::Analysis;
use crate::ordinals::NodeOrdinal;
use crate::sketch::Sketch;

/// Draws a heap and tells something about each node.
fn table(drawing: &str, tell: impl Fn(&Analysis, NodeOrdinal) -> String) -> String {
    let sketch = Sketch::parse(drawing);
    let analysis = sketch.analysis();
    sketch.table(|node| tell(&analysis, node))
}
