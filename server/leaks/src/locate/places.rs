//! Places of a report, made from what was located. The words at them are the caller's.

use heapmark_source::Call;

use crate::locate::spot::Spot;
use crate::locate::statements::Statement;
use crate::report::{Place, Role, Text};

/// A place at the name of a function, class or declaration.
pub(crate) fn place(
    role: Role,
    spot: &Spot,
    label: impl Into<Text>,
    message: impl Into<Text>,
) -> Place {
    Place {
        role,
        name: spot.name.clone(),
        file: spot.path().to_owned(),
        range: spot.name_range,
        matched: spot.matched,
        generated: spot.generated.clone(),
        label: label.into(),
        message: message.into(),
        leads: false,
    }
}

/// A place at a statement that adds.
pub(crate) fn place_of(
    spot: &Spot,
    added: &Statement,
    label: impl Into<Text>,
    message: impl Into<Text>,
) -> Place {
    Place {
        role: Role::Grows,
        name: added.written.clone(),
        file: added.file.clone(),
        range: added.range,
        matched: spot.matched,
        generated: None,
        label: label.into(),
        message: message.into(),
        leads: false,
    }
}

/// Whether a call hands over the function at `spot`, written there or by its name.
pub(crate) fn hands_over(call: &Call, spot: &Spot) -> bool {
    call.callback.as_ref().is_some_and(|callback| match &callback.reference {
        None => callback.range == spot.range,
        Some(reference) => {
            let bare = reference.rsplit('.').next().unwrap_or(reference);
            let function = spot.name.rsplit(['.', ' ']).next().unwrap_or(&spot.name);
            bare == function
        }
    })
}
