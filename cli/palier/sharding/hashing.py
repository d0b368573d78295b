"""From a key to a number below n: the same in plain Python and, over arrays, in numpy.

The mix is the finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
OOPSLA 2014, figure 17; constants of Stafford's variant 13). The range comes from the upper 32 bits by a
multiplication instead of a remainder (Lemire: "Fast random integer generation in an interval", 2019): for
n up to 65,536 no value is likelier than another by more than n / 2**32.

These numbers are for ever: changing one would send every key elsewhere.
"""

from __future__ import annotations

import uuid
from typing import Any

from palier.sharding.errors import BadKey

MASK = 2**64 - 1
STEP, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
WORD_BYTES = 8
# 16,384 keys of 8 bytes and as much again for the intermediate values stay in a core's second-level cache.
CHUNK_KEYS = 1 << 14

Key = int | str | uuid.UUID


def mix(value: int) -> int:
    """64 bits in, 64 bits out; every input bit moves about half of the output bits."""
    value = (value + STEP) & MASK
    value = ((value ^ value >> 30) * FIRST) & MASK
    value = ((value ^ value >> 27) * SECOND) & MASK
    return value ^ value >> 31


def below(hashed: int, count: int) -> int:
    """A hash as a number from 0 to count - 1."""
    return (hashed >> 32) * count >> 32


def hash_key(key: Key) -> int:
    """64 bits of a key. Whole numbers by value (64 bits, signed or not), text as UTF-8, UUIDs as their bytes.

    Raises BadKey for another type, for a number beyond 64 bits, and for text with a NUL in it, which numpy's
    fixed-width text could not tell from its own padding.
    """
    if isinstance(key, bool) or not isinstance(key, int | str | uuid.UUID):
        raise BadKey(f"cannot route a key of type {type(key).__name__}", allowed="int, str, UUID")
    if isinstance(key, int):
        if not -(2**63) <= key < 2**64:
            raise BadKey(f"{key} does not fit into 64 bits")
        return mix(key & MASK)
    return _hash_bytes(key.bytes if isinstance(key, uuid.UUID) else _utf8(key))


def _utf8(text: str) -> bytes:
    if "\0" in text:
        raise BadKey("a text key cannot contain NUL")
    return text.encode()


def _hash_bytes(data: bytes) -> int:
    hashed = mix(len(data))
    for start in range(0, len(data), WORD_BYTES):
        hashed = mix(hashed ^ int.from_bytes(data[start : start + WORD_BYTES], "little"))
    return hashed


def numpy() -> Any:
    """The numpy module. Raises ImportError that says which extra brings it."""
    try:
        import numpy as found
    except ImportError as error:
        raise ImportError("locating many keys at once needs numpy: install palier[sharding]") from error
    return found


def as_array(keys: Any) -> Any:
    """Keys as an array that still tells what each one is.

    Of a list of 42 and "x" numpy makes texts, of True and 2 numbers, of 2**63 and -1 floats: each would be
    another key than the one given. Such a list becomes an array of objects, routed one by one.
    """
    np = numpy()
    array = np.asarray(keys)
    if not isinstance(keys, list | tuple) or array.ndim != 1:
        return array
    kind = array.dtype.kind
    mixed = kind == "f" or (kind == "U" and not all(isinstance(key, str) for key in keys))
    if mixed or (kind in "iu" and any(isinstance(key, bool) for key in keys)):
        array = np.empty(len(keys), dtype=object)
        array[:] = keys
    return array


def hash_many(keys: Any) -> Any:
    """`hash_key` of each key of an array of integers, text or UUIDs; uint64, of the same length."""
    np = numpy()
    array = as_array(keys)
    if array.ndim != 1:
        raise BadKey(f"keys come as one dimension, not {array.ndim}")
    if array.dtype.kind in "iu":
        return _mix_many(np, array.astype(np.uint64, copy=True))
    if array.dtype.kind == "U":
        return _hash_words(np, *_text_words(np, array))
    if array.dtype.kind == "O" and len(array) and all(isinstance(key, uuid.UUID) for key in array):
        data = np.frombuffer(b"".join(key.bytes for key in array), dtype="<u8").reshape(len(array), 2)
        return _hash_words(np, data, np.full(len(array), 16, dtype=np.uint64))
    if array.dtype.kind == "O":
        return np.fromiter((hash_key(key) for key in array), dtype=np.uint64, count=len(array))
    raise BadKey(f"cannot route an array of {array.dtype}", allowed="integers, text, UUIDs")


def below_many(hashed: Any, count: int) -> Any:
    """`below` of each hash, in place; the array given is used up."""
    np = numpy()
    np.right_shift(hashed, np.uint64(32), out=hashed)
    np.multiply(hashed, np.uint64(count), out=hashed)
    np.right_shift(hashed, np.uint64(32), out=hashed)
    return hashed


def _mix_many(np: Any, values: Any) -> Any:
    """`mix` of each value, in place, chunk by chunk so that a chunk stays in the cache through all steps."""
    spare = np.empty(min(len(values), CHUNK_KEYS), dtype=np.uint64)
    for start in range(0, len(values), CHUNK_KEYS):
        chunk = values[start : start + CHUNK_KEYS]
        mix_chunk(np, chunk, spare[: len(chunk)])
    return values


def mix_chunk(np: Any, chunk: Any, spare: Any) -> None:
    """`mix` of each value of a chunk, in place; `spare` is as long and is overwritten."""
    np.add(chunk, np.uint64(STEP), out=chunk)
    for shift, factor in ((30, FIRST), (27, SECOND)):
        np.right_shift(chunk, np.uint64(shift), out=spare)
        np.bitwise_xor(chunk, spare, out=chunk)
        np.multiply(chunk, np.uint64(factor), out=chunk)
    np.right_shift(chunk, np.uint64(31), out=spare)
    np.bitwise_xor(chunk, spare, out=chunk)


def _text_words(np: Any, array: Any) -> tuple[Any, Any]:
    """Text as little-endian words, one row a key, and each key's length in bytes of UTF-8."""
    points = np.ascontiguousarray(array).view(np.uint32).reshape(len(array), -1)
    # Encoding goes key by key in numpy, ten times as slow; ASCII is its own encoding.
    if points.size == 0 or points.max() < 128:
        data, held = points.astype(np.uint8), points.shape[1]
    else:
        encoded = np.char.encode(array, "utf-8")
        held = encoded.dtype.itemsize
        data = encoded.view(np.uint8).reshape(len(array), held)
    padded = np.zeros((len(array), max(1, -(-held // WORD_BYTES)) * WORD_BYTES), dtype=np.uint8)
    padded[:, :held] = data
    # numpy drops NULs at the end of a text by itself; one that is followed by something stands inside.
    filled = padded != 0
    if bool((filled[:, 1:] & ~filled[:, :-1]).any()):
        raise BadKey("a text key cannot contain NUL")
    return padded.view("<u8"), filled.sum(axis=1, dtype=np.uint64)


def _hash_words(np: Any, words: Any, lengths: Any) -> Any:
    hashed = _mix_many(np, lengths.copy())
    for column in range(words.shape[1]):
        mixed = _mix_many(np, hashed ^ words[:, column])
        hashed = np.where(lengths > np.uint64(column * WORD_BYTES), mixed, hashed)
    return hashed
