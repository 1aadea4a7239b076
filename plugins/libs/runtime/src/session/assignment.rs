// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads which provider ONNX Runtime gave each operator to. For sessions that were built with
//! `session.record_ep_graph_assignment_info`; a provider that compiles a part of the model as a
//! whole is told with the operators of that part.

use std::ffi::{CStr, c_char};
use std::ptr::null;

use ort::AsPointer;
use ort::sys::{OrtEpAssignedNode, OrtEpAssignedSubgraph, OrtStatusPtr};

/// Of each operator the full name of its provider, and its type.
pub(super) fn assigned_operators(
    session: &ort::session::Session,
) -> Result<Vec<(String, String)>, ort::Error> {
    let api = ort::api();
    let mut operators = Vec::new();
    // SAFETY: all pointers are the session's, which lives through this function and keeps what
    // they point to; the functions write what their results say and nothing if they fail.
    unsafe {
        let parts = list::<OrtEpAssignedSubgraph>(|parts, count| {
            (api.Session_GetEpGraphAssignmentInfo)(session.ptr(), parts, count)
        })?;
        for part in parts {
            let provider = text(|name| (api.EpAssignedSubgraph_GetEpName)(*part, name))?;
            let nodes = list::<OrtEpAssignedNode>(|nodes, count| {
                (api.EpAssignedSubgraph_GetNodes)(*part, nodes, count)
            })?;
            for node in nodes {
                let operator = text(|name| (api.EpAssignedNode_GetOperatorType)(*node, name))?;
                operators.push((provider.clone(), operator));
            }
        }
    }
    Ok(operators)
}

/// # Safety
/// `get` must, unless it fails, set a pointer to that many pointers, which outlive `'a`.
unsafe fn list<'a, T>(
    get: impl FnOnce(*mut *const *const T, *mut usize) -> OrtStatusPtr,
) -> Result<&'a [*const T], ort::Error> {
    let (mut items, mut count) = (null(), 0);
    // SAFETY: the status is the call's, and nobody else's; the rest is promised by the caller.
    unsafe {
        ort::Error::result_from_status(get(&mut items, &mut count))?;
        Ok(match count {
            0 => &[],
            _ => std::slice::from_raw_parts(items, count),
        })
    }
}

/// # Safety
/// `get` must, unless it fails, set a pointer to a string that ends in a zero.
unsafe fn text(get: impl FnOnce(*mut *const c_char) -> OrtStatusPtr) -> Result<String, ort::Error> {
    let mut text = null();
    // SAFETY: the status is the call's, and nobody else's; the rest is promised by the caller.
    unsafe {
        ort::Error::result_from_status(get(&mut text))?;
        Ok(CStr::from_ptr(text).to_string_lossy().into_owned())
    }
}
