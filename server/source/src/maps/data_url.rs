//! Maps that stand in their own URL: `data:application/json;base64,eyJ2…`.

use super::MapError;
use super::decode::LARGEST_MAP;
use crate::workspace::script_name::decode_percent;

/// The bytes in a `data:` URL. V8 and sidecars cut long ones off: such a one cannot be decoded.
pub(super) fn bytes(url: &str) -> Result<Vec<u8>, MapError> {
    if url.len() as u64 > LARGEST_MAP * 2 {
        return Err(MapError::TooLarge { limit: LARGEST_MAP });
    }
    let (head, body) = url.split_once(',').ok_or(MapError::DataUrl)?;
    if body.is_empty() {
        return Err(MapError::DataUrl);
    }
    if !head.ends_with(";base64") {
        return Ok(decode_percent(body));
    }
    base64_simd::forgiving_decode_to_vec(body.as_bytes()).map_err(|_| MapError::DataUrl)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_are_read() {
        for url in [
            "data:application/json;base64,e30=",
            "data:application/json;charset=utf-8;base64,e30",
            "data:application/json,%7B%7D",
            "data:application/json,{}",
        ] {
            assert_eq!(bytes(url).as_deref(), Ok(&b"{}"[..]), "{url}");
        }
        for url in ["data:application/json;base64,", "data:application/json", "data:;base64,e3*="] {
            assert_eq!(bytes(url), Err(MapError::DataUrl), "{url}");
        }
    }
}
