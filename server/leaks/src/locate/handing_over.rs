//! Whether a call hands over a function.

use heapmark_source::Call;

use crate::locate::spot::Spot;

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
