//! What is done to the server: one table.
//!
//! To add an action, write a function beside those of its kind, which does it and tells in a few words
//! what exactly it did, and give it a row here. An action may leave the folder, the settings and the
//! texts as it likes, since all is made as it was before each check; what it must not do is wait for
//! the server, or make it do something that a check would rightly miss.

mod captures;
mod documents;
mod files;
mod impostors;
mod malformed;
mod requests;
mod settings;

use anyhow::Result;
use heapmark_tests::Random;

use crate::plan::{Kind, Plan};
use crate::soak::Soak;

/// One thing to do.
pub(crate) struct Action {
    kind: Kind,
    /// How often, beside the others.
    weight: usize,
    pub(crate) name: &'static str,
    /// Does it, and tells in a few words what exactly was done.
    pub(crate) act: fn(&mut Soak) -> Result<String>,
}

const fn row(
    kind: Kind,
    weight: usize,
    name: &'static str,
    act: fn(&mut Soak) -> Result<String>,
) -> Action {
    Action { kind, weight, name, act }
}

/// All of them.
const ACTIONS: &[Action] = &[
    row(Kind::Requests, 20, "hover at something that is shown", requests::hover_at_shown),
    row(Kind::Requests, 10, "hover anywhere", requests::hover_anywhere),
    row(Kind::Requests, 12, "code actions at something that is shown", requests::code_actions),
    row(Kind::Requests, 10, "analyse the newest", requests::analyze_newest),
    row(Kind::Requests, 10, "analyse what is named", requests::analyze_named),
    row(Kind::Requests, 3, "clear", requests::clear),
    row(Kind::Requests, 4, "accept something that is shown", requests::accept),
    row(Kind::Requests, 2, "show a place", requests::show),
    row(Kind::Requests, 6, "a command with odd arguments", requests::odd_command),
    row(Kind::Requests, 6, "a request that nobody knows", requests::unknown),
    row(Kind::Requests, 8, "cancel a request", requests::cancel_request),
    row(Kind::Requests, 8, "cancel by the button of the progress", requests::cancel_progress),
    row(Kind::Requests, 3, "cancel what never was", requests::cancel_nothing),
    row(Kind::Requests, 3, "many at once, and cancel most", requests::many_and_cancel),
    row(Kind::Documents, 12, "open", documents::open),
    row(Kind::Documents, 4, "open something odd", documents::open_odd),
    row(Kind::Documents, 15, "edit a line", documents::edit),
    row(Kind::Documents, 6, "type on and on", documents::type_on),
    row(Kind::Documents, 10, "edit with odd ranges", documents::edit_oddly),
    row(Kind::Malformed, 4, "half an emoji", documents::half_an_emoji),
    row(Kind::Documents, 3, "paste a lot", documents::paste),
    row(Kind::Documents, 5, "save", documents::save),
    row(Kind::Documents, 6, "close", documents::close),
    row(Kind::Documents, 3, "edit and close what is not open", documents::not_open),
    row(Kind::Settings, 5, "other settings", settings::change),
    row(Kind::Settings, 3, "settings that make no sense", settings::nonsense),
    row(Kind::Settings, 3, "settings have changed: ask", settings::ask),
    row(Kind::Settings, 4, "add a folder", settings::add_folder),
    row(Kind::Settings, 3, "remove the folder", settings::remove_folder),
    row(Kind::Settings, 3, "the editor answers in another way", settings::manners),
    row(Kind::Malformed, 20, "a message that is none", malformed::wrong),
    row(Kind::Malformed, 5, "a wrong length", malformed::wrong_length),
    row(Kind::Malformed, 10, "an odd frame with a good message", malformed::odd_frame),
    row(Kind::Malformed, 4, "a request that begins with $/", malformed::unknown_dollar_request),
    row(Kind::Malformed, 8, "a message that nobody waits for", malformed::unasked),
    row(Kind::Files, 6, "a good snapshot appears", files::good_snapshot),
    row(Kind::Files, 5, "a packed snapshot appears", files::packed_snapshot),
    row(Kind::Files, 6, "a snapshot is written slowly", files::slow_snapshot),
    row(Kind::Files, 5, "a snapshot that is cut off", files::cut_snapshot),
    row(Kind::Files, 5, "a snapshot is damaged where it lies", files::damage_snapshot),
    row(Kind::Files, 5, "something else as a snapshot", files::no_snapshot),
    row(Kind::Files, 2, "a small file that unpacks to much", files::bomb),
    row(Kind::Files, 5, "a snapshot goes", files::remove_snapshot),
    row(Kind::Files, 4, "a snapshot gets another name", files::rename_snapshot),
    row(Kind::Files, 2, "all snapshots go, or come back", files::move_all),
    row(Kind::Files, 6, "other words beside a snapshot", files::odd_sidecar),
    row(Kind::Files, 5, "an odd list of accepted leaks", files::odd_accepted),
    row(Kind::Files, 8, "a source is edited on disk", files::edit_source),
    row(Kind::Files, 4, "a source goes, or gets another name", files::move_source),
    row(Kind::Files, 3, "odd settings of the project", files::odd_project),
    row(Kind::Files, 6, "what was good comes back", files::good_again),
    row(Kind::Impostors, 25, "no file where one is expected", impostors::in_place_of_a_file),
    row(Kind::Captures, 2, "capture", captures::capture_it),
    row(Kind::Captures, 2, "capture, and cancel", captures::capture_and_cancel),
    row(Kind::Captures, 2, "capture from nobody", captures::capture_from_nobody),
];

/// One of those that the plan has, the heavier the likelier.
pub(crate) fn pick(random: &mut Random, plan: &Plan) -> &'static Action {
    let planned = || ACTIONS.iter().filter(|action| plan.has(action.kind));
    let total: usize = planned().map(|action| action.weight).sum();
    let mut at = random.below(total);
    let found = planned().find(|action| {
        let here = at < action.weight;
        at = at.saturating_sub(action.weight);
        here
    });
    found.expect("a plan has a kind, and each kind has actions with a weight")
}
