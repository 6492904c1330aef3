//! Does a function use a variable?
//!
//! Reads the file's text again instead of keeping every identifier of every file: the question is
//! asked of few functions, and of most files never. A direct `eval` may use anything.

use tree_sitter::Node;

use crate::{Declaration, Function, Language, SourceFile};

impl SourceFile {
    /// Whether `function`, or a function inside it, mentions `variable` by name in a place where
    /// that name means it. `true` also when it cannot be known.
    pub fn uses(&self, function: &Function, variable: &Declaration) -> bool {
        let Some(tree) = Language::of(self.path()).parse(self.text()) else { return true };
        let (start, end) = function.span;
        let mut open: Vec<Node> = vec![tree.root_node()];
        while let Some(node) = open.pop() {
            if node.end_byte() as u32 <= start || node.start_byte() as u32 >= end {
                continue;
            }
            let inside = node.start_byte() as u32 >= start && node.end_byte() as u32 <= end;
            if inside && (node.is_error() || self.mentions(node, variable)) {
                return true;
            }
            // An explicit stack: depth is in the hands of whoever wrote the file.
            open.extend((0..node.child_count()).filter_map(|index| node.child(index)));
        }
        false
    }

    fn mentions(&self, node: Node, variable: &Declaration) -> bool {
        if !matches!(
            node.kind(),
            "identifier" | "shorthand_property_identifier" | "type_identifier"
        ) {
            return false;
        }
        let span = (node.start_byte() as u32, node.end_byte() as u32);
        let name = self.text.slice(span);
        if name == "eval" && node.parent().is_some_and(|parent| parent.kind() == "call_expression")
        {
            return true;
        }
        if name != variable.name {
            return false;
        }
        let scope = self.index.scopes.at(span.0);
        scope.and_then(|scope| self.index.scopes.resolve(name, scope)).is_some_and(|found| {
            self.text.range(self.index.scopes.variable(found).name) == variable.name_range
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Position, SourceFile};

    /// Asks whether the function named `reader` uses the variable `body` of `outer`.
    #[track_caller]
    fn check(body_of_reader: &str, expected: bool) {
        let text = format!(
            "function outer() {{\n  const body = [];\n  const reader = (a) => {{ {body_of_reader} }};\n  \
             const other = () => body.length;\n}}\n"
        );
        let file = SourceFile::parse("test.js", text).expect("it parses");
        let variable = file.declaration("body", Position::new(1, 10)).expect("it is declared");
        let reader = file.functions().iter().find(|f| f.name.ends_with("reader"));
        assert_eq!(file.uses(reader.expect("it is there"), &variable), expected);
    }

    #[test]
    fn a_mention_is_a_use() {
        check("return body;", true);
        check("return { body };", true);
        check("return () => body.length;", true);
        check("body = null;", true);
    }

    #[test]
    fn another_thing_of_the_same_name_is_none() {
        check("return a.body;", false);
        check("return { body: a };", false);
        check("const body = a; return body;", false);
        check("return (body) => body;", false);
        check("return 'body';", false);
        check("", false);
    }

    #[test]
    fn what_cannot_be_known_counts_as_a_use() {
        check("return eval(a);", true);
        check("return (", true);
    }
}
