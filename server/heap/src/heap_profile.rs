//! Sampling heap profiles (`.heapprofile`): which calls allocated what is alive, estimated from
//! samples. No heap: there are no objects in it, and nothing that holds them.
//!
//! `node --heap-prof` and `HeapProfiler.startSampling` write them, as one JSON object:
//!
//! ```text
//! { "head": { "callFrame": { "functionName", "scriptId", "url", "lineNumber", "columnNumber" },
//!             "selfSize", "id", "children": […] },
//!   "samples": [ { "size", "nodeId", "ordinal" } ] }
//! ```

use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use crate::error::{LoadError, byte_of, thousands};
use crate::ordinals::ScriptId;
use crate::snapshot::Location;

/// Profiles are some hundred kilobytes; what is larger than this is something else.
const LARGEST_FILE: u64 = 256 << 20;

/// Twice the depth of a stack, and some: V8 samples stacks of up to 128 calls.
const DEEPEST_NESTING: usize = 600;

/// Reading recurses, so that deep stacks need one.
const STACK: usize = 32 << 20;

/// A loaded `.heapprofile`.
#[derive(Debug, Default)]
pub struct HeapProfile {
    /// Callers before callees; the first is V8's `(root)`.
    pub calls: Vec<ProfileCall>,
    /// In the order in which they were allocated, where the file has them.
    pub samples: Vec<ProfileSample>,
}

/// A function under a certain stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileCall {
    /// V8's number for it, to which samples refer.
    pub id: u32,
    /// The caller's place in [`HeapProfile::calls`], before this one's. None for the root.
    pub parent: Option<usize>,
    /// The function's name, empty if it has none.
    pub function: String,
    /// The script's URL or path. Node.js 18 and 20 leave it out with `--heap-prof`.
    pub url: String,
    /// The script, if it is one's.
    pub script: Option<ScriptId>,
    /// Where the function starts, if V8 knows.
    pub location: Option<Location>,
    /// Bytes of living objects that it allocated itself.
    pub self_size: u64,
}

/// An allocation that was sampled and is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileSample {
    /// Bytes that it stands for.
    #[serde(deserialize_with = "bytes")]
    pub size: u64,
    /// The [call](ProfileCall::id).
    pub node_id: u32,
    /// Its place in the order of all samples ever taken.
    pub ordinal: u64,
}

impl HeapProfile {
    /// Loads a `.heapprofile` file.
    pub fn open(path: &Path) -> Result<HeapProfile, LoadError> {
        let io = |source| LoadError::Io { path: path.to_owned(), source };
        let file = heapmark_files::open(path).map_err(io)?;
        let mut json = Vec::new();
        file.take(LARGEST_FILE + 1).read_to_end(&mut json).map_err(io)?;
        HeapProfile::parse(&json)
    }

    /// Reads the contents of a `.heapprofile` file.
    pub fn parse(json: &[u8]) -> Result<HeapProfile, LoadError> {
        if json.iter().all(u8::is_ascii_whitespace) {
            return Err(LoadError::Empty);
        }
        if json.len() as u64 > LARGEST_FILE || nesting(json) > DEEPEST_NESTING {
            return Err(LoadError::NotAProfile {
                problem: "it is larger or more deeply nested than V8 writes".to_owned(),
            });
        }
        let parsed = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK);
            let parse = move || read(json).map(flatten);
            thread.spawn_scoped(scope, parse).map(std::thread::ScopedJoinHandle::join)
        });
        let io = |source| LoadError::Io { path: std::path::PathBuf::new(), source };
        match parsed.map_err(io)? {
            Ok(Ok(profile)) => Ok(profile),
            Ok(Err(error)) => Err(LoadError::NotAProfile { problem: problem(&error, json) }),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// The call and its callers, innermost first.
    pub fn stack(&self, call: usize) -> impl Iterator<Item = &ProfileCall> {
        std::iter::successors(self.calls.get(call), |call| self.calls.get(call.parent?))
    }

    /// Bytes of living objects, as estimated from the samples.
    pub fn total_size(&self) -> u64 {
        self.calls.iter().fold(0, |sum, call| sum.saturating_add(call.self_size))
    }
}

#[derive(Deserialize)]
struct Written {
    head: Node,
    #[serde(default)]
    samples: Vec<ProfileSample>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    call_frame: CallFrame,
    #[serde(deserialize_with = "bytes")]
    self_size: u64,
    #[serde(default)]
    id: u32,
    #[serde(default)]
    children: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallFrame {
    #[serde(default)]
    function_name: String,
    #[serde(default)]
    script_id: String,
    #[serde(default)]
    url: String,
    /// From 0; -1 where V8 does not know.
    #[serde(default = "unknown")]
    line_number: i64,
    #[serde(default = "unknown")]
    column_number: i64,
}

const fn unknown() -> i64 {
    -1
}

/// V8 scales samples to what they stand for, and writes a fraction now and then.
fn bytes<'de, D: Deserializer<'de>>(number: D) -> Result<u64, D::Error> {
    f64::deserialize(number).map(|bytes| bytes.max(0.0).round() as u64)
}

fn read(json: &[u8]) -> serde_json::Result<Written> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    reader.disable_recursion_limit();
    let file = Written::deserialize(&mut reader)?;
    reader.end()?;
    Ok(file)
}

/// What is wrong, without the words of the parser.
fn problem(error: &serde_json::Error, json: &[u8]) -> String {
    let byte = thousands(byte_of(error, json));
    match error.classify() {
        Category::Data => {
            format!(
                "it is JSON, but without a profile's calls (\"head\"), or damaged in them (byte {byte})"
            )
        }
        Category::Eof => format!("it is cut off: it ends inside its JSON (byte {byte})"),
        Category::Syntax | Category::Io => format!("it is not JSON (byte {byte})"),
    }
}

fn flatten(file: Written) -> HeapProfile {
    let Written { head, mut samples } = file;
    samples.sort_by_key(|sample| sample.ordinal);
    let mut profile = HeapProfile { calls: Vec::new(), samples };
    let mut pending = vec![(None, head)];
    while let Some((parent, Node { call_frame, self_size, id, children })) = pending.pop() {
        let script = call_frame.script_id.parse().ok().filter(|&id| id != 0).map(ScriptId);
        let place = (call_frame.line_number.try_into(), call_frame.column_number.try_into());
        let location = match (script, place) {
            (Some(script), (Ok(line), Ok(column))) => Some(Location { script, line, column }),
            _ => None,
        };
        let call = profile.calls.len();
        profile.calls.push(ProfileCall {
            id,
            parent,
            function: call_frame.function_name,
            url: call_frame.url,
            script,
            location,
            self_size,
        });
        // The first child is taken out first.
        pending.extend(children.into_iter().rev().map(|child| (Some(call), child)));
    }
    profile
}

/// How deep objects and lists are in one another.
fn nesting(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for &byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str = r#"{"head":{"callFrame":{"functionName":"(root)","scriptId":"0","url":"",
        "lineNumber":-1,"columnNumber":-1},"selfSize":0,"id":1,"children":[
        {"callFrame":{"functionName":"grow \"}]","scriptId":"82","url":"/app/x.js","lineNumber":9,
        "columnNumber":13},"selfSize":4224.4,"id":3,"new":[{}],"children":[
        {"callFrame":{"functionName":"","scriptId":"82"},"selfSize":16,"id":4,"children":[]}]},
        {"callFrame":{"functionName":"last","scriptId":"7"},"selfSize":1,"id":9,"children":[]}]},
        "samples":[{"size":16,"nodeId":4,"ordinal":8},{"size":4224,"nodeId":3,"ordinal":5}]}"#;

    #[test]
    fn reads_what_v8_writes() {
        let profile = HeapProfile::parse(PROFILE.as_bytes()).expect("a profile");
        let tell = |call: &ProfileCall| format!("{}@{}", call.function, call.id);
        let stacks = (0..profile.calls.len())
            .map(|call| profile.stack(call).map(tell).collect::<Vec<_>>().join(" < "));
        insta::assert_snapshot!(stacks.collect::<Vec<_>>().join("\n"), @r#"
        (root)@1
        grow "}]@3 < (root)@1
        @4 < grow "}]@3 < (root)@1
        last@9 < (root)@1
        "#);
        let place = Location { script: ScriptId(82), line: 9, column: 13 };
        assert_eq!(profile.calls[1].location, Some(place));
        assert_eq!((profile.calls[0].script, profile.calls[2].location), (None, None));
        assert_eq!(profile.samples.iter().map(|s| s.node_id).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(profile.total_size(), 4224 + 16 + 1);
    }

    #[test]
    fn a_bad_file_is_an_error() {
        for end in 1..PROFILE.len() {
            HeapProfile::parse(&PROFILE.as_bytes()[..end]).expect_err("is cut off");
        }
        assert!(matches!(HeapProfile::parse(b" \n"), Err(LoadError::Empty)));
        let other = HeapProfile::parse(br#"{"snapshot":{"meta":{}}}"#).expect_err("another file");
        insta::assert_snapshot!(other, @r#"is not a sampling heap profile: it is JSON, but without a profile's calls ("head"), or damaged in them (byte 23)"#);
        let deep = "[".repeat(1_000_000);
        HeapProfile::parse(deep.as_bytes()).expect_err("too deep");
    }

    #[test]
    fn stacks_as_deep_as_v8_samples_them_are_read() {
        let open = r#"{"callFrame":{"functionName":"f"},"selfSize":1,"id":2,"children":["#;
        let json = format!("{{\"head\":{}{}}}", open.repeat(290), "]}".repeat(290));
        assert_eq!(HeapProfile::parse(json.as_bytes()).expect("a profile").calls.len(), 290);
    }
}
