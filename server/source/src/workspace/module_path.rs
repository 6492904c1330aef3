//! Which file an import means.

use std::path::{Path, PathBuf};

use super::normalised;

/// The file that an import of `name` in `folder` means, as Node, TypeScript and bundlers look for it.
pub(crate) fn find(folder: &Path, name: &str, is_there: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    const EXTENSIONS: [&str; 8] = ["ts", "tsx", "js", "jsx", "mjs", "cjs", "mts", "cts"];
    let path = normalised(&folder.join(name));
    if is_there(&path) {
        return Some(path);
    }
    // TypeScript is asked for under the name of what it becomes.
    let sources: &[&str] = match path.extension().and_then(|extension| extension.to_str()) {
        Some("js") => &["ts", "tsx"],
        Some("jsx") => &["tsx"],
        Some("mjs") => &["mts"],
        Some("cjs") => &["cts"],
        _ => &[],
    };
    let replaced = sources.iter().map(|extension| path.with_extension(extension));
    let appended = EXTENSIONS.iter().map(|extension| {
        let mut name = path.clone().into_os_string();
        name.push(".");
        name.push(extension);
        PathBuf::from(name)
    });
    let index = EXTENSIONS.iter().map(|extension| path.join(format!("index.{extension}")));
    replaced.chain(appended).chain(index).find(|path| is_there(path))
}
