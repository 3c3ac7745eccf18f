"""Merge patches between JSON objects."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from excamera_controller.merge_patch import merge_patch

values = st.one_of(st.booleans(), st.integers(), st.text(max_size=3), st.lists(st.integers()))
objects: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(st.sampled_from("abcd"), values),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), st.one_of(values, inner)),
    max_leaves=8,
)


def applied(target: Any, patch: Any) -> Any:
    """RFC 7386, section 2, word for word."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = applied(result.get(name), value)
    return result


@given(objects, objects)
def test_a_patch_turns_one_object_into_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert applied(before, merge_patch(before, after)) == after


@given(objects)
def test_equal_objects_need_no_patch(value: dict[str, Any]) -> None:
    assert merge_patch(value, dict(value)) == {}
