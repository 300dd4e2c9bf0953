"""What to say when the system refuses: what happened, to which file, and what to do."""

from __future__ import annotations

import errno
import os

_FULL = "Make room, or write elsewhere; what stood there before is unchanged."
_REFUSED = "Check the path and the permissions."
_ADVICE = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: "Nothing can be written there; write elsewhere.",
    errno.EISDIR: "A folder stands where a file is meant; name the file.",
    errno.ENOTDIR: "A file stands where a folder is meant; name another folder.",
    errno.EEXIST: "A file stands where a folder is meant; name another folder.",
    errno.EBUSY: "Name another file; nothing was written over.",
    errno.EINVAL: "Name another file.",
    errno.ELOOP: "It is a link that leads to itself; name another.",
    errno.ENAMETOOLONG: "Give a shorter name.",
    errno.EIO: "The disk or its connection is failing; try again, or elsewhere.",
}


def fault_in_words(error: OSError) -> str:
    """Return a sentence on an error of the system, and one on what to do."""
    said = error.strerror or (os.strerror(error.errno) if error.errno else str(error))
    return f"{error.filename or 'The output'}: {said}. {_ADVICE.get(error.errno or 0, _REFUSED)}"
