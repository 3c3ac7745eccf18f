"""What is known of a source's cuts by now: what workers have found in each stretch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor

from excamera.access import StoreAccess
from excamera.failures import of_store
from excamera.places import Places
from excamera.resume import READERS
from excamera.stretches import Stretch
from excamera_media.errors import BadInput
from excamera_media.scenes import Scenes
from excamera_store import ObjectMissing, ObjectTooLarge

BYTES_A_FRAME = 12
"""At most, of a list that names every frame of a stretch."""

BYTES_BESIDES = 200


def found_scenes(
    stretches: Collection[Stretch], places: Places, access: StoreAccess
) -> Mapping[str, tuple[int, ...]]:
    """The frames that begin a scene, by the name of the stretch. One of which nothing can be read,
    or what does not fit it, is left out: cuts are simply looked for in it again."""
    with ThreadPoolExecutor(READERS) as readers:
        read = list(readers.map(lambda one: _read(one, places, access), stretches))
    pairs = zip(stretches, read, strict=True)
    return {stretch.name: begins for stretch, begins in pairs if begins is not None}


def _read(stretch: Stretch, places: Places, access: StoreAccess) -> tuple[int, ...] | None:
    most = BYTES_BESIDES + BYTES_A_FRAME * stretch.frames
    with of_store("unfinished work"):
        try:
            return scenes_of(stretch, access.read(places.scenes(stretch), most))
        except (ObjectMissing, ObjectTooLarge):
            return None


def scenes_of(stretch: Stretch, written: bytes) -> tuple[int, ...] | None:
    """What this object says of the stretch; None if it is not what a worker writes of it."""
    try:
        found = Scenes.from_json(written)
    except BadInput:
        return None
    fits = (found.first, found.count) == (stretch.first_frame, stretch.frames)
    return found.begins if fits else None
