//! What the user is told of snapshots that are not tried again. Why they are not is decided above.

use std::path::PathBuf;

use super::{MAX_ATTEMPTS, Reason};

/// Says which snapshots were passed over, and what to do about it. Empty if none was.
pub(crate) fn sentence(passed_over: &[(PathBuf, Reason)]) -> String {
    let names = |wanted: fn(&Reason) -> bool| {
        let of_reason = passed_over.iter().filter(|(_, reason)| wanted(reason));
        let names = of_reason.map(|(file, _)| file.file_name().unwrap_or_default());
        names.map(|name| name.to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    let died = names(|reason| matches!(reason, Reason::Deaths(_)));
    let refused = names(|reason| matches!(reason, Reason::Refused));
    let mut sentences = Vec::new();
    if !died.is_empty() {
        sentences.push(format!(
            "{} not analysed: the last {MAX_ATTEMPTS} times the server was killed over it, perhaps \
             for want of memory.",
            are(&died)
        ));
    }
    if !refused.is_empty() {
        let (was, changes) = match refused.len() {
            1 => ("it was", "it changes"),
            _ => ("they were", "they change"),
        };
        sentences.push(format!(
            "{} not analysed again: {was} too large before. By itself that is tried once more when \
             {changes}, or when there is more memory if that was what it took.",
            are(&refused)
        ));
    }
    if !sentences.is_empty() {
        sentences.push("*Analyze Snapshots* tries all the same.".to_owned());
    }
    sentences.join(" ")
}

/// How many names are said.
const MAX_NAMES: usize = 3;

fn are(names: &[String]) -> String {
    match names {
        [name] => format!("{name} was"),
        _ if names.len() <= MAX_NAMES => format!("{} were", names.join(", ")),
        _ => {
            let others = names.len() - MAX_NAMES;
            format!("{} and {others} more were", names[..MAX_NAMES].join(", "))
        }
    }
}
