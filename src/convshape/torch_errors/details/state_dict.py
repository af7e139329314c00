"""Of parameters that are loaded into a model which has others."""

from __future__ import annotations

import re

from .common import Fields, one_or_all

#: What people put beside the parameters into a file.
_PARTS = "state_dict model_state_dict model_state model net ema module params".split()


def sizes_differ(fields: Fields) -> Fields:
    """Of a parameter that was saved with other sizes."""
    key, saved, wanted = fields["key"], fields["saved"], fields["wanted"]
    more = len(re.findall("size mismatch for ", fields["message"])) - 1
    path, _, parameter = key.rpartition(".")
    last = len(saved) in (1, 2) and saved[1:] == wanted[1:] and saved[:1] != wanted[:1]
    return {
        "called": _layer(parameter, saved),
        "has": _layer(parameter, wanted),
        "path": path or "the model itself",
        "more": f", and so for {more} more" if more > 0 else "",
        "classes": saved[0] if last and saved else None,
    }


def _layer(parameter: str, weight: tuple[int, ...]) -> str | None:
    """Return the layer that has such a weight, as far as its numbers show."""
    if parameter == "weight" and len(weight) == 2:
        return f"Linear({weight[1]}, {weight[0]})"
    if parameter == "weight" and len(weight) > 2:
        return f"Conv{len(weight) - 2}d({weight[1]}, {weight[0]}, {one_or_all(weight[2:])})"
    return None


def keys_differ(fields: Fields) -> Fields:
    """Of names that the model has and the file lacks, or the other way round."""
    message = fields["message"]
    missing, unexpected = _keys("issing", message), _keys("nexpected", message)
    if not missing and not unexpected:
        raise ValueError("no names")
    prefix = next((p for p in _WRAPPERS if _adds(p, unexpected, missing)), None)
    added = next((p for p in _WRAPPERS if _adds(p, missing, unexpected)), None)
    part = next((key for key in unexpected if key in _PARTS), None)
    counted = not unexpected and all(key.endswith("num_batches_tracked") for key in missing)
    known = prefix or added or part or counted
    return {
        "sentence": "; ".join(
            text
            for keys, text in (
                (missing, f"the model has {_named(missing)}, which the file lacks"),
                (unexpected, f"the file has {_named(unexpected)}, which the model lacks"),
            )
            if keys
        ),
        "saved_in": _WRAPPERS.get(prefix or ""),
        "prefix": prefix,
        "wrapped_in": _WRAPPERS.get(added or ""),
        "added": added,
        "part": part,
        "counted": counted,
        "other": not known,
    }


#: What puts a prefix before the names of all parameters.
_WRAPPERS = {
    "module.": "a DataParallel or DistributedDataParallel",
    "_orig_mod.": "torch.compile",
    "model.": "another module, such as Lightning's",
}


def _keys(word: str, message: str) -> list[str]:
    """Return the names behind ``Missing key(s)``, or of old ``KeyError``s."""
    match = re.search(rf"{word} keys?(?:\(s\))?(?: in state_dict)?:? (.*)", message)
    text = (
        re.split(r"[Uu]nexpected key|size mismatch for|While copying", match[1])[0] if match else ""
    )
    names: list[str] = re.findall(r"[\"']{1,2}(?:\{\\?')?([\w.]{1,200})(?:\\?'\})?[\"']{1,2}", text)
    return names


def _adds(prefix: str, longer: list[str], shorter: list[str]) -> bool:
    """Return whether the names of one side are those of the other with a prefix."""
    keys = [key for key in longer if key.startswith(prefix)]
    return bool(keys) and not any(key.startswith(prefix) for key in shorter)


def _named(keys: list[str]) -> str:
    more = f" and {len(keys) - 2} more" if len(keys) > 2 else ""
    return ", ".join(keys[:2]) + more
