//! The scripts of the program, out of the snapshot alone.
//!
//! Locations name a script by number. Until V8 14 nothing in the file carries that number; a function
//! that has a location leads to its script:
//!
//! ```text
//! closure ─shared→ shared function info ─script→ script        (until V8 11: script_or_debug_info,
//!                                                               once debugged via DebugInfo)
//! ```
//!
//! V8 15 names the script's node in the location itself.

use rustc_hash::FxHashMap;

use crate::kinds::{EdgeType, NodeType};
use crate::ordinals::{NodeOrdinal, ScriptId};
use crate::script::Script;
use crate::snapshot::Snapshot;

/// V8 writes at most so many UTF-16 units of a string; of one in pieces no more are put together. Chrome
/// 156 writes more, of which no more are taken.
const MAX_PREFIX_UNITS: usize = 1024;

impl Snapshot {
    /// All scripts that locations mention, by id. Looked for when the first one asks.
    pub fn scripts(&self) -> &[Script] {
        self.scripts.get_or_init(|| self.all_scripts())
    }

    /// The script with this id, if a location mentions it.
    pub fn script(&self, id: ScriptId) -> Option<&Script> {
        let scripts = self.scripts();
        let index = scripts.binary_search_by_key(&id, |script| script.id).ok()?;
        Some(&scripts[index])
    }

    fn all_scripts(&self) -> Vec<Script> {
        let mut nodes: FxHashMap<ScriptId, NodeOrdinal> =
            self.script_nodes.iter().copied().collect();
        for (node, location) in self.locations() {
            if self.node_type(*node) == NodeType::Closure && !nodes.contains_key(&location.script) {
                nodes.extend(self.script_of(*node).map(|script| (location.script, script)));
            }
        }
        let mut scripts: Vec<_> =
            nodes.into_iter().map(|(id, node)| self.read_script(id, node)).collect();
        scripts.sort_by_key(|script| script.id);
        scripts
    }

    /// How the text of a script starts: at most 1024 UTF-16 units, with what V8 does to unusual
    /// characters. A program has thousands of scripts, and few are asked for it.
    pub fn source_prefix(&self, script: &Script) -> Option<String> {
        let source = self.child(script.node, EdgeType::Internal, "source")?;
        self.text_prefix(source)
    }

    /// The node of the script in which the closure was written.
    fn script_of(&self, closure: NodeOrdinal) -> Option<NodeOrdinal> {
        let shared = self.child(closure, EdgeType::Internal, "shared")?;
        let script = self
            .child(shared, EdgeType::Internal, "script")
            .or_else(|| self.child(shared, EdgeType::Internal, "script_or_debug_info"))?;
        if self.child(script, EdgeType::Internal, "source").is_some() {
            return Some(script);
        }
        // A breakpoint or coverage put a DebugInfo in between.
        self.edges(script)
            .map(|edge| edge.to)
            .find(|&behind| self.child(behind, EdgeType::Internal, "source").is_some())
    }

    fn read_script(&self, id: ScriptId, node: NodeOrdinal) -> Script {
        let internal = |name| {
            let target = self.child(node, EdgeType::Internal, name)?;
            self.is_string(target).then(|| self.name(target).into_owned())
        };
        let comments = self.unnamed_comments(node);
        Script {
            id,
            name: self.script_name(node),
            source_url: internal("source_url").or(comments.0),
            source_map_url: internal("source_mapping_url").or(comments.1),
            node,
        }
    }

    fn script_name(&self, node: NodeOrdinal) -> String {
        let name = self.name(node);
        // V8 15 puts what the node is before the name, and for a script without a name nothing after.
        match name.strip_prefix("system / Script") {
            None => name.into_owned(),
            Some(rest) => match rest.strip_prefix(" / ") {
                Some(name) => name.to_owned(),
                None => self
                    .child(node, EdgeType::Internal, "name")
                    .filter(|&name| self.is_string(name))
                    .map_or_else(String::new, |name| self.name(name).into_owned()),
            },
        }
    }

    /// The source URL and source map URL, which until V8 14 are two links without names: the source
    /// URL first, if there are both. A debugger adds a hash of the source, 64 digits.
    fn unnamed_comments(&self, node: NodeOrdinal) -> (Option<String>, Option<String>) {
        let mut urls = self
            .edges(node)
            .filter(|edge| edge.edge_type == EdgeType::Hidden && self.is_string(edge.to))
            .map(|edge| self.name(edge.to))
            .filter(|text| !is_hash(text) && !text.is_empty());
        match (urls.next(), urls.next()) {
            (Some(source), Some(map)) => (Some(source.into_owned()), Some(map.into_owned())),
            (Some(only), None) if is_source_map(&only) => (None, Some(only.into_owned())),
            (Some(only), None) => (Some(only.into_owned()), None),
            (None, _) => (None, None),
        }
    }

    fn is_string(&self, node: NodeOrdinal) -> bool {
        self.node_type(node) == NodeType::String
    }

    /// How the string starts; one in pieces is put together.
    fn text_prefix(&self, string: NodeOrdinal) -> Option<String> {
        let mut text = String::new();
        let mut units = 0;
        let mut pieces = vec![string];
        // Cycles exist in damaged files only; there the number of pieces is bounded.
        let mut most_pieces = MAX_PREFIX_UNITS;
        while let Some(piece) = pieces.pop() {
            match self.node_type(piece) {
                NodeType::String => {
                    for character in self.name(piece).chars() {
                        units += character.len_utf16();
                        if units > MAX_PREFIX_UNITS {
                            break;
                        }
                        text.push(character);
                    }
                }
                NodeType::ConcatenatedString if most_pieces > 0 => {
                    most_pieces -= 1;
                    pieces.extend(self.child(piece, EdgeType::Internal, "second"));
                    pieces.extend(self.child(piece, EdgeType::Internal, "first"));
                }
                // The text before it is still the start.
                _ => break,
            }
            if units >= MAX_PREFIX_UNITS {
                break;
            }
        }
        (!text.is_empty()).then_some(text)
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_source_map(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    url.starts_with("data:application/json")
        || path.rsplit_once('.').is_some_and(|(_, kind)| kind == "map")
}

#[cfg(test)]
mod tests {
    use crate::sketch::Sketch;

    /// One line a script.
    fn tell(drawing: &str) -> String {
        let snapshot = Sketch::parse(drawing).snapshot();
        let lines = snapshot.scripts().iter().map(|script| {
            let part = |part: Option<String>| part.unwrap_or("–".to_owned());
            format!(
                "{} {:?} source {} url {} map {}",
                script.id.0,
                script.name,
                part(snapshot.source_prefix(script)),
                part(script.source_url.clone()),
                part(script.source_map_url.clone())
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_function_leads_to_its_script() {
        // Node 20 and Node 22 call the same link differently.
        for link in ["script_or_debug_info", "script"] {
            let drawing = format!(
                "
                f: closure at 5:10:2
                instance: object Foo at 5:3:3
                f --internal shared--> sfi
                sfi --internal {link}--> script
                script: code /app/main.js
                script --internal source--> text
                text: string \"let x\"
                "
            );
            assert_eq!(tell(&drawing), r#"5 "/app/main.js" source let x url – map –"#);
        }
    }

    #[test]
    fn a_debugged_function_leads_there_by_a_detour() {
        let drawing = "
            f: closure at 5:10:2
            f --internal shared--> sfi
            sfi --internal script_or_debug_info--> debug
            debug: hidden \"system / DebugInfo\"
            debug --hidden 1--> sfi
            debug --hidden 2--> script
            script: code /app/main.js
            script --internal source--> text
            text: string x
        ";
        assert_eq!(tell(drawing), r#"5 "/app/main.js" source x url – map –"#);
    }

    #[test]
    fn comments_are_told_apart_by_order_and_form() {
        let drawing = |links: &str| {
            format!(
                "
                f: closure at 5:10:2
                f --internal shared--> sfi
                sfi --internal script--> script
                script: code \"\"
                script --internal source--> text
                text: concatenated_string
                text --internal first--> one
                text --internal second--> two
                one: string \"let \"
                two: string \"x\"
                script --hidden 3--> hash
                hash: string {}
                {links}
                map: string main.js.map
                url: string main.js
                ",
                "0a".repeat(32)
            )
        };
        let (map, url) = ("script --hidden 8--> map", "script --hidden 7--> url");
        assert_eq!(tell(&drawing(map)), r#"5 "" source let x url – map main.js.map"#);
        assert_eq!(tell(&drawing(url)), r#"5 "" source let x url main.js map –"#);
        let both = format!("{url}\n{map}");
        assert_eq!(tell(&drawing(&both)), r#"5 "" source let x url main.js map main.js.map"#);
    }

    #[test]
    fn v8_15_names_the_parts() {
        let drawing = |name: &str| {
            format!(
                "
                f: closure at 5:10:2
                f --internal shared--> sfi
                sfi --internal script--> script
                script: native \"{name}\"
                script --internal source--> text
                text: string x
                script --internal name--> own
                own: string own.js
                script --internal source_mapping_url--> map
                map: string m.map
                "
            )
        };
        assert_eq!(
            tell(&drawing("system / Script / file:///a.mjs")),
            r#"5 "file:///a.mjs" source x url – map m.map"#
        );
        assert_eq!(tell(&drawing("system / Script")), r#"5 "own.js" source x url – map m.map"#);
    }

    #[test]
    fn a_prefix_is_no_longer_than_what_older_versions_write() {
        let drawing = |source: &str| {
            format!(
                "root -> f
                f: closure f at 7:1:2
                f --internal shared--> sfi
                sfi: code f
                sfi --internal script--> script
                script: code /app/main.js
                script --internal source--> source
                {source}"
            )
        };
        let prefix = |source: &str| {
            let snapshot = Sketch::parse(&drawing(source)).snapshot();
            snapshot.source_prefix(&snapshot.scripts()[0]).expect("it has a source")
        };
        // Chrome 156 writes more of a string.
        let long = "x".repeat(1500);
        assert_eq!(prefix(&format!("source: string {long}")), "x".repeat(1024));
        let pieces = format!(
            "source: concatenated_string
            source --internal first--> a
            source --internal second--> b
            a: string {}
            b: string {}",
            "a".repeat(1000),
            "b".repeat(1000)
        );
        assert_eq!(prefix(&pieces), format!("{}{}", "a".repeat(1000), "b".repeat(24)));
        let pairs = "😀".repeat(600);
        assert_eq!(prefix(&format!("source: string {pairs}")), "😀".repeat(512));
    }

    #[test]
    fn a_text_of_endless_pieces_ends() {
        let drawing = "
            f: closure at 5:10:2
            f --internal shared--> sfi
            sfi --internal script--> script
            script: code s
            script --internal source--> text
            text: concatenated_string
            text --internal first--> text
            text --internal second--> text
        ";
        assert_eq!(tell(drawing), r#"5 "s" source – url – map –"#);
    }
}
