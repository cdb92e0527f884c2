"""The reader on a kernel that knows neither Landlock nor seccomp and gives no namespaces: it is told so by seccomp.

python -m tests.bot.system.old_kernel MEMORY_BYTES MOST_PIXELS
"""

from __future__ import annotations

import errno

import pyseccomp

from bot.features.retrain import reader

UNKNOWN = {"landlock_create_ruleset": errno.ENOSYS, "unshare": errno.EPERM, "seccomp": errno.ENOSYS}
PR_SET_SECCOMP = 22

if __name__ == "__main__":
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for call, error in UNKNOWN.items():
        rules.add_rule(pyseccomp.ERRNO(error), call)
    rules.add_rule(pyseccomp.ERRNO(errno.EINVAL), "prctl", pyseccomp.Arg(0, pyseccomp.EQ, PR_SET_SECCOMP))
    rules.load()
    reader.main()
